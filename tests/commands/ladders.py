"""Data sets whose answer is known, in memory, for tests of the ladder."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from mlcheck.commands import baseline as core
from mlcheck.config import Settings
from mlcheck.model.baseline import Asked
from mlcheck.model.dataset import Column, DataRead, Dataset

if TYPE_CHECKING:
    from mlcheck.model import Floats, Report
    from mlcheck.model.dataset import Goal

CORE = ("random", "constant", "linear", "simple-nn", "boosting")


def number(name: str, values: Floats) -> Column:
    """Return a column of numbers."""
    return Column(name=name, kind="number", numbers=np.asarray(values, dtype=np.float64))


def classes(name: str, codes: object, labels: tuple[str, ...] = ("no", "yes")) -> Column:
    """Return a column of categories."""
    return Column(name=name, kind="category", codes=np.asarray(codes, dtype=np.int32), names=labels)


def of(*columns: Column, target: str = "y", group: str | None = None, time: str | None = None) -> Dataset:
    """Return a data set whose target is a class where it is a category."""
    kind = next(c.kind for c in columns if c.name == target)
    goal: Goal = "classification" if kind == "category" else "regression"
    return Dataset(
        id="d", source="d.csv", reader="csv", columns=columns, target=target, group=group, time=time, goal=goal
    )  # fmt: skip


def read(train: Dataset, test: Dataset | None = None) -> DataRead:
    """Return what reading gives, with a digest of the values."""
    made = hashlib.sha256()
    for part in (train, test):
        for column in part.columns if part is not None else ():
            held = (column.numbers, column.codes, column.texts)
            made.update(repr([None if values is None else values.tolist() for values in held]).encode())
    return DataRead(train=train, test=test, digest=made.hexdigest())


def linear(rows: int, seed: int = 0, *, regression: bool = False) -> Dataset:
    """Return rows whose target is a sum of columns and noise."""
    random = np.random.default_rng(seed)
    x = random.normal(size=(rows, 4))
    total = x @ np.array([2.0, -1.5, 1.0, 0.0]) + random.normal(size=rows)
    y = number("y", total) if regression else classes("y", total > 0)
    return of(*(number(f"x{i}", x[:, i]) for i in range(4)), y)


def exclusive_or(rows: int, seed: int = 0) -> Dataset:
    """Return rows whose class is whether two signs differ: no line tells it."""
    x = np.random.default_rng(seed).uniform(-1, 1, size=(rows, 2))
    return of(number("a", x[:, 0]), number("b", x[:, 1]), classes("y", x[:, 0] * x[:, 1] > 0))


def noise(rows: int, seed: int = 0) -> Dataset:
    """Return rows whose columns tell nothing."""
    random = np.random.default_rng(seed)
    return of(
        *(number(f"x{i}", random.normal(size=rows)) for i in range(3)),
        classes("y", random.random(rows) < 0.5),
    )


def leaked(rows: int, seed: int = 0) -> Dataset:
    """Return rows of which one column is the target again."""
    random = np.random.default_rng(seed)
    y = random.random(rows) < 0.5
    return of(
        number("x", random.normal(size=rows)),
        number("z", 3.0 * y + 0.01 * random.normal(size=rows)),
        classes("y", y),
    )


def climbed(
    data: DataRead | Dataset, settings: Settings | None = None, cache: str | None = None, **asked: object
) -> Report:
    """Return the report on a data set, fitted in this process."""
    found = read(data) if isinstance(data, Dataset) else data
    options = replace(Asked(rungs=CORE), **asked)  # type: ignore[arg-type]  # options of Asked
    return core.baseline(found, options, settings or Settings(jobs=1), cache=cache)
