"""Classes are so uneven that a constant looks good.

What it finds
    The commonest class has at least `share` of the rows: a constant answer has that accuracy. A warning where rungs are
    judged by accuracy all the same, else a note.

Why it matters
    An accuracy of 0.95 is nothing where one class has 95 % of the rows; differences between models vanish in it.

Example
    0 is 96 % of the rows: an answer that never looks has an accuracy of 0.96

What to do
    Judge by average_precision, balanced_accuracy or macro_f1; hold the score against the constant rung, not against 0.

False alarms
    None: it is a fact of the data.

References
    Saito & Rehmsmeier 2015, The precision-recall plot is more informative than the ROC plot.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlcheck.model import Action, Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlcheck.model.ladder import Ladder

CODE = "BAS105"
NAME = "classes-uneven"
SEVERITY: Severity = "warning"


def check(ladder: Ladder, *, share: float = 0.8) -> Iterator[Finding]:
    """Yield a finding where a class has at least `share` (0..1) of the rows."""
    if not ladder.classes:
        return
    label, count = max(ladder.classes.items(), key=lambda pair: pair[1])
    most = count / sum(ladder.classes.values())
    if most < share:
        return
    misled = ladder.task.metric == "accuracy"
    yield Finding(
        code=CODE,
        name=NAME,
        severity=SEVERITY if misled else "note",
        message=f"{label} is {most:.0%} of the rows: an answer that never looks has an accuracy of {most:.2g}",
        evidence={"class": label, "share": most, "rows": count, "metric": ladder.task.metric},
        actions=(
            Action(name="change-metric", why="judge by --metric average_precision or balanced_accuracy"),
        )
        if misled
        else (),
    )
