"""Intervals of means over folds that share training rows: the corrected resampled t test."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from mlcheck.stats.metrics.means import quantile_t

if TYPE_CHECKING:
    from mlcheck.model import Floats
    from mlcheck.model.dataset import Codes


class Mean(NamedTuple):
    """A mean over folds with its interval and standard error; `low` and `high` are None for a single fold."""

    value: float
    low: float | None
    high: float | None
    error: float
    freedom: int


def corrected(values: Floats, ratio: float, level: float) -> Mean:
    """Return the mean of `values` (J,) over folds with the interval that allows for their overlap.

    Folds learn from shared rows, so their scores are correlated and var / J is too small. Nadeau & Bengio 2003,
    Inference for the generalization error, eq. 9: the variance of the mean is (1 / J + n_test / n_train) times the
    sample variance, with Student's t of J - 1 degrees of freedom. `ratio` is n_test / n_train.

    >>> corrected(np.array([0.8, 0.9, 0.7, 0.8, 0.8]), 0.25, 0.95).low.__round__(3)
    0.668
    """
    count = len(values)
    mean = float(np.mean(values))
    if count < 2:
        return Mean(mean, None, None, math.inf, 0)
    error = math.sqrt((1 / count + ratio) * float(np.var(values, ddof=1)))
    half = quantile_t(level, count - 1) * error
    return Mean(mean, mean - half, mean + half, error, count - 1)


PRIOR_FREEDOM = 10
"""Degrees of freedom that the variance over rows counts for beside that over folds."""


def moderated(folds: Mean, rows: Mean, factor: float) -> Mean:
    """Return the mean over folds with a standard error that borrows from the rows: for deciding, not for showing.

    Five folds have four degrees of freedom: their variance is as often far too small as too large. The variance that
    the judged rows (`rows`, a jackknife) lead one to expect, times `factor` for the overlap of the folds, is taken in as
    a prior of `PRIOR_FREEDOM` degrees (Smyth 2004, Linear models and empirical Bayes methods, eq. for s-tilde squared).

    >>> m = moderated(Mean(0.1, 0.0, 0.2, 0.0, 4), Mean(0.1, 0.0, 0.2, 0.02, 39), 2.25)
    >>> round(m.error, 4), m.freedom
    (0.0254, 14)
    """
    if folds.freedom < 1 or not math.isfinite(rows.error):
        return folds
    freedom = folds.freedom + PRIOR_FREEDOM
    variance = (folds.freedom * folds.error**2 + PRIOR_FREEDOM * factor * rows.error**2) / freedom
    return Mean(folds.value, folds.low, folds.high, math.sqrt(variance), freedom)


def probability_above(mean: Mean, limit: float) -> float:
    """Return the probability (0..1) that what the mean estimates exceeds `limit`, by the t distribution of its interval.

    >>> round(probability_above(Mean(1.0, None, None, 1.0, 1000), 0.0), 3)
    0.841
    """
    if mean.error == 0:
        return float(mean.value > limit) if mean.value != limit else 0.5
    if not math.isfinite(mean.error):
        return 0.5
    from scipy.special import stdtr

    return float(stdtr(mean.freedom, (mean.value - limit) / mean.error))


def jackknifed(whole: float, without: Floats, level: float) -> Mean:
    """Return a statistic of all rows with the interval that its values without one group of rows each (G,) give.

    The delete-a-group jackknife: variance (G - 1) / G times the sum of squared deviations, Student's t of G - 1 degrees
    of freedom (Shao & Tu 1995, The jackknife and bootstrap, section 2.3). Paired where two models use the same groups.

    >>> x = np.array([1.0, 2.0, 3.0, 6.0])
    >>> m = jackknifed(x.mean(), (x.sum() - x) / 3, 0.95)
    >>> round(m.error, 4) == round(float(x.std(ddof=1)) / 2, 4)
    True
    """
    count = len(without)
    if count < 2:
        return Mean(whole, None, None, math.inf, 0)
    error = math.sqrt((count - 1) / count * float(np.square(without - without.mean()).sum()))
    half = quantile_t(level, count - 1) * error
    return Mean(whole, whole - half, whole + half, error, count - 1)


def dealt(rows: int, groups: int, seed: int, clusters: Codes | None = None) -> Codes:
    """Return the group (rows,) of each row, groups of equal size at random; clusters (rows,) stay whole, -1 is none."""
    random = np.random.default_rng((seed, rows, groups))
    if clusters is None:
        return (random.permutation(rows) % min(groups, rows)).astype(np.int32)
    code = numbered(clusters)
    units = int(code.max()) + 1
    return (random.permutation(units) % min(groups, units))[code].astype(np.int32)


def numbered(clusters: Codes) -> Codes:
    """Return clusters (n,) numbered from 0 without gaps; each row of none (-1) is a cluster of its own."""
    alone = clusters < 0
    code = clusters.astype(np.int64)
    code[alone] = int(clusters.max(initial=-1)) + 1 + np.arange(np.count_nonzero(alone))
    _, found = np.unique(code, return_inverse=True)
    return found.astype(np.int32)
