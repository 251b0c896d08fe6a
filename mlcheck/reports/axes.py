"""What plots share: a range of values laid over dots, round ticks, strokes of braille, labelled rows.

plotille's canvas sets the dots; range, ticks and legend are our own, since its labels are wide.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import groupby, pairwise
from operator import itemgetter
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from plotille import Canvas

    from mlcheck.model import Floats

Cell: TypeAlias = tuple[str, str]
"""A character with its style."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """A range of values laid over `dots` dots, linear or logarithmic. `low < high`."""

    low: float
    high: float
    dots: int
    log: bool = False

    def dot(self, value: Floats) -> Floats:
        """Return the dots that values fall on, those outside moved to the edge; NaN where not finite."""
        inside = np.clip(np.where(np.isfinite(value), value, np.nan), self.low, self.high)
        low, high = self.low, self.high
        if self.log:
            inside, low, high = np.log10(inside), math.log10(low), math.log10(high)
        return np.rint((inside - low) / (high - low) * (self.dots - 1))

    def at(self, value: float) -> int:
        """Return the dot that one value falls on."""
        return int(self.dot(np.array([value]))[0])


def ticks(low: float, high: float, most: int, *, least: float = 0.0) -> list[float]:
    """Return round values between `low` and `high`, about `most`, 1, 2, 2.5 or 5 times a power of ten apart."""
    rough = max((high - low) / most, least)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(s * power for s in (1, 2, 2.5, 5, 10, 20) if s * power >= rough)
    first = math.ceil(low / step - 1e-9)
    return [k * step for k in range(first, math.floor(high / step + 1e-9) + 1)]


def same_decimals(ticks: Sequence[float]) -> list[str]:
    """Write ticks with as many decimals as it takes to tell them apart."""
    largest = max(abs(tick) for tick in ticks)
    step = ticks[1] - ticks[0] if len(ticks) > 1 else largest or 1.0
    decimals = next((d for d in range(7) if math.isclose(round(step, d), step, rel_tol=1e-6)), 7)
    if largest >= 1e5 or decimals > 5:
        short = [f"{tick:.3g}" for tick in ticks]
        return short if len(set(short)) == len(short) else [f"{tick:.12g}" for tick in ticks]
    return [f"{tick:.{decimals}f}" for tick in ticks]


def over(below: Cell, above: Cell) -> Cell:
    """Lay one braille character over another: the dots of both, in the style of the upper one that has any."""
    if above[0] == "\u2800":
        return below
    dots = ord(above[0]) | (0 if below[0] == " " else ord(below[0]))
    return chr(dots), above[1]


def pieces(at: Floats, value: Floats) -> Iterator[tuple[Floats, Floats]]:
    """Yield the stretches of a curve that are without gaps (a value that is not finite is one)."""
    finite = np.isfinite(at) & np.isfinite(value)
    edges = np.flatnonzero(np.diff(finite.astype(int), prepend=0, append=0))
    for start, stop in edges.reshape(-1, 2):
        yield at[start:stop], value[start:stop]


def line(canvas: Canvas, at: Floats, value: Floats) -> None:
    """Draw dots joined to a line; shape (n,), n of at least 1, without gaps."""
    points = list(zip(at.tolist(), value.tolist(), strict=True))
    canvas.point(*points[0])
    for (x0, y0), (x1, y1) in pairwise(points):
        canvas.line(x0, y0, x1, y1)


def dotted(canvas: Canvas, at: Floats, value: Floats) -> None:
    """Set a dot in every second column of dots, and where the curve is steep also between them."""
    columns = np.arange(at[0], at[-1] + 1, 2)
    heights = np.rint(np.interp(columns, at, value))
    previous = heights[0]
    for column, height in zip(columns.tolist(), heights.tolist(), strict=True):
        between = np.arange(previous, height, math.copysign(3, height - previous))[1:]
        for y in (*between.tolist(), height):
            canvas.point(column, y)
        previous = height


def row(cells: Sequence[Cell], label: str, gutter: int) -> Text:
    """Return a row of the canvas behind its label, which is set in `gutter` columns with the axis."""
    text = Text(f"{label:>{gutter - 2}} {'┤' if label else '│'}", style="dim")
    runs = ((style, "".join(char for char, _ in run)) for style, run in groupby(cells, key=itemgetter(1)))
    line = Text.assemble(text, *((chars, style) for style, chars in runs))
    line.rstrip()
    return line
