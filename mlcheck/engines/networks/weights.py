"""A local folder of trained weights: what it holds, told before any library opens it. Only safetensors are read.

Weights come from strangers: a pickle runs whatever code it holds when it is loaded, so none ever is, and no code that
lies beside the weights is run.
"""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from mlcheck.errors import MlcheckError

if TYPE_CHECKING:
    from collections.abc import Mapping

Kind: TypeAlias = Literal["image", "text"]
OPTION = "--weights"
PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle", ".joblib")
OTHERS = (".h5", ".msgpack", ".onnx", ".tflite", ".gguf")
TEXT = frozenset(
    (
        "albert", "bert", "camembert", "deberta", "deberta-v2", "distilbert", "electra", "ernie", "mobilebert",
        "modernbert", "mpnet", "roberta", "roberta-prelayernorm", "roformer", "xlm-roberta",
    )
)  # fmt: skip
"""`model_type` of the encoders of the BERT family that transformers builds by itself."""
IMAGE = frozenset(
    (
        "beit", "convnext", "convnextv2", "deit", "dinov2", "dinov2_with_registers", "efficientnet", "focalnet",
        "levit", "mobilenet_v1", "mobilenet_v2", "mobilevit", "mobilevitv2", "regnet", "resnet", "swin", "swinv2",
        "vit", "vit_mae", "vit_msn",
    )
)  # fmt: skip
MOST_CONFIG = 4 << 20
MOST_HEADER = 64 << 20
MOST_LAYERS = 200
"""Bounds of hostile files: bytes of a config and of the header of a weights file, layers that a config may ask for."""
ITEM = {"F64": 8, "F32": 4, "F16": 2, "BF16": 2, "I64": 8, "I32": 4, "I16": 2, "I8": 1, "U8": 1, "BOOL": 1}
SAVE = "safetensors.torch.save_file(model.state_dict(), 'model.safetensors')"


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """A folder with weights. `shapes` are those of all tensors by name; `model` is its `model_type`.

    `model` is "torchvision" for the state dict of a ResNet under torchvision's names, which needs no config.
    """

    folder: Path
    name: str
    kind: Kind
    model: str
    files: tuple[Path, ...]
    shapes: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    @property
    def numbers(self) -> int:
        """How many numbers the files hold."""
        return sum(math.prod(shape) for shape in self.shapes.values())


def opened(folder: str) -> Weights:
    """Return what a folder of weights holds; raises MlcheckError for what is missing, damaged or would run code."""
    top = Path(folder)
    name = top.name or top.resolve().name
    if not top.is_dir():
        raise MlcheckError(
            OPTION, f"expected a folder of weights, found {'a file' if top.exists() else 'nothing'} at {folder}",
            "name the folder that holds model.safetensors",
        )  # fmt: skip
    files = tuple(sorted(path for path in top.glob("*.safetensors") if path.is_file()))
    if not files:
        raise _nothing(top, name)
    shapes: dict[str, tuple[int, ...]] = {}
    for path in files:
        shapes |= _shapes(path, f"{name}/{path.name}")
    if "conv1.weight" in shapes and "layer1.0.conv1.weight" in shapes:
        return Weights(folder=top, name=name, kind="image", model="torchvision", files=files, shapes=shapes)
    model = _model(top, name)
    kind: Kind = "text" if model in TEXT else "image"
    return Weights(folder=top, name=name, kind=kind, model=model, files=files, shapes=shapes)


