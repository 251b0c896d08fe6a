"""Metrics that are means over rows (shares, losses): value, interval, draws and paired test.

v is the row's loss (n,), w its weight (n,) or None: the metric is sum(w v) / sum(w).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from mlcheck.stats.intervals import two_sided_z, wilson
from mlcheck.stats.metrics.metric import Difference, Interval, Undefined

if TYPE_CHECKING:
    from mlcheck.model import Floats
    from mlcheck.model.predictions import Bools, Codes
    from mlcheck.stats.metrics.resample import Sampling

EXACT_DISCORDANT = 1000
"""Up to so many discordant pairs the binomial tail is summed, beyond it the normal one is as good."""


def mean(values: Floats, weight: Floats | None = None) -> float:
    """Return the weighted mean of (n,) values. Raises Undefined without rows or where all weights are 0."""
    if len(values) == 0:
        raise Undefined("there are no rows")
    if weight is None:
        return float(values.mean())
    total = float(weight.sum())
    if total <= 0:
        raise Undefined("all weights are 0")
    return float(np.dot(weight, values)) / total


def quantile_t(level: float, freedom: float) -> float:
    """Return the quantile of Student's t that leaves `level` (0..1) between -t and t.

    >>> round(quantile_t(0.95, 10), 4)
    2.2281
    """
    from scipy.special import stdtrit

    return float(stdtrit(freedom, 0.5 + level / 2))


def skewed(values: Floats, level: float, bounds: tuple[float, float]) -> Interval:
    """Return the interval of the mean of (n,) independent values, corrected for their skewness.

    Hall's cubic transform of Student's statistic (Hall 1992, J. R. Stat. Soc. B 54, p. 221): losses have long right
    tails, where mean ± t s / sqrt(n) lies too low. On exponential and lognormal losses it covers nearer to `level` than
    the normal, the t and the percentile interval. Raises Undefined for fewer than two values.
    """
    n = len(values)
    if n < 2:
        raise Undefined("a single row has no spread")
    centre = float(values.mean())
    apart = values - centre
    second = float(apart @ apart) / n
    if second == 0:
        raise Undefined("all rows have the same value")
    skew = float((apart * apart) @ apart) / n / second**1.5
    scale, t = math.sqrt(second / (n - 1)), quantile_t(level, n - 1)
    low, high = (centre - scale * _untransformed(x, skew, n) for x in (t, -t))
    return Interval(low=max(bounds[0], low), high=min(bounds[1], high), method="t, corrected for skewness")


def _untransformed(x: float, skew: float, n: int) -> float:
    """Solve x = t + a t^2 / 3 + a^2 t^3 / 27 + a / 6 for t, where a = skew / sqrt(n)."""
    a = skew / math.sqrt(n)
    if abs(a) < 1e-8:
        return x
    return 3 / a * (math.cbrt(1 + a * (x - a / 6)) - 1)


def influences(values: Floats, weight: Floats | None) -> Floats:
    """Return (n,) what each row moves the weighted mean by: w (v - mean) / sum(w); they add to 0."""
    centre = mean(values, weight)
    if weight is None:
        return (values - centre) / len(values)
    moved: Floats = weight * (values - centre) / weight.sum()
    return moved


def spread(moved: Floats, clusters: Codes | None = None) -> float:
    """Return the standard deviation of a statistic from what each row (n,) moves it by, rows of a cluster together.

    >>> round(spread(influences(np.array([0.0, 1.0, 1.0, 0.0]), None)), 4)
    0.2887
    """
    units = moved if clusters is None else np.bincount(clusters, moved)
    if len(units) < 2:
        raise Undefined("a single row has no spread")
    return math.sqrt(float(np.dot(units, units)) * len(units) / (len(units) - 1))


def share_interval(hits: Bools, weight: Floats | None, clusters: Codes | None, level: float) -> Interval:
    """Return Wilson's interval of the share of hits (n,) among independent rows.

    Of rows in clusters or with weights it holds only where all are hits, or none, and resampling would show no spread:
    then by the number of clusters, or the effective number of rows (Kish 1965, Survey sampling, section 8.2). Raises
    Undefined for others.
    """
    n, share, method = float(len(hits)), float(hits.mean()), "Wilson"
    if weight is not None or clusters is not None:
        if 0 < share < 1:
            raise Undefined("rows are weighted or in clusters")
        if weight is not None:
            n = float(weight.sum() ** 2 / np.dot(weight, weight))
        if clusters is not None:
            n = min(n, float(len(np.unique(clusters))))
        method = f"Wilson of {n:,.0f} independent rows"
    low, high = wilson(share, int(n), level=level)
    return Interval(low=low, high=high, method=method)


def paired(a: Floats, b: Floats, sampling: Sampling) -> Difference:
    """Return the test of two means over the same independent rows: Student's t of the differences a - b (n,)."""
    n = len(a)
    first, second = mean(a), mean(b)
    apart = a - b
    centre = float(apart.mean())
    if n < 2:
        raise Undefined("a single row has no spread")
    sd = float(apart.std(ddof=1)) / math.sqrt(n)
    half = quantile_t(sampling.level, n - 1) * sd
    return Difference(
        a=first,
        b=second,
        difference=centre,
        low=centre - half,
        high=centre + half,
        p_value=two_sided_t(centre / sd, n - 1) if sd > 0 else float(centre == 0),
        method="paired t",
    )


