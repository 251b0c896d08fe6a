"""Two losses of one run side by side: where the validation loss lies against the training loss, and since when."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from mlcheck.stats.intervals import mean_loss_sd, two_sided_z
from mlcheck.stats.noise import median
from mlcheck.stats.shape import Shape, shape, shared_count
from mlcheck.stats.trend import mann_kendall

if TYPE_CHECKING:
    from mlcheck.model import Floats, Series

MEDIAN_LOSS = math.sqrt(math.pi / 2)
"""The standard deviation of a median of normal values over that of their mean."""


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """Both losses at the points of the validation loss, arrays of shape (n,) in units of the loss.

    train: the course of the training loss there. ahead: the same half a logging interval later, which is where a
    training loss averaged over the interval belongs: its mean is that of a younger network than the one evaluated.
    val: the validation loss as logged. course: its course.
    """

    train: Floats
    ahead: Floats
    val: Floats
    course: Floats
    train_shape: Shape
    val_shape: Shape

    @property
    def n(self) -> int:
        """How many points."""
        return len(self.val)

    @property
    def gap(self) -> Floats:
        """Validation minus training loss at each point, shape (n,)."""
        return self.val - self.train

    @property
    def noise(self) -> float:
        """Standard deviation of one point of the gap."""
        return math.hypot(self.train_shape.noise, self.val_shape.noise)

    @property
    def averaged(self) -> int:
        """How many points the level at either end is a median of: 5 % of them, at least 3."""
        return min(self.n, max(3, self.n // 20))


@dataclass(frozen=True, slots=True)
class Gap:
    """The gap at the end of a run, in units of the loss, with its interval, and what it was at the start."""

    value: float
    low: float
    high: float
    sd: float
    early: float

    @property
    def opened(self) -> float:
        """By how much the gap grew from the start of the run to its end."""
        return self.value - self.early


@lru_cache(maxsize=64)
def paired(train: Series, val: Series) -> Pair | None:
    """Return both losses at the validation points; None where either has no finite value or they cannot be compared.

    Cached by identity: series are frozen and many rules look at the same pair.
    """
    train_shape, val_shape, counts = shape(train), shape(val), shared_count(train, val)
    if train_shape is None or val_shape is None or counts is None:
        return None
    train_at, val_at = counts[0][np.isfinite(train.value)], counts[1][np.isfinite(val.value)]
    interval = median(np.diff(train_at)) if len(train_at) > 1 else 0.0
    return Pair(
        train=np.interp(val_at, train_at, train_shape.course),
        ahead=np.interp(val_at + interval / 2, train_at, train_shape.course),
        val=val_shape.value,
        course=val_shape.course,
        train_shape=train_shape,
        val_shape=val_shape,
    )


def end_gap(pair: Pair, *, level: float = 0.95, val_size: int | None = None) -> Gap:
    """Return the gap at the end of the run: the median over the last points, with a normal interval.

    The interval holds the noise of both series and, where `val_size` (examples) is known, the sampling error of the
    validation loss, which stays the same over a run and so is not seen in the noise.
    """
    k = pair.averaged
    value = median(pair.val[-k:] - pair.train[-k:])
    wiggle = MEDIAN_LOSS * pair.noise / math.sqrt(k)
    sd = math.hypot(wiggle, mean_loss_sd(pair.val_shape.last, val_size))
    z = two_sided_z(level)
    early = min(median(pair.val[:k] - pair.ahead[:k]), float(pair.val[0] - pair.train[0]))
    return Gap(value, value - z * sd, value + z * sd, sd, early)


def closing(pair: Pair) -> float:
    """Return z of Mann-Kendall's test over the last half of the gap; below -2 the validation loss is catching up."""
    return mann_kendall(pair.gap[pair.n // 2 :])[0]


def trails(pair: Pair, *, slowing: float = 0.6, noises: float = 10.0) -> bool:
    """Whether the validation loss falls smoothly to the end of the run, hardly slowing down.

    That is how weights averaged over time (EMA) look at evaluation: they set out from the initial weights and follow
    the network far behind. A network that stops generalising slows down first. The second half falls by `slowing`
    (share, 0..1) of what the first half did or more, and the whole by more than `noises` standard deviations.
    """
    val = pair.val_shape
    middle = float(val.course[val.n // 2])
    falls = float(val.course[0]) - float(val.course[-1]) > noises * val.noise and val.tail.high < 0
    return falls and middle - val.course[-1] >= slowing * (val.course[0] - middle)


def start_level(pair: Pair, chance: float | None = None) -> float:
    """Return the loss from which a run sets out: `chance` where known, else the higher of both first values."""
    if chance is not None:
        return chance
    return max(pair.train_shape.first, pair.val_shape.first)
