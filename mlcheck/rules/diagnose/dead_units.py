"""Most units of a layer are never active.

What it finds
    A logged share of dead units above one half at most points and at the end.

Why it matters
    A ReLU unit whose input is negative for every example gives 0, gets no gradient and cannot come back: the network
    is smaller than it looks.

Example
    dead units: 0.83 of dead_relu_fraction at the end, above 0.5 at 38 of 40 points

What to do
    Lower the learning rate (one large step kills units), use He initialisation with biases at 0, or an activation with
    a slope on both sides (leaky ReLU, GELU). Check that inputs are centred and scaled.

False alarms
    Nets that are sparse on purpose (mixture of experts, sparse autoencoders, top-k activations). Shares measured on a
    single batch count units as dead that only rest.

References
    TheDeepChecker (TOSEM'22); SageMaker Debugger's rule documentation (dead relu: more than half of the units).
    Goodfellow, Bengio & Courville 2016, Deep Learning, section 6.3.1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlcheck.model import Action, Finding, Run, Series, Severity, Skip
from mlcheck.stats.noise import finite
from mlcheck.stats.objective import ANY, Objective

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE = "DIA503"
NAME = "dead-units"
SEVERITY: Severity = "error"
CAUSE = "optimization"
NEEDS = ()
OBJECTIVES: tuple[Objective, ...] = ANY


def check(run: Run, *, dead: float = 0.5, most: float = 0.6, points: int = 5) -> Iterator[Finding | Skip]:
    """Yield a finding for the worst series with more than `dead` (share of units) dead at `most` (share) of its points.

    At least `points`. Values above 1.5 are read as percentages.
    """
    logged = [s for s in run.series if s.role.measure.startswith("dead_fraction")]
    if not logged:
        yield Skip(code=CODE, reason="no shares of dead units in this log")
        return
    bad = [(s, share) for s in logged if _is_dead(share := _as_share(s), dead, most, points)]
    if bad:
        series, share = max(bad, key=lambda pair: float(pair[1][-1]))
        yield _finding(series, share, dead, len(bad))


def _as_share(series: Series) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    value = finite(series.value)
    return value / 100 if len(value) and value.max() > 1.5 else value


def _is_dead(
    share: np.ndarray[tuple[int], np.dtype[np.float64]], dead: float, most: float, points: int
) -> bool:
    return len(share) >= points and bool((share > dead).mean() >= most) and bool(np.median(share[-3:]) > dead)


def _finding(
    series: Series, share: np.ndarray[tuple[int], np.dtype[np.float64]], dead: float, layers: int
) -> Finding:
    above = int((share > dead).sum())
    return Finding(
        code=CODE,
        name=NAME,
        severity=SEVERITY,
        message=f"dead units: {share[-1]:.2g} of {series.name} at the end, above {dead:g} at {above} of {len(share)} points",
        evidence={
            "series": series.name,
            "last": float(share[-1]),
            "points_above": above,
            "points": len(share),
            "series_above": layers,
        },
        actions=(
            Action(name="lower-lr", why="divide the learning rate by 3 to 10"),
            Action(name="fix-init", why="He initialisation with biases at 0, or leaky ReLU"),
        ),
    )
