"""Where the cells of a table written as text begin and end: its header, what separates the cells, its rows."""

from __future__ import annotations

import csv
import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from mlcheck.readers import cells, roles

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from mlcheck.model import Event
    from mlcheck.readers.table import Table

BLANKS = {" ": re.compile(r"\s+"), "  ": re.compile(r"\s{2,}|\t")}
DELIMITERS = (",", ";", "\t", "|", *BLANKS)
LINE_END = re.compile(r"\r\r\n|\r\n|\n|\r")
TENSOR = re.compile(r"\btensor\(\s*([^,()\s]+)[^()]*(?:\([^()]*\)[^()]*)*\)")
RULED = re.compile(r"[\s|:+=-]*-[\s|:+=-]*")
LONGEST_CELL = 1 << 24
MANY_LINES = 50
"""A cell over more lines than this is not quoted text but a quotation mark that was never closed."""


class Rows(NamedTuple):
    """The cells of the rows, and the line of the file that each begins on."""

    cells: list[list[str]]
    lines: list[int]


class TextTable(NamedTuple):
    """A table as its text gives it: the header as written, the columns by their names, what is wrong with the file."""

    header: list[str]
    table: Table
    events: tuple[Event, ...]


def cut_lines(text: str) -> list[str]:
    """Cut the text into lines; a printed tensor has commas that separate nothing."""
    lines = LINE_END.split(text) if "\r" in text else text.split("\n")
    return [TENSOR.sub(r"\1", line) for line in lines] if "tensor(" in text else lines


def layout(lines: Sequence[str], *, cut: bool = False) -> tuple[int, str] | None:
    """Return the line of the header and what separates the cells, None where no mark fits.

    The header is the first line that is neither blank nor a comment, or a comment right above a row of numbers.
    """
    return _layout(tuple(lines), cut)


@lru_cache(maxsize=2)
def _layout(lines: tuple[str, ...], cut: bool) -> tuple[int, str] | None:
    """Do so once for a file that is looked at twice: when it is recognised and when it is read."""
    content = [
        i for i, line in enumerate(lines) if line.strip() and not line.lstrip("\ufeff ").startswith("#")
    ]
    if not content:
        return None
    first = content[0]
    sample = [lines[i] for i in content[: 24 if cut else 25]]
    comment = next((i for i in range(first - 1, -1, -1) if lines[i].strip()), None)
    if comment is not None:
        headed = [lines[comment].lstrip("\ufeff# "), *sample]
        mark = _delimiter(headed)
        if (
            mark
            and are_numbers(next(csv.reader([sample[0]], delimiter=mark[0])))
            and not headed[0].startswith("{")
        ):
            return comment, mark
    mark = _delimiter(sample)
    return (first, mark) if mark else None


def _delimiter(lines: Sequence[str]) -> str | None:
    """Return what separates the cells: the mark that cuts the first lines into the same number of cells, over 1.

    A single column of numbers under a telling name needs none. None where no mark fits.
    """
    best: tuple[float, str] | None = None
    for mark in DELIMITERS:
        if mark not in lines[0]:
            continue
        counts = [len(row) for row in cut_rows(lines, 0, mark).cells]
        if not counts:
            continue
        others = counts[:-1] or counts  # the last line may be cut
        width = max(dict.fromkeys(others), key=others.count)
        same = sum(abs(c - width) <= 1 for c in others) / len(others)
        if (
            min(width, counts[0]) > 1
            and same >= 0.8
            and (mark not in BLANKS or _is_spaced_table(lines, mark))
        ):
            best = max(best or (0.0, mark), (same + width / 1000, mark), key=lambda pair: pair[0])
    if best is None and roles.guess(lines[0]).role.quantity in ("loss", "metric"):
        numbers = [cells.number(line) for line in lines[1:]]
        return "," if numbers and all(n is not None for n in numbers) else None
    return best[1] if best else None


def _is_spaced_table(lines: Sequence[str], mark: str) -> bool:
    """Blanks separate cells only under known names and above numbers: prose has blanks, too."""
    rows = cut_rows(lines[:2], 0, mark).cells
    known = sum(roles.guess(n).role.quantity != "other" for n in rows[0])
    return (
        known >= 2
        and len(rows) > 1
        and are_numbers(rows[1][-len(rows[0]) :])
        and 0 <= len(rows[1]) - len(rows[0]) <= 1
    )


def cut_rows(lines: Sequence[str], first: int, delimiter: str) -> Rows:
    """Cut the lines from the header on into rows; comments, blank lines and ruled lines are left out."""
    body = [lines[first].lstrip("\ufeff# "), *lines[first + 1 :]]
    whole = "\n".join(body)  # what stands nowhere need not be looked for in every line
    if "#" in whole:
        body = ["" if line.startswith(("#", " #")) else line for line in body]
    if delimiter in BLANKS or delimiter == "|":
        body = ["" if RULED.fullmatch(line) else line.strip(" |\t") for line in body]
    if delimiter in BLANKS:
        return _numbered(list(map(BLANKS[delimiter].split, body)), first)
    if '"' in whole or "\0" in whole:
        return _quoted(body, first, delimiter)
    return _numbered([line.split(delimiter) for line in body], first)


def _numbered(found: list[list[str]], first: int) -> Rows:
    """Give each row its line; what has no cell is a blank line."""
    if all([row[0] for row in found]):  # noqa: C419  (a list is quicker than a generator)
        return Rows(found, list(range(first + 1, first + 1 + len(found))))
    rows, lines = [], []
    for line, row in enumerate(found, first + 1):
        if row[0] or any(cell.strip() for cell in row):
            rows.append(row)
            lines.append(line)
    return Rows(rows, lines)


def _quoted(body: Sequence[str], first: int, delimiter: str) -> Rows:
    """Cut lines with quoted cells. Where a quotation mark is never closed, marks are plain characters."""
    csv.field_size_limit(LONGEST_CELL)
    rows: list[list[str]] = []
    lines: list[int] = []
    reader = csv.reader(
        (line.replace("\0", "") + "\n" for line in body), delimiter=delimiter, skipinitialspace=True
    )
    line = 0
    try:
        for row in reader:
            if row and (row[0] or any(cell.strip() for cell in row)):
                rows.append(row)
                lines.append(first + line + 1)
            if reader.line_num - line > MANY_LINES:
                break
            line = reader.line_num
    except csv.Error:
        pass
    if line == len(body):
        return Rows(rows, lines)
    return _numbered([text.replace('"', "").split(delimiter) for text in body], first)


def are_numbers(row: Sequence[str]) -> bool:
    """Whether every cell that is not blank is a number, and there are cells."""
    return bool(row) and all(cells.number(cell) is not None for cell in row if cell.strip())


def is_header(header: Sequence[str], following: Sequence[Sequence[str]]) -> bool:
    """Whether a row holds names: no number among them, or texts above numbers."""
    if not any(cells.number(name) is not None for name in header):
        return any(header)
    if are_numbers(header) or not following:
        return False
    below = dict(zip(header, following[0], strict=False))
    return any(
        cells.number(name) is None and cells.number(cell) is not None
        for name, cell in below.items()
        if name and cell.strip()
    )


def unique(header: Iterable[str]) -> Iterator[str]:
    """Yield the names; one that stands again gets a number, so that no column is lost."""
    again: dict[str, int] = {}
    for name in header:
        found = name
        while found in again:
            again[name] += 1
            found = f"{name}.{again[name]}"
        again[found] = 1
        yield found
