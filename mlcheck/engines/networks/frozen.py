"""A linear head on what a frozen encoder says of each row: logistic regression for classes, ridge for numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

import numpy as np

from mlcheck.engines.networks import training
from mlcheck.engines.quiet import converging

if TYPE_CHECKING:
    import numpy.typing as npt

    from mlcheck.model.common import Floats

Row_contra = TypeVar("Row_contra", contravariant=True)
PENALTIES = tuple(10.0**k for k in range(3, -4, -1))
"""Strengths of the penalty, the strongest first: of a fit to the mean loss this over the number of rows (1 / C)."""
MOST_ITERATIONS = 300


class Encoder(Protocol[Row_contra]):
    """A frozen network that says something of a row."""

    @property
    def description(self) -> str:
        """What it is and where it comes from: "BertModel from DIR, 22.7 M parameters"."""

    def embedded(self, rows: Row_contra) -> npt.NDArray[np.float32]:
        """Return (n, width); what is said of a row does not depend on the other rows."""


class Frozen(Generic[Row_contra]):
    """Learns a linear head; the penalty is chosen on a seventh of the training rows, then all rows are fitted."""

    def __init__(self, encoder: Encoder[Row_contra], *, seed: int = 0) -> None:
        self.encoder = encoder
        self.seed = seed
        self._classes: int | None = None
        self._model: Any = None
        self._mean: Floats = np.zeros(1)
        self._deviation: Floats = np.ones(1)

    @property
    def description(self) -> str:
        """One line: the encoder, its folder, its parameters, and the head."""
        head = "ridge" if self._model is not None and self._classes is None else "logistic"
        return f"{self.encoder.description}, frozen encoder + {head} head"

    def fit(self, inputs: Row_contra, target: npt.NDArray[Any], classes: int | None) -> None:
        """Embed n rows and fit the head; needs torch, and transformers for most encoders."""
        said = self.encoder.embedded(inputs).astype(np.float64)
        self._mean, self._deviation = said.mean(axis=0), said.std(axis=0) + 1e-12
        self._classes = classes
        matrix = (said - self._mean) / self._deviation
        self._model = (
            self._ridge(matrix, target) if classes is None else self._logistic(matrix, target, classes)
        )

    def outputs(self, inputs: Row_contra) -> Floats:
        """Return probabilities (n, classes) or numbers (n,)."""
        matrix = (self.encoder.embedded(inputs).astype(np.float64) - self._mean) / self._deviation
        if self._classes is None:
            return np.asarray(self._model.predict(matrix), dtype=np.float64)
        return np.asarray(self._model.predict_proba(matrix), dtype=np.float64)

    @staticmethod
    def _ridge(matrix: Floats, target: npt.NDArray[Any]) -> Any:
        """Return ridge regression with the penalty of the least leave-one-out error (Golub, Heath & Wahba 1979)."""
        from sklearn.linear_model import RidgeCV

        width = matrix.shape[1]
        return RidgeCV(alphas=[penalty * width for penalty in PENALTIES[::-1]]).fit(matrix, target)

    def _logistic(self, matrix: Floats, codes: npt.NDArray[Any], classes: int) -> Any:
        from sklearn.linear_model import LogisticRegression
        from sklearn.metrics import log_loss

        rows, inner = training.held_out(codes, classes, np.random.default_rng(self.seed))
        width = matrix.shape[1]

        def fitted(penalty: float, some: Any) -> Any:
            model = LogisticRegression(C=1 / (penalty * width), max_iter=MOST_ITERATIONS, tol=1e-3)
            converging(lambda: model.fit(matrix[some], codes[some]))
            return model

        if not len(inner):
            return fitted(1.0, np.arange(len(codes)))
        losses = [
            float(log_loss(codes[inner], fitted(penalty, rows).predict_proba(matrix[inner]), labels=range(classes)))
            for penalty in PENALTIES
        ]  # fmt: skip
        return fitted(PENALTIES[int(np.argmin(losses))], np.arange(len(codes)))
