"""What each row moves a metric by: the linear part of the metric in the rows, from which its spread follows at any size.

The infinitesimal jackknife (Efron 1982, The jackknife, the bootstrap and other resampling plans, chapter 6): a metric's
variance is the sum of the squared influences. Weights and clusters fit in (rows of a cluster are summed first), and the
difference of two models over the same rows has the difference of their influences.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlcheck.stats.metrics.metric import Undefined

if TYPE_CHECKING:
    from mlcheck.model import Floats
    from mlcheck.stats.metrics.binary.view import BinaryView


def of_cells(view: BinaryView, gradient: tuple[float, float, float, float]) -> Floats:
    """Return (n,) influences of a metric by its derivatives for the shares of (tp, fp, fn, tn)."""
    tp, fp, fn, tn = view.confusion
    total = tp + fp + fn + tn
    mean = sum(g * cell for g, cell in zip(gradient, (tp, fp, fn, tn), strict=True)) / total
    by_code = np.array([gradient[3], gradient[1], gradient[2], gradient[0]]) - mean
    moved: Floats = by_code[view.truth.astype(np.int8) * 2 + view.predicted] / total
    if view.weight is not None:
        moved *= view.weight
    return moved


def of_mean(view: BinaryView, values: Floats) -> Floats:
    """Return (n,) influences of a (weighted) mean of row values (n,)."""
    if view.weight is None:
        return (values - values.mean()) / len(values)
    moved: Floats = view.weight * (values - (view.weight @ values) / view.total) / view.total
    return moved


def of_auc(view: BinaryView) -> Floats:
    """Return (n,) influences on the AUC: the placement of a row among those of the other class (DeLong et al. 1988, eq. 4)."""
    view.demand_both_classes()
    order, ends, w = _by_score(view)
    truth = view.truth[order]
    positive, negative = w * truth, w * ~truth
    p, n = float(positive.sum()), float(negative.sum())
    placed = np.where(truth, _middle(negative, ends) / n, 1 - _middle(positive, ends) / p)
    auc = float(placed @ positive) / p
    moved = w * (placed - auc) / np.where(truth, p, n)
    return _back(order, moved)


def of_average_precision(view: BinaryView) -> Floats:
    """Return (n,) influences on the average precision.

    With M(s) the weight of the rows that score s or more, a row moves AP by its own precision, if positive, and by what
    it does to the precision at every positive below it: (y - precision) / M.
    """
    view.demand_both_classes()
    order, ends, w = _by_score(view)
    truth = view.truth[order]
    group = np.cumsum(np.concatenate(([0], (ends[:-1] != ends[1:]).astype(np.int64))))
    last = np.append(np.flatnonzero(np.diff(group)), len(group) - 1)
    reached = np.cumsum(w[::-1])[::-1]
    found = np.cumsum((w * truth)[::-1])[::-1]
    first = np.concatenate(([0], last[:-1] + 1))
    reached, found = reached[first], found[first]  # rows at or above each distinct score
    precision = np.divide(found, reached, out=np.zeros_like(found), where=reached > 0)
    p = float((w * truth).sum())
    hits = np.add.reduceat(w * truth, first)
    ap = float(precision @ hits) / p
    # Row j counts in the precision at every score up to its own.
    share = np.divide(hits, reached, out=np.zeros_like(hits), where=reached > 0)
    one, weighed = np.cumsum(share)[group], np.cumsum(share * precision)[group]
    moved = w * (truth * (precision[group] - ap) + np.where(truth, one, 0.0) - weighed) / p
    return _back(order, moved)


def of_calibration_error(view: BinaryView) -> Floats:
    """Return (n,) influences on the expected calibration error; the bins that lie above or below stay so."""
    from mlcheck.stats.metrics.binary.losses import bin_of

    found = view.losses
    sign = np.sign(found.positives - found.probability)
    p = view.probability
    values = sign[bin_of(p, view.parameters.bins)] * (view.truth - p)
    return of_mean(view, values)


def _by_score(view: BinaryView) -> tuple[np.ndarray[tuple[int], np.dtype[np.intp]], Floats, Floats]:
    """Return (order of ascending score, the score in that order, weights in that order)."""
    if view.n < 2:
        raise Undefined("a single row has no spread")
    order = np.argsort(view.score, kind="stable")
    w = np.ones(view.n) if view.weight is None else view.weight[order]
    return order, view.score[order].astype(np.float64), w


def _middle(weight: Floats, ends: Floats) -> Floats:
    """Return for each row the weight below its score, and half of that at it; `ends` are the ordered scores."""
    below = np.cumsum(weight) - weight
    first = np.concatenate(([0], np.flatnonzero(np.diff(ends)) + 1))
    size = np.diff(np.append(first, len(ends)))
    middle = below[first] + np.add.reduceat(weight, first) / 2
    repeated: Floats = np.repeat(middle, size)
    return repeated


def _back(order: np.ndarray[tuple[int], np.dtype[np.intp]], moved: Floats) -> Floats:
    out = np.empty_like(moved)
    out[order] = moved
    return out
