"""Classes of rows in the order of their scores, eight to a byte: what the area under the ROC curve is made of.

The area and its variance ask of a row only how many of the other class stand below or above it. Within a byte a table of
256 entries knows; between bytes, an eighth of the rows is left to add up. All counts are whole numbers below 2**53, so
that floats hold them exactly.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from mlcheck.model import Floats

Array: TypeAlias = npt.NDArray[Any]
Moments: TypeAlias = tuple[tuple[float, float], tuple[float, float]]
"""For positives, then for negatives: the sum over rows of the distance of a placement from a centre, and of its square."""

BITS = (np.arange(256)[:, None] >> np.arange(7, -1, -1)) & 1
"""The eight rows of each byte in their order, (256, 8): 1 for a negative."""
_UNDER = np.cumsum(BITS, axis=1) - BITS
_OVER = np.cumsum((1 - BITS)[:, ::-1], axis=1)[:, ::-1] - (1 - BITS)
NEGATIVES = BITS.sum(axis=1).astype(np.float64)
PAIRS = ((1 - BITS) * _UNDER).sum(axis=1).astype(np.float64)
"""Pairs of a positive and a negative that stands before it, in each byte."""
UNDER_SQUARED = ((1 - BITS) * _UNDER**2).sum(axis=1).astype(np.float64)
"""The sum over positives of the square of how many negatives stand before them in their byte."""
OVER_SQUARED = (BITS * _OVER**2).sum(axis=1).astype(np.float64)
"""The sum over negatives of the square of how many positives stand after them in their byte."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ties:
    """Scores that both classes have: the place of their first negative, how many positives and negatives, (t,) each."""

    at: Array
    positive: Array
    negative: Array


class Packed:
    """Rows in ascending order of their score, positives first among equals; `of_negatives` (n,) tells their classes."""

    def __init__(self, of_negatives: npt.NDArray[np.bool_], ties: Ties) -> None:
        self._code = np.packbits(of_negatives)
        self._padding = -len(of_negatives) % 8
        """Rows that fill the last byte: they read as positives on top, and are taken out again."""
        self._rows = len(of_negatives)
        self._ties = ties

    @cached_property
    def _negatives(self) -> Floats:
        found: Floats = NEGATIVES.take(self._code)
        return found

    @cached_property
    def _positives(self) -> Floats:
        return 8 - self._negatives

    @cached_property
    def _upto(self) -> Floats:
        """Negatives in each byte and those before it, (b,)."""
        return np.cumsum(self._negatives)

    @cached_property
    def _below(self) -> Floats:
        return self._upto - self._negatives

    @cached_property
    def _times(self) -> Floats:
        """How many bytes have each value, (256,)."""
        return np.bincount(self._code, minlength=256).astype(np.float64)

    @property
    def count(self) -> tuple[int, int]:
        """Positives and negatives."""
        negatives = int(self._upto[-1])
        return self._rows - negatives, negatives

    def twice_above(self, negatives_below: float) -> int:
        """Return twice the pairs of a positive and a lower negative, or one of the same score counting half.

        `negatives_below` are those of the rows below these.
        """
        pairs = float(np.dot(self._below, self._positives) + np.dot(self._times, PAIRS))
        pairs -= float(self._padding * self._upto[-1])
        ties = int(np.dot(self._ties.positive, self._ties.negative))
        return 2 * (int(pairs) + int(negatives_below) * self.count[0]) + ties

    def moments(
        self, negatives_below: float, positives_above: float, centres: tuple[float, float]
    ) -> Moments:
        """Return sums over placements: how many negatives each positive beats, how many positives beat each negative.

        `negatives_below` and `positives_above` are those of the rows below and above these.
        """
        below, above = negatives_below - centres[0], positives_above - centres[1]
        pairs = PAIRS.take(self._code)
        moments = np.zeros((2, 2))
        self._add(moments[0], self._below + below, self._positives, pairs, UNDER_SQUARED)
        top = self._upto[-1] + below
        moments[0] -= self._padding * top, self._padding * top * top
        losses = np.arange(
            8.0 * (len(self._code) - 1), -1.0, -8.0
        )  # rows after each byte, of which some are negatives
        losses += self._upto
        losses += above - self._upto[-1] - self._padding
        self._add(moments[1], losses, self._negatives, pairs, OVER_SQUARED)
        self._correct(moments, below, above)
        (off, squares), (other_off, other_squares) = moments.tolist()
        return (off, squares), (other_off, other_squares)

    def _add(self, moments: Floats, off: Floats, count: Floats, pairs: Floats, squared: Floats) -> None:
        """Add the sums over rows whose bytes stand `off` (b,) from the centre, `count` (b,) of the class in each."""
        times = off * count
        moments[0] += times.sum() + np.dot(self._times, PAIRS)
        moments[1] += np.dot(off, times) + 2 * np.dot(off, pairs) + np.dot(self._times, squared)

    def _correct(self, moments: Floats, below: float, above: float) -> None:
        """Move the placements of tied rows by half the rows of the other class that they tie with."""
        at, positive, negative = self._ties.at, self._ties.positive, self._ties.negative
        if not len(at):
            return
        byte = np.minimum(at >> 3, len(self._code) - 1)
        head = self._code[byte].astype(np.intp) >> (8 - (at & 7))
        under = self._below[byte] + NEGATIVES[head]
        over = self.count[0] - (at - under)
        both = (positive * negative).astype(np.float64)
        moments[:, 0] += both.sum() / 2
        moments[0, 1] += np.dot(both, under + below + negative / 4)
        moments[1, 1] += np.dot(both, over + above + positive / 4)
