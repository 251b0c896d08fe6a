"""An interval is drawn where it lies, and nothing that is not so is suggested."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlcheck.model import Bar
from mlcheck.reports.bars import drawn, rounded_out, title

NUMBERS = st.floats(allow_nan=False, allow_infinity=False)


def test_an_interval_reaches_from_its_low_to_its_high_end() -> None:
    """In the columns that stand for these values."""
    assert drawn(Bar(value=0.5, low=0.2, high=0.9), (0.0, 1.0), 11) == "  ├──●───┤ "


def test_an_interval_narrower_than_a_column_is_a_point() -> None:
    """The number beside it says the rest."""
    assert drawn(Bar(value=0.5, low=0.499, high=0.501), (0.0, 1.0), 11) == "     ●     "


def test_what_lies_beyond_the_scale_is_pointed_at() -> None:
    """An end that is cut off is no end."""
    assert drawn(Bar(value=0.5, low=-3.0, high=0.8), (0.0, 1.0), 11) == "◂────●──┤  "
    assert drawn(Bar(value=7.0, low=6.0, high=8.0), (0.0, 1.0), 11) == "          ▸"


def test_a_difference_that_excludes_zero_does_not_touch_it() -> None:
    """However small it is beside the scale."""
    for value in (1e-3, 1e-9):
        right = drawn(Bar(value=value, low=value / 2, high=value * 2), (-1.0, 1.0), 11, zero=True)
        left = drawn(Bar(value=-value, low=-value * 2, high=-value / 2), (-1.0, 1.0), 11, zero=True)
        assert (left, right) == ("    ●┊     ", "     ┊●    ")
    assert drawn(Bar(value=1e-3, low=-1e-3, high=2e-3), (-1.0, 1.0), 11, zero=True) == "     ●     "


def test_the_title_holds_both_ends_and_the_middle() -> None:
    """0 where the scale spans it; nothing where the ends do not fit."""
    assert title((0.0, 1.0), 21) == "0        0.5        1"
    assert title((-0.5, 1.0), 21) == "−0.5   0            1"
    assert title((0.0, 1.0), 9) == "0       1"
    assert title((0.12345, 1234567.0), 9) == " " * 9


@pytest.mark.parametrize(
    ("ends", "expected"),
    [((0.0, 1.0), (0, 1)), ((0.0, 100.0), (0, 100)), ((0.312, 0.4449), (0.3, 0.46)), ((2.0, 2.0), (1.5, 2.5)), ((0.0, 0.0), (-0.5, 0.5))],
)  # fmt: skip
def test_a_scale_has_round_ends(ends: tuple[float, float], expected: tuple[float, float]) -> None:
    """Those that are round stay as they are."""
    assert rounded_out(*ends) == pytest.approx(expected)


@given(NUMBERS, st.none() | NUMBERS, st.none() | NUMBERS, NUMBERS, NUMBERS, st.integers(1, 40))
def test_a_bar_is_as_wide_as_its_strip(
    value: float, low: float | None, high: float | None, first: float, last: float, width: int
) -> None:
    """Whatever the numbers; the value is marked or pointed at."""
    made = drawn(Bar(value=value, low=low, high=high), (min(first, last), max(first, last)), width, zero=True)
    assert len(made) == width
    assert set(made) & set("●◂▸")


@given(st.floats(-1e150, 1e150), st.floats(-1e150, 1e150))
def test_a_scale_holds_what_it_was_made_for(low: float, high: float) -> None:
    """Up to rounding, and its ends differ."""
    ends = rounded_out(min(low, high), max(low, high))
    spare = 1e-6 * max(abs(low), abs(high), 1e-250)
    assert ends[0] - spare <= min(low, high)
    assert ends[1] + spare >= max(low, high)
    assert ends[0] < ends[1]
