"""Nothing was measured on held-out data.

What it finds
    A log with a training loss and no validation or test series, neither loss nor metric.

Why it matters
    A falling training loss alone says nothing about overfitting, and not even that the network learns more than its
    training set by heart.

Example
    a training loss of 400 points and no validation series

What to do
    Hold out a part of the data and log its loss at least ten times in the run.

False alarms
    Reinforcement learning logs returns instead. One pass over more data than the network can see twice (a language
    model's pre-training) measures generalisation by itself.

References
    Goodfellow, Bengio & Courville 2016, Deep Learning, section 5.3. Google's tuning playbook.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlcheck.model import Action, Finding, Run, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE = "DIA406"
NAME = "no-validation"
SEVERITY: Severity = "warning"
CAUSE = None
NEEDS = ()


def check(run: Run) -> Iterator[Finding]:
    """Yield a finding for a run without any held-out series."""
    if run.train_loss is None:
        return
    held_out = any(
        s.role.split in ("validation", "test") and len(s)
        for s in run.series
        if s.role.quantity in ("loss", "metric")
    )
    if held_out or any(s.role.measure == "return" for s in run.series):
        return
    count = len(run.train_loss)
    yield Finding(
        code=CODE,
        name=NAME,
        severity=SEVERITY,
        message=f"a training loss of {count} point{'s' * (count != 1)} and no validation series",
        evidence={"points": count},
        actions=(Action(name="log-more", why="hold data out and log its loss at least ten times"),),
    )
