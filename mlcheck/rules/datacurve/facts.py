"""What several rules say of a curve: where it goes at four times the data."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlcheck.stats.curves.looked import AHEAD

if TYPE_CHECKING:
    from mlcheck.stats.curves.looked import Looked

LEVEL = 0.9


class There(NamedTuple):
    """The score at `n` examples with its interval, and what it gains over the last one (positive is better)."""

    n: int
    score: float
    low: float
    high: float
    level: float
    gain: float


def ahead(looked: Looked, octaves: float = AHEAD, level: float = LEVEL) -> There:
    """Return the forecast `octaves` doublings on, in units of the metric."""
    error = looked.ahead.error(octaves)
    ends = sorted(looked.score(end) for end in looked.ahead.interval(octaves, level))
    gain = (float(looked.course.error[-1]) - error) * looked.scale.factor
    return There(round(looked.last_n * 2**octaves), looked.score(error), ends[0], ends[1], level, gain)


def gained(looked: Looked, there: There) -> str:
    """Say from where to where the score goes: "from 0.874 to 0.902 (0.888 to 0.914)"."""
    last = looked.score(float(looked.course.error[-1]))
    return f"from {last:.4g} to {there.score:.4g} ({there.low:.4g} to {there.high:.4g})"


def worth(looked: Looked, least: float) -> str:
    """Say the least gain that counts, in units of the metric."""
    return f"{least * looked.scale.factor:.2g}"
