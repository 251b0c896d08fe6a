"""Lines and points are drawn within their page, told apart without colour, and never break."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from mlcheck.model import Line, Plot
from mlcheck.reports.chart import ROWS, draw
from tests.reports.handmade_metrics import curves

NUMBERS = st.lists(st.floats(width=64), max_size=20)


def drawn(*lines: Line, width: int = 60, reference: bool = False, **more: object) -> list[str]:
    """Return the lines of a plot."""
    made = Plot(title="t", x_label="x", y_label="y", lines=lines, reference=reference, **more)  # type: ignore[arg-type]
    return [line.plain for line in draw(made, width=width)]


def line(x: object, y: object, kind: str = "line", label: str = "l") -> Line:
    """Return a line of a plot."""
    return Line(label=label, x=np.asarray(x, float), y=np.asarray(y, float), kind=kind)  # type: ignore[arg-type]


def test_a_plot_has_a_title_its_axes_and_a_legend() -> None:
    """The names of both axes and the ends of both."""
    lines = [text.plain for text in draw(curves()[0], width=60)]
    assert lines[0] == "ROC curve   true positive rate ↑"
    assert len(lines) == 1 + ROWS + 2
    assert lines[1].startswith("1.00 ┤")
    assert lines[ROWS].startswith("0.00 ┤")
    assert lines[ROWS + 1].split() == ["0", "false", "positive", "rate", "→", "1"]
    assert lines[ROWS + 2].split() == ["──", "AUC", "0.7345", "●", "used"]


def test_lines_differ_without_colour() -> None:
    """Whole, dotted, dashed; the legend shows which."""
    x = np.linspace(0, 1, 50)
    lines = drawn(*(line(x, np.full(50, y), label=f"at {y}") for y in (0.9, 0.5, 0.1)), y_range=(0.0, 1.0))
    strokes = {text.split("│")[-1].split("┤")[-1][:6] for text in lines[1 : ROWS + 1]} - {""}
    assert len(strokes) == 3
    assert lines[-1].split() == ["──", "at", "0.9", "··", "at", "0.5", "╌╌", "at", "0.1"]


def test_a_mark_stands_where_it_lies() -> None:
    """On top of the lines."""
    lines = drawn(line([0, 1], [0, 1]), line([0.5], [0.5], "mark"), x_range=(0.0, 1.0), y_range=(0.0, 1.0))
    row = next(i for i, text in enumerate(lines[1 : ROWS + 1]) if "●" in text)
    assert row in (ROWS // 2 - 1, ROWS // 2)


def test_points_are_not_joined() -> None:
    """A cloud is no curve."""
    apart = drawn(line([0, 1], [0, 1], "points"))
    dots = sum(char > "⠀" for text in apart[1 : ROWS + 1] for char in text if "⠀" <= char <= "⣿")
    assert dots == 2


def test_the_diagonal_runs_where_both_axes_are_equal() -> None:
    """From corner to corner of equal ranges; nothing else is drawn of empty lines."""
    lines = drawn(line([0.0], [0.0]), reference=True, x_range=(0.0, 1.0), y_range=(0.0, 1.0))
    heights = [text.rstrip()[-1] for text in (lines[1], lines[ROWS])]
    assert all("⠀" < char <= "⣿" for char in heights)


def test_a_gap_is_a_gap() -> None:
    """What is not finite is not drawn through."""
    y = np.full(40, 1.0)
    y[10:30] = np.nan
    lines = drawn(line(np.arange(40), y), y_range=(0.0, 2.0))
    assert any("⠀" in text or "   " in text.split("│")[-1].strip() for text in lines[1 : ROWS + 1])


@given(NUMBERS, NUMBERS, st.sampled_from(["line", "points", "mark"]), st.integers(30, 120), st.booleans())
def test_any_numbers_can_be_drawn(
    x: list[float], y: list[float], kind: str, width: int, reference: bool
) -> None:
    """No crash, no warning, nothing wider than the page."""
    n = min(len(x), len(y))
    lines = drawn(line(x[:n], y[:n], kind, "a label " * 9), width=width, reference=reference)
    assert all(cell_len(text) <= width for text in lines)
