"""The losses jump from point to point far more than they fall: the steps are too large.

What it finds
    The validation loss jitters by more than 2 % of its level and more than 5 % of all it has gained, and the training loss
    by as much of its own gain. An unchanged validation set is measured without dropout and without the chance of
    batches, so that its jitter is that of the weights. Changes of sign follow each other (negative lag-1 autocorrelation
    of the differences), as in steps across a valley. Without a validation loss only a warning is given.

Why it matters
    The weights cannot settle where the loss is lowest. The same run with smaller steps ends lower.

Example
    validation loss jumps by ±0.082 about 0.56 (13 % of what it has gained), training loss by ±0.035, learning rate 0.3

What to do
    Divide the learning rate by 3 to 10, or let it decay to nearly zero; a larger batch averages the noise.

False alarms
    A small validation set is only as noisy as its members if the model changes: a fixed set of any size gives the same
    loss for the same weights. Batch normalisation makes validation losses erratic with good learning rates (DIA403).
    Small batches and training at the edge of stability jitter and still fall: a run that gains 20 times its jitter stays
    silent.

References
    Cohen et al. 2021, Gradient descent on neural networks typically occurs at the edge of stability. Google's Deep Learning
    Tuning Playbook. Smith et al. 2018, Don't decay the learning rate, increase the batch size.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from mlcheck.model import Action, Finding, Run, Severity, Skip
from mlcheck.rules.diagnose.facts import percent, rate_left, rate_text
from mlcheck.stats.shape import Shape, shape
from mlcheck.stats.trend import lag1

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE = "DIA105"
NAME = "learning-rate-too-high"
SEVERITY: Severity = "error"
CAUSE = "optimization"
NEEDS = ("train_loss",)


def check(
    run: Run,
    *,
    jitter: float = 0.02,
    gained: float = 0.05,
    alone: float = 0.15,
    decayed: float = 0.05,
    points: int = 10,
) -> Iterator[Finding | Skip]:
    """Yield a finding where the losses jump far more than they fall.

    `jitter`: noise as a share of the level. `gained`: noise as a share of the fall so far; `alone` the same for a
    training loss without validation. `decayed`: last learning rate as a share of its peak under which it is no longer
    too high. `points`: fewest values.
    """
    assert run.train_loss is not None  # noqa: S101  (NEEDS)
    train, val = shape(run.train_loss), shape(run.val_loss) if run.val_loss is not None else None
    if train is None or train.n < points:
        yield Skip(code=CODE, reason=f"fewer than {points} finite values of the training loss")
        return
    left = rate_left(run)
    if left is not None and left < decayed:
        return
    seen = val if val is not None and val.n >= points else None
    limit = gained if seen is not None else alone
    if not _jumps(train, jitter if seen is None else jitter / 2, limit) or (
        seen is not None and not _jumps(seen, jitter, limit)
    ):
        return
    yield Finding(
        code=CODE,
        name=NAME,
        severity=SEVERITY if seen is not None else "warning",
        message=_message(train, seen) + rate_text(run),
        evidence={
            "train_noise": train.noise, "train_last": train.last, "train_drop": train.drop, "lag1": _turns(train),
            "val_noise": seen.noise if seen else None, "val_last": seen.last if seen else None, "val_drop": seen.drop if seen else None,
        },
        actions=(
            Action(name="lower-lr", why="divide the learning rate by 3 to 10"),
            Action(name="schedule-lr", why="let the learning rate decay to nearly zero"),
        ),
    )  # fmt: skip


def _turns(s: Shape) -> float:
    """Lag-1 autocorrelation of the differences of the last two thirds: -0.5 for independent noise, 0 for a random walk."""
    return lag1(np.diff(s.value[s.n // 3 :]))


def _jumps(s: Shape, jitter: float, gained: float) -> bool:
    return s.noise > jitter * abs(s.last) and s.noise > gained * max(s.drop, 0.0) and _turns(s) < 0


def _message(train: Shape, val: Shape | None) -> str:
    s, name = (val, "validation") if val is not None else (train, "training")
    share = s.noise / s.drop if s.drop > 0 else math.inf
    told = f"{percent(share)} of what it has gained" if share < 1 else "more than it has gained"
    rest = f", training loss by ±{train.noise:.2g}" if val is not None else ""
    return f"{name} loss jumps by ±{s.noise:.2g} about {s.last:.3g} ({told}){rest}"
