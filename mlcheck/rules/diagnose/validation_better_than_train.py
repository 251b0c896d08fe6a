"""The validation loss lies below the training loss for most of the run.

What it finds
    A validation loss below the training loss by more than three standard deviations of their difference, and by more
    than `share` of it, at most points past the first quarter and at the end. The training loss is taken half a logging
    interval later, because an average over an epoch is that of a younger network.

Why it matters
    Unseen data should not be easier than data learned from. Either the two losses are not measured alike, which hides
    overfitting, or training examples have leaked into the validation set.

Example
    validation loss below the training loss at 37 of 40 points (end: 0.21 against 0.34, noise ±0.01)

What to do
    Evaluate the training set once in evaluation mode and compare. If the gap stays, look for training examples in the
    validation set (`mlcheck data`).

False alarms
    Dropout, augmentation, mixup and label smoothing raise the training loss only, which is innocent: if the logged
    config has one of them it is a note. Losses averaged over an epoch trail behind in a fast fall: the first quarter
    is left out. A small validation set may be easier by chance: --val-size allows for it.

References
    Goodfellow, Bengio & Courville 2016, Deep Learning, sections 7.12 and 11.5. UMLAUT (CHI'21).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlcheck.model import Action, Finding, Run, Scalar, Severity
from mlcheck.stats.gap import Pair, paired
from mlcheck.stats.intervals import mean_loss_sd

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

CODE = "DIA401"
NAME = "validation-better-than-train"
SEVERITY: Severity = "warning"
CAUSE = None
NEEDS = ("train_loss", "val_loss")

INNOCENT = ("dropout", "drop_path", "droppath", "mixup", "cutmix", "smoothing", "augment", "aug")
"""Words in names of settings that raise the training loss only."""


def check(
    run: Run,
    *,
    z: float = 3.0,
    most: float = 0.6,
    share: float = 0.1,
    points: int = 8,
    val_size: int | None = None,
) -> Iterator[Finding]:
    """Yield a finding where the validation loss is lower by `z` standard deviations at `most` (share) of the points.

    It must also be lower by `share` (0..1) of the training loss, since the two sets differ by chance in a way that no
    noise shows: 10 % is three standard errors of a mean loss over 900 examples. At least `points`.
    """
    assert run.val_loss is not None and run.train_loss is not None  # noqa: PT018, S101  (NEEDS)
    pair = paired(run.train_loss, run.val_loss)
    if pair is None or pair.n < points or pair.train_shape.n < points:
        return
    late = slice(pair.n // 4, None)
    below = pair.ahead[late] - pair.val[late]
    sd = float(np.hypot(pair.noise, mean_loss_sd(pair.val_shape.last, val_size)))
    is_below = (below > z * sd) & (below > share * np.abs(pair.ahead[late]))
    if is_below.mean() < most or not is_below[-pair.averaged :].mean() > 0.5:
        return
    yield _finding(pair, int(is_below.sum()), len(below), _excuse(run.config))


def _excuse(config: Mapping[str, Scalar]) -> str | None:
    """Return the name of a logged setting that raises the training loss only, if any is on."""
    for name, value in config.items():
        is_on = value not in (None, False, 0, 0.0, "", "0", "0.0", "none", "None", "False", "false")
        if is_on and any(word in name.lower() for word in INNOCENT):
            return name
    return None


def _finding(pair: Pair, below: int, of: int, excuse: str | None) -> Finding:
    train, val = float(pair.ahead[-1]), pair.val_shape.last
    reason = (
        f"; {excuse} is on, which raises the training loss"
        if excuse
        else "; innocent if dropout or augmentation is on, or train is averaged over the epoch"
    )
    return Finding(
        code=CODE,
        name=NAME,
        severity="note" if excuse else SEVERITY,
        message=f"validation loss below the training loss at {below} of {of} points (end: {val:.4g} against {train:.4g}, noise ±{pair.noise:.2g}){reason}",
        evidence={
            "points_below": below,
            "points": of,
            "train": train,
            "val": val,
            "noise": pair.noise,
            "setting": excuse,
        },
        actions=(
            Action(name="log-more", why="evaluate the training set once in evaluation mode"),
            Action(name="fix-bug", why="look for training examples in the validation set"),
        ),
    )
