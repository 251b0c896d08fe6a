"""Accuracy looks good although it hardly beats answering the commonest class.

What it finds
    The commonest class is at least `common` of the rows, and the accuracy gains less than `gain` of what a constant
    answer leaves, or no more than chance explains.

Why it matters
    With 2 % fraud, saying "no fraud" to everything is right in 98 %. An accuracy of 98.3 % then says nothing about
    the frauds, which are what the model is for.

Example
    accuracy 0.983 (0.980 to 0.986), always answering 0 has 0.981

What to do
    Judge by average precision, F1 or MCC, and choose the threshold by what each error costs.

False alarms
    Where both classes matter alike and are rare by design, a small gain may be all there is to gain.

References
    Provost, Fawcett & Kohavi 1998, The case against accuracy estimation for comparing induction algorithms. Chicco &
    Jurman 2020, The advantages of the Matthews correlation coefficient.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlcheck.model import Action, Finding, Severity
from mlcheck.rules.metrics.facts import commonest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlcheck.model.predictions import Task
    from mlcheck.stats.metrics.scored import Scored

CODE = "MET101"
NAME = "accuracy-misleading"
SEVERITY: Severity = "error"
TASKS: tuple[Task, ...] = ("binary", "multiclass")


def check(scored: Scored, *, common: float = 0.75, gain: float = 0.25) -> Iterator[Finding]:
    """Yield a finding where the commonest class is `common` of the rows (share) and accuracy gains less than `gain` (0..1)."""
    accuracy = scored.estimates.get("accuracy")
    share, label = commonest(scored)
    if accuracy is None or accuracy.value is None or accuracy.low is None or share < common:
        return
    gained = (accuracy.value - share) / (1 - share) if share < 1 else 0.0
    if gained >= gain and accuracy.low > share:
        return
    if accuracy.value < common:  # it does not even look good
        return
    yield Finding(
        code=CODE,
        name=NAME,
        severity=SEVERITY,
        message=(
            f"accuracy {accuracy.value:.4g} ({accuracy.low:.4g} to {accuracy.high:.4g}) looks good, "
            f"yet always answering {label} has {share:.4g}"
        ),
        evidence={"accuracy": accuracy.value, "low": accuracy.low, "majority_share": share, "gained": gained},
        actions=(Action(name="change-metric", why=f"judge by {scored.main}: {scored.why_main}"),),
    )
