"""The curve does not tell whether more data would help.

What it finds
    The chance that four times the data gains what counts is neither high nor low.

Why it matters
    A guess would cost either the data or the gain. What is missing is told.

Example
    a gain of 0.01 at 4 times the data is 55 % likely: repeat the largest sizes, or measure one twice as large

What to do
    Repeat the last two sizes with other seeds; add a size in between and a smaller one; log training scores.

False alarms
    None: it claims nothing.

References
    Mahmood et al. 2022, How much more data do I need? (collect in rounds).
"""

from __future__ import annotations

from mlcheck.model import Action, Finding, Severity

CODE = "DAT001"
NAME = "datacurve-inconclusive"
SEVERITY: Severity = "note"


def finding(missing: str) -> Finding:
    """Return the note that comes with an inconclusive verdict: `missing` says what would settle it."""
    return Finding(
        code=CODE,
        name=NAME,
        severity=SEVERITY,
        message=missing,
        evidence={},
        actions=(
            Action(name="measure-more", why="repeat the largest sizes with other seeds, and add sizes"),
        ),
    )
