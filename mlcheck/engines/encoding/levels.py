"""Categories by their frequent levels: the rare ones are one level, and so is what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from mlcheck.model.dataset import Codes, Column

LEAST = 5
"""Rows from which on a level is not rare: a mean of fewer says nothing."""


class Levels:
    """The levels of one category, learnt from its training rows.

    Frequent levels are numbered from 0, the most frequent first; `rare` is the number of all others, levels that only
    occur later too; what is missing is -1.
    """

    def __init__(self, column: Column, most: int) -> None:
        counts = np.bincount(_codes(column)[_codes(column) >= 0], minlength=len(column.names))
        order = np.argsort(-counts, kind="stable")
        least = min(LEAST, max(1, int(counts.max(initial=0))))
        kept = [int(level) for level in order[:most] if counts[level] >= least]
        self.rare = len(kept)
        self.has_rare = bool(counts.sum() > counts[kept].sum())
        self.has_missing = bool((_codes(column) < 0).any())
        self._place = np.full(len(column.names) + 1, self.rare, dtype=np.int32)
        self._place[kept] = np.arange(len(kept), dtype=np.int32)
        self._place[-1] = -1

    def codes(self, column: Column) -> Codes:
        """Return the levels (n,) of rows of the same category."""
        found: npt.NDArray[np.int32] = self._place[_codes(column)]
        return found


def _codes(column: Column) -> Codes:
    assert column.codes is not None  # noqa: S101  (by its kind)
    return column.codes
