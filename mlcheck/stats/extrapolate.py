"""Where a falling curve is heading: what as many points again would gain, and whether it has stopped."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mlcheck.stats.intervals import two_sided_z
from mlcheck.stats.noise import noise_sd
from mlcheck.stats.trend import Slope, slope_by_index

if TYPE_CHECKING:
    from mlcheck.model import Floats

LEAST_POINTS = 12
"""Under these the last half cannot be cut into three pieces of two points."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """What the next `ahead` runs of the same length would gain, in units of the series, with its interval.

    gain, low, high: expected, least and most fall below the end of the course.
    ratio: by which the fall shrinks from one sixth of the run to the next; 1 is a straight line, 0 a standstill.
    recent: fall between the last two sixths, and its standard error.
    """

    gain: float
    low: float
    high: float
    ratio: float
    recent: float
    error: float

    @property
    def is_falling(self) -> bool:
        """Whether the fall between the last two sixths exceeds its error 3 times (p about 0.001, one-sided)."""
        return self.recent > 3 * self.error and self.recent > 0


def outlook(value: Floats, *, level: float = 0.95, ahead: float = 1.0) -> Outlook | None:
    """Extrapolate a falling curve by an exponential through the means of three equal pieces of its last half.

    `value`: shape (n,), finite; None for n < 12. With d0, d1 the falls between the pieces and q = d1 / d0 the end lies
    d1 q² (-ln q) / (1 - q)² above the limit, of which 1 - q^(6 ahead) is gained (Aitken's process on block means). q
    stays within 0..1: a fall may go on in a straight line but not speed up. The interval moves d0 and d1 by their
    standard errors against each other.
    """
    n = len(value)
    size = n // 6
    if n < LEAST_POINTS:
        return None
    a, b, c = (float(value[n - k * size : n - (k - 1) * size].mean()) for k in (3, 2, 1))
    error = noise_sd(value) * math.sqrt(2.0 / size)
    z = two_sided_z(level)
    before, recent = a - b, b - c
    gain, ratio = _remaining(before, recent, ahead)
    low, _ = _remaining(before + z * error, recent - z * error, ahead)
    high, _ = _remaining(before - z * error, recent + z * error, ahead)
    return Outlook(gain, low, high, ratio, recent, error)


def _remaining(before: float, recent: float, ahead: float) -> tuple[float, float]:
    """Return (gain over the next 6 ahead pieces, ratio q) of falls `before` and `recent` between pieces."""
    if recent <= 0:
        return 0.0, 0.0
    q = min(1.0, recent / before) if before > 0 else 1.0
    if q > 0.999:
        return recent * 6 * ahead, q
    return recent * q * q * -math.log(q) / (1 - q) ** 2 * (1 - q ** (6 * ahead)), q


def change(value: Floats, *, level: float = 0.9) -> Slope:
    """Return the change over the whole of `value`, shape (n,), by the median slope, with its interval; falls are negative.

    An interval of level 0.9 that lies within ±margin is an equivalence test at the 5 % level (Schuirmann 1987): the
    series is flat, which is more than having no significant slope.
    """
    n = len(value)
    slope = slope_by_index(value, level=level)
    return Slope(slope.value * (n - 1), slope.low * (n - 1), slope.high * (n - 1))


def is_flat(value: Floats, margin: float) -> bool:
    """Whether the change over `value` lies within ±`margin` (units of the series) by `change`'s equivalence test.

    Fewer than 4 points are never flat.
    """
    if len(value) < 4:
        return False
    whole = change(value)
    return -margin <= whole.low and whole.high <= margin


def straightness(value: Floats, counter: Floats | None = None) -> float:
    """Return the slope of the second half of `counter` (default: the points) over that of the first, by means of thirds.

    1 is a straight line, below 1 slows down, above 1 speeds up; 0 where the first half does not fall. `counter`: shape
    (n,), increasing, such as the sum of the learning rates so far, under which a decaying rate slows nothing down.
    """
    n = len(value)
    at = np.arange(n, dtype=np.float64) if counter is None else counter
    cuts = np.searchsorted(at, at[0] + (at[-1] - at[0]) * np.array([1 / 3, 2 / 3])) if n else []
    pieces = np.split(value, cuts)
    if n < 6 or min(len(piece) for piece in pieces) < 1:
        return 0.0
    first, middle, last = (float(piece.mean()) for piece in pieces)
    x, y, z = (float(piece.mean()) for piece in np.split(at, cuts))
    return (middle - last) / (z - y) * (y - x) / (first - middle) if first > middle else 0.0
