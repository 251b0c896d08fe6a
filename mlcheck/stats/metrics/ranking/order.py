"""Metrics of where the relevant documents stand in the whole ranking."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from mlcheck.stats.metrics import means
from mlcheck.stats.metrics.metric import Interval, Metric, Undefined
from mlcheck.stats.metrics.ranking.by_query import drawn, mean_metric, plain
from mlcheck.stats.metrics.ranking.view import per_query

if TYPE_CHECKING:
    from mlcheck.model import Floats
    from mlcheck.stats.metrics.ranking.view import RankingView, Rows

RANK = 20
LEAST = 1e-5
"""What a query without any precision counts in the geometric mean, as in trec_eval (its MIN_GEO_MEAN)."""


def average_precision(view: RankingView) -> Floats:
    """Return the mean over queries of average precision: precision at each relevant document retrieved, averaged over
    all relevant documents; those never retrieved count 0. 0..1, higher is better.

    Buckley & Voorhees 2005, Retrieval system evaluation, in: TREC, section 3.2.1.
    """  # noqa: D205  (one sentence)
    return view.once(
        ("map",), lambda: shares(view.sum_by_query(view.hit_number / view.hit_rank), view.relevant)
    )


def reciprocal_rank(view: RankingView) -> Floats:
    """Return the mean over queries of 1 / rank of the first relevant document, 0 without one; 0..1, higher is better."""
    first = np.zeros(view.n)
    view.relevant  # noqa: B018  (raises where no query has any)
    found = view.hits > 0
    first[found] = 1 / view.hit_rank[view.hit_starts[:-1][found]]
    return first


def bpref(view: RankingView) -> Floats:
    """Return the mean over queries of bpref: how rarely judged non-relevant documents stand before relevant ones.

    (1 / R) sum over relevant documents retrieved of 1 - min(n, R) / min(N, R), where n of the N judged non-relevant
    documents stand before it; what is not judged is passed over. 0..1, higher is better. Buckley & Voorhees 2004,
    Retrieval evaluation with incomplete information, eq. 1, as trec_eval has it.
    """
    content, relevant = view.content, view.relevant
    others = per_query((content.judged >= 0) & (content.judged < view.level), content.judged_starts)
    refused = np.cumsum((content.relevance >= 0) & (content.relevance < view.level))
    before = np.concatenate(([0], refused))[content.starts[view.hit_query]]
    ahead: Rows = refused[view.hit_rows] - before
    most, least = relevant[view.hit_query], np.minimum(others, relevant)[view.hit_query]
    preferred = 1 - np.minimum(ahead, most) / np.maximum(least, 1)
    return shares(view.sum_by_query(preferred), relevant)


def r_precision(view: RankingView) -> Floats:
    """Return the mean over queries of precision at R, where R documents are relevant; 0..1, higher is better."""
    relevant = view.relevant
    within = view.hit_rank <= relevant[view.hit_query]
    return shares(view.sum_by_query(within.astype(np.float64)), relevant)


def shares(part: Floats | Rows, whole: Rows) -> Floats:
    """Return part / whole (Q,), 0 where the whole is 0."""
    return np.divide(part, whole, out=np.zeros(len(part)), where=whole > 0)


def gm_map(view: RankingView) -> float:
    """Return the geometric mean over queries of average precision, none below 0.00001; 0..1, higher is better.

    It tells how a run fares on its hardest queries (Robertson 2006, On GMAP and other transformations).
    """
    return math.exp(means.mean(_logarithms(view)))


def _logarithms(view: RankingView) -> Floats:
    return np.log(np.maximum(average_precision(view), LEAST))


def _gm_interval(view: RankingView) -> Interval:
    plain(view)
    values = _logarithms(view)
    if len(values) < 2:
        raise Undefined("a single query has no spread")
    made = means.skewed(values, view.sampling.level, (math.log(LEAST), 0.0))
    return Interval(low=math.exp(made.low), high=math.exp(made.high), method=f"{made.method}, of logarithms")


METRICS: tuple[Metric, ...] = (
    mean_metric("map", average_precision),
    mean_metric("mrr", reciprocal_rank),
    mean_metric("bpref", bpref),
    mean_metric("r_precision", r_precision),
    Metric(
        name="gm_map",
        better="higher",
        value=gm_map,
        interval=_gm_interval,
        draws=lambda view: np.exp(drawn(_logarithms(view), view)),
    ),
)
