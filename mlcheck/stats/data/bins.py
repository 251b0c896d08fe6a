"""Columns as small whole numbers: classes of a target, levels of a feature, a sample of rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from mlcheck.model.common import Floats
    from mlcheck.model.dataset import Codes, Column, Ints


def sample(rows: int, most: int, seed: int = 0) -> Ints:
    """Return at most `most` of the row numbers 0..rows-1, ascending, drawn without replacement; all where they fit."""
    if rows <= most:
        return np.arange(rows)
    drawn = np.random.default_rng(seed).choice(rows, size=most, replace=False, shuffle=False)
    return np.sort(drawn).astype(np.int64)


def levels(column: Column, rows: Ints | None = None) -> tuple[Codes, int]:
    """Return the level of each row (n,), -1 where missing, and the number of levels: one for each distinct value.

    Raises ValueError for a column of images, which has no levels.
    """
    if column.codes is not None:
        codes = column.codes if rows is None else column.codes[rows]
        return codes, len(column.names)
    if column.numbers is not None:
        return of_numbers(column.numbers if rows is None else column.numbers[rows])
    if column.texts is not None:
        return _of_texts(list(column.texts if rows is None else column.texts[rows]))
    raise ValueError(f"column {column.name!r} has no levels")


def of_numbers(values: Floats) -> tuple[Codes, int]:
    """Return the rank of each value among the distinct ones (n,), -1 for NaN, and how many there are."""
    known = ~np.isnan(values)
    distinct, inverse = np.unique(values[known], return_inverse=True)
    codes = np.full(len(values), -1, dtype=np.int32)
    codes[known] = inverse
    return codes, len(distinct)


def _of_texts(texts: list[str | None]) -> tuple[Codes, int]:
    places = {text: place for place, text in enumerate(sorted({t for t in texts if t is not None}))}
    codes = np.array([-1 if text is None else places[text] for text in texts], dtype=np.int32)
    return codes, len(places)
