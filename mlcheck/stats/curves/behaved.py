"""Whether a data curve is well behaved: its error falls with more examples, within its noise."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from mlcheck.stats.curves.course import variance

if TYPE_CHECKING:
    from mlcheck.stats.curves.course import Course

SURE, LEAST_RISE = 4.0, 0.02
"""A rise is no noise from so many standard errors on (the best of all pairs is looked for), and by so much of the unit."""


class Rise(NamedTuple):
    """The surest rise of the error: from the size at `start` to that at `end` (indices), by how much, in standard errors."""

    start: int
    end: int
    rise: float
    z: float


def surest_rise(course: Course) -> Rise:
    """Return the rise between two sizes, the earlier first, that is largest in standard errors (z at most 0: none)."""
    spread = variance(course)
    k = len(course)
    earlier, later = np.triu_indices(k, 1)
    rise = course.error[later] - course.error[earlier]
    z = rise / np.sqrt(spread[later] + spread[earlier])
    best = int(np.argmax(z))
    return Rise(int(earlier[best]), int(later[best]), float(rise[best]), float(z[best]))


def is_ill(course: Course, *, sure: float = SURE, rise: float = LEAST_RISE) -> bool:
    """Return whether the error surely rises somewhere: by `sure` standard errors and `rise` of the curve's unit."""
    found = surest_rise(course)
    return bool(found.z >= sure and found.rise >= rise * course.unit)


def above_best(course: Course) -> float:
    """Return by how much the last error lies above the lowest one before it, at least 0."""
    return float(max(0.0, course.error[-1] - course.error.min()))
