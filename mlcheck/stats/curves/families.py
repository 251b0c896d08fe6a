"""Families of data curves, each on a grid of shapes: what every one of them makes of a curve, all at once.

A shape is a falling function phi(r) of r = n / N, N being the last size, with phi(1) = 1; the curve is a + b phi(r). On a
grid of shapes only a and b are left to fit, which is linear: one small system for each shape and no search that could
fail. Families: power laws with two (a = 0), three and four parameters (an offset in n), Weibull and exponential, MMF
(Morgan, Mercer & Flodin 1975), a straight line in log n, and no change.
Sources: Viering & Loog 2021, The shape of learning curves, table 1; Mohr et al. 2022, LCDB.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from mlcheck.stats.curves.course import variance

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlcheck.model.common import Floats
    from mlcheck.stats.curves.course import Course

FAMILIES = ("pow2", "pow3", "pow4", "weibull", "mmf", "log", "last")
EXPONENTS = (0.1, 0.2, 0.35, 0.5, 0.7, 1.0, 1.4, 2.0)
OFFSETS = (0.05, 0.2, 0.6)
RATES = (0.5, 1.0, 2.0, 4.0)
POWERS = (0.5, 1.0)
MMF = ((0.2, 1.0), (1.0, 1.0), (0.2, 2.0), (1.0, 0.5))
DISCREPANCY = 0.015
"""By how much of the unit a family may miss a point for each doubling that it lies before the end."""
WIDEST = (3.0, 1.5)
"""Prior standard deviations of a and b in units of the curve: only what is absurd is ruled out."""
STEEPEST = 60.0


class Shape(NamedTuple):
    """One member of a family by its two parameters."""

    family: str
    first: float = 0.0
    second: float = 0.0

    def __call__(self, ratio: Floats) -> Floats:
        """Return phi at r = n / N, any shape, positive; phi(1) = 1."""
        c, d = self.first, self.second
        if self.family in ("pow2", "pow3", "pow4"):
            return np.asarray(((ratio + d) / (1 + d)) ** -c)
        if self.family == "weibull":
            return np.asarray(np.exp(np.minimum(-c * (ratio**d - 1), np.log(STEEPEST))))
        if self.family == "mmf":
            return np.asarray((c + 1) / (c + ratio**d))
        if self.family == "log":
            return np.asarray(1 - np.log2(ratio))
        return np.ones_like(ratio)


def _shapes() -> Iterator[Shape]:
    yield from (Shape("pow2", c) for c in EXPONENTS)
    yield from (Shape("pow3", c) for c in EXPONENTS)
    yield from (Shape("pow4", c, d) for c in EXPONENTS[2:] for d in OFFSETS)
    yield from (Shape("weibull", c, d) for c in RATES for d in POWERS)
    yield from (Shape("mmf", c, d) for c, d in MMF)
    yield Shape("log")
    yield Shape("last")


SHAPES = tuple(_shapes())
MEMBERS = {name: np.array([s.family == name for s in SHAPES]) for name in FAMILIES}


class Fits(NamedTuple):
    """What each shape says, shape (shapes,) or (shapes, targets); errors in units of the curve."""

    evidence: Floats
    predicted: Floats


def fitted(course: Course, ratio: Floats) -> Fits:
    """Fit all shapes to a curve and predict its error at `ratio` times the last size, shape (targets,).

    Noise-weighted least squares with wide priors on a and b; the evidence is the logarithm of the marginal likelihood
    up to a constant common to all shapes (MacKay 1992, eq. 4.4).
    """
    unit = course.unit
    error = course.error / unit
    spread = variance(course) / unit**2 + (DISCREPANCY * course.octave) ** 2
    weight = 1 / spread
    inside = course.n / course.n[-1]
    phi = np.stack([shape(inside) for shape in SHAPES])
    ahead = np.stack([shape(np.asarray(ratio, dtype=np.float64)) for shape in SHAPES])
    level, slope = _priors()
    m11 = weight.sum() + level
    m12 = phi @ weight
    m22 = (phi**2) @ weight + slope
    r1 = np.full(len(SHAPES), float(weight @ error))
    r2 = phi @ (weight * error)
    determinant = m11 * m22 - m12**2
    a = (m22 * r1 - m12 * r2) / determinant
    b = (m11 * r2 - m12 * r1) / determinant
    rest = error - a[:, None] - b[:, None] * phi
    penalty = level * a**2 + slope * b**2
    free = np.log(determinant / (level * slope))
    evidence = -0.5 * ((rest**2) @ weight + penalty + free)
    return Fits(evidence, a[:, None] + b[:, None] * ahead)


def _priors() -> tuple[Floats, Floats]:
    """Return the prior precisions of a and b by shape; a parameter that a family lacks is held at 0."""
    none = 1e8
    level = np.array([none if s.family == "pow2" else WIDEST[0] ** -2 for s in SHAPES])
    slope = np.array([none if s.family == "last" else WIDEST[1] ** -2 for s in SHAPES])
    return level, slope


def weights(score: Floats) -> Floats:
    """Turn logarithms of evidence, shape (shapes,), into weights that add to 1."""
    made = np.exp(score - score.max())
    return np.asarray(made / made.sum())


def held_out(course: Course, octaves: float = 1.0) -> Floats | None:
    """Return how well each shape, fitted without the last `octaves` doublings, predicts them: log scores, (shapes,).

    None where fewer than three sizes remain.
    """
    kept = int(np.count_nonzero(course.octave > octaves - 0.05))
    if kept < 3 or kept == len(course):
        return None
    before = course.up_to(kept)
    made = fitted(before, course.n[kept:] / before.n[-1]).predicted * before.unit
    noise = variance(course)[kept:] + (0.02 * course.unit) ** 2
    return np.asarray(-0.5 * (((made - course.error[kept:]) ** 2) / noise).sum(axis=1))
