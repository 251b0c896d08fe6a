"""A table fits its page without losing a number, and columns stand in line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from mlcheck.model import Bar, Table
from mlcheck.reports import exhibits, grids, tables
from tests.reports.handmade_metrics import binary, crowded, judged

if TYPE_CHECKING:
    from mlcheck.model import Scalar

CELLS = st.none() | st.booleans() | st.integers(-(10**12), 10**12) | st.floats() | st.text(max_size=60)


def laid_out(table: Table, width: int) -> list[str]:
    """Return the lines of a table as plain texts."""
    return [line.plain for line in tables.lines(grids.of_table(table), width)]


@given(st.data(), st.integers(1, 7), st.integers(0, 5), st.integers(30, 160))
def test_any_table_fits_any_page(data: st.DataObject, columns: int, rows: int, width: int) -> None:
    """Whatever its cells, titles, bars and notes are."""
    made = Table(
        title=data.draw(st.text(max_size=200)),
        columns=tuple(data.draw(st.sampled_from(["low", "high", "a_b c", "n"]) | st.text(max_size=30)) for _ in range(columns)),
        rows=tuple(tuple(data.draw(CELLS) for _ in range(columns)) for _ in range(rows)),
        bars=tuple(data.draw(st.none() | st.builds(Bar, value=st.floats(), low=st.floats(), high=st.floats())) for _ in range(rows)),
        note=data.draw(st.text(max_size=200)),
    )  # fmt: skip
    assert all(cell_len(line) <= width for line in laid_out(made, width))


@given(st.lists(st.text(alphabet="ab日…", max_size=30), max_size=12), st.integers(6, 20))
def test_different_names_are_shown_differently_and_fit(names: list[str], width: int) -> None:
    """And equal ones alike."""
    shown = tables.told_apart(names, width)
    assert all(cell_len(text) <= width for text in shown)
    assert len(set(shown)) == len(set(names)) == len(set(zip(names, shown, strict=True)))


def test_names_are_cut_where_they_agree() -> None:
    """Where that is their middle, as always; else at an end, or at both; and only those that would look alike."""
    assert tables.told_apart(["spin_up_a/progress", "spin_up_b/progress", "other_run/progress.long"], 14) == [
        "spi…a/progress",
        "spi…b/progress",
        "othe…ress.long",
    ]
    ends = ["a_very_long_name_1_of_a_folder/v", "a_very_long_name_2_of_a_folder/v"]
    assert tables.told_apart(ends, 12) == ["…1_of_a_fol…", "…2_of_a_fol…"]
    assert tables.told_apart([f"{'x' * 20}{n}{'y' * 20}{m}{'z' * 20}" for n in "12" for m in "12"], 12) == [
        "xxx…zzzzzz#1",
        "xxx…zzzzzz#2",
        "xxx…zzzzzz#3",
        "xxx…zzzzzz#4",
    ]


def test_numbers_stand_at_their_points() -> None:
    """So that sizes are seen."""
    lines = laid_out(Table(title="", columns=("x",), rows=((1234.5,), (0.25,), (None,))), 40)
    assert lines[1:] == ["  1,234", "      0.2500", "      –"]


def test_a_table_too_wide_goes_on_below_with_its_first_column() -> None:
    """Every number is on the page."""
    columns = tuple(f"metric {i}" for i in range(9))
    rows: tuple[tuple[Scalar, ...], ...] = tuple(
        (f"row {r}", *(float(f"0.{r}{i}1") for i in range(8))) for r in range(3)
    )
    lines = laid_out(Table(title="wide", columns=columns, rows=rows), 40)
    text = "\n".join(lines)
    assert all(f"0.{r}{i}1" in text for r in range(3) for i in range(8))
    assert sum(line.startswith("  row 0") for line in lines) > 1
    assert "left out" not in text


def test_intervals_that_do_not_fit_are_left_out_and_told() -> None:
    """The bars keep them."""
    rows = tuple((f"class {i}", 0.5, 0.4, 0.6, 0.7, 0.6, 0.8) for i in range(3))
    table = Table(
        title="",
        columns=("class", "precision", "low", "high", "recall", "low", "high"),
        rows=rows,
        bars=tuple(Bar(value=0.7, low=0.6, high=0.8) for _ in rows),
        scale=(0.0, 1.0),
    )
    lines = laid_out(table, 50)
    assert "●" in lines[1]
    assert "left out to fit the page: the intervals of" in " ".join(lines)
    assert "left out" not in " ".join(laid_out(table, 120))


def test_long_titles_take_two_lines_before_anything_is_cut() -> None:
    """Broken at a space or an underscore."""
    columns = ("query", "relevant retrieved", "average_precision")
    lines = laid_out(Table(title="", columns=columns, rows=(("q", 1, 0.5),)), 32)
    assert [line.split() for line in lines[:2]] == [
        ["relevant", "average_"],
        ["query", "retrieved", "precision"],
    ]


def test_the_row_to_look_at_has_a_star_and_the_columns_stay_in_line() -> None:
    """Colour is not needed to find it."""
    lines = [line.plain for line in exhibits.draw(binary(), width=80, verbose=False)]
    starred = [line for line in lines if line.startswith("★ ")]
    assert len(starred) == 1
    plain = next(line for line in lines if line.startswith("  recall"))
    assert starred[0].index("0.0793") == plain.index("0.0088")


def test_a_long_table_is_cut_unless_more_is_asked_for() -> None:
    """And says how much is left."""
    short = [line.plain for line in exhibits.draw(crowded(), width=80, verbose=False)]
    whole = [line.plain for line in exhibits.draw(crowded(), width=80, verbose=True)]
    assert "  36 more rows: -v shows them" in short
    assert any(line.startswith("  r59 ") for line in whole)


def test_details_are_drawn_only_where_more_is_asked_for() -> None:
    """Plots among them."""
    short, whole = ("\n".join(line.plain for line in exhibits.draw(binary(), width=80, verbose=v)) for v in (False, True))  # fmt: skip
    assert "ROC curve" not in short
    assert "Thresholds" in short
    assert "ROC curve" in whole


def test_a_wide_page_shows_blocks_side_by_side() -> None:
    """Plots two by two from 120 columns, what follows the measures beside them where it fits."""

    def titles(width: int) -> list[str]:
        lines = (line.plain for line in exhibits.draw(binary(), width=width, verbose=True))
        return [line for line in lines if "ROC curve" in line or "Confusion" in line]

    assert "Precision and recall" in next(line for line in titles(120) if "ROC" in line)
    assert "Precision and recall" not in next(line for line in titles(119) if "ROC" in line)
    assert "metric" in next(line for line in titles(160) if "Confusion" in line)


def test_nothing_is_drawn_of_nothing() -> None:
    """No measures, no rows, no title without a table."""
    empty = judged("x", "useful", 0.9, {}, exhibits=(Table(title="t", columns=("a",), rows=()),))
    assert list(exhibits.draw(empty, width=80, verbose=True)) == []
