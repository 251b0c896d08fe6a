"""What the user named, opened: one file, a folder of parts (`split=test/part-0.parquet`), a glob or standard input.

A table is opened by its first rows; its columns are read once it is known which are needed.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from mlcheck.errors import MlcheckError, NothingToRead
from mlcheck.readers import pickled, search
from mlcheck.readers.listing import listed
from mlcheck.readers.predictions import arrays, csv_fast, csv_table, frame, json_table, parquet_table
from mlcheck.readers.predictions.frame import Frame, Words
from mlcheck.readers.source import Source

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mlcheck.readers.predictions.csv_table import Layout

Kind: TypeAlias = Literal["csv", "json", "numpy", "parquet"]
SUFFIXES = frozenset(["csv", "tsv", "txt", "json", "jsonl", "ndjson", "parquet", "pq", "npz", "npy"])
KEY = re.compile(r"([^=/]+)=([^=/]*)")
HEAD_ROWS = 2000
MOST_PARTS = 20_000
CUT_SEARCHED = 1 << 30
PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"%PDF", b"RIFF", b"II*\0", b"MM\0*")
HDF5 = b"\x89HDF"
SAFE = "save the predictions as CSV, Parquet or NPZ: numpy.savez(file, y_true=..., y_score=...)"


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """One file of a table: what it is, its first rows (all rows where `whole`), what its folders say of its rows.

    `rows` is how many there are where the file says so, else 0.
    """

    source: Source
    kind: Kind
    head: Frame
    whole: bool
    keys: tuple[tuple[str, str], ...] = ()
    layout: Layout | None = None
    rows: int = 0

    def read(self, names: Sequence[str]) -> Frame:
        """Return these columns of all rows."""
        own = [name for name in names if name in self.head.columns]
        if self.whole:
            made = self.head.only(own)
        elif self.kind == "parquet":
            made = parquet_table.read(self.source, own)
        else:
            assert self.layout is not None  # noqa: S101  (a large table as text has one)
            made = csv_fast.read(self.source, self.layout, self.head, own)
        return _with_keys(made, [pair for pair in self.keys if pair[0] in names])


@dataclass(frozen=True, slots=True, eq=False)
class Opened:
    """A table of one or several files: `name` as reports show it, the first rows, how many files were passed over."""

    name: str
    parts: tuple[Part, ...]
    head: Frame
    passed_over: int = 0

    @property
    def reader(self) -> str:
        """The name of the format."""
        return self.parts[0].kind

    @property
    def rows(self) -> int:
        """How many rows there are where the files say so, else 0."""
        return sum(part.rows for part in self.parts)

    @property
    def whole(self) -> bool:
        """Whether `head` holds all rows."""
        return len(self.parts) == 1 and self.parts[0].whole

    def read(self, names: Sequence[str]) -> Frame:
        """Return these columns of all rows, in the order given."""
        frames = [part.read(names) for part in self.parts]
        size = sum(made.size for made in frames)
        columns = {name: frame.joined([made.columns[name] for made in frames]) for name in names}
        dropped: dict[str, int] = {}
        for made in frames:
            for reason, count in made.dropped.items():
                dropped[reason] = dropped.get(reason, 0) + count
        return Frame(columns, size, named=self.head.named, dropped=dropped)


class SeveralTables(MlcheckError):
    """A folder that holds several tables, not the parts of one: `tables` are these, file by file."""

    def __init__(self, where: str, problem: str, tables: tuple[Opened, ...], passed_over: int) -> None:
        super().__init__(where, problem, "name one of the files")
        self.tables = tables
        self.passed_over = passed_over


def open_table(text: str, *, stdin: Callable[[], bytes] | None = None) -> Opened:
    """Open what the user named.

    Raises MlcheckError where nothing is found, or nothing that could be predictions, SeveralTables for a folder of them.
    """
    if text != "-" and _is_folder(text):
        sources, passed_over = _walk(Path(text))
        return _folder(f"{search.last(text)}", sources, passed_over)
    found = search.find([text], columns={}, stdin=stdin)
    if found.problems and not found.sources:
        problem = found.problems[0]
        told = problem.message.replace("a file or folder", "a readable file or folder")
        raise MlcheckError(problem.source, told, problem.hint)
    if len(found.sources) == 1:
        part = _reached(found.sources[0])
        return Opened(part.source.name, (part,), _with_keys(part.head, part.keys))
    return _folder(search.last(text), found.sources, found.passed_over)


def one_source(text: str) -> Source:
    """Return the one file that the user named, to be read as it is. Raises MlcheckError where there is none."""
    if _is_folder(text):
        raise MlcheckError(search.last(text), "expected a file, found a folder", "name the file in it")
    found = search.find([text], columns={})
    if found.problems or len(found.sources) != 1:
        problem = found.problems[0] if found.problems else None
        what = problem.message if problem else f"expected one file, found {len(found.sources)}"
        raise MlcheckError(problem.source if problem else text, what, "check the path")
    return found.sources[0]


def _is_folder(text: str) -> bool:
    try:
        return Path(text).is_dir()
    except (OSError, ValueError):  # a name with a NUL, or one that is too long
        return False


def _walk(top: Path) -> tuple[list[Source], int]:
    """Return the files of a folder that may be tables, in order, and how many others there are. Links are not followed."""
    sources: list[Source] = []
    passed_over = 0
    for folder, below, files in os.walk(top):
        below[:] = sorted(name for name in below if not name.startswith((".", "_")))
        for name in sorted(files):
            path = Path(folder, name)
            suffixes = [suffix.lower().lstrip(".") for suffix in path.suffixes]
            known = suffixes and (
                suffixes[-1] in SUFFIXES or (suffixes[-1] == "gz" and set(suffixes) & SUFFIXES)
            )
            if name.startswith((".", "_")) or not known or not path.is_file():
                passed_over += 1
                continue
            shown = f"{search.last(str(top))}/{path.relative_to(top).as_posix()}"
            sources.append(Source(name=shown, path=path, named=False))
            if len(sources) > MOST_PARTS:
                raise MlcheckError(
                    search.last(str(top)),
                    f"expected at most {MOST_PARTS:,} files, found more",
                    "name one folder of parts",
                )
    return sources, passed_over


def _folder(name: str, sources: Sequence[Source], passed_over: int) -> Opened:
    """Open the parts of one table: files of one format with the same columns. Others that hold no table are passed over.

    Raises SeveralTables where the files have other columns each.
    """
    parts: list[Part] = []
    reasons: list[MlcheckError] = []
    for source in sources:
        try:
            parts.append(_reached(source))
        except NothingToRead as error:
            reasons.append(error)
    if not parts:
        raise MlcheckError(
            name, f"expected a table of predictions, found none in {len(sources) + passed_over} file(s)",
            f"nearest: {reasons[0]}" if reasons else "name a CSV, JSON, Parquet or NPZ file",
        )  # fmt: skip
    kinds = {(part.kind, tuple(sorted(_with_keys(part.head, part.keys).columns))) for part in parts}
    if len(kinds) > 1:
        first = parts[0]
        other = next(
            p
            for p in parts
            if (p.kind, set(p.head.columns)) != (first.kind, set(first.head.columns)) or p.keys != first.keys
        )
        raise SeveralTables(
            name,
            f"expected parts of one table, found files of other columns: {first.source.name} and {other.source.name}",
            tuple(Opened(p.source.name, (p,), _with_keys(p.head, p.keys)) for p in parts),
            passed_over + len(reasons),
        )
    heads = [_with_keys(part.head, part.keys) for part in _spread(parts)]
    names = list(heads[0].columns)
    columns = {n: frame.joined([head.columns[n] for head in heads]) for n in names}
    head = Frame(columns, sum(head.size for head in heads), named=heads[0].named)
    return Opened(name, tuple(parts), head, passed_over + len(reasons))


def _spread(parts: Sequence[Part]) -> list[Part]:
    """Return some of the parts, spread over all: their first rows tell what the table holds."""
    step = max(1, len(parts) // 8)
    return [part for i, part in enumerate(parts) if i % step == 0]


def _reached(source: Source) -> Part:
    """Open one file. Raises MlcheckError where it cannot be reached or read."""
    try:
        return _part(source)
    except OSError as error:
        found = (error.strerror or str(error)).lower()
        raise MlcheckError(
            source.name, f"expected a readable file, found: {found}", "check its permissions"
        ) from None


def _part(source: Source) -> Part:
    if not source.head:
        raise NothingToRead(
            source.name,
            "expected a table of predictions, found an empty file",
            "did the evaluation write anything?",
        )
    if source.is_pointer:
        raise MlcheckError(source.name, "expected predictions, found a Git-LFS pointer", "run git lfs pull")
    if source.compressed and source.unpacked < CUT_SEARCHED and source.cut:
        raise MlcheckError(source.name, "expected a gzip file, found one cut short", "copy it again")
    keys = tuple((key, value) for key, value in KEY.findall(source.folder))
    stem = _stem(source)
    if parquet_table.sniff(source):
        return _parquet(source, keys)
    if arrays.sniff(source):
        return Part(source, "numpy", arrays.read(source, stem), whole=True, keys=keys)
    if not source.is_text or pickled.sniff(source):
        raise _binary(source)
    text = source.head_text.lstrip("\ufeff \t\r\n")
    if text[:1] in ("{", "["):
        made = json_table.read(source, stem)
        return Part(source, "json", made, whole=True, keys=keys)
    layout = csv_table.layout(source)
    if source.unpacked < csv_fast.PAYS_FROM:
        made = csv_table.read_small(source, layout, stem)
        return Part(source, "csv", _demand_rows(source, made), whole=True, keys=keys, layout=layout)
    return Part(source, "csv", csv_fast.head(source, layout, stem), whole=False, keys=keys, layout=layout)


def _demand_rows(source: Source, made: Frame) -> Frame:
    if not made.size:
        raise NothingToRead(
            source.name,
            f"expected rows of predictions, found only the names of columns ({listed(made.columns, 8)})",
            "did the evaluation write anything?",
        )
    return made


def _parquet(source: Source, keys: tuple[tuple[str, str], ...]) -> Part:
    file = parquet_table.opened(source)
    names = parquet_table.names_of(file)
    if not file.metadata.num_rows:
        raise NothingToRead(
            source.name, "expected rows of predictions, found none", "did the evaluation write anything?"
        )
    rows = file.metadata.num_rows
    head = parquet_table.read(source, names, HEAD_ROWS)
    return Part(source, "parquet", head, whole=rows <= HEAD_ROWS, keys=keys, rows=rows)


def _binary(source: Source) -> MlcheckError:
    """Return what to say of a file that is neither text nor a table."""
    if pickled.sniff(source):
        return NothingToRead(
            source.name,
            "expected predictions, found a pickle, which can run any code when it is loaded",
            SAFE,
        )
    if source.head.startswith(PICTURES):
        return NothingToRead(
            source.name,
            "expected predictions, found binary data: a picture or document",
            "name a table of predictions",
        )
    if source.head.startswith(HDF5):
        return NothingToRead(source.name, "expected predictions, found HDF5", SAFE)
    return NothingToRead(source.name, "expected predictions, found binary data", SAFE)


def _stem(source: Source) -> str:
    """Return the file's name without its suffixes: what a column without a name is called."""
    name = source.file_name
    while "." in name and name.rpartition(".")[2].lower() in SUFFIXES | {"gz"}:
        name = name.rpartition(".")[0]
    return name if name not in ("", "-") else "column"


def _with_keys(made: Frame, keys: Sequence[tuple[str, str]]) -> Frame:
    """Return a frame with the keys of its folders as columns."""
    extra = {
        key: Words(np.zeros(made.size, dtype=np.int32), (value,))
        for key, value in keys
        if key not in made.columns and value
    }
    return replace(made, columns={**made.columns, **extra}) if extra else made
