"""Under other names for the classes the predictions would be far better.

What it finds
    The best one-to-one assignment of predicted to true labels is right at least `reach` of the time, where the labels
    as they are reach less than half of that.

Why it matters
    Label indices that start at 1 in one place and 0 in another, classes sorted differently in training and
    evaluation, or swapped labels are bugs of the bookkeeping, not of the model.

Example
    accuracy 0.03; with every predicted label one lower 0.94

What to do
    Look at how labels become numbers at training and at evaluation; store the names of the classes with the model.

False alarms
    Clusters (k-means) have no names: their numbers are arbitrary.

References
    Kuhn 1955, The Hungarian method for the assignment problem.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlcheck.model import Action, Finding, Severity
from mlcheck.rules.metrics.facts import MOST_CLASSES, best_assignment, confusion

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlcheck.model.predictions import Task
    from mlcheck.stats.metrics.scored import Scored

CODE = "MET104"
NAME = "labels-mixed-up"
SEVERITY: Severity = "error"
TASKS: tuple[Task, ...] = ("binary", "multiclass")


def check(scored: Scored, *, reach: float = 0.6, examples: int = 20) -> Iterator[Finding]:
    """Yield a finding where another assignment of labels is right `reach` (share) of the time; `examples`: fewest rows."""
    accuracy = scored.value("accuracy")
    if accuracy is None or accuracy > 0.5:  # half of the best that may be reached by other names
        return
    counts, labels = confusion(scored)
    total = float(counts.sum())
    if total < examples or len(labels) < 2 or len(labels) > MOST_CLASSES:
        return
    rows, columns = best_assignment(counts)
    now, best = float(np.trace(counts)) / total, float(counts[rows, columns].sum()) / total
    if best < reach or now > best / 2:
        return
    moved = [(labels[c], labels[r]) for r, c in zip(rows, columns, strict=True) if r != c and counts[r, c]]
    told = ", ".join(f"{said} is {true}" for said, true in moved[:3]) + (" …" if len(moved) > 3 else "")
    yield Finding(
        code=CODE,
        name=NAME,
        severity=SEVERITY,
        message=f"accuracy {now:.3g}, but {best:.3g} if predicted {told}",
        evidence={"accuracy": now, "reassigned": best, "moved": len(moved)},
        actions=(Action(name="fix-bug", why="code the labels alike at training and evaluation"),),
    )
