"""Parquet tables with telling columns, wide or long, read column by column. Needs pyarrow (the extra `parquet`).

Most Parquet files hold data and no log: the names in the footer say so before pyarrow is even loaded.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np

from mlcheck.errors import MlcheckError, NothingToRead
from mlcheck.readers import cells, roles, tables
from mlcheck.readers.cells import Column
from mlcheck.readers.listing import listed, try_column
from mlcheck.readers.table import Table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mlcheck.readers.log import Log
    from mlcheck.readers.source import Source

NAME = "parquet"
ORDER = 30
MAGIC = b"PAR1"
LONGEST_FOOTER = 1 << 26
MOST_CELLS = 100_000_000
MOST_TEXTS = 5_000_000
"""Rows of texts: encoded as a dictionary, a small file can hold any number of them."""
INDEX = "__index_level_"
"""pandas writes an index without a name as a column of this name."""
TELLING = frozenset(word.encode() for word in (*roles.LOSSES, "return", "reward", "value"))


def sniff(source: Source) -> bool:
    """Say whether the file begins as Parquet does."""
    return source.head.startswith(MAGIC)


def read(source: Source) -> Iterator[Log]:
    """Yield the runs of the table; raise NothingToRead where its columns tell of none or pyarrow is missing."""
    content = source.read_bytes() if source.path is None or source.compressed else None
    _refuse_data(source, _footer(source, content))
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        raise NothingToRead(
            source.name,
            "expected pyarrow for reading Parquet, found it not installed",
            'pip install "mlcheck-runs[parquet]", or pip install ".[parquet]" in a checkout',
        ) from None
    try:
        table = _table(source, pq, source.path if content is None else io.BytesIO(content))
    except (pa.ArrowException, OSError, ValueError, OverflowError, MemoryError) as error:
        reason = next(iter(str(error).splitlines()), type(error).__name__)
        raise MlcheckError(
            source.name, f"expected a Parquet file, found a broken one ({reason})", "copy it again"
        ) from None
    yield from tables.logs(source, NAME, table)


def _footer(source: Source, content: bytes | None) -> bytes:
    """Return the end of the file that holds the names of its columns."""
    with source.open() if content is None else io.BytesIO(content) as stream:
        size = stream.seek(0, io.SEEK_END)
        stream.seek(max(0, size - 8))
        end = stream.read(8)
        length = int.from_bytes(end[:4], "little")
        if end[4:] != MAGIC or length > min(size - 8, LONGEST_FOOTER):
            raise MlcheckError(
                source.name, "expected a whole Parquet file, found one without its end", "copy it again"
            )
        stream.seek(size - 8 - length)
        return stream.read(length)


def _refuse_data(source: Source, footer: bytes) -> None:
    lower = footer.lower()
    if not any(word in lower for word in TELLING):
        raise NothingToRead(
            source.name, "expected a loss, found none among the columns of this Parquet file", "is this data?"
        )


def _table(source: Source, pq: Any, where: object) -> Table:
    """Read the columns of numbers and of texts; their declared size is bounded before.

    Metadata of single columns is not asked for: pyarrow ends the whole process where those are broken.
    """
    import pyarrow.types as kinds

    file = pq.ParquetFile(where)
    fields = [f for f in file.schema_arrow if not f.name.startswith(INDEX)]
    rows = file.metadata.num_rows
    names = [
        f.name
        for f in fields
        if _is_number(kinds, f.type) or (rows <= MOST_TEXTS and _is_text(kinds, f.type))
    ]
    _refuse_untelling(source, names)
    if not 0 <= rows * len(names) <= MOST_CELLS:
        raise NothingToRead(
            source.name, f"expected at most {MOST_CELLS:,} cells, found more", "is this data?"
        )
    read = file.read(columns=names)
    return Table({name: _column(kinds, read.column(i)) for i, name in enumerate(read.column_names)})


def _refuse_untelling(source: Source, names: Sequence[str]) -> None:
    """Refuse a table without a loss or return among its columns that does not name its metrics row by row."""
    is_long = any(n.strip().lower() in tables.METRIC_NAMES for n in names) and any(
        n.strip().lower() in tables.VALUE_NAMES for n in names
    )
    found = [roles.guess(n).role for n in names]
    if (
        not is_long
        and not any(r.quantity == "loss" or r.measure == "return" for r in found)
        and not source.columns
    ):
        raise NothingToRead(
            source.name,
            f"expected a loss, found none among the columns {listed(names)}",
            try_column(names),
        )


def _is_number(kinds: Any, kind: object) -> bool:
    return bool(
        kinds.is_integer(kind) or kinds.is_floating(kind) or kinds.is_boolean(kind) or kinds.is_decimal(kind)
    )


def _is_text(kinds: Any, kind: Any) -> bool:
    if kinds.is_dictionary(kind):
        return _is_text(kinds, kind.value_type)
    return bool(kinds.is_string(kind) or kinds.is_large_string(kind))


def _column(kinds: Any, column: Any) -> Column:
    """Turn a column of Arrow into numbers; a null is a blank."""
    if _is_text(kinds, column.type):
        return cells.column(["" if text is None else str(text) for text in column.to_pylist()])
    present = ~column.is_null().to_numpy()
    value = np.full(len(present), np.nan)
    value[present] = column.drop_null().cast("float64").to_numpy()
    return Column(value, present)
