"""The model barely beats an answer that looks at nothing.

What it finds
    Your model has at most a tenth of the best rung's gain over the better of random and constant; or, where no rung
    found anything, it is not surely above them.

Why it matters
    Whatever it learnt, it is not this task: labels out of step with rows, a wrong loss, inputs that do not arrive, or
    columns that tell nothing.

Example
    the model has 3 % of what boosting gains over constant: accuracy 0.512 against 0.5 and 0.91

What to do
    Overfit one batch first; check that rows and labels belong together and that train and test are prepared alike.

False alarms
    A score in other units (per cent, another class as the positive one).

References
    Google, Rules of machine learning, rule 4. Karpathy 2019, A recipe for training neural networks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlcheck.model import Action, Finding, Severity, Skip
from mlcheck.stats import standing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlcheck.model.ladder import Ladder

CODE = "BAS101"
NAME = "barely-beats-random"
SEVERITY: Severity = "error"


def check(ladder: Ladder) -> Iterator[Finding | Skip]:
    """Yield a finding for a model that has hardly more than a guess."""
    base, model = standing.floor(ladder), ladder.model
    if model is None:
        yield Skip(code=CODE, reason="no model was given (--score, --predictions or --run)")
        return
    if base is None or not standing.barely_beats_chance(ladder):
        return
    metric = ladder.task.metric
    best = max(standing.signals(ladder), key=lambda r: ladder.better(r.score, 0.0), default=None)
    told = f"the model's {metric} of {model.score:.3g} is hardly better than {base.name} ({base.score:.3g})"
    if best is not None:
        told += f"; {best.name} reaches {best.score:.3g}"
    else:
        told += ", and no rung found anything either"
    yield Finding(
        code=CODE,
        name=NAME,
        severity=SEVERITY,
        message=told,
        evidence={
            "model": model.score,
            "floor": base.score,
            "floor_rung": base.name,
            "best": None if best is None else best.score,
            "best_rung": None if best is None else best.name,
        },
        actions=(
            Action(name="fix-bug", why="check that rows and labels belong together; overfit one batch first"),
        ),
    )
