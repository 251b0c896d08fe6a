"""Draws lines and points over common axes with braille dots: a ROC curve, residuals, a score against the sample size."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from plotille import Canvas
from rich.cells import cell_len
from rich.text import Text

from mlcheck.reports import axes, phrases
from mlcheck.reports.tables import shortened

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mlcheck.model import Floats, Line, Plot

Dots: TypeAlias = tuple[int, int]
"""How many dots of each so many are set along a line."""

ROWS = 12
"""Height of the canvas; title, x labels and legend come on top of it."""
WIDEST = 50
STYLES = ("cyan", "yellow", "magenta", "green", "blue")
STROKES: tuple[tuple[str, Dots], ...] = (("──", (1, 1)), ("··", (1, 3)), ("╌╌", (4, 6)))
"""How the lines of a plot differ without colour: what the legend shows, and their dots."""
POINTS, MARK = "⠶", "●"
REFERENCE = (1, 5)
MOST_TICKS = 4
MARGIN = 0.02
"""Share of the range that is left free at both ends where no range is given."""


def draw(plot: Plot, *, width: int) -> list[Text]:
    """Return the plot within `width` columns (30 at least): title, rows with y labels, x labels, legend."""
    lines = [line for line in plot.lines if len(line.x)]
    x_ends = _range(plot.x_range, [line.x for line in lines])
    y_ends = _range(plot.y_range, [line.y for line in lines])
    y = axes.Axis(low=y_ends[0], high=y_ends[1], dots=ROWS * 4)
    labels = _row_labels(y)
    gutter = max(map(len, labels.values())) + 2
    columns = max(min(width, WIDEST) - gutter, 8)
    x = axes.Axis(low=x_ends[0], high=x_ends[1], dots=columns * 2, log=plot.x_log and x_ends[0] > 0)
    cells = _cells(plot, lines, x, y)
    return [
        _title(plot, gutter + columns),
        *(axes.row(row, labels.get(i, ""), gutter) for i, row in enumerate(cells)),
        _x_axis(plot, x, gutter, columns),
        *_legend(lines, gutter, gutter + columns),
    ]


def _range(given: tuple[float, float] | None, values: Sequence[Floats]) -> tuple[float, float]:
    """Return the range to draw: the one given, else that of the finite values with a little room on both sides."""
    if given is not None and given[0] < given[1]:
        return given
    joined = np.concatenate(values) if values else np.zeros(0)
    joined = np.clip(joined[np.isfinite(joined)], -phrases.LARGEST, phrases.LARGEST)
    if not len(joined):
        return 0.0, 1.0
    low, high = float(joined.min()), float(joined.max())
    pad = (high - low) * MARGIN
    if high - low <= 1e-12 * max(abs(low), abs(high), 1e-250):
        pad = abs(low) / 2 or 1.0
    return low - pad, high + pad


def _row_labels(y: axes.Axis) -> dict[int, str]:
    """Return the y labels by row, counted from the top."""
    ticks = axes.ticks(y.low, y.high, MOST_TICKS)
    return {
        ROWS - 1 - y.at(tick) // 4: text for tick, text in zip(ticks, axes.same_decimals(ticks), strict=True)
    }


def _cells(plot: Plot, lines: Sequence[Line], x: axes.Axis, y: axes.Axis) -> list[list[axes.Cell]]:
    """Return the rows from top to bottom: the diagonal, the lines over it, the marks on top."""
    rows = [[(" ", "")] * (x.dots // 2) for _ in range(ROWS)]
    if plot.reference:
        _lay(rows, _diagonal(x, y), "dim")
    for index, line in enumerate(lines):
        if line.kind != "mark":
            _lay(rows, _layer(line, _stroke(lines, index)[1], x, y), STYLES[index % len(STYLES)])
    for line in lines:
        if line.kind == "mark":
            for at, value in zip(x.dot(line.x), y.dot(line.y), strict=True):
                if np.isfinite(at) and np.isfinite(value):
                    rows[ROWS - 1 - int(value) // 4][int(at) // 2] = (MARK, "bold green")
    return rows


def _lay(rows: list[list[axes.Cell]], layer: Sequence[str], style: str) -> None:
    for row, text in zip(rows, layer, strict=True):
        for column, char in enumerate(text[: len(row)]):
            row[column] = axes.over(row[column], (char, style))


def _canvas(x: axes.Axis) -> Canvas:
    return Canvas(x.dots // 2, ROWS, xmin=0, ymin=0, xmax=x.dots, ymax=ROWS * 4)


def _drawn(canvas: Canvas) -> list[str]:
    return str(canvas.plot(linesep="\n")).split("\n")


def _stroke(lines: Sequence[Line], index: int) -> tuple[str, Dots]:
    """Return how a line is drawn: by its place among those that are neither points nor marks."""
    before = sum(line.kind == "line" for line in lines[:index])
    return STROKES[before % len(STROKES)]


def _layer(line: Line, stroke: Dots, x: axes.Axis, y: axes.Axis) -> list[str]:
    canvas = _canvas(x)
    at, value = x.dot(line.x), y.dot(line.y)
    if line.kind == "points":
        for column, height in zip(at.tolist(), value.tolist(), strict=True):
            if np.isfinite(column) and np.isfinite(height):
                canvas.point(column, height)
        return _drawn(canvas)
    for part_x, part_y in axes.pieces(at, value):
        _trace(canvas, part_x, part_y, stroke)
    return _drawn(canvas)


def _trace(canvas: Canvas, at: Floats, value: Floats, stroke: Dots) -> None:
    """Draw a line of which some dots of each so many are set, counted along the way."""
    if stroke[0] == stroke[1]:
        axes.line(canvas, at, value)
        return
    steps = np.maximum(np.abs(np.diff(at)), np.abs(np.diff(value)))
    way = np.concatenate([[0.0], np.cumsum(steps)])
    along = np.arange(0, way[-1] + 1)
    along = along[along % stroke[1] < stroke[0]]
    for column, height in zip(
        np.interp(along, way, at).tolist(), np.interp(along, way, value).tolist(), strict=True
    ):
        canvas.point(round(column), round(height))


def _diagonal(x: axes.Axis, y: axes.Axis) -> list[str]:
    """Return the layer of y = x, from corner to corner where the axes share no values."""
    canvas = _canvas(x)
    low, high = max(x.low, y.low), min(x.high, y.high)
    ends = (
        (np.array([low, high]),) * 2 if low < high else (np.array([x.low, x.high]), np.array([y.low, y.high]))
    )
    _trace(canvas, x.dot(ends[0]), y.dot(ends[1]), REFERENCE)
    return _drawn(canvas)


def _title(plot: Plot, width: int) -> Text:
    up = f"{phrases.clean(plot.y_label)} ↑" if plot.y_label else ""
    title = shortened(phrases.clean(plot.title), width)
    room = width - cell_len(title) - 3
    if not up or room < cell_len(up):
        return Text(title, style="bold")
    return Text.assemble((title, "bold"), "   ", (up, "dim"))


def _x_axis(plot: Plot, x: axes.Axis, gutter: int, columns: int) -> Text:
    """Return the ends of the x axis with its label between them."""
    left, right = _end_labels(x)
    if len(left) + len(right) >= columns:
        left, right = "", shortened(right, columns)
    label = f"{phrases.clean(plot.x_label)} →" if plot.x_label else ""
    room = columns - len(left) - len(right) - 2
    label = shortened(label, room) if room > 0 else ""
    space = columns - len(left) - len(right) - cell_len(label)
    before = max(0, min((columns - cell_len(label)) // 2 - len(left), space - 1))
    return Text(" " * gutter + left + " " * before + label + " " * (space - before) + right, style="dim")


def _end_labels(x: axes.Axis) -> tuple[str, str]:
    short = _short(x.low), _short(x.high)
    if short[0] != short[1]:
        return short
    left, right = axes.same_decimals([x.low, x.high])
    return left, right


def _short(value: float) -> str:
    return f"{value:.0f}" if 1000 <= abs(value) < 1e5 else f"{value:.3g}"


def _legend(lines: Sequence[Line], gutter: int, width: int) -> Iterator[Text]:
    """Yield the line (lines, where it is too long) that says what the strokes mean."""
    row = Text(" " * gutter)
    for index, line in enumerate(lines):
        if not line.label:
            continue
        glyph = {"line": _stroke(lines, index)[0], "points": POINTS, "mark": MARK}[line.kind]
        style = "bold green" if line.kind == "mark" else STYLES[index % len(STYLES)]
        label = shortened(phrases.clean(line.label), max(1, width - gutter - len(glyph) - 1))
        part = Text.assemble((glyph, style), (f" {label}", "dim"))
        if row.plain.strip() and cell_len(row.plain) + 3 + cell_len(part.plain) > width:
            yield row
            row = Text(" " * gutter)
        row = Text.assemble(row, "   " if row.plain.strip() else "", part)
    if row.plain.strip():
        yield row
