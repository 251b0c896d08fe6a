"""Normalised discounted cumulative gain (Järvelin & Kekäläinen 2002, ACM Trans. Inf. Syst. 20, p. 422)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlcheck.stats.metrics.metric import Undefined
from mlcheck.stats.metrics.parameters import USUAL_CUTOFFS
from mlcheck.stats.metrics.ranking.by_query import mean_metric

if TYPE_CHECKING:
    import numpy.typing as npt

    from mlcheck.model import Floats
    from mlcheck.stats.metrics.metric import Metric
    from mlcheck.stats.metrics.ranking.view import RankingView, Rows

RANK = 10
MOST_EXPONENT = 1000
"""Grades up to which 2^grade is a number."""


def gain(grades: npt.NDArray[np.int32], *, exponential: bool) -> Floats:
    """Return the gain of graded documents (n,): the grade itself, or 2^grade - 1; 0 below grade 1."""
    positive = np.maximum(grades, 0)
    if not exponential:
        return positive.astype(np.float64)
    if positive.max(initial=0) > MOST_EXPONENT:
        raise Undefined(f"2^{positive.max()} is no number: the gain must be linear")
    return np.exp2(positive.astype(np.float64)) - 1


def ndcg_by_query(view: RankingView, cutoff: int | None = None) -> Floats:
    """Return, averaged over queries, the discounted gain of the ranking over that of the ideal one; 0..1.

    DCG = sum over ranks r (up to the cutoff) of gain / log2(r + 1); the ideal ranking holds all judged documents by
    falling grade, retrieved or not. The gain is the grade, as in trec_eval (2^grade - 1 only if asked for), whatever
    grade is relevant. 0 for a query without a grade above 0.
    """
    content = view.content
    if not (content.judged > 0).any():
        raise Undefined("no query has a document of a grade above 0")
    reached = _discounted(content.relevance, content.starts, view, cutoff)
    ideal = _discounted(content.judged, content.judged_starts, view, cutoff)
    return np.divide(reached, ideal, out=np.zeros_like(ideal), where=ideal > 0)


def _discounted(grades: npt.NDArray[np.int32], starts: Rows, view: RankingView, cutoff: int | None) -> Floats:
    """Return the discounted gain (Q,) of grades that stand in ranked order, query after query."""
    rows = np.flatnonzero(grades > 0)
    bounds = np.searchsorted(rows, starts)
    query = np.repeat(np.arange(view.n), np.diff(bounds))
    rank = rows - starts[query] + 1
    if cutoff is not None:
        kept = rank <= cutoff
        rows, query, rank = rows[kept], query[kept], rank[kept]
    discounted = gain(grades[rows], exponential=view.exponential) / np.log2(rank + 1)
    return np.bincount(query, discounted, minlength=view.n).astype(np.float64)


def ndcg(cutoff: int | None) -> Metric:
    """Return the metric ndcg@K, or ndcg of the whole ranking."""

    def each(view: RankingView) -> Floats:
        return view.once(("ndcg", cutoff), lambda: ndcg_by_query(view, cutoff))

    each.__doc__ = ndcg_by_query.__doc__
    return mean_metric("ndcg" if cutoff is None else f"ndcg@{cutoff}", each)


def metrics_of(view: RankingView) -> tuple[Metric, ...]:
    """Return ndcg at the largest cutoff first, then at the others, then of the whole ranking."""
    return _at_each(view.cutoffs)


def _at_each(cutoffs: tuple[int, ...]) -> tuple[Metric, ...]:
    return (*(ndcg(cutoff) for cutoff in cutoffs[::-1]), ndcg(None))


METRICS = _at_each(USUAL_CUTOFFS["ranking"])
