"""Tables as text: CSV, TSV, semicolons, bars or blanks between the cells, with a header that names the columns.

Keras CSVLogger, Lightning's CSVLogger, fastai, timm and most hand-made logs are this.
"""

from __future__ import annotations

import csv
import itertools
import re
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from mlcheck.errors import NothingToRead
from mlcheck.model import Event, Role
from mlcheck.readers import cells, roles, tables
from mlcheck.readers.table import Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from mlcheck.readers.log import Log
    from mlcheck.readers.source import Source

NAME = "csv"
ORDER = 60
BLANKS = {" ": re.compile(r"\s+"), "  ": re.compile(r"\s{2,}|\t")}
DELIMITERS = (",", ";", "\t", "|", *BLANKS)
LINE_END = re.compile(r"\r\r\n|\r\n|\n|\r")
TENSOR = re.compile(r"\btensor\(\s*([^,()\s]+)[^()]*(?:\([^()]*\)[^()]*)*\)")
RULED = re.compile(r"[\s|:+=-]*-[\s|:+=-]*")
EPISODE_RETURN = Role(quantity="metric", split="train", measure="return", better="higher")
LONGEST_CELL = 1 << 24
MANY_LINES = 50
"""A cell over more lines than this is not quoted text but a quotation mark that was never closed."""


class Rows(NamedTuple):
    """The cells of the rows, and the line of the file that each begins on."""

    cells: list[list[str]]
    lines: list[int]


def sniff(source: Source) -> bool:
    """Say whether the first lines are rows of the same number of cells under a row of names."""
    if not source.is_text or source.head_text.lstrip("\ufeff \t\r\n")[:1] in ("{", "["):
        return False
    return _layout(_lines(source.head_text)[:60], cut=not source.whole) is not None


def read(source: Source) -> Iterator[Log]:
    """Yield the runs of the table; raise NothingToRead where it has no numbers or no row of names."""
    lines = _lines(source.read_text().lstrip("\ufeff"))
    first, delimiter = _layout(lines[:60]) or (0, ",")
    rows = _rows(lines, first, delimiter)
    header = [name.strip() for name in rows.cells[0]]
    if not _is_header(header, rows.cells[1:2]):
        found = (
            "a TREC run or qrels" if _is_trec(header) else "only numbers" if _are_numbers(header) else "none"
        )
        raise NothingToRead(
            source.name,
            f"expected a first row with the names of the columns, found {found}",
            "add one, such as epoch,train_loss,val_loss",
        )
    body, events = _whole_rows(Rows(rows.cells[1:], rows.lines[1:]), ended=not lines[-1].strip())
    table = _table(header, body, delimiter)
    if not any(c.present.any() for c in table.columns.values() if not c.texts):
        what = (
            f"none in {tables.listed(header)}"
            if body.cells
            else f"only their names ({tables.listed(header)})"
        )
        raise NothingToRead(
            source.name, f"expected columns of numbers, found {what}", "did the run write anything?"
        )
    table = _scalars_export(source, table)
    logs = [
        _monitored(log)
        for log in tables.logs(source, _flavour(source, header), table, key=_key(source, header))
    ]
    if logs and events:
        logs[-1] = replace(logs[-1], events=logs[-1].events + events)
    yield from logs


def _lines(text: str) -> list[str]:
    """Cut the text into lines; a printed tensor has commas that separate nothing."""
    lines = LINE_END.split(text) if "\r" in text else text.split("\n")
    return [TENSOR.sub(r"\1", line) for line in lines] if "tensor(" in text else lines


def _flavour(source: Source, header: Sequence[str]) -> str:
    """Name the writer where the columns give it away; the reading is the same."""
    names = set(header)
    if {"epoch", "step"} <= names and (
        source.file_name == "metrics.csv"
        or any(n.endswith(("_epoch", "_step")) or n.startswith("lr-") for n in names)
    ):
        return "lightning"
    if {"epoch", "loss", "val_loss"} <= names and header[0] == "epoch":
        return "keras"
    if {"epoch", "train_loss", "valid_loss", "time"} <= names:
        return "fastai"
    return "sb3_monitor" if header[:3] == ["r", "l", "t"] else NAME


