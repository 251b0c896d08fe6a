"""Another threshold would find far more at the same care.

What it finds
    The best F-score over all thresholds, corrected for having been chosen on these rows, exceeds that at the
    threshold used by more than `gain`.

Why it matters
    0.5 is a convention: after training on rare positives, resampled or weighted data the useful threshold lies
    elsewhere.

Example
    f1 0.21 at 0.5, 0.64 at 0.08

What to do
    Choose the threshold on validation data by what errors cost (--cost FP:FN) or by a least precision or recall, and
    keep it for the test.

False alarms
    A threshold chosen for a least precision or a cost is meant to differ from that of the best F-score.

References
    Lipton, Elkan & Naryanaswamy 2014, Optimal thresholding of classifiers to maximize F1 measure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlcheck.model import Action, Finding, Severity, Skip
from mlcheck.stats.metrics.binary.exhibits import chosen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlcheck.model.predictions import Task
    from mlcheck.stats.metrics.scored import Scored

CODE = "MET106"
NAME = "threshold-far-from-best"
SEVERITY: Severity = "warning"
TASKS: tuple[Task, ...] = ("binary",)


def check(scored: Scored, *, gain: float = 0.1) -> Iterator[Finding | Skip]:
    """Yield a finding where the best F-score exceeds the one at the threshold by `gain` (0..1)."""
    best = chosen(scored.view)
    if best is not None and not best.measure.startswith("f"):
        yield Skip(code=CODE, reason=f"the threshold was to be chosen by another measure: {best.chosen_by}")
        return
    if best is None or best.held_out is None:
        yield Skip(code=CODE, reason="no scores of both classes to set a threshold on")
        return
    beta = scored.parameters.beta
    name = "f1" if beta == 1 else f"f{beta:g}"
    now = scored.value(name)
    if now is None or best.held_out - now <= gain:
        return
    yield Finding(
        code=CODE,
        name=NAME,
        severity=SEVERITY,
        message=f"{name} {now:.3g} at the threshold used, {best.held_out:.3g} at {best.threshold:.3g}",
        evidence={"now": now, "best": best.held_out, "threshold": best.threshold},
        actions=(Action(name="move-threshold", why=f"try {best.threshold:.3g}, chosen on validation data"),),
    )
