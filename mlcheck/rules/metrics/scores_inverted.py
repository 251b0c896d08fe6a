"""The scores rank the positive class below the negative one.

What it finds
    The interval of the ROC-AUC lies below 0.5 by `margin`: turned around, the same scores would do better than
    chance.

Why it matters
    It is nearly always a bug: the probability of the other class was written, or the label coding was turned.

Example
    roc_auc 0.12 (0.10 to 0.14); with the scores turned around 0.88

What to do
    Take the other column of predict_proba, turn the sign, or name the positive label with --positive.

False alarms
    A model tested on data where the relation really turned around (drift) looks the same.

References
    Fawcett 2006, An introduction to ROC analysis, section 3 (classifiers below the diagonal).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlcheck.model import Action, Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlcheck.model.predictions import Task
    from mlcheck.stats.metrics.scored import Scored

CODE = "MET103"
NAME = "scores-inverted"
SEVERITY: Severity = "error"
TASKS: tuple[Task, ...] = ("binary",)


def check(scored: Scored, *, margin: float = 0.02) -> Iterator[Finding]:
    """Yield a finding where the AUC's interval ends more than `margin` below 0.5."""
    auc = scored.estimates.get("roc_auc")
    if auc is None or auc.value is None or auc.high is None or auc.high >= 0.5 - margin:
        return
    yield Finding(
        code=CODE,
        name=NAME,
        severity=SEVERITY,
        message=f"roc_auc {auc.value:.4g} ({auc.low:.4g} to {auc.high:.4g}): turned around the scores reach {1 - auc.value:.4g}",
        evidence={"roc_auc": auc.value, "low": auc.low, "high": auc.high, "turned": 1 - auc.value},
        actions=(
            Action(
                name="fix-bug",
                why="take the other class's probability, or name the positive label (--positive)",
            ),
        ),
    )
