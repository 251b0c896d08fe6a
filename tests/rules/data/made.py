"""Data sets made in tests, as a command reads them."""

from __future__ import annotations

import numpy as np

from mlcheck.model.dataset import Column, DataRead, Dataset


def columns(table: np.ndarray) -> list[Column]:
    """Return numbers (n, p) as columns x0, x1, ..."""
    return [
        Column(name=f"x{i}", kind="number", numbers=np.ascontiguousarray(table[:, i], dtype=np.float64))
        for i in range(table.shape[1])
    ]


def labels(classes: np.ndarray, name: str = "y") -> Column:
    """Return classes 0, 1, ... (-1 missing) as the column of a target."""
    names = tuple(f"c{one:02d}" for one in range(int(classes.max()) + 1))
    return Column(name=name, kind="category", codes=classes.astype(np.int32), names=names)


def dataset(made: list[Column], name: str = "train") -> Dataset:
    """Return columns with the target y as a data set."""
    return Dataset(
        id=name, source=f"{name}.csv", reader="csv", columns=tuple(made), target="y", goal="classification"
    )


def read(table: np.ndarray, classes: np.ndarray, *more: Column) -> DataRead:
    """Return numbers and classes as a data set without a test set."""
    return DataRead(train=dataset([*columns(table), *more, labels(classes)]))
