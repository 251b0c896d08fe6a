"""Any file of rows and columns as named arrays: the format is found by content, nothing of it is interpreted yet."""

from __future__ import annotations

import csv
import io
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from mlcheck.errors import MlcheckError
from mlcheck.readers import csv_layout, pickled
from mlcheck.readers.predictions import cells
from mlcheck.readers.source import Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

Array: TypeAlias = npt.NDArray[Any]

LARGE = 8 << 20
"""Bytes from which on pandas reads a table: below, importing it takes longer than reading."""
CHUNK_ROWS = 1_000_000
MOST_COLUMNS = 20_000
PARQUET = b"PAR1"
ZIP = b"PK\x03\x04"
NPY = b"\x93NUMPY"
PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"%PDF")
SUFFIXES = frozenset((".csv", ".tsv", ".json", ".jsonl", ".ndjson", ".parquet", ".npz", ".gz"))
RECORDS = ("predictions", "results", "rows", "data", "records", "samples", "examples", "items", "instances")
"""Keys under which a JSON document may hold its records."""


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """A table: `columns` by name, (n,) numbers or texts (dtype object, None for a blank), or (n, k) numbers.

    `named` is False where the file has no names and they were made up. `source` is how the file is shown.
    """

    source: str
    reader: str
    columns: dict[str, Array]
    named: bool = True

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()))) if self.columns else 0


def read(name: str, *, stdin: Callable[[], bytes] | None = None) -> Frame:
    """Read the table in a file, in a folder of parts, or on standard input; raises MlcheckError where there is none."""
    if name == "-":
        return _checked(_file(Source(name="-", content=stdin() if stdin else b"")))
    path = Path(name)
    try:
        if path.is_dir():
            return _checked(_folder(path))
        shown = path.name or name
        return _checked(_file(Source(name=shown, path=path)))
    except OSError as error:
        raise MlcheckError(
            name,
            f"expected a readable file, found: {(error.strerror or str(error)).lower()}",
            "check the path",
        ) from error


def source(name: str) -> Source:
    """Return the file of a name, to be read as it is; raises MlcheckError where there is none."""
    path = Path(name)
    try:
        if path.is_dir():
            raise MlcheckError(name, "expected a file, found a folder", "check the path")
        path.stat()
    except OSError as error:
        found = (error.strerror or str(error)).lower()
        raise MlcheckError(name, f"expected a readable file, found: {found}", "check the path") from error
    return Source(name=path.name or name, path=path)


def _checked(frame: Frame) -> Frame:
    if not frame.columns or not len(frame):
        names = ", ".join(list(frame.columns)[:6])
        found = f"only the names of columns ({names})" if frame.columns else "an empty file"
        raise MlcheckError(frame.source, f"expected rows of predictions, found {found}")
    if len(frame.columns) > MOST_COLUMNS:
        raise MlcheckError(
            frame.source, f"expected at most {MOST_COLUMNS:,} columns, found {len(frame.columns):,}"
        )
    return frame


def _file(source: Source) -> Frame:
    """Read one file by what its first bytes say."""
    head = source.head
    if not head:
        raise MlcheckError(source.name, "expected predictions, found an empty file")
    if source.is_pointer:
        raise MlcheckError(source.name, "expected predictions, found a Git-LFS pointer", "run git lfs pull")
    if head.startswith(PARQUET):
        return _parquet(source)
    if head.startswith((ZIP, NPY)):
        return _numpy(source)
    if pickled.sniff(source):
        raise MlcheckError(
            source.name,
            "expected a table, found a pickle, which can run any code when it is loaded",
            "save it as CSV, Parquet or NPZ: frame.to_csv(...), numpy.savez(...)",
        )
    if head.startswith(PICTURES) or not source.is_text:
        raise MlcheckError(
            source.name,
            "expected CSV, JSON, Parquet or NPZ, found binary data of no known format",
            "see `mlcheck metrics --help`",
        )
    if source.head_text.lstrip("\ufeff \t\r\n")[:1] in ("{", "["):
        return _json(source)
    return _table(source)


