"""A network of two hidden layers on standardised columns, trained by Adam until held-out rows stop improving.

scikit-learn's multi-layer perceptron: 128 and 64 rectified linear units, weight decay, early stopping on a tenth of the
training rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mlcheck.engines.encoding.scaled import Scaled
from mlcheck.engines.quiet import converging

if TYPE_CHECKING:
    import numpy.typing as npt

    from mlcheck.model import Floats, Scalar
    from mlcheck.model.ladder import Estimator, Features, Target, Task

NAME = "simple-nn"
ORDER = 30
WIDTH = 128
PENALTY = 1e-4
RATE = 2e-3
PATIENCE, LEAST_PATIENCE = 800, 10
"""Steps without a better score on held-out rows after which training ends; epochs that it goes on at least."""
MOST_STEPS, MOST_EPOCHS = 8000, 200
"""Training ends after so many steps or so many epochs, whichever is later."""
MOST_WORDS = 5_000
UNWATCHED_STEPS = 1000
"""Steps where rows cannot be held out: enough to fit, few enough not to learn them all by heart."""
HELD_OUT = 0.1


def fits(task: Task) -> str:  # noqa: ARG001
    """Return "": it fits every task."""
    return ""


def seconds(task: Task) -> float:
    """Return about how long one fit takes on one core of a machine of 2025: some 25 epochs of two matrix products."""
    return 0.15 + 5e-9 * task.rows * (task.width * WIDTH + WIDTH * WIDTH // 2)


def made(
    task: Task,
    *,
    seed: int,
    jobs: int = 1,  # noqa: ARG001
    weights: str | None = None,  # noqa: ARG001
    **parameters: Scalar,
) -> Estimator:
    """Return the estimator; `width` is that of the first layer, the second has half of it; `penalty` the weight decay."""
    width = int(parameters.get("width") or WIDTH)
    penalty = float(PENALTY if parameters.get("penalty") is None else parameters["penalty"] or 0.0)
    return SimpleNetwork(seed, width, penalty, regression=task.goal == "regression")


class SimpleNetwork:
    """The network; `told_` says where it ended before it had converged."""

    def __init__(self, seed: int, width: int, penalty: float, *, regression: bool) -> None:
        self._seed = seed
        self._width = width
        self._penalty = penalty
        self._regression = regression
        self.told_ = ""

    def fit(self, features: Features, target: Target) -> SimpleNetwork:
        """Train the network."""
        self._encoder = Scaled(most_words=MOST_WORDS)
        matrix = self._encoder.fit(features).astype(np.float32)
        self._mean, self._deviation = 0.0, 1.0
        wanted: Any = target
        if self._regression:
            self._mean, self._deviation = float(target.mean()), float(target.std()) or 1.0
            wanted = ((target - self._mean) / self._deviation).astype(np.float32)
        self._model = self._network(wanted)
        settled = converging(lambda: self._model.fit(matrix, wanted))
        self.told_ = (
            ""
            if settled or not self._model.early_stopping
            else f"was still improving after {self._model.n_iter_} epochs"
        )
        return self

    def _network(self, target: Any) -> Any:
        from sklearn.neural_network import MLPClassifier, MLPRegressor

        rows = len(target)
        batch = min(200, max(16, rows // 16))
        steps = max(1, rows // batch)  # of an epoch
        stops = self._regression or _can_hold_out(np.bincount(target))
        most = max(MOST_EPOCHS, MOST_STEPS // steps) if stops else max(10, UNWATCHED_STEPS // steps)
        kind = MLPRegressor if self._regression else MLPClassifier
        return kind(
            hidden_layer_sizes=(self._width, max(1, self._width // 2)), alpha=self._penalty,
            early_stopping=stops, n_iter_no_change=max(LEAST_PATIENCE, PATIENCE // steps), max_iter=most,
            batch_size=batch, learning_rate_init=RATE, random_state=self._seed % (1 << 32),
        )  # fmt: skip

    def predict(self, features: Features) -> npt.NDArray[np.generic]:
        """Return the likeliest class, or the predicted number, of each row."""
        said = self._model.predict(self._matrix(features))
        if self._regression:
            return np.asarray(said, dtype=np.float64).ravel() * self._deviation + self._mean
        return np.asarray(said, dtype=np.int32)

    def predict_proba(self, features: Features) -> Floats:
        """Return the probability of each class."""
        return np.asarray(self._model.predict_proba(self._matrix(features)), dtype=np.float64)

    def _matrix(self, features: Features) -> Any:
        return self._encoder.transform(features).astype(np.float32)


def _can_hold_out(counts: npt.NDArray[np.intp]) -> bool:
    """Whether a tenth of the rows can hold every class (K,), as a stratified part must."""
    return bool(counts.min() >= 2 and HELD_OUT * counts.sum() >= len(counts))
