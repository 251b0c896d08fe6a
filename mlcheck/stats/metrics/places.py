"""Where values fall among a few ordered others: exact, without sorting the many.

For the area under the ROC curve of one class of many, whose positives are few: a million searches among 10,000 values
cost more than the sort they replace, while two small tables give nearly all places at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from mlcheck.model.predictions import Reals

Places: TypeAlias = npt.NDArray[np.intp]
Whole: TypeAlias = npt.NDArray[np.int64]

LEAST = 20_000
"""Below so many values the tables do not pay."""
CELLS = 12
"""The first table splits the range of the ordered values into up to 2^12 cells of equal width in their bits."""
AT_ONCE = 1 << 15
"""Values looked up at once, so that what is between stays in a cache."""


def places(values: Reals, ordered: Reals, out: tuple[Places, Places] | None = None) -> tuple[Places, Places]:
    """Return how many of the `ordered` (P,) lie below each value (n,), and how many at it or below; no NaN.

    `out` may hold the arrays to fill: fresh memory costs as much as the search.

    >>> [side.tolist() for side in places(np.array([0.5, 2.0]), np.array([0.0, 0.5, 1.0]))]
    [[1, 3], [2, 3]]
    """
    if len(values) < LEAST or len(values) < 2 * len(ordered) or ordered[0] == ordered[-1]:
        return ordered.searchsorted(values, "left"), ordered.searchsorted(values, "right")
    bins = _Bins(ordered)
    left, right = out or (np.empty(len(values), dtype=np.intp), np.empty(len(values), dtype=np.intp))
    for start in range(0, len(values), AT_ONCE):
        span = slice(start, start + AT_ONCE)
        bins.look_up(values[span], left[span], right[span])
    return left, right


def total(values: Reals, ordered: Reals) -> int:
    """Return the sum over the values (n,) of how many of the `ordered` lie below them and how many at them or below.

    >>> total(np.array([0.5, 2.0]), np.array([0.0, 0.5, 1.0]))
    9
    """
    if len(values) < LEAST or len(values) < 2 * len(ordered) or ordered[0] == ordered[-1]:
        return sum(int(side.sum()) for side in places(values, ordered))
    bins = _Bins(ordered)
    return sum(bins.total(values[start : start + AT_ONCE]) for start in range(0, len(values), AT_ONCE))


class _Bins:
    """The range of ordered values in cells, and each cell in bins by how many of them it holds.

    A bin knows how many values lie before it, and the first of its own.
    """

    def __init__(self, ordered: Reals) -> None:
        """Split the range of (P,) values, which holds two different ones at least."""
        self.ordered = ordered
        own = _bits(ordered)
        self.low = own[0]
        own -= self.low
        range_bits = int(own[-1]).bit_length()
        self.width = np.int64(max(0, range_bits - CELLS))
        self.mask = np.int64((1 << int(self.width)) - 1)
        held = np.bincount(own >> self.width)
        fine = np.where(held > 0, np.ceil(np.log2(4.0 * np.maximum(held, 1))), 0).astype(np.int64)
        self.shift = self.width - np.minimum(fine, self.width)
        sizes = np.int64(1) << (self.width - self.shift)
        self.base: Whole = np.cumsum(sizes) - sizes
        inside = np.bincount(self._bin(own), minlength=int(sizes.sum()))
        before = np.cumsum(inside) - inside
        self.first = ordered[np.minimum(before, len(ordered) - 1)]
        self.first[inside == 0] = np.inf
        self.start = before
        self.start[inside > 1] = -1  # marks a bin that holds several: one look-up tells both

    def _bin(self, offset: Whole) -> Whole:
        """Return the bin of each offset (m,) from the lowest value; overwrites it."""
        cell = offset >> self.width
        offset &= self.mask
        offset >>= self.shift[cell]
        offset += self.base[cell]
        return offset

    def total(self, values: Reals) -> int:
        """Return the sum of both places of the values (m,)."""
        key = self._key(values)
        start, edge = self.start[key], self.first[key]
        above, reached = values > edge, values >= edge
        found = 2 * int(start.sum()) + int(np.count_nonzero(above)) + int(np.count_nonzero(reached))
        several = np.flatnonzero(start < 0)
        if len(several):
            asked = values[several]
            found += int(self.ordered.searchsorted(asked, "left").sum())
            found += int(self.ordered.searchsorted(asked, "right").sum())
            found -= int(np.count_nonzero(above[several])) + int(np.count_nonzero(reached[several]))
            found += 2 * len(several)
        return found

    def _key(self, values: Reals) -> Whole:
        """Return the bin of each value (m,), the first or last for those outside."""
        within: Reals = np.minimum(np.maximum(values, self.ordered[0]), self.ordered[-1])
        offset = _bits(within)
        offset -= self.low
        return self._bin(offset)

    def look_up(self, values: Reals, left: Places, right: Places) -> None:
        """Fill `left` and `right` (m,) with the places of the values (m,)."""
        key = self._key(values)
        start, edge = self.start[key], self.first[key]
        np.add(start, values > edge, out=left)
        np.add(start, values >= edge, out=right)
        several = np.flatnonzero(start < 0)
        left[several] = self.ordered.searchsorted(values[several], "left")
        right[several] = self.ordered.searchsorted(values[several], "right")


def _bits(values: Reals) -> Whole:
    """Return integers in the order of the values: their bits, those of negative numbers turned round.

    The last bit of float64 is dropped, so that differences fit; values that then share a bin are searched for.
    """
    positive_zero = values + values.dtype.type(0)
    if values.dtype == np.float32:
        bits = positive_zero.view(np.int32)
        return (bits ^ ((bits >> 31) & np.int32(0x7FFFFFFF))).astype(np.int64)
    wide = positive_zero.view(np.int64)
    wide ^= (wide >> 63) & np.int64(0x7FFFFFFFFFFFFFFF)
    wide >>= 1
    return wide