def _parquet(source: Source) -> Frame:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        raise MlcheckError(
            source.name,
            "expected pyarrow for reading Parquet, found it not installed",
            'pip install "mlcheck-runs[parquet]", or pip install ".[parquet]" in a checkout',
        ) from None
    content: Any = (
        source.path if source.path is not None and not source.compressed else io.BytesIO(source.read_bytes())
    )
    try:
        table = pq.ParquetFile(content).read()
        columns = {name: _arrow(table.column(i)) for i, name in enumerate(table.column_names)}
    except (pa.ArrowException, OSError, ValueError, MemoryError) as error:
        reason = next(iter(str(error).splitlines()), type(error).__name__)
        raise MlcheckError(
            source.name, f"expected a Parquet file, found a broken one ({reason})", "copy it again"
        ) from None
    return Frame(source.name, "parquet", columns)


def _arrow(column: Any) -> Array:
    """Return a column of Arrow: numbers as they are (nulls as NaN), fixed lists of numbers as rows, else objects."""
    import pyarrow.types as kinds

    kind = column.type
    if kinds.is_boolean(kind) and not column.null_count:
        return np.asarray(column.to_numpy(), dtype=bool)
    if kinds.is_integer(kind) or kinds.is_floating(kind):
        found: Array = column.to_numpy()
        return found if found.dtype != object else found.astype(np.float64)
    if kinds.is_decimal(kind):
        return np.asarray(column.cast("float64").to_numpy())
    return cells.of_objects(column.to_pylist())


def _numpy(source: Source) -> Frame:
    """Read NPY and NPZ, never a pickle inside."""
    try:
        with source.open() as stream:
            loaded = np.load(stream, allow_pickle=False)
            arrays = {"0": loaded} if isinstance(loaded, np.ndarray) else {n: loaded[n] for n in loaded.files}
    except (ValueError, OSError, EOFError, KeyError, MemoryError, NotImplementedError) as error:
        is_pickled = "pickle" in str(error).lower()
        found = (
            "an array of Python objects, which can run any code when loaded"
            if is_pickled
            else f"a broken one ({error})"
        )
        raise MlcheckError(
            source.name,
            f"expected NumPy arrays, found {found}",
            "save texts as a string array: numpy.array(labels, dtype=str)" if is_pickled else "copy it again",
        ) from None
    except Exception as error:  # noqa: BLE001  (zipfile raises its own kinds for damaged archives)
        raise MlcheckError(
            source.name, f"expected NumPy arrays, found a broken file ({error})", "copy it again"
        ) from None
    columns = {n: a for n, a in arrays.items() if a.ndim in (1, 2) and len(a)}
    rows = max((len(a) for a in columns.values()), default=0)
    short = {n: len(a) for n, a in columns.items() if len(a) != rows}
    kept = {n: _plain(a) for n, a in columns.items() if len(a) == rows}
    if short and len(kept) < 2:
        told = ", ".join(f"{n} of {size:,}" for n, size in list(short.items())[:3])
        raise MlcheckError(source.name, f"expected arrays of one length, found {told} beside {rows:,} rows")
    return Frame(source.name, "npz", kept, named=not isinstance(loaded, np.ndarray))


def _plain(array: Array) -> Array:
    """Return an array in a type that is worked with: float16 and integers as float64 or int64, texts as objects."""
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.dtype.kind in "US":
        return np.array(
            [t.decode("utf-8", "replace") if isinstance(t, bytes) else str(t) for t in array.tolist()],
            dtype=object,
        )
    if array.dtype.kind == "f" and array.dtype.itemsize not in (4, 8):
        return array.astype(np.float64)
    return array


def _json(source: Source) -> Frame:
    """Read a document (records, columns, or either under a key) or JSON lines."""
    text = source.read_text().lstrip("\ufeff")
    try:
        document = json.loads(text)
    except ValueError as error:
        return _json_lines(source, text, error)
    except RecursionError:
        raise MlcheckError(source.name, "expected records, found brackets nested too deeply") from None
    found = _records(document)
    if found is None:
        raise MlcheckError(
            source.name,
            "expected records (a list of objects) or columns (an object of lists), found neither",
            'such as [{"label": 1, "score": 0.9}, ...]',
        )
    return Frame(source.name, "json", found)


def _json_lines(source: Source, text: str, whole: ValueError) -> Frame:
    rows = []
    lines = [line for line in text.split("\n") if line.strip()]
    for number, line in enumerate(lines, 1):
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            if number == 1:
                raise MlcheckError(source.name, f"expected JSON, found a mistake: {whole}") from None
            raise MlcheckError(
                f"{source.name}:{number}", "expected one JSON object a line, found none", "is the file cut?"
            ) from None
        rows.append(row)
    if not all(isinstance(row, dict) for row in rows):
        raise MlcheckError(source.name, "expected one JSON object a line, found other values")
    return Frame(source.name, "jsonl", _columns(rows))


