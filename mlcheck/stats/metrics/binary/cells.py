"""Sorted rows in few groups of neighbouring scores: enough to draw a curve or to resample the rows without them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from mlcheck.model import Floats
    from mlcheck.stats.metrics.binary.groups import Groups
    from mlcheck.stats.metrics.binary.sweep import Totals

PER_CLASS = 500
"""Cells that each class is divided into: at most twice as many in all, beside cells of one score."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cells:
    """Weights (c,) of both classes in cells of neighbouring scores, ascending; `score` (c,) is the lowest of each.

    `exact` says that a cell holds one score.
    """

    positive: Floats
    negative: Floats
    score: Floats
    exact: bool


class CellSums:
    """The cells of sorted rows: one ends where a class reaches another `per_class`-th part of its weight."""

    def __init__(self, totals: Totals, per_class: int = PER_CLASS) -> None:
        self._totals, self._per_class = totals, per_class
        self._parts: list[tuple[Floats, Floats, Floats]] = []
        self._last, self._distinct = -1, 0

    def add(self, piece: Groups) -> None:
        """Take in the next piece; its lowest scores may belong to the last cell."""
        part = _part(piece.below[0], self._totals.positive, self._per_class)
        part += _part(piece.below[1], self._totals.negative, self._per_class)
        starts = np.flatnonzero(np.diff(part, prepend=self._last))
        goes_on = not len(starts) or starts[0] != 0
        if goes_on:
            starts = np.concatenate([[0], starts])
        positive, negative = (
            np.add.reduceat(x, starts).astype(np.float64) for x in (piece.positive, piece.negative)
        )
        if goes_on:
            self._parts[-1][0][-1] += positive[0]
            self._parts[-1][1][-1] += negative[0]
            positive, negative, starts = positive[1:], negative[1:], starts[1:]
        if len(starts):
            self._parts.append((positive, negative, piece.scores_at(piece.starts[starts])))
        self._last, self._distinct = int(part[-1]), self._distinct + piece.distinct

    @property
    def result(self) -> Cells:
        """The cells."""
        positive, negative, score = (np.concatenate(column) for column in zip(*self._parts, strict=True))
        return Cells(positive=positive, negative=negative, score=score, exact=len(score) == self._distinct)


def _part(below: npt.NDArray[Any], total: float, per_class: int) -> Floats:
    return np.asarray(np.floor(below * (per_class / total)) if total > 0 else np.zeros(len(below)))
