"""Rows that belong together, numbered."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from mlcheck.model.predictions import Predictions


def clusters(predictions: Predictions) -> npt.NDArray[np.int32] | None:
    """Return the number of each row's cluster, 0..C-1 without gaps; a row without one is a cluster of its own."""
    if predictions.clusters is None:
        return None
    code = predictions.clusters.code.astype(np.int64)
    alone = code < 0
    code[alone] = code.max(initial=-1) + 1 + np.arange(np.count_nonzero(alone))
    return np.unique(code, return_inverse=True)[1].astype(np.int32).reshape(-1)
