"""How many examples would settle a difference."""

from __future__ import annotations

import math
from statistics import NormalDist

from mlcheck.stats.intervals import two_sided_z

POWER = 0.8


def deviation(low: float, high: float, level: float) -> float:
    """Return the standard deviation that an interval (low, high) at `level` (0..1) amounts to.

    >>> round(deviation(-1.96, 1.96, 0.95), 3)
    1.0
    """
    return (high - low) / (2 * two_sided_z(level))


def deviation_from_p(difference: float, p_value: float) -> float:
    """Return the standard deviation at which `difference` has this two-sided p-value; infinity for p = 1, 0 for p = 0."""
    if p_value >= 1:
        return math.inf
    return abs(difference) / -NormalDist().inv_cdf(p_value / 2) if p_value > 0 else 0.0


def needed(
    difference: float, deviation: float, n: int, *, level: float = 0.95, power: float = POWER
) -> int | None:
    """Return how many examples would make `difference` significant in the share `power` of samples, None if no number.

    The standard deviation of the difference, now `deviation` over `n` examples, falls with 1 / sqrt(n), so that
    n (z_level + z_power)^2 sd^2 / difference^2 are needed (Cohen 1988, Statistical power analysis, section 2.4), taking
    the observed difference for the true one.

    >>> needed(0.02, 0.01, 1000)
    1963
    """
    if difference == 0 or not math.isfinite(deviation):
        return None
    z = two_sided_z(level) + NormalDist().inv_cdf(power)
    return max(2, math.ceil(n * (z * deviation / difference) ** 2))
