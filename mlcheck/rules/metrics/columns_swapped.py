"""The columns of truth and prediction look exchanged.

What it finds
    The line of the prediction on the truth has slope 1, that of the truth on the prediction one below 1 / `excess`: it
    should be the other way round, for a good prediction varies less than the truth.

Why it matters
    Precision and recall, R2 and most other metrics change when the two are exchanged; nothing in the numbers
    complains.

Example
    the truth varies less than the prediction in a way predictions of means do

What to do
    Check which column is which; name them with --true and --pred.

False alarms
    Noisy predictions that were never shrunk (a single tree) look like a truth.

References
    The law of total variance: Var(E[y|x]) <= Var(y). Mincer & Zarnowitz 1969, The evaluation of economic forecasts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlcheck.model import Action, Finding, Severity
from mlcheck.model.predictions import Regression

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlcheck.model.predictions import Task
    from mlcheck.stats.metrics.scored import Scored

CODE = "MET117"
NAME = "truth-and-prediction-swapped"
SEVERITY: Severity = "warning"
TASKS: tuple[Task, ...] = ("regression",)


def check(scored: Scored, *, excess: float = 1.3, rows: int = 100) -> Iterator[Finding]:
    """Yield a finding where the predictions vary like a truth and the truth like predictions; `rows`: fewest."""
    content = scored.predictions.content
    if not isinstance(content, Regression) or len(content.truth) < rows or len(content.targets) != 1:
        return
    truth, said = content.truth[:, 0].astype(np.float64), content.predicted[:, 0].astype(np.float64)
    joint = float(np.cov(truth, said)[0, 1])
    if joint <= 0 or truth.std() == 0 or said.std() == 0:
        return
    forward, backward = joint / float(said.var(ddof=1)), joint / float(truth.var(ddof=1))
    few = len(np.unique(truth)) > 0.9 * len(np.unique(said))
    rest = said - said.mean() - backward * (truth - truth.mean())
    error = float(rest.std() / (truth.std() * np.sqrt(len(truth))))
    if not (abs(backward - 1) < 3 * error < 0.2 and forward < 1 / excess and few):
        return
    yield Finding(
        code=CODE,
        name=NAME,
        severity=SEVERITY,
        message=f"exchanged, the columns would fit together: truth on prediction has slope {forward:.3g}, prediction on truth {backward:.3g}",
        evidence={"slope": forward, "slope_exchanged": backward},
        actions=(Action(name="fix-bug", why="check which column is the truth (--true, --pred)"),),
    )
