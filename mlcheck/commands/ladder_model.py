"""The user's own model on the ladder: a score, a file of predictions or the log of a run, in the ladder's metric."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from mlcheck import registry
from mlcheck.commands import ladder_scores
from mlcheck.errors import MlcheckError
from mlcheck.model.ladder import Given
from mlcheck.model.predictions import Wanted
from mlcheck.stats.intervals import wilson
from mlcheck.stats.metrics.metric import estimate
from mlcheck.stats.metrics.parameters import Parameters
from mlcheck.stats.metrics.resample import Sampling

if TYPE_CHECKING:
    from mlcheck.commands.ladder_task import Setup
    from mlcheck.config import Settings
    from mlcheck.model import Run, Series
    from mlcheck.model.baseline import Asked
    from mlcheck.model.ladder import Ladder

SHARES = frozenset(("accuracy",))
"""Metrics that are a share of the rows, whose interval needs nothing but their number."""


def given(asked: Asked, setup: Setup, ladder: Ladder, settings: Settings) -> Given | None:
    """Return the user's model in the ladder's metric; None where none is told of. Raises MlcheckError for what is no such."""
    if asked.score is not None:
        return _of_score(asked.score, "--score", "--score", setup, ladder)
    if asked.predictions is not None:
        return _of_predictions(asked.predictions, setup, settings)
    if asked.run is not None:
        return _of_run(asked.run, setup, ladder, settings)
    return None


def _of_score(value: float, where: str, source: str, setup: Setup, ladder: Ladder) -> Given:
    metric = setup.metric
    if not math.isfinite(value) or not metric.low <= value <= metric.high:
        hint = f"divide it by 100: {value / 100:g}" if 1 < value <= 100 and metric.high == 1 else ""
        raise MlcheckError(
            where, f"expected {metric.name} between {metric.low:g} and {metric.high:g}, found {value:g}", hint
        )
    nearest = min(ladder.rungs, key=lambda rung: abs(rung.score - value), default=None)
    if nearest is None or nearest.low is None or nearest.high is None:
        return Given(score=value, low=None, high=None, source=source)
    half = (nearest.high - nearest.low) / 2
    return Given(
        score=value,
        low=max(metric.low, value - half),
        high=min(metric.high, value + half),
        source=source,
        method=f"as wide as that of {nearest.name}",
    )


def _of_predictions(path: str, setup: Setup, settings: Settings) -> Given:
    """Return the score of a file of predictions with their truth, with the interval over its rows."""
    labels = setup.task.labels
    task = ladder_scores.kind(setup.task.goal, labels)
    wanted = Wanted(files=(path,), task=task, positive=labels[setup.positive] if task == "binary" else None)
    read = registry.predictions_room().read_predictions(wanted)
    if not read.predictions:
        problem = read.problems[0]
        raise MlcheckError(problem.source, problem.message, problem.hint)
    found = read.predictions[0]
    view = registry.view(found, Sampling(level=settings.level, seed=settings.seed), Parameters())
    metric = next(
        (m for m in registry.metrics(found.task, view) if m.name == setup.metric.name), setup.metric
    )
    made = estimate(metric, view)
    if made.value is None:
        raise MlcheckError(
            path, f"expected predictions that give {metric.name}, found that {made.reason}",
            "choose another --metric",
        )  # fmt: skip
    return Given(score=made.value, low=made.low, high=made.high, source=found.source, method=made.method)


def _of_run(path: str, setup: Setup, ladder: Ladder, settings: Settings) -> Given:
    """Return the best validation (else test) value of the metric in a log."""
    reading = registry.readers_room().read_inputs([path], columns=settings.columns)
    if not reading.runs:
        problem = reading.problems[0] if reading.problems else None
        if problem is None:
            raise MlcheckError(path, "expected the log of a run, found none")
        raise MlcheckError(problem.source, problem.message, problem.hint)
    name = setup.metric.name
    held = [(run, series) for run in reading.runs if (series := _series(run, name)) is not None]
    if not held:
        logged = {s.role.name for run in reading.runs for s in run.series if s.role.quantity == "metric"}
        raise MlcheckError(
            path, f"expected a validation {name} in the log, found {', '.join(sorted(logged)) or 'no metric'}",
            "choose a --metric that was logged",
        )  # fmt: skip
    pick = np.nanmax if setup.task.direction == "higher" else np.nanmin
    found = [(float(pick(s.value)), run) for run, s in held if np.isfinite(s.value).any()]
    if not found:
        raise MlcheckError(path, f"expected numbers in {held[0][1].name}, found none")
    sign = 1.0 if setup.task.direction == "higher" else -1.0
    value, run = max(found, key=lambda pair: sign * pair[0])
    if setup.metric.high == 1 and 1.5 < value <= 100:  # per cent
        value /= 100
    made = _of_score(value, path, run.source, setup, ladder)
    if settings.val_size is not None and name in SHARES:
        low, high = wilson(value, settings.val_size, level=settings.level)
        return Given(score=value, low=low, high=high, source=run.source, method="Wilson")
    return made


def _series(run: Run, name: str) -> Series | None:
    return run.metric("validation", name) or run.metric("test", name)
