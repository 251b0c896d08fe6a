"""The ladder does not tell what the problem needs.

What it finds
    No rung surely beats an answer that looks at nothing, or what is ahead of linear is so within the noise, or the
    rungs that it takes were not climbed.

Why it matters
    A difference that the next split would turn around is no reason to choose a model.

Example
    no rung surely beats constant in 240 rows: the best, boosting, is +0.012 (-0.03 to +0.05) by accuracy

What to do
    Give more rows, repeat the folds (`--repeats 5`), or look for columns that tell more of the target.

False alarms
    None: it claims nothing.

References
    Nadeau & Bengio 2003, Inference for the generalization error.
"""

from __future__ import annotations

from mlcheck.model import Action, Finding, Severity

CODE = "BAS001"
NAME = "baseline-inconclusive"
SEVERITY: Severity = "note"


def finding(missing: str) -> Finding:
    """Return the note that comes with an inconclusive verdict: `missing` says what would settle it."""
    return Finding(
        code=CODE,
        name=NAME,
        severity=SEVERITY,
        message=missing,
        evidence={},
        actions=(Action(name="more-data", why="more rows, or --repeats 5, make the intervals narrower"),),
    )
