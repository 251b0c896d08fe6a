"""The log cannot tell which part of the error dominates.

What it finds
    A run without a training or a validation loss, with too few points, or whose curve fits two causes equally well, or
    whose findings contradict the curve.

Why it matters
    A guess that looks like a verdict costs days of the wrong remedy. Nothing read, or nothing certain, is never healthy.

Example
    log a validation loss: without it nobody can tell whether the model generalises

What to do
    Log what the message names, and run mlcheck again.

False alarms
    None: it claims nothing.

References
    Bottou & Bousquet 2008, The tradeoffs of large scale learning (the three parts of the error).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlcheck.model import Action, Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Mapping

CODE = "DIA001"
NAME = "inconclusive"
SEVERITY: Severity = "note"


def finding(missing: str, scores: Mapping[str, float]) -> Finding:
    """Return the note that comes with an inconclusive verdict: `missing` says what would settle it."""
    return Finding(
        code=CODE,
        name=NAME,
        severity=SEVERITY,
        message=missing,
        evidence={f"score_{cause}": score for cause, score in scores.items()},
        actions=(Action(name="log-more", why=missing),),
    )
