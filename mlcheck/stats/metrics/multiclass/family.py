"""Metrics that follow from how often each class is true, predicted, and both: of one sample, or of many replicates.

Every function takes `Marginals` of shape (..., K) and returns (...), NaN where the metric is undefined.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlcheck.model import Floats


class Marginals(NamedTuple):
    """Weighted numbers of rows by class, (..., K) each: predicted rightly, predicted, and true.

    `classes` (...) is the number of classes that are true or predicted, rows of weight 0 included.
    """

    right: Floats
    predicted: Floats
    true: Floats
    classes: Floats


def marginals(right: Floats, predicted: Floats, true: Floats) -> Marginals:
    """Return the marginals of replicates, where a class is there if a row of it was drawn."""
    return Marginals(right, predicted, true, ((predicted + true) > 0).sum(-1).astype(np.float64))


def _ratio(above: Floats, below: Floats, otherwise: float = np.nan) -> Floats:
    """Return above / below, `otherwise` where below is 0."""
    made = np.full(np.shape(above), otherwise)
    np.divide(above, below, out=made, where=np.asarray(below) > 0)
    return made


def f1(m: Marginals) -> Floats:
    """Return (..., K) 2 TP / (predicted + true), 0 for a class without either."""
    return _ratio(2 * m.right, m.predicted + m.true, 0.0)


def precision(m: Marginals) -> Floats:
    """Return (..., K) TP / predicted, 0 for a class that is never predicted."""
    return _ratio(m.right, m.predicted, 0.0)


def recall(m: Marginals) -> Floats:
    """Return (..., K) TP / true, 0 for a class that is never true."""
    return _ratio(m.right, m.true, 0.0)


def accuracy(m: Marginals) -> Floats:
    """Return the share of rows predicted rightly."""
    return _ratio(m.right.sum(-1), m.true.sum(-1))


def balanced_accuracy(m: Marginals) -> Floats:
    """Return the mean recall of the classes of the truth."""
    return _ratio(recall(m).sum(-1), (m.true > 0).sum(-1))


def mcc(m: Marginals) -> Floats:
    """Return Matthews' correlation of truth and prediction; 0 where one class is predicted, NaN where one is true."""
    n = m.true.sum(-1)
    varied = ((m.true > 0).sum(-1) > 1) & ((m.predicted > 0).sum(-1) > 1)
    apart = m.right.sum(-1) * n - (m.predicted * m.true).sum(-1)
    of_predicted = n**2 - (m.predicted**2).sum(-1)
    of_truth = n**2 - (m.true**2).sum(-1)
    below = np.sqrt((of_predicted * of_truth).clip(0))
    found = np.where(varied, _ratio(apart, below, 0.0), 0.0)
    return np.where((m.true > 0).sum(-1) > 1, found, np.nan)


def kappa(m: Marginals) -> Floats:
    """Return Cohen's kappa; NaN where truth and predictions hold one and the same class only."""
    n = m.true.sum(-1)
    by_chance = _ratio((m.predicted * m.true).sum(-1), n)
    varied = ((m.true > 0).sum(-1) > 1) | ((m.predicted > 0).sum(-1) > 1) | (m.right.sum(-1) == 0)
    return np.where(varied, _ratio(m.right.sum(-1) - by_chance, n - by_chance), np.nan)


def _macro(score: Callable[[Marginals], Floats]) -> Callable[[Marginals], Floats]:
    """Return the mean of a class's score over the classes that are true or predicted."""
    return lambda m: _ratio(score(m).sum(-1), m.classes)


def _weighted(score: Callable[[Marginals], Floats]) -> Callable[[Marginals], Floats]:
    """Return the mean of a class's score weighted by how often it is true."""
    return lambda m: _ratio((score(m) * m.true).sum(-1), m.true.sum(-1))


FAMILY: dict[str, Callable[[Marginals], Floats]] = {
    "accuracy": accuracy,
    "balanced_accuracy": balanced_accuracy,
    "macro_f1": _macro(f1),
    "micro_f1": accuracy,
    "weighted_f1": _weighted(f1),
    "macro_precision": _macro(precision),
    "macro_recall": _macro(recall),
    "weighted_precision": _weighted(precision),
    "weighted_recall": _weighted(recall),
    "mcc": mcc,
    "kappa": kappa,
}
