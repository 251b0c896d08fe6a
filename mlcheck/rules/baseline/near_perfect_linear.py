"""A linear model is nearly perfect: perhaps the answer is among the columns.

What it finds
    Linear has at least `share` of all that lies between a constant and perfection.

Why it matters
    Real problems are rarely that easy. Far more often a column is known only once the target is (a leak), rows of the
    test set are copies of training rows, or the target was made from the columns. The score then means nothing.

Example
    linear reaches 99.6 % of what lies between a constant and a perfect accuracy

What to do
    `mlcheck data` names columns that tell the target by themselves, and copies across the split.

False alarms
    Easy problems, such as texts of clearly different topics; for texts and images it is a note only.

References
    Kaufman, Rosset & Perlich 2012, Leakage in data mining: formulation, detection, and avoidance. Kapoor & Narayanan
    2023, Leakage and the reproducibility crisis in machine-learning-based science.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlcheck.model import Action, Finding, Severity, Skip
from mlcheck.stats import standing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlcheck.model.ladder import Ladder

CODE = "BAS104"
NAME = "near-perfect-linear"
SEVERITY: Severity = "warning"


def check(ladder: Ladder, *, share: float = 0.98) -> Iterator[Finding | Skip]:
    """Yield a finding where linear has at least `share` (0..1) of the way from the constant to perfection."""
    linear = ladder.rung("linear")
    if linear is None or ladder.best is None or standing.floor(ladder) is None:
        why = (
            f"{ladder.task.metric} has no best value"
            if ladder.best is None
            else "it takes constant and linear"
        )
        yield Skip(code=CODE, reason=why)
        return
    reached = standing.reached(ladder, linear.score, ladder.best)
    if reached < share:
        return
    loose = set(ladder.task.kinds) <= {"text", "image"}
    yield Finding(
        code=CODE,
        name=NAME,
        severity="note" if loose else SEVERITY,
        message=f"linear is nearly perfect: {ladder.task.metric} {linear.score:.4g}, {_percent(reached)} of the way from a constant; is the answer among the columns?",
        evidence={"linear": linear.score, "reached": reached, "perfect": ladder.best},
        actions=(
            Action(
                name="look-at-data", why="run mlcheck data: it names columns that tell the target, and copies"
            ),
        ),
    )


def _percent(share: float) -> str:
    """Write a share in per cent; only a whole one is 100 %."""
    return "100 %" if share >= 1 else f"{min(100 * share, 99.9):.1f} %"
