"""The few numbers about a pair of curves on which the verdict rests: all free of units, comparable between tasks.

Levels and differences are shares of the start: the level from which both losses began, which is near that of a
constant guess. So 1 means "has learned nothing" and 0 "no error left".
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from mlcheck.stats.noise import median
from mlcheck.stats.shape import Shape, shape

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlcheck.model import Series

NAMES = (
    "train_level", "val_level", "gap", "log_ratio", "rise", "train_tail", "val_tail", "half_drop", "train_noise", "val_noise",
    "train_rise",
)  # fmt: skip


@lru_cache(maxsize=64)
def features(train: Series, val: Series) -> Mapping[str, float] | None:
    """Return the numbers by name (see NAMES), None where either series has under 3 finite values.

    train_level  end of the training loss / start, 0..2
    val_level    lowest course of the validation loss / start, 0..2
    gap          (validation - training loss) / start at the end, -1..3
    log_ratio    ln(validation / training loss) at the end, -1..4 (of positive losses)
    rise         ln(end / lowest) of the validation loss, 0..2
    train_tail, val_tail  fall over the last third / start, -1..1
    half_drop    share of the training loss's fall that is done at half time, -1..1.5
    train_noise, val_noise  log10(noise / level), -4..1
    train_rise   ln(end / lowest) of the training loss, 0..3

    Cached by identity, as `shape` is; not to be written to.
    """
    t, v = shape(train), shape(val)
    if t is None or v is None or t.n < 3 or v.n < 3:
        return None
    zero = min(
        0.0, t.value.min(), v.value.min()
    )  # losses below 0 (log-likelihoods, -Dice) are measured from their lowest
    start = max(median(np.concatenate([t.value[:2], v.value[:2]])) - zero, 1e-12)
    t_end, v_end, v_best = t.last - zero, v.last - zero, v.best - zero
    fall = t.course[0] - t.last
    half = (t.course[0] - t.course[t.n // 2]) / fall if fall > 0.01 * start else 0.0
    return {
        "train_level": _clip(t_end / start, 0, 2),
        "val_level": _clip(v_best / start, 0, 2),
        "gap": _clip((v_end - t_end) / start, -1, 3),
        "log_ratio": _clip(_log_ratio(v_end, t_end), -1, 4),
        "rise": _clip(_log_ratio(v_end, v_best), 0, 2),
        "train_tail": _clip(_fall_in_last_third(t) / start, -1, 1),
        "val_tail": _clip(_fall_in_last_third(v) / start, -1, 1),
        "half_drop": _clip(half, -1, 1.5),
        "train_noise": _clip(math.log10(max(t.noise / max(t_end, 1e-9), 1e-4)), -4, 1),
        "val_noise": _clip(math.log10(max(v.noise / max(v_end, 1e-9), 1e-4)), -4, 1),
        "train_rise": _clip(_log_ratio(t_end, t.best - zero), 0, 3),
    }


def _clip(value: float, low: float, high: float) -> float:
    return float(min(max(value, low), high))


def _log_ratio(a: float, b: float) -> float:
    return math.log(max(a, 1e-9) / max(b, 1e-9))


def _fall_in_last_third(s: Shape) -> float:
    return float(s.course[-max(2, s.n // 3)] - s.last)
