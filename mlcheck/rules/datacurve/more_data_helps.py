"""Four times the data would surely gain.

What it finds
    The chance that four times the examples gain at least `gain` (0.01 of a share; of a loss 5 %) is `sure` or more,
    judged by how the curves of many other data sets went on that had the same shape, noise and gap.

Why it matters
    Collecting data is the remedy that nearly always works and nearly always costs most: it should be chosen for a
    number, not for a hope.

Example
    4 times the data (8,000) takes accuracy from 0.874 to 0.902 (0.888 to 0.914); a gain of 0.01 is 93 % sure

What to do
    Collect in rounds: double or quadruple the data, measure again, look again. Where collecting is dear, augmentation
    and pretrained weights come first.

False alarms
    More of the same data only helps if it is drawn like the rest. A curve measured without repeats promises less than
    its shape does.

References
    Viering & Loog 2021, The shape of learning curves. Mahmood et al. 2022, How much more data do I need?
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlcheck.model import Action, Finding, Severity
from mlcheck.rules.datacurve.facts import ahead, evidence, told

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlcheck.stats.curves.looked import Looked

CODE = "DAT101"
NAME = "more-data-helps"
SEVERITY: Severity = "warning"


def check(looked: Looked, *, sure: float = 0.7, gain: float = 0.0) -> Iterator[Finding]:
    """Yield a finding where a gain of `gain` (in errors; 0: what counts for the metric) is `sure` (0..1) at 4 times the data."""
    least = gain or looked.worthwhile
    chance = looked.chance_of_gain(least)
    if chance < sure:
        return
    there = ahead(looked, least, chance)
    yield Finding(
        code=CODE,
        name=NAME,
        severity=SEVERITY,
        message=told(looked, there, "sure"),
        evidence=evidence(looked, there),
        actions=(
            Action(name="collect-data", why=f"collect a round of {there.n // 2:,} to {there.n:,} examples in all, then look again"),
        ),
    )  # fmt: skip
