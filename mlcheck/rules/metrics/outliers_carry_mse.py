"""A few rows make up most of the squared error.

What it finds
    The worst 1 % of the rows carry more than `share` of the sum of squares.

Why it matters
    MSE, RMSE and R2 then tell about those rows only, and models compared by them are compared by luck. In normal
    errors the worst 1 % carry about 8 %.

Example
    63 % of the squared error comes from 4 of 442 rows; rmse 91, mae 28

What to do
    Look at those rows: wrong units, typing errors, or the cases that matter most. Judge by MAE or the median
    meanwhile, or train with a Huber loss.

False alarms
    Where large misses are what costs money, the MSE is right to look at them.

References
    Huber 1964, Robust estimation of a location parameter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlcheck.model import Action, Finding, Severity
from mlcheck.model.predictions import Regression

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlcheck.model.predictions import Task
    from mlcheck.stats.metrics.scored import Scored

CODE = "MET109"
NAME = "outliers-carry-the-mse"
SEVERITY: Severity = "warning"
TASKS: tuple[Task, ...] = ("regression",)


def check(scored: Scored, *, share: float = 0.4, rows: int = 30) -> Iterator[Finding]:
    """Yield a finding where the worst 1 % carry `share` (0..1) of the squared error; `rows`: fewest."""
    content = scored.predictions.content
    if not isinstance(content, Regression) or len(content.truth) < rows:
        return
    squared = np.square(content.truth.astype(np.float64) - content.predicted).sum(axis=1)
    total, few = float(squared.sum()), max(1, round(0.01 * len(squared)))
    worst = np.argsort(-squared, kind="stable")[:few]
    carried = float(squared[worst].sum()) / total if total > 0 else 0.0
    if carried <= share:
        return
    yield Finding(
        code=CODE,
        name=NAME,
        severity=SEVERITY,
        message=f"{100 * carried:.0f} % of the squared error comes from {few:,} of {len(squared):,} rows",
        evidence={
            "share": carried,
            "few": few,
            "rows": tuple(int(i) for i in worst[:20]),
            "rmse": scored.value("rmse"),
            "mae": scored.value("mae"),
        },
        actions=(
            Action(name="inspect-rows", why="look at the worst rows; judge by mae or median_ae meanwhile"),
        ),
    )
