"""The noise of a series is found whatever its course, and the course whatever its noise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.ndimage import median_filter

from mlcheck.stats.noise import finite, noise_sd, smooth

if TYPE_CHECKING:
    from mlcheck.model import Floats

numbers = st.lists(
    st.floats(-1e3, 1e3, allow_nan=False).map(lambda v: round(v, 3)), min_size=4, max_size=60
).map(np.array)


@pytest.mark.parametrize("sd", [0.01, 0.1, 1.0])
def test_noise_is_that_which_was_added(sd: float) -> None:
    """Over a falling course the standard deviation of the added noise is found within 10 %."""
    rng = np.random.default_rng(0)
    value = 5 * np.exp(-np.linspace(0, 5, 4000)) + sd * rng.standard_normal(4000)
    assert noise_sd(value) == pytest.approx(sd, rel=0.1)


def test_a_straight_line_has_no_noise() -> None:
    """Second differences of a line vanish."""
    assert noise_sd(np.linspace(3, 1, 50)) == pytest.approx(0, abs=1e-12)


def test_one_spike_does_not_change_the_noise_much() -> None:
    """The scale is robust: one value of 50 standard deviations moves it by under 10 %."""
    value = np.random.default_rng(1).standard_normal(300)
    spiked = value.copy()
    spiked[200] = 50
    assert noise_sd(spiked) == pytest.approx(noise_sd(value), rel=0.1)


def test_rounded_values_still_have_noise() -> None:
    """Where most second differences vanish the mean square speaks: one step of 1 in 12 values (worked by hand)."""
    value = np.array([1.0] * 11 + [2.0])  # the last 8: seven 1s and a 2, second differences 0,0,0,0,0,1
    assert noise_sd(value) == pytest.approx(np.sqrt(1 / 6) / np.sqrt(6))


@pytest.mark.parametrize("value", [[], [1.0], [1.0, 2.0, 5.0], [np.nan] * 9])
def test_too_few_values_have_no_noise(value: list[float]) -> None:
    """Under four finite values nothing can be said."""
    assert noise_sd(np.array(value, dtype=np.float64)) == 0.0


@given(numbers, st.floats(-100, 100), st.sampled_from([0.5, 2.0, 8.0]))
def test_noise_ignores_shifts_and_follows_the_scale(value: Floats, shift: float, scale: float) -> None:
    """A constant, a linear trend or a mirror changes nothing; a factor is carried through."""
    base = noise_sd(value)
    tilted = value + shift + 0.5 * shift * np.arange(len(value))
    assert noise_sd(tilted) == pytest.approx(base, rel=1e-6, abs=1e-8)
    assert noise_sd(-scale * value) == pytest.approx(scale * base, rel=1e-9, abs=1e-12)


def test_the_course_is_a_median_and_then_a_mean() -> None:
    """Away from the ends it is what SciPy's median filter and a moving mean give."""
    value = np.random.default_rng(2).standard_normal(200)
    expected = np.convolve(median_filter(value, 9), np.ones(9) / 9, mode="same")
    np.testing.assert_allclose(smooth(value, 9)[8:-8], expected[8:-8])


def test_the_course_of_a_line_is_the_line() -> None:
    """Both ends are smoothed symmetrically, so that nothing is pulled inwards."""
    line = np.linspace(2, 1, 31)
    np.testing.assert_allclose(smooth(line), line)


def test_values_not_finite_are_bridged() -> None:
    """The course has no gap where the series has."""
    value = np.array([np.nan, 3.0, np.nan, np.inf, 2.0, 2.0, 2.0])
    assert np.isfinite(smooth(value)).all()
    np.testing.assert_array_equal(finite(value), [3.0, 2.0, 2.0, 2.0])


@given(numbers)
def test_the_course_stays_within_the_values(value: Floats) -> None:
    """It is never above the highest or below the lowest value."""
    course = smooth(value)
    assert course.min() >= value.min() - 1e-9
    assert course.max() <= value.max() + 1e-9


@pytest.mark.parametrize("n", [4_000, 9_999, 50_001])
def test_the_course_of_a_long_series_by_blocks_is_that_by_points(n: int) -> None:
    """SciPy's median filter over 5 % of the points and a moving mean give the same to a small part of the noise."""
    course = 0.2 + 2 * np.exp(-np.linspace(0, 6, n))
    value = course + 0.1 * np.random.default_rng(3).standard_normal(n)
    value[n // 2] = 1e6
    width = n // 20 | 1
    expected = np.convolve(median_filter(value, width), np.ones(width) / width, mode="same")
    inner = slice(width, -width)
    np.testing.assert_allclose(smooth(value)[inner], expected[inner], atol=0.015)
    assert smooth(value)[[0, -1]].tolist() == value[[0, -1]].tolist()


def test_the_course_of_a_million_points_takes_no_window_over_all_of_them() -> None:
    """Windows of 5 % of a million points would be 400 GB."""
    line = np.linspace(2, 1, 1_000_003)
    np.testing.assert_allclose(smooth(line), line, atol=1e-4)
