"""Slopes and trend tests agree with SciPy's and with cases worked by hand."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kendalltau, theilslopes

from mlcheck.stats.trend import blocks, lag1, mann_kendall, theil_sen

if TYPE_CHECKING:
    from mlcheck.model import Floats

numbers = st.lists(st.floats(-100, 100).map(lambda v: round(v, 3)), min_size=4, max_size=40).map(np.array)


@pytest.mark.parametrize("n", [5, 12, 60, 150])
@pytest.mark.parametrize("level", [0.9, 0.95])
def test_slope_and_interval_are_scipys(n: int, level: float) -> None:
    """The median slope is SciPy's; the interval is its, or one rank wider from rounding outwards."""
    rng = np.random.default_rng(n)
    x, y = np.arange(n, dtype=np.float64), rng.standard_normal(n) - 0.1 * np.arange(n)
    ours, theirs = theil_sen(x, y, level=level), theilslopes(y, x, alpha=1 - level)
    i, j = np.triu_indices(n, 1)
    slopes = np.sort((y[j] - y[i]) / (x[j] - x[i]))
    assert ours.value == pytest.approx(theirs.slope)
    for our, their, outwards in ((ours.low, theirs.low_slope, -1), (ours.high, theirs.high_slope, 1)):
        apart = int(np.searchsorted(slopes, our) - np.searchsorted(slopes, their)) * outwards
        assert 0 <= apart <= 1


@given(numbers)
def test_turning_the_series_over_turns_the_interval_over(y: Floats) -> None:
    """The interval of -y is that of y with its ends exchanged and negated."""
    x = np.arange(len(y), dtype=np.float64)
    up, down = theil_sen(x, y), theil_sen(x, -y)
    assert down.value == pytest.approx(-up.value, abs=1e-9)
    assert (down.low, down.high) == pytest.approx((-up.high, -up.low), abs=1e-9)


@given(numbers, st.floats(-50, 50), st.floats(-5, 5))
def test_a_line_that_is_added_is_added_to_the_slope(y: Floats, shift: float, tilt: float) -> None:
    """Shift does nothing, a tilt adds to all three numbers."""
    x = np.arange(len(y), dtype=np.float64)
    plain, tilted = theil_sen(x, y), theil_sen(x, y + shift + tilt * x)
    expected = (plain.value + tilt, plain.low + tilt, plain.high + tilt)
    assert (tilted.value, tilted.low, tilted.high) == pytest.approx(expected, abs=1e-6)


def test_the_interval_holds_the_slope_as_often_as_it_says() -> None:
    """Of 400 noisy lines some 95 % have the true slope inside (binomial error 1 %)."""
    rng = np.random.default_rng(3)
    x = np.arange(20, dtype=np.float64)
    slopes = [theil_sen(x, -0.3 * x + rng.standard_normal(20)) for _ in range(400)]
    assert 0.92 <= np.mean([s.low <= -0.3 <= s.high for s in slopes]) <= 0.99


def test_one_point_has_no_slope() -> None:
    """A single point, or no difference in x, says nothing: slope 0, anything possible."""
    for x in (np.array([1.0]), np.array([1.0, 1.0])):
        slope = theil_sen(x, x)
        assert (slope.value, slope.low, slope.high) == (0.0, -math.inf, math.inf)


@pytest.mark.parametrize("seed", range(5))
def test_mann_kendall_is_kendalls_tau_against_time(seed: int) -> None:
    """For independent noise z is that of SciPy's asymptotic test, but for its missing continuity correction."""
    y = np.random.default_rng(seed).standard_normal(30)
    z, p = mann_kendall(y)
    n, tau = len(y), kendalltau(np.arange(30), y, method="asymptotic")
    s = tau.statistic * n * (n - 1) / 2
    expected = (s - np.sign(s)) / math.sqrt(n * (n - 1) * (2 * n + 5) / 18)
    assert abs(z) <= abs(expected) + 1e-9  # the correction for autocorrelation only ever widens
    assert z == pytest.approx(expected, rel=0.35, abs=0.05)
    assert p == pytest.approx(math.erfc(abs(z) / math.sqrt(2)))


def test_ties_are_counted_as_worked_by_hand() -> None:
    """1 2 2 3 4: S = 9, variance (5·4·15 - 2·1·9)/18 = 47/3, z = 8/sqrt(47/3)."""
    z, _ = mann_kendall(np.array([1.0, 2, 2, 3, 4]))
    assert z == pytest.approx(8 / math.sqrt(47 / 3))


def test_wandering_is_not_a_trend() -> None:
    """Of strongly autocorrelated series without trend far fewer are called trends than by the plain test."""
    rng, called, plain = np.random.default_rng(4), 0, 0
    for _ in range(200):
        y = np.zeros(80)
        for i, shock in enumerate(rng.standard_normal(79), 1):
            y[i] = 0.7 * y[i - 1] + shock
        called += mann_kendall(y)[1] < 0.01
        plain += kendalltau(np.arange(80), y).pvalue < 0.01
    assert called < 0.6 * plain


@given(numbers)
def test_only_the_order_of_the_values_counts(y: Floats) -> None:
    """The sign of the trend is the same for any rising function of the values, and turns with them."""
    z = mann_kendall(y)[0]
    assert np.sign(mann_kendall(np.exp(y / 50))[0]) == np.sign(z)
    assert np.sign(mann_kendall(-y)[0]) == -np.sign(z)


def test_few_or_equal_values_have_no_trend() -> None:
    """Under four values, or all the same, z is 0."""
    assert mann_kendall(np.array([3.0, 2.0, 1.0])) == (0.0, 1.0)
    assert mann_kendall(np.full(20, 1.5))[0] == 0.0


def test_long_series_are_averaged_in_blocks() -> None:
    """The mean is kept, the length is bounded, short series are left as they are."""
    value = np.arange(1000.0)
    assert len(blocks(value)) == 200
    assert blocks(value).mean() == pytest.approx(value.mean())
    assert blocks(value, 100)[0] == pytest.approx(4.5)
    short = np.arange(5.0)
    np.testing.assert_array_equal(blocks(short), short)


def test_lag1_by_hand() -> None:
    """1 -1 1 -1: products of neighbours -3 over squares 4; a constant and three values give 0."""
    assert lag1(np.array([1.0, -1, 1, -1])) == pytest.approx(-0.75)
    assert lag1(np.full(9, 2.0)) == 0.0
    assert lag1(np.array([1.0, 5, 2])) == 0.0