def two_sided_t(t: float, freedom: float) -> float:
    """Return the probability that |T| of Student's distribution passes |t|.

    >>> round(two_sided_t(2.2281, 10), 3)
    0.05
    """
    from scipy.special import stdtr

    return float(2 * stdtr(freedom, -abs(t)))


def from_influences(a: float, b: float, moved: Floats, sampling: Sampling, method: str) -> Difference:
    """Return the difference of two statistics by the normal law, `moved` (n,) being what each row moves a - b by."""
    sd = spread(moved, sampling.clusters)
    half = two_sided_z(sampling.level) * sd
    p = math.erfc(abs(a - b) / sd / math.sqrt(2)) if sd > 0 else float(a == b)
    return Difference(
        a=a, b=b, difference=a - b, low=a - b - half, high=a - b + half, p_value=p, method=method
    )


def mcnemar(a: Bools, b: Bools, sampling: Sampling) -> Difference:
    """Return the test of two shares of hits, (n,) booleans over the same independent rows.

    p is McNemar's, exact up to 1,000 discordant rows (McNemar 1947, Psychometrika 12, p. 153); the interval adds half
    a row to each cell of the 2 x 2 table (Agresti & Min 2005, Statistics in Medicine 24, p. 729).
    """
    n = len(a)
    only_a, only_b = int(np.count_nonzero(a & ~b)), int(np.count_nonzero(b & ~a))
    total, shift = n + 2, (only_a - only_b) / (n + 2)
    variance = ((only_a + only_b + 1) / total - shift**2) / total
    half = two_sided_z(sampling.level) * math.sqrt(variance)
    return Difference(
        a=float(a.mean()),
        b=float(b.mean()),
        difference=(only_a - only_b) / n,
        low=max(-1.0, shift - half),
        high=min(1.0, shift + half),
        p_value=discordant(only_a, only_b),
        method="McNemar",
    )


def discordant(b: int, c: int) -> float:
    """Return McNemar's two-sided p-value of b against c discordant pairs; 1 where there are none.

    >>> discordant(1, 9)
    0.021484375
    """
    n = b + c
    if n == 0:
        return 1.0
    if n > EXACT_DISCORDANT:
        return math.erfc((abs(b - c) - 1) / math.sqrt(2 * n)) if b != c else 1.0
    tail = sum(math.comb(n, k) for k in range(min(b, c) + 1))
    return min(1.0, float(2 * tail / 2**n))
