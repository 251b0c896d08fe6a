"""One sweep over sorted scores: what every threshold would flag, the area under the curves, the best F.

Kernels in NumPy alone, exact: they equal scikit-learn's `roc_auc_score`, `average_precision_score` and the best of
`precision_recall_curve`, at a small part of their time and memory, since nothing of the length of the data is made.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from mlcheck.stats.metrics.binary.keys import Segment, decode, same_score

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mlcheck.model import Floats
    from mlcheck.stats.metrics.binary.keys import Keys


Places: TypeAlias = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Sums of weights (counts without weights) of both classes."""

    positive: float
    negative: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Groups:
    """Distinct scores in ascending order: weights (g,) of the positives and negatives that have each, and of those
    with a lower one (integers where rows have no weights). `after` are the weights of both in higher pieces.
    """  # noqa: D205  (one sentence)

    rows: Segment
    starts: Places
    positive: npt.NDArray[Any]
    negative: npt.NDArray[Any]
    positive_below: npt.NDArray[Any]
    negative_below: npt.NDArray[Any]
    after: tuple[float, float]

    def at_or_above(self) -> tuple[Floats, Floats]:
        """Return (g,) weights of positives and of negatives with each score or a higher one.

        They are added from the top, where they are small: the total less what is below would lose their digits.
        """
        positive, negative = (
            np.cumsum(x[::-1])[::-1] + beyond
            for x, beyond in zip((self.positive, self.negative), self.after, strict=True)
        )
        return positive, negative

    def score_at(self, place: int) -> float:
        """Return one of the distinct scores."""
        one = self.starts[place]
        return float(decode(self.rows.keys[one : one + 1], negative=self.rows.negative)[0])

    def scores_at(self, places: npt.NDArray[np.intp]) -> Floats:
        """Return some of the distinct scores."""
        return decode(self.rows.keys[self.starts[places]], negative=self.rows.negative)


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
    below: tuple[float, float] = (0, 0)
    pieces = iter(found)
    rows = next(pieces, None)
    while rows is not None:
        later = next(pieces, None)
        made = _grouped(rows, below, totals if later is not None else None)
        below = (
            (made.positive_below[-1] + made.positive[-1]).item(),
            (made.negative_below[-1] + made.negative[-1]).item(),
        )
        yield made
        rows = later


def _grouped(rows: Segment, below: tuple[float, float], totals: Totals | None) -> Groups:
    """Return the groups of a piece; `totals` is None for the last one."""
    keys = rows.keys
    if (keys[0] ^ keys[-1]) <= 1:  # one score only, perhaps on very many rows
        starts = np.zeros(1, dtype=np.int64)
    else:
        starts = np.concatenate([[0], np.flatnonzero(~same_score(keys)) + 1])
    positive, negative = (
        _counted(keys, starts) if rows.weight is None else _weighed(rows, rows.weight, starts)
    )
    positive_below, negative_below = _exclusive(positive) + below[0], _exclusive(negative) + below[1]
    after: tuple[float, float] = (0, 0)
    if totals is not None:
        after = (
            totals.positive - (positive_below[-1] + positive[-1]).item(),
            totals.negative - (negative_below[-1] + negative[-1]).item(),
        )
    return Groups(
        rows=rows,
        starts=starts,
        positive=positive,
        negative=negative,
        positive_below=positive_below,
        negative_below=negative_below,
        after=after,
    )


def _counted(keys: Keys, starts: Places) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    sizes = np.diff(starts, append=len(keys))
    if len(starts) == 1:
        positive = np.searchsorted(keys, keys[0] | 1) if not keys[0] & 1 else 0
        return np.array([positive]), sizes - positive
    label = (keys & 1).view(np.int32 if keys.dtype == np.uint32 else np.int64)
    if len(starts) == len(keys):
        return 1 - label, label
    negative = np.add.reduceat(label, starts, dtype=np.int64)
    return sizes - negative, negative


def _weighed(rows: Segment, weight: Floats, starts: Places) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    of_negatives = weight * (rows.keys & 1)
    return np.add.reduceat(weight - of_negatives, starts), np.add.reduceat(of_negatives, starts)


def _exclusive(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return the sums of all values before each."""
    sums: npt.NDArray[Any] = np.cumsum(values)
    sums -= values
    return sums


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
        self._twice_above += np.dot(piece.positive, 2 * piece.negative_below + piece.negative).item()
        right, flagged = piece.at_or_above()
        flagged = flagged + right
        share = np.divide(right, flagged, out=np.zeros(len(right)), where=flagged > 0)
        self._precision.append(float(np.dot(piece.positive, share)))
        f = right / (self._square * self._totals.positive + flagged)
        at = int(np.argmax(f))
        if f[at] > self._best:
            self._best, self._threshold = float(f[at]), piece.score_at(at)
        self._distinct += len(piece.starts)

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
        left = left - np.sum(piece.at_or_above(), axis=0)
        taken = np.divide(np.clip(left, 0, size), size, out=np.zeros(len(size)), where=size > 0)
        self._found += float(np.dot(piece.positive, taken))

    @property
    def result(self) -> float:
        """Share of positives among those highest, over that among all."""
        return self._found / (self._share * self._totals.positive)
