"""Rows stand more than once.

What it finds
    More than `share` of the rows are copies of an earlier one, or an identifier comes again.

Why it matters
    Copies count twice in every metric and make intervals too narrow: they are one example.

Example
    312 of 5,000 rows are copies of another

What to do
    Drop them, or name the column that groups them (--group) so that intervals take it into account.

False alarms
    Predictions without an identifier and with few digits repeat by chance; only rows equal in every column count.

References
    Efron & Tibshirani 1993, An introduction to the bootstrap, chapter 8 (dependent data).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlcheck.model import Action, Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlcheck.model.predictions import Task
    from mlcheck.stats.metrics.scored import Scored

CODE = "MET113"
NAME = "repeated-rows"
SEVERITY: Severity = "warning"
TASKS: tuple[Task, ...] = ("binary", "multiclass", "multilabel", "regression", "generation", "language-model")


def check(scored: Scored, *, share: float = 0.005) -> Iterator[Finding]:
    """Yield a finding where more than `share` (0..1) of the rows repeat another."""
    p = scored.predictions
    if p.repeated <= share * max(p.rows, 1):
        return
    yield Finding(
        code=CODE,
        name=NAME,
        severity=SEVERITY,
        message=f"{p.repeated:,} of {p.rows:,} rows are copies of another",
        evidence={"repeated": p.repeated, "rows": p.rows},
        actions=(Action(name="drop-duplicates", why="drop the copies, or group them with --group"),),
    )
