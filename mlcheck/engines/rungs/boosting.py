"""Gradient boosting over histograms, the known architecture for tables: categories and missing values as they are.

scikit-learn's HistGradientBoosting with its defaults (Ke et al. 2017, LightGBM); a column of text enters by the leading
components of its TF-IDF.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mlcheck.engines.encoding.trees import ForTrees

if TYPE_CHECKING:
    import numpy.typing as npt

    from mlcheck.model import Floats, Scalar
    from mlcheck.model.ladder import Estimator, Features, Target, Task

NAME = "boosting"
ORDER = 40


def fits(task: Task) -> str:
    """Return "" for tables, else why it is skipped: it is the known architecture for tables only."""
    if not any(kind not in ("text", "image") for kind in task.kinds):
        return f"boosting is for tables: these rows are {' and '.join(sorted(task.kinds))} only"
    return ""


def seconds(task: Task) -> float:
    """Return about how long one fit takes on one core of a machine of 2025: a hundred trees an output."""
    return 0.05 + task.outputs * (0.1 + 8e-7 * task.rows * task.width)


def made(
    task: Task,
    *,
    seed: int,
    jobs: int = 1,  # noqa: ARG001
    weights: str | None = None,  # noqa: ARG001
    **parameters: Scalar,  # noqa: ARG001
) -> Estimator:
    """Return the estimator."""
    return Boosting(seed, regression=task.goal == "regression")


class Boosting:
    """The ensemble of trees."""

    def __init__(self, seed: int, *, regression: bool) -> None:
        self._seed = seed
        self._regression = regression

    def fit(self, features: Features, target: Target) -> Boosting:
        """Grow the trees."""
        from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

        self._encoder = ForTrees(self._seed)
        matrix = self._encoder.fit(features)
        kind = HistGradientBoostingRegressor if self._regression else HistGradientBoostingClassifier
        self._model: Any = kind(
            categorical_features=self._encoder.categories, random_state=self._seed % (1 << 32)
        )
        self._model.fit(matrix, target)
        return self

    def predict(self, features: Features) -> npt.NDArray[np.generic]:
        """Return the likeliest class, or the predicted number, of each row."""
        said = self._model.predict(self._encoder.transform(features))
        return np.asarray(said, dtype=np.float64 if self._regression else np.int32)

    def predict_proba(self, features: Features) -> Floats:
        """Return the probability of each class."""
        return np.asarray(self._model.predict_proba(self._encoder.transform(features)), dtype=np.float64)
