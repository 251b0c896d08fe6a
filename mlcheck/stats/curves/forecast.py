"""Where a data curve goes: the error at more examples, with intervals that hold, and the examples that a score needs.

Families of curves, each weighted by how well it predicts the tail it was not shown, give forecasts; trees fitted on the
curves of many data sets turn these and the shape of the curve (its gap to the training error, its last slopes, its noise)
into the change of the error at 2, 4, 8 and 16 times the data, and into how far off that will be. The intervals are as
wide as it took to hold on data sets that the trees had not seen (split conformal prediction with locally weighted
residuals: Lei et al. 2018, sect. 5.2).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mlcheck.stats.curves import trees
from mlcheck.stats.curves.evidence import NAMES, evidence

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlcheck.model.common import Floats
    from mlcheck.stats.curves.course import Course
    from mlcheck.stats.curves.trees import Trees

ANCHORS = np.array([1.0, 2.0, 3.0, 4.0])
"""Doublings beyond the last size at which the trees are asked."""
FARTHEST = 8.0
"""Doublings beyond which nothing is said: 256 times the data."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Constants:
    """What was fitted: trees for the median change of the error and for the logarithm of how far off it is.

    `levels` ascending in (0, 1); `below` and `above`, same shape, are the residuals in units of the second trees between
    which the truth lay with that frequency.
    """

    middle: Trees
    spread: Trees
    levels: Floats
    below: Floats
    above: Floats


def constants(told: Mapping[str, Any]) -> Constants:
    """Return the constants of one kind of error (`bounded` or `scaled` of the file of numbers)."""
    levels, below, above = (np.array(told[name], dtype=np.float64) for name in ("levels", "below", "above"))
    return Constants(
        middle=trees.read(told["middle"], NAMES), spread=trees.read(told["spread"], NAMES),
        levels=levels, below=below, above=above,
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Forecast:
    """The error ahead: `at` doublings beyond the last size (0 first) its median and how far off that is likely to be.

    All arrays have shape (1 + len(ANCHORS),), `middle` and `spread` in units of the error.
    """

    at: Floats
    middle: Floats
    spread: Floats
    bounded: bool
    known: Constants

    def error(self, octaves: float) -> float:
        """Return the median of the error `octaves` doublings beyond the last size."""
        return self._clipped(_along(self.at, self.middle, octaves))

    def interval(self, octaves: float, level: float) -> tuple[float, float]:
        """Return the interval that holds the error at `level`."""
        middle, spread = self._there(octaves)
        below, above = (
            float(np.interp(level, self.known.levels, some)) for some in (self.known.below, self.known.above)
        )
        return self._clipped(middle - below * spread), self._clipped(middle + above * spread)

    def chance(self, error: float, octaves: float) -> float:
        """Return the probability that the error is at most `error` there, 0..1."""
        middle, spread = self._there(octaves)
        off = (error - middle) / max(spread, 1e-300)
        ends = self.known.above if off > 0 else self.known.below
        level = float(np.interp(abs(off), np.append(0.0, ends), np.append(0.0, self.known.levels)))
        return 0.5 + level / 2 if off > 0 else 0.5 - level / 2

    def _there(self, octaves: float) -> tuple[float, float]:
        return _along(self.at, self.middle, octaves), _along(self.at, self.spread, octaves, widening=True)

    def _clipped(self, error: float) -> float:
        return float(np.clip(error, 0.0, 1.0)) if self.bounded else max(error, 0.0)


def forecast(course: Course, known: Constants) -> Forecast:
    """Look ahead of a curve of at least three sizes."""
    seen = evidence(course, ANCHORS)
    unit, last = course.unit, float(course.error[-1])
    spread = np.maximum.accumulate(np.exp(known.spread(seen)))
    return Forecast(
        at=np.append(0.0, ANCHORS),
        middle=np.append(last, last + unit * known.middle(seen)),
        spread=unit * np.append(min(seen[0, NAMES.index("noise")], spread[0]), spread),
        bounded=course.bounded,
        known=known,
    )


def _along(at: Floats, value: Floats, octaves: float, *, widening: bool = False) -> float:
    """Return the value between anchors by straight lines in the doublings, beyond the last by its last fall.

    Beyond, each doubling falls by half of what the one before fell; a half-width widens as between the last anchors.
    """
    if octaves <= at[-1]:
        return float(np.interp(octaves, at, value))
    beyond = octaves - at[-1]
    step = float(value[-1] - value[-2])
    if widening:
        return float(value[-1] + beyond * max(step, 0.1 * float(value[-1])))
    return float(value[-1] + step * (1 - 0.5**beyond))


def needed(made: Forecast, error: float, level: float) -> tuple[float, float, float]:
    """Return by how many doublings the error falls to `error`: the low end, the median and the high end of `level`.

    Infinite where it is not reached within FARTHEST doublings with that probability.
    """
    steps = np.linspace(0, FARTHEST, 161)
    chance = np.maximum.accumulate([made.chance(error, float(step)) for step in steps])
    found = []
    for wanted in ((1 - level) / 2, 0.5, (1 + level) / 2):
        first = int(np.searchsorted(chance, wanted))
        found.append(float(steps[first]) if first < len(steps) else float("inf"))
    return found[0], found[1], found[2]
