"""Metrics that are means of what single rows are off by. Of several targets, the mean over them, as scikit-learn."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from mlcheck.stats.metrics import means
from mlcheck.stats.metrics.metric import Interval, Metric, Undefined

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlcheck.model import Floats
    from mlcheck.stats.metrics.metric import Difference
    from mlcheck.stats.metrics.regression.view import Moments, RegressionView

RANK = 10


def mse(view: RegressionView) -> float:
    """Return the mean of (predicted - true)^2, in units of the target squared; 0 or more, lower is better."""
    return view.mean("mse")


def mae(view: RegressionView) -> float:
    """Return the mean of |predicted - true|, in units of the target; 0 or more, lower is better."""
    return view.mean("mae")


def bias(view: RegressionView) -> float:
    """Return the mean of predicted - true, in units of the target; any number, the nearer to 0 the better."""
    return view.mean("bias")


def mape(view: RegressionView) -> float:
    """Return the mean of |predicted - true| / |true|; 0 or more (1 is 100 %), lower is better.

    Undefined where a truth is 0: scikit-learn would divide by 2.2e-16 there. Truths near 0 outweigh all others.
    """
    zeros = int(np.count_nonzero(view.truth == 0))
    if zeros:
        raise Undefined(f"{zeros:,} of {view.truth.size:,} truths {'is' if zeros == 1 else 'are'} 0")
    return view.mean("mape")


def smape(view: RegressionView) -> float:
    """Return the mean of 2 |predicted - true| / (|predicted| + |true|), 0 where both are 0; 0..2, lower is better.

    Makridakis 1993, Int. J. Forecast. 9, p. 527, as a share. It forgives predictions too high more than too low.
    """
    return view.mean("smape")


def pinball(view: RegressionView) -> float:
    """Return the mean of q (true - predicted) where that is positive, else of (1 - q) (predicted - true).

    The loss that the quantile q minimises (Koenker & Bassett 1978, Econometrica 46, p. 33); 0 or more, lower is
    better. Undefined where it is not known which quantile was predicted.
    """
    if view.quantile is None:
        raise Undefined("it is not said which quantile was predicted")
    return view.mean("pinball")


def rmse(view: RegressionView) -> float:
    """Return the square root of the MSE, in units of the target; of several targets, the mean of their roots."""
    return float(_rmse(view.moments))


def _rmse(m: Moments) -> Floats:
    with np.errstate(invalid="ignore", divide="ignore"):
        roots: Floats = np.sqrt(m.ee / m.weight).mean(-1)
    return roots


def _interval(name: str, low: float, high: float) -> Callable[[RegressionView], Interval]:
    def interval(view: RegressionView) -> Interval:
        if not view.plain:
            raise Undefined("rows are weighted or in clusters")
        return means.skewed(view.losses[name], view.sampling.level, (low, high))

    return interval


def _rmse_interval(view: RegressionView) -> Interval:
    if not view.plain or len(view.targets) > 1:
        raise Undefined("rows are weighted or in clusters, or there are several targets")
    made = means.skewed(view.losses["mse"], view.sampling.level, (0.0, math.inf))
    return Interval(low=math.sqrt(made.low), high=math.sqrt(made.high), method=made.method)


def _test(name: str) -> Callable[[RegressionView, RegressionView], Difference]:
    def test(a: RegressionView, b: RegressionView) -> Difference:
        if not (a.plain and b.plain):
            raise Undefined("rows are weighted or in clusters")
        return means.paired(a.losses[name], b.losses[name], a.sampling)

    return test


def _drawn(name: str) -> Callable[[RegressionView], Floats]:
    return lambda view: view.drawn_losses[name]


def _metric(
    value: Callable[[RegressionView], float], unit: str = "", low: float = 0.0, high: float = math.inf
) -> Metric:
    """Return the metric that is a mean of the losses of its function's name."""
    name = value.__name__
    return Metric(
        name=name,
        better="lower",
        value=value,
        interval=_interval(name, low, high),
        draws=_drawn(name),
        test=_test(name),
        low=low,
        high=high,
        unit=unit,
    )


METRICS: tuple[Metric, ...] = (
    _metric(mse, "target squared"),
    Metric(
        name="rmse",
        better="lower",
        value=rmse,
        interval=_rmse_interval,
        draws=lambda view: _rmse(view.drawn_moments),
        high=math.inf,
        unit="target",
    ),
    _metric(mae, "target"),
    _metric(bias, "target", low=-math.inf),
    _metric(mape),
    _metric(smape, high=2.0),
    _metric(pinball, "target"),
)
