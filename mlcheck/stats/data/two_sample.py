"""How two samples of one column differ: numbers by their distributions, categories by their shares."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from mlcheck.model.common import Floats

LEAST_EXPECTED = 5.0
"""Expected count of a cell below which categories are pooled (Cochran 1954)."""


class Difference(NamedTuple):
    """How two samples differ: the size of it in 0..1 (0: alike), the p-value, and the standardised difference of means.

    `size` is the Kolmogorov-Smirnov statistic for numbers and the total variation distance for categories.
    """

    size: float
    p_value: float
    shift: float | None


def numbers(first: Floats, second: Floats) -> Difference:
    """Return how two samples of numbers, (n,) and (m,) without NaN, differ (Smirnov's asymptotic p-value).

    `shift` is (mean of the second - mean of the first) / pooled standard deviation (Cohen's d).
    """
    from scipy.special import kolmogorov

    n, m = len(first), len(second)
    if not n or not m:
        return Difference(0.0, 1.0, None)
    size = distance(first, second)
    effective = math.sqrt(n * m / (n + m))
    p_value = float(kolmogorov((effective + 0.12 + 0.11 / effective) * size))
    pooled = math.sqrt((n * float(np.var(first)) + m * float(np.var(second))) / (n + m))
    shift = (float(np.mean(second)) - float(np.mean(first))) / pooled if pooled > 0 else None
    return Difference(size, p_value, shift)


def distance(first: Floats, second: Floats, slack: float = 0.0) -> float:
    """Return the largest difference of two distribution functions, where values within `slack` count as equal.

    With `slack` 0 it is the Kolmogorov-Smirnov statistic, 0..1; a slack makes it blind to small shifts, as Levy's
    distance is.
    """
    one, two = np.sort(first), np.sort(second)

    def above(low: Floats, high: Floats) -> float:
        """Largest excess of the distribution function of `low` over that of `high` taken `slack` further right."""
        here = np.searchsorted(low, low, side="right") / len(low)
        there = np.searchsorted(high, low + slack, side="right") / len(high)
        return float(np.max(here - there))

    return max(above(one, two), above(two, one), 0.0)


def categories(first: npt.NDArray[np.integer], second: npt.NDArray[np.integer], count: int) -> Difference:
    """Return how the shares of `count` categories differ in two samples of codes, negative ones left out.

    The p-value is that of Pearson's chi-square; categories with an expected count under 5 are taken together.
    """
    from scipy.special import chdtrc

    counts = np.stack([np.bincount(codes[codes >= 0], minlength=count) for codes in (first, second)])
    table = pooled(counts.astype(np.float64))
    rows, columns = table.sum(axis=1), table.sum(axis=0)
    if min(rows) == 0 or len(columns) < 2:
        return Difference(0.0, 1.0, None)
    expected = np.outer(rows, columns) / rows.sum()
    chi2 = float(np.sum((table - expected) ** 2 / expected))
    size = float(np.abs(table[0] / rows[0] - table[1] / rows[1]).sum()) / 2
    return Difference(size, float(chdtrc(len(columns) - 1, chi2)), None)


def pooled(counts: Floats) -> Floats:
    """Return the counts (2, K) with the rare columns, expected under 5 in the smaller row, added into one."""
    counts = counts[:, counts.sum(axis=0) > 0]
    rows = counts.sum(axis=1)
    expected = counts.sum(axis=0) * rows.min() / max(rows.sum(), 1)
    rare = expected < LEAST_EXPECTED
    if not rare.any():
        return counts
    kept = np.column_stack([counts[:, ~rare], counts[:, rare].sum(axis=1)])
    enough = kept.shape[1] == 1 or kept[:, -1].sum() * rows.min() / max(rows.sum(), 1) >= 1
    return kept if enough else kept[:, :-1]


def stability(first: npt.NDArray[np.integer], second: npt.NDArray[np.integer], count: int) -> float:
    """Return the population stability index of two samples of codes, at least 0; shares are smoothed by 1/2 a category.

    PSI = sum of (q - p) ln(q / p); above 0.25 is commonly called a major shift (Siddiqi 2006, Credit Risk Scorecards).
    """
    p, q = (
        (np.bincount(codes[codes >= 0], minlength=count) + 0.5) / (np.count_nonzero(codes >= 0) + count / 2)
        for codes in (first, second)
    )
    return float(np.sum((q - p) * np.log(q / p)))
