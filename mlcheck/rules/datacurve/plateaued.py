"""Four times the data would hardly gain.

What it finds
    The chance that four times the examples gain at least `gain` (0.01 of a share; of a loss 5 %) is below `unlikely`.

Why it matters
    Data collected for a curve that has flattened is money spent on nothing; what limits the model is the model, its
    features, or noise in the labels.

Example
    4 times the data (8,000) takes accuracy from 0.912 to 0.914 (0.908 to 0.919); a gain of 0.01 is 6 % likely

What to do
    Spend on a better model, better features or cleaner labels. `mlcheck data` finds wrong labels, `mlcheck baseline`
    says what a larger model would gain.

False alarms
    A larger model moves the plateau: the curve is of this model only. Rare classes may still gain where the mean does
    not.

References
    Viering & Loog 2021, The shape of learning curves. Hestness et al. 2017, Deep learning scaling is predictable,
    empirically (the irreducible error region).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlcheck.model import Action, Finding, Severity
from mlcheck.rules.datacurve.facts import ahead, evidence, told

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlcheck.stats.curves.looked import Looked

CODE = "DAT102"
NAME = "plateaued"
SEVERITY: Severity = "warning"


def check(looked: Looked, *, unlikely: float = 0.3, gain: float = 0.0) -> Iterator[Finding]:
    """Yield a finding where a gain of `gain` (in errors; 0: what counts for the metric) has a chance below `unlikely`."""
    least = gain or looked.worthwhile
    chance = looked.chance_of_gain(least)
    if chance > unlikely:
        return
    there = ahead(looked, least, chance)
    yield Finding(
        code=CODE,
        name=NAME,
        severity=SEVERITY,
        message=told(looked, there, "likely"),
        evidence=evidence(looked, there),
        actions=(
            Action(name="better-model", why="a larger or better model, or better features: this curve is of this model"),
            Action(name="clean-labels", why="look for wrong labels (mlcheck data): they set a floor that data cannot lower"),
        ),
    )  # fmt: skip
