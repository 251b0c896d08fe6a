"""The predictions do not tell whether the model is better than one that looks at nothing.

What it finds
    The interval of the model's skill holds 0 and ends above what would count as useful, or the task has no baseline to
    hold it against (log-probabilities without the text), or no metric has a value (one class only).

Why it matters
    A number without an interval would have looked like an answer.

Example
    12 % of the way from random scores to perfect by roc_auc (-9 % to 33 %): too few examples to tell

What to do
    Evaluate more examples, or add what the message names, and run mlcheck again.

False alarms
    None: it claims nothing.

References
    Murphy 1988, Skill scores based on the mean square error.
"""

from __future__ import annotations

from mlcheck.model import Action, Finding, Severity

CODE = "MET001"
NAME = "predictions-inconclusive"
SEVERITY: Severity = "note"


def finding(missing: str) -> Finding:
    """Return the note that comes with an inconclusive verdict: `missing` says what would settle it."""
    return Finding(
        code=CODE,
        name=NAME,
        severity=SEVERITY,
        message=missing,
        evidence={},
        actions=(Action(name="more-examples", why=missing),),
    )
