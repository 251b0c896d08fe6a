"""What several rules say of a curve: where it goes at four times the data."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlcheck.stats.curves.looked import AHEAD

if TYPE_CHECKING:
    from mlcheck.model import Scalar
    from mlcheck.stats.curves.looked import Looked

LEVEL = 0.9
"""Level of the interval that a finding tells."""


class There(NamedTuple):
    """The score at `n` examples, four times as many, and the chance (0..1) of a gain of `least` (in errors) or more."""

    n: int
    score: float
    low: float
    high: float
    least: float
    chance: float


def ahead(looked: Looked, least: float, chance: float) -> There:
    """Return the forecast at four times the data, in units of the metric, with its interval at LEVEL."""
    return There(round(looked.last_n * 2**AHEAD), *looked.predicted(AHEAD, LEVEL), least, chance)


def told(looked: Looked, there: There, word: str) -> str:
    """Say from where to where the score goes and how `word` (sure, likely) a gain is that counts."""
    last = looked.score(float(looked.course.error[-1]))
    return (
        f"4 times the data ({there.n:,}) takes {looked.metric} "
        f"from {last:.4g} to {there.score:.4g} ({there.low:.4g} to {there.high:.4g}); "
        f"a gain of {there.least * looked.scale.factor:.2g} is {100 * there.chance:.0f} % {word}"
    )


def evidence(looked: Looked, there: There) -> dict[str, Scalar]:
    """Return the numbers of a forecast; a positive gain is better."""
    gain = float(looked.course.error[-1]) - looked.ahead.error(AHEAD)
    return {
        "n": there.n, "score": there.score, "low": there.low, "high": there.high, "level": LEVEL,
        "gain": gain * looked.scale.factor, "least_gain": there.least * looked.scale.factor,
        "chance": round(there.chance, 4),
    }  # fmt: skip
