"""Pairs of rows that nearly equal each other, and what is left of them without crowds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from mlcheck.model.common import Floats
    from mlcheck.model.dataset import Ints


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pairs:
    """m pairs of rows, `first` < `second`, how alike they are (0..1, 1 is equal), and how many chance makes, (m,).

    `expected` is the expected number of pairs in the whole data, independent of each other, that are as near.
    """

    first: Ints
    second: Ints
    likeness: Floats
    expected: Floats

    def __len__(self) -> int:
        """Return the number of pairs."""
        return len(self.first)

    def only(self, kept: npt.NDArray[np.bool_]) -> Pairs:
        """Return some of the pairs."""
        return Pairs(
            first=self.first[kept],
            second=self.second[kept],
            likeness=self.likeness[kept],
            expected=self.expected[kept],
        )


def none() -> Pairs:
    """Return no pairs."""
    rows, numbers = np.zeros(0, dtype=np.int64), np.zeros(0)
    return Pairs(first=rows, second=rows, likeness=numbers, expected=numbers)


def without_crowds(pairs: Pairs, rows: int, most: int) -> tuple[Pairs, Ints]:
    """Return the pairs of rows with at most `most` partners, and the rows of 0..rows-1 that have more, ascending.

    What so many rows are like is a pattern that they follow, not a row that was copied.
    """
    partners = np.bincount(pairs.first, minlength=rows) + np.bincount(pairs.second, minlength=rows)
    crowded = partners > most
    kept = ~(crowded[pairs.first] | crowded[pairs.second])
    return pairs.only(kept), np.flatnonzero(crowded)


def closest_first(pairs: Pairs) -> Pairs:
    """Return the pairs ordered by how unlikely chance makes them, then how alike they are, then their rows."""
    order = np.lexsort((pairs.second, pairs.first, -pairs.likeness, pairs.expected))
    return Pairs(
        first=pairs.first[order],
        second=pairs.second[order],
        likeness=pairs.likeness[order],
        expected=pairs.expected[order],
    )
