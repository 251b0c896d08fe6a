"""Where a curve goes: what must not change it, intervals and chances that agree, the examples a score needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from mlcheck.commands.datacurve import shipped
from mlcheck.stats.curves.forecast import FARTHEST, Forecast, Widths, forecast, is_repeated, needed
from mlcheck.stats.curves.looked import course_of
from mlcheck.stats.curves.scale import scale
from tests.stats.curves.curves import course, power

if TYPE_CHECKING:
    from mlcheck.stats.curves.course import Course

NOISE = np.random.default_rng(3).normal(0, 0.003, 10)
CLIMBING = course(power(height=2.0, floor=0.05) + NOISE)


def ahead(curve: Course) -> Forecast:
    """Return the forecast by the shipped constants."""
    return forecast(curve, shipped(curve.bounded))


def straight(fall: float = -0.02, spread: float = 0.01) -> Forecast:
    """Return a forecast that falls by as much with each doubling, with normal errors."""
    from scipy.stats import norm

    levels = np.array([0.2, 0.5, 0.8, 0.9, 0.95, 0.99])
    z = norm.ppf(0.5 + levels / 2)
    at = np.arange(5.0)
    return Forecast(
        at=at,
        middle=0.2 + fall * at,
        spread=spread * np.array([0.1, 1.0, 1.2, 1.3, 1.4]),
        bounded=True,
        widths=Widths(levels=levels, below=z, above=z, stretch=np.ones(4)),
    )


def test_the_order_of_rows_does_not_matter() -> None:
    """Rows are sorted by size, repeats averaged."""
    random = np.random.default_rng(0)
    n = np.repeat(np.round(32 * 2 ** np.arange(8.0)), 3)
    score = 1 - 2 * n**-0.5 + random.normal(0, 0.01, len(n))
    found = scale("accuracy", score, higher=True)
    order = random.permutation(len(n))
    train = np.full(len(n), np.nan)
    one = ahead(course_of(n, score, train, found))
    other = ahead(course_of(n[order], score[order], train, found))
    assert one.error(2.0) == pytest.approx(other.error(2.0), abs=1e-12)


@pytest.mark.parametrize("factor", [1e-3, 1e3, 4.7])
def test_the_unit_of_a_loss_does_not_matter(factor: float) -> None:
    """A loss in grams goes where the one in kilograms goes."""
    loss = power(height=30.0, floor=2.0)
    one, other = (ahead(course(x * loss, sd=0.02 * x, bounded=False)) for x in (1.0, factor))
    assert other.error(2.0) == pytest.approx(factor * one.error(2.0), rel=1e-6)
    assert other.interval(3.0, 0.9) == pytest.approx(
        [factor * end for end in one.interval(3.0, 0.9)], rel=1e-6
    )


@pytest.mark.parametrize("octaves", [0.7, 2.0, 3.3, 6.0])
@pytest.mark.parametrize("level", [0.5, 0.8, 0.9])
def test_interval_and_chance_are_the_same_statement(octaves: float, level: float) -> None:
    """Below the low end lies (1 - level) / 2, below the high end (1 + level) / 2."""
    made = ahead(CLIMBING)
    low, high = made.interval(octaves, level)
    assert 0 < low < made.error(octaves) < high < 1
    assert made.chance(low, octaves) == pytest.approx((1 - level) / 2, abs=1e-9)
    assert made.chance(high, octaves) == pytest.approx((1 + level) / 2, abs=1e-9)


def test_a_higher_level_is_wider_and_farther_is_wider() -> None:
    """Intervals are nested; what lies far ahead is less sure."""
    made = ahead(CLIMBING)
    widths = [np.diff(made.interval(2.0, level))[0] for level in (0.5, 0.8, 0.9, 0.95)]
    assert (np.diff(widths) > 0).all()
    assert np.diff(made.interval(4.0, 0.9))[0] > np.diff(made.interval(1.0, 0.9))[0]


def test_the_error_of_a_climbing_curve_falls_on() -> None:
    """Nearer to the truth than no change is, on the law it was drawn from."""
    made = ahead(CLIMBING)
    last = CLIMBING.error[-1]
    for octaves in (1.0, 2.0, 3.0):
        truth = 0.05 + 2.0 * (CLIMBING.n[-1] * 2**octaves) ** -0.5
        assert abs(made.error(octaves) - truth) < 0.8 * (last - truth)


def test_errors_stay_errors() -> None:
    """Neither a share outside 0 and 1 nor a loss below 0, however steep the curve."""
    steep = course(np.array([0.9, 0.6, 0.3, 0.1, 0.02, 0.001]))
    made = ahead(steep)
    for octaves in (1.0, 8.0):
        low, high = made.interval(octaves, 0.99)
        assert 0 <= low <= made.error(octaves) <= high <= 1
    falling = ahead(course(np.array([9.0, 6.0, 3.0, 1.0, 0.2, 0.01]), bounded=False))
    assert falling.interval(8.0, 0.99)[0] >= 0


@pytest.mark.parametrize("error", [np.zeros(6), np.full(6, 0.3), np.ones(6)])
def test_a_curve_that_does_not_move_is_forecast_as_it_is(error: np.ndarray) -> None:
    """All right, all wrong, or flat in between: finite numbers, near the last."""
    made = ahead(course(error, sd=0.0))
    assert made.error(2.0) == pytest.approx(error[-1], abs=0.03)
    assert np.isfinite(made.interval(2.0, 0.9)).all()


def test_widths_follow_the_repeats() -> None:
    """A curve measured once has the widths of such curves."""
    known = shipped(bounded=True)
    once = course(power(), repeats=1)
    assert is_repeated(CLIMBING)
    assert not is_repeated(once)
    assert forecast(once, known).widths is known.once
    assert forecast(CLIMBING, known).widths is known.repeated


@pytest.mark.parametrize("level", [0.7, 0.8, 0.9])
def test_the_chance_of_a_normal_error_is_the_normal_one(level: float) -> None:
    """Between tabled levels it is a straight line."""
    from scipy.stats import norm

    z = norm.ppf(0.5 + level / 2)
    assert straight().widths.chance(np.array([z, -z])) == pytest.approx(
        [0.5 + level / 2, 0.5 - level / 2], abs=0.02
    )


def test_the_examples_that_a_score_needs_by_hand() -> None:
    """A sure fall of 0.02 with each doubling: an error 0.05 lower takes two and a half."""
    found = needed(straight(spread=1e-6), 0.15, 0.8)
    assert list(found[:3]) == pytest.approx([2.5] * 3, abs=0.06)
    assert found.chance == pytest.approx(1.0, abs=0.01)


def test_the_range_is_that_of_curves_which_get_there() -> None:
    """A target that is hardly reached keeps a finite range; how likely it is stands beside it."""
    made = straight(fall=-0.001, spread=0.01)
    near, far = needed(made, 0.195, 0.8), needed(made, 0.185, 0.8)
    for found in (near, far):
        assert 0 <= found.low <= found.median <= found.high <= FARTHEST
    assert far.chance < near.chance
    assert far.median >= near.median


def test_what_no_curve_reaches_is_never() -> None:
    """An error below all that the widths allow."""
    found = needed(straight(fall=-0.0001, spread=1e-5), 0.01, 0.8)
    assert found.chance < 0.02
    assert found.low > FARTHEST / 2
