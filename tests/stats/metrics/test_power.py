"""How many examples would settle a difference."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import pytest

from mlcheck.stats.metrics.power import deviation, deviation_from_p, needed


def test_that_many_examples_have_the_power_asked_for() -> None:
    """Of samples of the size found, eight in ten are significant."""
    difference, spread, n = 0.3, 1.0, 1
    size = needed(difference, spread, n)
    assert size is not None
    means = np.random.default_rng(0).normal(difference, 1 / math.sqrt(size), 100_000)
    assert np.mean(np.abs(means) * math.sqrt(size) > 1.959964) == pytest.approx(0.8, abs=0.01)


def test_an_interval_and_a_p_value_tell_the_same_deviation() -> None:
    """Both are the normal law read the other way round."""
    assert deviation(0.1 - 1.959964 * 0.05, 0.1 + 1.959964 * 0.05, 0.95) == pytest.approx(0.05)
    p_value = 2 * NormalDist().cdf(-0.1 / 0.05)
    assert deviation_from_p(0.1, p_value) == pytest.approx(0.05)
    assert deviation_from_p(0.1, 1.0) == math.inf
    assert deviation_from_p(0.1, 0.0) == 0


def test_no_difference_is_never_settled() -> None:
    """There is no such number, nor one without a spread."""
    assert needed(0.0, 0.1, 100) is None
    assert needed(0.1, math.inf, 100) is None


def test_half_the_difference_needs_four_times_the_examples() -> None:
    """The deviation falls with the square root."""
    assert needed(0.01, 0.01, 10_000) == pytest.approx(4 * (needed(0.02, 0.01, 10_000) or 0), rel=1e-3)
