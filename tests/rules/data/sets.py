"""Data sets made of columns, for the tests of the rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mlcheck.model import Finding, Skip
from mlcheck.model.dataset import Column, DataRead, Dataset, Measured

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mlcheck.model.dataset import Goal


def column(name: str, values: Any) -> Column:
    """Return numbers, texts of a few names as a category, or images as a column; `name: text` and `name: date` say so."""
    name, _, kind = name.partition(": ")
    array = np.asarray(values)
    if array.ndim == 4:
        return Column(name=name, kind="image", pixels=array.astype(np.uint8))
    if kind == "text":
        texts = np.empty(len(values), dtype=object)
        texts[:] = list(values)
        return Column(name=name, kind="text", texts=texts)
    if array.dtype.kind in "US":
        names, codes = np.unique(array, return_inverse=True)
        return Column(name=name, kind="category", codes=codes.astype(np.int32), names=tuple(map(str, names)))
    numbers = array.astype(np.float64)
    whole = bool((numbers[~np.isnan(numbers)] % 1 == 0).all())
    return Column(
        name=name,
        kind="date" if kind == "date" else "number",
        numbers=numbers,
        whole=whole and kind != "date",
    )


def dataset(values: Mapping[str, Any], **roles: Any) -> Dataset:
    """Return a data set; the target is a category or a number by its column."""
    columns = tuple(column(name, given) for name, given in values.items())
    target = roles.get("target")
    kinds = {c.name: c.kind for c in columns}
    goal: Goal | None = (
        None if target is None else "regression" if kinds.get(target) == "number" else "classification"
    )
    return Dataset(id="a", source="a.csv", reader="csv", columns=columns, goal=goal, **roles)


def pair(train: Mapping[str, Any], test: Mapping[str, Any] | None = None, **roles: Any) -> DataRead:
    """Return a train and a test set; what only one of them has is named as the reader does."""
    first = dataset(train, **roles)
    if test is None:
        return DataRead(train=first)
    plain = {name.partition(": ")[0] for name in test}
    here = {name.partition(": ")[0] for name in train}
    kept = {role: name for role, name in roles.items() if name in plain}
    return DataRead(
        train=first,
        test=dataset(test, **kept),
        train_only=tuple(sorted(here - plain)),
        test_only=tuple(sorted(plain - here)),
    )


def said(found: Iterable[Finding | Skip | Measured]) -> tuple[list[Finding], list[Skip], Measured | None]:
    """Return what a rule said by kind."""
    every = list(found)
    return (
        [x for x in every if isinstance(x, Finding)],
        [x for x in every if isinstance(x, Skip)],
        next((x for x in every if isinstance(x, Measured)), None),
    )
