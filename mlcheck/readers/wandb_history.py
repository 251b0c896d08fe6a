"""The history in a `run-*.wandb` file: rows of values, collected into one column per name.

A row is a protobuf `HistoryRecord` of items; an item has a name (`key`, or `nested_key` for each level, since the
writer in Go) and a value as JSON text, or typed in the newest versions. Source: wandb's `wandb_internal.proto`.
"""

from __future__ import annotations

import json
import re
import struct
from dataclasses import dataclass, field
from itertools import repeat
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from mlcheck.readers import cells
from mlcheck.readers.tfrecord import BYTES, FIXED64, VARINT, WireError, fields, varint, whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import numpy.typing as npt

    from mlcheck.model import Floats

    Rows: TypeAlias = npt.NDArray[np.int64]

Key: TypeAlias = bytes | str
Value: TypeAlias = bytes | float

SMALL = rb"[\x00-\x7f]"
VARIED = rb"[\x80-\xff]*+[\x00-\x7f]"
NAME, TEXT = rb"[\n\x12]" + SMALL + rb"[^\x82]++", rb"(?!\{)[ -~]*+"
ITEM = rb"\n" + SMALL + NAME + rb"\x82\x01" + SMALL + TEXT
NOTE = rb"\n" + SMALL + rb"[\n\x12](?:\n_timestamp|\x08_runtime)\x82\x01" + SMALL + rb"[ -~]*+"
ITEMS = re.compile(
    rb"(?:" + NOTE + rb")*+\n" + SMALL + rb"(" + NAME + rb")\x82\x01" + SMALL + rb"(" + TEXT + rb")"
)
PLAIN_ROW = re.compile(
    rb"\x08" + VARIED + rb"\x12" + VARIED + rb"((?:" + ITEM + rb")++)"
    rb"\x12(?:\x00|" + SMALL + rb"\x08" + VARIED + rb")"
)  # fmt: skip
"""A record that is nothing but a number, a row of short items, and the row's step: read by two regular expressions.

Lengths below 128 take one byte, and neither a name nor a value holds what stands behind it: what fits is read exactly.
"""
STEP_ITEM, TIME_ITEM, RUNTIME_ITEM = b"\x05_step\x82\x01", b"\n_timestamp\x82\x01", b"\x08_runtime\x82\x01"
VALUE = b"\x82\x01"
STEP = "_step"
NOTES = ("_runtime", "_timestamp", "_wandb")
"""What wandb notes in every row beside the step."""
NESTED = b"\x12"
"""How an item begins whose writer (in Go) does not keep the order of a row's names."""
KEY, NESTED_KEY, INTEGER, NUMBER, JSON, VALUE_JSON = 1, 2, 5, 6, 8, 16
BATCH = 4096
"""How many rows are held before their values become numbers."""
MAX_COLUMNS = 20_000
MAX_OBJECT = 1 << 16
MAX_LEVELS = 8
MAX_NUMBER = 512
"""A longer text is no number."""


@dataclass(slots=True)
class Column:
    """The numbers under one name, in pieces: the rows they stand in (n,) and their values (n,).

    `texts` counts the texts that are no number.
    """

    name: str
    rows: list[Rows] = field(default_factory=list)
    values: list[Floats] = field(default_factory=list)
    texts: int = 0

    def __len__(self) -> int:
        return sum(map(len, self.rows))

    @property
    def first(self) -> int:
        """The first row that has a number."""
        return min(int(rows[0]) for rows in self.rows)

    def whole(self) -> tuple[Rows, Floats]:
        """Return the rows (n,), ascending, and the values (n,)."""
        rows, values = np.concatenate(self.rows), np.concatenate(self.values)
        order = slice(None) if np.all(rows[1:] > rows[:-1]) else np.argsort(rows, kind="stable")
        return rows[order], values[order]


