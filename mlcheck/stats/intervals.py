"""How far a measured share or a mean of losses may lie from the truth, given how many examples it rests on."""

from __future__ import annotations

import math
from functools import lru_cache
from statistics import NormalDist


@lru_cache(maxsize=16)
def two_sided_z(level: float) -> float:
    """Return the standard normal quantile that leaves `level` (0..1) between -z and z.

    >>> round(two_sided_z(0.95), 3)
    1.96
    """
    if not 0 < level < 1:
        raise ValueError(f"expected a level between 0 and 1, got {level}")
    return NormalDist().inv_cdf(0.5 + level / 2)


def two_sided_p(z: float) -> float:
    """Return the probability that a standard normal number lies as far from zero as `z`, exact in the far tail too.

    >>> round(two_sided_p(1.96), 3)
    0.05
    """
    return math.erfc(abs(z) / math.sqrt(2))


def binomial_sd(share: float, n: int) -> float:
    """Return the standard deviation of a share (0..1) of `n` independent examples: sqrt(p (1 - p) / n).

    Shares outside 0..1 are clipped; n < 1 gives infinity, for nothing is known then.

    >>> binomial_sd(0.5, 100)
    0.05
    """
    if n < 1:
        return math.inf
    p = min(1.0, max(0.0, share))
    return math.sqrt(p * (1 - p) / n)


def wilson(share: float, n: int, *, level: float = 0.95) -> tuple[float, float]:
    """Return the score interval (low, high) of a share of `n` examples (Wilson 1927, J. Am. Stat. Assoc. 22, p. 209).

    Unlike share ± z sd it never leaves 0..1 and has a width at 0 and 1 too. n < 1 gives (0, 1).

    >>> tuple(round(x, 4) for x in wilson(0.9, 10))
    (0.5958, 0.9821)
    """
    if n < 1:
        return 0.0, 1.0
    p, z = min(1.0, max(0.0, share)), two_sided_z(level)
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return max(0.0, centre - half), min(1.0, centre + half)


def mean_loss_sd(loss: float, n: int | None) -> float:
    """Return how far the mean loss over `n` examples may lie from that over all of them, as a standard deviation.

    The spread over examples is not in a log. Losses of single examples are skewed, with a standard deviation near
    their mean as for an exponential distribution, so |loss| / sqrt(n) stands in for it. None (unknown size) gives 0.

    >>> mean_loss_sd(0.5, 2500)
    0.01
    """
    return abs(loss) / math.sqrt(n) if n else 0.0
