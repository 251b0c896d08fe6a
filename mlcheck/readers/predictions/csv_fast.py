"""Large tables as text: the needed columns only, in pieces by pandas' C reader into typed columns.

Below a few MB, loading pandas costs more than it saves.
"""

from __future__ import annotations

import gc
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from mlcheck.errors import MlcheckError
from mlcheck.readers.predictions import csv_table, frame
from mlcheck.readers.predictions.frame import Column, Frame, Numbers, Words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt

    from mlcheck.readers.predictions.csv_table import Layout
    from mlcheck.readers.source import Source

PAYS_FROM = 8 << 20
"""Bytes from which on loading pandas takes less time than it saves."""
ROWS_AT_ONCE = 1 << 20
MOST_CELLS = 1 << 31
BLANKS = ["", "nan", "NaN", "NAN", "null", "NULL", "NA", "N/A", "<NA>", "#N/A"]
SMALL = np.iinfo(np.int8)


def head(source: Source, made: Layout, stem: str) -> Frame:
    """Return the first rows, read cell by cell: they tell names and types."""
    lines = source.head_text.lstrip("\ufeff").replace("\0", "").splitlines(keepends=True)[made.skip : -1]
    rows = list(csv_table.cut(lines, made.delimiter))[:5000]
    body = rows[1:] if made.header is not None else rows
    return csv_table.framed(source, body, made, stem, ended=True)


def read(source: Source, made: Layout, first: Frame, needed: Sequence[str]) -> Frame:
    """Return the needed columns of all rows. `first` holds the first rows; what differs from them further on is settled
    by reading such a column as words. Raises MlcheckError for rows of other widths than the header's.
    """  # noqa: D205  (one sentence)
    every = list(first.columns)
    kinds: dict[int, str] = {}
    for name in needed:
        column = first.columns[name]
        kinds[every.index(name)] = _kind(column)
    pd = load_pandas()
    while True:
        try:
            return _read(pd, source, made, every, kinds, named=first.named)
        except _OddCells as odd:
            kinds = kinds | odd.kinds
        except (pd.errors.ParserError, pd.errors.ParserWarning, UnicodeDecodeError, IndexError) as error:
            reason = next(iter(str(error).splitlines()), type(error).__name__).removeprefix(
                "Error tokenizing data. C error: "
            )
            raise MlcheckError(
                source.name, f"expected rows of {len(every)} cells, found others ({reason.strip()[:120]})",
                "quote cells that hold the separator",
            ) from None  # fmt: skip


class _OddCells(Exception):
    """Columns that are not what their first rows are; `kinds` is what to read them as."""

    def __init__(self, kinds: dict[int, str]) -> None:
        super().__init__(kinds)
        self.kinds = kinds


def load_pandas() -> Any:
    """Import pandas without a search for garbage among what it makes, all of which stays: a fifth of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        import pandas as pd
    finally:
        if enabled:
            gc.enable()
    return pd


def _kind(column: Column) -> str:
    """Return the type to read a column as, by its first rows: int64 for whole numbers, float64 for others, else words."""
    if not isinstance(column, Numbers):
        return "category"
    return "int64" if column.value.dtype.kind in "iu" else "float64"


def _read(
    pd: Any, source: Source, made: Layout, every: Sequence[str], kinds: dict[int, str], *, named: bool
) -> Frame:
    rows, expected = 0, _expected_rows(source)
    parts: dict[int, _Growing] = {place: _Growing(expected) for place in kinds}
    for piece in _pieces(pd, source, made, len(every), kinds):
        rows += len(piece)
        if rows * len(kinds) > MOST_CELLS:
            raise MlcheckError(
                source.name, f"expected at most {MOST_CELLS:,} cells, found more", "split the file"
            )
        for place, kind in kinds.items():
            parts[place].add(_column(piece[place], kind))
    columns = {every[place]: parts.pop(place).joined() for place in kinds}
    comma = made.delimiter in (";", "\t", "|")
    for name, column in columns.items():
        if isinstance(column, Words):
            value = frame.named_numbers(column, decimal_comma=comma)
            columns[name] = column if value is None else Numbers(value)
    return Frame(columns, rows, named=named)


def _pieces(pd: Any, source: Source, made: Layout, width: int, kinds: dict[int, str]) -> Iterator[Any]:
    """Yield pandas' frames of the needed columns, named by their place."""
    plain = source.path is not None and not source.compressed
    exact = tuple(int(part) for part in pd.__version__.split(".")[:2]) >= (3, 1)
    options: dict[str, Any] = {} if exact else {"float_precision": "round_trip"}
    if made.skip:  # asked of every line, it takes time
        options["skiprows"] = made.skip
    where: Any = source.path if plain else Bounded(source)
    encoding = source.encoding
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            reader = pd.read_csv(
                where, sep=made.delimiter or "\0", header=None if made.header is None else 0, names=list(range(width)), usecols=sorted(kinds),
                index_col=False, dtype=kinds, keep_default_na=False, na_values=BLANKS,
                encoding=encoding, encoding_errors="replace", chunksize=ROWS_AT_ONCE, **options,
            )  # fmt: skip
            with reader:
                yield from reader
        except (ValueError, OverflowError, RuntimeWarning) as error:
            if isinstance(error, (pd.errors.ParserError, UnicodeDecodeError)):
                raise
            wider = {
                place: {"int64": "float64", "float64": "category"}[kind]
                for place, kind in kinds.items()
                if kind != "category"
            }
            if not wider:
                raise MlcheckError(
                    source.name, f"expected a table, found {str(error)[:120]!r}", "is this a table?"
                ) from None
            raise _OddCells(_told_apart(error, wider)) from None


