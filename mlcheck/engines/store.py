"""What rungs predicted, kept by content: a second call computes only what is new.

A file for each fold, JSON with its arrays as zlib-compressed base64: nothing in it is ever run. A file that is not
whole, or not of this version, is not there.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mlcheck.engines import whole
from mlcheck.model.ladder import Predicted

if TYPE_CHECKING:
    from collections.abc import Mapping

FORMAT = 1
ARRAYS = ("labels", "probabilities", "numbers")
TYPES = {"labels": "<i4", "probabilities": "<f8", "numbers": "<f8"}
MOST_NUMBERS = 50_000_000
"""Numbers of one fold beyond which it is not kept: 400 MB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """A folder of kept predictions; None keeps nothing. `versions` are those of the libraries behind them."""

    folder: str | None
    versions: Mapping[str, str]

    def key(self, **content: object) -> str:
        """Return the name of what depends on `content` and the versions: the same content has the same name."""
        text = json.dumps({"format": FORMAT, **self.versions, **content}, sort_keys=True, default=str)
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:40]

    def get(self, key: str) -> Predicted | None:
        """Return what is kept under a key, None where there is nothing (readable)."""
        if self.folder is None:
            return None
        try:
            held = json.loads(self._path(key).read_text(encoding="ascii"))
            return _predicted(held) if held["format"] == FORMAT else None
        except (OSError, ValueError, KeyError, TypeError, zlib.error):
            return None

    def put(self, key: str, made: Predicted) -> None:
        """Keep a result, whole or not at all; a folder that cannot be written keeps nothing."""
        size = sum(getattr(made, name).size for name in ARRAYS if getattr(made, name) is not None)
        if self.folder is None or size > MOST_NUMBERS:
            return
        path = self._path(key)
        with contextlib.suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            whole.write(path, json.dumps({"format": FORMAT, **_told(made)}))

    def _path(self, key: str) -> Path:
        return Path(self.folder or "", "baseline", key[:2], f"{key}.json")


def _told(made: Predicted) -> dict[str, object]:
    told: dict[str, object] = {"seconds": made.seconds, "told": made.told}
    for name in ARRAYS:
        value = getattr(made, name)
        if value is not None:
            raw = np.ascontiguousarray(value, dtype=TYPES[name])
            packed = base64.b64encode(zlib.compress(raw.tobytes(), 1)).decode("ascii")
            told[name] = {"shape": raw.shape, "data": packed}
    if made.train is not None:
        told["train"] = _told(made.train)
    return told


def _predicted(held: Mapping[str, Any]) -> Predicted:
    arrays = {}
    for name in ARRAYS:
        if name in held:
            raw = zlib.decompress(base64.b64decode(held[name]["data"]))
            arrays[name] = np.frombuffer(raw, dtype=TYPES[name]).reshape(held[name]["shape"])
    train = _predicted(held["train"]) if held.get("train") else None
    return Predicted(seconds=held["seconds"], told=str(held["told"]), train=train, **arrays)
