"""Rows without a truth or a prediction were left out.

What it finds
    Cells of the needed columns are blank, NaN or infinite.

Why it matters
    A model that fails to answer is better than it is if the failures are not counted.

Example
    41 of 5,000 rows left out: no prediction

What to do
    Find out why they are missing; count a missing answer as a wrong one where a user would.

False alarms
    Rows that were never meant to be predicted.

References
    Little & Rubin 2002, Statistical analysis with missing data.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlcheck.model import Action, Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlcheck.model.predictions import Task
    from mlcheck.stats.metrics.scored import Scored

CODE = "MET114"
NAME = "rows-left-out"
SEVERITY: Severity = "warning"
TASKS: tuple[Task, ...] = ("binary", "multiclass", "multilabel", "regression", "generation", "language-model")


def check(scored: Scored) -> Iterator[Finding]:
    """Yield a finding where rows were left out."""
    p = scored.predictions
    total = sum(p.dropped.values())
    if not total:
        return
    told = ", ".join(f"{count:,} {why}" for why, count in p.dropped.items())
    yield Finding(
        code=CODE,
        name=NAME,
        severity=SEVERITY,
        message=f"{total:,} of {p.rows + total:,} rows left out: {told}",
        evidence={"left_out": total, "rows": p.rows},
        actions=(Action(name="inspect-rows", why="find out why these rows have no value"),),
    )
