"""The training loss stays above the validation loss and the regularisation is strong.

What it finds
    The training loss lies above the validation loss at nearly all points and by more than noise and half an epoch's fall
    at the end, and the settings that stand in or beside the log name a dropout of 0.4 or more, or a weight decay above 0.1.
    Without settings nothing is said.

Why it matters
    Dropout and penalties are meant to close a gap between training and validation. With no gap to close they only keep
    the model from fitting.

Example
    training loss 0.703 above validation loss 0.541 throughout, dropout 0.8

What to do
    Halve the dropout or divide the weight decay by 10, as long as the validation loss falls.

False alarms
    Dropout and augmentation hold up the training loss even where they are right, and a training loss that is averaged over
    the epoch lags behind: so this is a warning, and only where the losses have settled apart. A validation loss that has hardly
    left its start has other faults, and stays silent here.

References
    Goodfellow, Bengio & Courville 2016, Deep Learning, sections 7.12 and 11.4. Srivastava et al. 2014, Dropout, section 7.3.
    Google's Deep Learning Tuning Playbook.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlcheck.model import Action, Finding, Run, Severity, Skip
from mlcheck.rules.diagnose.facts import setting
from mlcheck.stats.shape import Shape, shape, shared_count

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE = "DIA202"
NAME = "over-regularized"
SEVERITY: Severity = "warning"
CAUSE = "underfit"
NEEDS = ("train_loss", "val_loss")
DROPOUTS = (
    "dropout",
    "p_drop",
    "drop",
    "dropout_rate",
    "drop_rate",
    "attention_dropout",
    "hidden_dropout_prob",
    "resid_pdrop",
)
DECAYS = ("weight_decay", "wd", "l2", "weightdecay", "alpha_l2", "l2_penalty", "l2_reg")


def check(
    run: Run,
    *,
    dropout: float = 0.4,
    weight_decay: float = 0.1,
    learned: float = 0.9,
    noises: float = 3.0,
    apart: float = 0.03,
    points: int = 6,
) -> Iterator[Finding | Skip]:
    """Yield a finding where the training loss stays above the validation loss under strong regularisation.

    `dropout`: least probability. `weight_decay`: above this (0.1 is usual for language models). `learned`: end
    of the validation loss as a share of its start, above which other faults come first. `noises`: standard deviations and `apart`: share of the level that the gap exceeds. `points`: fewest values of each loss.
    """
    assert run.train_loss is not None  # noqa: S101  (NEEDS)
    assert run.val_loss is not None  # noqa: S101  (NEEDS)
    strong = _strong(run, dropout, weight_decay)
    train, val = shape(run.train_loss), shape(run.val_loss)
    counts = shared_count(run.train_loss, run.val_loss)
    if train is None or val is None or min(train.n, val.n) < points or counts is None:
        yield Skip(code=CODE, reason=f"fewer than {points} finite values of a loss")
        return
    if not strong or val.last > learned * val.first:
        return
    x, y = (c[np.isfinite(s.value)] for c, s in zip(counts, (run.train_loss, run.val_loss), strict=True))
    above = np.interp(y, x, train.course) - val.course
    gap = float(np.median(above[-max(3, len(above) // 3) :]))
    lag = abs(float(train.tail.value)) / 2
    limit = max(noises * (train.level_noise + val.level_noise), apart * abs(train.last)) + lag
    if gap < limit or float(np.mean(above > 0)) < 0.9:
        return
    yield _finding(train, val, strong, gap)


def _strong(run: Run, dropout: float, weight_decay: float) -> tuple[tuple[str, float], ...]:
    found = ((setting(run, *DROPOUTS), dropout, False), (setting(run, *DECAYS), weight_decay, True))
    return tuple(s for s, limit, strictly in found if s and (s[1] > limit if strictly else limit <= s[1] < 1))


def _finding(train: Shape, val: Shape, strong: tuple[tuple[str, float], ...], gap: float) -> Finding:
    told = ", ".join(f"{name} {value:g}" for name, value in strong)
    return Finding(
        code=CODE,
        name=NAME,
        severity=SEVERITY,
        message=f"training loss {train.last:.3g} above validation loss {val.last:.3g} throughout, {told}",
        evidence={"gap": gap, "train": train.last, "validation": val.last, **dict(strong)},
        actions=(
            Action(name="reduce-regularization", why=f"weaken {' and '.join(name for name, _ in strong)}"),
            Action(name="increase-capacity", why="or make the model bigger under the same regularisation"),
        ),
    )
