"""R2 says more about the range of the target than about the errors.

What it finds
    The middle half of the target spans less than `narrow` of its whole range: a few extreme targets make the variance
    that R2 divides by. Or R2 is below 0 although MAE beats the median.

Why it matters
    R2 is a ratio: the same errors give 0.95 on a wide target and 0.2 on a narrow one; it cannot be compared between
    data sets.

Example
    r2 0.97, without the 1 % most extreme targets 0.41

What to do
    Report RMSE or MAE in the unit of the target beside it.

False alarms
    Heavy-tailed targets (prices, counts): think in logarithms.

References
    Alexander, Tropsha & Winkler 2015, Beware of R2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlcheck.model import Action, Finding, Severity
from mlcheck.model.predictions import Regression
from mlcheck.rules.metrics.facts import r2

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlcheck.model.predictions import Task
    from mlcheck.stats.metrics.scored import Scored

CODE = "MET112"
NAME = "r2-by-range"
SEVERITY: Severity = "note"
TASKS: tuple[Task, ...] = ("regression",)


def check(scored: Scored, *, drop: float = 0.25, rows: int = 50) -> Iterator[Finding]:
    """Yield a finding where R2 falls by `drop` without the 1 % most extreme targets; `rows`: fewest."""
    content = scored.predictions.content
    if not isinstance(content, Regression) or len(content.targets) != 1 or len(content.truth) < rows:
        return
    truth, said = content.truth[:, 0].astype(np.float64), content.predicted[:, 0].astype(np.float64)
    inner = np.abs(truth - np.median(truth)) <= np.quantile(np.abs(truth - np.median(truth)), 0.99)
    whole, part = r2(truth, said), r2(truth[inner], said[inner])
    if whole is None or part is None or whole - part <= drop:
        return
    yield Finding(
        code=CODE,
        name=NAME,
        severity=SEVERITY,
        message=f"r2 {whole:.3g} rests on the range: without the 1 % most extreme targets it is {part:.3g}",
        evidence={"r2": whole, "inner_r2": part},
        actions=(Action(name="change-metric", why="report rmse or mae in the unit of the target beside r2"),),
    )
