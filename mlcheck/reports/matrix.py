"""Draws a confusion matrix: counts, each shaded by its share of the row; where it is too wide, shades alone or its largest errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from rich.cells import cell_len
from rich.text import Text

from mlcheck.reports import phrases
from mlcheck.reports.grids import Column, Grid, Row, counted
from mlcheck.reports.tables import lines, shortened, wrapped

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mlcheck.model import Floats, Matrix

INDENT = 2
LONGEST_NAME, LONGEST_TITLE = 20, 8
SHADES = " ░▒▓█"
STEPS = (0.02, 0.1, 0.3, 0.6)
"""Shares of the row from which a cell is shaded, and shaded darker."""
RIGHT_STYLES = ("", "cyan", "cyan", "bold color(255) on color(24)", "bold color(255) on color(25)")
WRONG_STYLES = (
    "",
    "red",
    "color(255) on color(52)",
    "bold color(255) on color(88)",
    "bold color(255) on color(124)",
)
SHADE_STYLES = {True: ("", "cyan", "cyan", "color(31) on color(24)", "color(32) on color(25)"),
                False: ("", "red", "color(88) on color(52)", "color(124) on color(88)", "color(160) on color(124)")}  # fmt: skip
"""Styles by level of the counts on the diagonal and off it, and of their shades: the darker, the larger the share."""
MOST_ERRORS = 8
MOST_ROWS = 60
"""Rows of a matrix from which only its largest errors are shown."""
NARROWEST = 38
"""Columns that the legend may take, however narrow the matrix is."""


def draw(matrix: Matrix, *, width: int) -> list[Text]:
    """Return the matrix within `width` columns; what cannot be shown as counts is shown as shades or as a list of errors."""
    counts = np.where(np.isfinite(matrix.counts), matrix.counts, 0.0)
    rows = [phrases.clean(name) for name in matrix.rows]
    columns = [phrases.clean(name) for name in matrix.columns]
    head = min(LONGEST_NAME, max(map(cell_len, rows), default=1), max(6, width // 4))
    room = width - INDENT - head
    title = Text(shortened(phrases.clean(matrix.title), width), style="bold")
    if len(rows) > MOST_ROWS or len(columns) * 2 + 5 > room:
        return [title, *lines(largest(matrix), width)]
    texts = [["·" if value == 0 else counted(value) for value in row] for row in counts.tolist()]
    cell = max((len(text) for row in texts for text in row), default=1)
    if len(columns) * (cell + 3) <= room:
        titled = max(cell, min(LONGEST_TITLE, room // len(columns) - 3, max(map(cell_len, columns))))
        body = [title, *_counted(rows, columns, counts, texts, head, titled)]
        return [*body, *_legend(body, width)]
    body = [title, *_shaded(rows, columns, counts, head, 3 if len(columns) * 3 + 5 <= room else 2)]
    return [*body, *_legend(body, width), Text(), *lines(largest(matrix), width)]


def _level(count: float, total: float) -> int:
    """Return how dark a cell is: 0 to 4, by its share of the row."""
    return sum(count >= step * total for step in STEPS) if total > 0 else 0


def _style(right: bool, level: int) -> str:
    return (RIGHT_STYLES if right else WRONG_STYLES)[level]


def _counted(
    rows: Sequence[str],
    columns: Sequence[str],
    counts: Floats,
    texts: Sequence[Sequence[str]],
    head: int,
    cell: int,
) -> Iterator[Text]:
    titles = "".join(" " + _right(shortened(name, cell), cell) + "  " for name in columns)
    yield Text((" " * (INDENT + head) + titles).rstrip(), style="dim")
    for name, row, written in zip(rows, counts.tolist(), texts, strict=True):
        line = _headed(name, head)
        for column, value, text in zip(columns, row, written, strict=True):
            level = _level(value, sum(row))
            right = column == name
            line.append(f" {text:>{cell}} ", _style(right, level) or ("" if value else "dim"))
            line.append(SHADES[level], SHADE_STYLES[right][level])
        line.rstrip()
        yield line


def _shaded(
    rows: Sequence[str], columns: Sequence[str], counts: Floats, head: int, cell: int
) -> Iterator[Text]:
    """Yield the rows as shades, `cell` columns of the page each; where names are long, numbers stand over them."""
    short = max(map(cell_len, columns)) <= 2
    numbers = columns if short else [str(i % 100) for i in range(1, len(columns) + 1)]
    head = head if short else head + 4
    titles = "".join(
        _right(number if cell > 2 or i % 2 == 0 else "", cell) for i, number in enumerate(numbers)
    )
    yield Text((" " * (INDENT + head + 1) + titles).rstrip(), style="dim")
    for index, (name, row) in enumerate(zip(rows, counts.tolist(), strict=True), 1):
        line = _headed(name if short else f"{index % 100:>2} {shortened(name, head - 3)}", head)
        line.append(" ")
        for column, value in zip(columns, row, strict=True):
            level = _level(value, sum(row))
            text = SHADES[level] * 2 if level else " ·" if value else "  "
            line.append(" " * (cell - 2))
            line.append(text, _shade_style(column == name, level))
        line.rstrip()
        yield line


def _shade_style(right: bool, level: int) -> str:
    return "dim" if not level else "cyan" if right else "red"


def _headed(name: str, head: int) -> Text:
    text = shortened(name, head)
    return Text(" " * INDENT + text + " " * (head - cell_len(text)))


def _right(text: str, width: int) -> str:
    return " " * (width - cell_len(text)) + text


def _legend(body: Sequence[Text], width: int) -> Iterator[Text]:
    """Yield what stands where and what the shades mean, about as wide as the matrix."""
    own = max(cell_len(line.plain) for line in body)
    parts = [f"{shade} from {100 * step:g} %" for shade, step in zip(SHADES[1:], STEPS, strict=True)]
    text = f"true down, predicted across; {', '.join(parts)} of the row"
    for part in wrapped(text, min(width, max(own, NARROWEST)) - INDENT):
        yield Text(" " * INDENT + part, style="dim")


def largest(matrix: Matrix) -> Grid:
    """Return the cells off the diagonal that hold most, with their shares of the row."""
    counts = np.where(np.isfinite(matrix.counts), matrix.counts, 0.0)
    wrong = (np.array(matrix.rows)[:, None] != np.array(matrix.columns)[None, :]) & (counts > 0)
    order = np.argsort(-counts[wrong], kind="stable")[:MOST_ERRORS]
    found = tuple(
        Row(
            cells=(
                phrases.clean(matrix.rows[i]),
                phrases.clean(matrix.columns[j]),
                counted(float(counts[i, j])),
                phrases.percent(float(counts[i, j] / counts[i].sum())),
            )
        )
        for i, j in np.argwhere(wrong)[order].tolist()
    )
    columns = (
        Column(title="true"),
        Column(title="predicted"),
        Column(title="count", kind="number"),
        Column(title="of the row", kind="number"),
    )
    return Grid(title="", columns=columns, rows=found, strip=3)