def _told_apart(error: Exception, wider: dict[int, str]) -> dict[int, str]:
    """Return which columns to read otherwise: the one that the message names, else all that may be."""
    message = str(error)
    named = [place for place in wider if message.rstrip(".").endswith(f"column {place}")]
    return {place: wider[place] for place in named} or wider


class Bounded:
    """A compressed file as a stream that ends with an error where it grows beyond what is read."""

    def __init__(self, source: Source) -> None:
        self.blocks = source.blocks(1 << 20)
        self.held = b""

    def read(self, size: int = -1) -> bytes:
        """Return the next `size` bytes, all that are left for -1."""
        while size < 0 or len(self.held) < size:
            block = next(self.blocks, b"")
            if not block:
                break
            self.held += block
        size = len(self.held) if size < 0 else size
        found, self.held = self.held[:size], self.held[size:]
        return found

    def __iter__(self) -> Iterator[bytes]:
        while block := self.read(1 << 20):
            yield block


def _column(made: Any, kind: str) -> Column:
    """Return a piece of a column; whole numbers within -128..127 take a byte each."""
    if kind == "category":
        return Words(
            made.cat.codes.to_numpy().astype(np.int32), tuple(str(name) for name in made.cat.categories)
        )
    value = made.to_numpy()
    if kind == "int64" and len(value) and SMALL.min <= value.min() and value.max() <= SMALL.max:
        value = value.astype(np.int8)
    return Numbers(value)


def _expected_rows(source: Source) -> int:
    """Return how many rows the file has if all are as long as the first ones; 0 where only its end tells how long it is."""
    if source.compressed:
        return 0
    lines = source.head_text.count("\n")
    return int(1.02 * source.unpacked / len(source.head_text) * lines) if lines else 0


class _Growing:
    """A column that pieces are added to: numbers go to their place at once, so that none are held twice."""

    def __init__(self, expected: int) -> None:
        """Make room for `expected` rows, which costs nothing until they come."""
        self._expected = expected
        self._room: npt.NDArray[Any] | None = None
        self._used = 0
        self._words: list[Column] = []

    def add(self, piece: Column) -> None:
        """Take in the next piece."""
        if not isinstance(piece, Numbers):
            self._words.append(piece)
            return
        end = self._used + len(piece.value)
        room = self._room
        if room is None or end > len(room) or not np.can_cast(piece.value.dtype, room.dtype):
            kind = piece.value.dtype if room is None else np.result_type(room, piece.value)
            size = (
                max(self._expected, end) if room is None or end <= len(room) else max(end, len(room) * 3 // 2)
            )
            grown = np.empty(size, dtype=kind)
            if room is not None:
                grown[: self._used] = room[: self._used]
            self._room = room = grown
        room[self._used : end] = piece.value
        self._used = end

    def joined(self) -> Column:
        """Return all rows."""
        if self._room is not None:
            return Numbers(self._room[: self._used])
        whole = frame.joined(self._words)
        if isinstance(whole, Words):  # blanks around a label do not count
            tidy = frame.words(whole.names)
            whole = Words(np.append(tidy.code, np.int32(-1))[whole.code], tidy.names)
        return whole
