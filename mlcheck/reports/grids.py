"""Tables as texts with intervals to draw: the measures of a subject, and the tables among its exhibits, ready for any format."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlcheck.model import Bar
from mlcheck.reports import phrases

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlcheck.model import Scalar, Subject, Table

ARROWS = {"higher": "↑", "lower": "↓"}
STAR = "★"
MINUS = "−"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row: its cells as texts, the interval to draw beside them, whether it is the one to look at."""

    cells: tuple[str, ...]
    bar: Bar | None = None
    strong: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """Rows under titles. `right` says which columns are set to the right, `spare` which may be left out where it is narrow
    (the first of them first). `scale` is what the bars are drawn on; 0 is marked where it lies within.
    """  # noqa: D205  (one sentence)

    title: str
    titles: tuple[str, ...]
    rows: tuple[Row, ...]
    right: tuple[bool, ...]
    spare: tuple[int, ...] = ()
    scale: tuple[float, float] | None = None
    note: str = ""


def of_measures(subject: Subject) -> Grid | None:
    """Return the metrics of a subject with their intervals, or its differences; None where it has neither."""
    measures = {n: m for n, m in subject.measures.items() if "direction" in m}
    if not measures:
        return None
    level = next((m["level"] for m in measures.values() if m.get("level") is not None), 0.95)
    interval = f"{100 * float(level or 0.95):g} % interval"
    if all("difference" in m for m in measures.values()):
        return _differences(measures, interval)
    rows = tuple(_measure(name, m) for name, m in measures.items())
    return Grid(
        title="",
        titles=("", "metric", "value", interval, "by"),
        rows=rows,
        right=(False, False, True, False, False),
        spare=(4,),
        scale=(0.0, 1.0) if any(row.bar for row in rows) else None,
    )


def _measure(name: str, m: Mapping[str, Scalar]) -> Row:
    value, low, high = (_real(m.get(key)) for key in ("value", "low", "high"))
    is_best = m.get("recommended") is True
    bar = None
    if value is not None and low is not None and high is not None and 0 <= low <= high <= 1:
        bar = Bar(value=value, low=low, high=high)
    arrow = ARROWS.get(str(m.get("direction")), "")
    method = str(m.get("method") or "")
    if value is None:
        method = str(m.get("reason") or "undefined")
    return Row(
        cells=(
            STAR if is_best else "",
            f"{phrases.clean(name)} {arrow}",
            figure(value),
            _span(low, high),
            phrases.clean(method),
        ),
        bar=bar,
        strong=is_best,
    )


def _differences(measures: Mapping[str, Mapping[str, Scalar]], interval: str) -> Grid:
    rows = tuple(_difference(name, m) for name, m in measures.items())
    edges = [abs(x) for row in rows if row.bar for x in (row.bar.low, row.bar.high) if x is not None]
    reach = max(edges, default=0.0)
    return Grid(
        title="",
        titles=("", "metric", "A", "B", "A − B", interval, "p", "by"),
        rows=rows,
        right=(False, False, True, True, True, False, True, False),
        spare=(7,),
        scale=(-reach, reach) if reach > 0 else None,
    )


def _difference(name: str, m: Mapping[str, Scalar]) -> Row:
    a, b, apart, low, high, p = (
        _real(m.get(key)) for key in ("a", "b", "difference", "low", "high", "p_value")
    )
    bar = None
    if apart is not None and low is not None and high is not None and -1 <= low <= high <= 1:
        bar = Bar(value=apart, low=low, high=high)
    arrow = ARROWS.get(str(m.get("direction")), "")
    told = str(m.get("method") or m.get("reason") or "")
    is_best = m.get("recommended") is True
    cells = (
        STAR if is_best else "", f"{phrases.clean(name)} {arrow}", figure(a), figure(b), signed(apart),
        _span(low, high, sign=True), _chance(p), phrases.clean(told),
    )  # fmt: skip
    return Row(cells=cells, bar=bar, strong=is_best)


def _chance(p: float | None) -> str:
    if p is None:
        return "–"
    return "<0.001" if p < 0.001 else f"{p:.3f}"


def _real(value: Scalar) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)


def figure(value: float | None) -> str:
    """Return a number with four digits, a dash for none.

    >>> figure(0.98312), figure(12.3456), figure(31415.9), figure(None), figure(1e-7)
    ('0.9831', '12.35', '31,416', '–', '1e-07')
    """
    if value is None:
        return "–"
    size = abs(value)
    if size != 0 and (size < 1e-4 or size >= 1e7):
        return f"{value:.3g}"
    if size >= 1000:
        return f"{value:,.0f}"
    return f"{value:.{max(0, 3 - math.floor(math.log10(size)))}f}" if size >= 1 else f"{value:.4f}"


def signed(value: float | None) -> str:
    """Return a number with its sign."""
    return "–" if value is None else f"{'+' if value >= 0 else MINUS}{figure(abs(value))}"


def _span(low: float | None, high: float | None, *, sign: bool = False) -> str:
    if low is None or high is None:
        return ""
    return f"{signed(low)} to {signed(high)}" if sign else f"{figure(low)} to {figure(high)}"


def of_table(table: Table) -> Grid:
    """Return a table among the exhibits as texts."""
    numeric = [
        all(
            (isinstance(row[i], int | float) and not isinstance(row[i], bool)) or row[i] is None
            for row in table.rows
        )
        for i in range(len(table.columns))
    ]
    rows = tuple(
        Row(
            cells=tuple(_cell(value) for value in row),
            bar=table.bars[i] if i < len(table.bars) else None,
        )
        for i, row in enumerate(table.rows)
    )
    return Grid(
        title=phrases.clean(table.title),
        titles=tuple(phrases.clean(name) for name in table.columns),
        rows=rows,
        right=tuple(numeric),
        scale=table.scale if any(row.bar for row in rows) else None,
        note=phrases.clean(table.note),
    )


def _cell(value: Scalar) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return figure(value if math.isfinite(value) else None)
    return "–" if value is None else phrases.clean(value)


def bar(interval: Bar, scale: tuple[float, float], width: int) -> str:
    """Return an interval drawn in `width` columns: ├──●──┤, a point where it is narrower than three columns.

    >>> bar(Bar(value=0.5, low=0.25, high=0.75), (0.0, 1.0), 9), bar(Bar(value=1.0), (0.0, 1.0), 5)
    ('  ├─●─┤  ', '    ●')
    """
    low, high = scale
    at = _place(interval.value, low, high, width)
    cells = [" "] * width
    if interval.low is not None and interval.high is not None:
        first, last = (_place(x, low, high, width) for x in (interval.low, interval.high))
        cells[first : last + 1] = "─" * (last - first + 1)
        if last > first:
            cells[first], cells[last] = "├", "┤"
    cells[at] = "●"
    return "".join(cells)


def _place(value: float, low: float, high: float, width: int) -> int:
    return round(min(1.0, max(0.0, (value - low) / (high - low))) * (width - 1))


def scale_line(scale: tuple[float, float], width: int) -> str:
    """Return the ends of a scale as a title over the bars, 0 between them where it lies there."""
    left, right = (f"{x:.3g}" for x in scale)
    cells = list(left.ljust(width))
    cells[width - len(right) :] = right
    middle = _place(0.0, *scale, width)
    if scale[0] < 0 < scale[1] and cells[middle] == " ":
        cells[middle] = "0"
    return "".join(cells)
