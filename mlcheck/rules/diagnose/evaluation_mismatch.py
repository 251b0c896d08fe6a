"""The validation loss is off by a large factor from the very first evaluation.

What it finds
    A validation loss that begins, and stays for most of the run, at several times the highest training loss: worse
    than the untrained network on its own training data, before anything could have been overfitted. Or one that keeps
    a constant ratio to the training loss while both fall: the same loss on another scale. Or one of opposite sign.

Why it matters
    The two numbers do not measure the same thing. Every decision that rests on the validation loss is wrong, and often
    the deployed model is evaluated just as wrongly.

Example
    validation loss 3.78 at the first evaluation (highest training loss 0.73) and above 2 times it at 25 of 25 points

What to do
    Apply the same preprocessing (scaling, normalisation constants, tokeniser) to both sets; call model.eval(); reduce
    the loss in the same manner (mean over examples, not a sum or a mean of sums).

False alarms
    Overfitting arises later; early in a run it cannot lift the validation loss above the first training loss. Training
    losses averaged over the first epoch begin above the validation loss, not below it. Regularisation terms in the
    training loss shift it by a constant, not by a factor. Noise in a few evaluations is not most of the run.

References
    TheDeepChecker (TOSEM'22); UMLAUT (CHI'21); Google's tuning playbook.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from mlcheck.model import Action, Finding, Run, Severity
from mlcheck.stats.gap import Pair, paired
from mlcheck.stats.noise import median

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE = "DIA405"
NAME = "evaluation-mismatch"
SEVERITY: Severity = "error"
CAUSE = "optimization"
NEEDS = ("train_loss", "val_loss")


def check(
    run: Run,
    *,
    factor: float = 2.0,
    ratio: float = 3.0,
    spread: float = 0.1,
    most: float = 0.8,
    points: int = 4,
) -> Iterator[Finding]:
    """Yield a finding for a validation loss above `factor` times the highest training loss at `most` (share) of points.

    Or for one that is `ratio` times the training loss (or a `ratio`th of it) with a standard deviation of the log ratio
    under `spread`, while both fall by at least 2 times. The first evaluation must lie in the first fifth of the run.
    """
    assert run.val_loss is not None and run.train_loss is not None  # noqa: PT018, S101  (NEEDS)
    pair = paired(run.train_loss, run.val_loss)
    if pair is None or pair.n < points or pair.train_shape.n < points:
        return
    told = _opposite(pair) or _scaled(pair, ratio, spread) or _far_above(pair, factor, most)
    if told is not None:
        yield _finding(pair, told)


def _opposite(pair: Pair) -> str | None:
    if not ((pair.val < 0).all() and (pair.train_shape.value > 0).all()):
        return None
    varies = min(float(np.ptp(pair.val)), float(np.ptp(pair.train))) > 0
    mirrored = varies and abs(float(np.corrcoef(pair.val, pair.train)[0, 1])) > 0.9
    return ", of opposite sign to the training loss throughout" if mirrored else None


def _far_above(pair: Pair, factor: float, most: float) -> str | None:
    top = float(pair.train_shape.value.max())
    above = pair.val > factor * top
    has_learned = pair.train_shape.last < 0.9 * pair.train_shape.first
    if top <= 0 or not has_learned or not above[0] or above.mean() < most:
        return None
    return f" (highest training loss {top:.4g}) and above {factor:g} times it at {int(above.sum())} of {pair.n} points"


def _scaled(pair: Pair, ratio: float, spread: float) -> str | None:
    if (pair.val <= 0).any() or (pair.ahead <= 0).any():
        return None
    both_fall = pair.course[-1] < pair.course[0] / 2 and pair.ahead[-1] < pair.ahead[0] / 2
    if not both_fall:
        return None
    logs = np.log(pair.course) - np.log(pair.ahead)
    middle = median(logs)
    if abs(middle) < math.log(ratio) or float(logs.std()) > spread:
        return None
    return f", {np.exp(middle):.3g} times the training loss throughout (± {100 * logs.std():.0f} %)"


def _finding(pair: Pair, told: str) -> Finding:
    return Finding(
        code=CODE,
        name=NAME,
        severity=SEVERITY,
        message=f"validation loss {pair.val[0]:.4g} at the first evaluation{told}",
        evidence={
            "first_val": float(pair.val[0]), "first_train": pair.train_shape.first,
            "median_ratio": float(np.median(pair.val / pair.train)) if (pair.train != 0).all() else None,
            "points": pair.n,
        },
        actions=(
            Action(name="fix-bug", why="same preprocessing, evaluation mode and loss reduction for both sets"),
        ),
    )  # fmt: skip