def digest(folder: str) -> str:
    """Return what changes with the content of a folder of weights: 16 hexadecimal digits."""
    weights = opened(folder)
    beside = [path for path in weights.folder.iterdir() if path.suffix in (".json", ".txt", ".model")]
    paths = sorted({*weights.files, *(path for path in beside if path.is_file())})
    return _digest(tuple((str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in paths))


@lru_cache(maxsize=8)
def _digest(files: tuple[tuple[str, int, int], ...]) -> str:
    total = hashlib.sha256()
    for path, size, _ in files:
        total.update(f"{Path(path).name} {size}\n".encode())
        with Path(path).open("rb") as file:
            total.update(hashlib.file_digest(file, "sha256").digest())
    return total.hexdigest()[:16]


def _nothing(top: Path, name: str) -> MlcheckError:
    """Return what to say of a folder without safetensors."""
    names = sorted(path.name for path in top.iterdir() if path.is_file())
    pickled = [found for found in names if found.lower().endswith(PICKLES)]
    if pickled:
        return MlcheckError(
            OPTION, f"expected {name}/model.safetensors, found {pickled[0]}: a pickle, which can run any code when it is loaded",
            f"where you trust it, save it as safetensors: model.save_pretrained(folder), or {SAVE}",
        )  # fmt: skip
    other = [found for found in names if found.lower().endswith(OTHERS)]
    if other:
        return MlcheckError(
            OPTION, f"expected {name}/model.safetensors, found {other[0]}, the weights of another library",
            "save the model by PyTorch as safetensors",
        )  # fmt: skip
    return MlcheckError(
        OPTION, f"expected {name}/model.safetensors, found none", "name the folder that holds it"
    )


def _shapes(path: Path, shown: str) -> dict[str, tuple[int, ...]]:
    """Return the shapes of the tensors of a file from its header; raises MlcheckError where file and header disagree."""
    whole = path.stat().st_size
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if whole < 8 or length > min(MOST_HEADER, whole - 8):
            raise MlcheckError(
                shown, "expected a safetensors file, found another or a cut one", "copy it again"
            )
        try:
            header = json.loads(file.read(length))
            told = {key: value for key, value in header.items() if key != "__metadata__"}
            shapes = {str(key): tuple(map(int, value["shape"])) for key, value in told.items()}
            ends = max((int(value["data_offsets"][1]) for value in told.values()), default=0)
            sizes = [math.prod(shapes[key]) * ITEM.get(value["dtype"], 1) for key, value in told.items()]
        except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError):
            raise MlcheckError(
                shown, "expected the header of a safetensors file, found a damaged one", "copy it again"
            ) from None
    if not shapes or ends > whole - 8 - length or sum(sizes) > whole:
        raise MlcheckError(
            shown, f"expected {ends + 8 + length:,} bytes, found {whole:,}: a cut file", "copy it again"
        )
    return shapes


def config(top: Path, name: str) -> dict[str, Any]:
    """Return config.json of a folder; raises MlcheckError where there is none that can be read."""
    return json_file(top / "config.json", f"{name}/config.json")


def json_file(path: Path, shown: str) -> dict[str, Any]:
    """Return the object in a JSON file; raises MlcheckError where there is none."""
    try:
        if path.stat().st_size > MOST_CONFIG:
            raise MlcheckError(shown, f"expected at most {MOST_CONFIG >> 20} MiB, found more")
        held = json.loads(path.read_bytes())
    except OSError:
        raise MlcheckError(
            shown, "expected the configuration beside the weights, found none",
            "keep the whole folder that save_pretrained wrote",
        ) from None  # fmt: skip
    except (ValueError, RecursionError):
        raise MlcheckError(shown, "expected JSON, found something else") from None
    if not isinstance(held, dict):
        raise MlcheckError(shown, f"expected an object, found {type(held).__name__}")
    return held


def _model(top: Path, name: str) -> str:
    """Return the `model_type` of a config, one that is known to be an encoder."""
    held = config(top, name)
    model = held.get("model_type")
    if not isinstance(model, str) or model not in TEXT | IMAGE:
        found = f"{str(model)[:40]!r}" if model else "none"
        raise MlcheckError(
            f"{name}/config.json", f"expected the model_type of an encoder, found {found}",
            "texts take the BERT family (bert, roberta, distilbert, mpnet, ...), images resnet, vit, convnext, ...",
        )  # fmt: skip
    layers = [held.get(key) for key in ("num_hidden_layers", "n_layers", "num_layers")]
    depths = [*layers, *(held.get("depths") or ())] if isinstance(held.get("depths"), list) else layers
    if any(isinstance(depth, int) and depth > MOST_LAYERS for depth in depths):
        raise MlcheckError(f"{name}/config.json", f"expected at most {MOST_LAYERS} layers, found more")
    return model
