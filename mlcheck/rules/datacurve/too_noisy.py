"""The curve is noisier than the gain that is asked for.

What it finds
    The standard error of the last score is above `share` of the least gain that counts, or nothing was repeated and the
    points scatter by as much.

Why it matters
    Nobody can read a gain of one point from a curve that wavers by two. The interval says so; repeats would narrow it.

Example
    accuracy at 4,000 examples is known to ±0.013 only (1 run); a gain of 0.01 cannot be read from it

What to do
    Repeat the last sizes with other seeds and other samples, and average: 5 repeats more than halve the noise.

False alarms
    None: it is a note.

References
    Viering & Loog 2021, sect. 3.1 (estimating curves).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from mlcheck.model import Action, Finding, Severity
from mlcheck.stats.curves.course import variance

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlcheck.stats.curves.looked import Looked

CODE = "DAT105"
NAME = "noisy-curve"
SEVERITY: Severity = "note"


def check(looked: Looked, *, share: float = 1.0) -> Iterator[Finding]:
    """Yield a finding where the standard error of the last score exceeds `share` of the least gain that counts."""
    error = math.sqrt(float(variance(looked.course)[-1]))
    if error <= share * looked.worthwhile:
        return
    repeats = int(looked.course.repeats[-1])
    runs = "1 run" if repeats == 1 else f"{repeats} runs"
    yield Finding(
        code=CODE,
        name=NAME,
        severity=SEVERITY,
        message=(
            f"{looked.metric} at {looked.last_n:,.0f} examples is known to ±{error * looked.scale.factor:.2g} only ({runs}): "
            f"a gain of {looked.worthwhile * looked.scale.factor:.2g} is hard to read from it"
        ),
        evidence={"standard_error": error * looked.scale.factor, "repeats": repeats},
        actions=(Action(name="repeat-sizes", why="repeat the largest sizes with other seeds and samples, and average"),),
    )  # fmt: skip
