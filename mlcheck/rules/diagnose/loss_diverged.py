"""The training loss ends higher than it was: training diverges.

What it finds
    The training loss ends above its start, or at twice its lowest level (and half of what it had gained) and rising by
    a Mann-Kendall test with correction for autocorrelation. Or it lies at three times the loss of guessing at the
    accuracy it reaches and does not come down. Or it fell early, went back up, and has rested for half of the run at a
    level where a quarter of what it had gained is lost. Each against the series' own noise.

Why it matters
    The steps throw the weights further away than the gradient brings them near. The last checkpoint is worse than one
    that was already there.

Example
    training loss 0.41 at epoch 6 -> 1.9 at epoch 40, above its start (1.2), learning rate 0.3

What to do
    Divide the learning rate by 3 to 10, add warmup, clip the gradient norm. Where it rises from the very first step,
    look at the sign of the loss and at gradients that are not reset.

False alarms
    An objective that changes during the run (a curriculum, a regulariser or a KL term that is switched on), adversarial
    and reinforcement losses, which need not fall. A single spike that is recovered is none (DIA109).

References
    Goodfellow, Bengio & Courville 2016, Deep Learning, section 8.3. Hamed & Rao 1998, A modified Mann-Kendall trend test
    for autocorrelated data. Zhang et al. 2021, AutoTrainer (ICSE), which names it exploding loss.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from mlcheck.model import Action, Finding, Run, Severity, Skip
from mlcheck.rules.diagnose.facts import accuracy_gain, percent, rate_text, unit
from mlcheck.stats.shape import Shape, shape
from mlcheck.stats.trend import mann_kendall

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE = "DIA102"
NAME = "loss-diverged"
SEVERITY: Severity = "error"
CAUSE = "optimization"
NEEDS = ("train_loss",)


def check(
    run: Run,
    *,
    rise: float = 0.1,
    noises: float = 4.0,
    factor: float = 2.0,
    guesses: float = 3.0,
    lost: float = 0.25,
    points: int = 5,
) -> Iterator[Finding | Skip]:
    """Yield a finding where the training loss ends above its start or far above its best.

    `rise`: share of the start by which the end lies above it. `noises`: standard deviations that any rise must exceed.
    `factor`: end / lowest level. `guesses`: end / loss of a guess with the accuracy reached. `lost`: share of the fall that was lost
    again for good. `points`: fewest values.
    """
    assert run.train_loss is not None  # noqa: S101  (NEEDS)
    train = shape(run.train_loss)
    if train is None or train.n < points:
        yield Skip(code=CODE, reason=f"fewer than {points} finite values of the training loss")
        return
    why = (
        _above_start(train, rise, noises)
        or _above_best(train, factor, noises)
        or _above_guess(run, train, guesses)
        or _gave_up(train, lost, noises)
    )
    if not why:
        return
    name, best = unit(run.train_loss), train
    told = f"{best.best:.4g} at {name} {best.best_step:g} → " if best.best_at else f"{best.first:.4g} → "
    yield Finding(
        code=CODE,
        name=NAME,
        severity=SEVERITY,
        message=f"training loss {told}{train.last:.4g} at {name} {train.step[-1]:g}, {why}{rate_text(run)}",
        evidence={
            "first": train.first, "best": train.best, "best_step": train.best_step, "last": train.last,
            "noise": train.noise, "tail_z": train.tail_z,
        },
        actions=(
            Action(name="lower-lr", why="divide the learning rate by 3 to 10, or add warmup"),
            Action(name="clip-gradients", why="clip the gradient norm at 1"),
            Action(name="fix-bug", why="check the sign of the loss and that gradients are reset at every step"),
        ),
    )  # fmt: skip


def _above_start(train: Shape, rise: float, noises: float) -> str:
    """Tell of an end above the start, which is one value (so its own noise counts), unless the rise is over already."""
    beyond = train.last - train.first
    error = train.noise * math.sqrt(1 + 1 / max(3, train.n // 20))
    size = rise * max(abs(train.first), abs(train.drop))
    is_above = (
        beyond > max(size, noises * error)
        and train.rise > noises * train.level_noise
        and train.tail_z > -1.96
    )
    return f"above its start ({train.first:.4g})" if is_above else ""


def _above_best(train: Shape, factor: float, noises: float) -> str:
    if train.best <= 0 or train.best_at > train.n - 5 or train.last < factor * train.best:
        return ""
    is_far = train.rise > max(0.5 * train.drop, noises * train.level_noise)
    is_rising = is_far and train.tail_z > -1.96 and mann_kendall(train.value[train.best_at :])[0] > 2.6
    return f"{train.last / train.best:.2g} times its lowest and rising" if is_rising else ""


def _gave_up(train: Shape, lost: float, noises: float) -> str:
    """Tell of a loss that fell, went back up, and has rested there for the last half of the run."""
    if (
        train.drop <= 0
        or train.best_at > train.n // 2
        or train.rise < max(lost * train.drop, 2 * noises * train.level_noise)
    ):
        return ""
    half = train.course[train.n // 2 :]
    stayed = float(half.min()) - train.best > 0.8 * lost * train.drop
    return f"{percent(train.rise / train.drop)} of what it had gained is lost for good" if stayed else ""


def _above_guess(run: Run, train: Shape, guesses: float) -> str:
    """Tell of a loss far above -ln a, about what is paid for always guessing the same and being right in a share `a`."""
    series = run.metric("train", "accuracy")
    found = accuracy_gain(series) if series is not None else None
    if found is None or not 0 < found[1] < 0.5 or train.tail_z < -1.96:
        return ""
    guess = -math.log(found[1])
    half = train.value[train.n // 2 :]
    is_above = float(np.percentile(half, 10)) > guesses * guess
    return f"{train.last / guess:.2g} times that of a guess at accuracy {found[1]:.2g}" if is_above else ""
