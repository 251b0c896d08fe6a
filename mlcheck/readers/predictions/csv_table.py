"""Tables as text: with or without a row of names; small ones cell by cell, large ones in pieces by pandas."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlcheck.errors import MlcheckError, NothingToRead
from mlcheck.readers import cells, csv_layout
from mlcheck.readers.predictions import frame, names
from mlcheck.readers.predictions.frame import Frame

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mlcheck.readers.source import Source

DELIMITERS = (",", "\t", ";", "|")
MOST_COLUMNS = 20_000
MOST_CELLS = 50_000_000
SAMPLE_ROWS = 200
WHITESPACE = re.compile(r"[ \t]+")
LONGEST_CELL = 1 << 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How the text is cut: `delimiter` ("" where each line is one cell, " " for blanks), `header` or None without one.

    `skip` lines stand above the header (or above the first row).
    """

    delimiter: str
    header: tuple[str, ...] | None
    width: int
    skip: int = 0


def layout(source: Source) -> Layout:
    """Return how the file is cut, by its first lines. Raises NothingToRead for an empty file or one that is no table."""
    lines = source.head_text.lstrip("\ufeff").splitlines()
    if len(lines) > 2 and not (source.whole and source.head_text.endswith(("\n", "\r"))):
        lines = lines[:-1]  # it may be cut
    skip = next((i for i, line in enumerate(lines) if line.strip() and not line.startswith("#")), None)
    if skip is None:
        raise NothingToRead(
            source.name,
            "expected a table of predictions, found an empty file",
            "did the evaluation write anything?",
        )
    lines = lines[skip:][:SAMPLE_ROWS]
    delimiter = _delimiter(lines)
    rows = list(cut(lines, delimiter))
    header = _header(rows)
    width = len(header or rows[0])
    if width > MOST_COLUMNS:
        raise MlcheckError(
            source.name,
            f"expected at most {MOST_COLUMNS:,} columns, found {width:,}",
            "name a table of predictions",
        )
    return Layout(delimiter=delimiter, header=header, width=width, skip=skip)


def _delimiter(lines: Sequence[str]) -> str:
    """Return the mark that cuts most lines into the same number of cells, over one; "" where none does."""
    best: tuple[float, int, str] = (0.0, 0, "")
    for rank, mark in enumerate((*DELIMITERS, " ")):
        if mark not in lines[0].strip():
            continue
        widths = [len(row) for row in cut(lines, mark)]
        width = max(dict.fromkeys(widths[1:]), key=widths[1:].count) if len(widths) > 1 else sum(widths)
        if width < 2 or widths[0] not in (width, width - 1) or (mark == " " and best[2]):
            continue
        same = sum(found == width for found in (width, *widths[1:])) / len(widths)
        if same >= (0.8 if mark != " " else 1.0) and (mark != " " or _spaced(lines)):
            best = max(best, (round(same, 1) + (mark == "\t") / 100, -rank, mark))
    return best[2] or _of_header(lines[0])


def _of_header(line: str) -> str:
    """Return the mark between names that say what columns are, where the rows below are not as wide; else ""."""
    for mark in DELIMITERS:
        first = next(cut([line], mark), [])
        if len(first) > 1 and sum(bool(names.guess(cell).role) for cell in first) > 1:
            return mark
    return ""


def _spaced(lines: Sequence[str]) -> bool:
    """Whether blanks separate cells: rows of numbers, perhaps under names; prose has blanks, too."""
    body = lines[1:] or lines
    return all(all(cells.number(cell) is not None for cell in line.split()) for line in body if line.strip())


def cut(lines: Sequence[str], delimiter: str) -> Iterator[list[str]]:
    """Yield the cells of each line that is not blank; a quoted cell may hold the mark and line ends."""
    if delimiter in ("", " "):
        yield from (
            line.split() if delimiter else [line.strip().strip('"')] for line in lines if line.strip()
        )
        return
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader((line if line.endswith("\n") else line + "\n" for line in lines), delimiter=delimiter)
    yield from (row for row in reader if row and (len(row) > 1 or row[0].strip()))


