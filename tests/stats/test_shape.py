"""The shape of a curve: levels at both ends, best point, rise, noise, tail."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlcheck.model import Floats, Role, Series
from mlcheck.stats.shape import Shape, at_steps, shape, shared_count


def loss(value: object, step: object = None, epoch: Floats | None = None) -> Series:
    """Return a loss with these values, at steps 1, 2, ... unless given."""
    array = np.asarray(value, dtype=np.float64)
    at = np.arange(1.0, len(array) + 1) if step is None else np.asarray(step, dtype=np.float64)
    return Series(
        name="loss",
        role=Role(quantity="loss", split="train", measure="loss"),
        step=at,
        value=array,
        epoch=epoch,
    )


def known(series: Series) -> Shape:
    """Return the shape of a series that has one."""
    found = shape(series)
    assert found is not None
    return found


def test_a_valley_is_measured_at_its_bottom() -> None:
    """A curve that falls to 1 at step 20 and rises to 2: best, its step, rise and drop."""
    s = known(loss(np.concatenate([np.linspace(3, 1, 20), np.linspace(1, 2, 20)])))
    assert (s.n, s.first) == (40, 3.0)
    assert s.best == pytest.approx(1.0, abs=0.06)
    assert s.best_step == pytest.approx(20, abs=1)
    assert s.last == pytest.approx(2.0, abs=0.06)
    assert s.rise == pytest.approx(1.0, abs=0.12)
    assert s.drop == pytest.approx(2.0, abs=0.06)
    assert s.tail.value == pytest.approx(1 / 19, rel=0.01)
    assert s.tail_z > 4


def test_the_noise_of_a_level_shrinks_with_the_points_it_rests_on() -> None:
    """The last 5 % of 200 points are 10: the error of a difference of two such means is noise * sqrt(2 / 10)."""
    s = known(loss(1 + 0.1 * np.random.default_rng(0).standard_normal(200)))
    assert s.noise == pytest.approx(0.1, rel=0.2)
    assert s.level_noise == pytest.approx(s.noise * np.sqrt(0.2))


def test_what_is_not_finite_is_left_out() -> None:
    """NaN and infinity count neither as points nor as best."""
    s = known(loss([3, np.nan, 2, -np.inf, 1, 1, 1, 1]))
    assert (s.n, s.raw_best) == (6, 1.0)
    np.testing.assert_array_equal(s.step, [1, 3, 5, 6, 7, 8])


def test_no_finite_value_has_no_shape() -> None:
    """Empty and all NaN give None; one value gives a shape of itself."""
    assert shape(loss([])) is None
    assert shape(loss([np.nan, np.nan])) is None
    assert known(loss([2.5])).last == 2.5


@given(
    st.lists(st.floats(-50, 50).map(lambda v: round(v, 2)), min_size=6, max_size=40),
    st.sampled_from([0.5, 2.0, 10.0]),
    st.floats(-9, 9),
)
def test_shape_follows_scale_and_shift(values: list[float], scale: float, shift: float) -> None:
    """Levels move with the series, differences only with its scale."""
    a, b = known(loss(values)), known(loss(scale * np.array(values) + shift))
    assert b.last == pytest.approx(scale * a.last + shift, abs=1e-8)
    assert b.drop == pytest.approx(scale * a.drop, abs=1e-8)
    assert b.rise == pytest.approx(scale * a.rise, abs=1e-8)
    assert b.noise == pytest.approx(scale * a.noise, abs=1e-8)


def test_values_are_interpolated_at_other_steps_but_not_beyond() -> None:
    """Half way between 1 and 3 lies 2; before the first and after the last is nothing."""
    np.testing.assert_array_equal(
        at_steps(loss([1, np.nan, 3], [0, 5, 10]), np.array([-1.0, 5, 10, 11])), [np.nan, 2, 3, np.nan]
    )
    assert np.isnan(at_steps(loss([np.nan]), np.array([1.0]))).all()


def test_counters_are_steps_then_epochs_then_shares() -> None:
    """Iterations against epochs are compared by epochs, and without those by share of the run."""
    iterations, few = np.arange(0.0, 1000, 100), np.arange(1.0, 11)
    same = shared_count(loss(np.ones(10), iterations), loss(np.ones(10), iterations + 50))
    by_epoch = shared_count(loss(np.ones(10), iterations, few), loss(np.ones(10), few, few))
    by_share = shared_count(loss(np.ones(10), iterations), loss(np.ones(5), few[:5]))
    assert same is not None
    assert same[0] is not few
    assert same[0][-1] == 900
    assert by_epoch is not None
    assert by_epoch[0][-1] == by_epoch[1][-1] == 10
    assert by_share is not None
    assert (by_share[0][-1], by_share[1][-1]) == (1, 1)
    assert shared_count(loss([]), loss([1.0])) is None
