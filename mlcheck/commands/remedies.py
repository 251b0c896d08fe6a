"""What to do next: the remedies of a verdict in the order of what they gained in runs that were retrained with each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlcheck.commands.verdict import DECISIVE, INCONCLUSIVE, Verdict, constants
from mlcheck.model import Action

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mlcheck.model import Finding

LEAST_GAIN = 0.05
"""A remedy that won less than this share of what is reachable is not proposed (unless a finding names it)."""
WORDS: Mapping[str, str] = {
    "change-optimizer": "use Adam at 2e-3 with default initialisation, or search the learning rate anew",
    "train-longer": "train up to four times longer",
    "raise-lr": "raise the learning rate 3 to 10 times",
    "lower-lr": "lower the learning rate 3 to 10 times",
    "increase-capacity": "make the model wider or deeper",
    "reduce-regularization": "lower weight decay and dropout",
    "more-data": "get more training examples, or augment those there are",
    "add-regularization": "add weight decay, dropout or augmentation",
    "early-stop": "stop at the lowest validation loss",
}


def actions(
    judged: Verdict, findings: Iterable[Finding], cause_of: Mapping[str, str | None], *, measured: bool = True
) -> tuple[Action, ...]:
    """Return the actions of a verdict, ordered by expected gain; what a failure itself asks for comes before them.

    The gain is the mean share of what is reachable that the remedy won in retrained runs with this cause and these
    findings (verdict.json). It is None where no retrained run had the failure: a crash, a loss that is not finite. A
    finding's own wording stands where it has one. `measured` is False for a kind of run of which none was retrained: then
    only what the findings ask for is said.
    """
    found = list(findings)
    if judged.name == "healthy":
        return _worth_knowing(found) or (Action(name="none", why="nothing here would gain much"),)
    if judged.name == INCONCLUSIVE:
        return (Action(name="log-more", why=judged.missing),)
    mine = [f for f in found if cause_of.get(f.code) == judged.name]
    own = {a.name: a.why for f in mine for a in reversed(f.actions)}
    failed = [
        f for f in mine if f.severity == "error" and f.code in DECISIVE and f.code not in constants().gains
    ]
    if not measured:
        return tuple(Action(name=name, why=why) for name, why in own.items())
    first = list(dict.fromkeys(a.name for f in failed for a in f.actions))
    gains = _gains(judged.name, [f.code for f in mine if f.severity == "error"])
    names = [n for n, gain in gains.items() if gain >= LEAST_GAIN or n in own]
    unmeasured = [n for n in own if n not in gains and n not in first]
    against = _contradicted(first)
    return (
        *(Action(name=n, why=own[n]) for n in first),
        *(
            Action(name=n, why=own.get(n) or WORDS[n], expected_gain=gains[n])
            for n in names
            if n not in first and n not in against
        ),
        *(Action(name=n, why=own[n]) for n in unmeasured),
    )


def _gains(cause: str, codes: Iterable[str]) -> dict[str, float]:
    """Return the expected gain of each remedy, largest first: the mean over the findings that have gains of their own."""
    tables = [constants().gains[code] for code in codes if code in constants().gains] or [
        constants().gains[cause]
    ]
    mean = {name: round(sum(t[name] for t in tables) / len(tables), 3) for name in tables[0]}
    return dict(sorted(mean.items(), key=lambda pair: -pair[1]))


def _contradicted(first: Iterable[str]) -> set[str]:
    """Return the remedies that go against one that a failure asks for."""
    against = {
        "lower-lr": {"raise-lr", "train-longer"},
        "raise-lr": {"lower-lr"},
        "fix-bug": {"train-longer"},
    }
    return {other for name in first for other in against.get(name, ())} - set(first)


def _worth_knowing(findings: Iterable[Finding]) -> tuple[Action, ...]:
    """Return what the warnings of a healthy run suggest."""
    named = {a.name: a for f in findings if f.severity == "warning" for a in reversed(f.actions)}
    return tuple(named.values())
