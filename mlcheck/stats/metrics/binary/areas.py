"""Statistics of score groups, many samples at once: what resampled rows say of a ranking.

`positive` and `negative` are (b, g): the weight of each class in each of g groups of equal scores, ascending, in each
of b samples. Results are (b,), NaN in samples where a class is missing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from mlcheck.model import Floats


def auc(positive: Floats, negative: Floats) -> Floats:
    """Return the area under the ROC curve, equal scores counting half."""
    below = np.cumsum(negative, axis=1) - negative / 2
    return _ratio((positive * below).sum(axis=1), positive.sum(axis=1) * negative.sum(axis=1))


def average_precision(positive: Floats, negative: Floats) -> Floats:
    """Return the sum over thresholds of the step in recall times the precision."""
    right = above(positive)
    flagged = right + above(negative)
    precision = np.divide(right, flagged, out=np.zeros_like(right), where=flagged > 0)
    one_class = (positive.sum(axis=1) <= 0) | (negative.sum(axis=1) <= 0)
    result = _ratio((positive * precision).sum(axis=1), positive.sum(axis=1))
    result[one_class] = np.nan
    return result


def lift(positive: Floats, negative: Floats, share: float) -> Floats:
    """Return the share of positives among the highest `share` of the weight, over their share among all."""
    size = positive + negative
    total = size.sum(axis=1, keepdims=True)
    left = share * total - (above(size) - size)
    taken = np.divide(np.clip(left, 0, size), size, out=np.zeros_like(size), where=size > 0)
    return _ratio((positive * taken).sum(axis=1), share * positive.sum(axis=1))


def above(values: Floats) -> Floats:
    """Return the sums from each group to the last."""
    sums: Floats = np.cumsum(values[:, ::-1], axis=1)[:, ::-1]
    return sums


def _ratio(top: Floats, bottom: Floats) -> Floats:
    ratio: Floats = np.divide(top, bottom, out=np.full(len(top), np.nan), where=bottom > 0)
    return ratio
