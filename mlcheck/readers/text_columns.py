"""Tables printed with blanks between the columns, whose rows leave cells empty: only the place in the line tells which."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

CELL = re.compile(r"\S+(?: \S+)*")
TOKEN = re.compile(r"\S+")
EMPTY = "-"
MIN_COLUMNS = 3
MAX_HEAD = 1000


@dataclass(frozen=True, slots=True)
class Columns:
    """Where the columns of a table begin and end, by their number."""

    begins: Mapping[int, int]
    ends: Mapping[int, int]

    def filled(self, line: str) -> str:
        """Return a row with a mark in each empty cell; any other line as it is."""
        if not line[:MAX_HEAD].lstrip()[:1].isdigit() or len(line) > MAX_HEAD:
            return line
        cells = list(TOKEN.finditer(line))
        if len(cells) >= len(self.begins) or len(cells) < 2:
            return line
        places = [self.begins.get(c.start(), self.ends.get(c.end())) for c in cells]
        if None in places or len(set(places)) < len(places):
            return line
        row = [EMPTY] * len(self.begins)
        for place, cell in zip(places, cells, strict=True):
            if place is not None:
                row[place] = cell[0]
        return " ".join(row)


def columns(head: str) -> Columns | None:
    """Return the columns that a head line names, None where blanks do not tell them apart."""
    if len(head) > MAX_HEAD:
        return None
    cells = list(CELL.finditer(head))
    if len(cells) < MIN_COLUMNS:
        return None
    return Columns({c.start(): i for i, c in enumerate(cells)}, {c.end(): i for i, c in enumerate(cells)})
