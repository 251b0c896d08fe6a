"""The model is clearly worse for one group than for the others.

What it finds
    The intervals of the best and the worst group (of those with `least` rows) do not overlap, at a level corrected
    for the number of groups, and the gap exceeds `gap` of the better one's value.

Why it matters
    An average hides who pays for it.

Example
    average_precision 0.91 (0.89 to 0.93) for web, 0.58 (0.49 to 0.66) for phone

What to do
    Look at that group's data: too few examples, other labels, another distribution. Report the worst group beside the
    mean.

False alarms
    Metrics that depend on the base rate (average precision, F1) differ between groups with other rates though the
    model is the same.

References
    Barocas, Hardt & Narayanan 2023, Fairness and machine learning, chapter 3. Sagawa et al. 2020 (worst-group
    accuracy).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlcheck.model import Action, Finding, Severity, Skip
from mlcheck.rules.metrics.facts import gap_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlcheck.model.predictions import Task
    from mlcheck.stats.metrics.scored import Scored

CODE = "MET108"
NAME = "group-gap"
SEVERITY: Severity = "warning"
TASKS: tuple[Task, ...] = ("binary", "multiclass", "multilabel", "regression", "generation", "language-model")


def check(scored: Scored, *, gap: float = 0.1, least: int = 20) -> Iterator[Finding | Skip]:
    """Yield a finding where worst and best group are `gap` (share of the better value) apart, beyond their intervals."""
    if scored.predictions.by is None:
        yield Skip(code=CODE, reason="no groups were named (--by COLUMN)")
        return
    known = [
        (g, e)
        for g in scored.groups
        if g.rows >= least
        and (e := g.estimates.get(scored.main)) is not None
        and e.value is not None
        and e.low is not None
    ]
    if len(known) < 2:
        yield Skip(code=CODE, reason=f"fewer than two groups of {least} rows with a value")
        return
    lowest = min(known, key=lambda pair: pair[1].value or 0.0)
    highest = max(known, key=lambda pair: pair[1].value or 0.0)
    (small, low), (large, high) = lowest, highest
    difference, interval = gap_of(
        low, high, pairs=len(known) * (len(known) - 1) // 2, level=scored.sampling.level
    )
    if interval[0] <= 0 or difference <= gap * abs(high.value or 1.0):
        return
    yield Finding(
        code=CODE,
        name=NAME,
        severity=SEVERITY,
        message=(
            f"{scored.main} {low.value:.3g} for {small.name}, {high.value:.3g} for {large.name}: "
            f"gap {difference:.3g} ({interval[0]:.3g} to {interval[1]:.3g})"
        ),
        evidence={
            "metric": scored.main, "lowest": small.name, "low": low.value, "highest": large.name, "high": high.value,
            "gap": difference, "gap_low": interval[0], "gap_high": interval[1],
        },
        actions=(Action(name="more-data", why=f"look at the data of the groups {small.name} and {large.name}"),),
    )  # fmt: skip
