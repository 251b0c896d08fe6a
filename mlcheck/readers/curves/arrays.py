"""The arrays that scikit-learn's `learning_curve` and `LearningCurveDisplay` hold, saved as JSON or NPZ.

`train_sizes` has shape (k,), `train_scores` and `test_scores` (k, repeats): each repeat becomes a row.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from mlcheck.errors import MlcheckError
from mlcheck.readers import search
from mlcheck.readers.datasets.raw import Table, of_numbers
from mlcheck.readers.predictions import arrays as numpy_files
from mlcheck.readers.source import Source

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

SIZES = ("train_sizes", "train_sizes_abs", "sizes", "n")
HELD_OUT = ("test_scores", "validation_scores", "val_scores", "valid_scores")
MOST_JSON = 64 << 20


def table(path: str, content: bytes | None) -> Table | None:
    """Return the curve as rows, None where the input holds no such arrays. Raises MlcheckError for broken ones."""
    source = _source(path, content)
    if source is None:
        return None
    if numpy_files.sniff(source):
        made = numpy_files.every(source, "array")
        return _rows(source, "npz", made) if _is_curve(made) else None
    if not source.is_text or source.head_text.lstrip("\ufeff \t\r\n")[:1] != "{" or source.size > MOST_JSON:
        return None
    try:
        told = json.loads(source.read_text())
    except ValueError:
        return None
    if not isinstance(told, dict) or not _is_curve(told):
        return None
    return _rows(source, "json", {k: _array(source, k, v) for k, v in told.items() if isinstance(v, list)})


def _source(path: str, content: bytes | None) -> Source | None:
    if content is not None:
        return Source(name="-", content=content)
    found = search.find([path], columns={})
    return found.sources[0] if len(found.sources) == 1 and not found.folders else None


def _is_curve(found: Mapping[str, Any]) -> bool:
    return any(name in found for name in SIZES) and any(name in found for name in HELD_OUT)


def _array(source: Source, name: str, value: list[Any]) -> npt.NDArray[np.float64]:
    try:
        return np.array(value, dtype=np.float64)
    except (ValueError, TypeError):
        raise MlcheckError(
            source.name, f"expected numbers of shape (sizes, repeats) in {name!r}, found other values or rows of different length",
            "save train_sizes, train_scores and test_scores as learning_curve returns them",
        ) from None  # fmt: skip


def _rows(source: Source, reader: str, found: Mapping[str, npt.NDArray[Any]]) -> Table:
    """Return a row for each size and repeat."""
    sizes = next(np.asarray(found[name], dtype=np.float64) for name in SIZES if name in found)
    held = next(name for name in HELD_OUT if name in found)
    scores = _block(source, held, found[held], len(sizes))
    repeats = scores.shape[1]
    columns = {
        "n": of_numbers(np.repeat(sizes, repeats)),
        "seed": of_numbers(np.tile(np.arange(repeats, dtype=np.float64), len(sizes))),
        "val_score": of_numbers(scores.ravel()),
    }
    if "train_scores" in found:
        train = _block(source, "train_scores", found["train_scores"], len(sizes))
        if train.shape == scores.shape:
            columns["train_score"] = of_numbers(train.ravel())
        else:
            columns["train_score"] = of_numbers(np.repeat(train.mean(axis=1), repeats))
    return Table(name=source.name, reader=reader, columns=columns, size=scores.size)


def _block(source: Source, name: str, value: npt.NDArray[Any], sizes: int) -> npt.NDArray[np.float64]:
    """Return scores as (sizes, repeats). Raises MlcheckError for another shape."""
    if value.dtype.kind not in "iuf" or value.ndim not in (1, 2) or len(value) != sizes or not value.size:
        raise MlcheckError(
            source.name, f"expected {name!r} of shape ({sizes}, repeats) for {sizes} sizes, found {value.shape}",
            "save train_sizes, train_scores and test_scores as learning_curve returns them",
        )  # fmt: skip
    return np.asarray(value, dtype=np.float64).reshape(sizes, -1)
