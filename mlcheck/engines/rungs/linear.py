"""Logistic or ridge regression on standardised columns; the strength of the penalty is chosen inside the training rows.

Categories are one-hot, texts TF-IDF of words and pairs, images their pixels. Classes: an L2 penalty along a warm-started
path, by log-loss on held-out rows. Numbers: ridge by leave-one-out errors in closed form (Golub, Heath & Wahba 1979).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from mlcheck.engines.encoding.scaled import Scaled
from mlcheck.engines.quiet import converging

if TYPE_CHECKING:
    import numpy.typing as npt

    from mlcheck.model import Floats, Scalar
    from mlcheck.model.ladder import Estimator, Features, Target, Task

NAME = "linear"
ORDER = 20
PENALTIES = tuple(10.0**k for k in range(3, -4, -1))
"""Strengths of the penalty, the strongest first: of a fit to the mean loss this over the number of rows (1 / C)."""
FEW = 2000
"""Rows up to which the penalty is chosen on five inner folds; beyond, one held-out part tells as much."""
INNER = 5
MOST_ITERATIONS = 500
MOST_CLOSED = 3e9
"""Operations (rows times columns squared) up to which leave-one-out errors are found in closed form."""


def fits(task: Task) -> str:  # noqa: ARG001  (every rung takes the task)
    """Return "": it fits every task."""
    return ""


def seconds(task: Task) -> float:
    """Return about how long one fit takes on one core of a machine of 2025."""
    return 0.1 + 1.5e-7 * task.rows * task.width * task.outputs


def made(
    task: Task,
    *,
    seed: int,
    jobs: int = 1,  # noqa: ARG001
    weights: str | None = None,  # noqa: ARG001
    **parameters: Scalar,
) -> Estimator:
    """Return the estimator; `penalty` fixes the strength of its penalty in place of choosing it."""
    given = parameters.get("penalty")
    penalty = None if given is None else float(given)
    return Ridge(seed, penalty) if task.goal == "regression" else Logistic(seed, penalty)


class Logistic:
    """Multinomial logistic regression; `penalty_` is the chosen strength."""

    def __init__(self, seed: int, penalty: float | None = None) -> None:
        self._seed = seed
        self._penalty = penalty
        self.told_ = ""

    def fit(self, features: Features, target: Target) -> Logistic:
        """Choose the penalty on inner folds, then fit all rows."""
        self._encoder = Scaled()
        matrix = self._encoder.fit(features)
        classes = target.astype(np.int64)
        self.penalty_ = self._penalty or self._chosen(matrix, classes)
        self._model, settled = _logistic(matrix, classes, self.penalty_)
        self.told_ = "" if settled else f"had not converged after {MOST_ITERATIONS} iterations"
        return self

    def predict(self, features: Features) -> npt.NDArray[np.generic]:
        """Return the likeliest class of each row."""
        return np.asarray(self.predict_proba(features).argmax(axis=1), dtype=np.int32)

    def predict_proba(self, features: Features) -> Floats:
        """Return the probability of each class."""
        return np.asarray(self._model.predict_proba(self._encoder.transform(features)), dtype=np.float64)

    def _chosen(self, matrix: Any, classes: npt.NDArray[np.int64]) -> float:
        """Return the penalty with the least log-loss on held-out rows; the path ends where it has clearly passed."""
        parts = list(inner_parts(classes, self._seed))
        if not parts:
            return 1.0
        losses: list[float] = []
        models: list[Any] = [None] * len(parts)
        for penalty in PENALTIES:
            total = 0.0
            for i, (learn, check) in enumerate(parts):
                models[i], _ = _logistic(matrix[learn], classes[learn], penalty, models[i])
                total += _log_loss(models[i], matrix[check], classes[check])
            losses.append(total)
            if len(losses) - 1 - int(np.argmin(losses)) >= 2:
                break
        return PENALTIES[int(np.argmin(losses))]


def _logistic(matrix: Any, classes: Any, penalty: float, start: Any = None) -> tuple[Any, bool]:
    """Return a fitted model, begun where another one ended, and whether it converged."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=1.0 / penalty, max_iter=MOST_ITERATIONS, tol=1e-3, warm_start=True)
    if start is not None:
        model.coef_, model.intercept_, model.classes_ = start.coef_, start.intercept_, start.classes_
    return model, converging(lambda: model.fit(matrix, classes))


