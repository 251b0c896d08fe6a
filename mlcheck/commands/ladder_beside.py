"""What rungs reach by the measures that a training log holds, beside the ladder's own: for `diagnose --baseline`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mlcheck.commands import ladder_scores, ladder_told
from mlcheck.errors import MlcheckError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlcheck.commands.climb import Climbed
    from mlcheck.commands.ladder_task import Setup
    from mlcheck.config import Settings
    from mlcheck.model import Scalar
    from mlcheck.model.dataset import Goal

LOGGED: Mapping[Goal, tuple[str, ...]] = {
    "classification": ("log_loss", "accuracy"),
    "regression": ("mse", "r2"),
}
"""What most runs log: their loss, and the usual metric."""


def beside(setup: Setup, climbed: Climbed, settings: Settings) -> dict[str, dict[str, Scalar]]:
    """Return by rung `name`, `name_low` and `name_high` of each logged measure that is not the ladder's own.

    A measure that a rung has not (the log-loss of mere labels) is left out.
    """
    task = setup.task
    found: dict[str, dict[str, Scalar]] = {name: {} for name in climbed.predicted}
    for metric in ladder_scores.metrics_of(task.goal, task.labels, setup.target[:1], setup.positive):
        if metric.name not in LOGGED[task.goal] or metric.name == setup.metric.name:
            continue
        other = replace(setup, metric=metric, task=replace(task, metric=metric.name, direction=metric.better))
        scale = ladder_told.scale_of(other, settings)
        for name, made in climbed.predicted.items():
            try:
                measured = ladder_told.measure(other, made, settings)
            except MlcheckError:
                continue
            mean = scale.combined((measured, scale.sign))
            found[name] |= {
                metric.name: measured.whole,
                f"{metric.name}_low": None if mean.low is None else max(mean.low, metric.low),
                f"{metric.name}_high": None if mean.high is None else min(mean.high, metric.high),
            }
    return found
