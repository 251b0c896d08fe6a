"""The training loss repeats the same pattern every epoch: the data come in the same order.

What it finds
    An autocorrelation of the training loss at a lag of one epoch (where a log has steps and epochs) that noise gives in one
    run of 30,000, over at least 4 epochs of 8 points or more, and that is not there at half an epoch. It must be there
    both about the course and about the mean of each epoch.

Why it matters
    Batches that come in the same order, or sorted by class, pull the weights the same way round every time. The model
    chases what it saw last, and the loss within an epoch says nothing of its progress.

Example
    training loss repeats itself every 50 points (1 epoch): ±0.12 about its course, 21 standard errors

What to do
    Shuffle the training set anew at every epoch (and seed the shuffling by the epoch on several machines).

False alarms
    A loss that steps down at the end of every epoch, as large models do that remember what they saw, stays silent. A
    curriculum, or a running average that is set back at every epoch, gives the same picture on purpose; so does a
    learning rate that restarts every epoch, which stays silent where the rate is logged.

References
    Bottou 2012, Stochastic gradient descent tricks, section 3.1 (shuffle). Bartlett 1946 (error of an autocorrelation).
    TrainCheck (OSDI 2025) for bugs of data order in distributed training.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlcheck.model import Action, Finding, Floats, Run, Series, Severity, Skip
from mlcheck.stats.noise import median
from mlcheck.stats.periodic import profile, repetition_z
from mlcheck.stats.shape import at_steps

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE = "DIA110"
NAME = "sawtooth"
SEVERITY: Severity = "warning"
CAUSE = "optimization"
NEEDS = ("train_loss",)


def check(run: Run, *, certain: float = 4.0, points: int = 8, epochs: int = 4) -> Iterator[Finding | Skip]:
    """Yield a finding where the training loss repeats itself with the period of an epoch.

    `certain`: standard errors of the autocorrelation. `points`: fewest values an epoch. `epochs`: fewest epochs.
    """
    assert run.train_loss is not None  # noqa: S101  (NEEDS)
    start, period = _epochs(run.train_loss) or (0, 0)
    value = run.train_loss.value[np.isfinite(run.train_loss.value)]
    if period < points or len(value) - start < (epochs - 1) * period:
        yield Skip(
            code=CODE,
            reason=f"needs {epochs} epochs with {points} or more training losses each, and an epoch column",
        )
        return
    tail = value[start:]
    z = repetition_z(tail, period)
    if z < certain or (run.lr is not None and _repeats(run.lr, run.train_loss.step[start:], period)):
        return
    height = float(np.ptp(profile(tail, period))) / 2
    yield Finding(
        code=CODE,
        name=NAME,
        severity=SEVERITY,
        message=f"training loss repeats itself every {period} points (1 epoch): ±{height:.2g} about its course, {z:.2g} standard errors",
        evidence={"period": period, "z": z, "amplitude": height},
        actions=(Action(name="shuffle", why="shuffle the training set anew at every epoch"),),
    )


def _epochs(series: Series) -> tuple[int, int] | None:
    """Return (index at which the second epoch starts, values an epoch), None where the log does not say or it varies."""
    if series.epoch is None:
        return None
    epoch = series.epoch[np.isfinite(series.value)]
    if not len(epoch) or not np.isfinite(epoch).all():
        return None
    whole = np.floor(epoch)
    begins = np.flatnonzero(whole[1:] != whole[:-1]) + 1  # epochs never decrease
    counts = (begins[1:] - begins[:-1]).astype(np.float64)
    if len(counts) < 2 or counts.max() - counts.min() > 0.1 * (middle := median(counts)):
        return None
    return int(begins[0]), int(middle)


def _repeats(rate: Series, step: Floats, period: int) -> bool:
    value = at_steps(rate, step)
    return repetition_z(value[np.isfinite(value)], period) > 3
