"""Where a run stands between a constant guess and the best simple model of the same data.

Levels are shares of that way: 0 is what the constant rung reaches, 1 what the best rung does. They say what a curve
alone cannot: whether a high loss is that of a hard problem or of a model that could fit better.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from mlcheck.model.reference import BLIND, CONSTANT, LINEAR, Level
from mlcheck.stats.objective import objective
from mlcheck.stats.shape import Shape, shape

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlcheck.model import Run, Series, Split
    from mlcheck.model.reference import Reference

LOWER = frozenset(("log_loss", "brier", "ece", "mse", "rmse", "mae", "median_ae", "mape"))
"""Measures of which less is better."""
CALLED: Mapping[str, tuple[str, ...]] = {
    "log_loss": ("logloss", "mlogloss", "crossentropy", "ce", "bce", "xent", "nll"),
    "mse": ("mse", "l2"),
    "mae": ("mae", "l1"),
}
"""What logs call a measure beside its own name."""
OF_LOSS = ("log_loss", "mse")
"""Measures that the plain loss of a run may be: cross-entropy in nats, the mean squared error."""
OF_TARGET = frozenset(("mse", "rmse", "mae", "median_ae"))
"""Measures in the unit of the target."""
ANOTHER_LOSS = re.compile(
    r"mae|l1|huber|rmse|hinge|focal|dice|kl|elbo|quantile|smooth|perplexity|ppl", re.IGNORECASE
)
SHARES = frozenset(
    (
        "accuracy",
        "balanced_accuracy",
        "top5_accuracy",
        "f1",
        "precision",
        "recall",
        "roc_auc",
        "average_precision",
    )
)
"""Measures from 0 to 1 that a log may hold in percent."""
VAGUE = 0.5
"""Share of the way beyond which the margin leaves nothing to be said."""
NEAR = 10.0
"""An error beyond this factor from both ends of the ladder is in another unit of the target."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a run stands, by `measure`. `train` (None where not logged), `validation` (the end) and `best` (the lowest
    course of the validation, or highest where more is better) are shares of the way from the constant to the best rung.

    `margin` is the share within which levels are alike: intervals of the rungs and noise of the run together. `reached`
    is `best` in units of the measure; `constant`, `linear` (None where it was not climbed) and `top` are the rungs, `top_name`
    the name of the best. `is_learnable` says that the best rung is beyond the constant one by more than their intervals.
    """  # noqa: D205  (one sentence)

    measure: str
    train: float | None
    validation: float
    best: float
    margin: float
    reached: float
    constant: Level
    linear: Level | None
    linear_share: float | None
    top: Level
    top_name: str
    is_learnable: bool

    @property
    def is_vague(self) -> bool:
        """Whether rungs differ, but by so little more than their intervals that a run cannot be placed between them."""
        return self.is_learnable and self.margin > VAGUE


@lru_cache(maxsize=256)
def standing(run: Run) -> Standing | None:
    """Return where the run stands; None without a reference, or where none of its measures is logged.

    The loss comes first, where it may be the reference's log_loss or mse, then metrics in the order of the report.
    Cached by identity, as `shape` is.
    """
    if run.reference is None or objective(run) != "fit":
        return None
    measures = [m for m in run.reference.rungs[CONSTANT] if _top(run.reference, m) is not None]
    for measure in sorted(measures, key=lambda m: m not in OF_LOSS):
        held_out = _series(run, "validation", measure) or _series(run, "test", measure)
        course = _course(held_out, measure) if held_out is not None else None
        if course is not None and _is_unit(course, run.reference, measure):
            return _standing(run, run.reference, measure, course)
    return None


def _standing(run: Run, reference: Reference, measure: str, course: Shape) -> Standing:
    constant = reference.rungs[CONSTANT][measure]
    top_name = _top(reference, measure) or CONSTANT
    top = reference.rungs[top_name][measure]
    linear = reference.rungs.get(LINEAR, {}).get(measure)
    sign = 1.0 if measure in LOWER else -1.0
    way = sign * (constant.value - top.value)
    spread = float(np.hypot(constant.half_width, top.half_width))
    scale = max(way, spread, 1e-12)
    train_series = _series(run, "train", measure)
    train = _course(train_series, measure) if train_series is not None else None

    def share(level: float) -> float:
        """Turn a level of the course, which falls as it gets better, into a share of the way."""
        return (sign * constant.value - level) / scale

    return Standing(
        measure=measure,
        train=None if train is None else share(train.last),
        validation=share(course.last),
        best=share(course.best),
        margin=float(np.hypot(spread, 2 * course.level_noise)) / scale,
        reached=sign * course.best,
        constant=constant,
        linear=linear,
        linear_share=None if linear is None else share(sign * linear.value),
        top=top,
        top_name=top_name,
        is_learnable=way > spread,
    )


def _top(reference: Reference, measure: str) -> str | None:
    """Return the name of the best rung that looks at features, None where no such rung has the measure."""
    sign = 1.0 if measure in LOWER else -1.0
    levels = {
        n: sign * r[measure].value for n, r in reference.rungs.items() if n not in BLIND and measure in r
    }
    return min(levels, key=lambda name: levels[name]) if levels else None


def _series(run: Run, split: Split, measure: str) -> Series | None:
    """Return the series of a split that holds the measure: a metric of that name, else the plain loss if it may be it."""
    for name in (measure, *CALLED.get(measure, ())):
        if (found := run.metric(split, name)) is not None:
            return found
    loss = run.find("loss", split)
    if loss is None or measure not in OF_LOSS or ANOTHER_LOSS.search(loss.name):
        return None
    return loss


def _course(series: Series, measure: str) -> Shape | None:
    """Return the shape of a series taken so that less is better, shares of 1 where the log holds percentages."""
    value = series.value
    if measure in SHARES and np.nanmax(value, initial=0.0, where=np.isfinite(value)) > 1.5:
        value = value / 100
    if measure not in LOWER:
        value = -value
    return shape(series if value is series.value else replace(series, value=value))


def _is_unit(course: Shape, reference: Reference, measure: str) -> bool:
    """Whether an error has the unit of the reference's: it lies within a factor NEAR of the rungs somewhere.

    A network is often trained on a target that was scaled; its loss cannot be held against errors of the raw one.
    """
    if measure not in OF_TARGET:
        return True
    levels = [rung[measure].value for rung in reference.rungs.values() if measure in rung]
    return course.best < NEAR * max(levels) and course.first > min(levels) / NEAR
