"""Metrics of the first K documents of each query, whatever stands behind them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlcheck.stats.metrics.parameters import USUAL_CUTOFFS
from mlcheck.stats.metrics.ranking.by_query import mean_metric
from mlcheck.stats.metrics.ranking.order import shares

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlcheck.model import Floats
    from mlcheck.stats.metrics.metric import Metric
    from mlcheck.stats.metrics.ranking.view import RankingView

RANK = 30


def precision(view: RankingView, cutoff: int) -> Floats:
    """Return the mean over queries of the share of relevant documents among the first K; 0..1, higher is better.

    A query with fewer than K documents is divided by K nevertheless.
    """
    view.relevant  # noqa: B018  (raises where no query has any)
    return view.hits_within(cutoff) / cutoff


def recall(view: RankingView, cutoff: int) -> Floats:
    """Return the mean over queries of the share of the relevant documents that stand among the first K; 0..1."""
    return shares(view.hits_within(cutoff), view.relevant)


def success(view: RankingView, cutoff: int) -> Floats:
    """Return the share of queries with a relevant document among the first K; 0..1, higher is better."""
    view.relevant  # noqa: B018  (raises where no query has any)
    return (view.hits_within(cutoff) > 0).astype(np.float64)


def judged(view: RankingView, cutoff: int) -> Floats:
    """Return the mean over queries of the share of judged documents among the first K, of those there are; 0..1.

    The lower it is, the less the other metrics say: what nobody judged counts as not relevant. A query without
    documents counts 0.
    """
    there = np.minimum(view.retrieved, cutoff)
    first = view.content.starts[:-1]
    seen = np.concatenate(([0], np.cumsum(view.content.relevance >= 0)))
    return shares(seen[first + there] - seen[first], there)


FAMILIES: tuple[tuple[str, Callable[[RankingView, int], Floats]], ...] = (
    ("precision", precision),
    ("recall", recall),
    ("success", success),
    ("judged", judged),
)


def at(name: str, each: Callable[[RankingView, int], Floats], cutoff: int) -> Metric:
    """Return the metric `name@cutoff`."""

    def by_query(view: RankingView) -> Floats:
        return view.once((name, cutoff), lambda: each(view, cutoff))

    by_query.__doc__ = each.__doc__
    return mean_metric(f"{name}@{cutoff}", by_query)


def metrics_of(view: RankingView) -> tuple[Metric, ...]:
    """Return precision, recall, success and the share of judged documents at each cutoff."""
    return _at_each(view.cutoffs)


def _at_each(cutoffs: tuple[int, ...]) -> tuple[Metric, ...]:
    return tuple(at(name, each, cutoff) for name, each in FAMILIES for cutoff in cutoffs)


METRICS = _at_each(USUAL_CUTOFFS["ranking"])
