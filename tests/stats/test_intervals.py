"""Intervals of shares and mean losses against SciPy, worked cases and what must not change them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from mlcheck.stats.intervals import binomial_sd, mean_loss_sd, two_sided_z, wilson

SHARES = st.floats(0, 1)
SIZES = st.integers(1, 100_000)


@given(right=st.integers(0, 500), wrong=st.integers(0, 500), level=st.floats(0.5, 0.999))
def test_wilson_is_that_of_scipy(right: int, wrong: int, level: float) -> None:
    """SciPy's score interval of the same counts has the same ends."""
    n = right + wrong
    if n == 0:
        return
    theirs = stats.binomtest(right, n).proportion_ci(level, method="wilson")
    assert wilson(right / n, n, level=level) == pytest.approx((theirs.low, theirs.high), abs=1e-9)


@given(share=SHARES, n=SIZES)
def test_wilson_mirrors_and_holds_the_share(share: float, n: int) -> None:
    """Errors instead of hits give the mirrored interval, and the share lies within it."""
    low, high = wilson(share, n)
    other_low, other_high = wilson(1 - share, n)
    assert low == pytest.approx(1 - other_high, abs=1e-9)
    assert high == pytest.approx(1 - other_low, abs=1e-9)
    assert low - 1e-9 <= share <= high + 1e-9


@given(share=SHARES, n=SIZES)
def test_the_binomial_sd_is_that_of_scipy(share: float, n: int) -> None:
    """The standard deviation of a count over n."""
    assert binomial_sd(share, n) == pytest.approx(stats.binom(n, share).std() / n, abs=1e-7)


def test_nothing_is_known_without_examples() -> None:
    """No examples give the widest answers, no size given none."""
    assert wilson(0.5, 0) == (0.0, 1.0)
    assert math.isinf(binomial_sd(0.5, 0))
    assert mean_loss_sd(0.7, None) == 0.0


@given(level=st.floats(0.01, 0.9999))
def test_the_quantile_is_that_of_scipy(level: float) -> None:
    """The normal quantile leaves half of the rest on either side."""
    assert two_sided_z(level) == pytest.approx(stats.norm.ppf(0.5 + level / 2), rel=1e-9)


@pytest.mark.parametrize("level", [0.0, 1.0, 1.5, -0.1])
def test_a_level_that_is_none_is_refused(level: float) -> None:
    """A level lies strictly between 0 and 1."""
    with pytest.raises(ValueError, match="between 0 and 1"):
        two_sided_z(level)


def test_the_sd_of_a_mean_loss_is_that_of_exponential_losses() -> None:
    """The means of many samples of exponential losses spread as said."""
    draws = np.random.default_rng(0).exponential(0.8, size=(4000, 250)).mean(axis=1)
    assert draws.std() == pytest.approx(mean_loss_sd(0.8, 250), rel=0.05)
