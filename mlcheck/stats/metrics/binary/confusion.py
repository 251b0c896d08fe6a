"""Metrics of the predicted class: functions of the four counts of a confusion matrix."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from mlcheck.stats.intervals import wilson
from mlcheck.stats.metrics.binary import mcnemar
from mlcheck.stats.metrics.binary.draws import told
from mlcheck.stats.metrics.binary.paired import joint_draws, row_confusion_draws, same_rows
from mlcheck.stats.metrics.binary.rows import ONE_CLASS
from mlcheck.stats.metrics.metric import Difference, Interval, Metric, Undefined, from_draws, percentiles

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlcheck.model import Floats
    from mlcheck.stats.metrics.binary.rows import BinaryView

RANK = 10
Share: TypeAlias = "tuple[Floats, Floats]"
NO_POSITIVE = "the truth holds no positive"
NO_NEGATIVE = "the truth holds no negative"
NOTHING_FLAGGED = "nothing is predicted positive"
NOTHING_POSITIVE = "neither truth nor prediction holds a positive"


def accuracy_parts(tp: Floats, fp: Floats, fn: Floats, tn: Floats) -> Share:
    """Return right predictions, of all."""
    return tp + tn, tp + fp + fn + tn


def precision_parts(tp: Floats, fp: Floats, fn: Floats, tn: Floats) -> Share:  # noqa: ARG001  (one signature)
    """Return positives, of what is predicted positive."""
    return tp, tp + fp


def recall_parts(tp: Floats, fp: Floats, fn: Floats, tn: Floats) -> Share:  # noqa: ARG001
    """Return what is predicted positive, of the positives."""
    return tp, tp + fn


def specificity_parts(tp: Floats, fp: Floats, fn: Floats, tn: Floats) -> Share:  # noqa: ARG001
    """Return what is predicted negative, of the negatives."""
    return tn, tn + fp


def f_parts(tp: Floats, fp: Floats, fn: Floats, tn: Floats, *, beta: float = 1.0) -> Share:  # noqa: ARG001
    """Return (1 + b^2) tp and (1 + b^2) tp + b^2 fn + fp."""
    square = beta * beta
    top = (1 + square) * tp
    return top, top + square * fn + fp


def balanced_accuracy_parts(tp: Floats, fp: Floats, fn: Floats, tn: Floats) -> Share:
    """Return the sum of the shares that are right in each class, and how many classes the truth holds."""
    right = divided(tp, tp + fn, 0.0) + divided(tn, tn + fp, 0.0)
    return right, 1.0 * (tp + fn > 0) + 1.0 * (tn + fp > 0)


def kappa_parts(tp: Floats, fp: Floats, fn: Floats, tn: Floats) -> Share:
    """Return 2 (tp tn - fp fn), and what it would be at full agreement (Cohen 1960)."""
    return 2 * (tp * tn - fp * fn), (tp + fp) * (fp + tn) + (tp + fn) * (fn + tn)


def mcc_parts(tp: Floats, fp: Floats, fn: Floats, tn: Floats) -> Share:
    """Return the covariance of truth and prediction and the product of their deviations, 0 of 1 where nothing varies
    but the truth.
    """  # noqa: D205  (one sentence)
    varies = np.sqrt((tp + fn) * (1.0 * (tn + fp)))
    spread = np.sqrt((tp + fp) * (1.0 * (tn + fn)))
    flat = (spread == 0) & (varies > 0)
    return 1.0 * tp * tn - 1.0 * fp * fn, np.where(flat, 1.0, varies * spread)


def divided(top: Floats, bottom: Floats, otherwise: float = np.nan) -> Floats:
    """Return top / bottom, `otherwise` where the bottom is zero."""
    top, bottom = np.asarray(top, dtype=np.float64), np.asarray(bottom, dtype=np.float64)
    ratio: Floats = np.divide(top, bottom, out=np.full(top.shape, otherwise), where=bottom > 0)
    return ratio


Parts: TypeAlias = "Callable[[Floats, Floats, Floats, Floats], Share]"


def _value(parts: Parts, reason: str, view: BinaryView) -> float:
    top, bottom = parts(*view.confusion.cells)  # type: ignore[arg-type]  # a number serves as an array of none
    if not bottom > 0:
        raise Undefined(reason)
    return float(top / bottom)


def _share_interval(parts: Parts, view: BinaryView) -> Interval:
    if not view.plain:
        return _drawn_interval(parts, view)
    right, total = parts(*view.confusion.cells)  # type: ignore[arg-type]
    low, high = wilson(float(right / total), int(total), level=view.sampling.level)
    return Interval(low=low, high=high, method="Wilson")


def _drawn_interval(parts: Parts, view: BinaryView) -> Interval:
    """Return the percentile interval of resampled cells."""
    low, high = percentiles(divided(*parts(*view.confusion_draws.T)), view.sampling.level)
    if view.plain and min(view.confusion.cells) == 0:
        (value,) = divided(*(np.atleast_1d(part) for part in parts(*view.confusion.cells)))  # type: ignore[arg-type]
        method = f"{view.sampling.replicates:,} draws with Jeffreys' prior"
        return Interval(low=min(low, float(value)), high=max(high, float(value)), method=method)
    method = view.sampling.told if view.plain else told(view.n, view.sampling)
    return Interval(low=low, high=high, method=method)


def _draws(parts: Parts, view: BinaryView) -> Floats:
    """Return the metric of resampled rows, of the same rows for another model on them."""
    return divided(*parts(*row_confusion_draws(view).T))


def _compared(
    parts: Parts,
    value: Callable[[BinaryView], float],
    on: mcnemar.Rows | None,
    a: BinaryView,
    b: BinaryView,
) -> Difference:
    same_rows(a, b)
    first, second = value(a), value(b)
    if on is not None and a.plain and b.plain:
        return mcnemar.test(first, second, *mcnemar.discordant(a, b, on), level=a.sampling.level)
    drawn_a, drawn_b = joint_draws(a, b)
    differences = divided(*parts(*drawn_a.T)) - divided(*parts(*drawn_b.T))
    return from_draws(first, second, differences, a.sampling)


def _metric(
    value: Callable[[BinaryView], float],
    parts: Parts,
    *,
    share: bool = False,
    on: mcnemar.Rows | None = None,
    low: float = 0.0,
    name: str = "",
) -> Metric:
    return Metric(
        name=name or value.__name__,
        better="higher",
        value=value,
        interval=partial(_share_interval if share else _drawn_interval, parts),
        draws=partial(_draws, parts),
        test=partial(_compared, parts, value, on),
        low=low,
    )


def accuracy(view: BinaryView) -> float:
    """Share of the rows that are predicted right. Range 0..1, higher is better.

    On imbalanced data the share of the larger class is reached by predicting nothing else.
    """
    return _value(accuracy_parts, "no row has weight", view)


def balanced_accuracy(view: BinaryView) -> float:
    """Mean of recall and specificity (of the one class that the truth holds, as scikit-learn has it).

    Range 0..1, 0.5 for a constant prediction; higher is better. Brodersen et al. 2010.
    """
    return _value(balanced_accuracy_parts, "no row has weight", view)


def precision(view: BinaryView) -> float:
    """Share of positives among what is predicted positive, tp / (tp + fp). Range 0..1, higher is better.

    Undefined where nothing is predicted positive.
    """
    return _value(precision_parts, NOTHING_FLAGGED, view)


def recall(view: BinaryView) -> float:
    """Share of the positives that are found, tp / (tp + fn). Range 0..1, higher is better.

    Undefined where the truth holds no positive.
    """
    return _value(recall_parts, NO_POSITIVE, view)


def specificity(view: BinaryView) -> float:
    """Share of the negatives that are left alone, tn / (tn + fp). Range 0..1, higher is better.

    Undefined where the truth holds no negative.
    """
    return _value(specificity_parts, NO_NEGATIVE, view)


def mcc(view: BinaryView) -> float:
    """Matthews' correlation of truth and prediction. Range -1..1, 0 for a constant prediction; higher is better.

    Undefined where the truth holds one class only. Matthews 1975, Biochim. Biophys. Acta 405, p. 442.
    """
    return _value(mcc_parts, ONE_CLASS, view)


def kappa(view: BinaryView) -> float:
    """Cohen's kappa: agreement beyond chance, over the most that is possible. Range -1..1, higher is better.

    Undefined where truth and prediction are one and the same class throughout. Cohen 1960.
    """
    return _value(kappa_parts, "truth and prediction are one and the same class throughout", view)


def f_beta(beta: float) -> Metric:
    """Return F-beta, called f1, f2, f0.5, ..."""
    parts = partial(f_parts, beta=beta)

    def value(view: BinaryView) -> float:
        """Harmonic mean of precision and recall: (1 + b^2) tp / ((1 + b^2) tp + b^2 fn + fp).

        Recall counts b times as much as precision. Range 0..1, higher is better. Undefined where neither truth nor
        prediction holds a positive. van Rijsbergen 1979, Information retrieval, chapter 7.
        """
        return _value(parts, NOTHING_POSITIVE, view)

    return _metric(value, parts, name=f"f{beta:g}")


METRICS: tuple[Metric, ...] = (
    _metric(accuracy, accuracy_parts, share=True, on="all"),
    _metric(balanced_accuracy, balanced_accuracy_parts),
    _metric(precision, precision_parts, share=True),
    _metric(recall, recall_parts, share=True, on="positive"),
    _metric(specificity, specificity_parts, share=True, on="negative"),
    f_beta(1),
    _metric(mcc, mcc_parts, low=-1.0),
    _metric(kappa, kappa_parts, low=-1.0),
)


def metrics_of(view: BinaryView) -> tuple[Metric, ...]:
    """Return the metrics with F-beta for the beta that was asked for."""
    beta = view.parameters.beta
    return tuple(f_beta(beta) if metric.name == "f1" else metric for metric in METRICS)
