"""An input as readers see it: a name to show, its first bytes to recognise it by, and its whole content.

Compression and text encoding are settled here, once: readers get plain bytes or plain text.
"""

from __future__ import annotations

import codecs
import gzip
import io
import zlib
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from mlcheck.errors import MlcheckError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

HEAD_BYTES = 1 << 16
MAX_BYTES = 4 << 30
MAX_UNPACKED = 1 << 30
"""A gzip file may grow a thousandfold: what it holds is bounded more tightly than a plain file."""
MAX_TEXT = 1 << 28
"""Text is held decoded and cut into lines, several times its size; what is read in pieces may be larger."""
LFS_POINTER = b"version https://git-lfs"
GZIP_MAGIC = b"\x1f\x8b"
MOST_GROWTH = 1032
"""Bytes that deflate can make of one."""
BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


@dataclass(frozen=True, kw_only=True)
class Source:
    """One file (or standard input, given as `content`) to be recognised and read.

    `name` is the path as reports show it, beginning with the last component of the input the user named.
    `named` says that the user named this very file, so that failing to read it is a problem. `columns` holds the
    names that the user gave for roles (`--column step=NAME`). `scope` tells apart inputs that would show the same
    name: only files of one scope can be parts of one run.
    """

    name: str
    path: Path | None = None
    content: bytes | None = field(default=None, repr=False)
    named: bool = True
    columns: Mapping[str, str] = field(default_factory=dict)
    scope: str = ""

    @property
    def file_name(self) -> str:
        """The last component of the name."""
        return self.name.rsplit("/", 1)[-1]

    @property
    def folder(self) -> str:
        """The name without its last component; empty for a file that the user named."""
        return self.name.rpartition("/")[0]

    @cached_property
    def _first(self) -> bytes:
        """The first 64 KiB as they lie there: of a small file that is all, read once."""
        if self.content is not None:
            return self.content[:HEAD_BYTES]
        with self._open_raw() as stream:
            return stream.read(HEAD_BYTES)

    @cached_property
    def compressed(self) -> bool:
        """Whether the content is gzip."""
        return self._first.startswith(GZIP_MAGIC)

    @cached_property
    def size(self) -> int:
        """How many bytes there are, compressed as they may be."""
        if self.content is not None:
            return len(self.content)
        assert self.path is not None  # noqa: S101  (a source has a path or a content)
        return self.path.stat().st_size

    @cached_property
    def unpacked(self) -> int:
        """How many bytes there are uncompressed, by what a gzip file claims: a hint, not to be relied on."""
        if not self.compressed:
            return self.size
        with self._open_raw() as stream:
            stream.seek(max(0, self.size - 4))
            return min(int.from_bytes(stream.read(4), "little"), MOST_GROWTH * self.size)

    @cached_property
    def head(self) -> bytes:
        """The first 64 KiB, uncompressed."""
        if not self.compressed:
            return self._first
        with self.open() as stream:
            return self._bounded(stream, HEAD_BYTES)

    @property
    def is_pointer(self) -> bool:
        """Whether Git-LFS has left its pointer in place of the file."""
        return self.head.startswith(LFS_POINTER)

    @cached_property
    def is_text(self) -> bool:
        """Whether the head looks like text: no NUL once its encoding is settled."""
        return bool(self.head) and "\0" not in self.head_text

    @cached_property
    def encoding(self) -> str:
        """The encoding of the text: by its byte-order mark, by NULs in every other byte, else UTF-8 or Latin-1."""
        head = self.head
        for bom, name in BOMS:
            if head.startswith(bom):
                return name
        sample = head[:2000]
        if len(sample) >= 4 and sample[1::2].count(0) > 0.4 * len(sample) and not sample[::2].count(0):
            return "utf-16-le"
        if len(sample) >= 4 and sample[::2].count(0) > 0.4 * len(sample) and not sample[1::2].count(0):
            return "utf-16-be"
        try:
            codecs.getincrementaldecoder("utf-8")().decode(head)
        except UnicodeDecodeError:
            return "latin-1"
        return "utf-8"

    @cached_property
    def head_text(self) -> str:
        """The head as text, with line ends as the file has them."""
        return codecs.getincrementaldecoder(self.encoding)("replace").decode(self.head)

    @property
    def whole(self) -> bool:
        """Whether the head is all there is."""
        return len(self.head) < HEAD_BYTES

    @cached_property
    def cut(self) -> bool:
        """Whether the content is gzip that ends before its end."""
        try:
            with self.open() as stream:
                while self.compressed and stream.read(1 << 20):
                    pass
        except EOFError:
            return True
        return False

    def open(self) -> BinaryIO:
        """Open the content for reading, uncompressed."""
        if not self.compressed:
            return self._open_raw()
        packed = self.path if self.content is None else io.BytesIO(self.content)
        return cast(BinaryIO, gzip.open(cast(Path, packed), "rb"))

    def blocks(self, size: int) -> Iterator[bytes]:
        """Yield the whole content, uncompressed, in pieces of `size` bytes; a file over 4 GiB (1 GiB in gzip) is refused."""
        limit = MAX_UNPACKED if self.compressed else MAX_BYTES
        if self.size > limit:
            raise self._too_large(limit)
        left = limit
        with self.open() as stream:
            while block := self._bounded(stream, min(size, left + 1), begun=left < limit):
                left -= len(block)
                if left < 0:
                    raise self._too_large(limit)
                yield block
                if len(block) < size:  # the end, or the cut of a gzip file: reading on would raise
                    return

    def read_bytes(self) -> bytes:
        """Return the whole content, uncompressed; a file over 4 GiB (256 MiB in gzip) is refused."""
        return self._read(min(MAX_UNPACKED, MAX_TEXT) if self.compressed else MAX_BYTES)

    def _read(self, limit: int) -> bytes:
        if not self.compressed and len(self._first) < HEAD_BYTES:
            return self._first
        if self.size > limit:
            raise self._too_large(limit)
        with self.open() as stream:
            data = self._bounded(stream, limit + 1)
        if len(data) > limit:
            raise self._too_large(limit)
        return data

    def read_text(self) -> str:
        """Return the whole content as text; bytes that are none are replaced, not refused. Over 256 MiB are refused."""
        return self._read(MAX_TEXT).decode(self.encoding, "replace")

    def _too_large(self, limit: int) -> MlcheckError:
        return MlcheckError(
            self.name,
            f"expected at most {limit >> 20:,} MiB, found more",
            "log less often, or split the file",
        )

    def _open_raw(self) -> BinaryIO:
        if self.content is not None:
            return io.BytesIO(self.content)
        assert self.path is not None  # noqa: S101  (a source has a path or a content)
        return self.path.open("rb")

    def _bounded(self, stream: BinaryIO, limit: int, *, begun: bool = False) -> bytes:
        """Read at most `limit` bytes. What comes before the cut of a truncated gzip file is kept.

        `begun` says that something of the file was read before: then there may be nothing left before the cut.
        """
        if not self.compressed:
            return stream.read(min(limit, self.size + 1))  # a buffer of that length is made at once
        parts: list[bytes] = []
        size = 0
        read = getattr(stream, "read1", stream.read)  # gives what is there before a cut
        try:
            while size < limit and (part := read(min(1 << 20, limit - size))):
                parts.append(part)
                size += len(part)
        except EOFError:
            if not parts and not begun:
                raise MlcheckError(
                    self.name, "expected a gzip file, found one cut short", "copy it again"
                ) from None
        except (gzip.BadGzipFile, zlib.error) as error:
            raise MlcheckError(
                self.name, f"expected a gzip file, found a broken one ({error})", "copy it again"
            ) from error
        return b"".join(parts)
