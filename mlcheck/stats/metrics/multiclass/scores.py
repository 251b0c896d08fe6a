"""Metrics of the scores of single rows: top-K accuracy, log-loss, Brier score, calibration."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlcheck.stats.metrics import means
from mlcheck.stats.metrics.metric import Interval, Metric, Undefined, percentiles

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlcheck.model import Floats
    from mlcheck.stats.metrics.metric import Difference
    from mlcheck.stats.metrics.multiclass.view import MulticlassView
    from mlcheck.stats.metrics.parameters import Parameters

RANK = 20


def _loss(view: MulticlassView, name: str) -> Floats:
    """Return a row's losses (n,); raises Undefined without scores."""
    _ = view.scores
    return view.losses[name]


def log_loss(view: MulticlassView) -> float:
    """Return the mean of -log p of the true class, in nats; 0 or more, lower is better.

    Probabilities are clipped by the epsilon of their type, as scikit-learn does (2.2e-16 for float64), and not made
    to add to 1; log-probabilities of minus infinity stand at its logarithm; logits go through a stable log-softmax.
    """
    return means.mean(_loss(view, "log_loss"), view.weight)


def brier(view: MulticlassView) -> float:
    """Return the mean over rows of the sum over classes of (p - truth)^2; 0..2, lower is better.

    Brier's own definition (Brier 1950, Mon. Weather Rev. 78, p. 1), as scikit-learn for several classes: not halved.
    """
    return means.mean(_loss(view, "brier"), view.weight)


def ece(view: MulticlassView) -> float:
    """Return the expected calibration error of the most probable class; 0..1, lower is better.

    sum_b |sum over rows in b of (right - p)| / n over bins b of equal width (15 unless chosen) of its probability p,
    each open below and closed above (Guo et al. 2017, On calibration of modern neural networks, eq. 5). "Right" is
    whether the class of the highest score is the true one. Never negative, so it lies above 0 by chance alone.
    """
    return float(np.abs(view.gaps).sum())


def _ece_interval(view: MulticlassView) -> Interval:
    """Return the basic bootstrap interval, widened to hold the value, and to hold 0 where chance could make the value.

    Draws of the error lie as far above it as it lies above the truth, so that they are mirrored at the value (Davison
    & Hinkley 1997, section 5.2.1): percentiles would miss the truth nearly always where calibration is good. What chance
    makes of perfect calibration is drawn from the bins' gaps less their means.
    """
    level, value = view.sampling.level, ece(view)
    low, high = percentiles(view.drawn["ece"], level)
    _, by_chance = percentiles(view.drawn["ece by chance"], level)
    lowest = 0.0 if value <= by_chance else max(0.0, min(value, 2 * value - high))
    return Interval(low=lowest, high=max(value, 2 * value - low), method=f"basic {view.sampling.told}")


def _interval(name: str, most: float) -> Callable[[MulticlassView], Interval]:
    def interval(view: MulticlassView) -> Interval:
        if not view.plain:
            raise Undefined("rows are weighted or in clusters")
        return means.skewed(_loss(view, name), view.sampling.level, (0.0, most))

    return interval


def _test(name: str) -> Callable[[MulticlassView, MulticlassView], Difference]:
    def test(a: MulticlassView, b: MulticlassView) -> Difference:
        if not (a.plain and b.plain):
            raise Undefined("rows are weighted or in clusters")
        return means.paired(_loss(a, name), _loss(b, name), a.sampling)

    return test


def _drawn(name: str) -> Callable[[MulticlassView], Floats]:
    return lambda view: view.drawn[name]


def top_k_accuracy(cutoff: int) -> Metric:
    """Return the metric `top_k_accuracy@cutoff`."""
    name = f"top_k_accuracy@{cutoff}"

    def hits(view: MulticlassView) -> Floats:
        if view.scores.shape[1] <= cutoff:
            raise Undefined(f"of {view.k} classes the first {cutoff} always hold the true one")
        if name not in view.losses:
            raise Undefined(f"{cutoff} is not among the chosen cutoffs")
        return view.losses[name]

    def value(view: MulticlassView) -> float:
        """Return the share of rows whose true class is among the K highest scores; 0..1, higher is better.

        Of equal scores the one further right ranks first, as scikit-learn's top_k_accuracy_score (the accuracy takes
        the first); undefined where K is not below the number of classes.
        """
        return means.mean(hits(view), view.weight)

    def interval(view: MulticlassView) -> Interval:
        return means.share_interval(hits(view) > 0, view.weight, view.clusters, view.sampling.level)

    def test(a: MulticlassView, b: MulticlassView) -> Difference:
        if not (a.plain and b.plain):
            raise Undefined("rows are weighted or in clusters")
        return means.mcnemar(hits(a) > 0, hits(b) > 0, a.sampling)

    return Metric(name=name, better="higher", value=value, interval=interval, draws=_drawn(name), test=test)


def chosen(parameters: Parameters) -> tuple[Metric, ...]:
    """Return the metrics at the cutoffs that the user chose, in place of the usual one."""
    return tuple(top_k_accuracy(cutoff) for cutoff in parameters.cutoffs or (5,))


_OTHERS: tuple[Metric, ...] = (
    Metric(
        name="log_loss",
        better="lower",
        value=log_loss,
        interval=_interval("log_loss", np.inf),
        draws=_drawn("log_loss"),
        test=_test("log_loss"),
        high=np.inf,
        unit="nats",
    ),
    Metric(
        name="brier",
        better="lower",
        value=brier,
        interval=_interval("brier", 2.0),
        draws=_drawn("brier"),
        test=_test("brier"),
        high=2.0,
    ),
    Metric(name="ece", better="lower", value=ece, interval=_ece_interval, draws=_drawn("ece")),
)


METRICS = (top_k_accuracy(5), *_OTHERS)


def metrics_of(view: MulticlassView) -> tuple[Metric, ...]:
    """Return the metrics with top-K accuracy at the cutoffs that were asked for."""
    return (*chosen(view.parameters), *_OTHERS)
