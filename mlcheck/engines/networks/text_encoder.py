"""A trained encoder of the BERT family from a local folder: a text is the mean of what it says of the words."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from mlcheck.engines.networks import pretrained, session, training
from mlcheck.engines.networks import weights as folders
from mlcheck.errors import MlcheckError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import numpy.typing as npt

LONGEST = 256
"""Tokens of a text that are read at most."""
MOST_CHARACTERS = 20_000
"""Characters of a text that the tokenizer is given."""


def encoder(folder: str) -> TextEncoder:
    """Return the encoder in a folder, loaded at the first text; raises MlcheckError where it holds none for texts."""
    found = folders.opened(folder)
    if found.kind != "text":
        raise MlcheckError(
            folders.OPTION, f"expected an encoder of texts (the BERT family) in {found.name}, found {found.model}, one of images"
        )  # fmt: skip
    return _encoder(folder, folders.digest(folder))


@lru_cache(maxsize=1)
def _encoder(folder: str, digest: str) -> TextEncoder:  # noqa: ARG001  (another content is another encoder)
    return TextEncoder(folders.opened(folder))


class TextEncoder:
    """The frozen encoder of a folder."""

    def __init__(self, found: folders.Weights) -> None:
        self._found = found
        self._model: Any = None
        self._tokenizer: Any = None
        self._longest = LONGEST
        self._memory = pretrained.Memory()

    @property
    def description(self) -> str:
        """What it is, from which folder, and once loaded its parameters."""
        size = (
            "" if self._model is None else f", {training.count(training.parameters(self._model))} parameters"
        )
        return f"{self._found.model} from {self._found.name}{size}"

    def embedded(self, rows: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return the mean over the tokens of each text, float32 (n, width)."""
        if self._model is None:
            self._load()
        with session.session(0), session.silent_transformers():
            keyed = ((hashlib.blake2b(text.encode("utf-8", "replace")).digest(), text) for text in rows)
            return self._memory.asked(keyed, self._say)

    def _say(self, text: str) -> npt.NDArray[np.float32]:
        import torch

        with torch.no_grad():
            tokens = self._tokenizer(
                text[:MOST_CHARACTERS], truncation=True, max_length=self._longest, return_tensors="pt"
            )
            said = self._model(**tokens).last_hidden_state[0].mean(dim=0)
        found: npt.NDArray[np.float32] = said.numpy().copy()
        return found

    def _load(self) -> None:
        made = pretrained.model(self._found)
        self._tokenizer = self._words()
        positions = int(getattr(made.config, "max_position_embeddings", LONGEST) or LONGEST)
        offset = 2 if "roberta" in self._found.model or self._found.model == "camembert" else 0
        self._longest = max(8, min(LONGEST, positions - offset))
        if len(self._tokenizer) > made.get_input_embeddings().weight.shape[0]:
            raise MlcheckError(
                self._found.name, f"expected the tokenizer of these weights, found one of {len(self._tokenizer):,} tokens for"
                f" {made.get_input_embeddings().weight.shape[0]:,}", "keep the files that were saved together",
            )  # fmt: skip
        self._model = made

    def _words(self) -> Any:
        names = (
            "tokenizer.json",
            "vocab.txt",
            "vocab.json",
            "sentencepiece.bpe.model",
            "spiece.model",
            "spm.model",
        )
        if not any((self._found.folder / name).is_file() for name in names):
            raise MlcheckError(
                self._found.name, "expected the tokenizer beside the weights (tokenizer.json or vocab.txt), found none",
                "save it there: tokenizer.save_pretrained(folder)",
            )  # fmt: skip
        with session.session(0), session.silent_transformers():
            from transformers import AutoTokenizer

            try:
                return AutoTokenizer.from_pretrained(
                    self._found.folder, local_files_only=True, trust_remote_code=False
                )
            except Exception as error:  # noqa: BLE001  (libraries raise what they like for a broken folder)
                raise pretrained.unreadable(self._found, error) from None
