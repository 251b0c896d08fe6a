"""A ranking as its metrics read it: where the relevant documents stand, and how many each query has.

Q is the number of queries, m that of relevant documents retrieved. Definitions are trec_eval's (usnistgov/trec_eval,
version 10): a query without relevant documents has 0 in all metrics and counts.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

from mlcheck.model.predictions import Ranking
from mlcheck.stats.metrics.metric import Undefined
from mlcheck.stats.metrics.parameters import USUAL_CUTOFFS

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from mlcheck.model import Floats
    from mlcheck.model.predictions import Bools, Predictions
    from mlcheck.stats.metrics.parameters import Parameters
    from mlcheck.stats.metrics.resample import Sampling

Rows: TypeAlias = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, eq=False)
class RankingView:
    """Queries with their documents in ranked order; a document of relevance `level` or more is relevant.

    `exponential` asks for gains of 2^grade - 1. `kept` holds values by query that several ask for.
    """

    content: Ranking
    sampling: Sampling
    cutoffs: tuple[int, ...]
    level: int = 1
    exponential: bool = False
    kept: dict[Hashable, Floats] = field(default_factory=dict, repr=False)

    @property
    def n(self) -> int:
        """The number of queries."""
        return len(self.content.queries)

    @property
    def plain(self) -> bool:
        """Whether queries are independent, as analytic intervals ask for."""
        return self.sampling.clusters is None and not self.sampling.forced

    @cached_property
    def retrieved(self) -> Rows:
        """How many documents each query has (Q,)."""
        return np.diff(self.content.starts)

    @cached_property
    def judged(self) -> Rows:
        """How many judgements each query has (Q,)."""
        return np.diff(self.content.judged_starts)

    @cached_property
    def relevant(self) -> Rows:
        """How many relevant documents each query has (Q,), retrieved or not; raises Undefined where none has any."""
        counts = per_query(self.content.judged >= self.level, self.content.judged_starts)
        if not counts.any():
            raise Undefined("no query has a relevant document" if self.n else "there are no queries")
        return counts

    @cached_property
    def hit_rows(self) -> Rows:
        """The relevant documents retrieved (m,), by their place among all documents."""
        return np.flatnonzero(self.content.relevance >= self.level)

    @cached_property
    def hit_starts(self) -> Rows:
        """Query q owns the hits hit_starts[q] .. hit_starts[q + 1], (Q + 1,)."""
        return np.searchsorted(self.hit_rows, self.content.starts)

    @cached_property
    def hits(self) -> Rows:
        """How many relevant documents each query has retrieved (Q,)."""
        return np.diff(self.hit_starts)

    @cached_property
    def hit_query(self) -> Rows:
        """The query of each hit (m,)."""
        return np.repeat(np.arange(self.n), self.hits)

    @cached_property
    def hit_rank(self) -> Rows:
        """The rank of each hit in its query (m,), from 1."""
        return self.hit_rows - self.content.starts[self.hit_query] + 1

    @cached_property
    def hit_number(self) -> Rows:
        """Which hit of its query each one is (m,), from 1."""
        return np.arange(len(self.hit_rows)) - self.hit_starts[self.hit_query] + 1

    def once(self, key: Hashable, made: Callable[[], Floats]) -> Floats:
        """Return what was made of this name before, else make it now."""
        if key not in self.kept:
            self.kept[key] = made()
        return self.kept[key]

    def hits_within(self, cutoff: int) -> Rows:
        """Return how many relevant documents each query has among its first `cutoff` (Q,)."""
        counts: Rows = np.bincount(self.hit_query[self.hit_rank <= cutoff], minlength=self.n)
        return counts

    def sum_by_query(self, values: Floats) -> Floats:
        """Return the sums (Q,) of what each hit (m,) adds, in ranked order."""
        return np.bincount(self.hit_query, values, minlength=self.n).astype(np.float64)


def per_query(marks: Bools, starts: Rows) -> Rows:
    """Return the number of marks (n,) between successive starts (Q + 1,)."""
    counts = np.concatenate(([0], np.cumsum(marks)))
    found: Rows = np.diff(counts[starts])
    return found


def view(predictions: Predictions, sampling: Sampling, parameters: Parameters) -> RankingView:
    """Return the view of a run; raises TypeError for predictions of another task."""
    content = predictions.content
    if not isinstance(content, Ranking):
        raise TypeError(f"expected a ranking, found {type(content).__name__}")
    cutoffs = parameters.cutoffs or USUAL_CUTOFFS["ranking"]
    return RankingView(
        content=content,
        sampling=sampling,
        cutoffs=tuple(sorted(set(cutoffs))),
        level=parameters.relevant_from,
        exponential=parameters.gain == "exponential",
    )
