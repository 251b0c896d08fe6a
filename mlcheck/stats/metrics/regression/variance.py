"""Metrics that set the error against the spread of the truth: R2 and explained variance."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from mlcheck.stats.metrics.metric import Metric, Undefined

if TYPE_CHECKING:
    from mlcheck.model import Floats
    from mlcheck.stats.metrics.regression.view import Moments, RegressionView

RANK = 20


def _spread(m: Moments) -> Floats:
    """Return (..., T) the sum of squares of the truth about its mean, NaN where that is 0 but for rounding."""
    with np.errstate(invalid="ignore", divide="ignore"):
        about = m.cc - m.c**2 / m.weight
        return np.where(about > 1e-13 * m.cc, about, np.nan)


def _check(view: RegressionView) -> None:
    """Raise Undefined where some target has no spread."""
    if view.n < 2:
        raise Undefined("fewer than two rows have no spread")
    counted = view.truth if view.weight is None else view.truth[view.weight > 0]
    if len(counted) == 0:
        raise Undefined("all weights are 0")
    flat = [name for name, column in zip(view.targets, counted.T, strict=True) if np.ptp(column) == 0]
    if flat:
        raise Undefined("the truth is constant" + (f" in {flat[0]}" if len(view.targets) > 1 else ""))


def r2(view: RegressionView) -> float:
    """Return 1 - sum (predicted - true)^2 / sum (true - mean)^2; 1 at best, 0 for the mean, below 0 when worse.

    Of several targets, the mean of theirs. Undefined for a constant truth, where scikit-learn says 0 or 1.
    """
    _check(view)
    return float(_r2(view.moments))


def _r2(m: Moments) -> Floats:
    found: Floats = (1 - m.ee / _spread(m)).mean(-1)
    return found


def explained_variance(view: RegressionView) -> float:
    """Return 1 - var(predicted - true) / var(true): R2 for a model whose bias is taken away; 1 at best."""
    _check(view)
    return float(_explained(view.moments))


def _explained(m: Moments) -> Floats:
    with np.errstate(invalid="ignore", divide="ignore"):
        unexplained = (m.ee - m.e**2 / m.weight).clip(0) / _spread(m)
    found: Floats = (1 - unexplained).mean(-1)
    return found


METRICS: tuple[Metric, ...] = (
    Metric(
        name="r2",
        better="higher",
        value=r2,
        draws=lambda view: _r2(view.drawn_moments),
        low=-math.inf,
    ),
    Metric(
        name="explained_variance",
        better="higher",
        value=explained_variance,
        draws=lambda view: _explained(view.drawn_moments),
        low=-math.inf,
    ),
)
