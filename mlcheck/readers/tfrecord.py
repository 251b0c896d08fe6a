"""TFRecord framing and the protobuf wire format beneath it: the common part of readers of such files.

A record is its length (uint64), the masked CRC-32C of those 8 bytes, the data, and the data's masked CRC-32C, all
little-endian. Sources: TensorFlow's `tensorflow/core/lib/io/record_writer.h` (framing and mask); RFC 3720 appendix
B.4 (CRC-32C, the Castagnoli polynomial); https://protobuf.dev/programming-guides/encoding/ (wire format).
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlcheck.model import Floats

Bytes: TypeAlias = npt.NDArray[np.uint8]
Crcs: TypeAlias = npt.NDArray[np.uint32]
Words: TypeAlias = npt.NDArray[np.uint64]
Indices: TypeAlias = npt.NDArray[np.int64]

HEADER_BYTES = 12
FOOTER_BYTES = 4
WORD_BYTES = 8
MAX_BYTES = (1 << 31) - 64  # a protobuf message is smaller than 2 GiB
VARINT_BYTES = 10
KEEP_BYTES = 1 << 26
CHUNK_BYTES = 1 << 19  # the rows of one chunk stay in a core's second-level cache
BLOCK = 512
TALL = 64
RUN = 64  # after so many records of one size it pays to look for a run of them
CASTAGNOLI = 0x82F63B78
MASK_DELTA = 0xA282EAD8
ONES = 0xFFFFFFFF
VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
BFLOAT16 = "bfloat16"  # NumPy has no such type
MIX = [pow(0x9E3779B97F4A7C15, j, 1 << 64) for j in range(1, 65)]  # odd, so that no bit of a word is lost


class WireError(ValueError):
    """Bytes that are no protobuf message."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Records:
    """The sound records at the start of a file: `start` and `size` of their data in bytes, shape (n,) each.

    `fault` says where and why reading stopped before the end of the file; it is empty where all was sound. `kept`
    are the chunks of a small file, gathered once.
    """

    data: bytes
    start: Indices
    size: Indices
    fault: str = ""
    kept: tuple[tuple[Indices, Bytes], ...] = ()

    def __len__(self) -> int:
        return len(self.start)

    def __getitem__(self, i: int) -> bytes:
        return self.data[self.start[i] : self.start[i] + self.size[i]]

    def chunks(self) -> Iterator[tuple[Indices, Bytes]]:
        """Yield records of one size together: their indices (n,), ascending, and their bytes as rows (n, width).

        A row ends in the data and its 4-byte checksum; bytes of the header before it fill the width up to a
        multiple of 8.
        """
        if self.kept:
            yield from self.kept
            return
        order = np.argsort(_narrow(self.size), kind="stable")
        for group in np.split(order, np.flatnonzero(np.diff(self.size[order])) + 1 if len(order) else []):
            if not len(group):
                continue
            width = -(-(int(self.size[group[0]]) + FOOTER_BYTES) // WORD_BYTES) * WORD_BYTES
            rows_at_once = max(1, CHUNK_BYTES // width)
            for low in range(0, len(group), rows_at_once):
                some = group[low : low + rows_at_once]
                yield some, self._rows(some, width)

    def _rows(self, which: Indices, width: int) -> Bytes:
        # NumPy copies items of a void type whole, many times faster than it gathers their bytes one by one.
        items = np.ndarray((len(self.data) - width + 1,), dtype=f"V{width}", buffer=self.data, strides=(1,))
        stop = self.start[which] + self.size[which] + FOOTER_BYTES
        rows: Bytes = items[stop - width].view(np.uint8).reshape(len(which), width)
        return rows


def read_records(data: bytes) -> Records:
    """Return the records of a TFRecord file up to the first whose framing or checksum is wrong or incomplete."""
    frame, fault = _frame(data)
    start, size = frame[:-1] + HEADER_BYTES, np.diff(frame) - HEADER_BYTES - FOOTER_BYTES
    records = Records(data=data, start=start, size=size, fault=fault)
    if len(data) <= KEEP_BYTES:
        records = replace(records, kept=tuple(records.chunks()))
    bad = _first_bad(records)
    if bad is None:
        return records
    fault = f"corrupt record (wrong checksum) at byte {frame[bad]}"
    return Records(data=data, start=start[:bad], size=size[:bad], fault=fault)


def is_framed(head: bytes) -> bool:
    """Whether the bytes begin with a record's length and its right checksum."""
    return len(head) >= HEADER_BYTES and masked_crc32c(head[:8]) == int.from_bytes(
        head[8:HEADER_BYTES], "little"
    )


def masked_crc32c(data: bytes) -> int:
    """Return the masked CRC-32C of a few bytes, as TFRecord stores it."""
    crc = _crc_of_few(data)
    return ((crc >> 15 | crc << 17) + MASK_DELTA) & ONES


def fields(data: bytes, start: int, stop: int) -> Iterator[tuple[int, int, int, int]]:
    """Yield a message's fields: number, wire type, and where in `data` the field's value starts and stops.

    Raises WireError for bytes that are no message (a length beyond `stop`, a group, a varint without end).
    """
    at = start
    while at < stop:
        key, at = varint(data, at)
        wire = key & 7
        if wire == VARINT:
            end = varint(data, at)[1]
        elif wire == BYTES:
            size, at = varint(data, at)
            end = at + size
        elif wire in (FIXED64, FIXED32):
            end = at + (8 if wire == FIXED64 else 4)
        else:
            raise WireError(f"wire type {wire}")
        if end > stop or key < 8:
            raise WireError(f"field {key >> 3} ends at {end}, its message at {stop}")
        yield key >> 3, wire, at, end
        at = end


def whole(data: bytes) -> Iterator[tuple[int, int, int, int]]:
    """Yield the fields of a message that takes all of `data`."""
    return fields(data, 0, len(data))


def messages(data: bytes, wanted: int) -> Iterator[bytes]:
    """Yield the messages, texts or bytes in the fields of that number."""
    for number, wire, start, stop in whole(data):
        if (number, wire) == (wanted, BYTES):
            yield data[start:stop]


def varint(data: bytes, at: int) -> tuple[int, int]:
    """Return the unsigned 64-bit varint at `at` and where it ends; raises WireError where it has no end."""
    value = 0
    for i, byte in enumerate(data[at : at + VARINT_BYTES]):
        value |= (byte & 0x7F) << 7 * i
        if byte < 0x80:
            return value & (1 << 64) - 1, at + i + 1
    raise WireError(f"no varint at {at}")


def unlike(words: Words, other: Words, mask: Words) -> npt.NDArray[np.bool_]:
    """Say which rows of (n, width) words differ from those of `other`, (n, width) or (1, width), where the mask is set."""
    # Column by column: NumPy reduces over short rows twenty times slower.
    difference = np.zeros(len(words), dtype=np.uint64)
    for j in np.flatnonzero(mask):
        difference |= (words[:, j] ^ other[:, j]) & mask[j]
    differ: npt.NDArray[np.bool_] = difference != 0
    return differ


def equal_rows(words: Words, mask: Words) -> Iterator[Indices]:
    """Yield the indices, ascending, of rows of (n, width) words that are equal where the mask is set."""
    columns = [words[:, j] & mask[j] for j in np.flatnonzero(mask)]
    if all((column == column[0]).all() for column in columns):
        yield np.arange(len(words))
        return
    code = np.zeros(len(words), dtype=np.uint64)
    for i, column in enumerate(columns):
        code += column * np.uint64(MIX[i % len(MIX)])
    # Sorting by 16 bits of the code is fast; where they are the same for different rows, all its bits must do.
    for key in ((code >> np.uint64(48)).astype(np.uint16), code):
        order = np.argsort(key, kind="stable")
        new = np.zeros(len(order) - 1, dtype=np.bool_)
        for column in columns:
            new |= np.diff(column[order]) != 0
        if np.count_nonzero(new) <= 2 * np.count_nonzero(np.diff(key[order])):
            break
    yield from np.split(order, np.flatnonzero(new) + 1)


def varints(rows: Bytes, start: int, stop: int) -> Words:
    """Return the varints, shape (n,), that take the columns from `start` to `stop` of every row."""
    value = np.zeros(len(rows), dtype=np.uint64)
    for i, at in enumerate(range(start, stop)):
        digit = rows[:, at].astype(np.uint64)
        digit &= np.uint64(0x7F)
        digit <<= np.uint64(7 * i)
        value |= digit
    return value


def stored(rows: Bytes, start: int, code: str) -> npt.NDArray[Any]:
    """Return the numbers, shape (n,), of NumPy type `code` that begin at column `start` of every row."""
    return np.ndarray((len(rows),), dtype=code, buffer=rows.data, offset=start, strides=rows.strides[:1])


def numbers(rows: Bytes, start: int, code: str) -> Floats:
    """Return as float64 the numbers, shape (n,), of NumPy type `code`, or BFLOAT16, at column `start` of every row."""
    if code == BFLOAT16:
        raw = (stored(rows, start, "<u2").astype(np.uint32) << np.uint32(16)).view(np.float32)
    else:
        raw = stored(rows, start, code)
    with np.errstate(invalid="ignore"):  # a signalling NaN becomes a quiet one
        return raw.astype(np.float64)


def width_of(code: str) -> int:
    """Return how many bytes a number of that type takes."""
    return 2 if code == BFLOAT16 else np.dtype(code).itemsize


def _narrow(numbers: npt.NDArray[np.intp]) -> npt.NDArray[np.intp] | npt.NDArray[np.uint16]:
    """Return the numbers in 16 bits if they fit: NumPy sorts those by radix, five times faster than wider ones."""
    return numbers if len(numbers) and numbers.max() >> 16 else numbers.astype(np.uint16)


class _Jumps(dict[bytes, int]):
    """From a record's header to the size of the whole record, checked once for every header that occurs."""

    def __missing__(self, header: bytes) -> int:
        if len(header) < HEADER_BYTES:
            raise EOFError
        size = int.from_bytes(header[:8], "little")
        if size > MAX_BYTES or not is_framed(header):
            raise WireError
        self[header] = jump = HEADER_BYTES + size + FOOTER_BYTES
        return jump


def _frame(data: bytes) -> tuple[Indices, str]:
    """Return where each record begins and where the last ends, shape (n + 1,), and what stopped the walk, if anything."""
    starts = array("q", [0])
    jumps, end, at, fault = _Jumps(), len(data), 0, ""
    try:
        while True:
            for _ in range(RUN):
                at += jumps[data[at : at + HEADER_BYTES]]
                starts.append(at)
            at = _run(data, at, starts)
    except WireError:
        fault = f"corrupt record (impossible length) at byte {at}"
    except EOFError:
        if at > end:
            starts.pop()
        if starts[-1] < end:
            fault = f"record cut short at byte {starts[-1]} (the file ends at {end})"
    return np.array(starts, dtype=np.int64), fault


def _run(data: bytes, at: int, starts: array[int]) -> int:
    """Add the records at `at` that have the size of those before; return where they end."""
    jump = at - starts[-2]
    if at - starts[-RUN] != (RUN - 1) * jump:
        return at
    reach = RUN
    while (reach := min(reach * 4, (len(data) - at) // jump)) > 0:
        headers = np.ndarray((reach,), dtype=f"S{HEADER_BYTES}", buffer=data, offset=at, strides=(jump,))
        same = headers == np.frombuffer(data, headers.dtype, 1, starts[-2])
        n = reach if same.all() else int(same.argmin())
        starts.frombytes(np.arange(at + jump, at + n * jump + 1, jump, dtype=np.int64).tobytes())
        at += n * jump
        if n < reach:
            break
    return at


def _first_bad(records: Records) -> int | None:
    """Return the index of the first record whose data does not have its checksum."""
    bad = []
    for which, rows in records.chunks():
        crc = _crc32c(rows, rows.shape[1] - FOOTER_BYTES - int(records.size[which[0]]))
        masked = ((crc >> 15) | (crc << 17)) + np.uint32(MASK_DELTA)
        wrong = np.flatnonzero(masked != stored(rows, rows.shape[1] - FOOTER_BYTES, "<u4"))
        if len(wrong):
            bad.append(int(which[wrong[0]]))
    return min(bad, default=None)


def _crc32c(rows: Bytes, base: int) -> Crcs:
    """Return the CRC-32C of each row of a chunk from column `base` to the footer.

    CRC is linear over GF(2): the exclusive or, over a row's bytes, of a table entry for the byte and the number of
    bytes behind it, and a constant of the size. Bytes that all rows share are looked up once.
    """
    stop = rows.shape[1] - FOOTER_BYTES
    constant = np.uint32(_crc_of_zeros(stop - base))
    if len(rows) < TALL or stop - base > BLOCK:
        return _linear(rows[:, base:stop]) ^ constant
    table, lead = _tables(), rows[0]
    crc = np.full(len(rows), _linear(rows[:1, base:stop])[0] ^ constant, dtype=np.uint32)
    words = rows.view(np.uint64)
    change = np.array([np.bitwise_or.reduce(column ^ column[0]) for column in words.T])
    for i in np.flatnonzero(change.view(np.uint8)[base:stop]) + base:
        entries = table[stop - 1 - i] ^ table[stop - 1 - i, lead[i]]
        crc ^= entries.take(rows[:, i].astype(np.intp))
    return crc


def _linear(rows: Bytes) -> Crcs:
    """Return the linear part of each row's CRC; zeros in front do not change it."""
    n, size = rows.shape
    if size > BLOCK:
        blocks = -(-size // BLOCK)
        padded = np.zeros((n, blocks * BLOCK), dtype=np.uint8)
        padded[:, -size:] = rows
        parts = padded.reshape(n * blocks, BLOCK)
        crcs = [_linear(parts[low : low + BLOCK]) for low in range(0, len(parts), BLOCK)]
        return _joined(np.concatenate(crcs).reshape(n, blocks))
    entries = _tables().ravel().take(rows + np.arange(size - 1, -1, -1) * 256)
    crc: Crcs = np.bitwise_xor.reduce(entries, axis=1)
    return crc


def _joined(parts: Crcs) -> Crcs:
    """Return the linear parts of rows, shape (n,), from those of their blocks, shape (n, blocks)."""
    shift = _tables()[BLOCK - 4 :][::-1]
    while parts.shape[1] > 1:
        parts = np.pad(parts, ((0, 0), (parts.shape[1] % 2, 0)))
        parts = _shifted(parts[:, ::2], shift) ^ parts[:, 1::2]
        shift = _shifted(shift, shift)
    return parts[:, 0]


def _shifted(crc: Crcs, shift: Crcs) -> Crcs:
    """Return the linear parts once zero bytes follow; `shift` (4, 256) holds what becomes of each of the 4 bytes."""
    out: Crcs = shift[0].take(crc & 0xFF)
    for j in range(1, 4):
        out ^= shift[j].take(crc >> np.uint32(8 * j) & 0xFF)
    return out


@lru_cache(maxsize=4096)
def _crc_of_zeros(size: int) -> int:
    if size <= BLOCK:
        return _crc_of_few(bytes(size))
    # Beginning with all ones is the same as inverting the first four bytes.
    inverted = np.zeros((1, size), dtype=np.uint8)
    inverted[0, :4] = 0xFF
    return int(_linear(inverted)[0]) ^ ONES


def _crc_of_few(data: bytes) -> int:
    crc = ONES
    for byte in data:
        crc = BYTE_TABLE[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    return crc ^ ONES


def _byte_table() -> list[int]:
    table = []
    for entry in range(256):
        crc = entry
        for _ in range(8):
            crc = crc >> 1 ^ (CASTAGNOLI if crc & 1 else 0)
        table.append(crc)
    return table


BYTE_TABLE = _byte_table()


@lru_cache(maxsize=1)
def _tables() -> Crcs:
    """Return (BLOCK, 256): the linear part of one byte with that many zero bytes behind it."""
    first = np.array(BYTE_TABLE, dtype=np.uint32)
    tables = np.empty((BLOCK, 256), dtype=np.uint32)
    tables[0] = first
    for k in range(1, BLOCK):
        tables[k] = first[tables[k - 1] & 0xFF] ^ (tables[k - 1] >> np.uint32(8))
    return tables
