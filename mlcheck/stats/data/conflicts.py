"""Rows whose inputs are equal and whose labels are not, and how many equal rows chance would make."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from mlcheck.stats.data.bins import levels

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

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
    """Return the rows that are equal to others in all of some columns; texts are compared without case, spaces and signs.

    Missing values are equal to each other; rows without any value are left out. Only rows that are still equal to others
    are looked at again, so that the cost is near that of sorting a few columns.
    """
    rows = np.flatnonzero(~np.all([column.missing for column in columns], axis=0))
    group = np.zeros(len(rows), dtype=np.int64)
    for column in sorted(columns, key=_fewest_repeats_first):
        own = _codes(column, rows) + 1
        group = np.unique(group * (int(own.max(initial=0)) + 1) + own, return_inverse=True)[1]
        repeated = np.bincount(group)[group] > 1
        rows, group = rows[repeated], group[repeated]
    return Equals(rows.astype(np.int64), group, _chance(columns, rows))


def _fewest_repeats_first(column: Column) -> int:
    if column.kind == "number":
        return int(column.whole)
    return ("text", "image", "date", "category", "boolean").index(column.kind)


def _chance(columns: Sequence[Column], rows: npt.NDArray[np.int64]) -> Floats:
    """Return how many pairs of rows with the values of each of these rows independent columns would make."""
    if not len(rows):
        return np.zeros(0)
    every = np.arange(len(columns[0]))
    logs = np.full(len(rows), 2 * np.log(len(every)) - np.log(2))
    for column in columns:
        codes = _codes(column, every) + 1
        logs += 2 * np.log(np.bincount(codes)[codes[rows]] / len(every))
        if column.kind == "image":
            logs[:] = -np.inf
        elif column.texts is not None:
            long = [len(_words(column.texts[row])) >= LONG_TEXT for row in rows]
            logs[np.array(long, dtype=np.bool_)] = -np.inf
    return np.asarray(np.exp(logs))


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


def _codes(column: Column, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return a whole number for each of the rows, the same for equal values, -1 where missing."""
    values: Iterable[object]
    if column.texts is not None:
        values = (None if text is None else " ".join(_words(text)) for text in column.texts[rows])
    elif column.pixels is not None:
        values = (np.ascontiguousarray(column.pixels[row]).tobytes() for row in rows)
    else:
        return levels(column, rows)[0].astype(np.int64)
    place: dict[object, int] = {}
    return np.array([-1 if v is None else place.setdefault(v, len(place)) for v in values], dtype=np.int64)
