"""Parquet tables, by pyarrow (the extra `parquet`), a column at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mlcheck.errors import MlcheckError, NothingToRead
from mlcheck.readers.datasets import dates, objects, raw
from mlcheck.readers.datasets.raw import Raw, Table
from mlcheck.readers.predictions import parquet_table
from mlcheck.readers.predictions.frame import Words

if TYPE_CHECKING:
    from mlcheck.readers.source import Source

MOST_CELLS = 1 << 29


def read(source: Source) -> Table:
    """Return the table; the index that pandas writes is none of its columns."""
    import pyarrow as pa

    file = parquet_table.opened(source)
    names = parquet_table.names_of(file)
    rows = file.metadata.num_rows
    if not rows or not names:
        raise NothingToRead(source.name, "expected rows of data, found none", "did the export end early?")
    if not 0 <= rows * len(names) <= MOST_CELLS:
        raise MlcheckError(
            source.name, f"expected at most {MOST_CELLS:,} cells, found more", "split the file"
        )
    columns: dict[str, Raw] = {}
    try:
        for name in names:
            made = file.read(columns=[name], use_threads=False)
            columns |= _columns(name, made.column(0))
    except (
        pa.ArrowException,
        OSError,
        ValueError,
        OverflowError,
        MemoryError,
        KeyError,
        IndexError,
    ) as error:
        raise parquet_table.broken(source, error) from None
    return Table(name=source.name, reader="parquet", columns=columns, size=rows)


def _columns(name: str, made: Any) -> dict[str, Raw]:
    """Return a column of Arrow as ours: one, or several for lists of as many numbers each."""
    import pyarrow as pa
    import pyarrow.types as kinds

    kind = made.type
    if (
        kinds.is_dictionary(kind)
        and not kinds.is_string(kind.value_type)
        and not kinds.is_large_string(kind.value_type)
    ):
        made = made.cast(kind.value_type)
        kind = made.type
    if kinds.is_timestamp(kind) or kinds.is_date(kind):
        plain = made.cast(pa.timestamp("us"), safe=False)
        return {name: Raw(numbers=dates.of_datetimes(plain.to_numpy()), is_date=True)}
    if kinds.is_boolean(kind):
        value = made.cast(pa.int8()).cast(pa.float64()).to_numpy()
        return {name: Raw(numbers=value, is_flag=True)}
    if kinds.is_integer(kind) and _is_long(made):
        made = made.cast(pa.string())
        kind = made.type
    if kinds.is_integer(kind) or kinds.is_floating(kind) or kinds.is_decimal(kind):
        return {name: raw.of_numbers(made.cast(pa.float64(), safe=False).to_numpy())}
    if kinds.is_null(kind):
        return {name: Raw(numbers=np.full(len(made), np.nan))}
    if kinds.is_dictionary(kind) or kinds.is_string(kind) or kinds.is_large_string(kind):
        return {name: Raw(words=_words(made))}
    return objects.columns(name, made.to_pylist())


def _is_long(made: Any) -> bool:
    """Whether whole numbers are beyond what a float tells apart."""
    import pyarrow.compute as pc

    ends = pc.min_max(made).as_py()
    return any(end is not None and abs(end) >= raw.LONGEST_EXACT for end in ends.values())


def _words(made: Any) -> Words:
    import pyarrow as pa
    import pyarrow.types as kinds

    if not kinds.is_dictionary(made.type):
        made = made.dictionary_encode()
    whole = made.combine_chunks()
    if isinstance(whole, pa.ChunkedArray):
        whole = whole.unify_dictionaries().chunk(0) if whole.num_chunks else pa.array([], made.type)
    code = whole.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32)
    names = ["" if text is None else str(text) for text in whole.dictionary.to_pylist()]
    return raw.joined_words([Words(code, tuple(names))])
