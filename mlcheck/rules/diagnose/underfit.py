"""Both losses are high, close to each other, and flat: the model cannot fit even the training set.

What it finds
    Over the last third both losses are flat (an equivalence test), the validation loss lies within noise or 10 % of the
    training loss, and the level is 25 to 85 % of what a constant guess would have: ln K with `--classes K`, else the
    first loss. It is an error from a third on, for below that much has been learned, and silent above 85 %: a run that
    has learned next to nothing more often has a fault of training than too small a model. With `--target-loss X` the level
    is measured against the target instead; else with `--baseline REPORT` against the best rung of the ladder, where a
    level as good as that stays silent.

Why it matters
    More data and more regularisation make it worse or change nothing. What is missing is the capacity to express the
    function, or inputs that hold it, or less constraint.

Example
    both losses are flat and high: train 1.37, validation 1.4, 85 % of a constant guess (1.65)

What to do
    Make the model wider or deeper, weaken weight decay and dropout, give it better features. If a model several times
    bigger stays at the same level, look at optimization and at label noise.

False alarms
    A task whose best possible error is that high (label noise): no log tells, a target or a baseline report does. A loss
    still at chance, or an accuracy that never moves, is a training failure, not a small model (DIA103), and one that is still falling is unfinished
    (DIA107). Without a target nothing is known of the best error, so the level alone never makes it sure.

References
    Goodfellow, Bengio & Courville 2016, Deep Learning, section 11.4 (training error first). Bottou & Bousquet 2008, The
    tradeoffs of large scale learning (approximation error). Schuirmann 1987.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from mlcheck.model import Action, Finding, Run, Severity, Skip
from mlcheck.rules.diagnose.facts import constant_guess, percent, resting_accuracy
from mlcheck.stats.extrapolate import is_flat
from mlcheck.stats.reference import standing
from mlcheck.stats.shape import Shape, shape

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE = "DIA201"
NAME = "underfit"
SEVERITY: Severity = "error"
CAUSE = "underfit"
NEEDS = ("train_loss", "val_loss")


def check(
    run: Run,
    *,
    classes: int | None = None,
    target_loss: float | None = None,
    flat: float = 0.02,
    low: float = 0.25,
    high: float = 0.33,
    most: float = 0.85,
    gap: float = 0.1,
    missed: float = 0.1,
    points: int = 9,
) -> Iterator[Finding | Skip]:
    """Yield a finding where both losses are flat, close and high.

    `classes`: number of classes, `target_loss`: the loss that should be reached (units of the loss), if known. `flat`:
    largest change over the last third as a share of the level. `low` to `most`: level as a share of the constant guess,
    an error from `high` on. `gap`: as a share of the level. `missed`: share by which the target (or, of the way from the
    constant rung, the best rung) is missed. `points`: fewest.
    """
    assert run.train_loss is not None  # noqa: S101  (NEEDS)
    assert run.val_loss is not None  # noqa: S101  (NEEDS)
    train, val = shape(run.train_loss), shape(run.val_loss)
    guess = constant_guess(run, classes=classes)
    if train is None or val is None or min(train.n, val.n) < points or guess is None or guess <= 0:
        yield Skip(code=CODE, reason=f"fewer than {points} finite values of a loss that is above 0")
        return
    level = min(train.last, val.last)
    if not _is_stuck_together(train, val, flat * level, gap) or level < 0:
        return
    if target_loss is not None:
        if level - target_loss > max(missed * abs(target_loss), 3 * max(train.level_noise, val.level_noise)):
            yield _finding(train, val, f"target {target_loss:g}", level / guess, SEVERITY)
        return
    place = standing(run)
    if place is not None and not place.is_vague and resting_accuracy(run) is None:
        if place.is_learnable and place.best < 1 - max(missed, place.margin):
            told = f"{place.top_name} reaches a {place.measure} of {place.top.value:.3g} on the same data"
            yield _finding(train, val, told, level / guess, SEVERITY)
        return
    share = level / guess
    if low <= share <= most and resting_accuracy(run) is None:
        severity: Severity = SEVERITY if share >= high else "warning"
        yield _finding(train, val, f"{percent(share)} of a constant guess ({guess:.3g})", share, severity)


def _is_stuck_together(train: Shape, val: Shape, margin: float, gap: float) -> bool:
    apart = abs(val.last - train.last)
    are_close = apart < max(gap * abs(train.last), 2 * math.hypot(train.level_noise, val.level_noise))
    return are_close and all(is_flat(s.value[-max(4, s.n // 3) :], margin) for s in (train, val))


def _finding(train: Shape, val: Shape, told: str, share: float, severity: Severity) -> Finding:
    return Finding(
        code=CODE,
        name=NAME,
        severity=severity,
        message=f"both losses are flat and high: train {train.last:.3g}, validation {val.last:.3g}, {told}",
        evidence={
            "train": train.last, "validation": val.last, "share_of_guess": share,
            "train_noise": train.noise, "val_noise": val.noise,
        },
        actions=(
            Action(name="increase-capacity", why="make the model 4 times wider or a layer deeper"),
            Action(name="reduce-regularization", why="halve weight decay and dropout"),
        ),
    )  # fmt: skip