class History:
    """Takes the rows of a file's history; `columns()` gives what they hold.

    `rows` counts them, `invalid` those that turned out to be none.
    """

    def __init__(self) -> None:
        self.rows = 0
        self.invalid = 0
        self._is_shuffled = False
        self._plain: list[bytes] = []
        self._plain_at: list[int] = []
        self._keys: list[Key] = []
        self._values: list[Value] = []
        self._at: list[int] = []
        self._columns: dict[Key, Column | None] = {"": None}
        self._by_name: dict[str, Column] = {}

    def rest(self, records: Iterable[bytes]) -> Iterator[bytes]:
        """Take the plain rows among the records; yield the others."""
        fullmatch = PLAIN_ROW.fullmatch
        for record in records:
            plain = fullmatch(record)
            if plain is None or STEP_ITEM not in record:
                yield record
                continue
            self._plain.append(plain[1])
            self._plain_at.append(self.rows)
            self.rows += 1
            if len(self._plain) == BATCH:
                self._flush_plain()

    def add(self, history: bytes) -> None:
        """Take a HistoryRecord; raises WireError for bytes that are none."""
        self._add(history, self.rows)
        self.rows += 1

    def _add(self, history: bytes, at: int) -> None:
        row: dict[str, Value] = {}
        step: float | None = None
        for number, wire, start, stop in whole(history):
            if (number, wire) == (1, BYTES):
                row.update(self._items(history, start, stop))
            elif (number, wire) == (2, BYTES):
                spans = fields(history, start, stop)
                found = [varint(history, low)[0] for n, w, low, _ in spans if (n, w) == (1, VARINT)]
                step = float(found[-1]) if found else 0.0
        if step is not None:
            row.setdefault(STEP, step)
        self._keys += row.keys()
        self._values += row.values()
        self._at += [at] * len(row)
        if len(self._keys) >= BATCH:
            self._flush()

    def columns(self) -> list[Column]:
        """Return the columns that hold a number, in the order in which they first occur.

        Those of a writer that shuffles the names of a row are in alphabetical order within the row.
        """
        self._flush_plain()
        self._flush()
        media = {name.removesuffix("._type") for name in self._by_name if name.endswith("._type")}
        found = [c for c in self._by_name.values() if c.rows and not _is_within(c.name, media)]
        return sorted(found, key=lambda c: (c.first, c.name if self._is_shuffled else ""))

    def _items(self, record: bytes, start: int, stop: int) -> Iterator[tuple[str, Value]]:
        self._is_shuffled |= record[start : start + 1] == NESTED
        return _item(record, start, stop)

    def _flush_plain(self) -> None:
        """Take the values of the plain rows, all their items cut at once."""
        rows, at = self._plain, self._plain_at
        self._plain, self._plain_at = [], []
        items = ITEMS.findall(b"".join(rows))
        if any(
            key not in self._columns and _name(key) is None for key in dict.fromkeys(key for key, _ in items)
        ):
            self._take_apart(rows, at)
            return
        sizes = [row.count(VALUE) - row.count(TIME_ITEM) - row.count(RUNTIME_ITEM) for row in rows]
        if sum(sizes) != len(items):  # a name of several levels may end as a note does
            sizes = [len(ITEMS.findall(row)) for row in rows]
        keys, values = [key for key, _ in items], [value for _, value in items]
        self._take_all(keys, values, np.repeat(np.array(at, dtype=np.int64), sizes))

    def _take_apart(self, rows: Sequence[bytes], at: Sequence[int]) -> None:
        """Take plain rows one by one: between their items stand some of another form."""
        for row, place in zip(rows, at, strict=True):
            try:
                self._add(row, place)
            except WireError:
                self.invalid += 1

    def _flush(self) -> None:
        """Take the values of the other rows."""
        self._take_all(self._keys, self._values, np.array(self._at, dtype=np.int64))
        self._keys, self._values, self._at = [], [], []

    def _take_all(self, keys: Sequence[Key], values: Sequence[Value], at: Rows) -> None:
        """Add values (n,) to the columns of these keys, logged in the rows `at` (n,)."""
        for key in dict.fromkeys(keys):
            if key not in self._columns and len(self._columns) < 2 * MAX_COLUMNS:
                self._columns[key] = self._column(key)
        codes = {key: i for i, key in enumerate(self._columns)}
        code = np.fromiter(map(codes.get, keys, repeat(0)), dtype=np.intp, count=len(keys))
        order = np.argsort(code, kind="stable")
        bounds = np.searchsorted(code[order], np.arange(len(codes) + 1))
        try:
            numbers = np.fromiter(map(float, values), dtype=np.float64, count=len(values))
        except ValueError:
            numbers = None
        for column, low, high in zip(
            self._columns.values(), bounds[:-1].tolist(), bounds[1:].tolist(), strict=True
        ):
            if column is not None and low < high:
                mine = order[low:high]
                if numbers is None:
                    _take(column, [values[i] for i in mine.tolist()], at[mine])
                else:
                    column.rows.append(at[mine])
                    column.values.append(numbers[mine])

    def _column(self, key: Key) -> Column | None:
        """Return the column of a key seen for the first time; None for what is none, or one too many."""
        self._is_shuffled |= key[:1] == NESTED
        name = key if isinstance(key, str) else _name(key)
        if name is None or name.partition(".")[0] in NOTES:
            return None
        if name not in self._by_name and len(self._by_name) < MAX_COLUMNS:
            self._by_name[name] = Column(name)
        return self._by_name.get(name)


