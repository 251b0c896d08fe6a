"""What a careful reader takes from one curve: level at both ends, best point, noise, rise from the best, slope at the end.

Everything is measured against the series' own noise, so that a statement made with it does not rest on a wiggle.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import numpy as np

from mlcheck.stats.noise import median, noise_sd, smooth
from mlcheck.stats.trend import Slope, steepness

if TYPE_CHECKING:
    from mlcheck.model import Floats, Series


@dataclass(frozen=True, eq=False)
class Shape:
    """The course of one series. Levels are in units of the series; `at` are indices into the finite points.

    first, last: the course at both ends (a median of the last 5 % of the points, at least 3, for `last`).
    best, best_at: the lowest point of the course (for a loss), and where; `raw_best` is the lowest value logged.
    noise: standard deviation about the course. level_noise: that of `last - best`, both being averages of k points.
    rise: last - best, never negative. drop: first - best.
    """

    n: int
    step: Floats
    value: Floats
    course: Floats
    first: float
    last: float
    best: float
    best_at: int
    raw_best: float
    noise: float
    level_noise: float

    @cached_property
    def _end(self) -> tuple[Slope, float]:
        """Measured when first asked for: it takes as long as all the rest."""
        return steepness(self.value[-max(4, self.n // 3) :])

    @property
    def tail(self) -> Slope:
        """Slope of the last third per point, with its interval."""
        return self._end[0]

    @property
    def tail_z(self) -> float:
        """Mann-Kendall z of the last third."""
        return self._end[1]

    @property
    def rise(self) -> float:
        """How far the end lies above the best, in units of the series."""
        return max(0.0, self.last - self.best)

    @property
    def drop(self) -> float:
        """How far the best lies below the start, in units of the series."""
        return self.first - self.best

    @property
    def best_step(self) -> float:
        """The step of the best point."""
        return float(self.step[self.best_at])


@lru_cache(maxsize=256)
def shape(series: Series) -> Shape | None:
    """Return the shape of a loss series, None where it has no finite value. Values not finite are left out.

    Cached by identity: series are frozen and many rules look at the same one.
    """
    good = np.isfinite(series.value)
    value, step = series.value[good], series.step[good]
    n = len(value)
    if n == 0:
        return None
    course = smooth(value)
    averaged = max(1, min(n, max(3, n // 20)))
    noise = noise_sd(value)
    last = median(value[-averaged:]) if n >= 6 else float(course[-1])
    best_at = int(np.argmin(course))
    return Shape(
        n=n,
        step=step,
        value=value,
        course=course,
        first=float(value[0]),
        last=last,
        best=float(course[best_at]),
        best_at=best_at,
        raw_best=float(value.min()),
        noise=noise,
        level_noise=noise * math.sqrt(2.0 / averaged),
    )


def at_steps(series: Series, step: Floats) -> Floats:
    """Return the series' finite values interpolated at other steps, shape (len(step),); NaN outside its range."""
    good = np.isfinite(series.value)
    if not good.any():
        return np.full(len(step), np.nan)
    return np.interp(step, series.step[good], series.value[good], left=np.nan, right=np.nan)


def shared_count(a: Series, b: Series) -> tuple[Floats, Floats] | None:
    """Return counters of two series that can be compared: steps, else epochs, else their share of the run (0..1).

    A log may count iterations for one and epochs for the other; steps are trusted only where their ranges agree within
    a factor of 2.
    """
    pairs = [(a.step, b.step)]
    if a.epoch is not None and b.epoch is not None:
        pairs.append((a.epoch, b.epoch))
    for x, y in pairs:
        if len(x) and len(y) and max(x[-1], y[-1]) <= 2 * max(1e-12, min(x[-1], y[-1])):
            return x, y
    if len(a) and len(b):
        return np.linspace(0, 1, len(a)), np.linspace(0, 1, len(b))
    return None
