"""A percentage error was divided by targets near zero.

What it finds
    Targets within `near` of zero (as a share of the median size of a target) carry most of the MAPE.

Why it matters
    MAPE explodes where the target is small, cannot be computed at zero and punishes forecasts that are too high more
    than those too low.

Example
    mape 31.2: 97 % of it comes from 3 targets near zero

What to do
    Use MAE, or MASE or a pinball loss for forecasts.

False alarms
    Targets that never come near zero.

References
    Hyndman & Koehler 2006, Another look at measures of forecast accuracy.
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

CODE = "MET115"
NAME = "percentage-error-near-zero"
SEVERITY: Severity = "warning"
TASKS: tuple[Task, ...] = ("regression",)


def check(scored: Scored, *, near: float = 0.01, share: float = 0.5) -> Iterator[Finding]:
    """Yield a finding where targets within `near` (of the median size) of zero carry `share` (0..1) of the MAPE."""
    content = scored.predictions.content
    if not isinstance(content, Regression):
        return
    truth = content.truth.astype(np.float64)
    size = np.abs(truth)
    small = size <= near * np.median(size, axis=0)
    parts = np.abs(truth - content.predicted) / np.maximum(size, np.finfo(np.float64).eps)
    total = float(parts.sum())
    carried = float(parts[small].sum()) / total if total > 0 else 0.0
    if carried <= share:
        return
    mape = scored.value("mape")
    yield Finding(
        code=CODE,
        name=NAME,
        severity=SEVERITY,
        message=f"{100 * carried:.0f} % of the mape{f' ({mape:.3g})' if mape is not None else ''} comes from {int(small.sum()):,} targets near zero",
        evidence={"share": carried, "targets": int(small.sum()), "mape": mape},
        actions=(Action(name="change-metric", why="use mae, or smape and pinball for forecasts"),),
    )
