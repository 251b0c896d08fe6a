"""Judged queries are missing from the run, or the run holds queries nobody judged.

What it finds
    A query of the judgements has no documents in the run (it counts 0, as with trec_eval -c), or a query of the run
    has no judgements (it is left out).

Why it matters
    Left out in silence, the queries a system fails on would make it look better.

Example
    2 of 50 judged queries are missing from the run and count 0: 31, 44

What to do
    Write every query to the run, with at least one document.

False alarms
    A run over a subset of the queries on purpose.

References
    Buckley & Voorhees 2005, Retrieval system evaluation (trec_eval's -c).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlcheck.model import Action, Finding, Severity
from mlcheck.model.predictions import Ranking

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlcheck.model.predictions import Task
    from mlcheck.stats.metrics.scored import Scored

CODE = "MET116"
NAME = "queries-missing"
SEVERITY: Severity = "warning"
TASKS: tuple[Task, ...] = ("ranking",)


def check(scored: Scored) -> Iterator[Finding]:
    """Yield a finding where the queries of run and judgements differ."""
    content = scored.predictions.content
    if not isinstance(content, Ranking) or not (content.missing or content.unjudged):
        return
    told = []
    if content.missing:
        named = ", ".join(content.missing[:3]) + (" …" if len(content.missing) > 3 else "")
        told.append(
            f"{len(content.missing):,} of {len(content.queries):,} judged queries are missing from the run and count 0: {named}"
        )
    if content.unjudged:
        told.append(f"{len(content.unjudged):,} queries of the run are not judged and left out")
    yield Finding(
        code=CODE,
        name=NAME,
        severity=SEVERITY,
        message="; ".join(told),
        evidence={
            "missing": len(content.missing),
            "unjudged": len(content.unjudged),
            "queries": len(content.queries),
        },
        actions=(Action(name="complete-run", why="write every judged query to the run"),),
    )
