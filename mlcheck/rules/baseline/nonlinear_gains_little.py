"""What is above linear barely beats it: a deep model may not help.

What it finds
    Linear reaches nine tenths of the gain that the best rung above it (or your model) has over a constant, or is within
    one standard error of it.

Why it matters
    The rest costs training time, tuning, latency and explanations. Where a line is as good, a larger network mostly
    finds the same line.

Example
    linear reaches 97 % of the gain of boosting: accuracy 0.951 against 0.958

What to do
    Keep linear unless the last per cent is worth it; spend the effort on columns and labels instead.

False alarms
    Columns that were made by hand for a linear model; a larger model on the raw data may do better.

References
    Holte 1993, Very simple classification rules perform well on most commonly used datasets. Christodoulou et al. 2019,
    A systematic review shows no performance benefit of machine learning over logistic regression.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlcheck.model import Action, Finding, Severity, Skip
from mlcheck.stats import standing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlcheck.model.ladder import Ladder

CODE = "BAS103"
NAME = "nonlinear-gains-little"
SEVERITY: Severity = "warning"


def check(ladder: Ladder) -> Iterator[Finding | Skip]:
    """Yield a finding where linear suffices."""
    linear, best = ladder.rung("linear"), standing.linear_reaches(ladder)
    if linear is None or best is None:
        yield Skip(code=CODE, reason="it takes constant, linear and a rung above")
        return
    if not standing.linear_suffices(ladder):
        return
    share = standing.reached(ladder, linear.score, best.score)
    name = "the model" if best.name == standing.MODEL else best.name
    how = "all" if share >= 1 else f"{share:.0%}"
    yield Finding(
        code=CODE,
        name=NAME,
        severity=SEVERITY,
        message=f"linear reaches {how} of the gain of {name}: {ladder.task.metric} {linear.score:.3g} against {best.score:.3g}",
        evidence={
            "linear": linear.score,
            "best": best.score,
            "best_rung": best.name,
            "share": share,
            "beyond": best.gain.value,
        },
        actions=(
            Action(name="use-simpler-model", why="keep linear; spend the effort on columns and labels"),
        ),
    )