def _key(source: Source, header: Sequence[str]) -> str:
    """Lightning's folder is the run (its event files tell the same again); elsewhere the file is."""
    is_lightning = source.file_name == "metrics.csv" and source.folder and {"epoch", "step"} <= set(header)
    return f"tensorboard:{source.folder}" if is_lightning else source.name


def _monitored(log: Log) -> Log:
    """Stable-Baselines3's monitor calls the return of an episode `r`."""
    if log.reader != "sb3_monitor":
        return log
    return replace(
        log, channels=tuple(replace(c, role=EPISODE_RETURN) if c.name == "r" else c for c in log.channels)
    )


def _scalars_export(source: Source, table: Table) -> Table:
    """TensorBoard's download (Wall time, Step, Value) names its series in the file's name only."""
    if {" ".join(roles.words(n)) for n in table.columns} != {"wall time", "step", "value"}:
        return table
    series = source.file_name.removesuffix(".gz").rpartition(".")[0].rpartition("-tag-")[2]
    return table.having({series if n.lower() == "value" else n: c for n, c in table.columns.items()})


def _layout(lines: Sequence[str], *, cut: bool = False) -> tuple[int, str] | None:
    """Return the line of the header and what separates the cells, None where no mark fits.

    The header is the first line that is neither blank nor a comment, or a comment right above a row of numbers.
    """
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
            and _are_numbers(next(csv.reader([sample[0]], delimiter=mark[0])))
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
        counts = [len(row) for row in _rows(lines, 0, mark).cells]
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
    rows = _rows(lines[:2], 0, mark).cells
    known = sum(roles.guess(n).role.quantity != "other" for n in rows[0])
    return (
        known >= 2
        and len(rows) > 1
        and _are_numbers(rows[1][-len(rows[0]) :])
        and 0 <= len(rows[1]) - len(rows[0]) <= 1
    )


def _rows(lines: Sequence[str], first: int, delimiter: str) -> Rows:
    """Cut the lines from the header on into rows; comments, blank lines and ruled lines are left out."""
    body = [lines[first].lstrip("\ufeff# "), *lines[first + 1 :]]
    body = ["" if line.startswith(("#", " #")) else line for line in body]
    if delimiter in BLANKS or delimiter == "|":
        body = ["" if RULED.fullmatch(line) else line.strip(" |\t") for line in body]
    if delimiter in BLANKS:
        return _numbered(map(BLANKS[delimiter].split, body), first)
    if any('"' in line or "\0" in line for line in body):
        return _quoted(body, first, delimiter)
    return _numbered((line.split(delimiter) for line in body), first)


def _numbered(cut: Iterable[list[str]], first: int) -> Rows:
    """Give each row its line; what has no cell is a blank line."""
    rows, lines = [], []
    for line, row in enumerate(cut, first + 1):
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
    return _numbered((text.replace('"', "").split(delimiter) for text in body), first)


def _are_numbers(row: Sequence[str]) -> bool:
    return bool(row) and all(cells.number(cell) is not None for cell in row if cell.strip())


def _is_header(header: Sequence[str], following: Sequence[Sequence[str]]) -> bool:
    """Whether a row holds names: no number among them, or texts above numbers."""
    if not any(cells.number(name) is not None for name in header):
        return any(header)
    if _are_numbers(header) or not following:
        return False
    below = dict(zip(header, following[0], strict=False))
    return any(
        cells.number(name) is None and cells.number(cell) is not None
        for name, cell in below.items()
        if name and cell.strip()
    )


def _is_trec(row: Sequence[str]) -> bool:
    """Whether a row is `query Q0 document rank score run` or `query 0 document relevance`."""
    if len(row) == 6:
        return (
            cells.number(row[3]) is not None
            and cells.number(row[4]) is not None
            and cells.number(row[5]) is None
        )
    return len(row) == 4 and cells.number(row[3]) is not None and cells.number(row[2]) is None


