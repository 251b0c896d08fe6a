"""The gap between two losses: worked cases, coverage of its interval, and what must not change it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlcheck.model import Floats, Role, Series, Split
from mlcheck.stats.gap import Pair, closing, end_gap, paired, start_level, trails


def loss(value: Floats, split: Split, step: Floats | None = None) -> Series:
    """Make a loss series."""
    at = np.arange(1.0, len(value) + 1) if step is None else step
    return Series(
        name=f"{split}_loss", role=Role(quantity="loss", split=split, measure="loss"), step=at, value=value
    )


def pair(train: Floats, val: Floats) -> Pair:
    """Pair two losses of the same steps."""
    found = paired(loss(train, "train"), loss(val, "validation"))
    assert found is not None
    return found


def test_a_constant_gap_is_found_exactly() -> None:
    """Two straight lines 0.5 apart have that gap at the end and at the start, and it has not opened."""
    line = np.linspace(2.0, 1.0, 30)
    gap = end_gap(pair(line, line + 0.5))
    assert gap.value == pytest.approx(0.5)
    assert gap.opened == pytest.approx(0.0, abs=0.02)
    assert gap.low <= gap.value <= gap.high


def test_a_training_loss_of_every_step_is_read_where_the_validation_is() -> None:
    """A validation every 10 steps is compared with the training loss of those steps."""
    steps = np.arange(1.0, 101)
    found = paired(
        loss(3 - 0.01 * steps, "train", steps),
        loss(3 - 0.01 * steps[9::10] + 0.2, "validation", steps[9::10]),
    )
    assert found is not None
    assert found.n == 10
    assert found.gap == pytest.approx(np.full(10, 0.2), abs=0.02)


def test_an_averaged_training_loss_is_taken_half_an_interval_later() -> None:
    """The mean of a falling line over an epoch is its value half an epoch before the end."""
    ends = np.linspace(4.9, 2.0, 30)
    found = pair(ends + 0.05, ends)
    assert found.ahead[2:-2] == pytest.approx(ends[2:-2])


def test_values_that_are_not_finite_are_left_out() -> None:
    """A NaN in either loss is no point."""
    line = np.linspace(2.0, 1.0, 30)
    holed = line.copy()
    holed[[3, 17]] = np.nan
    gap = end_gap(pair(holed, holed + 0.5))
    assert gap.value == pytest.approx(0.5, abs=0.01)
    assert paired(loss(np.full(5, np.nan), "train"), loss(line, "validation")) is None


def test_the_interval_holds_the_true_gap_as_often_as_it_says() -> None:
    """Of 400 noisy pairs with a gap of 0.3 the 95 % interval misses it in few, but not in none."""
    rng, course = np.random.default_rng(1), np.linspace(2.0, 1.0, 200)
    missed = 0
    for _ in range(400):
        gap = end_gap(
            pair(course + 0.05 * rng.standard_normal(200), course + 0.3 + 0.1 * rng.standard_normal(200))
        )
        missed += not gap.low <= 0.3 <= gap.high
    assert 0.005 < missed / 400 < 0.1


def test_a_small_validation_set_widens_the_interval() -> None:
    """The sampling error of 100 examples is added to the noise."""
    line = np.linspace(2.0, 1.0, 30)
    known = end_gap(pair(line, line + 0.5), val_size=100)
    assert known.sd == pytest.approx(0.15, rel=0.05)


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    n=st.integers(6, 60),
    scale=st.floats(0.01, 100),
    shift=st.floats(-10, 10),
)
def test_the_gap_follows_scale_and_not_shift(seed: int, n: int, scale: float, shift: float) -> None:
    """Adding a constant to both losses changes nothing; a factor on both is a factor on the gap."""
    rng = np.random.default_rng(seed)
    train, val = np.cumsum(rng.standard_normal(n)), np.cumsum(rng.standard_normal(n))
    plain, moved = pair(train, val), pair(scale * train + shift, scale * val + shift)
    one, two = end_gap(plain), end_gap(moved)
    assert two.value == pytest.approx(scale * one.value, abs=1e-6 * scale + 1e-9)
    assert two.sd == pytest.approx(scale * one.sd, abs=1e-6 * scale + 1e-9)
    assert closing(moved) == pytest.approx(closing(plain), abs=0.5)


def test_a_line_that_falls_to_the_end_trails_and_a_fall_that_flattens_does_not() -> None:
    """Averaged weights fall without slowing down; a network that stops generalising slows down."""
    rng, t = np.random.default_rng(2), np.arange(40.0)
    train = 0.8 + 0.6 * np.exp(-t / 4)
    assert trails(pair(train, 1.41 - 0.003 * t + 0.0002 * rng.standard_normal(40)))
    assert not trails(pair(train, 1.1 + 0.3 * np.exp(-t / 4) + 0.0002 * rng.standard_normal(40)))
    assert not trails(pair(train, 1.2 + 0.05 * rng.standard_normal(40)))


def test_the_start_is_chance_where_known() -> None:
    """Else it is the higher of both first values."""
    found = pair(np.array([2.0, 1.0, 0.5, 0.4]), np.array([1.5, 1.2, 1.0, 1.0]))
    assert start_level(found) == 2.0
    assert start_level(found, 2.3) == 2.3
