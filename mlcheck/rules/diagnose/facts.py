"""What several rules ask of a run beside its curves: accuracy, settings, the learning rate's end, a constant guess."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from statistics import median
from typing import TYPE_CHECKING

import numpy as np

from mlcheck.stats.chance import uniform_loss
from mlcheck.stats.noise import noise_sd
from mlcheck.stats.shape import Shape, shape

if TYPE_CHECKING:
    from mlcheck.model import Run, Series

PRETRAINED = frozenset(
    (
        "pretrained",
        "finetune",
        "fine_tune",
        "finetuning",
        "resume",
        "resume_from_checkpoint",
        "init_checkpoint",
    )
)


@dataclass(frozen=True, slots=True)
class Chance:
    """The loss of a model that has learned nothing. `name` says what it is, `given` whether the user said so."""

    loss: float
    name: str
    given: bool = False


def unit(series: Series) -> str:
    """Return what the series counts, as a word for messages: "epoch" or "step"."""
    return "epoch" if series.step_unit == "epoch" else "step"


def percent(share: float) -> str:
    """Return a share of 1 as people read it: 0.62 is "62 %"."""
    return f"{100 * share:.0f} %"


def loss_name(series: Series) -> str:
    """Return what a loss is called in messages: "training loss", "validation loss", "test loss"."""
    split = {"train": "training", "validation": "validation", "test": "test"}
    return f"{split[series.role.split]} loss" if series.role.split else series.name


def setting(run: Run, *names: str) -> tuple[str, float] | None:
    """Return (name, value) of the first setting in the log's configuration with one of these names that is a number."""
    for full, value in run.config.items():
        if (
            full.lower().rpartition(".")[2].replace("-", "_") in names
            and isinstance(value, int | float)
            and not isinstance(value, bool)
        ):
            return full, float(value)
    return None


def is_pretrained(run: Run) -> bool:
    """Whether the configuration says that training began from a trained model, or the log from a late step."""
    if any(
        name.lower().rpartition(".")[2].replace("-", "_") in PRETRAINED and value
        for name, value in run.config.items()
    ):
        return True
    loss = run.train_loss or run.val_loss
    return (
        loss is not None and len(loss) > 1 and loss.step_unit == "step" and loss.step[0] > 0.2 * loss.step[-1]
    )


@lru_cache(maxsize=64)
def rate_left(run: Run) -> float | None:
    """Return the last learning rate as a share (0..1) of its peak, None where it is not logged."""
    if run.lr is None:
        return None
    value = run.lr.value[np.isfinite(run.lr.value)]
    return float(value[-1] / value.max()) if len(value) and value.max() > 0 else None


def rate_text(run: Run) -> str:
    """Return ", learning rate 0.001" (or "0.1 to 0.001") for a message; empty where neither log nor settings say it."""
    if run.lr is not None and len(good := run.lr.value[np.isfinite(run.lr.value)]):
        peak, last = float(good.max()), float(good[-1])
        return f", learning rate {peak:.3g}" + (f" to {last:.3g}" if last < 0.5 * peak else "")
    found = setting(run, "lr", "learning_rate", "base_lr", "max_lr")
    return f", learning rate {found[1]:.3g}" if found else ""


def accuracy(run: Run) -> Series | None:
    """Return the accuracy, of the validation set if logged, as shares (0..1) or percentages as the log has them."""
    return (
        run.metric("validation", "accuracy")
        or run.metric("test", "accuracy")
        or run.metric("train", "accuracy")
    )


@lru_cache(maxsize=64)
def accuracy_gain(series: Series) -> tuple[float, float, float] | None:
    """Return (level at the start, at the end, noise) of an accuracy as shares 0..1; None where it has under 2 values.

    Cached by identity, like `rate_left`: runs and series are frozen and many rules look at the same one.
    """
    value = series.value[np.isfinite(series.value)]
    if len(value) < 2:
        return None
    value = value / 100 if value.max() > 1.5 else value
    k = max(1, min(5, len(value) // 3))
    return median(value[:k].tolist()), median(value[-k:].tolist()), noise_sd(value)


def resting_accuracy(run: Run, *, still: float = 0.75, most: float = 0.6) -> float | None:
    """Return the accuracy (share) of a model that answers the same to all, None where it is not so or not logged.

    An accuracy that is the same number to its last digit at `still` (share) of the points in the last two thirds, and
    `most` at best, is that of a constant answer: a model that looks at its input moves by an example now and then.
    """
    series = accuracy(run)
    found = accuracy_gain(series) if series is not None else None
    if series is None or found is None or found[1] > most:
        return None
    value = series.value[np.isfinite(series.value)]
    counts = np.unique(value[len(value) // 3 :], return_counts=True)[1]
    return found[1] if counts.max() >= max(4, still * counts.sum()) else None


def is_learning_by_accuracy(run: Run, *, gain: float = 0.05) -> bool:
    """Whether an accuracy rises by more than `gain` (share) and 3 times its noise: the loss is not the whole truth."""
    for series in (run.metric("train", "accuracy"), accuracy(run)):
        found = accuracy_gain(series) if series is not None else None
        if found and found[1] - found[0] > max(gain, 3 * found[2]):
            return True
    return False


def chance(run: Run, s: Shape, *, classes: int | None, tolerance: float = 0.01) -> Chance | None:
    """Return the constant guess whose loss the end of `s` matches, or None.

    It matches within `tolerance` (share of the level) or 3 times the noise of the level, whichever is more, but never
    beyond 3 %. With `classes` only ln K counts. Without, ln K of a few classes counts where the loss began near it (a
    curve that fell to 1.0986 may be a good one), and 1, the Dice loss of no overlap and the variance of a standardised
    target.
    """
    within = min(max(tolerance * abs(s.last), 3 * s.level_noise), 0.03 * abs(s.last))
    if classes is not None:
        expected = uniform_loss(classes)
        return Chance(expected, f"ln {classes}", True) if abs(s.last - expected) <= within else None
    if abs(s.first - s.last) > 0.1 * abs(s.last):
        return None
    if (accuracy(run) is not None or not 0.97 <= s.last <= 1.03) and (
        k := _plain_class_count(s.last, within)
    ):
        return Chance(math.log(k), f"ln {k}")
    if accuracy(run) is None and abs(s.last - 1) <= within:
        return Chance(1.0, "1, a Dice loss without overlap or the variance of a standardised target")
    return None


def _plain_class_count(loss: float, within: float) -> int | None:
    """Return K of 2 to 10 classes, or a round number of them, whose ln K matches: others are too dense to tell."""
    nearest = min((*range(2, 11), 100, 1000), key=lambda k: abs(uniform_loss(k) - loss))
    return nearest if abs(uniform_loss(nearest) - loss) <= within else None


def constant_guess(run: Run, *, classes: int | None) -> float | None:
    """Return the loss a constant guess would have: ln K where K is known, else the higher of the first losses."""
    if classes is not None:
        return uniform_loss(classes)
    firsts = [
        s.first
        for series in (run.train_loss, run.val_loss)
        if series is not None and (s := shape(series)) is not None
    ]
    return max(firsts, default=None)
