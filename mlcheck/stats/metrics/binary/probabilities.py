"""Metrics of the probabilities: what they say against what happened."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from mlcheck.stats.metrics import means
from mlcheck.stats.metrics.binary import influence
from mlcheck.stats.metrics.binary.losses import EPS, row_losses
from mlcheck.stats.metrics.binary.making import is_many, metric
from mlcheck.stats.metrics.metric import Interval, Undefined, normal

if TYPE_CHECKING:
    from mlcheck.model import Floats
    from mlcheck.stats.metrics.binary.losses import Losses
    from mlcheck.stats.metrics.binary.view import BinaryView
    from mlcheck.stats.metrics.metric import Difference, Metric

RANK = 30
WORST = -math.log(EPS)


def log_loss(view: BinaryView) -> float:
    """Mean of -ln(probability of what is true), clipped at the step of float64: 0..36, lower is better (Good 1952)."""
    found = _losses(view)
    return found.log / found.total


def brier(view: BinaryView) -> float:
    """Mean of (probability - truth)²: 0..1, lower is better (Brier 1950)."""
    found = _losses(view)
    return found.brier / found.total


def ece(view: BinaryView) -> float:
    """Mean distance of share and probability over bins of equal width, weighed by rows: 0..1, lower is better (Naeini 2015)."""
    return _losses(view).ece


def _losses(view: BinaryView) -> Losses:
    """Return the sums; raises Undefined where the scores are no probabilities, or there are no rows."""
    if view.probability.size == 0:
        raise Undefined("there are no rows")
    return view.losses


def _row_log(view: BinaryView) -> Floats:
    return row_losses(view.truth, view.probability)[0]


def _row_brier(view: BinaryView) -> Floats:
    return row_losses(view.truth, view.probability)[1]


def _log_interval(view: BinaryView) -> Interval:
    if not is_many(view):
        return means.skewed(_row_log(view), view.sampling.level, (0.0, WORST))
    found = view.losses
    return _of_sums(found.log, found.log_squared, view, WORST)


def _brier_interval(view: BinaryView) -> Interval:
    if not is_many(view):
        return means.skewed(_row_brier(view), view.sampling.level, (0.0, 1.0))
    found = view.losses
    return _of_sums(found.brier, found.brier_squared, view, 1.0)


def _of_sums(total: float, squares: float, view: BinaryView, high: float) -> Interval:
    """Return the normal interval of a mean from the sums of values and squares: for many rows."""
    mean = total / view.n
    variance = max(0.0, squares / view.n - mean * mean) / (view.n - 1)
    return normal(mean, math.sqrt(variance), view.sampling.level, "normal", bounds=(0.0, high))


def _log_test(a: BinaryView, b: BinaryView) -> Difference:
    return means.paired(_row_log(a), _row_log(b), a.sampling)


def _brier_test(a: BinaryView, b: BinaryView) -> Difference:
    return means.paired(_row_brier(a), _row_brier(b), a.sampling)


METRICS: tuple[Metric, ...] = (
    metric(
        "log_loss", log_loss, better="lower", high=math.inf, analytic=_log_interval, test=_log_test, unit="nats",
        influence=lambda v: influence.of_mean(v, _row_log(v)), of_draws=lambda d: d["log_loss"],
    ),
    metric(
        "brier", brier, better="lower", analytic=_brier_interval, test=_brier_test,
        influence=lambda v: influence.of_mean(v, _row_brier(v)), of_draws=lambda d: d["brier"],
    ),
    metric("ece", ece, better="lower", influence=influence.of_calibration_error, of_draws=lambda d: d["ece"]),
)  # fmt: skip
