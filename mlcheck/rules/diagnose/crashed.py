"""The log ends in an error.

What it finds
    A text log whose last lines are those of a crash: out of memory, a failed NCCL operation, an assertion, the end of
    a traceback.

Why it matters
    The run did not finish. Whatever its curves look like, they stop where it died.

Example
    line 812: torch.cuda.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB

What to do
    Out of memory: smaller batches with gradient accumulation, or activation checkpointing. NCCL: the first rank's error
    is the cause, the others' time-outs follow. Assertions on a device: run once on the CPU for a readable message.

False alarms
    An exception that was caught and logged, after which training goes on, is none.

References
    SageMaker Debugger's rule documentation. TrainCheck (OSDI'25).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlcheck.model import Action, Finding, Run, Severity
from mlcheck.stats.objective import ANY, Objective

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE = "DIA409"
NAME = "crashed"
SEVERITY: Severity = "error"
CAUSE = "optimization"
NEEDS = ()
OBJECTIVES: tuple[Objective, ...] = ANY


def check(run: Run) -> Iterator[Finding]:
    """Yield a finding for the crash a log ends in."""
    for event in run.events:
        if event.kind != "crash":
            continue
        place = f"line {event.at:g}: " if event.at is not None else ""
        yield Finding(
            code=CODE,
            name=NAME,
            severity=SEVERITY,
            message=place + event.message,
            evidence={"line": event.at, "text": event.message},
            actions=(Action(name="fix-bug", why=_advice(event.message)),),
        )


def _advice(message: str) -> str:
    text = message.lower()
    if "memory" in text or "oom" in text:
        return "use smaller batches with gradient accumulation, or activation checkpointing"
    if "nccl" in text:
        return "look for the rank that failed first"
    if "device-side assert" in text:
        return "run once on the CPU for a readable message; look for labels out of range"
    return "read the traceback above the line"
