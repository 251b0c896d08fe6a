"""Large tables of plain numbers, read in pieces by pandas: the same columns as cell by cell, in a fraction of the time.

Below a few MB, loading pandas costs more than it saves. What the pieces cannot hold without doubt (rows of other widths,
another header, a quotation mark that is never closed) is left to the reading cell by cell: `read` returns None.
"""

from __future__ import annotations

import codecs
import gc
import io
import re
import warnings
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from mlcheck.errors import MlcheckError
from mlcheck.model import Event
from mlcheck.readers import cells, csv_layout
from mlcheck.readers.cells import Column
from mlcheck.readers.csv_layout import TextTable
from mlcheck.readers.table import Table

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from types import ModuleType

    import pandas as pd

    from mlcheck.model import Floats
    from mlcheck.readers.source import Source

PAYS_FROM = 8 << 20
"""Bytes from which on loading pandas takes less time than it saves."""
PIECE = 8 << 20
MOST_CELLS = 1 << 26
"""A bound on the memory, as a number takes 8 bytes and a mark: 600 MB."""
BLANKS = ["", "-", "--", "null", "NULL", "None", "none", "NA", "N/A", "<NA>"]
COMMENT = re.compile(rb"^ ?#[^\n]*", re.MULTILINE)
NANS = (b"nan", b"NaN", b"NAN")
LOGGED_NAN = b"-2.718281828459045e-287"
"""Stands for a NaN that was logged while pandas turns blanks into NaN. A piece with numbers near it is not read here."""


class _Layout(NamedTuple):
    """What the first lines say: where the header is, what separates the cells, how a header's line reads."""

    first: int
    delimiter: str
    header: list[str]
    line: bytes


class _Odd(Exception):
    """The file is not as plain as its first lines: it must be read cell by cell."""


def pays(source: Source) -> bool:
    """Whether the file is large enough to load pandas for it."""
    return source.unpacked >= PAYS_FROM


def read(source: Source) -> TextTable | None:
    """Return the table, None where only the reading cell by cell tells what it holds.

    Raises MlcheckError for a table that is too large, or that changed while it was read.
    """
    found = _layout(source)
    if found is None:
        return None
    pd = _pandas()
    try:
        return _Reading(source, found, pd.errors.ParserError).table()
    except (_Odd, pd.errors.ParserError, pd.errors.ParserWarning):
        return None