def _records(document: object) -> dict[str, Array] | None:
    """Return the columns of a document, None where it holds neither records nor columns."""
    if isinstance(document, list) and document and all(isinstance(row, dict) for row in document):
        return _columns(document)
    if not isinstance(document, dict):
        return None
    lists = {k: v for k, v in document.items() if isinstance(v, list) and v}
    sizes = {len(v) for v in lists.values()}
    if lists and len(sizes) == 1 and not all(isinstance(row, dict) for v in lists.values() for row in v):
        return {k: cells.of_objects(v) for k, v in lists.items()}
    for key in (*RECORDS, *document):
        inner = document.get(key)
        if isinstance(inner, list) and inner and all(isinstance(row, dict) for row in inner):
            return _columns(inner)
    if document and all(isinstance(v, dict) for v in document.values()):
        by_name = {k: {"id": k, **v} for k, v in document.items()}
        index = {tuple(v) for v in document.values() if isinstance(v, dict)}
        if len(index) == 1 and all(
            key.isdigit() for key in next(iter(index))
        ):  # pandas: {column: {row: value}}
            return {k: cells.of_objects(list(v.values())) for k, v in document.items()}
        return _columns(list(by_name.values()))
    return None


def _columns(rows: Sequence[Mapping[str, Any]]) -> dict[str, Array]:
    """Return the columns of records; nested objects become names with a point."""
    flat = [_flat(row) for row in rows]
    names = dict.fromkeys(name for row in flat for name in row)
    if len(names) > MOST_COLUMNS:
        raise MlcheckError("JSON", f"expected at most {MOST_COLUMNS:,} columns, found {len(names):,}")
    return {name: cells.of_objects([row.get(name) for row in flat]) for name in names}


