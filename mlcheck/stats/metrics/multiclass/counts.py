"""Metrics of the predicted class: accuracy, the F1 family, Matthews' correlation, Cohen's kappa.

The predicted class is the file's, else that of the highest score, the first of equal ones. Macro averages are taken
over the classes that occur in the truth or the predictions, as scikit-learn does; a class of the score columns that
occurs in neither does not count.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlcheck.stats.metrics import means
from mlcheck.stats.metrics.metric import Interval, Metric, Undefined, percentiles
from mlcheck.stats.metrics.multiclass import family

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlcheck.model import Floats
    from mlcheck.stats.metrics.metric import Difference
    from mlcheck.stats.metrics.multiclass.view import MulticlassView

RANK = 10


def _value(view: MulticlassView, name: str, reason: str) -> float:
    if view.n == 0:
        raise Undefined("there are no rows")
    if view.marginals.true.sum() == 0:
        raise Undefined("all weights are 0")
    found = float(family.FAMILY[name](view.marginals))
    if np.isnan(found):
        raise Undefined(reason)
    return found


def accuracy(view: MulticlassView) -> float:
    """Return the share of rows whose predicted class is the true one; 0..1, higher is better."""
    return _value(view, "accuracy", "")


def balanced_accuracy(view: MulticlassView) -> float:
    """Return the mean recall of the classes that occur in the truth; 0..1, 1 / their number by chance."""
    return _value(view, "balanced_accuracy", "")


def macro_f1(view: MulticlassView) -> float:
    """Return the mean of 2 TP / (predicted + true) over the classes of truth and predictions; 0..1."""
    return _value(view, "macro_f1", "")


def micro_f1(view: MulticlassView) -> float:
    """Return F1 of all classes' decisions together: with one class a row, the accuracy."""
    return _value(view, "micro_f1", "")


def weighted_f1(view: MulticlassView) -> float:
    """Return the mean F1 of the classes weighted by how often they are true; 0..1."""
    return _value(view, "weighted_f1", "")


def macro_precision(view: MulticlassView) -> float:
    """Return the mean precision of the classes of truth and predictions, 0 for one never predicted; 0..1."""
    return _value(view, "macro_precision", "")


def macro_recall(view: MulticlassView) -> float:
    """Return the mean recall of the classes of truth and predictions, 0 for one never true; 0..1."""
    return _value(view, "macro_recall", "")


def weighted_precision(view: MulticlassView) -> float:
    """Return the mean precision of the classes weighted by how often they are true; 0..1."""
    return _value(view, "weighted_precision", "")


def weighted_recall(view: MulticlassView) -> float:
    """Return the mean recall of the classes weighted by how often they are true: the accuracy."""
    return _value(view, "weighted_recall", "")


def mcc(view: MulticlassView) -> float:
    """Return Matthews' correlation for several classes (Gorodkin 2004, Comput. Biol. Chem. 28, p. 367); -1..1.

    0 where all predictions are of one class, as scikit-learn; undefined where the truth holds one class only.
    """
    return _value(view, "mcc", "the truth holds one class only")


def kappa(view: MulticlassView) -> float:
    """Return Cohen's kappa, (accuracy - by chance) / (1 - by chance) (Cohen 1960, eq. 1); -1..1, 0 by chance."""
    return _value(view, "kappa", "truth and predictions hold one and the same class only")


def _of_cells(name: str) -> Callable[[MulticlassView], Interval]:
    """Return the interval from resampled cells of the confusion matrix."""

    def interval(view: MulticlassView) -> Interval:
        low, high = percentiles(view.drawn_cells[name], view.sampling.level)
        method = f"bootstrap of {view.sampling.replicates:,} confusion matrices"
        return Interval(low=low, high=high, method=method)

    return interval


def _wilson(view: MulticlassView) -> Interval:
    return means.share_interval(view.hits, view.weight, view.clusters, view.sampling.level)


def _mcnemar(a: MulticlassView, b: MulticlassView) -> Difference:
    if not (a.plain and b.plain):
        raise Undefined("rows are weighted or in clusters")
    return means.mcnemar(a.hits, b.hits, a.sampling)


def _drawn(name: str) -> Callable[[MulticlassView], Floats]:
    return lambda view: view.drawn[name]


def _metric(value: Callable[[MulticlassView], float]) -> Metric:
    """Return the metric of a function of the family, named by it."""
    name = value.__name__
    is_share = family.FAMILY[name] is family.accuracy or name == "weighted_recall"
    return Metric(
        name=name,
        better="higher",
        value=value,
        interval=_wilson if is_share else _of_cells(name),
        draws=_drawn(name),
        test=_mcnemar if is_share else None,
        low=-1.0 if name in {"mcc", "kappa"} else 0.0,
    )


METRICS: tuple[Metric, ...] = tuple(
    _metric(value)
    for value in (
        accuracy, balanced_accuracy, macro_f1, micro_f1, weighted_f1, macro_precision, macro_recall,
        weighted_precision, weighted_recall, mcc, kappa,
    )
)  # fmt: skip
