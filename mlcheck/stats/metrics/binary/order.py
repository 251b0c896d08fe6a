"""The classes of rows in the order of their scores, without the scores: half the sorting where only the order is asked.

A score of 64 bits is placed on a line of 2**31 points, which keeps the order, and sorted with its class as 32 bits. Two
scores may fall on one point. Where these are of one class, nothing is lost. The few rows on points that both classes
share are found again and put in order by the scores themselves, so that the result is exact.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mlcheck.stats.metrics.binary.keys import CHUNK
from mlcheck.stats.metrics.binary.packed import Packed, Ties

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from mlcheck.model.predictions import Bools, Reals

POINTS = 2**31
FEWEST, MOST = 1 << 17, 1 << 22
"""Rows for which this pays: fewer sort fast as they are, and of more too many would share a point."""
SAMPLE = 4096
"""Rows looked at first: where two in some of them share a point, so do too many of all."""
MOST_SHARED = 1 << 12
"""Points shared by both classes up to which the rows on them are looked for."""
BUCKETS = 1 << 16
PIECE = 8 * CHUNK
"""Rows added up at once; their bytes are as many as the rows of a chunk."""


@dataclass(frozen=True, slots=True)
class Line:
    """Where scores stand: the lowest at point 0, the highest at POINTS - 1."""

    low: float
    scale: float

    def keys(self, score: Reals, truth: Bools) -> npt.NDArray[np.uint32]:
        """Return twice the point of each score, one more for a negative, (n,)."""
        made = np.empty(len(score), dtype=np.uint32)
        place = np.empty(min(CHUNK, len(score)))
        for start in range(0, len(score), CHUNK):
            rows = slice(start, min(start + CHUNK, len(score)))
            on_line = np.subtract(score[rows], self.low, out=place[: rows.stop - start])
            on_line *= self.scale
            keys = made[rows]
            np.copyto(keys.view(np.int32), on_line, casting="unsafe")
            np.left_shift(keys, np.uint32(1), out=keys)
            keys |= np.logical_not(truth[rows]).view(np.uint8)
        return made


@dataclass(frozen=True, slots=True)
class Ordered:
    """Classes (n,) of rows in ascending order of their score, True for a negative, and the scores both classes have."""

    of_negatives: Bools
    ties: Ties

    def pieces(self, positives: int) -> Iterator[tuple[Packed, int, int]]:
        """Yield rows from the lowest score up, some at a time, with the negatives below and the positives above them.

        `positives` are all there are.
        """
        below, above = 0, positives
        for start in range(0, len(self.of_negatives), PIECE):
            inside = slice(*np.searchsorted(self.ties.at, (start, start + PIECE)))
            ties = Ties(
                at=self.ties.at[inside] - start,
                positive=self.ties.positive[inside],
                negative=self.ties.negative[inside],
            )
            made = Packed(self.of_negatives[start : start + PIECE], ties)
            positive, negative = made.count
            above -= positive
            yield made, below, above
            below += negative


def order(score: Reals, truth: Bools) -> Ordered | None:
    """Return the classes of the rows in the order of `score` (n,), float64 without NaN; None where it does not pay."""
    if score.dtype != np.float64 or not FEWEST <= len(score) <= MOST:
        return None
    line = _line(score)
    if line is None or _crowded(line, score, truth):
        return None
    keys = line.keys(score, truth)
    found = np.sort(keys)
    first_negative = _shared(found)
    if len(first_negative) > MOST_SHARED:
        return None
    of_negatives = np.bitwise_and(found.astype(np.uint8), 1).view(np.bool_)
    if not len(first_negative):
        return Ordered(
            of_negatives, Ties(at=first_negative, positive=first_negative, negative=first_negative)
        )
    points = found[first_negative] >> np.uint32(1)
    rows = _rows_on(keys, points)
    rows = rows[np.lexsort((~truth[rows], score[rows]))]
    places = _places(found, points)
    of_negatives[places] = ~truth[rows]
    return Ordered(of_negatives, _ties(score[rows], truth[rows], places))


def _line(score: Reals) -> Line | None:
    low, high = float(score.min()), float(score.max())
    width = high - low
    if not 0 < width < math.inf or not math.isfinite((POINTS - 1) / width):
        return None
    return Line(low, (POINTS - 1) / width)


def _crowded(line: Line, score: Reals, truth: Bools) -> bool:
    some = slice(None, None, len(score) // SAMPLE)
    points = np.sort(line.keys(score[some], truth[some])) >> 1
    return int(np.count_nonzero(points[1:] == points[:-1])) > 2


def _shared(found: npt.NDArray[np.uint32]) -> npt.NDArray[np.intp]:
    """Return the places of the first negatives on points that both classes share."""
    parts = []
    for start in range(0, len(found), CHUNK):
        some = found[start : start + CHUNK + 1]
        parts.append(np.flatnonzero((some[1:] ^ some[:-1]) == 1) + (start + 1))
    return np.concatenate(parts)


def _rows_on(keys: npt.NDArray[np.uint32], points: npt.NDArray[np.uint32]) -> npt.NDArray[np.intp]:
    """Return the rows on some points, ascending: found by the last bits of their keys first, which a table knows."""
    wanted = np.zeros(BUCKETS, dtype=bool)
    last = (points << 1).astype(np.uint16)
    wanted[last] = wanted[last | 1] = True
    parts = []
    for start in range(0, len(keys), CHUNK):
        some = keys[start : start + CHUNK]
        likely = np.flatnonzero(wanted.take(some.astype(np.uint16)))
        at = some[likely] >> 1
        near = points.take(np.searchsorted(points, at), mode="clip")
        parts.append(likely[near == at] + start)
    return np.concatenate(parts)


def _places(found: npt.NDArray[np.uint32], points: npt.NDArray[np.uint32]) -> npt.NDArray[np.intp]:
    """Return the places of the rows on some ascending points among the sorted keys."""
    begins = np.searchsorted(found, points << 1)
    sizes = np.searchsorted(found, (points << 1) | 1, "right") - begins
    return np.repeat(begins - np.cumsum(sizes) + sizes, sizes) + np.arange(sizes.sum())


def _ties(score: Reals, truth: Bools, places: npt.NDArray[np.intp]) -> Ties:
    """Return the scores that both classes have among sorted rows, which stand at `places` among all."""
    starts = np.flatnonzero(np.concatenate([[True], score[1:] != score[:-1]]))
    positive = np.add.reduceat(truth, starts, dtype=np.intp)
    negative = np.diff(starts, append=len(score)) - positive
    both = (positive > 0) & (negative > 0)
    at = places[np.minimum(starts + positive, len(places) - 1)]
    return Ties(at=at[both], positive=positive[both], negative=negative[both])
