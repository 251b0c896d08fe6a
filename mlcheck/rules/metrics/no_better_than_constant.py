"""The model is no better than one that looks at nothing.

What it finds
    Its skill (0 for a constant answer, random scores, the mean, random order, the reference of another text; 1 for
    perfection) has an interval that holds 0 and ends below `least`, or lies below 0 altogether.

Why it matters
    Then every other number of the model describes the data, not the model.

Example
    skill 0.004 (-0.02 to 0.03) over random scores by roc_auc

What to do
    Look for a bug before anything else: features that never arrive, shuffled labels, a wrong column. Then compare
    with a linear model.

False alarms
    A metric may be the wrong one: a forecast of medians has a poor R2 on skewed data (both are looked at).

References
    Murphy 1988, Skill scores based on the mean square error, eq. 1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlcheck.model import Action, Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlcheck.model.predictions import Task
    from mlcheck.stats.metrics.scored import Scored

CODE = "MET102"
NAME = "no-better-than-constant"
SEVERITY: Severity = "error"
TASKS: tuple[Task, ...] = (
    "binary",
    "multiclass",
    "multilabel",
    "regression",
    "ranking",
    "generation",
    "language-model",
)


def check(scored: Scored, *, least: float = 0.1) -> Iterator[Finding]:
    """Yield a finding where the skill's interval holds 0 (or less) and ends below `least` (share of the way, 0..1)."""
    found = scored.skill
    if found is None or found.low > 0 or found.high >= max(least, 0.0):
        return
    worse = found.high <= 0
    told = "is worse than" if worse else "is no better than"
    yield Finding(
        code=CODE,
        name=NAME,
        severity=SEVERITY,
        message=f"the model {told} {found.baseline}: skill {found.value:.3g} ({found.low:.3g} to {found.high:.3g}) by {found.metric}",
        evidence={
            "skill": found.value,
            "low": found.low,
            "high": found.high,
            "metric": found.metric,
            "baseline": found.baseline,
        },
        actions=(
            Action(
                name="fix-bug", why="check that features and labels belong together before tuning anything"
            ),
        ),
    )
