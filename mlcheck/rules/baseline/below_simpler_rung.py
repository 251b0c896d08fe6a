"""A model is surely worse than a simpler one.

What it finds
    Your model, or a rung, is below a simpler rung by more than the noise: a network below linear, linear below a
    constant.

Why it matters
    What is more complex can do what is simpler does. Where it does not, it was not trained to: too short, too high a
    learning rate, too strong a penalty, too few rows for its size. Until then the simpler one is the better model.

Example
    the model is below linear: accuracy 0.87 against 0.94 (-0.07, -0.09 to -0.05)

What to do
    Use the simpler model, or fix the training of the larger one: `mlcheck diagnose` on its log says which part.

False alarms
    A score that was taken on other, harder rows than the ladder's.

References
    Sculley et al. 2018, Winner's curse? On pace, progress, and empirical rigor.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlcheck.model import Action, Finding, Severity
from mlcheck.stats import standing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlcheck.model.ladder import Gain, Ladder

CODE = "BAS102"
NAME = "below-a-simpler-rung"
SEVERITY: Severity = "warning"


def check(ladder: Ladder) -> Iterator[Finding]:
    """Yield a finding for the model, and a note for each rung, that surely is below a simpler one."""
    looks = max(1, len(standing.learning(ladder)))
    simpler = [rung for rung in ladder.rungs if rung.name != "random"]
    for i, rung in enumerate(simpler):
        behind = [
            (low, gain)
            for low in simpler[:i]
            if standing.surely(gain := ladder.gains[low.name, rung.name], ladder.level, looks * looks)
        ]
        if behind:
            low, gain = max(behind, key=lambda pair: pair[1].value)
            yield _finding(ladder, rung.name, rung.score, low.name, low.score, gain, "note")
    model, best = ladder.model, standing.best(ladder)
    if model is None or best is None or standing.barely_beats_chance(ladder):
        return
    gain = standing.over(ladder, model, best)
    behind_by = _turned(gain)
    if standing.surely(behind_by, ladder.level):
        yield _finding(ladder, "the model", model.score, best.name, best.score, behind_by, SEVERITY)


def _turned(gain: Gain) -> Gain:
    from dataclasses import replace

    low = None if gain.high is None else -gain.high
    high = None if gain.low is None else -gain.low
    return replace(gain, value=-gain.value, low=low, high=high, above=1 - gain.above)


def _finding(
    ladder: Ladder, name: str, score: float, simpler: str, other: float, gain: Gain, severity: Severity
) -> Finding:
    span = "" if gain.low is None else f", {gain.low:.2g} to {gain.high:.2g} worse"
    return Finding(
        code=CODE,
        name=NAME,
        severity=severity,
        message=f"{name} is below {simpler}: {ladder.task.metric} {score:.3g} against {other:.3g}{span}",
        evidence={
            "rung": name,
            "score": score,
            "simpler": simpler,
            "simpler_score": other,
            "behind": gain.value,
        },
        actions=()
        if severity == "note"
        else (Action(name="use-simpler-model", why=f"{simpler} does better: use it, or fix the training"),),
    )
