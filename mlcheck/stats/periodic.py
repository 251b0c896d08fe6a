"""Whether a series repeats itself with a known period."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from mlcheck.stats.noise import MAD_TO_SD

if TYPE_CHECKING:
    from mlcheck.model import Floats


def without_course(value: Floats, period: int) -> Floats:
    """Return `value` minus its mean over one period around each point, shape (n - 2 (period // 2),).

    A centred mean over a whole period (its two ends halved where the period is even) removes the trend and leaves a
    repeating pattern as it is: the classical decomposition (Kendall & Stuart 1966, section 46.12).
    """
    half = period // 2
    weights = np.ones(2 * half + 1) / period
    if period % 2 == 0:
        weights[0] = weights[-1] = 0.5 / period
    return value[half : len(value) - half] - np.convolve(value, weights, mode="valid")


def within_periods(value: Floats, period: int) -> Floats:
    """Return `value` minus the mean of its own period, shape (n // period * period,); `value` starts with a period."""
    whole = value[: len(value) // period * period].reshape(-1, period)
    rest: Floats = (whole - whole.mean(axis=1, keepdims=True)).ravel()
    return rest


def repetition_z(value: Floats, period: int) -> float:
    """Return how far the autocorrelation at lag `period` lies above that of noise, in standard errors; 0 if too short.

    `value`: shape (n,), finite, n >= 3 periods, period >= 4, starting with a period. It is the smaller of two: about the
    course, in which a steady fall leaves nothing, and about the mean of each period, in which a step down at the end
    of every period leaves nothing.
    """
    if period < 4 or len(value) < 3 * period:
        return 0.0
    return min(
        _repetition(rest, period) for rest in (without_course(value, period), within_periods(value, period))
    )


def _repetition(rest: Floats, period: int) -> float:
    """Return the autocorrelation at lag `period` in standard errors 1/sqrt(pairs) of independent noise (Bartlett 1946).

    Subtracted is the largest at lags around half a period and one and a half, so that slow wandering, which is alike at
    all lags, gives nothing. Outliers are clipped at 4 robust deviations.
    """
    spread = MAD_TO_SD * float(np.median(np.abs(rest - np.median(rest))))
    if spread <= 0:
        return 0.0
    rest = np.clip(rest - np.median(rest), -4 * spread, 4 * spread)
    power = float(rest @ rest)
    at, below = _autocorrelation(rest, period, power), _autocorrelation(rest, period // 2, power)
    above = _autocorrelation(rest, period + period // 2, power)
    return (at - max(0.0, below, above)) * math.sqrt(len(rest) - period)


def _autocorrelation(centred: Floats, lag: int, power: float) -> float:
    n = len(centred)
    return float(centred[lag:] @ centred[: n - lag]) / power * n / (n - lag) if lag < n else 0.0


def profile(value: Floats, period: int) -> Floats:
    """Return the mean pattern of one period about the course, shape (period,), by the phase of the first value."""
    rest = without_course(value, period)
    phase = (np.arange(len(rest)) + period // 2) % period
    return np.bincount(phase, weights=rest, minlength=period) / np.maximum(
        1, np.bincount(phase, minlength=period)
    )
