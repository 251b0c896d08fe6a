"""Predictions with their metrics: what the findings of `metrics` are made from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlcheck.model import Problem
    from mlcheck.model.predictions import Predictions
    from mlcheck.stats.metrics.metric import Estimate
    from mlcheck.stats.metrics.parameters import Parameters
    from mlcheck.stats.metrics.resample import Sampling


@dataclass(frozen=True, slots=True, kw_only=True)
class Skill:
    """How far a model gets from a predictor that looks at nothing (0) to a perfect one (1); below 0 it is worse.

    `metric` is what it is measured by, `baseline` says what the 0 is. `low` and `high` are its interval.
    """

    value: float
    low: float
    high: float
    metric: str
    baseline: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """One group of rows: its name, size and metrics."""

    name: str
    rows: int
    estimates: Mapping[str, Estimate]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scored:
    """The predictions of one model, the view its metrics read, and what they gave, by name.

    `main` names the metric to trust, `why_main` says why in a sentence. `groups` are in the order of their first row.
    `problems` say what could not be computed for lack of a library.
    """

    predictions: Predictions
    view: Any
    estimates: Mapping[str, Estimate]
    sampling: Sampling
    parameters: Parameters
    main: str
    why_main: str
    skill: Skill | None = None
    groups: tuple[Group, ...] = ()
    problems: tuple[Problem, ...] = ()

    def value(self, name: str) -> float | None:
        """Return the value of a metric, None where it is undefined or not of this task."""
        found = self.estimates.get(name)
        return found.value if found is not None else None
