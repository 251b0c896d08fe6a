"""A trained encoder of images from a local folder: an image is the mean of what it says of all places."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from mlcheck.engines.networks import pretrained, session, training
from mlcheck.engines.networks import weights as folders
from mlcheck.errors import MlcheckError

if TYPE_CHECKING:
    import numpy.typing as npt

    from mlcheck.model.dataset import Pixels

IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
"""Mean and deviation of the colours, 0..1, that most encoders were trained with."""
USUAL, LEAST, MOST = 224, 16, 512
"""Pixels of a side that an encoder is given where its folder does not say, and the bounds of what it may say."""


def encoder(folder: str) -> ImageEncoder:
    """Return the encoder in a folder, loaded at the first image; raises MlcheckError where it holds none for images."""
    found = folders.opened(folder)
    if found.kind != "image":
        raise MlcheckError(
            folders.OPTION,
            f"expected an encoder of images in {found.name}, found {found.model}, one of texts",
        )
    return _encoder(folder, folders.digest(folder))


@lru_cache(maxsize=1)
def _encoder(folder: str, digest: str) -> ImageEncoder:  # noqa: ARG001  (another content is another encoder)
    return ImageEncoder(folders.opened(folder))


class ImageEncoder:
    """The frozen encoder of a folder; images are scaled to the size and the colours that it was trained with."""

    def __init__(self, found: folders.Weights) -> None:
        self._found = found
        self._model: Any = None
        self._size = USUAL
        self._colours: tuple[Any, Any] = IMAGENET
        self._memory = pretrained.Memory()

    @property
    def description(self) -> str:
        """What it is, from which folder, and once loaded its parameters."""
        model = "resnet" if self._found.model == "torchvision" else self._found.model
        size = (
            "" if self._model is None else f", {training.count(training.parameters(self._model))} parameters"
        )
        return f"{model} from {self._found.name}{size}"

    def embedded(self, rows: Pixels) -> npt.NDArray[np.float32]:
        """Return the mean over all places of each image, float32 (n, width)."""
        if self._model is None:
            self._load()
        with session.session(0):
            return self._memory.asked(((_key(image), image) for image in rows), self._say)

    def _say(self, image: Pixels) -> npt.NDArray[np.float32]:
        import torch
        from torch.nn import functional

        mean, deviation = (torch.tensor(part).view(1, 3, 1, 1) for part in self._colours)
        with torch.no_grad():
            given = torch.from_numpy(np.ascontiguousarray(image)).permute(2, 0, 1)[None].float() / 255.0
            given = functional.interpolate(given, (self._size, self._size), mode="bilinear", antialias=True)
            said = self._model((given - mean) / deviation)
            said = getattr(said, "last_hidden_state", said)[0]
            said = said.mean(dim=(1, 2)) if said.dim() == 3 else said.mean(dim=0)
        found: npt.NDArray[np.float32] = said.numpy().copy()
        return found

    def _load(self) -> None:
        if self._found.model != "torchvision":
            made = pretrained.model(self._found)
            size = getattr(made.config, "image_size", None)
            self._size = _side(size) or USUAL
        else:
            made = self._by_names()
        path = self._found.folder / "preprocessor_config.json"
        if path.is_file():
            self._prepared(folders.json_file(path, f"{self._found.name}/{path.name}"))
        self._model = made

    def _by_names(self) -> Any:
        """Return a ResNet from a state dict under torchvision's names."""
        session.require(self._found.name)
        with session.session(0):
            from safetensors.torch import load_file

            from mlcheck.engines.networks.torchvision_layers import backbone

            try:
                state = {key: value for path in self._found.files for key, value in load_file(path).items()}
                return backbone(state)
            except Exception as error:  # noqa: BLE001  (libraries raise what they like for broken files)
                raise MlcheckError(
                    self._found.name, f"expected the weights of a ResNet-18 to -152 under torchvision's names, found others: {pretrained.first_line(error)}",
                    f"save them whole: {folders.SAVE}",
                ) from None  # fmt: skip

    def _prepared(self, held: dict[str, Any]) -> None:
        """Take size and colours from what save_pretrained wrote of the preparation of images."""
        size = held.get("crop_size") or held.get("size")
        self._size = _side(size) or self._size
        mean, deviation = _three(held.get("image_mean")), _three(held.get("image_std"))
        if mean is not None and deviation is not None and min(deviation) > 0:
            self._colours = (mean, deviation)


def _key(image: Pixels) -> bytes:
    return hashlib.blake2b(image.tobytes(), key=str(image.shape).encode()).digest()


def _side(told: Any) -> int | None:
    """Return the pixels of a side from what a configuration says: a number, two, or a dictionary; None without sense."""
    if isinstance(told, dict):
        told = told.get("height") or told.get("shortest_edge")
    if isinstance(told, (list, tuple)) and told:
        told = told[0]
    return told if isinstance(told, int) and LEAST <= told <= MOST else None


def _three(told: Any) -> list[float] | None:
    """Return three numbers, None where a configuration says something else."""
    numbers = isinstance(told, list) and all(isinstance(value, (int, float)) for value in told)
    return [float(value) for value in told] if numbers and len(told) == 3 else None
