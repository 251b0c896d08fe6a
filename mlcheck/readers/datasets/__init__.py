"""Data sets with or without a test set: tables of any format and folders of images; `read_datasets` is the only door.

Row i of a data set is row i of its file (of a folder: of its images in the order of their paths). No row is left out;
those without a target are counted.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

import numpy as np

from mlcheck.errors import MlcheckError
from mlcheck.model.dataset import DataRead, Dataset
from mlcheck.readers.datasets import kinds, opening, probabilities, target
from mlcheck.readers.listing import listed
from mlcheck.readers.roles import guess

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mlcheck.model.dataset import Column, DataWanted, Goal
    from mlcheck.readers.datasets.raw import Table

__all__ = ["read_datasets"]
NO_TARGET = "without a target"
LOSS = re.compile(r"(?:\w+[ _])?loss\W*", re.IGNORECASE)
ROLES = ("target", "group", "time")


def read_datasets(wanted: DataWanted, *, stdin: Callable[[], bytes] | None = None) -> DataRead:
    """Read a data set and, where named, its test set, and find what their columns hold.

    Columns are in the order of the train set; kinds and codes are decided on both sets. A target, group or time that
    the test set lacks stays a column of the train set. With the goal of classification the target is a category.
    Raises MlcheckError, in one line, for what cannot be read or understood.
    """
    if wanted.test == "-" and wanted.train == "-":
        raise MlcheckError(
            "--test", "expected another file than the train set's, found '-' for both", "save one of them"
        )
    tables = [opening.table(text, stdin=stdin) for text in (wanted.train, wanted.test) if text is not None]
    if wanted.target is None:
        _refuse_log(tables[0])
    roles = _roles(wanted, tables)
    common = _common(tables)
    columns = _columns(tables, common, roles)
    try:
        goal = _goal(tables[0].name, columns, roles["target"], wanted.goal)
    except MlcheckError:
        if wanted.target is not None or target.is_plain(roles["target"] or ""):
            raise
        roles["target"], goal = None, None  # it was only guessed
    sets = [_dataset(made, found, roles, goal) for made, found in zip(tables, columns, strict=True)]
    train_only, test_only = _lonely(tables, common)
    return DataRead(
        train=sets[0],
        test=sets[1] if len(sets) > 1 else None,
        train_only=train_only,
        test_only=test_only,
        problems=tuple(problem for made in tables for problem in made.problems),
        digest=_digest(sets),
        probabilities=None
        if wanted.probabilities is None
        else probabilities.read(wanted.probabilities, sets[0]),
    )


def _refuse_log(table: Table) -> None:
    """Raise MlcheckError for what a training run wrote: losses by step or epoch, or lines of text that name a loss."""
    said = {name: guess(name).role.quantity for name in table.columns}
    losses = [name for name, quantity in said.items() if quantity == "loss"]
    counted = [name for name, quantity in said.items() if quantity in ("step", "epoch")]
    lines = [
        raw.words.names[0]
        for raw in table.columns.values()
        if raw.words is not None and len(raw.words.names) == 1 and LOSS.fullmatch(raw.words.names[0])
    ]
    if (losses and counted) or lines:
        told = listed([*counted, *losses] if losses and counted else lines, 3)
        raise MlcheckError(
            table.name, f"expected rows of a data set, found a log of training ({told})",
            f"try mlcheck diagnose {table.name}, or name the --target",
        )  # fmt: skip


def _roles(wanted: DataWanted, tables: Sequence[Table]) -> dict[str, str | None]:
    """Return the column of each role. Raises MlcheckError for a name that is none, or two roles of one column."""
    names = list(tables[0].columns)
    told = {"target": wanted.target, "group": wanted.group, "time": wanted.time}
    roles = {
        role: None if name is None else target.named(tables[0].name, f"--{role}", name, names)
        for role, name in told.items()
    }
    given = [name for name in roles.values() if name is not None]
    twice = next((name for name in given if given.count(name) > 1), None)
    if twice is not None:
        raise MlcheckError(
            "--target", f"expected different columns for target, group and time, found {twice!r} for two"
        )
    if roles["target"] is None:
        free = [name for name in names if name not in given]
        roles["target"] = target.found(free, list(tables[1].columns) if len(tables) > 1 else None)
    return roles


def _common(tables: Sequence[Table]) -> list[str]:
    """Return the columns that all tables have, in the order of the first. Raises MlcheckError where there are none."""
    names = [name for name in tables[0].columns if all(name in made.columns for made in tables)]
    if not names:
        first, second = (listed(made.columns, 4) for made in tables)
        raise MlcheckError(
            tables[1].name, f"expected columns of {tables[0].name} ({first}), found only others ({second})",
            "name the test set of this train set",
        )  # fmt: skip
    return names


def _lonely(tables: Sequence[Table], common: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the columns of the train set only and those of the test set only."""
    if len(tables) == 1:
        return (), ()
    first, second = (tuple(name for name in made.columns if name not in set(common)) for made in tables)
    return first, second