def _log_loss(model: Any, matrix: Any, classes: Any) -> float:
    """Return the sum over rows of the loss of a class that the model knows; one that it does not know is left out."""
    place = np.searchsorted(model.classes_, classes)
    place = np.minimum(place, len(model.classes_) - 1)
    known = model.classes_[place] == classes
    said = model.predict_proba(matrix)[np.arange(len(classes)), place]
    return float(-np.log(np.maximum(said, 1e-15))[known].sum())


def inner_parts(classes: npt.NDArray[np.int64], seed: int) -> list[tuple[Any, Any]]:
    """Return (rows to learn from, rows to choose by): stratified; none where rows are too few to be divided."""
    random = np.random.default_rng((seed, 3))
    order = random.permutation(len(classes))
    order = order[np.argsort(classes[order], kind="stable")]
    fold = np.empty(len(classes), dtype=np.int64)
    fold[order] = np.arange(len(classes)) % INNER
    found = []
    for part in range(INNER if len(classes) <= FEW else 1):
        learn, check = np.flatnonzero(fold != part), np.flatnonzero(fold == part)
        if len(check) and len(np.unique(classes[learn])) > 1:
            found.append((learn, check))
    return found


class Ridge:
    """Ridge regression of the standardised target; `penalty_` is the chosen strength."""

    told_ = ""

    def __init__(self, seed: int, penalty: float | None = None) -> None:
        self._seed = seed
        self._penalty = penalty

    def fit(self, features: Features, target: Target) -> Ridge:
        """Choose the penalty, then fit all rows."""
        from sklearn.linear_model import Ridge as Model
        from sklearn.linear_model import RidgeCV

        self._encoder = Scaled()
        matrix = self._encoder.fit(features)
        self._mean, self._deviation = float(target.mean()), float(target.std()) or 1.0
        scaled = (target.astype(np.float64) - self._mean) / self._deviation
        rows, columns = matrix.shape
        closed = rows * columns * min(rows, columns) <= MOST_CLOSED and isinstance(matrix, np.ndarray)
        if self._penalty is not None:
            self._model = Model(alpha=self._penalty).fit(matrix, scaled)
        elif closed:
            self._model = RidgeCV(alphas=PENALTIES[::-1]).fit(matrix, scaled)
        else:
            self._model = Model(alpha=self._chosen(matrix, scaled)).fit(matrix, scaled)
        self.penalty_ = float(getattr(self._model, "alpha_", self._model.alpha if not closed else math.nan))
        return self

    def predict(self, features: Features) -> npt.NDArray[np.generic]:
        """Return the predicted numbers (n,)."""
        said = np.asarray(self._model.predict(self._encoder.transform(features)), dtype=np.float64)
        return said.ravel() * self._deviation + self._mean

    def _chosen(self, matrix: Any, target: Floats) -> float:
        """Return the penalty with the least squared error on held-out rows."""
        from sklearn.linear_model import Ridge as Model

        parts = inner_parts(np.zeros(len(target), dtype=np.int64), self._seed)
        order = np.random.default_rng((self._seed, 4)).permutation(len(target))
        fifth = max(1, len(target) // INNER)
        parts = [(order[fifth:], order[:fifth])]
        errors = []
        for penalty in PENALTIES:
            total = 0.0
            for learn, check in parts:
                said = Model(alpha=penalty).fit(matrix[learn], target[learn]).predict(matrix[check])
                total += float(np.square(said - target[check]).sum())
            errors.append(total)
        return PENALTIES[int(np.argmin(errors))]
