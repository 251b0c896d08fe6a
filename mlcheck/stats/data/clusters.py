"""Numbers that fall into two parts: two clusters far apart, or one value that stands apart from all others."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from mlcheck.model.common import Floats
    from mlcheck.stats.data.proxy import Bools

LEAST_SHARE = 0.02
"""Share of the rows that the smaller part must have."""
LEAST_DISTINCT = 10
"""Distinct values that the other part must have: a code of few values is a category, not a measurement."""


def two_clusters(values: Floats) -> tuple[Bools, float] | None:
    """Return which numbers (n,) without NaN are in the upper of two clusters, and how far apart these are.

    The cut has the least sum of squares within (two means, exact). The distance is Ashman's D = sqrt(2) |m1 - m2| /
    sqrt(s1^2 + s2^2) (Ashman, Bird & Zepf 1994): 2.7 for a normal distribution cut at its middle, 3.5 for a uniform one;
    two normal clusters with D = 5 overlap by 0.6 % of their rows. None where a part is too small or too few values
    differ.
    """
    n = len(values)
    ordered = np.sort(values)
    if n < 2 / LEAST_SHARE / 2 or ordered[0] == ordered[-1]:
        return None
    centred = ordered - ordered.mean()
    sums, count = np.cumsum(centred), np.arange(1, n)
    between = sums[:-1] ** 2 / count + sums[:-1] ** 2 / (
        n - count
    )  # the sums of both parts differ by their sign only
    between[ordered[1:] == ordered[:-1]] = -1.0
    cut = int(np.argmax(between)) + 1
    low, high = ordered[:cut], ordered[cut:]
    if min(len(low), len(high)) < LEAST_SHARE * n:
        return None
    if max(len(np.unique(low)), len(np.unique(high))) < LEAST_DISTINCT:
        return None
    within = math.sqrt(float(low.var()) + float(high.var()))
    return values >= high[0], math.sqrt(2) * float(high.mean() - low.mean()) / within


def spike_or_not(values: Floats) -> Bools | None:
    """Return which numbers (n,), NaN for missing, equal their commonest value, such as 0 for "none".

    None where it is rare or nearly all there is, no commoner than ten times the next, or the others are few values.
    """
    distinct, counts = np.unique(values[~np.isnan(values)], return_counts=True)
    if len(distinct) <= LEAST_DISTINCT:
        return None
    place = int(np.argmax(counts))
    if counts[place] < 10 * np.partition(counts, -2)[-2]:
        return None
    same = values == distinct[place]
    share = float(same.mean())
    return same if LEAST_SHARE <= share <= 1 - LEAST_SHARE else None
