"""What more steps would gain, and when a curve is flat: against exact curves and error rates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import theilslopes

from mlcheck.stats.extrapolate import Outlook, change, is_flat, outlook, straightness

if TYPE_CHECKING:
    from mlcheck.model import Floats


def ahead_of(value: Floats, ahead: float = 1.0) -> Outlook:
    """Return the outlook of a curve long enough to have one."""
    found = outlook(value, ahead=ahead)
    assert found is not None
    return found


@pytest.mark.parametrize("rate", [0.5, 2.0, 5.0])
@pytest.mark.parametrize("ahead", [1.0, 3.0])
def test_an_exponential_is_continued_exactly(rate: float, ahead: float) -> None:
    """Of A e^(-rate t) the time up to 1 + ahead gains A (e^-rate - e^(-rate (1 + ahead)))."""
    t = (np.arange(6000) + 0.5) / 6000
    found = ahead_of(0.7 + 2 * np.exp(-rate * t), ahead)
    assert found.gain == pytest.approx(2 * (np.exp(-rate) - np.exp(-rate * (1 + ahead))), rel=0.01)
    assert found.ratio == pytest.approx(np.exp(-rate / 6), rel=0.001)


def test_a_line_goes_on_as_a_line() -> None:
    """A fall of 1 in a straight line promises another 1."""
    assert ahead_of(np.linspace(2, 1, 601)).gain == pytest.approx(1.0, rel=0.01)


def test_a_curve_that_falls_faster_is_continued_straight() -> None:
    """A fall that speeds up is not taken to speed up for ever: six times what the last sixth brought."""
    value = 2 - np.linspace(0, 1, 600) ** 2
    found = ahead_of(value)
    assert found.gain == pytest.approx(6 * found.recent)


@pytest.mark.parametrize("value", [np.full(30, 1.0), np.linspace(1, 2, 30)])
def test_what_does_not_fall_promises_nothing(value: Floats) -> None:
    """A flat and a rising curve gain 0."""
    assert ahead_of(value).gain == 0
    assert not ahead_of(value).is_falling


def test_a_short_curve_has_no_outlook() -> None:
    """Eleven points are too few."""
    assert outlook(np.linspace(2, 1, 11)) is None


def test_noise_is_rarely_taken_for_a_fall() -> None:
    """Of 1000 flat series of noise at most 1 % are called falling."""
    rng = np.random.default_rng(0)
    assert np.mean([ahead_of(rng.standard_normal(60)).is_falling for _ in range(1000)]) <= 0.01


def test_the_interval_holds_the_truth() -> None:
    """Of 300 noisy exponentials some 95 % or more have the true gain inside."""
    rng, t = np.random.default_rng(1), (np.arange(120) + 0.5) / 120
    truth, inside = np.exp(-2) - np.exp(-4), 0
    for _ in range(300):
        found = ahead_of(np.exp(-2 * t) + 0.01 * rng.standard_normal(120))
        inside += found.low <= truth <= found.high
    assert inside >= 0.93 * 300


@given(st.floats(0.1, 50), st.floats(-20, 20))
def test_the_gain_follows_the_scale_and_ignores_shifts(scale: float, shift: float) -> None:
    """In other units the gain is in those units."""
    value = np.exp(-np.linspace(0, 2, 48)) + 0.01 * np.cos(np.arange(48))
    assert ahead_of(scale * value + shift).gain == pytest.approx(scale * ahead_of(value).gain, rel=1e-6)


def test_the_change_is_scipys_slope_times_the_length() -> None:
    """The median slope of 40 points, over 39 steps, with SciPy's interval (one rank wider at most)."""
    value = np.random.default_rng(2).standard_normal(40)
    found, theirs = change(value, level=0.9), theilslopes(value, alpha=0.1)
    assert found.value == pytest.approx(39 * theirs.slope)
    assert found.low == pytest.approx(39 * theirs.low_slope, rel=0.1)
    assert found.high == pytest.approx(39 * theirs.high_slope, rel=0.1)


def test_flat_is_shown_and_not_assumed() -> None:
    """Quiet noise is flat within 0.1; loud noise without a trend is not shown to be; three points never are."""
    noise = np.random.default_rng(3).standard_normal(40)
    assert is_flat(1 + 0.01 * noise, 0.1)
    assert not is_flat(1 + noise, 0.1)
    assert not is_flat(np.ones(3), 0.1)


def test_a_change_of_the_margin_is_called_flat_in_one_case_of_twenty_at_most() -> None:
    """The error rate of the equivalence test at its edge is 5 % (binomial error 1 %)."""
    rng, line = np.random.default_rng(4), np.linspace(0.1, 0, 30)
    assert np.mean([is_flat(line + 0.03 * rng.standard_normal(30), 0.1) for _ in range(500)]) <= 0.08


def test_straightness_of_a_line_a_bend_and_a_standstill() -> None:
    """1 for a line, the ratio of the falls otherwise (worked by hand: means 5, 2, 1), 0 for what does not fall."""
    assert straightness(np.linspace(2, 1, 30)) == pytest.approx(1.0, rel=0.01)
    assert straightness(np.array([6.0, 5, 4, 2, 2, 2, 1, 1, 1])) == pytest.approx(1 / 3)
    assert straightness(np.ones(12)) == 0.0
    assert straightness(np.array([3.0, 2, 1])) == 0.0


def test_a_decaying_rate_does_not_bend_a_fall_that_follows_it() -> None:
    """Where the loss falls in proportion to the learning rates spent it is straight against their sum."""
    rate = 1 + np.cos(np.pi * np.linspace(0, 1, 90))
    value = 3 - np.cumsum(rate) / rate.sum()
    assert straightness(value) < 0.8
    assert straightness(value, np.cumsum(rate)) == pytest.approx(1.0, abs=0.05)