def _columns(
    tables: Sequence[Table], common: Sequence[str], roles: dict[str, str | None]
) -> list[dict[str, Column]]:
    """Return the columns of each table by name: those that all have, and in the first those with a role."""
    made: list[dict[str, Column]] = [{} for _ in tables]
    shared, kept = set(common), set(roles.values())
    for name in tables[0].columns:
        if name in shared:
            decided = kinds.decided(name, [table.columns[name] for table in tables])
        elif name in kept:
            decided = kinds.decided(name, [tables[0].columns[name]])
        else:
            continue
        for found, column in zip(made, decided, strict=False):
            found[name] = column
    return made


def _goal(
    where: str, columns: Sequence[dict[str, Column]], name: str | None, wanted: Goal | None
) -> Goal | None:
    """Return what the target asks for; labels of classes become categories in `columns`."""
    if name is None:
        return None
    goal = target.goal_of(where, columns[0][name], wanted)
    having = [found for found in columns if name in found]
    if goal == "classification":
        labels = kinds.as_labels(name, [found[name] for found in having])
        for found, column in zip(having, labels, strict=True):
            found[name] = column
    return goal


def _dataset(
    table: Table, columns: dict[str, Column], roles: dict[str, str | None], goal: Goal | None
) -> Dataset:
    held = {role: name if name in columns else None for role, name in roles.items()}
    label = held["target"]
    blank = int(np.count_nonzero(columns[label].missing)) if label is not None else 0
    return Dataset(
        id=_id(table.name), source=table.name, reader=table.reader, columns=tuple(columns.values()), **held,
        goal=goal if label is not None else None, dropped={NO_TARGET: blank} if blank else {},
    )  # fmt: skip


def _id(name: str) -> str:
    """Return the name without its suffixes."""
    stem = name.removesuffix(".gz")
    known = (*opening.TABLES, ".txt", ".data")
    return next((stem.removesuffix(suffix) for suffix in known if stem.endswith(suffix)), stem) or name


def _digest(sets: Sequence[Dataset]) -> str:
    """Return 12 hexadecimal digits of the SHA-256 of all columns: the same content gives the same digest."""
    made = hashlib.sha256()
    for part in sets:
        made.update(f"{len(part)} {part.target} {part.group} {part.time}\0".encode("utf-8", "surrogatepass"))
        for column in part.columns:
            told = f"{column.name}\0{column.kind}\0{column.names}\0{dict(column.odd)}\0"
            made.update(told.encode("utf-8", "surrogatepass"))
            for values in (column.numbers, column.codes, column.pixels):
                if values is not None:
                    made.update(np.ascontiguousarray(values).view(np.uint8).data)
            if column.texts is not None:
                made.update(repr(column.texts.tolist()).encode("utf-8", "surrogatepass"))
    return made.hexdigest()[:12]
