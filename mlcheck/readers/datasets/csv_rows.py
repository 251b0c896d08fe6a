"""Tables as text: how they are cut, and their columns read in pieces by pandas' C engine.

What a column holds is inferred piece by piece, so one odd cell in a million rows of numbers costs one piece.
"""

from __future__ import annotations

import csv
import warnings
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mlcheck.errors import MlcheckError, NothingToRead
from mlcheck.readers import cells, csv_layout
from mlcheck.readers.datasets import raw
from mlcheck.readers.datasets.raw import NO_NUMBER, Raw, Table
from mlcheck.readers.predictions.csv_fast import Bounded, load_pandas
from mlcheck.readers.predictions.frame import Words
from mlcheck.readers.source import MAX_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from mlcheck.readers.source import Source

DELIMITERS = (",", "\t", ";", "|", "^", "~", " ")
ROWS_AT_ONCE = 1 << 18
CELLS_AT_ONCE = 1 << 24
MOST_COLUMNS = 20_000
MOST_CELLS = 1 << 29
"""Half a billion cells are 4 GiB of numbers."""
SAMPLE_LINES = 500
LONGEST_CELL = 1 << 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How the text is cut: `skip` lines stand above the header (above the first row where there is no header)."""

    delimiter: str
    quote: str
    names: tuple[str, ...]
    has_header: bool
    skip: int
    decimal_comma: bool
    texts: frozenset[int]


def read(source: Source) -> Table:
    """Return the table. Raises MlcheckError for an empty file, only a header, or rows of other widths."""
    if source.size > MAX_BYTES:
        raise MlcheckError(
            source.name, f"expected at most {MAX_BYTES >> 20:,} MiB, found more", "split the file"
        )
    made = layout(source)
    pd = load_pandas()
    found = _columns(pd, source, made, range(len(made.names)))
    again = [place for place, column in found.items() if column is None]
    if again:  # numbers in one piece and texts in another, or identifiers: as they are written
        found |= _columns(pd, source, made, again, as_texts=True)
    size = max(map(_length, found.values()), default=0)
    if not size:
        raise NothingToRead(
            source.name, "expected rows of data, found only the names of columns", "did the export end early?"
        )
    columns = {made.names[place]: column for place, column in sorted(found.items()) if column is not None}
    return Table(name=source.name, reader="csv", columns=_without_fillers(columns, made), size=size)


def _length(column: Raw | None) -> int:
    return 0 if column is None else len(column)


def _without_fillers(columns: dict[str, Raw], made: Layout) -> dict[str, Raw]:
    """Leave out a last column without a name and without values: a mark ends each line."""
    last = made.names[-1]
    if not last.startswith("column ") or len(columns) == 1 or columns[last].numbers is None:
        return columns
    numbers = columns[last].numbers
    assert numbers is not None  # noqa: S101  (tested above)
    if np.isnan(numbers).all() and not len(columns[last].odd_rows):
        return {name: column for name, column in columns.items() if name != last}
    return columns


def layout(source: Source) -> Layout:
    """Return how the file is cut, by its first lines. Raises MlcheckError where there is nothing to cut."""
    lines = source.head_text.lstrip("\ufeff").splitlines()
    if len(lines) > 2 and not source.whole:
        lines = lines[:-1]  # it may be cut
    skip = next((i for i, line in enumerate(lines) if line.strip()), None)
    if skip is None:
        raise NothingToRead(source.name, "expected a table, found an empty file", "did the export end early?")
    delimiter = _delimiter(_told(lines[skip:]))
    skip += _remarks(lines[skip:], delimiter)
    quote = _quote(lines[skip : skip + SAMPLE_LINES])
    rows = list(_cut(lines[skip : skip + SAMPLE_LINES], delimiter, quote))
    if not rows:
        raise NothingToRead(source.name, "expected a table, found only remarks", "did the export end early?")
    first, body = [cell.strip() for cell in rows[0]], rows[1:]
    if max(len(row) for row in rows) > MOST_COLUMNS:
        raise MlcheckError(
            source.name, f"expected at most {MOST_COLUMNS:,} columns, found more", "is this a table?"
        )
    has_header = _is_header(first, body)
    if has_header and body and all(len(row) == len(first) + 1 for row in body):
        first = ["", *first]  # R writes the names of rows without a name of their column
    first[0] = first[0].removeprefix("#").lstrip()
    plain = (
        [name or f"column {i + 1}" for i, name in enumerate(first)] if has_header else _numbered(len(first))
    )
    body = body if has_header else rows
    comma = _has_decimal_comma(body, delimiter)
    return Layout(
        delimiter=delimiter, quote=quote, names=tuple(csv_layout.unique(plain)), has_header=has_header, skip=skip,
        decimal_comma=comma, texts=_texts(body, len(first), decimal_comma=comma),
    )  # fmt: skip


def _numbered(width: int) -> list[str]:
    return [f"column {i + 1}" for i in range(width)]


def _told(lines: Sequence[str]) -> Sequence[str]:
    """Return the lines that are no remarks, all where there are no others."""
    return [line for line in lines if not line.startswith("#")] or lines


def _remarks(lines: Sequence[str], delimiter: str) -> int:
    """Return how many lines of remarks stand above the table; one as wide as the row below it names the columns."""
    count = next((i for i, line in enumerate(lines) if line.strip() and not line.startswith("#")), len(lines))
    if count and count < len(lines):
        above, below = (next(_cut([line], delimiter, '"'), []) for line in (lines[count - 1], lines[count]))
        names = [cell for cell in above if cell.strip("# ")]
        if len(above) == len(below) == len(names) and len(names) > 1:
            return count - 1
    return count if count < len(lines) else 0


def _quote(lines: Sequence[str]) -> str:
    """Return the mark around cells: a single one where cells are wrapped in it and no double one stands anywhere."""
    text = "\n".join(lines)
    wrapped = sum(line.count("','") + line.count("';'") for line in lines)
    return "'" if '"' not in text and wrapped >= len(lines) else '"'


def _delimiter(lines: Sequence[str]) -> str:
    """Return the mark that stands in the first line and cuts most lines into as many cells; "" where none does."""
    best: tuple[float, int, str] = (0.0, 0, "")
    for rank, mark in enumerate(DELIMITERS):
        widths = [len(row) for row in _cut(lines[:SAMPLE_LINES], mark, '"')]
        if not widths or widths[0] < 2:
            continue
        width, count = Counter(widths).most_common(1)[0]
        if width < 2 or (mark == " " and not _spaced(lines[:SAMPLE_LINES])):
            continue
        best = max(best, (round(count / len(widths), 2), -rank, mark))
    return best[2] if best[0] > 0.5 else ""


def _spaced(lines: Sequence[str]) -> bool:
    """Whether blanks separate cells: every line has as many, and some cells of each row are numbers; prose has none."""
    rows = [line.split() for line in lines if line.strip()]
    body = rows[1:] or rows
    return len({len(row) for row in rows}) == 1 and all(
        any(cells.number(cell) is not None for cell in row) for row in body
    )


def _cut(lines: Iterable[str], delimiter: str, quote: str) -> Iterator[list[str]]:
    """Yield the cells of each line that is not blank."""
    if delimiter in ("", " "):
        yield from (
            line.split() if delimiter else [line.strip().strip(quote)] for line in lines if line.strip()
        )
        return
    csv.field_size_limit(LONGEST_CELL)
    ended = (line + "\n" for line in lines)
    try:
        for row in csv.reader(ended, delimiter=delimiter, quotechar=quote, skipinitialspace=True):
            if row and (len(row) > 1 or row[0].strip()):
                yield row
    except csv.Error:  # of a cell that is too long: the rows before it tell how the text is cut
        return


def _is_number(cell: str, *, decimal_comma: bool = False) -> bool:
    return cells.number(cell, decimal_comma=decimal_comma) is not None


def _is_header(first: Sequence[str], body: Sequence[Sequence[str]]) -> bool:
    """Whether the first row names columns.

    It does without a number in it; with whole numbers in order (as positions are written); or with a text above
    numbers. Otherwise it is the first row of data.
    """
    numbers = [_is_number(cell) for cell in first]
    if not any(numbers) or (
        len(set(first)) == len(first) and _counts_up([c for c, n in zip(first, numbers, strict=True) if n])
    ):
        return True
    for place, (cell, is_number) in enumerate(zip(first, numbers, strict=True)):
        below = [row[place].strip() for row in body if place < len(row) and row[place].strip()]
        if cell and not is_number and cell.lower() not in NO_NUMBER and below and all(map(_is_number, below)):
            return True
    return False


def _counts_up(names: Sequence[str]) -> bool:
    """Whether names are the whole numbers from 0 or 1 on, at least two of them."""
    if not all(name.isdigit() for name in names) or len(names) < 2:
        return False
    return [int(name) for name in names] in (list(range(len(names))), list(range(1, len(names) + 1)))


def _has_decimal_comma(body: Sequence[Sequence[str]], delimiter: str) -> bool:
    """Whether numbers are written as 3,14: more cells are of that form than with a point."""
    if delimiter == ",":
        return False
    every = [cell.strip() for row in body for cell in row]
    comma = sum(
        bool(cells.DECIMAL_COMMA.fullmatch(c)) and not cells.THOUSANDS.fullmatch(c) for c in every if "," in c
    )
    point = sum(_is_number(c) for c in every if "." in c)
    return comma > point


def _texts(body: Sequence[Sequence[str]], width: int, *, decimal_comma: bool) -> frozenset[int]:
    """Return the columns that hold texts: most cells that hold anything are no numbers."""
    texts = []
    for place in range(width):
        told = [row[place].strip() for row in body if place < len(row)]
        told = [cell for cell in told if cell.lower() not in NO_NUMBER]
        if sum(not _is_number(cell, decimal_comma=decimal_comma) for cell in told) > len(told) / 2:
            texts.append(place)
    return frozenset(texts)


def _columns(
    pd: Any, source: Source, made: Layout, places: Iterable[int], *, as_texts: bool = False
) -> dict[int, Raw | None]:
    """Return these columns of all rows, None for one that has to be read as texts."""
    wanted = list(places)
    kinds = dict.fromkeys(wanted, "str") if as_texts else dict.fromkeys(made.texts, "category")
    parts: dict[int, list[Raw]] = {place: [] for place in wanted}
    exact: dict[int, bool] = dict.fromkeys(wanted, True)
    rows = 0
    try:
        for piece in _pieces(pd, source, made, wanted, kinds):
            rows += len(piece)
            if rows * len(made.names) > MOST_CELLS:
                raise MlcheckError(
                    source.name, f"expected at most {MOST_CELLS:,} cells, found more", "split the file"
                )
            for place in wanted:
                part, is_exact = _part(piece[place], made.decimal_comma, kinds.get(place))
                parts[place].append(part)
                exact[place] &= is_exact
    except (pd.errors.ParserError, pd.errors.ParserWarning, UnicodeError, ValueError, OverflowError) as error:
        raise _broken(source, made, error) from None
    found: dict[int, Raw | None] = {}
    for place in wanted:  # a column's pieces are let go of as it is joined: a large table is not held twice
        pieces = parts.pop(place)
        found[place] = raw.joined(pieces) if pieces and exact[place] else None
    return found if rows else {}


def _broken(source: Source, made: Layout, error: Exception) -> MlcheckError:
    reason = next(iter(str(error).splitlines()), type(error).__name__)
    reason = reason.removeprefix("Error tokenizing data. C error: ").strip().rstrip(".")[:120]
    return MlcheckError(
        source.name, f"expected rows of {len(made.names)} cells, found others ({reason})",
        "quote cells that hold the separator",
    )  # fmt: skip


def _pieces(
    pd: Any, source: Source, made: Layout, wanted: Sequence[int], kinds: dict[int, str]
) -> Iterator[Any]:
    """Yield pandas' frames of some columns, named by their place."""
    plain = source.path is not None and not source.compressed
    exact = tuple(int(part) for part in pd.__version__.split(".")[:2]) >= (3, 1)
    options: dict[str, Any] = {} if exact else {"float_precision": "round_trip"}
    if made.skip:
        options["skiprows"] = made.skip
    width = len(made.names)
    if len(wanted) < width:
        options["usecols"] = sorted(wanted)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        reader = pd.read_csv(
            source.path if plain else Bounded(source), sep={"": "\x01", " ": r"\s+"}.get(made.delimiter, made.delimiter),
            header=0 if made.has_header else None, names=list(range(width)), index_col=False,
            dtype=kinds, keep_default_na=False,
            na_values=sorted(raw.BLANK), quotechar=made.quote, skipinitialspace=True, skip_blank_lines=width > 1,
            decimal="," if made.decimal_comma else ".", encoding=source.encoding, encoding_errors="replace",
            chunksize=max(1000, min(ROWS_AT_ONCE, CELLS_AT_ONCE // width)), low_memory=False, **options,
        )  # fmt: skip
        with reader:
            yield from reader


def _part(made: Any, decimal_comma: bool, kind: str | None) -> tuple[Raw, bool]:
    """Return a piece of a column, and False where that is not how it is written: it is read again as text."""
    if kind == "category":
        spelled = made.cat.categories.dtype.kind not in "iufb"  # "007" would be 7
        names = tuple(str(name) for name in made.cat.categories)
        return Raw(words=raw.tidied(Words(made.cat.codes.to_numpy().astype(np.int32), names))), spelled
    if made.dtype.kind in "iuf":
        value = made.to_numpy()
        return raw.of_numbers(value), made.dtype.kind == "f" or _are_exact(value)
    code, uniques = made.factorize()
    words = raw.tidied(Words(code.astype(np.int32), tuple(str(name) for name in uniques)))
    found = raw.as_numbers(words, decimal_comma=decimal_comma) if kind is None or decimal_comma else None
    return (found, True) if found is not None else (Raw(words=words), True)


def _are_exact(value: Any) -> bool:
    """Whether a float tells these whole numbers apart."""
    return max(-float(value.min()), float(value.max()), 0.0) < raw.LONGEST_EXACT if len(value) else True
