"""JSON and JSON lines as tables: records, a dict of columns, what pandas writes, records under a name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, cast

from mlcheck.errors import MlcheckError, NothingToRead
from mlcheck.model.report import Problem
from mlcheck.readers import json_document
from mlcheck.readers.datasets import objects
from mlcheck.readers.datasets.raw import Table
from mlcheck.readers.listing import listed
from mlcheck.readers.predictions.json_table import WRAPPERS, flattened

if TYPE_CHECKING:
    from mlcheck.readers.datasets.raw import Raw
    from mlcheck.readers.source import Source

MOST_COLUMNS = 20_000
MOST_DEPTH = 3
NAMES = (*WRAPPERS, "train", "test", "dataset")


def read(source: Source) -> Table:
    """Return the table in the document. Raises MlcheckError where it is no JSON or holds no rows."""
    try:
        document = json_document.read(source.name, source.read_text().lstrip("\ufeff"))
        value = [document.value] if isinstance(document.value, Mapping) and document.lines else document.value
        found = _cells(value)
    except RecursionError as error:
        raise json_document.unreadable(source.name, error) from None
    if not found or not (size := len(next(iter(found.values())))):
        raise NothingToRead(
            source.name,
            f"expected rows of data, found {_told(document.value)}",
            'write a list of records: [{"a": 1, "b": 2}]',
        )
    if len(found) > MOST_COLUMNS:
        raise MlcheckError(
            source.name,
            f"expected at most {MOST_COLUMNS:,} columns, found {len(found):,}",
            "is this a table?",
        )
    columns: dict[str, Raw] = {}
    for name, cells in found.items():
        columns |= objects.columns(name, cells)
    problems = tuple(Problem(source=source.name, message=event.message) for event in document.events)
    return Table(name=source.name, reader="json", columns=columns, size=size, problems=problems)


def _told(value: object) -> str:
    if isinstance(value, Mapping):
        keys = listed(map(str, value), 5)
        return f"an object with {keys}" if keys else "an empty object"
    return (
        ("a list of other things" if value else "an empty list")
        if isinstance(value, list)
        else "a single value"
    )


def _cells(value: object, depth: int = 0) -> dict[str, Sequence[object]] | None:
    """Return the cells of a table by column, None where the value is none."""
    if depth > MOST_DEPTH:
        return None
    if isinstance(value, Mapping):
        return _of_object(value, depth)
    if not isinstance(value, list) or not value:
        return None
    if any(isinstance(item, Mapping) for item in value):
        return _of_records([item if isinstance(item, Mapping) else {} for item in value])
    if all(isinstance(item, list) for item in value):
        return _of_rows(cast("Sequence[Sequence[object]]", value))
    return None


def _of_object(value: Mapping[str, object], depth: int) -> dict[str, Sequence[object]] | None:
    """Return the table of an object: columns and data, lists of one length, columns of cells by row, or inside a name."""
    names, data = value.get("columns"), value.get("data")
    if isinstance(names, list) and isinstance(data, list) and all(isinstance(row, list) for row in data):
        return _of_rows([names, *data]) if all(len(row) == len(names) for row in data) else None
    lists = {str(name): cells for name, cells in value.items() if isinstance(cells, list)}
    plain = {n: c for n, c in lists.items() if not any(isinstance(item, Mapping) for item in c[:5])}
    if len(plain) > 1 and len({len(cells) for cells in plain.values()}) == 1:
        return dict(plain)
    inner = {str(name): cells for name, cells in value.items() if isinstance(cells, Mapping)}
    if (
        len(inner) == len(value)
        and len(inner) > 1
        and not any(isinstance(c, Mapping) for i in inner.values() for c in i.values())
    ):
        first = list(next(iter(inner.values())))
        if all(list(cells) == first for cells in inner.values()):
            return {name: list(cells.values()) for name, cells in inner.items()}
    for name in (*NAMES, *value):
        found = _cells(value[name], depth + 1) if name in value else None
        if found:
            return found
    return None


def _of_records(records: Sequence[Mapping[str, object]]) -> dict[str, Sequence[object]]:
    """Return records as columns; an object inside one gives columns `outer.inner`."""
    if any(isinstance(cell, Mapping) for record in records for cell in record.values()):
        records = [flattened(record) for record in records]
    names = dict.fromkeys(str(name) for record in records for name in record)
    return {name: [record.get(name) for record in records] for name in names}


def _of_rows(rows: Sequence[Sequence[object]]) -> dict[str, Sequence[object]] | None:
    """Return rows of one width as columns; a first row of different texts names them."""
    width = len(rows[0])
    if not width or any(len(row) != width for row in rows):
        return None
    first = [str(cell) for cell in rows[0]]
    has_names = all(isinstance(cell, str) for cell in rows[0]) and len(set(first)) == width
    names = first if has_names else [f"column {i + 1}" for i in range(width)]
    body = rows[1:] if has_names else rows
    return {name: [row[i] for row in body] for i, name in enumerate(names)}
