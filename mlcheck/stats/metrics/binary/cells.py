"""Sorted rows in few groups of neighbouring scores: enough to draw a curve or to resample the rows without them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mlcheck.stats.metrics.binary.sweep import groups

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy.typing as npt

    from mlcheck.model import Floats
    from mlcheck.stats.metrics.binary.keys import Segment
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


def gather(found: Iterable[Segment], totals: Totals, per_class: int = PER_CLASS) -> Cells:
    """Return the cells of sorted rows: one ends where a class reaches another `per_class`-th part of its weight."""
    parts: list[tuple[Floats, Floats, Floats]] = []
    last, distinct = -1, 0
    for g in groups(found, totals):
        part = _part(g.positive_below, totals.positive, per_class) + _part(
            g.negative_below, totals.negative, per_class
        )
        starts = np.flatnonzero(np.diff(part, prepend=last))
        if not len(starts) or starts[0] != 0:  # the piece goes on with the cell of the one before
            starts = np.concatenate([[0], starts])
            joined = True
        else:
            joined = False
        positive, negative = (np.add.reduceat(x, starts).astype(np.float64) for x in (g.positive, g.negative))
        if joined:
            parts[-1][0][-1] += positive[0]
            parts[-1][1][-1] += negative[0]
            positive, negative, starts = positive[1:], negative[1:], starts[1:]
        score = np.array([g.score_at(int(at)) for at in starts])
        parts.append((positive, negative, score))
        last, distinct = int(part[-1]), distinct + len(g.starts)
        parts = parts if len(positive) else parts[:-1]
    positive, negative, score = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Cells(positive=positive, negative=negative, score=score, exact=len(score) == distinct)


def _part(below: npt.NDArray[Any], total: float, per_class: int) -> Floats:
    return np.asarray(np.floor(below * (per_class / total)) if total > 0 else np.zeros(len(below)))
