"""A BERT-family encoder, the known architecture for text: a small one from scratch, or frozen from a folder of weights.

Devlin et al. 2019 (BERT), sized to the number of texts, its words learnt from the training rows. With `--weights DIR` a
linear model learns from the mean of what the encoder in that folder says of the words. It reads text alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlcheck.engines.networks import session, text_network
from mlcheck.engines.networks.bert import seconds as needed
from mlcheck.engines.rungs import of_network
from mlcheck.engines.rungs.of_network import OfNetwork

if TYPE_CHECKING:
    from mlcheck.model import Scalar
    from mlcheck.model.ladder import Estimator, Features, Task

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
    return of_network.depends(weights, "text")


def made(
    task: Task,
    *,
    seed: int,
    jobs: int = 1,  # noqa: ARG001
    weights: str | None = None,
    **parameters: Scalar,  # noqa: ARG001
) -> Estimator:
    """Return the estimator; raises MlcheckError for a folder that holds no weights that can be used."""
    network = text_network(task.goal, weights=of_network.own(weights, "text"), seed=seed)
    return OfNetwork(network, _texts)


def _texts(features: Features) -> list[str]:
    """Return the texts of each row as one, "" where all are missing."""
    columns = [column.texts for column in features.of("text") if column.texts is not None]
    return ["\n".join(text for text in row if text) for row in zip(*columns, strict=True)]
