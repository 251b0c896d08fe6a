"""A probability of exactly 0 was given to what happened.

What it finds
    At least one true class has probability 0: the log-loss is infinite, and what is printed is the clip at the
    smallest step of float64 (36.04 a row).

Why it matters
    A handful of such rows decide the mean; two libraries that clip elsewhere disagree on it.

Example
    3 rows of 5,000 have probability 0 for the true class: log_loss 0.412, without them 0.391

What to do
    Smooth the probabilities (label smoothing, temperature) or write them before rounding to float16 or few digits.

False alarms
    Probabilities printed with few digits: 0.0 is then 0.0004.

References
    Good 1952, Rational decisions (the logarithmic score).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlcheck.model import Action, Finding, Severity, Skip
from mlcheck.rules.metrics.facts import may_be_certain, of_truth

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlcheck.model.predictions import Task
    from mlcheck.stats.metrics.scored import Scored

CODE = "MET111"
NAME = "certain-and-wrong"
SEVERITY: Severity = "warning"
TASKS: tuple[Task, ...] = ("binary", "multiclass")


def check(scored: Scored) -> Iterator[Finding | Skip]:
    """Yield a finding where the true class has probability 0."""
    content = scored.predictions.content
    if not may_be_certain(content):
        return
    rows, total, places = 0, 0.0, []
    for given in of_truth(content):
        certain = given <= 0
        places.append(np.flatnonzero(certain) + rows)
        total -= float(np.log(given, where=~certain, out=np.zeros(len(given))).sum())
        rows += len(given)
    if not places:
        yield Skip(code=CODE, reason="no probabilities in these predictions")
        return
    wrong = np.concatenate(places)
    if not len(wrong):
        return
    without = total / (rows - len(wrong)) if len(wrong) < rows else None
    told = f", without them {without:.3g}" if without is not None else ""
    loss = scored.value("log_loss")
    yield Finding(
        code=CODE,
        name=NAME,
        severity=SEVERITY,
        message=f"{len(wrong):,} of {rows:,} rows have probability 0 for what is true: log_loss {loss:.3g} is a clipped infinity{told}"
        if loss is not None
        else f"{len(wrong):,} of {rows:,} rows have probability 0 for what is true",
        evidence={
            "count": len(wrong),
            "rows": tuple(int(i) for i in wrong[:20]),
            "log_loss": loss,
            "without": without,
        },
        actions=(Action(name="calibrate", why="smooth the probabilities, or write them with more digits"),),
    )