def _take(column: Column, values: Sequence[Value], rows: Rows) -> None:
    """Add values to a column."""
    try:
        numbers = np.fromiter(map(float, values), dtype=np.float64, count=len(values))
    except ValueError:
        _take_odd(column, values, rows)
    else:
        column.rows.append(rows)
        column.values.append(numbers)


def _take_odd(column: Column, values: Sequence[Value], rows: Rows) -> None:
    """Add values not all of which are numbers: blanks, texts, lists and objects are left out, texts counted."""
    numbers = [_number(value) for value in values]
    keep = np.array([number is not None for number in numbers], dtype=np.bool_)
    column.texts += sum(
        number is None and isinstance(value, bytes) and value[:1] == b'"'
        for number, value in zip(numbers, values, strict=True)
    )
    if keep.any():
        column.rows.append(rows[keep])
        column.values.append(np.array([n for n in numbers if n is not None], dtype=np.float64))


def _number(value: Value) -> float | None:
    """Return the number in a JSON text (NaN and infinities are written as texts, too), None where it is none."""
    try:
        return float(value)
    except ValueError:
        pass
    if not isinstance(value, bytes) or value[:1] != b'"':
        return None
    return cells.number(value.decode("utf-8", "replace"))


def _is_within(name: str, media: set[str]) -> bool:
    """Whether a name is a part of a histogram, picture, table or the like."""
    return bool(media) and any(name[:i] in media for i, mark in enumerate(name) if mark == ".")


def _name(key: bytes) -> str | None:
    """Return the name in the key fields of an item; None where the bytes are anything else."""
    try:
        spans = list(whole(key))
    except WireError:
        return None
    if any((number, wire) not in ((KEY, BYTES), (NESTED_KEY, BYTES)) for number, wire, _, _ in spans):
        return None
    return joined(key[start:stop] for _, _, start, stop in spans)


def joined(names: Iterator[bytes]) -> str:
    """Return the one name of nested ones, as wandb shows it."""
    return ".".join(name.decode("utf-8", "replace") for name in names)


def _item(record: bytes, low: int, high: int) -> Iterator[tuple[str, Value]]:
    """Yield the names and values of an item: an object of numbers has several."""
    names: list[bytes] = []
    value: Value | None = None
    for number, wire, start, stop in fields(record, low, high):
        if number in (KEY, NESTED_KEY) and wire == BYTES:
            names.append(record[start:stop])
        elif number in (VALUE_JSON, JSON) and wire == BYTES:
            value = record[start:stop]
        elif (number, wire) == (NUMBER, FIXED64):
            value = float(struct.unpack_from("<d", record, start)[0])
        elif (number, wire) == (INTEGER, VARINT):
            bits = varint(record, start)[0]
            value = float((bits >> 1) ^ -(bits & 1))  # zigzag
    name = joined(iter(names))
    if not name or value is None:
        return
    if isinstance(value, bytes) and value[:1] == b"{":
        yield from _flattened(name, value)
    elif isinstance(value, float) or len(value) <= MAX_NUMBER:
        yield name, value


def _flattened(name: str, text: bytes) -> Iterator[tuple[str, Value]]:
    """Yield the numbers in a JSON object by their dotted names; pictures, histograms and the like hold none."""
    try:
        document = json.loads(text) if len(text) <= MAX_OBJECT else None
    except (ValueError, RecursionError):
        return
    stack = [(name, document, 0)]
    while stack:
        prefix, value, level = stack.pop()
        if isinstance(value, dict):
            if "_type" not in value and level < MAX_LEVELS:
                stack += [(f"{prefix}.{key}", inner, level + 1) for key, inner in reversed(value.items())]
        elif level and isinstance(value, float | int | str) and not isinstance(value, bool):
            written = json.dumps(value).encode()
            if len(written) <= MAX_NUMBER:
                yield prefix, written
