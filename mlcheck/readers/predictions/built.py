"""What builders of contents take and give: the columns with their roles; the content, and which rows it holds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from mlcheck.errors import MlcheckError
from mlcheck.readers.predictions import frame
from mlcheck.readers.predictions.frame import Column, Frame, Numbers, Words

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from mlcheck.model.predictions import Content
    from mlcheck.readers.cells import Mask
    from mlcheck.readers.predictions.assigned import Assigned

MOSTLY = 0.5
"""Share of a column's cells that must be numbers where numbers are expected."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rows:
    """The columns of a table with their roles; `where` names the file in messages."""

    where: str
    frame: Frame
    roles: Assigned

    def column(self, name: str) -> Column:
        """Return a column."""
        return self.frame.columns[name]

    def numbers(self, name: str) -> npt.NDArray[Any]:
        """Return a column of numbers, NaN where a cell is none. Raises MlcheckError where most cells are not."""
        column = self.column(name)
        if isinstance(column, Numbers):
            return column.value
        if isinstance(column, Words) and column.names:
            value = spelled_numbers(column)
            wrong = int(np.count_nonzero(np.isnan(value) & ~column.blank))
            if wrong <= MOSTLY * np.count_nonzero(~column.blank):
                return value
        found = repr(column.names[0]) if isinstance(column, Words) and column.names else "other things"
        raise MlcheckError(self.where, f"expected numbers in {name!r}, found {found}", "name another column")


def spelled_numbers(column: Words) -> npt.NDArray[np.float64]:
    """Return the numbers that words spell, NaN where they spell none; percentages, where all are, as shares."""
    from mlcheck.readers import cells

    if column.names and all(name.endswith("%") for name in column.names):
        found = [frame.number(name[:-1]) for name in column.names]
        return np.array([*(np.nan if v is None else v / 100 for v in found), np.nan])[column.code]
    if {name.casefold() for name in column.names} <= {"true", "false"}:
        return np.array([*(float(name.casefold() == "true") for name in column.names), np.nan])[column.code]
    found = [cells.number(name) for name in column.names]
    return np.array([*(np.nan if v is None else v for v in found), np.nan])[column.code]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Built:
    """A content, the rows of the table that it holds (None: all), what was left out by reason, what was guessed.

    `unscaled` says that scores have no known scale. `rows` counts what is judged where that is not the rows of the table
    (queries, texts), and `keys` identify it.
    """

    content: Content
    kept: Mask | None = None
    dropped: Mapping[str, int] = field(default_factory=dict)
    doubts: tuple[str, ...] = ()
    unscaled: bool = False
    rows: int | None = None
    keys: npt.NDArray[np.generic] | None = None


@dataclass(slots=True, eq=False)
class Keeping:
    """Which rows are kept; a row is left out for the first reason that is found."""

    size: int
    kept: Mask | None = None
    dropped: dict[str, int] = field(default_factory=dict)

    def leave_out(self, bad: Any, reason: str) -> None:
        """Leave out the rows of a mask."""
        if not bad.any():
            return
        before = np.ones(self.size, dtype=np.bool_) if self.kept is None else self.kept
        new = bad & before
        if new.any():
            self.dropped[reason] = self.dropped.get(reason, 0) + int(np.count_nonzero(new))
            self.kept = before & ~bad

    def demand(self, where: str) -> None:
        """Raise MlcheckError where no row is left."""
        if not self.size:
            raise MlcheckError(
                where,
                "expected rows with truth and prediction, found no row",
                "did the evaluation write anything?",
            )
        if self.kept is not None and not self.kept.any():
            why = ", ".join(
                f"{'all ' * (len(self.dropped) == 1)}{n:,} {reason}" for reason, n in self.dropped.items()
            )
            raise MlcheckError(
                where, f"expected rows with truth and prediction, found {why}", "name other columns"
            )

    def of(self, value: Any) -> Any:
        """Return the kept rows of an array."""
        return value if self.kept is None else value[self.kept]
