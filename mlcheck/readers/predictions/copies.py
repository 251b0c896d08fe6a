"""Rows that are copies of another: by their identifier, else by all that the table says of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlcheck.readers.predictions import labels
from mlcheck.readers.predictions.frame import Column, Numbers

if TYPE_CHECKING:
    from mlcheck.readers.predictions.assigned import Assigned
    from mlcheck.readers.predictions.frame import Frame

MOST_ROWS = 2_000_000
MOST_COLUMNS = 64
BY_CHANCE = 0.05
"""Whole rows are compared where chance would make fewer than this share of a pair of equal ones."""


def count(made: Frame, roles: Assigned) -> int:
    """Return how many rows are copies of an earlier one; 0 where the columns are too few or coarse to tell."""
    if roles.id is not None:
        return labels.surplus(made.columns[roles.id])
    if made.size > MOST_ROWS or len(made.columns) > MOST_COLUMNS or made.size < 2:
        return 0
    plain = [
        column
        for column in made.columns.values()
        if not (isinstance(column, Numbers) and column.value.ndim > 1)
    ]
    if sum(_bits(column) for column in plain) < 2 * np.log2(made.size) - np.log2(BY_CHANCE) + 1:
        return 0
    return made.size - len(np.unique(_whole_rows(plain)))


def _bits(column: Column) -> float:
    """Return how much a cell tells, in bits: the entropy of its values, or more where they have many digits or letters."""
    names, code = labels.distinct(column)
    counts = np.bincount(code[code >= 0])
    share = counts[counts > 0] / max(counts.sum(), 1)
    entropy = float(-(share * np.log2(share)).sum()) if len(share) > 1 else 0.0
    if entropy < 0.5 * np.log2(max(len(code), 2)):
        return entropy
    if isinstance(column, Numbers):
        return max(entropy, 3.3 * _digits(column.value))
    return max(entropy, sum(map(len, names)) / max(len(names), 1))


def _digits(value: np.typing.NDArray[np.generic]) -> int:
    """Return how many decimals most numbers have, at most 12."""
    if value.dtype.kind != "f":
        return 0
    with np.errstate(invalid="ignore"):
        finite = value[np.abs(value) < 1e6].astype(np.float64)
    for digits in (4, 6, 9):
        if np.mean(np.isclose(finite, np.round(finite, digits), rtol=0, atol=10.0 ** -(digits + 3))) > 0.5:
            return digits
    return 12


def _whole_rows(columns: list[Column]) -> np.typing.NDArray[np.int64]:
    """Return a number for each row, the same for equal rows."""
    made = np.zeros(len(columns[0]), dtype=np.int64)
    for column in columns:
        _, code = labels.distinct(column)
        _, made = np.unique(made * (int(code.max(initial=0)) + 2) + code + 1, return_inverse=True)
    return made
