"""A BERT-family encoder, the known architecture for text: a small one from scratch, or frozen from a folder of weights.

Devlin et al. 2019 (BERT), sized to the number of texts, its words learnt from the training rows. With `--weights DIR` a
linear model learns from the mean of what the encoder in that folder says of the words. It reads text alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mlcheck.engines.networks import session, text_network
from mlcheck.engines.networks import weights as folders
from mlcheck.engines.networks.bert import seconds as needed

if TYPE_CHECKING:
    import numpy.typing as npt

    from mlcheck.model import Floats, Scalar
    from mlcheck.model.ladder import Estimator, Features, Target, Task

NAME = "bert"
ORDER = 60
LEAST_SHARE = 0.5
"""Share of the columns that must be text: on a table with a text beside much else, what it reads is not the data."""


def fits(task: Task) -> str:
    """Return "" where there is text and the libraries are installed, else why it is skipped."""
    texts = task.kinds.get("text", 0)
    if not texts:
        return "BERT is for text: there is no column of text"
    if texts < LEAST_SHARE * task.columns:
        return f"BERT reads text alone, here {texts} of {task.columns} columns"
    return session.missing(transformers=True)


def seconds(task: Task) -> float:
    """Return an estimate of one fit from scratch on one core, for texts of usual length."""
    return needed(task.rows)


def depends(weights: str | None) -> str:
    """Return what stands for the weights that the fit starts from."""
    own = _own(weights)
    return "" if own is None else folders.digest(own)


def _own(weights: str | None) -> str | None:
    """Return the folder where it holds an encoder of texts; one of images is not for this rung."""
    return weights if weights is not None and folders.opened(weights).kind == "text" else None


def made(
    task: Task,
    *,
    seed: int,
    jobs: int = 1,  # noqa: ARG001
    weights: str | None = None,
    **parameters: Scalar,  # noqa: ARG001
) -> Estimator:
    """Return the estimator; raises MlcheckError for a folder that holds no weights that can be used."""
    return OfTexts(text_network(task.goal, weights=_own(weights), seed=seed))


class OfTexts:
    """A network of all columns of text, one after the other; `told_` says which network, and how it was trained."""

    def __init__(self, network: Any) -> None:
        self._network = network
        self.told_ = ""
        if hasattr(network, "predict_proba"):
            self.predict_proba = self._predict_proba

    def fit(self, features: Features, target: Target) -> OfTexts:
        """Train the network, or the head on the frozen encoder."""
        self._network.fit(_texts(features), target)
        self.told_ = self._network.description
        return self

    def predict(self, features: Features) -> npt.NDArray[np.generic]:
        """Return the likeliest class, or the predicted number, of each row."""
        return np.asarray(self._network.predict(_texts(features)))

    def _predict_proba(self, features: Features) -> Floats:
        return np.asarray(self._network.predict_proba(_texts(features)), dtype=np.float64)


def _texts(features: Features) -> list[str]:
    """Return the texts of each row as one, "" where all are missing."""
    columns = [column.texts for column in features.of("text") if column.texts is not None]
    return ["\n".join(text for text in row if text) for row in zip(*columns, strict=True)]
