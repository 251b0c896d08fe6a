"""A model of transformers built from a local folder: offline, from safetensors only, no code from the folder run."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any

import numpy as np

from mlcheck.engines.networks import session
from mlcheck.errors import MlcheckError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import numpy.typing as npt

    from mlcheck.engines.networks.weights import Weights

SLACK = 1.1
"""What a model may hold beyond its file: tied weights and buffers are written once."""
KEPT_BYTES = 256 << 20
"""Memory of what was said of rows, kept so that other folds need not ask again."""


def model(weights: Weights) -> Any:
    """Return the encoder in a folder, in evaluation mode, float32; raises MlcheckError where config and weights disagree."""
    session.require(f"{weights.name} ({weights.model})", transformers=True)
    with session.session(0), session.silent_transformers():
        import torch
        from transformers import AutoConfig, AutoModel

        try:
            settings = AutoConfig.from_pretrained(
                weights.folder, local_files_only=True, trust_remote_code=False
            )
            with torch.device("meta"):
                sketch = AutoModel.from_config(settings, trust_remote_code=False)
            _of_one_size(weights, sketch)
            made, told = AutoModel.from_pretrained(
                weights.folder, config=settings, local_files_only=True, trust_remote_code=False,
                use_safetensors=True, dtype=torch.float32, output_loading_info=True,
            )  # fmt: skip
        except MlcheckError:
            raise
        except Exception as error:  # noqa: BLE001  (libraries raise what they like for a broken folder)
            raise unreadable(weights, error) from None
    lacking = sorted(key for key in told["missing_keys"] if "pooler" not in key)
    if lacking:
        raise MlcheckError(
            weights.name, f"expected all weights of {type(made).__name__}, found {len(lacking)} missing ({lacking[0]})",
            "is config.json that of these weights?",
        )  # fmt: skip
    return made.eval()


def _of_one_size(weights: Weights, sketch: Any) -> None:
    """Raise MlcheckError where a config asks for far more numbers than its files hold: memory is not taken for that."""
    wanted = sum(int(weight.numel()) for name, weight in sketch.named_parameters() if "pooler" not in name)
    if wanted > SLACK * weights.numbers:
        raise MlcheckError(
            weights.name, f"expected {wanted:,} numbers by config.json, found {weights.numbers:,}",
            "is config.json that of these weights?",
        )  # fmt: skip


def unreadable(weights: Weights, error: Exception) -> MlcheckError:
    """Return what to say of a folder that transformers cannot load, with the first line of why."""
    return MlcheckError(
        weights.name, f"expected a model that transformers can load, found: {first_line(error)}",
        "keep the whole folder that save_pretrained wrote",
    )  # fmt: skip


def first_line(error: Exception) -> str:
    """Return the first line of what a library says, 160 characters at most."""
    said = next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
    return said[:160]


class Memory:
    """What an encoder said of rows, the latest asked for up to a bound of memory. Rows are asked one by one.

    One by one, since the last bits of sums depend on what else is in a batch: so what is said of a row is the same
    whatever fold, order or process it is asked in.
    """

    def __init__(self) -> None:
        self._said: OrderedDict[bytes, npt.NDArray[np.float32]] = OrderedDict()
        self._bytes = 0

    def asked(
        self, rows: Iterable[tuple[bytes, Any]], say: Callable[[Any], npt.NDArray[np.float32]]
    ) -> npt.NDArray[np.float32]:
        """Return (n, width) for pairs of a digest and a row; `say` is called for the rows that are not remembered."""
        made = []
        for key, row in rows:
            found = self._said.get(key)
            if found is None:
                found = say(row)
                self._said[key] = found
                self._bytes += found.nbytes
                while self._bytes > KEPT_BYTES and len(self._said) > 1:
                    self._bytes -= self._said.popitem(last=False)[1].nbytes
            made.append(found)
        return np.stack(made)
