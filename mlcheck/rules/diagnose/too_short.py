"""Too few points to judge the run by.

What it finds
    Fewer than five finite values of a loss that was logged.

Why it matters
    Noise, trend and best point cannot be told apart in three or four numbers: most checks stay silent, which is not
    the same as passing.

Example
    3 points of the training loss, 3 of the validation loss

What to do
    Train longer or log more often: ten points or more of each loss.

False alarms
    None: it is a note about the log, not about the run.

References
    Google's tuning playbook (evaluations at regular step intervals).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlcheck.model import Action, Finding, Run, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE = "DIA408"
NAME = "too-short"
SEVERITY: Severity = "note"
CAUSE = None
NEEDS = ()


def check(run: Run, *, points: int = 5) -> Iterator[Finding]:
    """Yield a finding where a logged loss has fewer than `points` finite values."""
    losses = {"training": run.train_loss, "validation": run.val_loss}
    counts = {name: int(np.isfinite(s.value).sum()) for name, s in losses.items() if s is not None and len(s)}
    few = {name: count for name, count in counts.items() if count < points}
    if not few:
        return
    told = ", ".join(f"{count} point{'s' * (count != 1)} of the {name} loss" for name, count in few.items())
    yield Finding(
        code=CODE,
        name=NAME,
        severity=SEVERITY,
        message=f"{told}: too few to judge it by",
        evidence={f"{name}_points": count for name, count in counts.items()},
        actions=(Action(name="log-more", why="log each loss at ten points or more"),),
    )
