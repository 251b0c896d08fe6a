"""What a data curve shows of its future: unit-free numbers that a model of many curves was fitted on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlcheck.stats.curves import families
from mlcheck.stats.curves.course import variance

if TYPE_CHECKING:
    from mlcheck.model.common import Floats
    from mlcheck.stats.curves.course import Course

BACK = (0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0)
TRAIN_BACK = (0.5, 1.0, 2.0, 3.0)
SPANS = (1.0, 2.0, 4.0)
NAMES = (
    "horizon", "level", "gap", "train", *(f"fall_{b:g}" for b in BACK), *(f"train_fall_{b:g}" for b in TRAIN_BACK),
    *(f"slope_{s:g}" for s in SPANS), *(f"train_slope_{s:g}" for s in SPANS), "above_best", "fall", "octaves", "size",
    "noise", "by_evidence", "by_tail", "spread", *(f"by_{name}" for name in families.FAMILIES[:-1]),
)  # fmt: skip


def evidence(course: Course, octaves: Floats) -> Floats:
    """Return the numbers for each horizon (in doublings beyond the last size), shape (horizons, len(NAMES)).

    Lengths are in units of the curve; NaN where the curve does not reach back so far or has no training error.
    """
    unit, x = course.unit, course.octave
    error, train = course.error / unit, course.train / unit
    last = error[-1]
    shared = [
        last if course.bounded else 0.0,
        last - train[-1],
        train[-1],
        *(_at(x, error, back) - last for back in BACK),
        *(_at(x, train, back) - train[-1] for back in TRAIN_BACK),
        *(_slope(x, error, span) for span in SPANS),
        *(_slope(x, train, span) for span in SPANS),
        last - error.min(),
        error[0] - last,
        x[0],
        np.log2(course.n[-1]),
        np.sqrt(variance(course)[-1]) / unit,
    ]
    forecasts, spread = _forecasts(course, octaves)
    ahead = forecasts - last
    repeated = np.tile(np.array(shared), (len(octaves), 1))
    return np.column_stack([octaves, repeated, ahead[:, :2], spread, ahead[:, 2:]])


def _at(x: Floats, y: Floats, back: float) -> float:
    """Return y `back` doublings before the end, between sizes by a straight line; NaN before the first size."""
    if back > x[0] + 0.1:
        return float("nan")
    return float(np.interp(-back, -x, y))


def _slope(x: Floats, y: Floats, span: float) -> float:
    """Return the rise of y for each doubling over the last `span` doublings; NaN under two sizes."""
    near = x <= span + 0.05
    if np.count_nonzero(near) < 2:
        return float("nan")
    centred = x[near] - x[near].mean()
    return float(-(centred @ y[near]) / (centred @ centred))


def _forecasts(course: Course, octaves: Floats) -> tuple[Floats, Floats]:
    """Return forecasts by evidence, by the held-out tail and within each family, shape (horizons, 2 + families).

    Beside them by how much the shapes differ, weighted by their evidence, shape (horizons,).
    """
    made = families.fitted(course, 2.0**octaves)
    tail = families.held_out(course)
    weight = families.weights(made.evidence)
    mean = weight @ made.predicted
    found = [mean, families.weights(made.evidence if tail is None else tail) @ made.predicted]
    for name in families.FAMILIES[:-1]:
        mine = families.MEMBERS[name]
        found.append(families.weights(made.evidence[mine]) @ made.predicted[mine])
    return np.column_stack(found), np.asarray(np.sqrt(weight @ (made.predicted - mean) ** 2))
