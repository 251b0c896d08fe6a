"""A data curve as the statistics see it: mean error, its noise and the training error at each number of examples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from mlcheck.model.common import Floats

LEAST_UNIT = 0.01
"""Share of the range of a bounded score below which an error is no yardstick any more."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Course:
    """One curve, the error lower for better. All arrays have shape (k,), `n` strictly ascending.

    n: examples. error: mean over the repeats. train: mean error on the training examples, NaN where unknown. sd:
    standard deviation between the repeats at that n, NaN where there is one. repeats: how many there are.
    bounded: the error is a share of a range, 0..1 (one minus accuracy); else it is a loss of any scale, above 0.
    """

    n: Floats
    error: Floats
    train: Floats
    sd: Floats
    repeats: Floats
    bounded: bool

    def __len__(self) -> int:
        """Return the number of sizes."""
        return len(self.n)

    @property
    def octave(self) -> Floats:
        """How many doublings each size lies below the last, shape (k,): descending to 0."""
        return np.asarray(np.log2(self.n[-1] / self.n))

    @property
    def unit(self) -> float:
        """The yardstick of the curve: the last errors themselves, of a bounded error the root of them.

        The noise and the gains of a share grow with the root of its level, those of a loss of any scale with its level.
        """
        level = float(self.error[-3:].mean())
        return (
            float(np.sqrt(max(level, LEAST_UNIT)))
            if self.bounded
            else max(level, LEAST_UNIT * float(self.error.max()), 1e-300)
        )

    def up_to(self, count: int) -> Course:
        """Return the curve of the first `count` sizes."""
        return Course(
            n=self.n[:count], error=self.error[:count], train=self.train[:count], sd=self.sd[:count],
            repeats=self.repeats[:count], bounded=self.bounded,
        )  # fmt: skip


def variance(course: Course) -> Floats:
    """Return the variance of each mean error, shape (k,), smoothed over neighbours.

    Where nothing was repeated it is half the mean square of the second differences over 3: what is not smooth is noise.
    """
    k = len(course)
    known = np.isfinite(course.sd) & (course.repeats > 1)
    if known.any():
        at = np.flatnonzero(known)
        square = np.interp(np.arange(k), at, course.sd[at] ** 2)
        padded = np.pad(square, 1, mode="edge")
        smooth = padded[:-2] / 4 + padded[1:-1] / 2 + padded[2:] / 4
        floor = 0.04 * float(np.median(square))
        found = (smooth + floor) / np.maximum(course.repeats, 1)
    else:
        found = np.full(k, _roughness(course))
    return np.asarray(found + (1e-3 * course.unit) ** 2)


def _roughness(course: Course) -> float:
    """Return the variance of what a straight line through both neighbours (in log n) leaves of each inner point."""
    if len(course) < 4:
        return float((0.03 * course.unit) ** 2)
    x, e = course.octave, course.error
    share = (x[:-2] - x[1:-1]) / np.maximum(x[:-2] - x[2:], 1e-12)
    rest = e[1:-1] - (1 - share) * e[:-2] - share * e[2:]
    scale = 1 + (1 - share) ** 2 + share**2
    return float(np.median(rest**2 / scale) / 0.4549)  # the median of chi-squared with one degree of freedom
