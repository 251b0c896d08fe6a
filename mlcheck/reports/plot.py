"""Draws a subject's curves with braille dots: train as a line, validation as single dots, the best point as ●.

Range, ticks and legend are our own, since a log's curves want short labels, a robust range and a log scale where they
span decades. plotille's canvas sets the dots; it is imported only when something is drawn.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from plotille import Canvas
from rich.cells import cell_len
from rich.text import Text

from mlcheck.reports import axes, phrases

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mlcheck.model import Curve, Floats, Picture

ROWS = 10
"""Height of the canvas; legend and x labels add one row each."""
WIDEST = 110
MOST_POINTS = 4000
"""A longer curve is thinned by taking every k-th point: the canvas has at most 220 columns of dots."""
LOG_SPAN = 300.0
"""A positive range that spans more than this factor (2.5 decades) is drawn on a log scale."""
NEAR_ZERO = 0.15
"""A linear range that begins above zero, but below this share of its end, begins at zero."""
OUTLIERS = 50
"""One value in this many (at least one) may lie beyond the range at each end, if it lies far beyond."""

STYLES = {"train": "cyan", "validation": "yellow", "test": "magenta"}


def draw(picture: Picture, *, width: int) -> list[Text]:
    """Draw the curves within `width` columns: a legend, `ROWS` rows with y labels, the x labels. Empty below two points."""
    curves = [_thinned(curve) for curve in picture.curves if np.isfinite(curve.y).any()]
    if not curves:
        return []
    values = np.concatenate([c.y[np.isfinite(c.y)] for c in curves])
    low, high, log = _range(curves, values)
    y = axes.Axis(low=low, high=high, dots=ROWS * 4, log=log)
    labels = _row_labels(y)
    gutter = max(map(len, labels.values())) + 2
    columns = max(min(width, WIDEST) - gutter, 8)
    steps = np.concatenate([c.x[np.isfinite(c.x)] for c in curves])
    first, last = float(steps.min()), float(steps.max())
    if not first < last:
        return []
    x = axes.Axis(low=first, high=last, dots=columns * 2)
    best = _best(picture, x, y)
    rows = _canvas_rows(curves, x, y, best)
    body = [axes.row(cells, labels.get(index, ""), gutter) for index, cells in enumerate(rows)]
    axis = Text(" " * gutter + _x_labels(x, columns, phrases.clean(picture.unit)), style="dim")
    notes = list(_notes(picture, y, values))
    legend = list(_legend(curves, picture, best is not None, notes, gutter, width))
    for line in legend:
        line.truncate(width, overflow="ellipsis")
    return [*legend, *body, axis]


def _thinned(curve: Curve) -> Curve:
    """Return the curve with at most `MOST_POINTS` points, none larger than `phrases.LARGEST`."""
    count = len(curve.y)
    keep = np.unique(np.linspace(0, count - 1, min(count, MOST_POINTS)).astype(int))
    y = np.where(np.isfinite(curve.y), np.clip(curve.y, -phrases.LARGEST, phrases.LARGEST), curve.y)
    return replace(curve, x=curve.x[keep], y=y[keep])


def _range(curves: Sequence[Curve], values: Floats) -> tuple[float, float, bool]:
    """Choose the range to draw, without a few far outliers, and whether it wants a log scale.

    Far is three times the range of the others beyond it. A train curve that falls far below all others does not ask
    for a log scale: it would flatten the rise of the validation curve, which matters more.
    """
    ordered = np.sort(values)
    spare = min(max(1, len(ordered) // OUTLIERS), (len(ordered) - 1) // 4)
    low, high = float(ordered[0]), float(ordered[-1])
    inner_low, inner_high = float(ordered[spare]), float(ordered[-1 - spare])
    reach = 3 * (inner_high - inner_low)
    if reach > 0:
        inner = ordered[(ordered >= inner_low - reach) & (ordered <= inner_high + reach)]
        low, high = float(inner[0]), float(inner[-1])
    if high - low <= 1e-12 * max(abs(low), abs(high), 1e-250):
        pad = abs(low) / 2 or 1.0
        return low - pad, high + pad, False
    held_out = [float(c.y[np.isfinite(c.y)].min()) for c in curves if c.split != "train"]
    if low > 0 and high / max(low, min(held_out, default=low)) > LOG_SPAN:
        return low, high, True
    return (0.0 if 0 < low < NEAR_ZERO * high else low), high, False


def _log_ticks(low: float, high: float) -> list[float]:
    first, last = math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9)
    apart = max(1, math.ceil((last - first + 1) / 6))
    return [10.0**k for k in range(first, last + 1) if (last - k) % apart == 0]


def _row_labels(y: axes.Axis) -> dict[int, str]:
    """Return the y labels by row, counted from the top."""
    ticks = _log_ticks(y.low, y.high) if y.log else axes.ticks(y.low, y.high, 5)
    texts = [f"{tick:g}" for tick in ticks] if y.log else axes.same_decimals(ticks)
    return {ROWS - 1 - y.at(tick) // 4: text for tick, text in zip(ticks, texts, strict=True)}


def _best(picture: Picture, x: axes.Axis, y: axes.Axis) -> tuple[int, int] | None:
    """Return the column and row (from the top) of the best point."""
    at, value = picture.best_x, picture.best_y
    if at is None or value is None or not (math.isfinite(at) and math.isfinite(value)):
        return None
    return x.at(at) // 2, ROWS - 1 - y.at(value) // 4


def _canvas_rows(
    curves: Sequence[Curve], x: axes.Axis, y: axes.Axis, best: tuple[int, int] | None
) -> list[list[tuple[str, str]]]:
    """Return the rows from top to bottom, each a list of characters with their styles."""
    rows = [[(" ", "")] * (x.dots // 2) for _ in range(ROWS)]
    layers = [(curve, _layer(curve, x, y)) for curve in curves]
    for curve, lines in layers:
        for row, line in zip(rows, lines, strict=True):
            for column, char in enumerate(line):
                row[column] = axes.over(row[column], (char, STYLES[curve.split]))
    if best is not None:
        rows[best[1]][best[0]] = ("●", "bold green")
    return rows


def _layer(curve: Curve, x: axes.Axis, y: axes.Axis) -> list[str]:
    canvas = Canvas(x.dots // 2, ROWS, xmin=0, ymin=0, xmax=x.dots, ymax=ROWS * 4)
    for at, value in axes.pieces(x.dot(curve.x), y.dot(curve.y)):
        if curve.split == "train":
            axes.line(canvas, at, value)
        else:
            axes.dotted(canvas, at, value)
    return str(canvas.plot(linesep="\n")).split("\n")


def _x_labels(x: axes.Axis, columns: int, unit: str) -> str:
    """Write the first, the last (with the unit) and round positions between them, where there is room."""
    line = [" "] * columns
    last = f"{unit.removesuffix('s')} {x.high:.10g}".strip()[-columns:]
    line[columns - len(last) :] = last
    for tick in [x.low, *axes.ticks(x.low, x.high, 5, least=1.0)]:
        text = f"{tick:.10g}"
        start = max(0, min(x.at(tick) // 2 - (len(text) - 1) // 2, columns - len(text)))
        around = line[max(0, start - 3) : start + len(text) + 3]
        if set(around) == {" "}:
            line[start : start + len(text)] = text
    return "".join(line)


def _notes(picture: Picture, y: axes.Axis, drawn: Floats) -> Iterator[str]:
    """Yield what a reader must know of the drawing: its scale, and what it does not show."""
    if y.log:
        yield "log scale"
    above, below = int((drawn > y.high).sum()), int((drawn < y.low).sum())
    if above:
        yield f"{above} above {phrases.number(y.high)} cut off"
    if below:
        yield f"{below} below {phrases.number(y.low)} cut off"
    unit = phrases.clean(picture.unit).removesuffix("s")
    for curve in picture.curves:
        bad = ~np.isfinite(curve.y)
        first = int(bad.argmax()) if bad.any() else len(bad)
        if bad[first:].all() and bad.any():
            yield f"{phrases.clean(curve.label)} not finite from {unit} {curve.x[first]:.10g}"
        elif bad.any():
            yield f"{phrases.clean(curve.label)} not finite at {bad.sum()} of {len(bad)} points"


def _legend(
    curves: Sequence[Curve], picture: Picture, best: bool, notes: Sequence[str], gutter: int, width: int
) -> Iterator[Text]:
    """Yield the line (lines, where it is too long) that says what the strokes mean."""
    parts = [
        Text.assemble(("── " if c.split == "train" else "·· ", STYLES[c.split]), phrases.clean(c.label))
        for c in curves
    ]
    if best and picture.best_x is not None:
        where = f"best, {phrases.clean(picture.unit).removesuffix('s')} {picture.best_x:.10g}"
        parts.append(Text.assemble(("● ", "bold green"), where))
    parts += [Text(note, style="dim") for note in notes]
    line = Text(" " * gutter)
    for part in parts:
        if line.plain.strip() and cell_len(line.plain) + 3 + cell_len(part.plain) > width:
            yield line
            line = Text(" " * gutter)
        line = Text.assemble(line, "   " if line.plain.strip() else "", part)
    yield line
