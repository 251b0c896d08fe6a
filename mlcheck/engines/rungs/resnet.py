"""A residual network on the pixels, the known architecture for images: from scratch, or frozen from a folder of weights.

He et al. 2016 (Deep residual learning for image recognition), section 4.2, sized to the images and their number. With
`--weights DIR` a linear model learns from what the encoder in that folder says of each image.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlcheck.engines.networks import image_network, session
from mlcheck.engines.networks.resnet import seconds as needed
from mlcheck.engines.rungs import of_network
from mlcheck.engines.rungs.of_network import OfNetwork

if TYPE_CHECKING:
    from mlcheck.model import Scalar
    from mlcheck.model.dataset import Pixels
    from mlcheck.model.ladder import Estimator, Features, Task

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
    return of_network.depends(weights, "image")


def made(
    task: Task,
    *,
    seed: int,
    jobs: int = 1,  # noqa: ARG001
    weights: str | None = None,
    **parameters: Scalar,  # noqa: ARG001
) -> Estimator:
    """Return the estimator; raises MlcheckError for a folder that holds no weights that can be used."""
    network = image_network(task.goal, weights=of_network.own(weights, "image"), seed=seed)
    return OfNetwork(network, _pixels)


def _pixels(features: Features) -> Pixels:
    pixels = features.of("image")[0].pixels
    if pixels is None:
        raise ValueError("a column of images holds no pixels")
    return pixels
