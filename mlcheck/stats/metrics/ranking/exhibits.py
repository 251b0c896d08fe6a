"""What is shown of a ranking: what ties and missing queries do to it, its hardest queries, precision against recall."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from mlcheck.model import Line, Plot, Table
from mlcheck.stats.metrics.metric import Undefined
from mlcheck.stats.metrics.ranking.gains import ndcg_by_query
from mlcheck.stats.metrics.ranking.order import average_precision

if TYPE_CHECKING:
    from mlcheck.model import Exhibit, Floats
    from mlcheck.model.common import Scalar
    from mlcheck.stats.metrics.ranking.view import RankingView

MOST_QUERIES = 10
RECALLS = np.linspace(0.0, 1.0, 11)
SHOWN = 1e-4
"""A difference of metrics that four digits show."""
NAMED = 3
"""Queries named as examples."""


def exhibits(view: RankingView) -> tuple[Exhibit, ...]:
    """Return the table of gaps and ties where there are any, the hardest queries, and the precision-recall curve."""
    shown: list[Exhibit] = []
    try:
        shown += gaps_and_ties(view)
        shown += [hardest(view), precision_recall(view)]
    except Undefined:
        return tuple(shown)
    return tuple(shown)


def hardest(view: RankingView) -> Table:
    """Return the ten queries of lowest average precision, then lowest nDCG, then in order, that have relevant documents."""
    cutoff = view.cutoffs[-1]
    ap, ndcg = average_precision(view), ndcg_by_query(view, cutoff)
    some = np.flatnonzero(view.relevant > 0)
    worst = some[np.lexsort((some, ndcg[some], ap[some]))][:MOST_QUERIES]
    without = view.n - len(some)
    return Table(
        title="hardest queries",
        columns=(
            "query",
            "relevant",
            "retrieved",
            "relevant retrieved",
            "average precision",
            f"ndcg@{cutoff}",
        ),
        rows=tuple(
            (
                view.content.queries[q],
                int(view.relevant[q]),
                int(view.retrieved[q]),
                int(view.hits[q]),
                float(ap[q]),
                float(ndcg[q]),
            )
            for q in worst.tolist()
        ),
        detail=True,
        note=f"{without:,} queries have no relevant document and count 0, as in trec_eval" if without else "",
    )


def interpolated_precision(view: RankingView) -> Floats:
    """Return (11,): the mean over queries of the best precision at recall 0, 0.1, ... 1 or beyond.

    As trec_eval's iprec_at_recall: recall x of R relevant documents is reached at round(x R) of them; 0 where it never
    is. Manning, Raghavan & Schütze 2008, Introduction to information retrieval, section 8.4.
    """
    wanted = np.floor(RECALLS[:, None] * view.relevant + 0.5).astype(np.int64)
    wanted = np.maximum(wanted, 1)
    # Precision is within 0..1: two more for each query keep the running maximum, from the end, within its query.
    apart = 2.0 * (view.n - view.hit_query)
    best = np.maximum.accumulate((view.hit_number / view.hit_rank + apart)[::-1])[::-1] - apart
    reached = wanted <= view.hits
    place = np.where(reached, view.hit_starts[:-1] + wanted - 1, 0)
    values = np.where(reached, best[place] if len(best) else 0.0, 0.0)
    mean: Floats = values.mean(axis=1)
    return mean


def precision_recall(view: RankingView) -> Plot:
    """Return the interpolated precision at eleven levels of recall."""
    return Plot(
        title="precision at recall, interpolated",
        x_label="recall",
        y_label="precision",
        lines=(Line(label="mean over queries", x=RECALLS.copy(), y=interpolated_precision(view)),),
        x_range=(0.0, 1.0),
        y_range=(0.0, 1.0),
    )


def gaps_and_ties(view: RankingView) -> list[Table]:
    """Return a table of queries missing on either side and of tied documents; none where there are neither."""
    content = view.content
    tied = int(content.tied.sum())
    rows: list[tuple[Scalar, ...]] = []
    if content.missing:
        counted = "count 0" if content.missing[0] in content.queries else "left out"
        rows.append((f"judged queries not in the run, {counted}", len(content.missing)))
    if content.unjudged:
        rows.append(("queries of the run not judged, left out", len(content.unjudged)))
    notes = [
        f"{which}: {', '.join(names[:NAMED])}{' …' if len(names) > NAMED else ''}"
        for which, names in (("missing", content.missing), ("not judged", content.unjudged))
        if names
    ]
    if tied:
        rows.append(("documents tied with another of their query", tied))
        changed = _by_order_of_ties(view)
        rows += changed
        notes.append("ties are broken by descending document id, scores compared as float32, as in trec_eval")
        if not changed:
            notes.append("no other order of ties changes what is shown of the metrics")
    if not rows:
        return []
    return [Table(title="gaps and ties", columns=("what", "value"), rows=tuple(rows), note="; ".join(notes))]


def _by_order_of_ties(view: RankingView) -> list[tuple[Scalar, ...]]:
    """Return rows that say what the metrics are with ties in the worst and in the best order, where that matters."""
    cutoff = view.cutoffs[-1]
    worst, best = reordered(view, best=False), reordered(view, best=True)
    rows: list[tuple[Scalar, ...]] = []
    for name, each in ((f"ndcg@{cutoff}", lambda v: ndcg_by_query(v, cutoff)), ("map", average_precision)):
        low, high = (float(each(other).mean()) for other in (worst, best))
        if high - low >= SHOWN:
            rows += [(f"{name}, ties in the worst order", low), (f"{name}, ties in the best order", high)]
    return rows


def reordered(view: RankingView, *, best: bool) -> RankingView:
    """Return the view with tied documents by falling relevance (the best order) or by rising one (the worst)."""
    content = view.content
    n = len(content.score)
    begins = np.ones(n + 1, dtype=np.bool_)
    begins[1:n] = content.score[1:] != content.score[:-1]
    begins[content.starts] = True
    group = np.cumsum(begins[:n])
    places = np.flatnonzero(~(begins[:n] & begins[1:]))
    among = content.relevance[places]
    relevance = content.relevance.copy()
    relevance[places] = among[np.lexsort((-among if best else among, group[places]))]
    return replace(view, content=replace(content, relevance=relevance), kept={})
