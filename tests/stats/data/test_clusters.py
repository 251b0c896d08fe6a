"""Numbers in two parts."""

from __future__ import annotations

import numpy as np
import pytest

from mlcheck.stats.data.clusters import spike_or_not, two_clusters


def test_the_cut_and_the_distance_by_hand() -> None:
    """0 to 9 and 100 to 109: means 100 apart, deviation 2.872 each, D = sqrt(2) 100 / sqrt(2 * 8.25)."""
    values = np.repeat(np.r_[np.arange(10.0), np.arange(100.0, 110.0)], 5)
    found = two_clusters(values)
    assert found is not None
    assert found[0].tolist() == (values >= 100).tolist()
    assert found[1] == pytest.approx(100 / np.sqrt(8.25))


@pytest.mark.parametrize("shape", ["normal", "uniform", "exponential", "lognormal"])
def test_one_heap_is_no_two_clusters(shape: str) -> None:
    """Under 5 for usual distributions of one heap."""
    draw = np.random.default_rng(0)
    found = two_clusters(getattr(draw, shape)(size=2000))
    assert found is None or found[1] < 5


def test_codes_and_constants_have_no_clusters() -> None:
    """A code of two values is a category."""
    assert two_clusters(np.tile([0.0, 1.0], 100)) is None
    assert two_clusters(np.ones(100)) is None


def test_a_value_that_stands_for_none_is_a_spike() -> None:
    """Zeros among amounts; not so among rounded numbers."""
    draw = np.random.default_rng(0)
    amounts = np.where(np.arange(200) < 80, 0.0, draw.gamma(2, 10, 200))
    spike = spike_or_not(amounts)
    assert spike is not None
    assert spike.tolist() == (amounts == 0).tolist()
    assert spike_or_not(draw.integers(0, 30, 200).astype(float)) is None
    assert spike_or_not(np.tile([0.0, 0.0, 1.0], 50)) is None
