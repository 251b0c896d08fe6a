"""Rows whose inputs are equal and whose labels are not, and how many equal rows chance would make."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from mlcheck.stats.data.bins import levels

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from mlcheck.model.common import Floats
    from mlcheck.model.dataset import Codes, Column, Ints

    Bools = npt.NDArray[np.bool_]

LONG_TEXT = 4
"""Words from which two equal texts are no chance."""
_GAP = re.compile(r"[\W_]+")


class Equals(NamedTuple):
    """Rows (m,) that are equal to others in all columns, the group (m,) of each, and chance (m,).

    `chance` is how many pairs of rows with the very values of this one would be equal if the columns were independent.
    """

    rows: Ints
    group: npt.NDArray[np.int64]
    chance: Floats


def equals(columns: Sequence[Column]) -> Equals:
    """Return the rows that are equal to others in all columns; texts are compared without case, spaces and signs.

    Missing values are equal to each other; rows without any value are left out. Only rows that are still equal to others
    are looked at again, so that the cost is near that of sorting a few columns.
    """
    size = len(columns[0]) if columns else 0
    rows = (
        np.flatnonzero(~np.all([column.missing for column in columns], axis=0)) if columns else np.arange(0)
    )
    group = np.zeros(len(rows), dtype=np.int64)
    logs = np.full(size, 2 * np.log(max(size, 1)) - np.log(2))
    codes = [_codes(column) for column in columns]
    for level, column in sorted(
        zip(codes, columns, strict=True), key=lambda pair: -int(pair[0].max(initial=0))
    ):
        own = level[rows] + 1
        group = np.unique(group * (int(own.max(initial=0)) + 1) + own, return_inverse=True)[1]
        counts = np.bincount(level + 1)
        logs[rows] += 2 * np.log(counts[own] / max(size, 1))
        if column.kind == "image":
            logs[rows] = -np.inf
        elif column.texts is not None:
            long = np.array([len(_words(column.texts[row])) >= LONG_TEXT for row in rows], dtype=np.bool_)
            logs[rows[long]] = -np.inf
        repeated = np.bincount(group)[group] > 1
        rows, group = rows[repeated], group[repeated]
    return Equals(rows.astype(np.int64), group, np.exp(logs[rows]))


def conflicting(group: npt.NDArray[np.int64], classes: Codes) -> Bools:
    """Return which rows (m,) are in a group that holds more than one class."""
    if not len(group):
        return np.zeros(0, dtype=np.bool_)
    order = np.lexsort((classes, group))
    differs = (group[order][1:] == group[order][:-1]) & (classes[order][1:] != classes[order][:-1])
    mixed = np.zeros(int(group.max()) + 1, dtype=np.bool_)
    mixed[group[order][1:][differs]] = True
    return np.asarray(mixed[group])


def _words(text: str | None) -> list[str]:
    return [word for word in _GAP.split((text or "").casefold()) if word]


def _codes(column: Column) -> npt.NDArray[np.int64]:
    """Return a whole number for each row, the same for equal values, -1 where missing."""
    if column.texts is not None:
        texts = [None if text is None else " ".join(_words(text)) for text in column.texts]
    elif column.pixels is not None:
        texts = [image.tobytes() for image in np.ascontiguousarray(column.pixels)]
    else:
        return levels(column)[0].astype(np.int64)
    place: dict[object, int] = {}
    return np.array([-1 if t is None else place.setdefault(t, len(place)) for t in texts], dtype=np.int64)
