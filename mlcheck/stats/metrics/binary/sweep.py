"""One sweep over sorted scores: what every threshold would flag, the area under the curves, the best F.

Kernels in NumPy alone, exact: they equal scikit-learn's `roc_auc_score`, `average_precision_score` and the best of
`precision_recall_curve`, at a small part of their time and memory, since nothing of the length of the data is made.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from mlcheck.stats.metrics.binary.groups import Counted, Groups

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mlcheck.stats.metrics.binary.keys import Segment


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Sums of weights (counts without weights) of both classes."""

    positive: float
    negative: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranks:
    """What a sweep finds: areas (NaN where a class is missing), the best F-beta and the lowest threshold that has it.

    `distinct` counts different scores.
    """

    auc: float
    average_precision: float
    best_f: float
    best_threshold: float
    distinct: int


def groups(found: Iterable[Segment], totals: Totals) -> Iterator[Groups]:
    """Yield the distinct scores of sorted rows, in pieces; `found` is what `walk` yields."""
    before: tuple[float, float] = (0, 0)
    pieces = iter(found)
    rows = next(pieces, None)
    while rows is not None:
        later = next(pieces, None)
        made = grouped(rows, before)
        before = before[0] + made.count[0], before[1] + made.count[1]
        if later is not None:
            made.after = totals.positive - before[0], totals.negative - before[1]
        yield made
        rows = later


def grouped(rows: Segment, before: tuple[float, float]) -> Groups:
    """Return the groups of one piece."""
    several = (rows.keys[0] ^ rows.keys[-1]) > 1
    return Counted(rows, before) if rows.weight is None and several else Groups(rows, before)


class Sums(Protocol):
    """Something added up over the pieces of a sweep."""

    def add(self, piece: Groups) -> None:
        """Take in the next piece."""
        ...


def sweep(found: Iterable[Segment], totals: Totals, *sums: Sums) -> None:
    """Show every piece of sorted rows to all `sums`, so that one passage over the data serves them all."""
    for piece in groups(found, totals):
        for one in sums:
            one.add(piece)


class RankSums:
    """The areas and the best F-beta.

    The area under the ROC curve is P(score of a positive > that of a negative) + P(equal) / 2 (Hanley & McNeil 1982).
    Average precision is the sum over thresholds of (R_k - R_k-1) P_k, steps without interpolation.
    """

    def __init__(self, totals: Totals, beta: float = 1.0) -> None:
        self._totals, self._square = totals, beta * beta
        self._twice_above: float = 0
        self._precision: list[float] = []
        self._best, self._threshold, self._distinct = -1.0, math.nan, 0

    def add(self, piece: Groups) -> None:
        """Take in the next piece."""
        self._distinct += piece.distinct
        rows, positive, right, flagged = piece.steps
        if not len(rows):
            return
        self._twice_above += piece.twice_above
        self._precision.append(float(np.dot(positive, right / flagged)))
        f = right / (self._square * self._totals.positive + flagged)
        at = int(np.argmax(f))
        if f[at] > self._best:
            self._best, self._threshold = float(f[at]), piece.score_at(int(rows[at]))

    @property
    def result(self) -> Ranks:
        """What the pieces make together."""
        positive = self._totals.positive
        pairs = positive * self._totals.negative
        return Ranks(
            auc=self._twice_above / (2 * pairs) if pairs > 0 else math.nan,
            average_precision=math.fsum(self._precision) / positive if pairs > 0 else math.nan,
            best_f=(1 + self._square) * self._best if positive else math.nan,
            best_threshold=self._threshold if positive else math.nan,
            distinct=self._distinct,
        )


class LiftSums:
    """The positives among the highest `share` of the rows; rows of one score are taken in proportion."""

    def __init__(self, totals: Totals, share: float) -> None:
        self._totals, self._share, self._found = totals, share, 0.0

    def add(self, piece: Groups) -> None:
        """Take in the next piece."""
        size = piece.positive + piece.negative
        left = self._share * (self._totals.positive + self._totals.negative) + size
        left = left - np.sum(piece.at_or_above, axis=0)
        taken = np.divide(np.clip(left, 0, size), size, out=np.zeros(len(size)), where=size > 0)
        self._found += float(np.dot(piece.positive, taken))

    @property
    def result(self) -> float:
        """Share of positives among those highest, over that among all."""
        return self._found / (self._share * self._totals.positive)
