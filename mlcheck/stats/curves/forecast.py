"""Where a data curve goes: the error at more examples, with intervals that hold, and the examples that a score needs.

Families of curves, each weighted by how well it predicts the tail it was not shown, give forecasts; trees fitted on the
curves of many data sets turn these and the shape of the curve (its gap to the training error, its last slopes, its noise)
into the change of the error at 2, 4, 8 and 16 times the data, and into how far off that will be. The intervals are as
wide as it took to hold on data sets that the trees had not seen (split conformal prediction with locally weighted
residuals: Lei et al. 2018, sect. 5.2).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

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
class Widths:
    """How far off forecasts were, in units of the spread; `levels`, `below` and `above` have shape (levels,).

    `levels` ascending in (0, 1): with that frequency the truth lay at most `below` under and `above` over the median.
    `stretch`, shape (len(ANCHORS),), multiplies the spread, so that this holds at each horizon by itself.
    """

    levels: Floats
    below: Floats
    above: Floats
    stretch: Floats

    def chance(self, off: Floats) -> Floats:
        """Return the probability that the truth lies at most `off` spreads above the median, any shape, 0..1."""
        levels = np.append(0.0, self.levels)
        over = np.interp(off, np.append(0.0, self.above), levels)
        under = np.interp(-off, np.append(0.0, self.below), levels)
        return np.asarray(np.where(off > 0, 0.5 + over / 2, 0.5 - under / 2))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Constants:
    """What was fitted: trees for the median change of the error and for the logarithm of how far off it is.

    The widths of curves whose sizes were repeated and of those whose were not.
    """

    middle: Trees
    spread: Trees
    repeated: Widths
    once: Widths


def constants(told: Mapping[str, Any]) -> Constants:
    """Return the constants of one kind of error (`bounded` or `scaled` of the file of numbers)."""

    def widths(name: str) -> Widths:
        levels, below, above, stretch = (
            np.array(told[name][key], dtype=np.float64) for key in ("levels", "below", "above", "stretch")
        )
        return Widths(levels=levels, below=below, above=above, stretch=stretch)

    return Constants(
        middle=trees.read(told["middle"], NAMES),
        spread=trees.read(told["spread"], NAMES),
        repeated=widths("repeated"),
        once=widths("once"),
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Forecast:
    """The error ahead: `at` doublings beyond the last size (0 first) its median and how far off that is likely to be.

    All arrays have shape (1 + len(ANCHORS),), `middle` and `spread` in units of the error.
    """

    at: Floats
    middle: Floats
    spread: Floats
    bounded: bool
    widths: Widths

    def error(self, octaves: float) -> float:
        """Return the median of the error `octaves` doublings beyond the last size."""
        return self._clipped(float(_along(self.at, self.middle, octaves)))

    def interval(self, octaves: float, level: float) -> tuple[float, float]:
        """Return the interval that holds the error at `level`."""
        middle, spread = self._there(octaves)
        below, above = (
            float(np.interp(level, self.widths.levels, some))
            for some in (self.widths.below, self.widths.above)
        )
        return self._clipped(float(middle - below * spread)), self._clipped(float(middle + above * spread))

    def chance(self, error: float, octaves: float) -> float:
        """Return the probability that the error is at most `error` there, 0..1."""
        return float(self.chances(error, np.array([octaves]))[0])

    def chances(self, error: float, octaves: Floats) -> Floats:
        """Return `chance` at each of several places, shape (k,)."""
        middle, spread = self._there(octaves)
        return self.widths.chance((error - middle) / np.maximum(spread, 1e-300))

    def _there(self, octaves: float | Floats) -> tuple[Floats, Floats]:
        return _along(self.at, self.middle, octaves), _along(self.at, self.spread, octaves, widening=True)

    def _clipped(self, error: float) -> float:
        return float(np.clip(error, 0.0, 1.0)) if self.bounded else max(error, 0.0)


def is_repeated(course: Course) -> bool:
    """Return whether most sizes were measured more than once."""
    return bool(np.median(course.repeats) > 1)


def forecast(course: Course, known: Constants) -> Forecast:
    """Look ahead of a curve of at least three sizes."""
    seen = evidence(course, ANCHORS)
    unit, last = course.unit, float(course.error[-1])
    widths = known.repeated if is_repeated(course) else known.once
    spread = np.maximum.accumulate(np.exp(known.spread(seen)) * widths.stretch)
    return Forecast(
        at=np.append(0.0, ANCHORS),
        middle=np.append(last, last + unit * known.middle(seen)),
        spread=unit * np.append(min(seen[0, NAMES.index("noise")], spread[0]), spread),
        bounded=course.bounded,
        widths=widths,
    )


def _along(at: Floats, value: Floats, octaves: float | Floats, *, widening: bool = False) -> Floats:
    """Return the value between anchors by straight lines in the doublings, beyond the last by its last fall.

    Beyond, each doubling falls by half of what the one before fell; a half-width widens as between the last anchors.
    """
    beyond = np.maximum(np.asarray(octaves) - at[-1], 0.0)
    inside = np.interp(octaves, at, value)
    step = float(value[-1] - value[-2])
    if widening:
        return np.asarray(inside + beyond * max(step, 0.1 * float(value[-1])))
    return np.asarray(inside + step * (1 - 0.5**beyond))


class Needed(NamedTuple):
    """By how many doublings an error is reached, if it is at all: low end, median, high end; and the chance that it is."""

    low: float
    median: float
    high: float
    chance: float


def needed(made: Forecast, error: float, level: float) -> Needed:
    """Return by how many doublings the error falls to `error`, with the range that holds it at `level`.

    The range is that of curves which get there: within FARTHEST doublings, and not at the last size already, where
    only noise hides it. Without that, one doubt would stand for two: whether a score can be had, and how soon.
    """
    steps = np.linspace(0, FARTHEST, 161)
    by = np.maximum.accumulate(made.chances(error, steps))
    gained = by - by[0]
    if gained[-1] <= 0:
        never = float("inf")
        return Needed(never, never, never, float(by[-1]))
    share = gained / gained[-1]
    ends = [float(steps[np.searchsorted(share, q)]) for q in ((1 - level) / 2, 0.5, (1 + level) / 2)]
    return Needed(ends[0], ends[1], ends[2], float(by[-1]))
