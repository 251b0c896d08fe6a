"""Measures and tables become texts: numbers that compare, intervals, reasons, and which bar stands where."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest

from mlcheck.model import Bar, Table
from mlcheck.reports import grids, measures
from tests.reports.handmade_metrics import compared, estimates, generation, judged, regression, undefined

if TYPE_CHECKING:
    from mlcheck.model import Scalar
    from mlcheck.reports.grids import Grid


def of(**values: tuple[float, float, float]) -> Grid:
    """Return the grid of measures."""
    grid = measures.grid(judged("x", "useful", 0.9, estimates(values)))
    assert grid is not None
    return grid


def row_of(grid: Grid, name: str) -> grids.Row:
    """Return the row of a metric."""
    return next(row for row in grid.rows if row.cells[0].split()[0] == name)


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        ([0.5, 1.0, None], ["0.5000", "1.0000", "–"]),
        ([12.345, 1.5], ["12.35", "1.50"]),
        ([1e-9, 0.5], ["1e-09", "0.5000"]),
        ([1374.0, 2.0], ["1,374", "2"]),
        ([3, None, -2000], ["3", "–", "−2,000"]),
        ([math.nan, math.inf, 0.25], ["NaN", "inf", "0.2500"]),
        ([True, "a\x1b", None], ["yes", "a\\x1b", "–"]),
        ([1e6, 0.001], ["1,000,000", "0.0010"]),
    ],
)
def test_the_numbers_of_a_column_are_written_alike(values: list[Scalar], texts: list[str]) -> None:
    """As many decimals where they are of one size, whole where all are."""
    assert grids.written(values) == texts


def test_low_and_high_become_one_interval() -> None:
    """Behind the column that they belong to; a table of `low` alone keeps its columns."""
    table = Table(title="", columns=("a", "low", "high"), rows=((0.5, 0.4, 0.6), (0.5, None, None)))
    grid = grids.of_table(table)
    assert [(c.title, c.kind) for c in grid.columns] == [("a", "number"), ("interval", "interval")]
    assert [row.cells[1] for row in grid.rows] == ["0.4000 to 0.6000", ""]
    alone = grids.of_table(Table(title="", columns=("low", "high"), rows=((1, 2),)))
    assert [c.title for c in alone.columns] == ["low", "high"]


def test_bars_stand_behind_the_column_that_they_draw() -> None:
    """Its interval included; behind the last where they draw none."""
    rows = ((0.5, 0.7, 0.6, 0.8, 9), (0.2, 0.3, 0.2, 0.4, 9))
    columns = ("precision", "recall", "low", "high", "n")
    drawn = tuple(Bar(value=float(row[1]), low=0.1, high=0.9) for row in rows)
    assert grids.of_table(Table(title="", columns=columns, rows=rows, bars=drawn)).strip == 2
    other = tuple(Bar(value=0.123) for _ in rows)
    assert grids.of_table(Table(title="", columns=columns, rows=rows, bars=other)).strip == 3


def test_shares_are_drawn_on_one_scale_that_fits() -> None:
    """From 0 to 1, from higher up where all are high, from below 0 where an interval is."""
    assert row_of(of(recall=(0.4, 0.3, 0.5), mcc=(0.01, -0.01, 0.1)), "mcc").scale == (0.0, 1.0)
    assert row_of(of(recall=(0.95, 0.91, 0.97)), "recall").scale == (0.9, 1.0)
    assert row_of(of(recall=(0.95, 0.91, 0.97), mcc=(-0.1, -0.3, 0.1)), "recall").scale == (-0.5, 1.0)


def test_what_has_no_bounds_has_no_bar() -> None:
    """Neither has the only metric of a scale."""
    grid = of(mse=(6894.0, 3864.0, 24041.0), recall=(0.5, 0.4, 0.6))
    assert row_of(grid, "mse").bar is None
    made = measures.grid(generation())
    assert made is not None
    assert [row.scale for row in made.rows] == [(0.0, 100.0), (0.0, 100.0), None, (0.5, 1.0), (0.5, 1.0)]


def test_metrics_without_value_say_why_and_three_of_one_reason_say_it_once() -> None:
    """At the end of the table, each by its name."""
    grid = measures.grid(regression())
    assert grid is not None
    assert row_of(grid, "pinball").told == "it is not said which quantile was predicted"
    assert row_of(grid, "explained_variance").told == "no interval: one cluster"
    assert grid.rows[-1].told == "a truth of 0: mape, smape, msle"
    assert "mape ↓" not in [row.cells[0] for row in grid.rows]


def test_a_lower_loss_is_drawn_on_the_side_of_the_better_model() -> None:
    """Numbers keep their signs, bars point at the winner."""
    grid = measures.grid(compared())
    assert grid is not None
    brier = row_of(grid, "brier")
    assert brier.cells[3] == "+0.0011"
    assert brier.bar is not None
    assert brier.bar.value < 0


def test_one_wide_interval_does_not_flatten_the_differences() -> None:
    """Only the metric to trust always lies within the scale."""
    grid = measures.grid(compared())
    assert grid is not None
    reach = row_of(grid, "roc_auc").scale
    assert reach is not None
    assert 0.1307 <= reach[1] < 0.7857
    assert "◂ ▸ point beyond" in grid.strip_note


def test_how_intervals_were_made_is_told_in_short_and_under_verbose_in_full() -> None:
    """Which metrics by which method; the most frequent is that of the others."""
    subject = judged("x", "useful", 0.9, estimates({"accuracy": (0.9, 0.8, 0.95), "f1": (0.5, 0.4, 0.6), "mcc": (0.5, 0.4, 0.6)}))  # fmt: skip
    short, full = measures.grid(subject), measures.grid(subject, verbose=True)
    assert short is not None
    assert full is not None
    assert short.notes == ("n = 6,000; intervals by Wilson, bootstrap of 1,000 stratified samples",)
    assert full.notes == ("n = 6,000; intervals by Wilson (accuracy); bootstrap of 1,000 stratified samples (the others)",)  # fmt: skip


def test_the_level_is_that_of_the_measures() -> None:
    """As the user chose it."""
    grid = measures.grid(compared())
    assert grid is not None
    assert grid.columns[4].title == "90 % interval"


def test_a_subject_without_metrics_has_no_grid() -> None:
    """A log's losses are no metrics of predictions."""
    assert measures.grid(judged("x", "healthy", 0.9, {"train_loss": {"first": 1.0, "last": 0.5}})) is None
    alone = measures.grid(judged("x", "useful", 0.9, {"recall": undefined("no positive")}))
    assert alone is not None
    assert alone.rows[0].cells == ("recall ↑", "–", "")
