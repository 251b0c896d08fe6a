"""What several rules ask of a data set: its target as classes or numbers, columns that are identifiers, names in a row."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from mlcheck.model.dataset import NAMED_ROWS
from mlcheck.stats.data.bins import levels

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mlcheck.model.common import Floats
    from mlcheck.model.dataset import Codes, Column, DataRead, Dataset, Ints

LEAST_ROWS = 20
"""Rows under which no statement about a distribution is tried."""
NO_TEST = "no test set was given (--test)"
NO_TARGET = "no target was named (--target)"
_ID_NAME = re.compile(
    r"(?:^|[_\W])(?:id|ids|idx|index|uuid|guid|row|rows|rownum|row_?number|key)$|^unnamed: ?0$", re.IGNORECASE
)
_ID_CAMEL = re.compile(r"[a-z](?:ID|Id|Idx|Index|UUID)$")


def known_target(dataset: Dataset) -> tuple[Ints, Codes | Floats] | None:
    """Return the rows whose target is known and their targets: classes from 0 up, or numbers; None without a target.

    Classes are codes (m,) of int32 of a `classification`, numbers are float64 (m,) of a `regression`.
    """
    if dataset.target is None or dataset.goal is None:
        return None
    column = dataset.column(dataset.target)
    if column.kind in ("text", "image") and dataset.goal == "regression":
        return None
    if dataset.goal == "regression" and column.numbers is not None:
        rows = np.flatnonzero(~np.isnan(column.numbers))
        return rows, column.numbers[rows]
    if column.kind == "image":
        return None
    codes, _ = levels(column)
    rows = np.flatnonzero(codes >= 0)
    return rows, codes[rows]


def is_identifier(column: Column, rows_in_all: int) -> bool:
    """Whether a column numbers or names its rows: its values hardly repeat, and are counted through or called an id.

    `rows_in_all` is the number of rows of train and test together, among which the numbers were dealt.
    """
    if column.kind == "number" and column.numbers is not None and column.whole:
        values = column.numbers[~np.isnan(column.numbers)]
        if len(values) < LEAST_ROWS or len(np.unique(values)) < 0.99 * len(values):
            return False
        dense = float(values.max() - values.min()) + 1 <= 1.5 * max(rows_in_all, len(values)) + 10
        return dense or called_identifier(column.name)
    if column.kind == "category" and column.codes is not None:
        present = column.codes[column.codes >= 0]
        return len(present) >= LEAST_ROWS and len(np.unique(present)) >= 0.99 * len(present)
    if column.kind == "text" and column.texts is not None and called_identifier(column.name):
        texts = [text for text in column.texts if text is not None]
        return len(texts) >= LEAST_ROWS and len(set(texts)) >= 0.99 * len(texts)
    return False


def called_identifier(name: str) -> bool:
    """Whether a name says that the column identifies rows, such as "id", "patient_id", "rowIndex" or "Unnamed: 0"."""
    return bool(_ID_NAME.search(name) or _ID_CAMEL.search(name))


def in_both(data: DataRead) -> tuple[Column, ...]:
    """Return the columns of train that the test set has too, all where there is no test set.

    A target, group or time that only train has is left out.
    """
    if data.test is None:
        return data.train.columns
    there = {column.name for column in data.test.columns}
    return tuple(column for column in data.train.columns if column.name in there)


def rows_in_all(train: Dataset, test: Dataset | None) -> int:
    """Return the rows of train and test together."""
    return len(train) + (len(test) if test is not None else 0)


def listed(names: Iterable[str], most: int = 3) -> str:
    """Return the first names in a row and how many more there are, for a sentence."""
    given = list(names)
    told = ", ".join(given[:most])
    return told if len(given) <= most else f"{told} and {len(given) - most} more"


def first_rows(rows: Ints) -> tuple[int, ...]:
    """Return the first rows as the evidence of a finding names them."""
    return tuple(int(row) for row in rows[:NAMED_ROWS])
