"""Spikes are found where they are, and nowhere in noise."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.ndimage import median_filter

from mlcheck.stats.spikes import local_z, spikes


def noisy(seed: int = 0, n: int = 400) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return a falling course with noise of 0.02."""
    return 2 + np.exp(-np.linspace(0, 4, n)) + 0.02 * np.random.default_rng(seed).standard_normal(n)


def test_a_spike_is_found_with_its_height() -> None:
    """One value 1.0 above the course is some 50 robust deviations high; the level after it is that before."""
    value = noisy()
    value[250] += 1.0
    (found,) = spikes(value)
    assert found.at == 250
    assert 30 < found.height < 80
    assert abs(found.lasting) < 0.1


def test_neighbours_are_one_spike_and_a_lasting_step_is_told() -> None:
    """Three high values in a row, then a level 0.5 higher."""
    value = noisy()
    value[300:303] += 2.0
    value[303:] += 0.5
    found = spikes(value)
    assert len(found) == 1
    assert found[0].at in (300, 301, 302)
    assert found[0].lasting == pytest.approx(0.5, abs=0.1)


def test_noise_has_no_spikes() -> None:
    """In 100 series of 400 points of normal noise (7 σ: once in 10^12) next to none; in a steep first fall none."""
    assert sum(len(spikes(noisy(seed))) for seed in range(100)) <= 1
    assert spikes(10 * np.exp(-np.arange(200) / 3.0) + noisy(1, 200)) == ()


def test_a_constant_series_has_none() -> None:
    """Without noise there is no deviation to count in."""
    assert spikes(np.ones(100)) == ()
    assert (local_z(np.ones(2)) == 0).all()


def test_the_local_level_is_scipys_median_filter() -> None:
    """It is positive exactly where a value lies above the running median."""
    value = noisy(2, 200)
    above = value > median_filter(value, 51, mode="mirror")
    np.testing.assert_array_equal(local_z(value) > 0, above)


@given(st.floats(0.1, 100), st.floats(-50, 50))
def test_scale_and_shift_change_nothing(scale: float, shift: float) -> None:
    """The same spikes at the same heights."""
    value = noisy(3)
    value[200] += 1.0
    np.testing.assert_allclose(local_z(scale * value + shift), local_z(value), rtol=1e-5, atol=1e-5)


def test_a_long_series_has_the_spikes_that_its_pieces_have() -> None:
    """A window that moves by a third of its length finds the same spikes as one that moves point by point."""
    value = noisy(n=60_000)
    at = [7_000, 25_013, 40_000, 59_990]
    value[at] += 1.0
    assert [s.at for s in spikes(value)] == at
    by_point = local_z(value[20_000:39_999])
    np.testing.assert_allclose(local_z(value)[20_100:39_900], by_point[100:-99], rtol=0.5, atol=1.5)
