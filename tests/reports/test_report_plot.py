"""A curve is drawn within its page, whatever the numbers, and says what it leaves out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlcheck.model import Curve, Floats, Picture
from mlcheck.reports.plot import ROWS, draw
from tests.reports.handmade import wide

STEPS = np.arange(40.0)


def drawn(
    train: object,
    val: object = None,
    *,
    width: int = 60,
    unit: str = "step",
    best: tuple[float, float] | None = None,
) -> list[str]:
    """Return the lines of a plot of one or two curves."""
    given_curves = [("train", train), ("validation", val)]
    curves = tuple(
        Curve(label=name, split=name, x=np.arange(float(len(y))), y=y)  # type: ignore[arg-type]
        for name, y in ((name, np.asarray(raw, float)) for name, raw in given_curves if raw is not None)
    )
    at, value = best or (None, None)
    return [
        line.plain for line in draw(Picture(curves=curves, unit=unit, best_x=at, best_y=value), width=width)
    ]


def labels(lines: list[str]) -> list[str]:
    """Return the y labels from top to bottom."""
    return [line.split("┤")[0].strip() for line in lines if "┤" in line]


@pytest.mark.parametrize("width", [30, 78, 158, 300])
def test_a_plot_keeps_its_size(width: int) -> None:
    """Twelve rows where the legend fits a line; 110 columns are enough for anyone."""
    made = wide().picture
    assert made is not None
    lines = [line.plain for line in draw(made, width=width)]
    assert len(lines) <= ROWS + 3
    assert max(map(len, lines)) <= min(width, 110)
    assert width < 50 or len(lines) == ROWS + 2


def test_the_best_point_is_marked_where_it_lies() -> None:
    """On the column and row of its value, and in the legend by its position."""
    val = np.abs(STEPS - 20) / 20
    lines = drawn(val + 0.1, val, best=(20.0, 0.0))
    assert "● best, step 20" in lines[0]
    assert "●" in lines[ROWS]
    middle = lines[ROWS].index("●") / len(lines[-1].rstrip())
    assert 0.45 < middle < 0.6


def test_a_falling_line_falls() -> None:
    """The first dot is at the top left, the last at the bottom right, labels grow upwards."""
    lines = drawn(np.linspace(2, 1, 40))
    assert lines[1].split("│")[-1].split("┤")[-1].startswith("⠉")
    assert lines[ROWS].endswith("⣀")
    assert labels(lines) == sorted(labels(lines), reverse=True)


def test_train_and_validation_differ_without_colour() -> None:
    """A line is continuous, validation is single dots."""
    lines = drawn(np.full(40, 2.0), np.full(40, 1.0))
    assert lines[1].endswith("⠉" * 20)
    assert lines[ROWS].endswith("⡀" * 20)


def test_decades_are_drawn_on_a_log_scale() -> None:
    """And the legend says so."""
    lines = drawn(np.exp(-STEPS / 3))
    assert "log scale" in lines[0]
    assert labels(lines) == ["1", "0.1", "0.01", "0.001", "0.0001", "1e-05"][: len(labels(lines))]
    assert "log scale" not in drawn(2 - STEPS / 40)[0]
    assert "log scale" not in drawn(np.exp(-STEPS / 3) - 0.5)[0]


def test_a_vanishing_train_loss_does_not_flatten_the_validation_loss() -> None:
    """Where only train falls by decades, the rise of validation is drawn to scale."""
    rising = 0.3 + STEPS / 50
    assert "log scale" not in drawn(np.exp(-STEPS / 3), rising)[0]
    assert "log scale" in drawn(np.exp(-STEPS / 3), np.exp(-STEPS / 5))[0]
    assert "log scale" in drawn(np.exp(STEPS), np.where(STEPS < 3, 2.0, np.nan))[0]


def test_a_lone_outlier_is_cut_off_and_told() -> None:
    """One spike does not flatten the rest."""
    y = 2 - STEPS / 40
    y[17] = 1e6
    lines = drawn(y)
    assert "1 above 2.00 cut off" in lines[0]
    assert labels(lines)[0] == "2.0"


def test_the_steep_start_of_training_is_no_outlier() -> None:
    """Two curves that begin high are drawn whole."""
    y = np.concatenate([[9.0], np.linspace(2, 1, 39)])
    assert "cut off" not in drawn(y, y + 0.1)[0]


def test_numbers_that_are_not_finite_leave_a_gap_and_are_told() -> None:
    """From where a run broke, or at how many points."""
    y = 2 - STEPS / 40
    lines = drawn(np.where(STEPS < 20, y, np.nan))
    assert "train not finite from step 20" in lines[0]
    assert max(len(line) for line in lines[1:-1]) < 40
    y[[3, 5]] = np.inf, -np.inf
    assert "train not finite at 2 of 40 points" in drawn(y)[0]


@pytest.mark.parametrize("y", [[], [1.0], [np.nan] * 9])
def test_nothing_is_drawn_of_less_than_two_points(y: list[float]) -> None:
    """A single number is said, not drawn."""
    assert drawn(y) == []


def test_labels_tell_neighbours_apart() -> None:
    """A small change of a large number gets as many digits as it takes."""
    for y in (1e6 + STEPS / 4e4, 1e-9 * (1 + STEPS), 1e12 * STEPS, -2.5 + STEPS / 1000):
        found = labels(drawn(y))
        assert len(found) == len(set(found)) >= 2


def test_epochs_are_labelled_by_whole_numbers() -> None:
    """There is no epoch 1.5."""
    assert drawn([3.0, 2.0, 1.0], unit="epoch")[-1].split() == ["0", "1", "epoch", "2"]


def test_many_points_are_drawn_fast_enough_and_whole() -> None:
    """A curve that was not thinned before is thinned here."""
    rng = np.random.default_rng(0)
    lines = drawn(1 + rng.normal(0, 0.1, 200_000))
    assert len(lines) == ROWS + 2


@given(
    st.lists(st.floats(width=64), max_size=30),
    st.lists(st.floats(width=64), max_size=30),
    st.integers(min_value=36, max_value=200),
)
def test_any_numbers_can_be_drawn(train: list[float], val: list[float], width: int) -> None:
    """No crash, no warning, nothing wider than the page."""
    assert all(len(line) <= width for line in drawn(train, val, width=width))


def test_values_are_not_changed() -> None:
    """Drawing only reads."""
    y: Floats = np.array([1.0, np.nan, 1e300, 0.0])
    before = y.copy()
    drawn(y, y)
    np.testing.assert_array_equal(y, before)
