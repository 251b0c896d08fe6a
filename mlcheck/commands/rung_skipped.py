"""A rung of the ladder was not climbed.

What it finds
    The rung does not fit the data (a network of images on a table), a library or a folder of weights is missing, or the
    budget left no time. The reason says which.

Why it matters
    The verdict holds for the rungs that were climbed: a higher one might have shown more.

Example
    resnet: needs a column of images

What to do
    Install what the reason names, give `--budget` more seconds, or leave it: a rung that does not fit tells nothing.

False alarms
    None: it says what was not done.

References
    None.
"""

from __future__ import annotations

from mlcheck.model import Severity, Skip

CODE = "BAS002"
NAME = "rung-skipped"
SEVERITY: Severity = "note"


def skip(name: str, reason: str) -> Skip:
    """Return the skip of a rung."""
    return Skip(code=CODE, reason=f"{name}: {reason}")
