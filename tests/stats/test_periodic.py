"""A pattern that repeats is told from noise, trends, steps and wandering."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlcheck.stats.periodic import profile, repetition_z, within_periods, without_course

PERIOD = 12
SAW = np.tile(np.linspace(0.5, -0.5, PERIOD), 10)


def test_noise_does_not_repeat() -> None:
    """Of 1000 series of noise on a falling line none exceeds 4 standard errors and 1 % at most 3."""
    rng = np.random.default_rng(0)
    z = [repetition_z(np.linspace(2, 1, 120) + rng.standard_normal(120), PERIOD) for _ in range(1000)]
    assert max(z) < 4.5
    assert np.mean(np.array(z) > 3) <= 0.01


def test_a_sawtooth_repeats() -> None:
    """A wave as large as the noise is far beyond 4 standard errors, and its shape is found."""
    value = np.linspace(3, 2, 120) + SAW + 0.2 * np.random.default_rng(1).standard_normal(120)
    assert repetition_z(value, PERIOD) > 6
    found = profile(value, PERIOD)
    assert found.shape == (PERIOD,)
    assert np.corrcoef(found, SAW[:PERIOD])[0, 1] > 0.95


@pytest.mark.parametrize(
    "course", [np.linspace(3, 1, 120), 3 * 0.85 ** (np.arange(120) // PERIOD), np.exp(-np.arange(120) / 40.0)]
)
def test_a_fall_and_a_staircase_do_not_repeat(course: np.ndarray[tuple[int], np.dtype[np.float64]]) -> None:
    """A steady fall and a step down at the end of every period leave only noise."""
    rng = np.random.default_rng(2)
    assert repetition_z(course + 0.02 * rng.standard_normal(120), PERIOD) < 4


def test_another_period_is_not_this_one() -> None:
    """A wave of 12 points does not repeat after 8; one of 6 is told from one of 12 by its half."""
    value = SAW + 0.1 * np.random.default_rng(3).standard_normal(120)
    assert repetition_z(value, 8) < 4
    half = np.tile(np.linspace(0.5, -0.5, 6), 20) + 0.1 * np.random.default_rng(4).standard_normal(120)
    assert repetition_z(half, 12) < 4


def test_too_short_or_constant_gives_nothing() -> None:
    """Under three periods, a period under 4, or no variation: 0."""
    assert repetition_z(SAW[:30], PERIOD) == 0
    assert repetition_z(SAW, 3) == 0
    assert repetition_z(np.ones(120), PERIOD) == 0


def test_the_course_is_removed_as_worked_by_hand() -> None:
    """Period 4 on 0..8: a line leaves 0, weights 1/8 1/4 1/4 1/4 1/8; a period's mean leaves -1.5 to 1.5."""
    np.testing.assert_allclose(without_course(np.arange(9.0), 4), np.zeros(5), atol=1e-12)
    np.testing.assert_allclose(without_course(np.array([0.0, 0, 8, 0, 0]), 4), [6.0])
    np.testing.assert_allclose(within_periods(np.arange(9.0), 4), [-1.5, -0.5, 0.5, 1.5] * 2)


@given(st.floats(0.01, 100), st.floats(-50, 50))
def test_scale_and_shift_change_nothing(scale: float, shift: float) -> None:
    """The number of standard errors has no unit."""
    value = SAW + 0.3 * np.random.default_rng(5).standard_normal(120)
    assert repetition_z(scale * value + shift, PERIOD) == pytest.approx(repetition_z(value, PERIOD), rel=1e-6)
