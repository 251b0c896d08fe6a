"""Scores of what rungs predict: on each fold, or on the test set and on it without one group of rows at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mlcheck import registry
from mlcheck.model.ladder import Predicted
from mlcheck.model.predictions import Binary, Multiclass, Predictions, Regression
from mlcheck.stats.metrics.metric import Undefined
from mlcheck.stats.metrics.parameters import Parameters
from mlcheck.stats.metrics.resample import Sampling

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlcheck.model import Floats
    from mlcheck.model.dataset import Codes, Ints
    from mlcheck.model.ladder import Target
    from mlcheck.model.predictions import Content, Task
    from mlcheck.stats.metrics.metric import Metric, View


def content(labels: tuple[str, ...], truth: Target, said: Predicted, positive: int) -> Content:
    """Return predictions of rows (m,) with their truth as the metrics read them."""
    if not labels:
        assert said.numbers is not None  # noqa: S101  (of a regression)
        return Regression(
            targets=("target",), truth=truth.astype(np.float64)[:, None], predicted=said.numbers[:, None]
        )
    assert said.labels is not None  # noqa: S101  (of a classification)
    if len(labels) == 2:
        return Binary(
            truth=truth == positive,
            score=None
            if said.probabilities is None
            else np.ascontiguousarray(said.probabilities[:, positive]),
            predicted=said.labels == positive,
            positive=labels[positive],
            negative=labels[1 - positive],
        )
    return Multiclass(
        labels=labels, truth=truth.astype(np.int32), predicted=said.labels, scores=said.probabilities
    )


def kind(goal: str, labels: tuple[str, ...]) -> Task:
    """Return the task in the words of `metrics`."""
    return "regression" if goal == "regression" else "binary" if len(labels) == 2 else "multiclass"


def view(found: Content, sampling: Sampling) -> View:
    """Return predictions as their metrics read them."""
    task: Task = (
        "regression"
        if isinstance(found, Regression)
        else "binary"
        if isinstance(found, Binary)
        else "multiclass"
    )
    rows = len(found.truth)  # type: ignore[union-attr]  # the three of content()
    made = Predictions(id="rung", source="rung", reader="rung", task=task, content=found, rows=rows)
    return registry.view(made, sampling, Parameters())


def metrics_of(goal: str, labels: tuple[str, ...], truth: Target, positive: int) -> tuple[Metric, ...]:
    """Return the metrics of a task; `truth` is any row of it."""
    said = (
        Predicted(numbers=truth.astype(np.float64))
        if goal == "regression"
        else Predicted(
            labels=truth.astype(np.int32), probabilities=np.full((len(truth), len(labels)), 1.0 / len(labels))
        )
    )
    return registry.metrics(kind(goal, labels), view(content(labels, truth, said, positive), Sampling()))


def score(metric: Metric, labels: tuple[str, ...], truth: Target, said: Predicted, positive: int) -> float:
    """Return a metric of predictions, NaN where it is undefined on these rows."""
    try:
        return float(metric.value(view(content(labels, truth, said, positive), Sampling())))
    except Undefined:
        return float("nan")


def chosen(said: Predicted, rows: Ints) -> Predicted:
    """Return the predictions of some rows."""
    return Predicted(
        labels=None if said.labels is None else said.labels[rows],
        probabilities=None if said.probabilities is None else said.probabilities[rows],
        numbers=None if said.numbers is None else said.numbers[rows],
    )


def joined(made: Sequence[Predicted]) -> Predicted:
    """Return the predictions of several folds, one below the other."""

    def below(name: str) -> Any:
        parts = [getattr(said, name) for said in made]
        return None if any(part is None for part in parts) else np.concatenate(parts)

    return Predicted(labels=below("labels"), probabilities=below("probabilities"), numbers=below("numbers"))


def without_groups(
    metric: Metric, labels: tuple[str, ...], truth: Target, said: Predicted, positive: int, group: Codes
) -> Floats:
    """Return the metric without each group (G,) of rows in turn: the replicates of a delete-a-group jackknife."""
    return np.array(
        [
            score(metric, labels, truth[rows], chosen(said, rows), positive)
            for rows in (np.flatnonzero(group != g) for g in range(int(group.max()) + 1))
        ]
    )
