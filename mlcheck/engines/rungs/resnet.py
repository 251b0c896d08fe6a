"""A residual network on the pixels, the known architecture for images: from scratch, or frozen from a folder of weights.

He et al. 2016 (Deep residual learning for image recognition), section 4.2, sized to the images and their number. With
`--weights DIR` a linear model learns from what the encoder in that folder says of each image.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mlcheck.engines.networks import image_network, session
from mlcheck.engines.networks import weights as folders
from mlcheck.engines.networks.resnet import seconds as needed

if TYPE_CHECKING:
    import numpy.typing as npt

    from mlcheck.model import Floats, Scalar
    from mlcheck.model.dataset import Pixels
    from mlcheck.model.ladder import Estimator, Features, Target, Task

NAME = "resnet"
ORDER = 50


def fits(task: Task) -> str:
    """Return "" where there are images and torch is installed, else why it is skipped."""
    if task.pixels is None:
        return "a ResNet is for images: there is no column of images"
    return session.missing()


def seconds(task: Task) -> float:
    """Return an estimate of one fit from scratch on one core."""
    return needed(task.rows, *task.pixels[:2]) if task.pixels is not None else 0.0


def depends(weights: str | None) -> str:
    """Return what stands for the weights that the fit starts from."""
    own = _own(weights)
    return "" if own is None else folders.digest(own)


def _own(weights: str | None) -> str | None:
    """Return the folder where it holds an encoder of images; one of texts is not for this rung."""
    return weights if weights is not None and folders.opened(weights).kind == "image" else None


def made(
    task: Task,
    *,
    seed: int,
    jobs: int = 1,  # noqa: ARG001
    weights: str | None = None,
    **parameters: Scalar,  # noqa: ARG001
) -> Estimator:
    """Return the estimator; raises MlcheckError for a folder that holds no weights that can be used."""
    return OfImages(image_network(task.goal, weights=_own(weights), seed=seed))


class OfImages:
    """A network of the first column of images; `told_` says which network, and how it was trained."""

    def __init__(self, network: Any) -> None:
        self._network = network
        self.told_ = ""
        if hasattr(network, "predict_proba"):
            self.predict_proba = self._predict_proba

    def fit(self, features: Features, target: Target) -> OfImages:
        """Train the network, or the head on the frozen encoder."""
        self._network.fit(_pixels(features), target)
        self.told_ = self._network.description
        return self

    def predict(self, features: Features) -> npt.NDArray[np.generic]:
        """Return the likeliest class, or the predicted number, of each row."""
        return np.asarray(self._network.predict(_pixels(features)))

    def _predict_proba(self, features: Features) -> Floats:
        return np.asarray(self._network.predict_proba(_pixels(features)), dtype=np.float64)


def _pixels(features: Features) -> Pixels:
    pixels = features.of("image")[0].pixels
    if pixels is None:
        raise ValueError("a column of images holds no pixels")
    return pixels
