"""The loss stays where a constant guess lies: the model has learned nothing.

What it finds
    The training loss is flat (an equivalence test, not the absence of a significant slope) at the loss of a constant
    guess: ln K for K classes, 1 for a Dice loss without overlap or for the squared error of a standardised target; the
    validation loss, if there is one, has not fallen either. Or the accuracy rests at one and the same number while the loss is flat: one
    answer for all inputs. K is taken from `--classes`; else it is inferred where the loss began near it.

Why it matters
    Nothing of the input reaches the output, or no gradient reaches the weights. More training, data or capacity will
    not help before this is found.

Example
    training loss 0.6932 is that of a constant guess (ln 2) and flat: it changes by at most 0.0002 over
    the last 27 of 40 points

What to do
    Overfit one batch of a few examples first; if that fails it is a bug (labels shuffled against inputs, inputs zeroed,
    gradients cut, weights not in the optimizer). Then look at the initialisation (dead units), then try learning rates
    10 times higher and lower.

False alarms
    A long warmup, and grokking, which stays at chance for thousands of steps: a run in which an accuracy rises, or whose
    learning rate still rises at the end, stays silent. A task without any signal is at chance with every model: a
    report given by `--baseline` in which no rung beats the constant one silences it.

References
    Goodfellow, Bengio & Courville 2016, Deep Learning, section 11.5 (fit a tiny data set). Schuirmann 1987 (equivalence by
    two one-sided tests). Schoop et al. 2021, UMLAUT (CHI). Zhang et al. 2021, AutoTrainer (ICSE), dying ReLU.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from mlcheck.model import Action, Finding, Run, Severity, Skip
from mlcheck.rules.diagnose.facts import (
    Chance,
    accuracy,
    accuracy_gain,
    chance,
    is_learning_by_accuracy,
    is_pretrained,
    rate_left,
    rate_text,
    resting_accuracy,
    unit,
)
from mlcheck.stats.extrapolate import change, is_flat
from mlcheck.stats.reference import standing
from mlcheck.stats.shape import Shape, shape

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE = "DIA103"
NAME = "stuck-at-chance"
SEVERITY: Severity = "error"
CAUSE = "optimization"
NEEDS = ("train_loss",)


def check(
    run: Run, *, classes: int | None = None, flat: float = 0.02, tolerance: float = 0.01, points: int = 6
) -> Iterator[Finding | Skip]:
    """Yield a finding where the loss is flat at that of a constant guess.

    `classes`: number of classes, if known. `flat`: largest change over the last two thirds, as a share of the level.
    `tolerance`: largest distance from the constant guess, as a share of it. `points`: fewest values.
    """
    assert run.train_loss is not None  # noqa: S101  (NEEDS)
    train = shape(run.train_loss)
    if train is None or train.n < points:
        yield Skip(code=CODE, reason=f"fewer than {points} finite values of the training loss")
        return
    place = standing(run)
    if place is not None and not place.is_learnable:  # no model does better on this data
        return
    rest = train.value[train.n // 3 :]
    if not is_flat(rest, flat * abs(train.last)) or is_pretrained(run) or _is_warming_up(run):
        return
    guess = None if _has_learned(run, flat + tolerance) else _guess(run, train, classes, tolerance)
    told = f"is that of a constant guess ({guess.name})" if guess else _resting(run)
    if not told:
        return
    band = max(abs(change(rest).low), abs(change(rest).high))
    yield Finding(
        code=CODE,
        name=NAME,
        severity=SEVERITY,
        message=(
            f"training loss {train.last:.4g} {told} and flat: it changes by at most {band:.2g} over the last "
            f"{len(rest)} of {train.n} points, from {unit(run.train_loss)} {train.step[train.n // 3]:g}{rate_text(run)}"
        ),
        evidence={
            "last": train.last,
            "constant_guess": guess.loss if guess else None,
            "change": band,
            "noise": train.noise,
        },
        actions=(
            Action(name="fix-bug", why="overfit one batch of ten examples; if that fails, look for the bug"),
            Action(name="fix-init", why="check the initialisation for dead units"),
            Action(name="raise-lr", why="try learning rates 10 times higher and 10 times lower"),
        ),
    )


def _is_warming_up(run: Run) -> bool:
    """Whether the learning rate still rises over the last third and ends at its peak."""
    if run.lr is None or len(run.lr) < 4:
        return False
    value = run.lr.value[np.isfinite(run.lr.value)]
    return (
        len(value) > 3 and rate_left(run) == 1.0 and bool(value[-1] > 1.05 * value[-max(2, len(value) // 3)])
    )


def _resting(run: Run) -> str:
    """Tell of an accuracy that never moves: one answer for all."""
    share = resting_accuracy(run)
    return "" if share is None else f"leaves the accuracy at {share:.3g}, one answer for all,"


def _guess(run: Run, train: Shape, classes: int | None, tolerance: float) -> Chance | None:
    """Return the constant guess that the loss matches; an inferred one must fit the accuracy, if there is one."""
    guess = chance(run, train, classes=classes, tolerance=tolerance)
    series = accuracy(run)
    found = accuracy_gain(series) if series is not None else None
    if guess is None or guess.given or found is None:
        return guess
    return guess if found[1] <= min(0.9, 2 * math.exp(-guess.loss)) else None


def _has_learned(run: Run, margin: float) -> bool:
    """Whether the accuracy rose, or the validation loss fell: dropout may hold up the training loss alone."""
    val = shape(run.val_loss) if run.val_loss is not None else None
    fell = (
        val is not None
        and val.n > 2
        and val.first - val.last > max(margin * abs(val.first), 3 * val.level_noise)
    )
    return fell or is_learning_by_accuracy(run)
