"""Predictions scored: every metric of their task with its interval, in all and by group, and the metric to trust."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from mlcheck import registry
from mlcheck.commands.recommend import recommend
from mlcheck.errors import MlcheckError
from mlcheck.model import Problem
from mlcheck.model.selection import rows_of
from mlcheck.stats.metrics.clusters import clusters
from mlcheck.stats.metrics.metric import Estimate, Undefined, estimate
from mlcheck.stats.metrics.resample import Sampling
from mlcheck.stats.metrics.scored import Group, Scored
from mlcheck.stats.metrics.skill import skill

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlcheck.config import Settings
    from mlcheck.model.predictions import Predictions
    from mlcheck.stats.metrics.metric import Metric, View
    from mlcheck.stats.metrics.parameters import Parameters

REPLICATES = 1000
OF_PROBABILITIES = frozenset(("log_loss", "brier", "ece"))
MOST_GROUPS = 50
"""Groups that are scored: a column with more values is an identifier rather than a group."""


def _sampling(predictions: Predictions, settings: Settings) -> Sampling:
    return Sampling(
        level=settings.level,
        replicates=settings.bootstrap or REPLICATES,
        forced=settings.bootstrap is not None,
        seed=settings.seed,
        clusters=clusters(predictions),
        cluster_name=predictions.clusters.column if predictions.clusters is not None else "",
    )


def score(predictions: Predictions, settings: Settings, parameters: Parameters) -> Scored:
    """Return the predictions with every metric of their task, in all and by group, and the metric to trust."""
    sampling = _sampling(predictions, settings)
    view = registry.view(predictions, sampling, parameters)
    problems: dict[str, Problem] = {}
    estimates = {m.name: _estimate(m, view, problems) for m in metrics_of(predictions, view)}
    advice = recommend(predictions, estimates, parameters)
    scored = Scored(
        predictions=predictions,
        view=view,
        estimates=estimates,
        sampling=sampling,
        parameters=parameters,
        main=advice.metric,
        why_main=advice.why,
        skill=skill(predictions, estimates, sampling),
        problems=tuple(problems.values()),
    )
    return replace(scored, groups=tuple(_groups(scored, settings)))


def _estimate(metric: Metric, view: View, problems: dict[str, Problem]) -> Estimate:
    """Return a metric's value; for want of a library none, which is a problem (once for each library)."""
    try:
        return estimate(metric, view)
    except MlcheckError as error:
        problems.setdefault(error.where, Problem(source=error.where, message=error.problem, hint=error.hint))
        return Estimate(value=None, reason=error.message)


def metrics_of(predictions: Predictions, view: View) -> tuple[Metric, ...]:
    """Return the metrics of the task; those of probabilities have no value where scores have no known scale."""
    found = registry.metrics(predictions.task, view)
    if not predictions.unscaled:
        return found
    return tuple(replace(m, value=_unscaled) if m.name in OF_PROBABILITIES else m for m in found)


def _unscaled(view: View) -> float:  # noqa: ARG001  (as a metric's value)
    raise Undefined("the scores are no probabilities, and no logits by name")


def _groups(scored: Scored, settings: Settings) -> Iterator[Group]:
    by = scored.predictions.by
    if by is None or scored.predictions.task == "ranking":
        return
    sizes = np.bincount(by.code[by.code >= 0], minlength=len(by.names))
    for code in np.argsort(-sizes, kind="stable")[:MOST_GROUPS]:
        rows = np.flatnonzero(by.code == code)
        if not len(rows):
            continue
        part = rows_of(scored.predictions, rows)
        view = registry.view(part, _sampling(part, settings), scored.parameters)
        found = {m.name: _estimate(m, view, {}) for m in metrics_of(part, view)}
        yield Group(name=by.names[code], rows=len(rows), estimates=found)
