"""Metrics of the order of the scores: they need no threshold."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from mlcheck.stats.intervals import two_sided_z, wilson
from mlcheck.stats.metrics import means
from mlcheck.stats.metrics.binary import influence
from mlcheck.stats.metrics.binary.making import metric
from mlcheck.stats.metrics.metric import Interval, Undefined

if TYPE_CHECKING:
    from mlcheck.stats.metrics.binary.view import BinaryView
    from mlcheck.stats.metrics.metric import Difference, Metric

RANK = 10


def roc_auc(view: BinaryView) -> float:
    """Area under the ROC curve: the chance that a positive scores above a negative, ties half. 0..1, 0.5 at random."""
    _ = view.score
    view.demand_both_classes()
    return view.swept.auc


def average_precision(view: BinaryView) -> float:
    """Sum over thresholds of recall gained x precision, by steps: 0..1, the share of positives at random (as scikit-learn)."""
    _ = view.score
    view.demand_both_classes()
    return view.swept.average_precision


def delong(view: BinaryView) -> Interval:
    """Return DeLong's interval of the AUC on the logit scale, which stays within 0..1 (Qin & Hotilovac 2008)."""
    auc, sd = roc_auc(view), math.sqrt(view.swept.auc_variance)
    if not math.isfinite(sd):
        raise Undefined("a class has one row only")
    level = view.sampling.level
    if (
        sd == 0 or not 0 < auc < 1
    ):  # no pair, or every pair, is in order: the rarer class bounds what may be missing
        low, high = wilson(auc, int(min(view.swept.positives, view.swept.negatives)), level=level)
        return Interval(low=low, high=high, method="Wilson, on the rarer class")
    centre, half = math.log(auc / (1 - auc)), two_sided_z(level) * sd / (auc * (1 - auc))
    low, high = (_logistic(centre + sign * half) for sign in (-1, 1))
    return Interval(low=low, high=high, method="DeLong, logit")


def _logistic(x: float) -> float:
    return 1 / (1 + math.exp(-x)) if x > -700 else 0.0


def delong_test(a: BinaryView, b: BinaryView) -> Difference:
    """Return DeLong's test of two areas over the same rows (DeLong et al. 1988, eq. 8)."""
    moved = influence.of_auc(a) - influence.of_auc(b)
    return means.from_influences(roc_auc(a), roc_auc(b), moved, a.sampling, "DeLong")


METRICS: tuple[Metric, ...] = (
    metric(
        "roc_auc",
        roc_auc,
        analytic=delong,
        test=delong_test,
        influence=influence.of_auc,
        of_draws=lambda d: d["roc_auc"],
    ),
    metric(
        "average_precision",
        average_precision,
        influence=influence.of_average_precision,
        of_draws=lambda d: d["average_precision"],
    ),
)
