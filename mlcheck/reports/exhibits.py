"""The terminal's drawing of what a subject shows beside findings: tables with bars, a shaded matrix, plots in braille."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING

import numpy as np
from rich.cells import cell_len
from rich.text import Text

from mlcheck.model import Matrix, Plot, Table
from mlcheck.reports import grids, phrases

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mlcheck.model import Exhibit, Floats, Line, Subject
    from mlcheck.reports.grids import Grid

GAP = 2
INDENT = 2
BAR, LEAST_BAR = 25, 9
"""Columns of a drawn interval, and how few of them still show something."""
LONGEST_CELL = 44
SHADES = " ░▒▓█"
WIDE_PLOT, PLOT_ROWS = 44, 12
SIDE_BY_SIDE = 2 * (WIDE_PLOT + 12)
STYLES = ("cyan", "yellow", "magenta", "green", "blue")


def draw(subject: Subject, *, width: int, verbose: bool) -> Iterator[Text]:
    """Yield the measures and the exhibits of a subject, those of detail only if asked for; each ends in a blank line."""
    grid = grids.of_measures(subject)
    if grid is not None:
        yield from _grid(grid, width)
        yield Text()
    shown = [e for e in subject.exhibits if verbose or not e.detail]
    plots: list[Plot] = []
    for exhibit in shown:
        if isinstance(exhibit, Plot):
            plots.append(exhibit)
            continue
        yield from _plots(plots, width)
        plots = []
        yield from _one(exhibit, width)
    yield from _plots(plots, width)


def _one(exhibit: Exhibit, width: int) -> Iterator[Text]:
    if isinstance(exhibit, Table) and exhibit.rows:
        yield from _grid(grids.of_table(exhibit), width)
        yield Text()
    elif isinstance(exhibit, Matrix) and exhibit.counts.size:
        yield from matrix(exhibit, width)
        yield Text()


def _grid(grid: Grid, width: int) -> Iterator[Text]:
    """Lay a table out: columns that may be spared go first, then the bars, then long cells are shortened."""
    shown = list(range(len(grid.titles)))
    sizes = {
        i: min(LONGEST_CELL, max(cell_len(grid.titles[i]), *(cell_len(r.cells[i]) for r in grid.rows)))
        for i in shown
    }
    for spare in (*grid.spare, *_least(grid)):
        bars = GAP + (BAR if spare in grid.spare else LEAST_BAR) if grid.scale else 0
        if _width(shown, sizes) + bars > width and spare in shown:
            shown.remove(spare)
    room = width - _width(shown, sizes) - GAP
    bar = min(BAR, room) if grid.scale and room >= LEAST_BAR else 0
    over = _width(shown, sizes) - width
    if over > 0:
        widest = max(shown, key=lambda i: sizes[i])
        sizes[widest] = max(6, sizes[widest] - over)
    at = _bar_place(grid, shown)
    if grid.title:
        yield Text(grid.title, style="bold")
    yield _titles(grid, shown, sizes, bar, at)
    for row in grid.rows:
        line = Text(" " * INDENT)
        for n, i in enumerate(shown):
            cell = shortened(row.cells[i], sizes[i])
            space = " " * (sizes[i] - cell_len(cell))
            line.append(
                space + cell if grid.right[i] else cell + space, "bold" if row.strong and i < 3 else ""
            )
            line.append(" " * GAP)
            if bar and n == at:
                drawn = grids.bar(row.bar, grid.scale, bar) if row.bar and grid.scale else " " * bar
                line.append(drawn, "cyan")
                line.append(" " * GAP)
        line.rstrip()
        yield line
    if grid.note:
        for part in _wrapped(grid.note, width - INDENT):
            yield Text(" " * INDENT + part, style="dim")


def _least(grid: Grid) -> list[int]:
    """Return the columns that a table can do without, the first of them first: ends of intervals, then from the middle on."""
    ends = [i for i, title in enumerate(grid.titles) if title in ("low", "high")]
    middle = [
        i for i in range(len(grid.titles) - 2, 2, -1) if i not in ends and "interval" not in grid.titles[i]
    ]
    return ends[::-1] + (middle if not grid.spare else [])


def _width(shown: Sequence[int], sizes: dict[int, int]) -> int:
    return INDENT + sum(sizes[i] for i in shown) + GAP * (len(shown) - 1)


def _bar_place(grid: Grid, shown: Sequence[int]) -> int:
    """Return behind which shown column the bars stand: the interval, else the last."""
    for n, i in enumerate(shown):
        if "interval" in grid.titles[i]:
            return n
    return len(shown) - 1


def _titles(grid: Grid, shown: Sequence[int], sizes: dict[int, int], bar: int, at: int) -> Text:
    line = " " * INDENT
    for n, i in enumerate(shown):
        title = shortened(grid.titles[i], sizes[i])
        space = " " * (sizes[i] - cell_len(title))
        line += (space + title if grid.right[i] else title + space) + " " * GAP
        if bar and n == at and grid.scale:
            line += grids.scale_line(grid.scale, bar) + " " * GAP
    return Text(line.rstrip(), style="dim")


def shortened(text: str, width: int) -> str:
    """Cut the end off a text that is wider than `width` columns."""
    if cell_len(text) <= width:
        return text
    stop = len(text)
    while cell_len(text[:stop]) > width - 1:
        stop -= 1
    return f"{text[:stop]}…"


def _wrapped(text: str, width: int) -> Iterator[str]:
    line = ""
    for word in text.split():
        if line and cell_len(line) + 1 + cell_len(word) > width:
            yield line
            line = word
        else:
            line = f"{line} {word}".strip()
    if line:
        yield line


def matrix(shown: Matrix, width: int) -> Iterator[Text]:
    """Draw counts of truth (down) and prediction (across), each shaded by its share of the row."""
    counts = shown.counts
    texts = [[_count(value) for value in row] for row in counts.tolist()]
    columns = [phrases.clean(name) for name in shown.columns]
    rows = [phrases.clean(name) for name in shown.rows]
    cell = max(max((len(t) for row in texts for t in row), default=1), 1)
    head = min(16, max(cell_len(name) for name in rows))
    cell = max(cell, min(8, max(cell_len(name) for name in columns)))
    while INDENT + head + len(columns) * (cell + 3) > width and cell > 3:
        cell -= 1
    most = max(1, (width - INDENT - head) // (cell + 3))
    yield Text(phrases.clean(shown.title), style="bold")
    titles = "".join(f" {shortened(name, cell):>{cell}}  " for name in columns[:most])
    yield Text(f"{' ' * (INDENT + head)}{titles}".rstrip(), style="dim")
    for name, row, cells in zip(rows, counts.tolist(), texts, strict=True):
        total = sum(row) or 1.0
        line = Text(" " * INDENT)
        label = shortened(name, head)
        line.append(label + " " * (head - cell_len(label)), "dim")
        for column, (value, text) in enumerate(zip(row[:most], cells[:most], strict=True)):
            share = value / total
            right = column < len(rows) and columns[column] == name
            style = "green" if right else "red" if share >= 0.1 else ""
            line.append(f" {text:>{cell}} ", "" if value else "dim")
            line.append(SHADES[min(4, math.ceil(share * 4 - 1e-9))], style)
        line.rstrip()
        yield line
    if len(columns) > most:
        yield Text(
            f"{' ' * INDENT}{len(columns) - most} more columns: a wider terminal shows them", style="dim"
        )


def _count(value: float) -> str:
    return "·" if value == 0 else f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"


def _plots(plots: Sequence[Plot], width: int) -> Iterator[Text]:
    """Yield plots, two beside each other where the page is wide enough."""
    at_once = 2 if width >= SIDE_BY_SIDE else 1
    for start in range(0, len(plots), at_once):
        drawn = [
            plot(p, width=min(width, SIDE_BY_SIDE) // at_once - 2) for p in plots[start : start + at_once]
        ]
        wide = width // at_once if at_once > 1 else 0
        wide = min(wide, SIDE_BY_SIDE // 2 + 4)
        for pair in _side_by_side(drawn):
            line = Text()
            for part in pair:
                line.append_text(part)
                line.append(" " * max(0, wide - cell_len(part.plain)))
            line.rstrip()
            yield line
        yield Text()


def _side_by_side(drawn: Sequence[list[Text]]) -> Iterator[list[Text]]:
    for row in range(max(map(len, drawn))):
        yield [part[row] if row < len(part) else Text() for part in drawn]


def plot(shown: Plot, *, width: int) -> list[Text]:
    """Draw lines over common axes: a title with the legend, the rows with the ends of the y axis, the ends of the x axis."""
    from plotille import Canvas

    columns = max(12, min(WIDE_PLOT, width - 12))
    (x0, x1), (y0, y1) = (
        _range(shown.x_range, [line.x for line in shown.lines]),
        _range(shown.y_range, [line.y for line in shown.lines]),
    )
    layers: list[tuple[list[str], str]] = []

    def layer(lines: Sequence[tuple[Floats, Floats, str]], style: str) -> None:
        canvas = Canvas(columns, PLOT_ROWS, xmin=x0, ymin=y0, xmax=x1, ymax=y1)
        for x, y, kind in lines:
            _trace(canvas, np.clip(x, x0, x1), np.clip(y, y0, y1), kind, step=(x1 - x0) / (2 * columns))
        layers.append((str(canvas.plot(linesep="\n")).split("\n"), style))

    if shown.reference:
        low, high = (0.0, 1.0) if (x0, x1) == (y0, y1) else (max(x0, y0), min(x1, y1))
        layer([(np.array([low, high]), np.array([low, high]), "dots")], "dim")
    for index, line in enumerate(shown.lines):
        if line.kind != "mark":
            layer([(line.x, line.y, line.kind)], STYLES[index % len(STYLES)])
    rows = _merged(layers, columns)
    for line in shown.lines:
        if line.kind == "mark" and len(line.x):
            column = round((float(line.x[0]) - x0) / (x1 - x0) * (columns - 1))
            row = PLOT_ROWS - 1 - round((float(line.y[0]) - y0) / (y1 - y0) * (PLOT_ROWS - 1))
            if 0 <= row < PLOT_ROWS and 0 <= column < columns:
                rows[row][column] = ("●", "bold green")
    return _framed(shown, rows, (x0, x1), (y0, y1), columns)


def _range(given: tuple[float, float] | None, values: Sequence[Floats]) -> tuple[float, float]:
    if given is not None:
        return given
    some = np.concatenate([v[np.isfinite(v)] for v in values]) if values else np.zeros(0)
    if not len(some):
        return 0.0, 1.0
    low, high = float(some.min()), float(some.max())
    pad = (high - low) * 0.02 or abs(low) or 1.0
    return low - pad, high + pad


def _trace(canvas: object, x: Floats, y: Floats, kind: str, *, step: float) -> None:
    good = np.isfinite(x) & np.isfinite(y)
    points = list(zip(x[good].tolist(), y[good].tolist(), strict=True))
    if kind == "line":
        for (a, b), (c, d) in itertools.pairwise(points):
            canvas.line(a, b, c, d)  # type: ignore[attr-defined]  # plotille has no types
    elif kind == "dots" and len(points) == 2:
        (a, b), (c, d) = points
        for share in np.arange(0, 1, 4 * step / max(c - a, step)).tolist():
            canvas.point(a + share * (c - a), b + share * (d - b))  # type: ignore[attr-defined]
    else:
        for a, b in points:
            canvas.point(a, b)  # type: ignore[attr-defined]


def _merged(layers: Sequence[tuple[list[str], str]], columns: int) -> list[list[tuple[str, str]]]:
    """Lay the layers over each other: the dots of all, in the style of the last that has any."""
    rows = [[(" ", "")] * columns for _ in range(PLOT_ROWS)]
    for lines, style in layers:
        for row, line in zip(rows, lines, strict=True):
            for column, char in enumerate(line[:columns]):
                if char != "\u2800":
                    below = 0 if row[column][0] == " " else ord(row[column][0])
                    row[column] = (chr(ord(char) | below), style)
    return rows


def _framed(
    shown: Plot,
    rows: Sequence[Sequence[tuple[str, str]]],
    xs: tuple[float, float],
    ys: tuple[float, float],
    columns: int,
) -> list[Text]:
    labels = {0: f"{ys[1]:.3g}", PLOT_ROWS - 1: f"{ys[0]:.3g}", PLOT_ROWS // 2: f"{(ys[0] + ys[1]) / 2:.3g}"}
    gutter = max(map(len, labels.values())) + 2
    head = Text(" " * INDENT)
    head.append(phrases.clean(shown.title), "bold")
    head.append(f"   {phrases.clean(shown.y_label)} ↑", "dim")
    head.append_text(_legend(shown.lines))
    head.truncate(gutter + columns, overflow="ellipsis")
    drawn = [head]
    for index, row in enumerate(rows):
        label = labels.get(index, "")
        line = Text(f"{label:>{gutter - 1}}{'┤' if label else '│'}", style="dim")
        body = Text()
        for char, style in row:
            body.append(char, style)
        body.rstrip()
        drawn.append(Text.assemble(line, body))
    left, right, middle = f"{xs[0]:.3g}", f"{xs[1]:.3g}", f"{phrases.clean(shown.x_label)} →"
    axis = list(" " * columns)
    axis[: len(left)] = left
    axis[columns - len(right) :] = right
    start = max(len(left) + 1, (columns - len(middle)) // 2)
    axis[start : start + len(middle)] = middle[: max(0, columns - len(right) - 1 - start)]
    return [*drawn, Text(" " * gutter + "".join(axis), style="dim")]


def _legend(lines: Sequence[Line]) -> Text:
    text = Text()
    for index, line in enumerate(lines):
        mark = {"line": "──", "points": "··", "mark": "●"}[line.kind]
        text.append("   ")
        text.append(mark, "bold green" if line.kind == "mark" else STYLES[index % len(STYLES)])
        text.append(f" {phrases.clean(line.label)}", "dim")
    return text