def _pandas() -> ModuleType:
    """Import pandas without a search for garbage among what it makes, all of which stays: a fifth of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        import pandas as pd
    finally:
        if enabled:
            gc.enable()
    return pd


def _layout(source: Source) -> _Layout | None:
    """Return the layout where the first lines are a header above rows of as many cells, all on lines of their own."""
    text = source.head_text.lstrip("\ufeff")
    lines = csv_layout.cut_lines(text)[:60]
    first, delimiter = csv_layout.layout(lines, cut=True) or (0, "")
    if delimiter not in (",", ";", "\t") or not delimiter or len(lines) < first + 4:
        return None
    rows = csv_layout.cut_rows(lines[:-1], first, delimiter)
    header = [name.strip() for name in rows.cells[0]]
    plain = len(rows.cells) > 2 and all(len(row) == len(header) for row in rows.cells)
    if not plain or rows.lines[1] != first + 2 or not csv_layout.is_header(header, rows.cells[1:2]):
        return None
    return _Layout(first, delimiter, header, csv_layout.LINE_END.split(text, first + 1)[first].encode())


def _blocks(source: Source) -> Iterator[bytes]:
    """Yield the text as UTF-8 without NUL, its lines ended as on Unix."""
    decoder = None
    if not source.encoding.startswith("utf-8"):
        decoder = codecs.getincrementaldecoder(source.encoding)("replace")
    held = b""
    for raw in source.blocks(PIECE):
        block = raw if decoder is None else decoder.decode(raw).encode("utf-8", "replace")
        if held or b"\r" in block:
            block = held + block
            held = block[-2:] if block.endswith(b"\r") else b""  # what ends here may go on in the next block
            block = block[: len(block) - len(held)]
            block = block.replace(b"\r\r\n", b"\n").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        yield block.translate(None, b"\0") if b"\0" in block else block
    if held:
        yield held.replace(b"\r", b"\n")


class _Reading:
    """One pass or two over a file: the columns of numbers first, then those with other cells as texts."""

    def __init__(self, source: Source, layout: _Layout, error: type[Exception]) -> None:
        self.source, self.layout, self.error = source, layout, error
        self.width = len(layout.header)
        self.odd: set[int] = set()
        self.has_nan = False
        self.tail = b""

    def table(self) -> TextTable:
        """Return the whole table."""
        numbers: list[list[Floats]] = [[] for _ in range(self.width)]
        kept: list[list[cells.Mask]] = [[] for _ in range(self.width)]
        rows = 0
        for piece in self.pieces():
            found = self.numbers(piece)
            rows += len(found)
            if rows * self.width > MOST_CELLS:
                raise MlcheckError(
                    self.source.name, f"expected at most {MOST_CELLS:,} cells, found more", "log less often"
                )
            for place in range(self.width):
                if place not in self.odd:
                    value, present = _values(found[place].to_numpy(), nan_logged=self.has_nan)
                    numbers[place].append(value)
                    kept[place].append(present)
        texts = self.texts(rows)
        if len(self.odd) == self.width or not rows:
            raise _Odd
        columns = [
            texts[place] if place in texts else Column(_joined(numbers[place]), _joined(kept[place]))
            for place in range(self.width)
        ]
        return self.checked(columns, rows)

    def checked(self, columns: list[Column], rows: int) -> TextTable:
        """Take out the rows without a cell, and say on which line each row stands where that matters."""
        filled = np.zeros(rows, dtype=np.bool_)
        for column in columns:
            filled |= column.present
            if column.texts:
                filled |= np.array([bool(t.strip()) for t in column.texts], dtype=np.bool_)
            filled[list(column.bad)] = True
        events, ended = self.cut()
        lines = None
        if events or any(c.bad for c in columns):
            if self.count_lines() - self.layout.first - 1 - (not ended) != rows:
                raise _Odd
            lines = np.arange(rows, dtype=np.int64) + self.layout.first + 2
        if not filled.all():
            columns = [c.rows(filled) for c in columns]
            lines = None if lines is None else lines[filled]
        names = csv_layout.unique(self.layout.header)
        return TextTable(self.layout.header, Table(dict(zip(names, columns, strict=True)), lines), events)

    def pieces(self) -> Iterator[bytes]:
        """Yield the rows in pieces that end with a line; what is left of a last line that was cut is kept in `tail`."""
        rest = b""
        ahead = self.layout.first + 1
        marked = b"\n" + self.layout.line + b"\n"
        for block in _blocks(self.source):
            start = 0
            for _ in range(ahead):
                start = block.index(b"\n", start) + 1
            ahead = 0
            end = block.rfind(b"\n") + 1
            if end <= start:
                rest += block[start:]
                if len(rest) > PIECE:
                    raise _Odd
                continue
            piece = b"".join((rest, memoryview(block)[start:end]))
            rest = block[end:]
            yield self.plain(piece, marked)
        if rest.strip():
            self.tail = rest
            if self.cells_in(rest) == self.width:
                self.tail = b""
                yield self.plain(rest + b"\n", marked)

    def plain(self, piece: bytes, marked: bytes) -> bytes:
        """Return a piece without comments and repeated headers; raise _Odd where a quotation mark is left open."""
        self.last = piece[piece.rfind(b"\n", 0, -1) + 1 :]
        if b"#" in piece:
            piece = COMMENT.sub(b"", piece)
        if b'"' in piece and piece.count(b'"') % 2:
            raise _Odd
        if marked in piece or piece.startswith(marked[1:]):
            piece = b"\n" + piece
            while marked in piece:
                piece = piece.replace(marked, b"\n")
        return piece

    def numbers(self, piece: bytes) -> pd.DataFrame:
        """Return a piece with float64 in every column that holds only numbers and blanks; the others join `odd`."""
        if not self.has_nan:
            try:
                return self.parsed(piece, {})
            except ValueError as error:
                if isinstance(error, self.error):
                    raise
        if b"e-287" in piece or b"E-287" in piece:
            raise _Odd
        for spelled in NANS:
            piece = piece.replace(spelled, LOGGED_NAN)
        self.has_nan = True
        try:
            return self.parsed(piece, {})
        except ValueError as error:
            if isinstance(error, self.error):
                raise
            guessed = self.parsed(piece, None)
            self.odd |= {i for i in range(self.width) if guessed[i].dtype.kind not in "iuf"}
            return self.parsed(piece, {})

    def parsed(self, piece: bytes, types: dict[int, str] | None, only: Collection[int] = ()) -> pd.DataFrame:
        """Return a piece by pandas: float64 but in the odd columns; by its own guess where `types` is None."""
        import pandas as pd

        options: dict[str, Any] = {"usecols": sorted(only), "na_filter": False} if only else {}
        if types is not None:
            types = {i: "str" if i in self.odd else "float64" for i in range(self.width)} | types
        if tuple(int(part) for part in pd.__version__.split(".")[:2]) < (3, 1):
            options["float_precision"] = "round_trip"  # later ones are exact by default
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            frame: pd.DataFrame = pd.read_csv(
                io.BytesIO(piece), sep=self.layout.delimiter, header=None, names=list(range(self.width)),
                index_col=False, dtype=types, keep_default_na=False, na_values=BLANKS, encoding_errors="replace",
                skipinitialspace=b'"' in piece, **options,
            )  # fmt: skip
        return frame

    def texts(self, rows: int) -> dict[int, Column]:
        """Return the columns with other cells than numbers, by their place: read cell by cell."""
        if not self.odd or len(self.odd) == self.width:
            return {}
        found: dict[int, list[str]] = {place: [] for place in sorted(self.odd)}
        for piece in self.pieces():
            frame = self.parsed(piece, dict.fromkeys(found, "str"), found)
            for place in found:
                found[place] += frame[place].tolist()
        if any(len(texts) != rows for texts in found.values()):
            raise MlcheckError(
                self.source.name, "expected a file that stays as it is, found one that changed while being read",
                "wait for the run to end",
            )  # fmt: skip
        known = set(self.layout.header)
        if any(t.strip() in known or t.startswith(("#", " #")) for t in found.get(0, ())):
            raise _Odd
        comma = self.layout.delimiter == ";"
        return {place: cells.column(texts, decimal_comma=comma) for place, texts in found.items()}

    def cut(self) -> tuple[tuple[Event, ...], bool]:
        """Return an event where the last row was cut, and whether the last line ends."""
        if not self.tail:
            return (), True
        mine, before = self.cells_in(self.tail), self.cells_in(self.last)
        if not mine or mine >= before:
            raise _Odd
        message = f"the last row has {mine} of {before} cells and was left out"
        return (Event(kind="truncated", message=message, at=float(self.count_lines())),), False

    def cells_in(self, line: bytes) -> int:
        """Return how many cells a line holds."""
        text = line.decode("utf-8", "replace").strip("\n")
        rows = csv_layout.cut_rows(["", text], 0, self.layout.delimiter).cells
        return len(rows[-1]) if rows else 0

    def count_lines(self) -> int:
        """Return how many lines the file has; one that does not end is one, too."""
        count, last = 0, b"\n"
        for block in _blocks(self.source):
            count += block.count(b"\n")
            last = block[-1:]
        return count + (last != b"\n")


def _values(value: Floats, *, nan_logged: bool) -> tuple[Floats, cells.Mask]:
    """Return numbers with NaN for NaN and blanks, and where there is no blank."""
    present = ~np.isnan(value)
    if not nan_logged:
        return value, present
    logged = value == float(LOGGED_NAN)
    return np.where(logged, np.nan, value), present


def _joined(parts: list[Any]) -> Any:
    """Join the parts and let go of them: a large table is not held twice."""
    whole = np.concatenate(parts) if len(parts) > 1 else parts[0]
    parts.clear()
    return whole
