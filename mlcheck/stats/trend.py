"""Is there a trend, and how steep is it: rank tests and slopes that single points cannot bend."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from mlcheck.model import Floats

MOST_POINTS = 200
"""Longer series are averaged in blocks to this many points first: pairs grow with the square."""


@dataclass(frozen=True, slots=True)
class Slope:
    """A slope in units of y per unit of x, with its confidence interval."""

    value: float
    low: float
    high: float


@lru_cache(maxsize=64)
def _pairs(
    n: int,
) -> tuple[np.ndarray[tuple[int], np.dtype[np.intp]], np.ndarray[tuple[int], np.dtype[np.intp]]]:
    return np.triu_indices(n, 1)


def blocks(value: Floats, most: int = MOST_POINTS) -> Floats:
    """Average neighbours so that at most `most` points remain; shape (min(n, most),)."""
    if len(value) <= most:
        return value
    edges = np.linspace(0, len(value), most + 1).astype(np.intp)[:-1]
    return np.add.reduceat(value, edges) / np.diff(np.append(edges, len(value)))


def theil_sen(x: Floats, y: Floats, *, level: float = 0.95) -> Slope:
    """Return the median of the slopes of all pairs of points, with its interval (Theil 1950; Sen 1968, eq. 2.6).

    `x`, `y`: shape (n,), finite, x without repeats. Fewer than 2 points give slope 0 with an infinite interval.
    """
    x, y = blocks(x), blocks(y)
    n = len(x)
    if n < 2:
        return Slope(0.0, -math.inf, math.inf)
    slopes = _slopes(x, y)
    if not len(slopes):
        return Slope(0.0, -math.inf, math.inf)
    z = NormalDist().inv_cdf(0.5 + level / 2)
    half = z * math.sqrt(n * (n - 1) * (2 * n + 5) / 18)
    low = max(0, int((len(slopes) - half) / 2) - 1)
    high = min(len(slopes) - 1, math.ceil((len(slopes) + half) / 2))
    return Slope(_middle(slopes), float(slopes[low]), float(slopes[high]))


def _slopes(x: Floats, y: Floats) -> Floats:
    """Return the slopes of all pairs with different x, in ascending order."""
    i, j = _pairs(len(x))
    run, rise = x[j] - x[i], y[j] - y[i]
    forward = run > 0
    slopes = rise / run if forward.all() else rise[forward] / run[forward]
    slopes.sort()
    return slopes


def _middle(ordered: Floats) -> float:
    """Return the median of numbers in ascending order, NaN (which sorts last) where there is one."""
    half = len(ordered) // 2
    if math.isnan(ordered[-1]):
        return math.nan
    return float(ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2)


def mann_kendall(y: Floats) -> tuple[float, float]:
    """Return (z, p) of the Mann-Kendall test of a monotone trend, with the variance corrected for autocorrelation.

    z > 0 rises. The correction is Hamed & Rao 1998, eq. 14: the autocorrelation of the ranks about the trend widens the
    variance, so that slow wandering is not taken for a trend. p is two-sided; fewer than 4 points give (0, 1).
    """
    y = blocks(y)
    n = len(y)
    if n < 4:
        return 0.0, 1.0
    i, j = _pairs(n)
    s = float(np.sum(np.sign(y[j] - y[i])))
    ties = _tie_sizes(y)
    variance = (n * (n - 1) * (2 * n + 5) - float(np.sum(ties * (ties - 1) * (2 * ties + 5)))) / 18
    variance *= _autocorrelation_factor(y)
    if variance <= 0:
        return 0.0, 1.0
    z = (s - math.copysign(1, s)) / math.sqrt(variance) if s else 0.0
    return z, math.erfc(abs(z) / math.sqrt(2))


def _tie_sizes(y: Floats) -> Floats:
    """Return how often each value occurs, shape (distinct values,). np.unique would load NumPy's masked arrays first."""
    ordered = np.sort(y)
    edges = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1], [True])))
    return np.diff(edges).astype(np.float64)


def _autocorrelation_factor(y: Floats) -> float:
    """Return n/n* of Hamed & Rao 1998, eq. 10, over the lags that differ from 0 at the 5 % level; at least 1."""
    n = len(y)
    x = np.arange(n, dtype=np.float64)
    slopes = _slopes(x, y)
    detrended = y - (_middle(slopes) if len(slopes) else 0.0) * x
    ranks = np.argsort(np.argsort(detrended, kind="stable"), kind="stable").astype(np.float64)
    ranks -= ranks.mean()
    power = float(ranks @ ranks)
    if power == 0:
        return 1.0
    lags = np.arange(1, max(2, n // 4))
    rho = np.array([float(ranks[k:] @ ranks[:-k]) / power for k in lags])
    rho = np.where(np.abs(rho) > 1.96 / math.sqrt(n), rho, 0.0)
    weights = (n - lags) * (n - lags - 1) * (n - lags - 2)
    return max(1.0, 1 + 2 / (n * (n - 1) * (n - 2)) * float(weights @ rho))


def lag1(value: Floats) -> float:
    """Return the lag-1 autocorrelation of a series about its mean, in -1..1; 0 for a constant or under 4 points."""
    if len(value) < 4:
        return 0.0
    centred = value - value.mean()
    power = float(centred @ centred)
    return float(centred[1:] @ centred[:-1]) / power if power > 0 else 0.0
