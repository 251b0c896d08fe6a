"""Parquet tables, by pyarrow (the extra `parquet`): only the columns that are needed, in batches where they are many."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np

from mlcheck.errors import MlcheckError
from mlcheck.readers.predictions import frame
from mlcheck.readers.predictions.frame import Column, Frame, Lists, Numbers, Words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mlcheck.readers.source import Source

MAGIC = b"PAR1"
INDEX = "__index_level_"
MOST_CELLS = 2_000_000_000
LONGEST_FOOTER = 1 << 26
BUFFER = 1 << 20
"""Bytes of a column that are read ahead, in place of all that a group of rows has of it."""


def sniff(source: Source) -> bool:
    """Say whether the file begins as Parquet does."""
    return source.head.startswith(MAGIC)


def opened(source: Source) -> Any:
    """Return pyarrow's view of the file. Raises MlcheckError without pyarrow and for a file without its end."""
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        raise MlcheckError(
            source.name,
            "expected pyarrow for reading Parquet, found it not installed",
            'pip install "mlcheck-runs[parquet]", or pip install ".[parquet]" in a checkout',
        ) from None
    packed = source.path is None or source.compressed
    content = source.read_bytes() if packed else None
    with source.open() if content is None else io.BytesIO(content) as stream:
        size = stream.seek(0, io.SEEK_END)
        stream.seek(max(0, size - 8))
        end = stream.read(8)
    length = int.from_bytes(end[:4], "little")
    if end[4:] != MAGIC or length > min(size - 8, LONGEST_FOOTER):
        raise MlcheckError(
            source.name, "expected a whole Parquet file, found one without its end", "copy it again"
        )
    try:
        return pq.ParquetFile(source.path if content is None else io.BytesIO(content), buffer_size=BUFFER)
    except (pa.ArrowException, OSError, ValueError, OverflowError, MemoryError) as error:
        raise broken(source, error) from None


def broken(source: Source, error: Exception) -> MlcheckError:
    """Return what to say of a file that pyarrow cannot read."""
    reason = next(iter(str(error).splitlines()), type(error).__name__)
    return MlcheckError(
        source.name, f"expected a Parquet file, found a broken one ({reason[:120]})", "copy it again"
    )


def names_of(file: Any) -> tuple[str, ...]:
    """Return the names of the columns, without the index that pandas writes."""
    return tuple(field.name for field in file.schema_arrow if not field.name.startswith(INDEX))


def read(source: Source, names: Sequence[str], rows: int | None = None) -> Frame:
    """Return these columns, of all rows or of the first ones."""
    import pyarrow as pa

    file = opened(source)
    total = file.metadata.num_rows
    if not 0 <= total * max(len(names), 1) <= MOST_CELLS:
        raise MlcheckError(
            source.name, f"expected at most {MOST_CELLS:,} cells, found more", "keep fewer columns"
        )
    try:
        if rows is None:
            made = file.read(columns=list(names), use_threads=False)
        else:
            batch = next(iter(file.iter_batches(rows, columns=list(names), use_threads=False)), None)
            made = (
                pa.Table.from_batches([batch])
                if batch is not None
                else file.schema_arrow.empty_table().select(list(names))
            )
        columns = {name: column(made.column(i)) for i, name in enumerate(made.column_names)}
    except (pa.ArrowException, OSError, ValueError, OverflowError, MemoryError) as error:
        raise broken(source, error) from None
    return Frame(columns, made.num_rows)


def batches(source: Source, names: Sequence[str], rows: int) -> Iterator[Frame]:
    """Yield these columns in pieces of at most so many rows; what is held at once does not grow with the file."""
    import pyarrow as pa

    file = opened(source)
    try:
        for batch in file.iter_batches(rows, columns=list(names), use_threads=False):
            made = pa.Table.from_batches([batch])
            yield Frame({name: column(made.column(name)) for name in names}, made.num_rows)
    except (pa.ArrowException, OSError, ValueError, OverflowError, MemoryError) as error:
        raise broken(source, error) from None


def column(made: Any) -> Column:
    """Turn a column of Arrow into ours; a null is a blank."""
    import pyarrow as pa
    import pyarrow.types as kinds

    kind = made.type
    if kinds.is_decimal(kind):
        made, kind = made.cast(pa.float64()), pa.float64()
    if kinds.is_integer(kind) or kinds.is_floating(kind):
        if made.null_count:
            made = made.cast(pa.float32() if kind == pa.float32() else pa.float64())
        found = frame.from_array(made.to_numpy())
        return found if found is not None else Numbers(made.to_numpy().astype(np.float64))
    if kinds.is_boolean(kind):
        made = made.cast(pa.int8()).fill_null(-1)
        return Words(made.to_numpy().astype(np.int32), ("False", "True"))
    if kinds.is_dictionary(kind) or kinds.is_string(kind) or kinds.is_large_string(kind):
        return _words(made, pa, kinds)
    if kinds.is_list(kind) or kinds.is_large_list(kind) or kinds.is_fixed_size_list(kind):
        return frame.from_objects(made.to_pylist())
    if kinds.is_null(kind):
        return Numbers(np.full(len(made), np.nan))
    return (
        Lists(tuple(made.to_pylist())) if kinds.is_struct(kind) else _words(made.cast(pa.string()), pa, kinds)
    )


def _words(made: Any, pa: Any, kinds: Any) -> Column:
    if not kinds.is_dictionary(made.type):
        made = made.dictionary_encode()
    whole = made.combine_chunks() if isinstance(made, pa.ChunkedArray) else made
    if isinstance(whole, pa.ChunkedArray):
        whole = whole.unify_dictionaries().chunk(0) if whole.num_chunks else pa.array([], made.type)
    if not (kinds.is_string(whole.dictionary.type) or kinds.is_large_string(whole.dictionary.type)):
        return frame.from_objects(whole.to_pylist())
    code = whole.indices.fill_null(-1).to_numpy().astype(np.int32)
    spelled = frame.words([str(text) if text is not None else "" for text in whole.dictionary.to_pylist()])
    found = Words(np.append(spelled.code, np.int32(-1))[code], spelled.names)
    value = frame.named_numbers(found) if found.names else None
    return found if value is None else Numbers(value)
