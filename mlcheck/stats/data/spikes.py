"""Exact values that stand for something else than a measurement, and values far from all others."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from mlcheck.model.common import Floats

SENTINELS = frozenset(
    float(code)
    for code in [
        "-9",
        "-99",
        "-999",
        "-9999",
        "-99999",
        "-999999",
        "999",
        "9999",
        "99999",
        "999999",
        "9999999",
        "99999999",
        "-999.25",
        "-9999.99",
        "-1e9",
        "1e9",
        "-1e30",
        "1e30",
        "-2147483648",
        "2147483647",
        "-32768",
        "32767",
        "65535",
        "4294967295",
    ]
)
"""Codes that data formats and statistics programs write for a missing number."""
PLACEHOLDERS = frozenset(
    [
        "?",
        "-",
        "--",
        "---",
        ".",
        "n/a",
        "na",
        "#n/a",
        "nan",
        "null",
        "nil",
        "(null)",
        "<na>",
        "missing",
        "n.a.",
        "#null!",
        "-999",
        "-9999",
        "999",
        "9999",
        "#value!",
        "#div/0!",
        "undefined",
        "1970-01-01",
        "0000-00-00",
    ]
)
"""Texts that stand for a missing value, in lower case."""
NOTHING = PLACEHOLDERS | frozenset(
    ["unknown", "none", "empty", "blank", "no data", "no text", "not available", "not applicable", "n/d", "tbd"]
) | frozenset(["0", "-1", "-99", "-99999", "99999", "999999", "[deleted]", "[removed]"])  # fmt: skip
"""What stands for a missing text, in lower case: of a category they may be names."""
LONGEST_NOTHING = max(map(len, NOTHING))
LEAST_REPEATS = 3
LEAST_DISTINCT = 10
"""Distinct other values under which a column is a scale of a few steps, whose ends say nothing."""


class Spike(NamedTuple):
    """One exact value that is repeated and stands apart: how often, and the least and largest of the other values."""

    value: float
    repeats: int
    low: float
    high: float


class Outlier(NamedTuple):
    """One value that lies `times` the range of all others away from them; `heavy` where the others have long tails."""

    value: float
    row: int
    times: float
    heavy: bool


def spike(values: Floats, known: Floats, whole: bool) -> Spike | None:
    """Return the most suspicious repeated value of a column (n,), None where there is none.

    `known` is a sample of its values without NaN, for the spread and the commonest values; the ends of the column,
    their counts and their neighbours are exact. An end is a spike where it is repeated, `gap` from the next value, and
    both outside 3 interquartile ranges of the median and a gap of an interquartile range (Tukey 1977: 3 is "far out");
    a value used as code for missing ones also where it is the only negative one, or stands within the range but is ten
    times as common as any other.
    """
    if len(known) == 0:
        return None
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    for end, sign in ((low, 1.0), (high, -1.0)):
        found = _end(values, known, end, sign, whole=whole)
        if found is not None:
            return found
    return _common_code(values, known)


def _end(values: Floats, known: Floats, end: float, sign: float, *, whole: bool) -> Spike | None:
    """Judge the lowest (sign 1) or highest (sign -1) value of a column."""
    rest = known[known != end]
    count = int(np.count_nonzero(values == end))
    if count < LEAST_REPEATS or len(rest) < LEAST_DISTINCT or count > len(values) / 2:
        return None
    if len(np.unique(rest[:2000])) < LEAST_DISTINCT:
        return None
    others = values[values != end]
    least, most = float(np.nanmin(others)), float(np.nanmax(others))
    near = least if sign > 0 else most
    lower, middle, upper = np.quantile(rest, (0.25, 0.5, 0.75))
    spread = float(upper - lower) or (most - least)
    gap = abs(near - end)
    step = _step(rest, sign)
    apart = gap >= spread and abs(float(middle) - end) >= 2.5 * spread and gap >= 3 * step
    wide = gap >= most - least
    alone = end in SENTINELS and end < 0 <= least and gap > step
    if not (wide or alone or (apart and (count >= 5 or end in SENTINELS))):
        return None
    if not alone and not (wide and end in SENTINELS) and _repeats(rest, near, whole) >= count:
        return None
    return Spike(end, count, least, most)


def _step(rest: Floats, sign: float) -> float:
    """Return the mean distance of the five distinct values next to the gap: how sparse the tail is there."""
    ordered = np.unique(rest)
    tail = ordered[:6] if sign > 0 else ordered[-6:]
    return float(tail[-1] - tail[0]) / max(len(tail) - 1, 1)


def _repeats(rest: Floats, near: float, whole: bool) -> int:
    """Return how often the value next to the gap stands in the sample, 0 where repeats are usual for whole numbers."""
    return 0 if whole else int(np.count_nonzero(rest == near))


def _common_code(values: Floats, known: Floats) -> Spike | None:
    """Find a code for missing values within the range: ten times as common as any other value."""
    distinct, counts = np.unique(known, return_counts=True)
    if len(distinct) < LEAST_DISTINCT:
        return None
    place = int(np.argmax(counts))
    value = float(distinct[place])
    second = int(np.partition(counts, -2)[-2])
    if value not in SENTINELS or counts[place] < max(5, 10 * second):
        return None
    return Spike(value, int(np.count_nonzero(values == value)), float(distinct[0]), float(distinct[-1]))


def outlier(values: Floats, known: Floats, times: float) -> Outlier | None:
    """Return the end of a column (n,) that lies at least `times` the range of all other values away from them.

    `heavy` says that the others, too, spread over more than 20 interquartile ranges, as heavy tails do by themselves.
    """
    if len(known) < LEAST_DISTINCT:
        return None
    low, high = int(np.nanargmin(values)), int(np.nanargmax(values))
    lower, upper = np.quantile(known, (0.25, 0.75))
    for row, other in ((low, high), (high, low)):
        end = float(values[row])
        rest = values[values != end]
        if not np.count_nonzero(~np.isnan(rest)):
            continue
        least, most = float(np.nanmin(rest)), float(np.nanmax(rest))
        width = most - least
        gap = min(abs(end - least), abs(end - most))
        if row != other and width > 0 and gap >= times * width and len(np.unique(known)) >= LEAST_DISTINCT:
            return Outlier(end, row, gap / width, bool(width > 20 * float(upper - lower)))
    return None
