"""A network as that of the rung `simple-nn`, trained until its training loss stands still: for asking what its size can fit.

Its units are hyperbolic tangents, for a narrow layer of rectified ones dies now and then, whatever its size. Early stopping would hide where a network begins to learn its training rows by heart. Few rows: L-BFGS on all of them, which ends
where the loss is flat; many: Adam.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlcheck.engines.rungs.simple_nn import PENALTY, WIDTH, SimpleNetwork

if TYPE_CHECKING:
    from mlcheck.model import Scalar
    from mlcheck.model.ladder import Estimator, Task

NAME = "simple-nn to the end"
ORDER = 31
FEW = 5000
"""Rows up to which L-BFGS takes less time than Adam, and ends where it should."""
MOST_ITERATIONS = 300
RATE = 3e-3


def fits(task: Task) -> str:  # noqa: ARG001  (as a rung)
    """Return "": it fits every task."""
    return ""


def made(
    task: Task,
    *,
    seed: int,
    jobs: int = 1,  # noqa: ARG001  (as a rung)
    weights: str | None = None,  # noqa: ARG001  (as a rung)
    **parameters: Scalar,
) -> Estimator:
    """Return the estimator; `width` is that of the first layer, the second has half of it; `penalty` the weight decay."""
    width = int(parameters.get("width") or WIDTH)
    penalty = float(PENALTY if parameters.get("penalty") is None else parameters["penalty"] or 0.0)
    return Settled(seed, width, penalty, regression=task.goal == "regression")


class Settled(SimpleNetwork):
    """The network without early stopping."""

    def _network(self, target: Any) -> Any:
        from sklearn.neural_network import MLPClassifier, MLPRegressor

        few = len(target) <= FEW
        return (MLPRegressor if self._regression else MLPClassifier)(
            hidden_layer_sizes=(self._width, max(1, self._width // 2)), alpha=self._penalty,
            solver="lbfgs" if few else "adam", learning_rate_init=RATE, max_iter=MOST_ITERATIONS,
            activation="tanh", random_state=self._seed % (1 << 32),
        )  # fmt: skip
