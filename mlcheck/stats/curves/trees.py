"""Boosted regression trees as plain arrays: evaluated with NumPy alone, read from a file of numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    from mlcheck.model.common import Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trees:
    """A sum of trees (Friedman 2001, eq. 11). Arrays have shape (trees, nodes); node 0 is the root of each.

    A row goes left where its feature is at most the threshold; a missing one goes left where `missing_left` says so. In
    a leaf `feature` is -1 and `value` what it adds (elsewhere 0). `start` is added once.
    """

    start: float
    feature: npt.NDArray[np.int16]
    threshold: Floats
    left: npt.NDArray[np.int16]
    right: npt.NDArray[np.int16]
    missing_left: npt.NDArray[np.bool_]
    value: Floats

    def __call__(self, rows: Floats) -> Floats:
        """Return the sum for each row, shape (n,), of rows of shape (n, features); NaN is a missing feature."""
        tree = np.arange(len(self.feature))
        node = np.zeros((len(rows), len(tree)), dtype=np.int16)
        here = np.arange(len(rows))[:, None]
        while True:
            asked = self.feature[tree, node]
            if (asked < 0).all():
                return np.asarray(self.start + self.value[tree, node].sum(axis=1))
            seen = rows[here, np.maximum(asked, 0)]
            with np.errstate(invalid="ignore"):
                goes_left = np.where(
                    np.isnan(seen), self.missing_left[tree, node], seen <= self.threshold[tree, node]
                )
            below = np.where(goes_left, self.left[tree, node], self.right[tree, node])
            node = np.where(asked < 0, node, below)


def read(told: Mapping[str, Any], names: Sequence[str]) -> Trees:
    """Return the trees of a JSON object: `start`, and for each of `trees` its nodes in order, root first.

    A node is [value] (a leaf) or [feature name's number in `features`, threshold, left, right, missing goes left (0 or
    1)]. Raises ValueError where `features` are not `names`.
    """
    if list(told["features"]) != list(names):
        raise ValueError(f"expected trees on {list(names)}, found {told['features']}")
    size = (len(told["trees"]), max(len(nodes) for nodes in told["trees"]))
    feature = np.full(size, -1, dtype=np.int16)
    left, right = np.zeros(size, dtype=np.int16), np.zeros(size, dtype=np.int16)
    threshold, value, missing = np.zeros(size), np.zeros(size), np.zeros(size, dtype=np.bool_)
    for t, nodes in enumerate(told["trees"]):
        for i, node in enumerate(nodes):
            if len(node) == 1:
                value[t, i] = node[0]
            else:
                feature[t, i], threshold[t, i], left[t, i], right[t, i] = node[:4]
                missing[t, i] = bool(node[4])
    return Trees(
        start=float(told["start"]), feature=feature, threshold=threshold, left=left, right=right,
        missing_left=missing, value=value,
    )  # fmt: skip
