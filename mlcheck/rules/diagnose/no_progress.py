"""The training loss does not fall.

What it finds
    Over the whole run the training loss falls by less than 5 % of where it began, and the interval of its slope (Theil-Sen)
    holds 0. A loss that lies at that of a constant guess is told as DIA103 instead.

Why it matters
    The optimizer does nothing useful: its steps are too small, too large, or point nowhere. All of the budget is wasted.

Example
    training loss 2.33 → 2.331 over 25 epochs: slope -0.0001 to 0.0002 an epoch, learning rate 1e-07

What to do
    Search the learning rate over factors of 10 on a few hundred steps. If no rate helps, overfit one batch; if that
    fails it is a bug.

False alarms
    Fine-tuning near an optimum: a run whose settings say that it began from a trained model, whose accuracy rises or is
    high, or whose log begins late in training, stays silent, and so does one whose validation loss falls. A first
    value that is the average of an epoch in which all was learned looks the same; an accuracy in the log tells it apart.

References
    Sen 1968, Estimates of the regression coefficient based on Kendall's tau. Schoop et al. 2021, UMLAUT (CHI). Google's
    Deep Learning Tuning Playbook, section on optimization failures.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlcheck.model import Action, Finding, Run, Severity, Skip
from mlcheck.rules.diagnose.facts import (
    accuracy,
    accuracy_gain,
    chance,
    is_learning_by_accuracy,
    is_pretrained,
    rate_text,
    unit,
)
from mlcheck.stats.noise import median
from mlcheck.stats.shape import Shape, shape
from mlcheck.stats.trend import Slope, theil_sen

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE = "DIA104"
NAME = "no-progress"
SEVERITY: Severity = "error"
CAUSE = "optimization"
NEEDS = ("train_loss",)


def check(
    run: Run,
    *,
    drop: float = 0.05,
    most_accurate: float = 0.6,
    points: int = 8,
    classes: int | None = None,
    level: float = 0.95,
) -> Iterator[Finding | Skip]:
    """Yield a finding where the training loss does not fall.

    `drop`: smallest fall that counts, as a share of the start. `most_accurate`: accuracy (share) above which a run
    counts as trained before. `points`: fewest values. `classes`: number of classes, if known. `level`: of the interval.
    """
    assert run.train_loss is not None  # noqa: S101  (NEEDS)
    train = shape(run.train_loss)
    if train is None or train.n < points:
        yield Skip(code=CODE, reason=f"fewer than {points} finite values of the training loss")
        return
    if (
        is_pretrained(run)
        or _learns_elsewhere(run, drop, most_accurate)
        or chance(run, train, classes=classes)
    ):
        return
    slope = theil_sen(np.arange(train.n, dtype=np.float64), train.value, level=level)
    start = max(train.first, median(train.value[:3]))
    if (
        not slope.low <= 0 <= slope.high
        or start - train.last > max(drop * abs(start), 3 * train.noise)
        or _rises(train)
        or train.value.std() == 0
    ):
        return
    yield _finding(run, train, slope)


def _rises(train: Shape) -> bool:
    """DIA102's business."""
    return train.last - train.first > max(0.1 * abs(train.first), 4 * train.noise)


def _learns_elsewhere(run: Run, drop: float, most_accurate: float) -> bool:
    """Whether the accuracy rises or is high, or the validation loss falls."""
    series = accuracy(run)
    found = accuracy_gain(series) if series is not None else None
    if is_learning_by_accuracy(run) or (found is not None and found[1] > most_accurate):
        return True
    val = shape(run.val_loss) if run.val_loss is not None else None
    return val is not None and val.first - val.last > max(drop * abs(val.first), 3 * val.level_noise)


def _finding(run: Run, train: Shape, slope: Slope) -> Finding:
    name = unit(run.train_loss) if run.train_loss is not None else "step"
    return Finding(
        code=CODE,
        name=NAME,
        severity=SEVERITY,
        message=(
            f"training loss {train.first:.4g} → {train.last:.4g} over {train.n} points to {name} {train.step[-1]:g}: "
            f"slope {slope.low:.2g} to {slope.high:.2g} a point{rate_text(run)}"
        ),
        evidence={
            "first": train.first,
            "last": train.last,
            "slope": slope.value,
            "low": slope.low,
            "high": slope.high,
            "noise": train.noise,
        },
        actions=(
            Action(name="raise-lr", why="search the learning rate over factors of 10, upwards first"),
            Action(name="change-optimizer", why="try Adam with a default learning rate"),
            Action(name="fix-bug", why="overfit one batch; if that fails, look for the bug"),
        ),
    )
