"""Is there a trend, and how steep is it: rank tests and slopes that single points cannot bend."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from mlcheck.stats.intervals import two_sided_z

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
    return _slope(_slopes(x, y), len(x), level)


def _slope(slopes: Floats, n: int, level: float) -> Slope:
    """Return the median of the slopes of n points, with its interval; the slopes are parted in place, at their middle, too."""
    if not len(slopes):
        return Slope(0.0, -math.inf, math.inf)
    half = two_sided_z(level) * math.sqrt(n * (n - 1) * (2 * n + 5) / 18)
    low = max(0, int((len(slopes) - half) / 2) - 1)
    high = min(len(slopes) - 1, math.ceil((len(slopes) + half) / 2))
    _part(slopes, low, high)
    return Slope(_middle(slopes), float(slopes[low]), float(slopes[high]))


def _slopes(x: Floats, y: Floats) -> Floats:
    """Return the slopes of all pairs with different x, in no order."""
    i, j = _pairs(len(x))
    run, rise = x[j] - x[i], y[j] - y[i]
    forward = run > 0
    slopes: Floats = rise / run if forward.all() else rise[forward] / run[forward]
    return slopes


def _slopes_by_index(y: Floats) -> Floats:
    """Return the slopes of all pairs per index, in no order."""
    i, j = _pairs(len(y))
    slopes: Floats = y[j]
    slopes -= y[i]
    slopes /= _distances(len(y))
    return slopes


@lru_cache(maxsize=64)
def _distances(n: int) -> Floats:
    i, j = _pairs(n)
    return (j - i).astype(np.float64)


def _part(slopes: Floats, *places: int) -> None:
    """Put into their place in ascending order: the middle of the slopes, their end and other places.

    A fifth of the time of sorting them; NaN comes last, as in sorting.
    """
    if len(slopes):
        half = len(slopes) // 2
        slopes.partition((max(0, half - 1), half, len(slopes) - 1, *places))


def _middle(parted: Floats) -> float:
    """Return the median of slopes that were parted, NaN where there is one."""
    half = len(parted) // 2
    if math.isnan(parted[-1]):
        return math.nan
    return float(parted[half] if len(parted) % 2 else (parted[half - 1] + parted[half]) / 2)


def slope_by_index(y: Floats, *, level: float = 0.95) -> Slope:
    """Return the slope of Theil and Sen per index, with its interval; `y`: shape (n,), finite."""
    if len(y) > MOST_POINTS:
        return theil_sen(np.arange(len(y), dtype=np.float64), y, level=level)
    return _slope(_slopes_by_index(y), len(y), level)


def steepness(y: Floats, *, level: float = 0.95) -> tuple[Slope, float]:
    """Return the slope of Theil and Sen per index, and z of Mann and Kendall's test: both rest on the same pairs.

    `y`: shape (n,), finite. See `theil_sen` and `mann_kendall`.
    """
    if len(y) > MOST_POINTS:
        return slope_by_index(y, level=level), mann_kendall(y)[0]
    slopes = _slopes_by_index(y)
    return _slope(slopes, len(y), level), _kendall_z(y, slopes)


def mann_kendall(y: Floats) -> tuple[float, float]:
    """Return (z, p) of the Mann-Kendall test of a monotone trend, with the variance corrected for autocorrelation.

    z > 0 rises. The correction is Hamed & Rao 1998, eq. 14: the autocorrelation of the ranks about the trend widens the
    variance, so that slow wandering is not taken for a trend. p is two-sided; fewer than 4 points give (0, 1).
    """
    y = blocks(y)
    slopes = _slopes_by_index(y)
    _part(slopes)
    z = _kendall_z(y, slopes)
    return z, math.erfc(abs(z) / math.sqrt(2))


def _kendall_z(y: Floats, slopes: Floats) -> float:
    """Return z by the slopes of all pairs, parted, whose signs are those of the differences."""
    n = len(y)
    if n < 4:
        return 0.0
    rising = len(slopes) - int(np.count_nonzero(slopes <= 0))
    s = float(rising - int(np.count_nonzero(slopes < 0)))
    ties = _tie_sizes(y)
    tied = float(np.add.reduce(ties * (ties - 1) * (2 * ties + 5))) if len(ties) < n else 0.0
    variance = (n * (n - 1) * (2 * n + 5) - tied) / 18 * _autocorrelation_factor(y, slopes)
    if variance <= 0:
        return 0.0
    return (s - math.copysign(1, s)) / math.sqrt(variance) if s else 0.0


def _tie_sizes(y: Floats) -> Floats:
    """Return how often each value occurs, shape (distinct values,). np.unique would load NumPy's masked arrays first."""
    ordered = y.copy()
    ordered.sort()
    starts = (ordered[1:] != ordered[:-1]).nonzero()[0] + 1
    sizes = np.empty(len(starts) + 1)
    edges = np.empty(len(starts) + 2)
    edges[0], edges[1:-1], edges[-1] = 0, starts, len(y)
    np.subtract(edges[1:], edges[:-1], out=sizes)
    return sizes


def _autocorrelation_factor(y: Floats, slopes: Floats) -> float:
    """Return n/n* of Hamed & Rao 1998, eq. 10, over the lags that differ from 0 at the 5 % level; at least 1."""
    n = len(y)
    detrended = y - (_middle(slopes) if len(slopes) else 0.0) * np.arange(n, dtype=np.float64)
    ranks = np.empty(n)
    ranks[detrended.argsort(kind="stable")] = np.arange(n) - (n - 1) / 2
    power = float(ranks @ ranks)
    if power == 0:
        return 1.0
    many = max(2, n // 4)
    rho = _lagged(ranks, many) / power
    rho[np.abs(rho) <= 1.96 / math.sqrt(n)] = 0.0
    return max(1.0, 1 + 2 / (n * (n - 1) * (n - 2)) * float(_lag_weights(n) @ rho))


def _lagged(ranks: Floats, many: int) -> Floats:
    """Return the sums of products at the lags 1 .. many - 1."""
    products: Floats = np.correlate(ranks, ranks, "full")[len(ranks) : len(ranks) + many - 1]
    return products


@lru_cache(maxsize=64)
def _lag_weights(n: int) -> Floats:
    lags = np.arange(1, max(2, n // 4))
    return ((n - lags) * (n - lags - 1) * (n - lags - 2)).astype(np.float64)


def lag1(value: Floats) -> float:
    """Return the lag-1 autocorrelation of a series about its mean, in -1..1; 0 for a constant or under 4 points."""
    if len(value) < 4:
        return 0.0
    centred = value - value.mean()
    power = float(centred @ centred)
    return float(centred[1:] @ centred[:-1]) / power if power > 0 else 0.0
