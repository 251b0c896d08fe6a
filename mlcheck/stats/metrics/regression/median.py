"""The median absolute error: what half of the predictions are off by at most."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from mlcheck.stats.intervals import two_sided_z
from mlcheck.stats.metrics import means
from mlcheck.stats.metrics.metric import Difference, Interval, Metric, Undefined, normal
from mlcheck.stats.metrics.resample import MOST_ROWS, row_counts

if TYPE_CHECKING:
    from mlcheck.model import Floats
    from mlcheck.stats.metrics.regression.view import RegressionView

RANK = 15


def median_ae(view: RegressionView) -> float:
    """Return the median of |predicted - true|, in units of the target; of several targets, the mean of theirs.

    With weights, the value at which half of the weight is reached, the mean of two where it is reached between them.
    """
    if view.n == 0:
        raise Undefined("there are no rows")
    return float(np.mean([_median(column, view.weight) for column in np.abs(view.error).T]))


def _median(values: Floats, weight: Floats | None) -> float:
    if weight is None:
        return float(np.median(values))
    order = np.argsort(values)
    order = order[weight[order] > 0]
    if len(order) == 0:
        raise Undefined("all weights are 0")
    reached = np.cumsum(weight[order])
    return float(_at_half(values[order], reached[None])[0])


def _at_half(ordered: Floats, reached: Floats) -> Floats:
    """Return (replicates,) the median of (m,) ordered values whose weights add up as in `reached` (replicates, m)."""
    half = reached[:, -1:] / 2
    at = (reached < half).sum(axis=1).clip(max=len(ordered) - 1)
    exact = np.take_along_axis(reached, at[:, None], axis=1) - half <= np.finfo(np.float64).eps
    # Values without weight do not count: the next one is the first at which the sum has grown.
    following = (reached <= np.take_along_axis(reached, at[:, None], axis=1)).sum(axis=1)
    following = following.clip(max=len(ordered) - 1)
    middle: Floats = np.where(exact[:, 0], (ordered[at] + ordered[following]) / 2, ordered[at])
    return middle


def _interval(view: RegressionView) -> Interval:
    """Return the interval between two order statistics, whatever the distribution; else by the normal law.

    The number of values below the median is binomial (Conover 1999, Practical nonparametric statistics, p. 143).
    """
    level = view.sampling.level
    if view.plain and len(view.targets) == 1 and view.n > 1:
        from scipy.special import bdtrik

        below = math.ceil(float(bdtrik((1 - level) / 2, view.n, 0.5)))
        if below >= 1:
            low, high = below - 1, view.n - below
            ordered = np.partition(np.abs(view.error[:, 0]), (low, high))
            return Interval(low=float(ordered[low]), high=float(ordered[high]), method="order statistics")
    if view.n <= MOST_ROWS:
        raise Undefined("the bootstrap is as good")
    sd = means.spread(influences(view), view.clusters)
    return normal(median_ae(view), sd, level, "normal, by the density at the median", bounds=(0.0, math.inf))


def influences(view: RegressionView) -> Floats:
    """Return (n,) what each row moves the metric by: w (1/2 - [value below the median]) / (sum(w) density).

    The density at the median is taken between the quantiles that a 95 % interval of it spans.
    """
    weight = np.ones(view.n) if view.weight is None else view.weight
    total = float(weight.sum())
    reach = two_sided_z(0.95) / 2 * math.sqrt(float(np.dot(weight, weight))) / total
    moved = np.zeros(view.n)
    for column in np.abs(view.error).T:
        order = np.argsort(column)
        shares = np.cumsum(weight[order]) / total
        at = np.searchsorted(shares, (0.5 - reach, 0.5, 0.5 + reach)).clip(max=view.n - 1)
        low, middle, high = column[order[at]]
        moved += weight * (0.5 - (column <= middle)) * (high - low) / (2 * reach) / total
    return moved / len(view.targets)


def _draws(view: RegressionView) -> Floats:
    means.check_units(view.n, view.clusters)
    if view.n > MOST_ROWS:
        raise Undefined(f"drawing more than {MOST_ROWS:,} rows costs too much")
    made = np.zeros(view.sampling.replicates)
    orders = [np.argsort(column) for column in np.abs(view.error).T]
    start = 0
    for block in row_counts(view.n, view.sampling):
        weighed = block if view.weight is None else block * view.weight
        for order, column in zip(orders, np.abs(view.error).T, strict=True):
            drawn = _at_half(column[order], np.cumsum(weighed[:, order], axis=1))
            made[start : start + len(block)] += drawn / len(view.targets)
        start += len(block)
    return made


def _test(a: RegressionView, b: RegressionView) -> Difference:
    if a.n <= MOST_ROWS:
        raise Undefined("the bootstrap is as good")
    moved = influences(a) - influences(b)
    return means.from_influences(median_ae(a), median_ae(b), moved, a.sampling, "paired normal")


METRICS: tuple[Metric, ...] = (
    Metric(
        name="median_ae",
        better="lower",
        value=median_ae,
        interval=_interval,
        draws=_draws,
        test=_test,
        high=math.inf,
        unit="target",
    ),
)
