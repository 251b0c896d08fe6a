"""A table: named columns of one length, and the line of the file that each row stands on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlcheck.errors import MlcheckError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    import numpy.typing as npt

    from mlcheck.readers.cells import Column, Mask

MOST_NAMES, MOST_CELLS = 10_000, 1 << 26
"""Of rows that name their cells: more names than any log has, more cells than can be held."""


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Columns by name, each (n,); `lines` (n,) is where in the file each row stands, None where rows have no lines."""

    columns: Mapping[str, Column]
    lines: npt.NDArray[np.int64] | None = None

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()))) if self.columns else 0

    def rows(self, mask: Mask) -> Table:
        """Return the table with only the rows of the mask."""
        lines = None if self.lines is None else self.lines[mask]
        return Table({n: c.rows(mask) for n, c in self.columns.items()}, lines)

    def between(self, low: int, high: int) -> Table:
        """Return the table with its rows from `low` to before `high`."""
        lines = None if self.lines is None else self.lines[low:high]
        return Table({n: c.between(low, high) for n, c in self.columns.items()}, lines)

    def at(self, order: npt.NDArray[np.intp]) -> Table:
        """Return the table with its rows in another order."""
        lines = None if self.lines is None else self.lines[order]
        return Table({n: c.at(order) for n, c in self.columns.items()}, lines)

    def having(self, columns: Mapping[str, Column]) -> Table:
        """Return a table of other columns on the same rows."""
        return Table(columns, self.lines)


class TooWide(Exception):
    """Rows hold more names than any log has: `names` over `rows`."""

    def __init__(self, names: int, rows: int) -> None:
        super().__init__(names, rows)
        self.names = names
        self.rows = rows

    def told(self, where: str) -> MlcheckError:
        """Return what the user is told of the file."""
        found = f"{self.names:,} over {self.rows:,} rows"
        hint = "log fewer series, or split the file"
        return MlcheckError(
            where,
            f"expected at most {MOST_NAMES:,} names and {MOST_CELLS:,} cells in its rows, found {found}",
            hint,
        )
