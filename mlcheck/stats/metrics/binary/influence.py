"""How much each row moves a metric: its spread, and that of a paired difference, on any number of rows.

The influence of a row is the derivative of the metric to the row's weight, times that weight; influences add to zero,
and the variance of the metric is the sum of their squares, those of a cluster added first (the infinitesimal
jackknife: Jaeckel 1972; Davison & Hinkley 1997, section 2.7). For the AUC these are DeLong's structural components.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from mlcheck.stats.intervals import two_sided_p, two_sided_z
from mlcheck.stats.metrics.metric import Difference, Undefined

if TYPE_CHECKING:
    from mlcheck.model import Floats
    from mlcheck.stats.metrics.binary.rows import BinaryView


def auc(view: BinaryView) -> Floats:
    """Return (n,): how far a row's placement lies from the AUC, by the weight of its class."""
    positive, negative = view.ordered_groups
    value, totals = view.ranks.auc, view.totals
    wins = (np.cumsum(negative) - negative / 2) / totals.negative
    losses = (np.cumsum(positive) - positive / 2) / totals.positive
    return _by_row(view, (wins - value) / totals.positive, (1 - losses - value) / totals.negative)


def average_precision(view: BinaryView) -> Floats:
    """Return (n,): a positive adds its own precision; every row changes the precision at the scores not above its own."""
    positive, negative = view.ordered_groups
    total = view.totals.positive
    right = np.cumsum(positive[::-1])[::-1]
    flagged = np.cumsum((positive + negative)[::-1])[::-1]
    precision = np.divide(right, flagged, out=np.zeros_like(right), where=flagged > 0)
    each = np.divide(positive, flagged, out=np.zeros_like(right), where=flagged > 0) / total
    gain, loss = np.cumsum(each * (1 - precision)), np.cumsum(each * precision)
    own = (precision - view.ranks.average_precision) / total
    return _by_row(view, own + gain, -loss)


def lift(view: BinaryView, share: float = 0.1) -> Floats:
    """Return (n,): by the share of positives near the score that bounds the highest `share` of the rows.

    A row above the bound moves it past its neighbours, so that it adds what it has more than they have.
    """
    positive, negative = view.ordered_groups
    size = positive + negative
    total, of_positives = size.sum(), view.totals.positive
    left = share * total - (np.cumsum(size[::-1])[::-1] - size)
    taken = np.divide(np.clip(left, 0, size), size, out=np.zeros_like(size), where=size > 0)
    found = float((positive * taken).sum())
    near = _near(positive, size, float(share * total))
    scale = share * of_positives
    lost = near * share - found / of_positives
    return _by_row(view, (taken * (1 - near) + lost) / scale, (near * share - taken * near) / scale)


def _near(positive: Floats, size: Floats, bound: float, width: float = 0.1) -> float:
    """Return the share of positives among the rows within `width` of those flagged, on both sides of the bound."""
    flagged = np.cumsum(size[::-1])[::-1]
    first = len(size) - int(np.searchsorted(flagged[::-1], bound * (1 + width)))
    last = len(size) - int(np.searchsorted(flagged[::-1], bound * (1 - width)))
    rows = slice(max(0, first - 1), max(last, first) + 1)
    return float(positive[rows].sum() / size[rows].sum())


def _by_row(view: BinaryView, positive: Floats, negative: Floats) -> Floats:
    order, starts = view.ordered
    sizes = np.diff(starts, append=view.n)
    influence = np.empty(view.n)
    influence[order] = np.where(view.truth[order], np.repeat(positive, sizes), np.repeat(negative, sizes))
    if view.weight is not None:
        influence *= view.weight
    return influence


def deviation(influence: Floats, view: BinaryView) -> float:
    """Return the standard deviation of the metric whose influences (n,) these are.

    Plain rows are taken class by class, each with its own degrees of freedom, which makes it DeLong's for the AUC.
    """
    if view.plain:
        parts = (influence[view.truth], influence[~view.truth])
        return math.sqrt(sum(float(np.dot(x, x)) * len(x) / (len(x) - 1) for x in parts if len(x) > 1))
    clusters = view.sampling.clusters
    by_unit = influence if clusters is None else np.bincount(clusters, influence)
    if len(by_unit) < 2:
        raise Undefined("there is one cluster only")
    return math.sqrt(float(np.dot(by_unit, by_unit)) * len(by_unit) / (len(by_unit) - 1))


def told(view: BinaryView) -> str:
    """Return what a report says of an interval made this way."""
    by = f", clusters by {view.sampling.cluster_name}" if view.sampling.clusters is not None else ""
    return f"normal, by the influence of each row{by}"


def paired(a: float, b: float, difference: Floats, view: BinaryView, method: str) -> Difference:
    """Return the normal test of two models on the same rows from the differences (n,) of their influences."""
    spread = deviation(difference, view)
    gap = a - b
    if spread == 0:
        if gap:
            raise Undefined("the spread of the difference cannot be estimated")
        return Difference(a=a, b=b, difference=0.0, low=0.0, high=0.0, p_value=1.0, method=method)
    half = two_sided_z(view.sampling.level) * spread
    p_value = two_sided_p(gap / spread)
    return Difference(
        a=a, b=b, difference=gap, low=gap - half, high=gap + half, p_value=p_value, method=method
    )