def _header(rows: Sequence[Sequence[str]]) -> tuple[str, ...] | None:
    """Return the names of the columns, None where the first row is data.

    A row with a number in it names nothing unless the numbers stand on their own above others: classes as names.
    """
    first = [cell.strip() for cell in rows[0]]
    if not any(first):
        return None
    numbers = [bool(cell) and cells.number(cell) is not None for cell in first]
    if not any(numbers):
        return tuple(first) if len(rows) == 1 or _names_something(first, rows[1:]) else None
    telling = any(
        names.guess(cell).role for cell, is_number in zip(first, numbers, strict=True) if not is_number
    )
    return tuple(first) if telling and not all(numbers) else None


def _names_something(first: Sequence[str], body: Sequence[Sequence[str]]) -> bool:
    """Whether a row of texts stands above other things than itself: labels alone may have no header."""
    if any(names.guess(name).role for name in first):
        return True
    if any(cells.number(cell) is not None for row in body for cell in row if cell.strip()):
        return True
    return not all(
        any(place < len(row) and row[place].strip() == name for row in body)
        for place, name in enumerate(first)
    )


def columns_of(made: Layout, stem: str) -> tuple[str, ...]:
    """Return the names of the columns; without a header the file's own name, numbered where there are several."""
    if made.header is None:
        return (stem,) if made.width == 1 else tuple(f"{stem} {i}" for i in range(made.width))
    return tuple(csv_layout.unique(made.header))


def read_small(source: Source, made: Layout, stem: str) -> Frame:
    """Return the whole table, read cell by cell. Raises MlcheckError for rows of other widths than the header's."""
    text = source.read_text().lstrip("\ufeff").replace("\0", "")
    stream = io.StringIO(text, newline="")
    rows: list[list[str]] = []
    try:
        rows = list(cut(list(stream)[made.skip :], made.delimiter))
    except csv.Error as error:
        raise MlcheckError(
            source.name,
            f"expected a table as text, found cells that cannot be told apart ({error})",
            "quote them",
        ) from None
    return framed(
        source, rows[1:] if made.header is not None else rows, made, stem, ended=text.endswith("\n")
    )


def framed(source: Source, body: list[list[str]], made: Layout, stem: str, *, ended: bool) -> Frame:
    """Return rows of cells as columns. `ended` says that the last row is whole."""
    columns = columns_of(made, stem)
    if len(body) * len(columns) > MOST_CELLS:
        raise MlcheckError(
            source.name,
            f"expected at most {MOST_CELLS:,} cells, found more",
            "split the file, or keep fewer columns",
        )
    whole = len(body)
    body, columns = _fitted(source, body, columns, ended=ended)
    dropped = {frame.CUT: whole - len(body)} if len(body) < whole else {}
    comma = made.delimiter in (";", "\t", "|")
    made_columns = {
        name: frame.from_texts([row[place] for row in body], decimal_comma=comma)
        for place, name in enumerate(columns)
    }
    return Frame(made_columns, len(body), named=made.header is not None, dropped=dropped)


def _fitted(
    source: Source, body: list[list[str]], columns: tuple[str, ...], *, ended: bool
) -> tuple[list[list[str]], tuple[str, ...]]:
    """Return rows of one width: R writes the row's number without a name; a last row may be cut."""
    width = len(columns)
    if body and all(len(row) == width + 1 for row in body):
        return body, ("", *columns) if "" not in columns else ("row", *columns)
    if not ended and len(body) > 1 and len(body[-1]) < width:
        body = body[:-1]
    for number, row in enumerate(body):
        if len(row) > width and any(cell.strip() for cell in row[width:]):
            raise MlcheckError(
                f"{source.name}:{number + 2}", f"expected {width} cells as in the first row, found {len(row)}",
                "quote cells that hold the separator",
            )  # fmt: skip
    return [row if len(row) >= width else row + [""] * (width - len(row)) for row in body], columns
