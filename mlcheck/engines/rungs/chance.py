"""Guesses at random: each class as often as in the training rows; numbers drawn from the training targets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from mlcheck.model import Floats, Scalar
    from mlcheck.model.ladder import Estimator, Features, Target, Task

NAME = "random"
ORDER = 0


def fits(task: Task) -> str:  # noqa: ARG001  (every rung takes the task)
    """Return "": it fits every task."""
    return ""


def made(
    task: Task,
    *,
    seed: int,
    jobs: int = 1,  # noqa: ARG001
    weights: str | None = None,  # noqa: ARG001
    **parameters: Scalar,  # noqa: ARG001
) -> Estimator:
    """Return the estimator."""
    return Chance(seed, regression=task.goal == "regression")


class Chance:
    """Predictions that look at nothing. Probabilities are drawn about the class shares (Dirichlet), so that a guess
    costs a finite log-loss.
    """  # noqa: D205  (one sentence)

    def __init__(self, seed: int, *, regression: bool) -> None:
        self._seed = seed
        self._regression = regression

    def fit(self, features: Features, target: Target) -> Chance:  # noqa: ARG002
        """Learn the class shares, or the targets."""
        self._target = target
        counts = np.bincount(target.astype(np.int64)) if not self._regression else np.ones(1)
        self._shares = counts / counts.sum()
        return self

    def predict(self, features: Features) -> npt.NDArray[np.generic]:
        """Draw a class, or a target, for each row."""
        random = np.random.default_rng((self._seed, 1))
        if self._regression:
            return random.choice(self._target, size=len(features))
        return random.choice(len(self._shares), size=len(features), p=self._shares).astype(np.int32)

    def predict_proba(self, features: Features) -> Floats:
        """Draw probabilities about the class shares, the highest at the class that `predict` draws."""
        rows = np.arange(len(features))
        random = np.random.default_rng((self._seed, 2))
        drawn = random.standard_gamma(len(self._shares) * self._shares, size=(len(rows), len(self._shares)))
        drawn = np.maximum(drawn, 1e-9) + 1e-12 * random.random(drawn.shape)
        wanted, top = self.predict(features).astype(np.int64), drawn.argmax(axis=1)
        drawn[rows, wanted], drawn[rows, top] = drawn[rows, top], drawn[rows, wanted]
        shares: Floats = drawn / drawn.sum(axis=1, keepdims=True)
        return shares