def _whole_rows(body: Rows, *, ended: bool) -> tuple[Rows, tuple[Event, ...]]:
    """Drop a last row that was cut in the middle."""
    if ended or len(body.cells) < 2 or len(body.cells[-1]) >= len(body.cells[-2]):
        return body, ()
    message = f"the last row has {len(body.cells[-1])} of {len(body.cells[-2])} cells and was left out"
    return Rows(body.cells[:-1], body.lines[:-1]), (
        Event(kind="truncated", message=message, at=float(body.lines[-1])),
    )


def _table(header: list[str], body: Rows, delimiter: str) -> Table:
    """Return the columns by name. A header that comes again, perhaps with more names, names the rows below it."""
    parts = _parts(header, body)
    pieces = [dict(_columns(names, rows.cells)) for names, rows in parts]
    merged = pieces[0]
    if len(pieces) > 1:
        names = dict.fromkeys(name for piece in pieces for name in piece)
        sizes = [len(rows.cells) for _, rows in parts]
        merged = {
            n: [c for p, size in zip(pieces, sizes, strict=True) for c in p.get(n) or [""] * size]
            for n in names
        }
    lines = np.array([line for _, rows in parts for line in rows.lines], dtype=np.int64)
    return Table({n: cells.column(c, decimal_comma=delimiter == ";") for n, c in merged.items()}, lines)


def _parts(header: list[str], body: Rows) -> list[tuple[list[str], Rows]]:
    """Cut the rows where the header comes again; the rows under one and the same header stay together."""
    parts = [(header, Rows([], []))]
    known = set(header)
    if all(row[0].strip() not in known for row in body.cells):
        return [(header, body)]
    for row, line in zip(body.cells, body.lines, strict=True):
        if row[0].strip() in known and _is_another_header(row, known):
            names = [cell.strip() for cell in row]
            known.update(names)
            if names != parts[-1][0]:
                parts.append((names, Rows([], [])))
        else:
            parts[-1][1].cells.append(row)
            parts[-1][1].lines.append(line)
    return [part for part in parts if part[1].cells] or parts[:1]


def _is_another_header(row: Sequence[str], known: set[str]) -> bool:
    """Whether a row names columns, at least half of them known ones, and holds no number."""
    names = [cell.strip() for cell in row if cell.strip()]
    return sum(name in known for name in names) >= len(names) / 2 and not any(
        cells.number(name) is not None for name in names
    )


def _columns(header: Sequence[str], rows: list[list[str]]) -> Iterator[tuple[str, list[str]]]:
    """Yield (name, cells) of the columns; a name that stands twice gets a number, so that nothing is lost."""
    width = len(header)
    body = [row if len(row) >= width else row + [""] * (width - len(row)) for row in rows]
    places = _places(width, body)
    taken: set[str] = set()
    for name, place in zip(header, places, strict=True):
        unique, again = name, 2
        while unique in taken:
            unique, again = f"{name}.{again}", again + 1
        taken.add(unique)
        yield unique, [row[place] for row in body]


def _places(width: int, body: Sequence[Sequence[str]]) -> list[int]:
    """Return where the cells of each column stand: rows may hold one more than the header has names.

    The extra one is a column that is always empty, the row's number (R writes it without a name), or the last.
    """
    everywhere = list(range(width))
    if not body or any(len(row) != width + 1 for row in body):
        return everywhere
    empty = next((i for i in range(width + 1) if not any(row[i].strip() for row in body)), None)
    if empty is None and _counts_rows([row[0] for row in body]):
        empty = 0
    return [i + (empty is not None and i >= empty) for i in everywhere]


def _counts_rows(column: Sequence[str]) -> bool:
    numbers = [cells.number(cell) for cell in column]
    return len(numbers) > 1 and all(a is not None and b == a + 1 for a, b in itertools.pairwise(numbers))
