"""A data set as commands see it: typed columns of one length, the target among them, and a test set beside it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlcheck.model.common import Floats, Scalar
    from mlcheck.model.report import Problem

Kind: TypeAlias = Literal["number", "boolean", "category", "date", "text", "image"]
Goal: TypeAlias = Literal["classification", "regression"]
Ints: TypeAlias = npt.NDArray[np.int64]
Codes: TypeAlias = npt.NDArray[np.int32]
Texts: TypeAlias = npt.NDArray[np.object_]
Pixels: TypeAlias = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Column:
    """One column of n rows. Exactly one of `numbers`, `codes`, `texts` and `pixels` is given, by `kind`.

    number, boolean, date: `numbers` float64 (n,), NaN where missing (boolean 0 or 1; date in seconds since 1970, UTC).
    category: `codes` int32 (n,) into `names`, -1 where missing; the names are sorted as text, or by value where all
    are numbers. text: `texts` object (n,) of str, None where missing. image: `pixels` uint8 (n, height, width, 3), all
    of one size. `whole` says that every number is an integer as it was written. `odd` counts the cells of other
    writing than the rest, by their text ("N/A" in a column of numbers; they count as missing), and `odd_rows` are
    their rows.
    """

    name: str
    kind: Kind
    numbers: Floats | None = None
    codes: Codes | None = None
    names: tuple[str, ...] = ()
    texts: Texts | None = None
    pixels: Pixels | None = None
    whole: bool = False
    odd: Mapping[str, int] = field(default_factory=dict)
    odd_rows: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self._values)

    @property
    def missing(self) -> npt.NDArray[np.bool_]:
        """Which rows have no value, shape (n,)."""
        if self.numbers is not None:
            return np.isnan(self.numbers)
        if self.codes is not None:
            return np.asarray(self.codes < 0)
        if self.texts is not None:
            return np.array([text is None for text in self.texts], dtype=np.bool_)
        return np.zeros(len(self), dtype=np.bool_)

    @property
    def _values(self) -> npt.NDArray[np.generic]:
        for values in (self.numbers, self.codes, self.texts, self.pixels):
            if values is not None:
                return values
        raise ValueError(f"column {self.name!r} holds no values")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Dataset:
    """The rows of one file or folder, in their order.

    `columns` holds every column, the target, group and time too. `target`, `group` and `time` are names of columns
    or None. `goal` is what the target asks for, None without one. `dropped` counts rows left out, by reason.
    """

    id: str
    source: str
    reader: str
    columns: tuple[Column, ...]
    target: str | None = None
    group: str | None = None
    time: str | None = None
    goal: Goal | None = None
    dropped: Mapping[str, int] = field(default_factory=dict)

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.columns[0]) if self.columns else 0

    def column(self, name: str) -> Column:
        """Return the column of that name; raises KeyError where there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    @property
    def features(self) -> tuple[Column, ...]:
        """The columns that a model may learn from: all but target, group and time."""
        kept = (self.target, self.group, self.time)
        return tuple(column for column in self.columns if column.name not in kept)


@dataclass(frozen=True, slots=True, kw_only=True)
class DataWanted:
    """What the user asked to read: where the rows are and what the columns are. None and () mean: find out."""

    train: str
    test: str | None = None
    target: str | None = None
    group: str | None = None
    time: str | None = None
    goal: Goal | None = None
    probabilities: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DataRead:
    """A data set and, where given, its test set: the same columns in the same order, of the same kinds and codes.

    Columns that only one of the two has are named in `train_only` and `test_only` and left out. `problems` are inputs
    (such as single images) that could not be read while the rest could. `digest` changes with the content.
    `probabilities` are those that a model gave the training rows out of sample, shape (n, classes), where given.
    """

    train: Dataset
    test: Dataset | None = None
    train_only: tuple[str, ...] = ()
    test_only: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    digest: str = ""
    probabilities: Floats | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Measured:
    """What a check of the data measured, whether or not it found something.

    `numbers` is told under the check's name. `rows` (of the train set) and `test_rows` are all that it names, worst
    first, zero-based, with `score` (larger is worse) for each of `rows` where the check ranks them.
    """

    numbers: Mapping[str, Scalar]
    rows: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    test_rows: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    score: Floats | None = None


NAMED_ROWS = 20
"""Rows that the evidence of a finding names at most."""
