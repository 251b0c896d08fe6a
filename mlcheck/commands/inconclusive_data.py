"""The checks of the data do not tell whether it is sound.

What it finds
    Something stands out that may be meant (only warnings), the rows are too few, or no check could run.

Why it matters
    A data set of which little can be checked is not clean, and a warning is no proof of a bug.

Example
    only you can tell whether what the warnings name is meant

What to do
    Look at what the warnings name; give the target, the test set, the group and the time, so that more can be checked.

False alarms
    None: it claims nothing.

References
    Sambasivan et al. 2021, Data cascades in high-stakes AI.
"""

from __future__ import annotations

from mlcheck.model import Action, Finding, Severity

CODE = "DBG001"
NAME = "data-inconclusive"
SEVERITY: Severity = "note"


def finding(missing: str, *, act: bool = True) -> Finding:
    """Return the note that comes with an inconclusive verdict: `missing` says what would settle it.

    Without `act` nothing is to be done but what other findings say.
    """
    return Finding(
        code=CODE,
        name=NAME,
        severity=SEVERITY,
        message=missing,
        evidence={},
        actions=(Action(name="look-at-data", why=missing),) if act else (),
    )
