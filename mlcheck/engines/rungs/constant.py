"""One answer for all rows: the commonest class and the class shares; the mean, or the median where errors count by size."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from mlcheck.model import Floats, Scalar
    from mlcheck.model.ladder import Estimator, Features, Target, Task

NAME = "constant"
ORDER = 10
BY_MEDIAN = frozenset(("mae", "median_ae", "mape", "smape", "pinball"))
"""Metrics of the size of errors, for which the median is the best constant."""


def fits(task: Task) -> str:  # noqa: ARG001  (every rung takes the task)
    """Return "": it fits every task."""
    return ""


def made(
    task: Task,
    *,
    seed: int,  # noqa: ARG001
    jobs: int = 1,  # noqa: ARG001
    weights: str | None = None,  # noqa: ARG001
    **parameters: Scalar,  # noqa: ARG001
) -> Estimator:
    """Return the estimator."""
    return Constant(regression=task.goal == "regression", median=task.metric in BY_MEDIAN)


class Constant:
    """Predictions that look at no feature."""

    def __init__(self, *, regression: bool, median: bool) -> None:
        self._regression = regression
        self._median = median

    def fit(self, features: Features, target: Target) -> Constant:  # noqa: ARG002
        """Learn the class shares, or the mean or median."""
        if self._regression:
            self._middle = float(np.median(target) if self._median else np.mean(target))
        else:
            counts = np.bincount(target.astype(np.int64))
            self._shares = counts / counts.sum()
        return self

    def predict(self, features: Features) -> npt.NDArray[np.generic]:
        """Return the commonest class (the first of equal ones), or the middle, for each row."""
        if self._regression:
            return np.full(len(features), self._middle)
        return np.full(len(features), int(np.argmax(self._shares)), dtype=np.int32)

    def predict_proba(self, features: Features) -> Floats:
        """Return the class shares for each row."""
        return np.tile(self._shares, (len(features), 1))
