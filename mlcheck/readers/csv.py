"""Tables as text: CSV, TSV, semicolons, bars or blanks between the cells, with a header that names the columns.

Keras CSVLogger, Lightning's CSVLogger, fastai, timm and most hand-made logs are this.
"""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from mlcheck.errors import MlcheckError, NothingToRead
from mlcheck.model import Event, Role
from mlcheck.readers import cells, csv_large, csv_layout, roles, tables
from mlcheck.readers.csv_layout import Rows, TextTable
from mlcheck.readers.listing import listed
from mlcheck.readers.table import Table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence, Sized

    from mlcheck.readers.log import Log
    from mlcheck.readers.source import Source

NAME = "csv"
ORDER = 60
LONGEST_SAMPLE = 1 << 20
"""Characters of a line that tell the layout."""
MOST_COLUMNS = 10_000
MOST_HEADERS = 10_000
MOST_CELLS = 6_000_000
"""Cells and lines that are read one by one: some 5 s and 1 GB. Larger tables must be plain (see csv_large)."""
EPISODE_RETURN = Role(quantity="metric", split="train", measure="return", better="higher")


def sniff(source: Source) -> bool:
    """Say whether the first lines are rows of the same number of cells under a row of names."""
    if not source.is_text or source.head_text.lstrip("\ufeff \t\r\n")[:1] in ("{", "["):
        return False
    return csv_layout.layout(csv_layout.cut_lines(source.head_text)[:60], cut=not source.whole) is not None


def read(source: Source) -> Iterator[Log]:
    """Yield the runs of the table; raise NothingToRead where it has no numbers or no row of names."""
    large = csv_large.read(source) if csv_large.pays(source) else None
    header, table, events = large or _cell_by_cell(source)
    if not any(c.present.any() for c in table.columns.values() if not c.texts):
        names = listed(header)
        what = f"none in {names}" if len(table) else f"only their names ({names})"
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


def _cell_by_cell(source: Source) -> TextTable:
    """Return the header, the columns and what is wrong with the file; raise NothingToRead where nothing names them."""
    text = source.read_text().lstrip("\ufeff")
    _demand_short(source, text.count("\n") + text.count("\r"))
    lines = csv_layout.cut_lines(text)
    first, delimiter = csv_layout.layout([line[:LONGEST_SAMPLE] for line in lines[:60]]) or (0, ",")
    _demand_short(source, len(lines) + text.count(delimiter))
    rows = csv_layout.cut_rows(lines, first, delimiter)
    if not rows.cells:
        raise NothingToRead(
            source.name, "expected a table, found nothing but line ends", "did the run write anything?"
        )
    header = [name.strip() for name in rows.cells[0]]
    if not csv_layout.is_header(header, rows.cells[1:2]):
        are_numbers = csv_layout.are_numbers(header)
        found = "a TREC run or qrels" if _is_trec(header) else "only numbers" if are_numbers else "none"
        raise NothingToRead(
            source.name,
            f"expected a first row with the names of the columns, found {found}",
            "add one, such as epoch,train_loss,val_loss",
        )
    _demand_few(source, header)
    body, events = _whole_rows(Rows(rows.cells[1:], rows.lines[1:]), ended=not lines[-1].strip())
    return TextTable(header, _table(source, header, body, delimiter), events)


def _demand_short(source: Source, size: int) -> None:
    """Raise MlcheckError for more cells and lines than are read one by one."""
    if size > MOST_CELLS:
        raise MlcheckError(
            source.name,
            f"expected rows of one layout under one header where a table has over {MOST_CELLS:,} cells, found {size:,} in others",
            "log less often, or split the file",
        )


def _demand_few(source: Source, names: Sized, rows: int = 0) -> None:
    """Raise MlcheckError for more columns than any log has, or for more cells than are read one by one."""
    if len(names) > MOST_COLUMNS or len(names) * rows > MOST_CELLS:
        found = f"{len(names):,}" + (f" over {rows:,} rows" if rows else "")
        raise MlcheckError(
            source.name,
            f"expected at most {MOST_COLUMNS:,} columns, found {found}",
            "log fewer series, or split the file",
        )


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


def _table(source: Source, header: list[str], body: Rows, delimiter: str) -> Table:
    """Return the columns by name. A header that comes again, perhaps with more names, names the rows below it."""
    parts = _parts(source, header, body)
    if len(parts) > 1:
        everywhere = dict.fromkeys(name for names, _ in parts for name in names)
        _demand_few(source, everywhere, max(len(body.cells), len(parts)))
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


def _parts(source: Source, header: list[str], body: Rows) -> list[tuple[list[str], Rows]]:
    """Cut the rows where the header comes again; the rows under one and the same header stay together."""
    parts = [(header, Rows([], []))]
    known, seen = set(header), {tuple(header)}
    if known.isdisjoint([row[0].strip() for row in body.cells]):
        return [(header, body)]
    for row, line in zip(body.cells, body.lines, strict=True):
        is_known = row[0].strip() in known
        names = [cell.strip() for cell in row] if is_known else []
        if is_known and names == parts[-1][0]:
            continue
        if is_known and (tuple(names) in seen or _is_another_header(row, known)):
            known.update(names)
            seen.add(tuple(names))
            parts.append((names, Rows([], [])))
            if len(parts) > MOST_HEADERS:
                raise MlcheckError(
                    source.name,
                    f"expected at most {MOST_HEADERS:,} headers, found more",
                    "is this the log of one program?",
                )
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
    columns = list(zip(*body, strict=False)) if len(set(map(len, body))) == 1 else None
    for name, place in zip(csv_layout.unique(header), places, strict=True):
        yield name, list(columns[place]) if columns else [row[place] for row in body]


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
