"""Intervals drawn as small bars, `├──●──┤`, in a strip of columns that stands for a scale of values."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, TypeAlias

from mlcheck.reports.phrases import LARGEST

if TYPE_CHECKING:
    from mlcheck.model import Bar

Scale: TypeAlias = tuple[float, float]

POINT, LINE, LEFT, RIGHT = "●", "─", "├", "┤"
BEYOND_LEFT, BEYOND_RIGHT = "◂", "▸"
ZERO = "┊"
HALF_AT = 15
"""Columns from which a strip's title has room for the value in its middle."""


def drawn(interval: Bar, scale: Scale, width: int, *, zero: bool = False) -> str:
    """Return an interval drawn in `width` columns; `zero` marks where 0 lies.

    A point where the interval is narrower than a column. What lies beyond the scale is pointed at.

    >>> from mlcheck.model import Bar
    >>> drawn(Bar(value=0.5, low=0.25, high=0.75), (0.0, 1.0), 9), drawn(Bar(value=1.0), (0.0, 1.0), 5)
    ('  ├─●─┤  ', '    ●')
    >>> drawn(Bar(value=0.5, low=0.4, high=7.0), (-1.0, 1.0), 9, zero=True)
    '    ┊ ●─▸'
    """
    cells = [" "] * width
    if zero and scale[0] < 0 < scale[1]:
        cells[place(0.0, scale, width)] = ZERO
    ends = [x for x in (interval.low, interval.value, interval.high) if x is not None and not math.isnan(x)]
    if not ends:
        return "".join(cells)
    first, last = place(min(ends), scale, width), place(max(ends), scale, width)
    at = place(interval.value, scale, width)
    if zero and not min(ends) <= 0 <= max(ends):  # what excludes 0 does not touch its column
        least, most = _side(min(ends) > 0, place(0.0, scale, width), width)
        first, at, last = (min(max(x, least), most) for x in (first, at, last))
    cells[first : last + 1] = LINE * (last - first + 1)
    if last > first:
        cells[first], cells[last] = LEFT, RIGHT
    cells[at] = POINT
    if max(ends) > scale[1] and (at < width - 1 or interval.value > scale[1]):
        cells[-1] = BEYOND_RIGHT
    if min(ends) < scale[0] - (scale[1] - scale[0]) / width and (at > 0 or interval.value < scale[0]):
        cells[0] = BEYOND_LEFT
    return "".join(cells)


def _side(right: bool, middle: int, width: int) -> tuple[int, int]:
    """Return the first and last column on one side of the one where 0 lies; all where there are none."""
    first, last = (middle + 1, width - 1) if right else (0, middle - 1)
    return (first, last) if first <= last else (0, width - 1)


def place(value: float, scale: Scale, width: int) -> int:
    """Return the column (0 at the left) of a value, those beyond the scale at its ends."""
    low, high = scale
    if not high > low or math.isnan(value):
        return 0
    share = (value / 2 - low / 2) / (high / 2 - low / 2)  # halved, so that the widest scale has a width
    return round(min(1.0, max(0.0, share)) * (width - 1))


def title(scale: Scale, width: int) -> str:
    """Return what stands above the bars: the ends of the scale and, where there is room, its middle (0 if it spans it)."""
    left, right = (f"{x:.3g}".replace("-", "−") for x in scale)
    if len(left) + len(right) >= width:
        return " " * width
    cells = list(left.ljust(width))
    cells[width - len(right) :] = right
    middle = 0.0 if scale[0] < 0 < scale[1] else scale[0] / 2 + scale[1] / 2
    text = f"{middle:.3g}"
    start = place(middle, scale, width) - len(text) // 2
    if width >= HALF_AT and set(cells[max(0, start - 1) : start + len(text) + 1]) == {" "}:
        cells[start : start + len(text)] = text
    return "".join(cells)


def rounded_out(low: float, high: float) -> Scale:
    """Return the scale of round ends around some values: some four to eight steps of 1, 2 or 5 times a power of ten.

    >>> rounded_out(0.312, 0.4449)
    (0.3, 0.46)
    """
    low, high = (min(max(x, -LARGEST), LARGEST) for x in (low, high))
    span = high - low
    if span <= 1e-12 * max(abs(low), abs(high), 1e-250):
        pad = abs(low) / 4 or 0.5
        return low - pad, high + pad
    power = 10.0 ** math.floor(math.log10(span / 6))
    step = next(s * power for s in (1, 2, 5, 10) if s * power * 8 >= span)
    return math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step
