"""How many rows chance puts as near as a given distance: the distances to a sample of rows, carried on inwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlcheck.stats.data.bins import sample

if TYPE_CHECKING:
    import numpy.typing as npt

    from mlcheck.model.common import Floats
    from mlcheck.model.dataset import Ints

INNER, OUTER = 4, 16
"""Neighbours of the sample between which the dimension is measured: few are noisy, many are not local."""
MOST_ASKED = 2000
SAMPLED = 2000
_AT_ONCE = 2_000_000


def expected_pairs(
    table: npt.NDArray[np.float32], first: Ints, second: Ints, grain: Floats, *, trim: bool, seed: int = 0
) -> Floats:
    """Return how many pairs of rows of a table (n, columns) chance puts as near as each of the pairs (m,).

    Near a row the number of rows within r grows as r^d, with d the intrinsic dimension (Levina & Bickel 2004; Facco et
    al. 2017: the ratio of the distances to the first two neighbours is that of a uniform variable to the power 1 / d).
    The j-th nearest of S sampled rows at r_j so makes n j / S (r / r_j)^d expected ones within r, and n / 2 times that
    pairs. d is the median of the estimates at sampled rows, or at the row itself where that is lower. Distances are
    root mean squares over columns; `grain` (columns,) is the resolution of each, added to the differences of the pair.
    With `trim` the largest difference of each two rows is left out, on both sides of the comparison.
    """
    n = len(table)
    chosen = sample(n, SAMPLED, seed)
    usual = _dimensions(_nearest(table, sample(n, 300, seed + 1), None, chosen, trim=trim))
    dimension = float(np.median(usual))
    told = _length(np.abs(table[first] - table[second]).astype(np.float64) + grain, trim=trim)
    asked = sample(len(first), MOST_ASKED, seed)
    near = _nearest(table, first[asked], second[asked], chosen, trim=trim)
    own = np.minimum(_dimensions(near), dimension)
    inner = near[:, INNER - 1]
    made = np.full(len(first), np.inf)
    made[asked] = _within(told[asked], inner, own, n, len(chosen))
    if len(asked) < len(first):  # a strict reach for pairs that were not asked one by one
        rest = np.setdiff1d(np.arange(len(first)), asked)
        made[rest] = _within(told[rest], np.quantile(inner, 0.05), np.quantile(own, 0.1), n, len(chosen))
    return made


def _within(
    distance: Floats, inner: Floats | np.float64, dimension: Floats | np.float64, n: int, sampled: int
) -> Floats:
    ratio = np.divide(distance, inner, out=np.full(len(distance), np.inf), where=np.asarray(inner) > 0)
    return np.asarray(n / 2 * n * INNER / sampled * ratio**dimension, dtype=np.float64)


def _dimensions(near: Floats) -> Floats:
    """Return the intrinsic dimension at each row from its OUTER nearest distances, at least 0.5 (Levina & Bickel 2004)."""
    inside = np.log(np.maximum(near[:, -1:], 1e-12) / np.maximum(near[:, INNER - 1 : -1], 1e-12))
    total = inside.sum(axis=1)
    count = inside.shape[1] - 1
    told: Floats = np.divide(count, total, out=np.full(len(total), 0.5), where=total > 0)
    return np.asarray(np.clip(told, 0.5, 200.0), dtype=np.float64)


def _nearest(
    table: npt.NDArray[np.float32], rows: Ints, partners: Ints | None, chosen: Ints, *, trim: bool
) -> Floats:
    """Return the OUTER smallest distances of each row to the chosen ones but itself and its partner, ascending."""
    outer = min(OUTER, len(chosen) - 2)
    found = np.empty((len(rows), outer))
    target = table[chosen]
    step = max(1, _AT_ONCE // max(target.size, 1))
    for start in range(0, len(rows), step):
        some = rows[start : start + step]
        distance = _length(np.abs(table[some][:, None, :] - target[None]), trim=trim)
        distance[some[:, None] == chosen] = np.inf
        if partners is not None:
            distance[partners[start : start + step][:, None] == chosen] = np.inf
        found[start : start + step] = np.sort(np.partition(distance, outer - 1, axis=1)[:, :outer], axis=1)
    return found


def _length(gaps: npt.NDArray[np.floating], *, trim: bool) -> Floats:
    """Return the root mean square over the last axis, without its largest value with `trim`."""
    squares = gaps * gaps
    total = squares.sum(axis=-1, dtype=np.float64)
    count = gaps.shape[-1]
    if trim:
        total = np.maximum(total - squares.max(axis=-1), 0)
        count -= 1
    return np.asarray(np.sqrt(total / max(count, 1)), dtype=np.float64)
