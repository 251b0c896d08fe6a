"""What the networks look like from outside: fit, predict and predict_proba, as scikit-learn's estimators have them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from mlcheck.model.common import Floats

Inputs = TypeVar("Inputs")
Inputs_contra = TypeVar("Inputs_contra", contravariant=True)


class Learner(Protocol[Inputs_contra]):
    """A network before and after it was trained; `Classifier` and `Regressor` wrap one."""

    @property
    def description(self) -> str:
        """One line: the network, where its weights come from, its parameters and, once trained, its epochs."""

    def fit(self, inputs: Inputs_contra, target: npt.NDArray[Any], classes: int | None) -> None:
        """Learn from n rows: codes int64 (n,) of 0..classes - 1, or numbers float64 (n,) where `classes` is None."""

    def outputs(self, inputs: Inputs_contra) -> Floats:
        """Return probabilities (n, classes), rows adding to 1, or numbers (n,)."""


class Classifier(Generic[Inputs]):
    """Tells classes by a network. After `fit`, `classes_` holds the labels, sorted, shape (classes,).

    `inputs` are n rows as the learner takes them, `labels` (n,) of any type that sorts. With a single class in the
    training rows nothing is trained, and that class is predicted with probability 1.
    """

    def __init__(self, learner: Learner[Inputs]) -> None:
        self.learner = learner
        self.classes_: npt.NDArray[Any] = np.zeros(0)

    @property
    def description(self) -> str:
        """One line: the network, where its weights come from, its parameters and, once trained, its epochs."""
        return self.learner.description

    def fit(self, inputs: Inputs, labels: npt.ArrayLike) -> Classifier[Inputs]:
        """Learn from n rows; raises ValueError without rows."""
        found = np.asarray(labels)
        if not len(found):
            raise ValueError("expected at least one row to learn from")
        self.classes_, codes = np.unique(found, return_inverse=True)
        if len(self.classes_) > 1:
            self.learner.fit(inputs, codes.astype(np.int64), len(self.classes_))
        return self

    def predict_proba(self, inputs: Inputs) -> Floats:
        """Return the probability of each class in the order of `classes_`, shape (n, classes), rows adding to 1."""
        if len(self.classes_) == 1:
            return np.ones((len(inputs), 1))  # type: ignore[arg-type]  # every kind of input is sized
        return self.learner.outputs(inputs)

    def predict(self, inputs: Inputs) -> npt.NDArray[Any]:
        """Return the likeliest class of each row, shape (n,); the first of equals."""
        return np.asarray(self.classes_[np.argmax(self.predict_proba(inputs), axis=1)])


class Regressor(Generic[Inputs]):
    """Estimates a number by a network."""

    def __init__(self, learner: Learner[Inputs]) -> None:
        self.learner = learner
        self.constant_: float | None = None

    @property
    def description(self) -> str:
        """One line: the network, where its weights come from, its parameters and, once trained, its epochs."""
        return self.learner.description

    def fit(self, inputs: Inputs, values: npt.ArrayLike) -> Regressor[Inputs]:
        """Learn from n rows with finite values (n,); raises ValueError without rows."""
        wanted = np.asarray(values, dtype=np.float64)
        if not len(wanted):
            raise ValueError("expected at least one row to learn from")
        self.constant_ = float(wanted[0]) if float(np.ptp(wanted)) == 0 else None
        if self.constant_ is None:
            self.learner.fit(inputs, wanted, None)
        return self

    def predict(self, inputs: Inputs) -> Floats:
        """Return the estimate for each row, float64 (n,)."""
        if self.constant_ is not None:
            return np.full(len(inputs), self.constant_)  # type: ignore[arg-type]  # every kind of input is sized
        return self.learner.outputs(inputs)
