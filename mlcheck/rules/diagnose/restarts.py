"""The run was restarted.

What it finds
    Steps that go backwards, repeat or go on in a second file: the log was spliced, and where parts overlap the later
    one counts.

Why it matters
    A restart loses work, and if optimizer state, learning-rate schedule or data order were not restored, the curve
    breaks there.

Example
    1 restart, at step 1200

What to do
    Compare the loss just before and just after. If it jumps, restore the optimizer, the schedule and the position in
    the data with the weights.

False alarms
    Logs of different runs that were appended to one file: judge them apart.

References
    TrainCheck (OSDI'25). SageMaker Debugger's rule documentation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlcheck.model import Finding, Run, Severity
from mlcheck.stats.objective import ANY, Objective

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE = "DIA407"
NAME = "restarts"
SEVERITY: Severity = "note"
CAUSE = None
NEEDS = ()
OBJECTIVES: tuple[Objective, ...] = ANY


def check(run: Run, *, shown: int = 3) -> Iterator[Finding]:
    """Yield one finding for all restarts, naming the first `shown` of them."""
    events = [e for e in run.events if e.kind == "restart"]
    if not events:
        return
    places = [f"{e.at:g}" for e in events if e.at is not None]
    loss = run.train_loss or run.val_loss
    unit = "epoch" if loss is not None and loss.step_unit == "epoch" else "step"
    told = (
        f", at {unit} {', '.join(places[:shown])}" + (", ..." if len(places) > shown else "")
        if places
        else ""
    )
    yield Finding(
        code=CODE,
        name=NAME,
        severity=SEVERITY,
        message=f"{len(events)} restart{'s' * (len(events) != 1)}{told}: the log is spliced, the later values count",
        evidence={"restarts": len(events), "first_at": events[0].at},
    )
