"""Families of data curves: shapes by hand, fits against a general solver, forecasts of curves that are members."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import lsq_linear

from mlcheck.stats.curves import families
from mlcheck.stats.curves.course import variance
from mlcheck.stats.curves.families import SHAPES, Shape
from tests.stats.curves.curves import course, power


@pytest.mark.parametrize("shape", SHAPES, ids=lambda s: f"{s.family}-{s.first:g}-{s.second:g}")
def test_every_shape_is_one_at_the_last_size_and_never_rises(shape: Shape) -> None:
    """What the system of a and b rests on."""
    ratio = np.geomspace(1 / 64, 16, 50)
    values = shape(ratio)
    assert shape(np.array([1.0]))[0] == pytest.approx(1.0)
    assert (np.diff(values) <= 1e-12).all()
    assert np.isfinite(values).all()


@pytest.mark.parametrize(
    ("shape", "ratio", "value"),
    [
        (Shape("pow3", 0.5), 4.0, 0.5),
        (Shape("pow4", 1.0, 0.2), 1.4, 0.75),
        (Shape("weibull", 1.0, 1.0), 2.0, np.exp(-1)),
        (Shape("mmf", 1.0, 1.0), 3.0, 0.5),
        (Shape("log"), 4.0, -1.0),
        (Shape("last"), 9.0, 1.0),
    ],
)
def test_shapes_by_hand(shape: Shape, ratio: float, value: float) -> None:
    """One value of each family, worked on paper."""
    assert shape(np.array([ratio]))[0] == pytest.approx(value)


def test_the_fit_of_a_shape_is_that_of_a_general_solver() -> None:
    """Weighted least squares with priors, as rows of one system that scipy solves."""
    curve = course(power() + np.random.default_rng(0).normal(0, 0.004, 10))
    made = families.fitted(curve, np.array([4.0]))
    root = 1 / np.sqrt(variance(curve) / curve.unit**2 + (families.DISCREPANCY * curve.octave) ** 2)
    for i in (3, 9, 20, 31):
        shape = SHAPES[i]
        phi = shape(curve.n / curve.n[-1])
        level, slope = (p[i] for p in families._priors())
        left = np.vstack([np.column_stack([root, root * phi]), np.diag([level**0.5, slope**0.5])])
        right = np.append(root * curve.error / curve.unit, [0.0, 0.0])
        a, b = lsq_linear(left, right).x
        assert made.predicted[i, 0] == pytest.approx(a + b * shape(np.array([4.0]))[0], rel=1e-6)


@pytest.mark.parametrize("slope", [0.35, 0.7, 1.0])
def test_a_power_law_is_foretold_by_its_own_shape(slope: float) -> None:
    """Without noise the member of that exponent goes where the curve goes, at 4 and 16 times the data."""
    error = power(height=2.0, slope=slope)
    made = families.fitted(course(error, sd=1e-4), np.array([4.0, 16.0]))
    said = made.predicted[SHAPES.index(Shape("pow3", slope))] * course(error).unit
    assert said == pytest.approx(power(18, height=2.0, slope=slope)[[13, 17]], rel=0.01)


def test_a_held_out_tail_is_looked_at_only_where_enough_is_left() -> None:
    """Three sizes are needed to fit; without them there is no score."""
    assert families.held_out(course(power(4))) is None
    scores = families.held_out(course(power(10), sd=1e-3))
    assert scores is not None
    best = SHAPES[int(np.argmax(scores))].family
    assert best not in ("last", "log")


def test_weights_add_to_one_however_far_apart() -> None:
    """Logarithms of evidence of any size."""
    assert families.weights(np.array([-1e5, 0.0, -2.0])).sum() == pytest.approx(1.0)
