"""The framing of `run-*.wandb` files: LevelDB's log format behind a 7-byte header.

A file is cut into blocks of 32 KiB. A block holds fragments, each with its checksum (uint32), length (uint16) and type
(uint8: a whole record, or the first, a middle, the last piece of one), all little-endian; fewer than 7 bytes at a
block's end are padding. Sources: LevelDB's `doc/log_format.md`; `wandb/sdk/internal/datastore.py`, which departs from it
in its header and its checksum, a plain CRC-32 (zlib's) of the type and the data.
"""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MAGIC = b":W&B\xe1\xbe"
HEADER_BYTES = 7
BLOCK_BYTES = 1 << 15
PIECE_BYTES = 32 * BLOCK_BYTES
"""How much of a file is in memory at once."""
HEADER = struct.Struct("<IHB")
FULL, FIRST, MIDDLE, LAST = 1, 2, 3, 4
SEEDS = [zlib.crc32(bytes([kind])) for kind in range(LAST + 1)]
MAX_RECORD = 1 << 24
"""A longer record is left out: a row of numbers is never that long."""
MAX_SEARCHED = 1 << 28
"""So many bytes are looked through for what follows on broken ones."""


class Records:
    """The sound records of a file, in order, and what of it was left out.

    `corrupt` counts the places at which bytes were left out, `first` is where the first of them is, `cut` where the
    last record begins if the file ends before it does.
    """

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self.corrupt = 0
        self.first: int | None = None
        self.cut: int | None = None
        self._pieces = pieces
        self._parts: list[bytes] = []
        self._began = 0
        self._is_lost = False
        self._searched = 0

    def __iter__(self) -> Iterator[bytes]:
        """Yield the records. Each piece but the last must be a multiple of BLOCK_BYTES long."""
        base = 0
        for piece in self._pieces:
            for low in range(0, len(piece), BLOCK_BYTES):
                start = HEADER_BYTES if base + low == 0 else low
                yield from self._block(piece, start, min(low + BLOCK_BYTES, len(piece)), base)
            base += len(piece)
        if self._parts and self.cut is None:
            self.cut = self._began

    def _block(self, data: bytes, at: int, end: int, base: int) -> Iterator[bytes]:
        """Yield the records that end in the block from `at` to `end`; `base` is where in the file `data` begins."""
        unpack, crc32 = HEADER.unpack_from, zlib.crc32
        ends_file = end % BLOCK_BYTES != 0
        while at + HEADER_BYTES <= end:
            checksum, size, kind = unpack(data, at)
            stop = at + HEADER_BYTES + size
            body = data[at + HEADER_BYTES : stop]
            if stop > end or not FULL <= kind <= LAST or crc32(body, SEEDS[kind]) != checksum:
                at = self._after_fault(
                    data, at, end, base, may_be_cut=ends_file and stop > end and FULL <= kind <= LAST
                )
                continue
            if kind == FULL:
                if self._parts:
                    self._drop(self._began)
                self._is_lost = False
                yield body
            elif (record := self._joined(kind, body, base + at)) is not None:
                yield record
            at = stop
        if ends_file and any(data[at:end]):
            self.cut = base + at

    def _after_fault(self, data: bytes, at: int, end: int, base: int, *, may_be_cut: bool) -> int:
        """Say what is wrong at `at`; return where in the block sound bytes go on (`end` if nowhere).

        Zeros are room that was never written. A broken length does not tell where the next fragment begins: it is
        looked for, so that a wrong bit costs one record and not, as LevelDB has it, the rest of the block.
        """
        if data.count(0, at, end) == end - at:
            return end
        places = range(at + 1, end - HEADER_BYTES + 1) if self._searched < MAX_SEARCHED else range(0)
        self._searched += end - at
        found = next((place for place in places if self._is_sound(data, place, end)), end)
        if may_be_cut and found == end:
            self.cut = self._began if self._parts else base + at
            self._parts.clear()
        else:
            self._drop(base + at)
        return found

    def _is_sound(self, data: bytes, at: int, end: int) -> bool:
        """Whether a fragment with the right checksum begins at `at`."""
        kind = data[at + HEADER_BYTES - 1]
        if not FULL <= kind <= LAST:
            return False
        checksum: int
        checksum, size, _ = HEADER.unpack_from(data, at)
        stop = at + HEADER_BYTES + size
        if stop > end:
            return False
        self._searched += size
        return zlib.crc32(data[at + HEADER_BYTES : stop], SEEDS[kind]) == checksum

    def _joined(self, kind: int, body: bytes, at: int) -> bytes | None:
        """Take a piece of a record; return the record once its last piece is there."""
        if kind == FIRST:
            if self._parts:
                self._drop(self._began)
            self._parts.append(body)
            self._began, self._is_lost = at, False
            return None
        if not self._parts or len(self._parts) * BLOCK_BYTES > MAX_RECORD:
            if not self._is_lost:  # the rest of a record that was left out is not counted again
                self._drop(self._began if self._parts else at)
            return None
        self._parts.append(body)
        if kind == MIDDLE:
            return None
        record = b"".join(self._parts)
        self._parts.clear()
        return record

    def _drop(self, at: int) -> None:
        """Leave out what is at a place of the file, and the pieces of the record that it was part of."""
        self._parts.clear()
        self._is_lost = True
        self.corrupt += 1
        self.first = at if self.first is None else self.first
