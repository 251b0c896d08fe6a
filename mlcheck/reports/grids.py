"""Tables as texts with intervals to draw, ready for any format."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from mlcheck.reports import bars, phrases

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlcheck.model import Bar, Scalar, Table
    from mlcheck.reports.bars import Scale

MINUS, DASH, TO = "−", "–", " to "
LIKE = 1000
"""Numbers of a column that differ by less than this factor are written with as many decimals."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column: numbers stand at their points, `low to high` at both; one that is `spare` may be left out."""

    title: str
    kind: Literal["text", "number", "interval"] = "text"
    spare: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Cells, the interval to draw beside them on a scale, whether it is the row to look at.

    `told` stands in place of the interval, where there is none: the reason.
    """

    cells: tuple[str, ...]
    bar: Bar | None = None
    scale: Scale | None = None
    strong: bool = False
    told: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """Rows under titles. The strip of bars stands behind the column `strip`, under its `sides` (left, right).

    `strip_note` is told only where bars are drawn. Without `sides` the ends of the scale stand over the bars. What a row has `told` begins at the column `strip`.
    """

    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    strip: int
    sides: tuple[str, str] | None = None
    notes: tuple[str, ...] = ()
    strip_note: str = ""


def cut(grid: Grid, rows: int, note: str) -> Grid:
    """Return the first rows of a grid, and a note on the others before its own."""
    return replace(grid, rows=grid.rows[:rows], notes=(note, *grid.notes))


def chance(p: float | None) -> str:
    """Write a p-value with three decimals, never 0."""
    if p is None:
        return DASH
    return "<0.001" if p < 0.001 else f"{p:.3f}"


def real(value: Scalar) -> float | None:
    """Return a number that is finite; None for everything else."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)


def figure(value: float | None, decimals: int | None = None) -> str:
    """Return a number with four digits (or so many decimals), a dash for none.

    >>> figure(0.98312), figure(12.3456), figure(31415.9), figure(None), figure(1e-7), figure(-0.5)
    ('0.9831', '12.35', '31,416', '–', '1e-07', '−0.5000')
    """
    if value is None:
        return DASH
    sign, size = MINUS if value < 0 else "", abs(value)
    if size != 0 and (size < 1e-4 or size >= 1e7):
        return f"{sign}{size:.3g}"
    if decimals is None:
        decimals = _decimals(size)
    return f"{sign}{size:,.{decimals}f}"


def _decimals(size: float) -> int:
    return 4 if size < 1 else max(0, 3 - math.floor(math.log10(size)))


def signed(value: float | None) -> str:
    """Return a number with its sign."""
    return figure(value) if value is None or value < 0 else f"+{figure(value)}"


def span(low: float | None, high: float | None, *, sign: bool = False) -> str:
    """Return `low to high`, empty where there is neither."""
    if low is None and high is None:
        return ""
    tiny = max(abs(low or 0.0), abs(high or 0.0)) < 1e-3
    return TO.join(_end(end, sign=sign, tiny=tiny) for end in (low, high))


def _end(value: float | None, *, sign: bool, tiny: bool) -> str:
    """Write one end of an interval; where the other is larger, one near 0 is 0.0000."""
    near = value is not None and not tiny and abs(value) < 1e-4
    text = figure(0.0) if near else figure(value if value is None or not sign else abs(value))
    return text if not sign or value is None else (MINUS if value < 0 else "+") + text


def counted(value: float) -> str:
    """Write a count; of weights, one decimal.

    >>> counted(5884.0), counted(1.25), counted(math.nan)
    ('5,884', '1.2', 'NaN')
    """
    if not math.isfinite(value):
        return phrases.number(value)
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"


def of_table(table: Table) -> Grid:
    """Return a table among the exhibits as texts; columns called low and high become one."""
    columns, texts, sources = _joined(table)
    scale = _table_scale(table)
    rows = tuple(
        Row(
            cells=tuple(text[i] for text in texts),
            bar=bar,
            scale=scale if bar is not None else None,
        )
        for i, bar in enumerate([*table.bars, *[None] * (len(table.rows) - len(table.bars))])
    )
    notes = tuple(phrases.clean(line) for line in table.note.split("\n") if line.strip())
    return Grid(
        title=phrases.clean(table.title),
        columns=columns,
        rows=rows,
        strip=_strip(table, sources),
        notes=notes,
    )


def _joined(table: Table) -> tuple[tuple[Column, ...], list[list[str]], list[int]]:
    """Return the columns, their texts, and from which column of the table each begins."""
    columns: list[Column] = []
    texts: list[list[str]] = []
    sources: list[int] = []
    skip = False
    for i, name in enumerate(table.columns):
        if skip:
            skip = False
            continue
        values = [row[i] if i < len(row) else None for row in table.rows]
        column = Column(title=phrases.clean(name), kind="number" if _numeric(values) else "text")
        made = written(values)
        if table.columns[i : i + 2] == ("low", "high") and columns:
            skip = True
            ends = written([*values, *(row[i + 1] if i + 1 < len(row) else None for row in table.rows)])
            pairs = zip(ends[: len(values)], ends[len(values) :], strict=True)
            made = ["" if a == b == DASH else a + TO + b for a, b in pairs]
            column = replace(column, title="interval", kind="interval", spare=True)
        columns.append(column)
        texts.append(made)
        sources.append(i)
    return tuple(columns), texts, sources


def _numeric(values: Sequence[Scalar]) -> bool:
    return all(v is None or (isinstance(v, int | float) and not isinstance(v, bool)) for v in values)


def written(values: Sequence[Scalar]) -> list[str]:
    """Return a column's cells as texts: whole numbers whole, like numbers with as many decimals, a dash for None."""
    finite = [abs(float(v)) for v in values if isinstance(v, float) and math.isfinite(v)]
    sizes = [x for x in finite if x > 0]
    whole = bool(finite) and all(x == math.floor(x) and x < 1e15 for x in finite) and max(finite) > 1
    decimals = None
    if sizes and not whole and (max(sizes) <= 1 or max(sizes) <= LIKE * min(sizes)):
        decimals = _decimals(max(sizes) if max(sizes) > 1 else 0.5)
    return [_cell(v, whole=whole, decimals=decimals) for v in values]


def _cell(value: Scalar, *, whole: bool, decimals: int | None) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int) or (isinstance(value, float) and whole and math.isfinite(value)):
        return f"{int(value):,}".replace("-", MINUS)
    if isinstance(value, float):
        return figure(value, decimals) if math.isfinite(value) else phrases.number(value)
    return DASH if value is None else phrases.clean(value)


def _table_scale(table: Table) -> Scale | None:
    ends = [
        x
        for bar in table.bars
        if bar is not None
        for x in (bar.value, bar.low, bar.high)
        if x is not None and math.isfinite(x)
    ]
    if not ends:
        return None
    low, high = table.scale or (min(ends), max(ends))
    return bars.rounded_out(low, high)


def _strip(table: Table, sources: Sequence[int]) -> int:
    """Return behind which column the bars stand: the one that they draw, its interval included; else the last."""
    drawn = [(row, bar) for row, bar in zip(table.rows, table.bars, strict=False) if bar is not None]
    for at, i in enumerate(sources):
        if drawn and all(row[i] == bar.value for row, bar in drawn):
            following = at + 1 < len(sources) and table.columns[sources[at + 1]] == "low"
            return at + following
    return len(sources) - 1
