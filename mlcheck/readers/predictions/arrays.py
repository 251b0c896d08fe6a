"""NumPy's files: one array (NPY) or several by name (NPZ). Arrays of objects hold pickles and are refused."""

from __future__ import annotations

import io
import tokenize
import warnings
import zipfile
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np

from mlcheck.errors import MlcheckError, NothingToRead
from mlcheck.readers.predictions import frame, names
from mlcheck.readers.predictions.frame import Column, Frame, Numbers

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import BinaryIO

    import numpy.typing as npt

    from mlcheck.readers.source import Source

NPY = b"\x93NUMPY"
ZIP = b"PK\x03\x04"
MOST_BYTES = 8 << 30
MOST_ARRAYS = 1000
CODE_FREE = (
    "save numbers, or texts with dtype=str: np.savez(file, y_true=np.array(labels, dtype=str), y_score=...)"
)


def sniff(source: Source) -> bool:
    """Say whether the file begins as NumPy's do."""
    return source.head.startswith((NPY, ZIP))


def read(source: Source, stem: str) -> Frame:
    """Return the arrays as columns. Raises MlcheckError for arrays of objects, broken files and other archives."""
    found = every(source, stem)
    is_plain = source.head.startswith(NPY) and list(found) == [stem]
    return table(source.name, found, named=not is_plain)


def every(source: Source, stem: str) -> dict[str, npt.NDArray[Any]]:
    """Return the arrays by name, a lone one as `stem`. Raises MlcheckError as `read` does."""
    try:
        return dict(_arrays(source, stem))
    except (ValueError, OSError, EOFError, KeyError, zipfile.BadZipFile, NotImplementedError, SyntaxError,
            MemoryError, OverflowError, RuntimeError, tokenize.TokenError, TypeError, IndexError) as error:  # fmt: skip
        reason = next(iter(str(error).splitlines()), type(error).__name__)
        raise MlcheckError(
            source.name, f"expected NumPy arrays, found a broken file ({reason[:80]})", "copy it again"
        ) from None
    except zlib.error as error:
        raise MlcheckError(
            source.name, f"expected NumPy arrays, found a broken file ({error})", "copy it again"
        ) from None


def table(name: str, found: Mapping[str, npt.NDArray[Any]], *, named: bool) -> Frame:
    """Return the arrays of the most common length as columns."""
    lengths = [len(value) for value in found.values() if value.ndim in (1, 2)]
    if not lengths or not max(lengths):
        shapes = ", ".join(f"{n} {v.shape}" for n, v in list(found.items())[:5])
        raise NothingToRead(
            name,
            f"expected arrays with a row an example, found {shapes or 'none'}",
            "save shapes (n,) or (n, classes)",
        )
    size = max(lengths, key=lambda length: (lengths.count(length), length))
    columns = {}
    roles = {names.guess(label).role for label in found}
    if len(set(lengths)) == len(lengths) > 1 and roles & {"true"} and roles & {"pred", "score"}:
        told = ", ".join(f"{n} {v.shape}" for n, v in list(found.items())[:5])
        raise MlcheckError(
            name, f"expected arrays of one length, found {told}", "save a row an example in each"
        )
    for label, value in found.items():
        made = frame.from_array(value) if value.ndim in (1, 2) and len(value) == size else None
        if made is not None:
            columns[label] = made
    whole = Frame(columns, size, named=named)
    return whole if named else unfolded(whole)


def unfolded(made: Frame) -> Frame:
    """Return a block of columns without names as columns that are numbered."""
    columns: dict[str, Column] = {}
    for name, column in made.columns.items():
        if isinstance(column, Numbers) and column.value.ndim == 2:
            columns |= {f"{name} {i}": Numbers(column.value[:, i]) for i in range(column.value.shape[1])}
        else:
            columns[name] = column
    return Frame(columns, made.size, named=made.named)


def _arrays(source: Source, stem: str) -> Iterator[tuple[str, npt.NDArray[Any]]]:
    """Yield (name, array); those of a structured array are its fields."""
    if source.head.startswith(NPY):
        if source.path is not None and not source.compressed:
            with source.path.open("rb") as stream:
                yield from _fields(stem, _one(source, stream, source.size))
            return
        content = source.read_bytes()
        yield from _fields(stem, _one(source, io.BytesIO(content), len(content)))
        return
    where = (
        source.path if source.path is not None and not source.compressed else io.BytesIO(source.read_bytes())
    )
    with zipfile.ZipFile(where) as archive:
        members = [info for info in archive.infolist() if info.filename.endswith(".npy")]
        if not members:
            raise NothingToRead(
                source.name, "expected NumPy arrays, found another archive", "unpack it first"
            )
        if len(members) > MOST_ARRAYS or sum(info.file_size for info in members) > MOST_BYTES:
            raise MlcheckError(
                source.name,
                f"expected at most {MOST_BYTES >> 30} GiB of arrays, found more",
                "split the file",
            )
        for info in members:
            with archive.open(info) as stream:
                yield from _fields(info.filename.removesuffix(".npy"), _one(source, stream, info.file_size))


def _one(source: Source, stream: Any, size: int) -> npt.NDArray[Any]:
    """Return one array; its declared size is held against the bytes that are there before any are allocated."""
    from numpy.lib import format as npy

    version = npy.read_magic(stream)
    header = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}.get(version)
    if header is None:
        shape, fortran, kind = _header_3(stream)
    else:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # of headers that Python 2 wrote
            shape, fortran, kind = header(stream)
    if kind.hasobject:
        raise MlcheckError(
            source.name,
            "expected numbers or texts, found an array of Python objects, which can run any code when loaded",
            CODE_FREE,
        )
    count = 1
    for side in shape:
        count *= int(side)
    if count < 0 or count * kind.itemsize > min(size, MOST_BYTES):
        raise ValueError(f"shape {shape} needs more bytes than there are")
    value = np.frombuffer(_exactly(stream, count * kind.itemsize), dtype=kind)
    return value.reshape(shape[::-1]).T if fortran else value.reshape(shape)


def _header_3(stream: BinaryIO) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    """Return shape, order and type from a header of version 3: that of version 2 in UTF-8."""
    import ast

    length = int.from_bytes(stream.read(4), "little")
    if length > 1 << 16:
        raise ValueError("its header is too long")
    told = ast.literal_eval(stream.read(length).decode("utf-8"))
    return tuple(told["shape"]), bool(told["fortran_order"]), np.dtype(told["descr"])


def _exactly(stream: BinaryIO, size: int) -> bytes:
    data = stream.read(size)
    if len(data) != size:
        raise EOFError("it ends too early")
    return data


def _fields(name: str, value: npt.NDArray[Any]) -> Iterator[tuple[str, npt.NDArray[Any]]]:
    if value.dtype.names:
        yield from ((field, value[field]) for field in value.dtype.names)
    else:
        yield name, value
