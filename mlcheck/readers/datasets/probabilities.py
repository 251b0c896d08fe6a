"""Probabilities that a model gave to the rows of a data set, saved by NumPy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlcheck.errors import MlcheckError

if TYPE_CHECKING:
    from mlcheck.model import Floats
    from mlcheck.model.dataset import Dataset

HINT = "save numpy.save(file, probabilities) of shape (rows, classes), classes in sorted order"
ROUNDING = 1e-3


def read(path: str, data: Dataset) -> Floats:
    """Return the probabilities (n, classes) in a .npy file, for the rows and the classes of the data set's target.

    Raises MlcheckError for a file that cannot be read without running code, of another shape, or that holds none.
    """
    name = path.rpartition("/")[2]
    if data.target is None or data.goal != "classification":
        raise MlcheckError(
            "--probabilities", "expected a target with classes, found none", "name it: --target COL"
        )
    try:
        found = np.load(path, allow_pickle=False)
    except OSError as error:
        raise MlcheckError(
            name, f"expected a readable file, found: {error.strerror or error}", "check the path"
        ) from None
    except (ValueError, EOFError, MemoryError) as error:
        raise MlcheckError(
            name, f"expected an array of numbers saved by NumPy, found: {str(error)[:100]}", HINT
        ) from None
    classes = len(data.column(data.target).names)
    if not isinstance(found, np.ndarray) or found.ndim != 2 or found.shape != (len(data), classes):
        shape = found.shape if isinstance(found, np.ndarray) else "several arrays"
        raise MlcheckError(name, f"expected shape ({len(data)}, {classes}), found {shape}", HINT)
    if found.dtype.kind not in "fiu":
        raise MlcheckError(name, f"expected numbers, found {found.dtype}", HINT)
    made = found.astype(np.float64)
    bad = ~np.isfinite(made).all(axis=1) | (made < -ROUNDING).any(axis=1)
    bad |= np.abs(made.sum(axis=1) - 1) > max(ROUNDING, 1e-4 * classes)
    if bad.any():
        raise MlcheckError(
            name,
            f"expected rows of probabilities that add to 1, found {int(bad.sum()):,} others, the first in row {int(np.argmax(bad))}",
            "give out-of-sample probabilities, not logits",
        )
    return np.clip(made, 0, 1)
