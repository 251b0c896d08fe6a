"""A data curve with all that is measured of it: what the rules look at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mlcheck.stats.curves.behaved import Rise, surest_rise
from mlcheck.stats.curves.course import Course
from mlcheck.stats.curves.forecast import Forecast, forecast

if TYPE_CHECKING:
    from mlcheck.model.common import Floats
    from mlcheck.stats.curves.forecast import Constants
    from mlcheck.stats.curves.scale import Scale

LEAST_SIZES = 4
AHEAD = 2.0
"""Doublings at which the verdict is taken: four times the data."""
SCALED_GAIN = 0.05
"""Share of a loss that counts as much as one point of a share."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Looked:
    """One curve: its errors, how it is scaled, where it goes."""

    metric: str
    course: Course
    scale: Scale
    ahead: Forecast
    rise: Rise

    @property
    def last_n(self) -> float:
        """The largest number of examples."""
        return float(self.course.n[-1])

    @property
    def worthwhile(self) -> float:
        """The least gain that counts, in errors: 0.01 of a share, 5 % of a loss."""
        return 0.01 if self.course.bounded else SCALED_GAIN * max(float(self.course.error[-1]), 0.0)

    @property
    def gap(self) -> Floats | None:
        """Held-out error minus training error at each size, shape (k,); None where no training score is known."""
        gap = self.course.error - self.course.train
        return gap if np.isfinite(gap).sum() >= 2 else None

    def chance_of_gain(self, gain: float, octaves: float = AHEAD) -> float:
        """Return the probability that the error falls by at least `gain` within `octaves` doublings."""
        return self.ahead.chance(float(self.course.error[-1]) - gain, octaves)

    def score(self, error: float) -> float:
        """Return the score of an error."""
        return self.scale.score(error)

    def predicted(self, octaves: float, level: float) -> tuple[float, float, float]:
        """Return the score `octaves` doublings beyond the last size and the ends of its interval, the lower first."""
        low, high = sorted(self.score(end) for end in self.ahead.interval(octaves, level))
        return self.score(self.ahead.error(octaves)), low, high


def course_of(n: Floats, score: Floats, train: Floats, scale: Scale) -> Course:
    """Return the means over the repeats at each size; arrays of shape (k,), in any order.

    Rows are put in order first: sums of floats depend on theirs in the last digit.
    """
    order = np.lexsort((train, score, n))
    n, score, train = n[order], score[order], train[order]
    sizes, inverse, counts = np.unique(n, return_inverse=True, return_counts=True)
    error = scale.error(score)
    mean = np.bincount(inverse, error) / counts
    square = np.bincount(inverse, (error - mean[inverse]) ** 2)
    with np.errstate(invalid="ignore", divide="ignore"):
        sd = np.where(counts > 1, np.sqrt(square / (counts - 1)), np.nan)
    known = np.isfinite(train)
    seen = np.bincount(inverse[known], minlength=len(sizes))
    summed = np.bincount(inverse[known], scale.error(train[known]), minlength=len(sizes))
    with np.errstate(invalid="ignore"):
        fitted = np.where(seen > 0, summed / np.maximum(seen, 1), np.nan)
    return Course(
        n=sizes, error=mean, train=fitted, sd=sd, repeats=counts.astype(np.float64), bounded=scale.bounded
    )  # fmt: skip


def look(metric: str, course: Course, scale: Scale, known: Constants) -> Looked:
    """Measure a curve of at least LEAST_SIZES sizes."""
    return Looked(
        metric=metric, course=course, scale=scale, ahead=forecast(course, known), rise=surest_rise(course)
    )
