"""What the user named, opened: a table of any format, standard input, or a folder of images or of one table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mlcheck.errors import MlcheckError, NothingToRead
from mlcheck.readers import pickled, search
from mlcheck.readers.datasets import csv_rows, images, json_rows, parquet_columns, raw
from mlcheck.readers.datasets.raw import Table
from mlcheck.readers.predictions import parquet_table
from mlcheck.readers.predictions.inputs import HDF5, PICTURES
from mlcheck.readers.source import Source

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

TABLES = frozenset((".csv", ".tsv", ".json", ".jsonl", ".ndjson", ".parquet", ".pq"))
MOST_PARTS = 10_000
ZIP, NUMPY = b"PK\x03\x04", b"\x93NUMPY"
SAFE = "save the rows as CSV or Parquet: DataFrame.to_csv(file, index=False)"


def table(text: str, *, stdin: Callable[[], bytes] | None = None) -> Table:
    """Return what the user named. Raises MlcheckError where nothing is found, or nothing that could be data."""
    if text != "-" and _is_folder(text):
        return _folder(Path(text))
    found = search.find([text], columns={}, stdin=stdin)
    if found.problems and not found.sources:
        problem = found.problems[0]
        hint = problem.hint.replace("the log", "the rows")
        raise MlcheckError(
            problem.source, problem.message.replace("a file or folder", "a readable file or folder"), hint
        )
    return _parts(search.last(text) if text != "-" else "-", found.sources)


def _is_folder(text: str) -> bool:
    try:
        return Path(text).is_dir()
    except (OSError, ValueError):  # a name with a NUL, or one that is too long
        return False


def _folder(top: Path) -> Table:
    paths = images.files(top)
    if paths:
        return images.read(top, paths)
    name = search.last(str(top))
    found = sorted(path for path in top.rglob("*") if path.is_file() and not path.name.startswith((".", "_")))
    tables = [path for path in found if _is_table(path)]
    if not tables:
        raise images.empty(name, len(found))
    if len(tables) > MOST_PARTS:
        raise MlcheckError(name, f"expected at most {MOST_PARTS:,} files, found more", "name one table")
    shown = [f"{name}/{path.relative_to(top).as_posix()}" for path in tables]
    sources = [Source(name=text, path=path, named=False) for text, path in zip(shown, tables, strict=True)]
    return _parts(name, sources)


def _is_table(path: Path) -> bool:
    suffixes = [suffix.lower() for suffix in path.suffixes[-2:]]
    return bool(suffixes) and (suffixes[-1] in TABLES or (suffixes[-1] == ".gz" and suffixes[0] in TABLES))


def _parts(name: str, sources: Sequence[Source]) -> Table:
    """Return one file, or files of the same columns under each other."""
    read = [_one(source) for source in sources]
    if len(read) == 1:
        return read[0]
    first = read[0]
    other = next((made for made in read if list(made.columns) != list(first.columns)), None)
    if other is not None:
        raise MlcheckError(
            name, f"expected parts of one table, found files of other columns: {first.name} and {other.name}",
            "name one of the files",
        )  # fmt: skip
    columns = {}
    for column in first.columns:
        pieces = [made.columns[column] for made in read]
        joint = raw.joined(pieces)
        texts = [piece.as_words() for piece in pieces] if joint is None else []
        columns[column] = joint or raw.Raw(words=raw.joined_words(texts))
    problems = tuple(problem for made in read for problem in made.problems)
    return Table(
        name=name, reader=first.reader, columns=columns, size=sum(m.size for m in read), problems=problems
    )


def _one(source: Source) -> Table:
    """Read one file. Raises MlcheckError where it cannot be reached or read."""
    try:
        return _table(source)
    except OSError as error:
        found = (error.strerror or str(error)).lower()
        raise MlcheckError(
            source.name, f"expected a readable file, found: {found}", "check its permissions"
        ) from None
    except MemoryError:
        raise MlcheckError(
            source.name, "expected a table that fits into memory, found a larger one", "name a part"
        ) from None


def _table(source: Source) -> Table:
    if not source.head:
        raise NothingToRead(source.name, "expected a table, found an empty file", "did the export end early?")
    if source.is_pointer:
        raise MlcheckError(source.name, "expected a table, found a Git-LFS pointer", "run git lfs pull")
    if source.compressed and source.cut:
        raise MlcheckError(source.name, "expected a gzip file, found one cut short", "copy it again")
    if parquet_table.sniff(source):
        return parquet_columns.read(source)
    if not source.is_text or pickled.sniff(source):
        raise NothingToRead(source.name, f"expected a table, found {_told(source)}", SAFE)
    if source.head_text.lstrip("\ufeff \t\r\n")[:1] in ("{", "["):
        return json_rows.read(source)
    return csv_rows.read(source)


def _told(source: Source) -> str:
    """Return what a file is that is neither text nor Parquet."""
    if pickled.sniff(source):
        return "a pickle, which can run any code when it is loaded"
    if source.head.startswith(PICTURES):
        return "a picture or document: images are read as a folder with a sub-folder for each class"
    if source.head.startswith(ZIP):
        return "an archive or a spreadsheet"
    return (
        "HDF5"
        if source.head.startswith(HDF5)
        else "arrays"
        if source.head.startswith(NUMPY)
        else "binary data"
    )
