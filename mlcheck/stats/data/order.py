"""Whether values follow the order of the rows: adjacent values against a shuffle, and blocks of rows."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from mlcheck.model.common import Floats

BLOCKS = 20
"""Contiguous blocks of rows whose means are compared: enough to see a trend, few enough for small sets."""


class Order(NamedTuple):
    """How far values follow the rows.

    `neighbours` and `blocks` are shares of what is not chance, at most 1, 0 in expectation for shuffled rows;
    `p_value` is that of the more telling of both against shuffled rows (Bonferroni over the two).
    """

    neighbours: float
    blocks: float
    p_value: float

    @property
    def effect(self) -> float:
        """The larger share."""
        return max(self.neighbours, self.blocks)


def of_classes(classes: npt.NDArray[np.integer]) -> Order:
    """Return how far classes (n,), whole numbers from 0 without missing, follow the rows.

    `neighbours` = (equal adjacent pairs - expected) / (pairs - expected), with the mean and variance of the number of
    runs under permutation (Mood 1940, The distribution theory of runs; Barton & David 1957 for several classes).
    `blocks` is Goodman & Kruskal's tau of the class given the block of rows, less what chance gives.
    """
    n = len(classes)
    sizes = np.bincount(classes).astype(np.float64)
    squares = float(np.sum(sizes**2))
    if n < 3 or squares == float(n) ** 2:
        return Order(0.0, 0.0, 1.0)
    expected = (n * (n + 1) - squares) / n
    spread = squares * (squares + n * (n + 1)) - 2 * n * float(np.sum(sizes**3)) - float(n) ** 3
    variance = spread / (float(n) ** 2 * (n - 1))
    runs = 1 + int(np.count_nonzero(classes[1:] != classes[:-1]))
    neighbours = (expected - runs) / (expected - 1)
    z = (expected - runs) / math.sqrt(variance) if variance > 0 else 0.0
    block = _blocks(n)
    counts = np.bincount(block * len(sizes) + classes, minlength=(block[-1] + 1) * len(sizes))
    table = counts.reshape(-1, len(sizes)).astype(np.float64)
    return _told(neighbours, z, *_tau(table, n))


def of_numbers(values: Floats) -> Order:
    """Return how far numbers (n,) without NaN follow the rows, by their ranks: rises and outliers count alike.

    `neighbours` is the serial correlation of the ranks (Wald & Wolfowitz 1943), `blocks` the share of their variance
    between blocks of rows (eta squared), less what chance gives.
    """
    n = len(values)
    if n < 3 or values.min() == values.max():
        return Order(0.0, 0.0, 1.0)
    ranks = midranks(values)
    ranks -= ranks.mean()
    total = float(ranks @ ranks)
    neighbours = float(ranks[1:] @ ranks[:-1]) / total + 1 / n
    block = _blocks(n)
    sizes = np.bincount(block)
    sums = np.bincount(block, weights=ranks)
    share = float(np.sum(sums**2 / sizes)) / total
    return _told(neighbours, neighbours * math.sqrt(n), share, len(sizes) - 1, share * (n - 1))


def _told(neighbours: float, z: float, share: float, freedom: int, chi2: float) -> Order:
    """Put both together; `share` of the blocks is corrected for its expectation, chi2 / freedom = 1."""
    from scipy.special import chdtrc, ndtr

    chance = share * freedom / chi2 if chi2 > 0 else 0.0
    blocks = (share - chance) / (1 - chance) if chance < 1 else 0.0
    p_value = min(1.0, 2 * min(float(ndtr(-z)), float(chdtrc(freedom, chi2)) if freedom else 1.0))
    return Order(neighbours, blocks, p_value)


def _tau(table: Floats, n: int) -> tuple[float, int, float]:
    """Return Goodman & Kruskal's tau of columns given rows, and Light & Margolin's (1971) chi-square of it."""
    columns = table.sum(axis=0)
    within = float(np.sum(table**2 / table.sum(axis=1, keepdims=True)))
    among = float(np.sum(columns**2)) / n
    share = (within - among) / (n - among)
    classes = int(np.count_nonzero(columns))
    freedom = (len(table) - 1) * (classes - 1)
    return share, freedom, share * (n - 1) * (classes - 1)


def midranks(values: Floats) -> Floats:
    """Return the rank of each value (n,), 1 the smallest; equal values share the mean of their ranks."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    middle = last - (counts - 1) / 2
    return np.asarray(middle[inverse], dtype=np.float64)


def _blocks(n: int) -> npt.NDArray[np.int64]:
    """Return the block of each row: up to 20 blocks of at least 5 rows."""
    count = max(1, min(BLOCKS, n // 5))
    return np.arange(n) * count // n


def rising(values: Floats) -> float:
    """Return the share of adjacent steps that do not fall (or do not rise, the larger) among those that change, 0.5..1.

    0 where fewer than 2 values differ. 1 is a column that orders the rows.
    """
    steps = np.diff(values)
    up, down = int(np.count_nonzero(steps > 0)), int(np.count_nonzero(steps < 0))
    return max(up, down) / (up + down) if up + down else 0.0