def _flat(row: Mapping[str, Any], before: str = "", depth: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in row.items():
        if isinstance(value, dict) and depth < 3:
            found |= _flat(value, f"{before}{key}.", depth + 1)
        else:
            found[f"{before}{key}"] = value
    return found


def _table(source: Source) -> Frame:
    """Read a table as text: with pandas where it is large, else cell by cell."""
    whole_lines = csv_layout.cut_lines(source.head_text)
    lines = whole_lines if source.whole else whole_lines[:-1]
    first, mark = csv_layout.layout(lines[:60], cut=not source.whole) or (0, _mark(lines[:60]))
    rows = csv_layout.cut_rows(lines[:200], first, mark)
    if not rows.cells:
        raise MlcheckError(source.name, "expected a table, found nothing but line ends")
    header = [cell.strip() for cell in rows.cells[0]]
    named = csv_layout.is_header(header, rows.cells[1:2]) or _is_text_header(rows.cells)
    names = list(csv_layout.unique(header)) if named else [str(i) for i in range(len(header))]
    if source.unpacked > LARGE and mark not in csv_layout.BLANKS:
        return Frame(source.name, "csv", _large(source, names, first + named, mark), named)
    text = source.read_text().lstrip("\ufeff")
    body = _cells(source, text, first, mark)[1 if named else 0 :]
    width = len(names)
    return Frame(
        source.name,
        "csv",
        {
            name: cells.of_texts([row[i] if i < len(row) else "" for row in body], decimal_comma=mark == ";")
            for i, name in enumerate(names[:width])
        },
        named,
    )


def _cells(source: Source, text: str, first: int, mark: str) -> list[list[str]]:
    """Return the rows of cells from the header on; quoted cells may hold line ends."""
    if mark in csv_layout.BLANKS or '"' not in text:
        return csv_layout.cut_rows(csv_layout.cut_lines(text), first, mark).cells
    lines = text.split("\n")
    reader = csv.reader(io.StringIO("\n".join(lines[first:]), newline=""), delimiter=mark)
    csv.field_size_limit(csv_layout.LONGEST_CELL)
    try:
        return [row for row in reader if row and any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise MlcheckError(
            f"{source.name}:{first + reader.line_num}", f"expected a row of cells, found a mistake: {error}"
        ) from None


def _mark(lines: Iterable[str]) -> str:
    """Return what separates the cells where no mark fits every line: the commonest of those that do not stand in numbers."""
    text = "\n".join(lines)
    return max((",", "\t", ";", "|"), key=text.count)


def _is_text_header(rows: Sequence[Sequence[str]]) -> bool:
    """Whether a first row of texts above texts names columns: none of its cells comes again in its column."""
    first, below = rows[0], rows[1:]
    if not below or not all(cell.strip() for cell in first):
        return False
    return len(set(first)) == len(first) and all(
        cell not in {row[i] for row in below if i < len(row)} for i, cell in enumerate(first)
    )


def _large(source: Source, names: list[str], skipped: int, mark: str) -> dict[str, Array]:
    """Read a large table in pieces with pandas: typed by its first rows, so that nothing is guessed twice."""
    import pandas as pd

    where: Any = source.path if source.path is not None else io.BytesIO(source.read_bytes())
    options: dict[str, Any] = {
        "sep": mark, "header": None, "names": names, "skiprows": skipped, "encoding": source.encoding,
        "compression": "gzip" if source.compressed else None, "engine": "c", "encoding_errors": "replace",
        "decimal": "," if mark == ";" else ".",
    }  # fmt: skip
    try:
        kinds = _kinds(pd.read_csv(where, nrows=1000, **options))
        where = source.path if source.path is not None else io.BytesIO(source.read_bytes())
        try:
            pieces = _pieces(pd.read_csv(where, dtype=kinds, chunksize=CHUNK_ROWS, **options), names)
        except (ValueError, TypeError):  # a later row does not fit the types of the first
            where = source.path if source.path is not None else io.BytesIO(source.read_bytes())
            pieces = _pieces(pd.read_csv(where, chunksize=CHUNK_ROWS, low_memory=False, **options), names)
    except (pd.errors.ParserError, ValueError, UnicodeError, EOFError, OSError) as error:
        raise MlcheckError(
            source.name, f"expected rows of {len(names)} cells, found a mistake: {str(error).splitlines()[0]}"
        ) from None
    return {name: cells.joined(parts) for name, parts in pieces.items()}


def _kinds(sample: Any) -> dict[str, Any]:
    """Return the types of columns by their first rows: whole numbers, floats, else left open."""
    kinds = {}
    for name in sample.columns:
        kind = sample[name].dtype
        if kind.kind in "if" and not isinstance(kind, str):
            kinds[name] = np.float64 if kind.kind == "f" else np.int64
    return kinds


def _pieces(chunks: Any, names: list[str]) -> dict[str, list[Array]]:
    found: dict[str, list[Array]] = {name: [] for name in names}
    with chunks:
        for chunk in chunks:
            for name in names:
                found[name].append(cells.of_pandas(chunk[name]))
    return found


def _folder(path: Path) -> Frame:
    """Read the parts of one table: all files of the commonest format; `name=value` folders are columns."""
    files = sorted(
        file
        for folder, _, names in os.walk(path)
        for name in names
        if (file := Path(folder, name)).suffix.lower() in SUFFIXES and not name.startswith((".", "_"))
    )
    shown = path.resolve().name
    if not files:
        raise MlcheckError(
            shown, "expected a folder with parts of a table, found none", "CSV, JSON lines, Parquet or NPZ"
        )
    frames = [_part(file, path, shown) for file in files]
    first = list(frames[0].columns)
    for frame in frames[1:]:
        if set(frame.columns) != set(first):
            odd = sorted(set(frame.columns) ^ set(first))[:3]
            raise MlcheckError(
                frame.source,
                f"expected the columns of {frames[0].source}, found others: {', '.join(odd)}",
                "name one file",
            )
    columns = {name: cells.joined([frame.columns[name] for frame in frames]) for name in first}
    return Frame(shown, frames[0].reader, columns, frames[0].named)


def _part(file: Path, folder: Path, shown: str) -> Frame:
    inner = file.relative_to(folder)
    frame = _file(Source(name=f"{shown}/{inner.as_posix()}", path=file))
    keys = dict(part.split("=", 1) for part in inner.parts[:-1] if "=" in part)
    n = len(frame)
    made = {key: np.full(n, value, dtype=object) for key, value in keys.items() if key not in frame.columns}
    return Frame(frame.source, frame.reader, {**frame.columns, **made}, frame.named)
