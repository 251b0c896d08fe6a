"""Two models' right and wrong predictions on the same rows (McNemar 1947, Psychometrika 12, p. 153)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from mlcheck.stats.intervals import two_sided_p, two_sided_z
from mlcheck.stats.metrics.metric import Difference

if TYPE_CHECKING:
    from mlcheck.stats.metrics.binary.rows import BinaryView

Rows: TypeAlias = Literal["all", "positive", "negative"]
MOST_EXACT = 1000
"""Discordant rows up to which the binomial law is used; beyond, chi-squared with continuity correction."""


def discordant(a: BinaryView, b: BinaryView, on: Rows) -> tuple[int, int, int]:
    """Return how many rows only `a` has right, how many only `b`, and the rows looked at."""
    right, other = a.predicted == a.truth, b.predicted == b.truth
    rows = {"all": np.ones(a.n, dtype=bool), "positive": a.truth, "negative": ~a.truth}[on]
    return tuple(int(np.count_nonzero(x)) for x in (right & ~other & rows, other & ~right & rows, rows))  # type: ignore[return-value]


def p_value(only_a: int, only_b: int) -> float:
    """Return the two-sided p-value of as many rows that only one has right as only the other.

    >>> round(p_value(1, 8), 4)
    0.0391
    """
    n, less = only_a + only_b, min(only_a, only_b)
    if n <= MOST_EXACT:
        tail = sum(math.comb(n, k) for k in range(less + 1))
        return float(min(1.0, 2 * tail / 2**n))
    z = max(0.0, abs(only_a - only_b) - 1) / math.sqrt(n)
    return two_sided_p(z)


def test(a: float, b: float, only_a: int, only_b: int, n: int, *, level: float) -> Difference:
    """Return the difference of two shares of the same `n` rows, with McNemar's p-value.

    The interval adds half a row to each of the four cells (Agresti & Min 2005, Simple improved confidence intervals for
    comparing matched proportions, Statistics in Medicine 24, p. 729).
    """
    total = n + 2
    centre = (only_a - only_b) / total
    spread = math.sqrt(max(0.0, (only_a + only_b + 1) / total - centre**2) / total)
    half = two_sided_z(level) * spread
    law = "exact binomial" if only_a + only_b <= MOST_EXACT else "chi-squared with continuity correction"
    return Difference(
        a=a,
        b=b,
        difference=a - b,
        low=max(-1.0, centre - half),
        high=min(1.0, centre + half),
        p_value=p_value(only_a, only_b),
        method=f"McNemar ({law}), interval by Agresti and Min",
    )
