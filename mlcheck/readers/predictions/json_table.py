"""JSON and JSON lines as tables: records, a dict of columns, lists beside each other, records under a name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from mlcheck.errors import MlcheckError, NothingToRead
from mlcheck.readers import json_document
from mlcheck.readers.listing import listed
from mlcheck.readers.predictions import arrays, frame, names
from mlcheck.readers.predictions.frame import CUT, Frame

if TYPE_CHECKING:
    from mlcheck.readers.json_document import Document
    from mlcheck.readers.source import Source

MOST_COLUMNS = 20_000
MOST_DEPTH = 3
WRAPPERS = (
    "predictions",
    "results",
    "data",
    "records",
    "rows",
    "examples",
    "samples",
    "items",
    "outputs",
    "instances",
)


def read(source: Source, stem: str) -> Frame:
    """Return the table in the document. Raises MlcheckError where it is no JSON or holds no rows."""
    try:
        text = source.read_text().lstrip("\ufeff")
        document = json_document.read(source.name, text)
        value = document.value
        found = _table(value, stem)
    except RecursionError as error:
        raise json_document.unreadable(source.name, error) from None
    if found is None or not found.columns:
        raise NothingToRead(
            source.name,
            f"expected rows or columns of predictions, found {_told(value)}",
            'write a list of records, or {"y_true": [...], "y_pred": [...]}',
        )
    return replace(found, dropped=_dropped(document, text)) if document.events else found


def _dropped(document: Document, text: str) -> dict[str, int]:
    """Return how many lines were left out: the last one where it is cut, others that are no JSON."""
    cut = sum(event.kind == "truncated" for event in document.events)
    lines = sum(bool(line.strip()) for line in text.splitlines())
    invalid = lines - len(document.lines) - cut if document.lines is not None else len(document.events) - cut
    return {reason: n for reason, n in ((CUT, cut), ("that are no JSON", invalid)) if n > 0}


def _told(value: object) -> str:
    if isinstance(value, Mapping):
        keys = listed(map(str, value), 5)
        return f"an object with {keys}" if keys else "an empty object"
    if isinstance(value, list):
        return "a list of other things" if value else "an empty list"
    return f"a single {type(value).__name__}"


def _table(value: object, stem: str, depth: int = 0) -> Frame | None:
    """Return the table that a value is, None where it is none."""
    if depth > MOST_DEPTH:
        return None
    if isinstance(value, Mapping):
        return _of_object(value, depth)
    if not isinstance(value, list) or not value:
        return None
    if any(isinstance(item, Mapping) for item in value):
        return _of_records([item for item in value if isinstance(item, Mapping)])
    return arrays.unfolded(Frame({stem: frame.from_objects(value)}, len(value), named=False))


def _of_object(value: Mapping[str, object], depth: int) -> Frame | None:
    """Return the table of an object: columns of one length, rows by their identifier, or the table under one of its names."""
    lists = {name: cell for name, cell in value.items() if isinstance(cell, list) and cell}
    if {"columns", "data"} <= set(lists) and all(isinstance(row, list) for row in lists["data"]):
        return _split(lists)
    columns = {n: c for n, c in lists.items() if not any(isinstance(item, Mapping) for item in c[:5])}
    if columns:
        size = _common_length(columns)
        kept = {n: c for n, c in columns.items() if len(c) == size}
        if len(kept) > 1 or (size > 1 and len(value) == 1):
            return Frame({name: frame.from_objects(cell) for name, cell in kept.items()}, size)
    for name in sorted(value, key=lambda name: (name not in WRAPPERS, name)):
        if isinstance(value[name], list) and any(
            isinstance(item, Mapping) for item in cast(list[object], value[name])[:5]
        ):
            return _table(value[name], name, depth + 1)
    inner = {name: cell for name, cell in value.items() if isinstance(cell, Mapping) and cell}
    if len(inner) == len(value) and len(inner) > 1:
        return _by_key(inner)
    for name in (*WRAPPERS, *inner):
        found = _table(inner[name], name, depth + 1) if name in inner else None
        if found is not None:
            return found
    return None


def _common_length(columns: Mapping[str, Sequence[object]]) -> int:
    """Return how many rows there are: as long as the truth where a name says it is there, else the most common length."""
    sure = [len(c) for n, c in columns.items() if names.guess(n).role == "true"]
    lengths = sure or [len(c) for c in columns.values()]
    return max(dict.fromkeys(lengths), key=lengths.count)


def _split(value: Mapping[str, Sequence[object]]) -> Frame | None:
    """Return the table that pandas writes by `orient="split"`: columns, index, data."""
    labels, data = [str(name) for name in value["columns"]], cast("Sequence[Sequence[object]]", value["data"])
    if any(len(row) != len(labels) for row in data):
        return None
    return Frame(
        {name: frame.from_objects([row[i] for row in data]) for i, name in enumerate(labels)}, len(data)
    )


def _by_key(value: Mapping[str, Mapping[str, object]]) -> Frame | None:
    """Return the table of objects by name: columns (`orient="columns"`) where all hold the same keys and plain cells, else rows.

    Rows by their identifier have names of roles inside; columns have them outside.
    """
    outside = sum(bool(names.guess(name).role) for name in list(value)[:50])
    first = list(next(iter(value.values())))
    same = all(list(cell) == first for cell in value.values())
    if same and outside >= 1 and outside >= min(len(value), 50) / 2:
        return Frame({n: frame.from_objects(list(cell.values())) for n, cell in value.items()}, len(first))
    return _of_records([{"id": name, **cell} for name, cell in value.items()])


def _of_records(records: Sequence[Mapping[str, object]]) -> Frame:
    """Return records as columns; an object inside one gives columns `outer.inner`."""
    flat = (
        [flattened(record) for record in records]
        if any(isinstance(cell, Mapping) for record in records for cell in record.values())
        else records
    )
    columns = dict.fromkeys(str(name) for record in flat for name in record)
    if len(columns) > MOST_COLUMNS:
        raise MlcheckError(
            "JSON",
            f"expected at most {MOST_COLUMNS:,} columns, found {len(columns):,}",
            "is this a table of predictions?",
        )
    return Frame(
        {name: frame.from_objects([record.get(name) for record in flat]) for name in columns}, len(flat)
    )


def flattened(record: Mapping[str, object], prefix: str = "", depth: int = 0) -> dict[str, object]:
    """Return a record with the cells of the objects inside it as cells of its own, `outer.inner`."""
    found: dict[str, object] = {}
    for name, cell in record.items():
        if isinstance(cell, Mapping) and depth < MOST_DEPTH:
            found |= flattened(cell, f"{prefix}{name}.", depth + 1)
        else:
            found[f"{prefix}{name}"] = cell
    return found
