"""How many examples would show a difference of the size seen."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import TYPE_CHECKING

from mlcheck.stats.intervals import two_sided_z

if TYPE_CHECKING:
    from mlcheck.stats.metrics.metric import Difference

MOST = 10**12


def needed(found: Difference, *, n: int, level: float = 0.95, power: float = 0.8) -> int | None:
    """Return the examples with which a true difference of the size seen would be significant with probability `power`.

    The standard error is that of the interval on `n` examples and falls with their square root:
    n ((z_level + z_power) se / difference)² (Cohen 1988, chapter 2). None where there is no interval or no difference.

    >>> from mlcheck.stats.metrics.metric import Difference
    >>> needed(Difference(a=0.82, b=0.8, difference=0.02, low=-0.02, high=0.06), n=1000)
    8173
    """
    if found.difference is None or found.low is None or found.high is None or found.difference == 0:
        return None
    z = two_sided_z(level)
    error = (found.high - found.low) / (2 * z)
    more = n * ((z + NormalDist().inv_cdf(power)) * error / found.difference) ** 2
    return math.ceil(more) if math.isfinite(more) and more < MOST else None
