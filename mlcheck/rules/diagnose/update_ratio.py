"""Updates are far too large or far too small for the weights they change.

What it finds
    A logged ratio of update to weight (norms or standard deviations) outside 1e-4 to 1e-1 at most points after the
    first tenth of the run.

Why it matters
    About a thousandth of a weight per step is healthy. Under a ten-thousandth little moves; at a tenth and more each
    step forgets what the ones before it learned.

Example
    update/weight 2.1e-06 (median of update_ratio/fc1), below 0.0001 at 36 of 36 points

What to do
    Change the learning rate by the factor that is missing, for this layer if only one is off.

False alarms
    Weights that start at zero have a huge ratio at first: the first tenth is left out. A learning rate that decays to
    zero ends with tiny updates: most of the run must be outside. Values below 0 throughout are taken as log10.

References
    Bottou & Bousquet 2008 (the optimisation error). TheDeepChecker (TOSEM'22); Cockpit (NeurIPS'21), section 3 (update
    size).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlcheck.model import Action, Finding, Run, Series, Severity, Skip
from mlcheck.stats.noise import finite
from mlcheck.stats.objective import ANY, Objective

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE = "DIA504"
NAME = "update-ratio"
SEVERITY: Severity = "warning"
CAUSE = "optimization"
NEEDS = ()
OBJECTIVES: tuple[Objective, ...] = ANY


def check(
    run: Run, *, low: float = 1e-4, high: float = 1e-1, most: float = 0.7, points: int = 5
) -> Iterator[Finding | Skip]:
    """Yield a finding for the series furthest outside `low`..`high` (ratio per step) at `most` (share) of its points.

    At least `points` after the first tenth.
    """
    logged = [s for s in run.series if s.role.measure.startswith("update_ratio")]
    if not logged:
        yield Skip(code=CODE, reason="no update-to-weight ratios in this log")
        return
    outside = [(s, late) for s in logged if _is_outside(late := _late(s), low, high, most, points)]
    if outside:
        middle = float(np.log(low * high)) / 2
        series, late = max(outside, key=lambda pair: abs(float(np.median(np.log(pair[1] + 1e-300))) - middle))
        yield _finding(series, late, low, high, len(outside))


def _late(series: Series) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    value = finite(series.value)
    value = value[len(value) // 10 :]
    return np.asarray(10.0**value) if len(value) and value.max() < 0 else np.abs(value)


def _is_outside(
    value: np.ndarray[tuple[int], np.dtype[np.float64]], low: float, high: float, most: float, points: int
) -> bool:
    return len(value) >= points and bool(max((value < low).mean(), (value > high).mean()) >= most)


def _finding(
    series: Series, value: np.ndarray[tuple[int], np.dtype[np.float64]], low: float, high: float, layers: int
) -> Finding:
    middle = float(np.median(value))
    is_small = middle < low
    count = int((value < low).sum() if is_small else (value > high).sum())
    side = f"below {low:g}" if is_small else f"above {high:g}"
    action = (
        Action(
            name="raise-lr", why="raise the learning rate until updates are near a thousandth of the weights"
        )
        if is_small
        else Action(
            name="lower-lr", why="lower the learning rate until updates are near a thousandth of the weights"
        )
    )
    return Finding(
        code=CODE,
        name=NAME,
        severity=SEVERITY,
        message=f"update/weight {middle:.2g} (median of {series.name}), {side} at {count} of {len(value)} points",
        evidence={
            "series": series.name,
            "median": middle,
            "points_outside": count,
            "points": len(value),
            "series_outside": layers,
        },
        actions=(action,),
    )
