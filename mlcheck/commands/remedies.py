"""What to do next: the remedies of a verdict in the order of what they gained in runs that were retrained with each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlcheck.commands.verdict import INCONCLUSIVE, Verdict, constants
from mlcheck.model import Action, Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

GROUPS: Mapping[str, tuple[str, ...]] = {
    "optimization": (
        "change-optimizer",
        "train-longer",
        "raise-lr",
        "lower-lr",
        "schedule-lr",
        "fix-init",
        "clip-gradients",
        "shuffle",
        "fix-bug",
    ),
    "underfit": ("increase-capacity", "reduce-regularization"),
    "overfit": ("more-data", "add-regularization", "early-stop"),
}
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
    judged: Verdict, findings: Iterable[Finding], cause_of: Mapping[str, str | None]
) -> tuple[Action, ...]:
    """Return the actions of a verdict, ordered by expected gain; remedies that a finding names come before others.

    The gain is the mean share of what is reachable that the remedy won in retrained runs with this cause (verdict.json);
    a finding's own wording stands where it has one.
    """
    found = list(findings)
    if judged.name == "healthy":
        return _worth_knowing(found) or (Action(name="none", why="nothing here would gain much"),)
    if judged.name == INCONCLUSIVE:
        return (Action(name="log-more", why=judged.missing),)
    own = {a.name: a.why for f in found if cause_of.get(f.code) == judged.name for a in reversed(f.actions)}
    typical = constants().gains[judged.name]
    decided = [f for f in found if f.severity == "error" and cause_of.get(f.code) == judged.name]
    first = list(dict.fromkeys(a.name for f in decided for a in f.actions))
    names = first + [n for n in typical if n not in first and (n in own or typical[n] >= 0.05)]
    names = [n for n in names if n not in _contradicted(first)]
    ordered = sorted(names, key=lambda n: (n not in first, -(typical.get(n) or 0.0)))
    return tuple(Action(name=n, why=own.get(n) or WORDS[n], expected_gain=typical.get(n)) for n in ordered)


def _contradicted(first: Iterable[str]) -> set[str]:
    """Remedies that go against one that a finding asks for."""
    against = {
        "lower-lr": {"raise-lr", "train-longer"},
        "raise-lr": {"lower-lr"},
        "fix-bug": {"train-longer"},
    }
    return {other for name in first for other in against.get(name, ())} - set(first)


def _worth_knowing(findings: Iterable[Finding]) -> tuple[Action, ...]:
    """Of a healthy run: what its warnings suggest."""
    named = {a.name: a for f in findings if f.severity == "warning" for a in reversed(f.actions)}
    return tuple(named.values())
