"""Sorted rows as groups of equal scores, a piece at a time: what a sweep over thresholds adds up.

Weighted rows are added up group by group. Rows without weights are counted by their places in the order instead, which
leaves little to do where scores are distinct: what lies below the k-th positive, at place i, are i - k negatives. Where
most rows share their score it is the groups that are few.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from mlcheck.stats.metrics.binary.keys import decode, same_score
from mlcheck.stats.metrics.binary.packed import Packed, Ties

if TYPE_CHECKING:
    from mlcheck.model import Floats
    from mlcheck.stats.metrics.binary.keys import Keys, Segment
    from mlcheck.stats.metrics.binary.packed import Moments

Array: TypeAlias = npt.NDArray[Any]
Places: TypeAlias = npt.NDArray[np.int64]


class Groups:
    """Distinct scores of sorted rows in ascending order. `before` and `after` are the weights (counts) of positives and
    of negatives in the pieces below and above. All numbers are integers where rows have no weights.
    """  # noqa: D205  (one sentence)

    def __init__(self, rows: Segment, before: tuple[float, float]) -> None:
        self.rows, self.before = rows, before
        self.after: tuple[float, float] = (0, 0)

    @cached_property
    def starts(self) -> Places:
        """Where scores begin among the rows, (g,)."""
        keys = self.rows.keys
        if (keys[0] ^ keys[-1]) <= 1:  # one score only, perhaps on very many rows
            return np.zeros(1, dtype=np.int64)
        return np.concatenate([[0], np.flatnonzero(~same_score(keys)) + 1])

    @cached_property
    def _classes(self) -> tuple[Array, Array]:
        weight, starts = self.rows.weight, self.starts
        if weight is None:
            return _one_score(self.rows.keys)
        of_negatives = weight * (self.rows.keys & 1)
        return np.add.reduceat(weight - of_negatives, starts), np.add.reduceat(of_negatives, starts)

    @property
    def positive(self) -> Array:
        """Weights of the positives that have each score, (g,)."""
        return self._classes[0]

    @property
    def negative(self) -> Array:
        """Weights of the negatives that have each score, (g,)."""
        return self._classes[1]

    @cached_property
    def count(self) -> tuple[float, float]:
        """Weights of positives and negatives of the piece."""
        return self.positive.sum().item(), self.negative.sum().item()

    @property
    def distinct(self) -> int:
        """How many scores there are."""
        return len(self.starts)

    @cached_property
    def below(self) -> tuple[Array, Array]:
        """Weights of positives and of negatives with a lower score, (g,) each."""
        positive, negative = (np.cumsum(x) - x for x in self._classes)
        return positive + self.before[0], negative + self.before[1]

    @cached_property
    def at_or_above(self) -> tuple[Array, Array]:
        """Weights of positives and of negatives with each score or a higher one, (g,) each.

        Weights are added from the top, where they are small: the total less what is below would lose their digits.
        """
        positive, negative = (np.cumsum(x[::-1])[::-1] for x in self._classes)
        return positive + self.after[0], negative + self.after[1]

    @property
    def steps(self) -> tuple[Array, Array, Array, Array]:
        """The scores that a positive has, (s,) each: the row where each begins, the weight of its positives, and the
        weights of positives and of all rows with that score or a higher one.
        """  # noqa: D205  (one sentence)
        places = np.flatnonzero(self.positive)
        right, wrong = (x[places] for x in self.at_or_above)
        return self.starts[places], self.positive[places], right, right + wrong

    @property
    def twice_above(self) -> float:
        """Twice the weight of pairs of a positive and a lower negative, or one of the same score counting half."""
        return float(np.dot(self.positive, 2 * self.below[1] + self.negative))

    def moments(self, centres: tuple[float, float]) -> Moments:
        """Return sums over placements: of their distances from a centre and of their squares, for both classes.

        A placement is how many negatives a positive beats, or how many positives beat a negative; equal scores count
        half.
        """
        above = self.at_or_above[0] - 0.5 * self.positive
        return (
            _moments(self.below[1] + 0.5 * self.negative - centres[0], self.positive),
            _moments(above - centres[1], self.negative),
        )

    def score_at(self, row: int) -> float:
        """Return the score of one row."""
        return float(self.scores_at(np.array([row]))[0])

    def scores_at(self, rows: npt.NDArray[np.intp]) -> Floats:
        """Return the scores of some rows."""
        return decode(self.rows.keys[rows], negative=self.rows.negative)


def _moments(off: Array, count: Array) -> tuple[float, float]:
    times = off * count
    return float(times.sum()), float(np.dot(off, times))


def _one_score(keys: Keys) -> tuple[Array, Array]:
    positive = int(np.searchsorted(keys, keys[0] | 1)) if not keys[0] & 1 else 0
    return np.array([positive]), np.array([len(keys) - positive])


class Counted(Groups):
    """Rows without weights, of two scores at least."""

    @cached_property
    def _change(self) -> Array:
        """0 where a key repeats the one before, 1 where only the class differs, more where the score does."""
        return self.rows.keys[1:] ^ self.rows.keys[:-1]

    @cached_property
    def _of_negatives(self) -> npt.NDArray[np.bool_]:
        return (self.rows.keys.astype(np.uint8) & 1).view(np.bool_)

    @cached_property
    def _positives(self) -> npt.NDArray[np.intp]:
        return np.flatnonzero(~self._of_negatives)

    @cached_property
    def starts(self) -> Places:
        """Where scores begin among the rows, (g,)."""
        return np.concatenate([[0], np.flatnonzero(self._change > 1) + 1])

    @cached_property
    def count(self) -> tuple[float, float]:
        """Positives and negatives of the piece."""
        negatives = int(np.count_nonzero(self._of_negatives))
        return len(self.rows.keys) - negatives, negatives

    @cached_property
    def distinct(self) -> int:
        """How many scores there are."""
        return 1 + int(np.count_nonzero(self._change > 1))

    @property
    def _tied(self) -> bool:
        return 4 * self.distinct <= len(self.rows.keys)

    @cached_property
    def _classes(self) -> tuple[Array, Array]:
        upto: Array = np.cumsum(self._of_negatives)
        lower = upto[self.starts] - self._of_negatives[self.starts]
        negative = np.diff(lower, append=upto[-1])
        return np.diff(self.starts, append=len(upto)) - negative, negative

    @property
    def steps(self) -> tuple[Array, Array, Array, Array]:
        """The scores that a positive has; positives stand first among equals, so that each begins with one."""
        if self._tied:
            return super().steps
        at = self._positives
        rank = np.arange(len(at))
        if len(at) and np.count_nonzero(self._change) < len(self._change):
            first = self._change[at[1:] - 1] != 0
            rank = np.concatenate([[0], np.flatnonzero(first) + 1])
            at = at[rank]
        positive = np.diff(rank, append=len(self._positives))
        right = self.after[0] + len(self._positives) - rank
        return at, positive, right, sum(self.after) + len(self.rows.keys) - at

    @cached_property
    def _mixed(self) -> Ties:
        at = np.flatnonzero(self._change == 1)
        positive, negative = np.ones_like(at), np.ones_like(at)
        before = np.flatnonzero(self._change[np.maximum(at - 1, 0)] == 0)
        after = np.flatnonzero(self._change[np.minimum(at + 1, len(self._change) - 1)] == 0)
        if len(before) or len(after):
            repeats = np.flatnonzero(self._change == 0)
            fresh = np.diff(repeats, prepend=-2) != 1
            run = np.cumsum(fresh) - 1
            length = np.bincount(run)
            positive[before] += length[run[np.searchsorted(repeats, at[before]) - 1]]
            negative[after] += length[run[np.searchsorted(repeats, at[after])]]
        return Ties(at=at + 1, positive=positive, negative=negative)

    @cached_property
    def _packed(self) -> Packed:
        return Packed(self._of_negatives, self._mixed)

    @property
    def twice_above(self) -> float:
        """Twice the pairs of a positive and a lower negative, or one of the same score counting half."""
        if self._tied:
            return super().twice_above
        return self._packed.twice_above(self.before[1])

    def moments(self, centres: tuple[float, float]) -> Moments:
        """Return sums over placements: of their distances from a centre and of their squares, for both classes."""
        if self._tied:
            return super().moments(centres)
        return self._packed.moments(self.before[1], self.after[0], centres)
