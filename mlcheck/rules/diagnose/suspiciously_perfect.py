"""The validation error is almost nothing almost at once.

What it finds
    A validation accuracy of at least 0.999, or a validation loss under 1 % of the first loss, within the first
    twentieth of the run (its first two points in a short one) and at the end still.

Why it matters
    Real tasks are not solved in a few steps. Mostly a feature gives the label away, the same examples stand in both
    sets, or the metric does not look at what it should.

Example
    validation accuracy 0.9995 at epoch 1 of 40

What to do
    Look for leakage (`mlcheck data`): duplicates across the split, an identifier or a later measurement among the
    features, the label itself in the input. Score a trivial predictor with the same code.

False alarms
    Easy tasks, and models that were trained on the task before (a resumed run). A loss that starts in the hundreds (an
    unscaled target) falls far by learning the mean; where an accuracy is logged, that alone is judged.

References
    Kaufman et al. 2012, Leakage in data mining: formulation, detection, and avoidance, section 2. UMLAUT (CHI'21).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlcheck.model import Action, Finding, Run, Series, Severity
from mlcheck.stats.intervals import wilson

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE = "DIA402"
NAME = "suspiciously-perfect"
SEVERITY: Severity = "warning"
CAUSE = None
NEEDS = ()


def check(
    run: Run,
    *,
    early: float = 0.05,
    accuracy: float = 0.999,
    left: float = 0.01,
    scaled: float = 20.0,
    points: int = 5,
    val_size: int | None = None,
    level: float = 0.95,
) -> Iterator[Finding]:
    """Yield a finding where `accuracy` (0..1) or `left` (share of the first loss, 0..1) is reached by `early` (share).

    At least `points`. A loss that begins above `scaled` (nats; ln K is 11.5 for 100,000 classes) is that of an unscaled
    target or a bad start, whose first fall tells nothing. With `val_size` the accuracy's interval must reach above 0.99, so that a hundred examples that
    are all right prove nothing.
    """
    metric = run.metric("validation", "accuracy")
    if metric is not None:
        right = _as_share(metric)
        at = _reached((right >= accuracy) & (right <= 1), early, points)
        if at is not None and (not val_size or wilson(accuracy, val_size, level=level)[0] > 0.99):
            yield _finding(metric, at, "accuracy")
    if metric is not None or run.val_loss is None:
        return
    first = [s.value[0] for s in (run.train_loss, run.val_loss) if s is not None and len(s)]
    start = max((x for x in first if np.isfinite(x)), default=0.0)
    is_small = (np.abs(run.val_loss.value) < left * start) & (run.val_loss.value >= 0)
    at = _reached(is_small, early, points)
    if at is not None and 0 < start <= scaled:
        yield _finding(run.val_loss, at, "loss")


def _as_share(metric: Series) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    is_percent = np.nanmax(metric.value, initial=0.0) > 1.5
    return metric.value / 100 if is_percent else metric.value


def _reached(good: np.ndarray[tuple[int], np.dtype[np.bool_]], early: float, points: int) -> int | None:
    """Return where `good` first holds, if early, and if it holds at the end and mostly in between."""
    if len(good) < points or not good.any() or not good[-1]:
        return None
    at = int(np.argmax(good))
    return at if at <= max(1, early * len(good)) and good[at:].mean() > 0.8 else None


def _finding(series: Series, at: int, what: str) -> Finding:
    unit = "epoch" if series.step_unit == "epoch" else "step"
    return Finding(
        code=CODE,
        name=NAME,
        severity=SEVERITY,
        message=f"validation {what} {series.value[at]:.4g} at {unit} {series.step[at]:g} of {series.step[-1]:g}",
        evidence={
            "step": float(series.step[at]),
            "value": float(series.value[at]),
            "last": float(series.value[-1]),
        },
        actions=(
            Action(
                name="fix-bug",
                why="look for leakage: duplicates across the split, features that hold the label",
            ),
        ),
    )
