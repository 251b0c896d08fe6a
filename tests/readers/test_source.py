"""An input is settled once: compression, encoding, size. Readers get plain bytes or plain text."""

from __future__ import annotations

import gzip
import os
from typing import TYPE_CHECKING

import pytest

from mlcheck.errors import MlcheckError
from mlcheck.readers import source as sources
from mlcheck.readers.source import Source

if TYPE_CHECKING:
    from pathlib import Path

TEXT = "epoch,train_loss\n" + "".join(f"{i},{1 / (i + 1)}\n" for i in range(2000))


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("from_file", [False, True])
def test_gzip_is_told_by_its_first_bytes(tmp_path: Path, packed: bool, from_file: bool) -> None:
    """Whatever the file is called, its content decides."""
    content = gzip.compress(TEXT.encode()) if packed else TEXT.encode()
    (tmp_path / "log.csv").write_bytes(content)
    source = (
        Source(name="log.csv", path=tmp_path / "log.csv")
        if from_file
        else Source(name="log.csv", content=content)
    )
    assert source.compressed is packed
    assert source.read_text() == TEXT
    assert source.head == TEXT.encode()[: sources.HEAD_BYTES]
    assert not source.cut


@pytest.mark.parametrize("kept", [0.3, 0.7, 0.99])
def test_what_stands_before_the_cut_of_a_gzip_file_is_kept(kept: float) -> None:
    """A copy that stopped halfway still holds half of the run."""
    # Digits without a pattern, so that the compressed content is spread over the whole file.
    text = "".join(f"{i},{(i * 2654435761) % 2**32}\n" for i in range(20_000))
    packed = gzip.compress(text.encode())
    source = Source(name="x.gz", content=packed[: int(kept * len(packed))])
    found = source.read_text()
    assert text.startswith(found)
    assert len(found) > 0.8 * kept * len(text)
    assert source.cut


@pytest.mark.parametrize(
    "content",
    [
        gzip.compress(TEXT.encode(), mtime=0)[:10],
        gzip.compress(TEXT.encode(), mtime=0)[:6],
        b"\x1f\x8b\xff\xff\xff",
    ],
)
def test_a_gzip_file_with_nothing_before_its_cut_is_refused(content: bytes) -> None:
    """A header alone holds no text."""
    with pytest.raises(MlcheckError, match="expected a gzip file"):
        Source(name="x.gz", content=content).read_text()


def test_a_broken_gzip_file_is_refused() -> None:
    """Bytes flipped in the middle."""
    packed = bytearray(gzip.compress(os.urandom(5000)))
    packed[2000:2100] = bytes(100)
    with pytest.raises(
        MlcheckError, match=r"x.gz: expected a gzip file, found a broken one \(.+\); copy it again"
    ):
        Source(name="x.gz", content=bytes(packed)).read_bytes()


@pytest.mark.parametrize("packed", [False, True])
def test_content_is_bounded(monkeypatch: pytest.MonkeyPatch, packed: bool) -> None:
    """A small gzip file may grow a thousandfold: what it holds is bounded more tightly than a plain file."""
    monkeypatch.setattr(sources, "MAX_BYTES", 1 << 20)
    monkeypatch.setattr(sources, "MAX_UNPACKED", 1 << 19)
    limit = 1 << (19 if packed else 20)
    for size in (limit, limit + 1):
        content = gzip.compress(bytes(size)) if packed else bytes(size)
        source = Source(name="x", content=content)
        if size == limit:
            assert len(source.read_bytes()) == size
        else:
            with pytest.raises(MlcheckError, match="split the file"):
                source.read_bytes()


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (TEXT.encode(), "utf-8"), ("ü".encode(), "utf-8"), (TEXT.encode("utf-8-sig"), "utf-8-sig"), (TEXT.encode("utf-16"), "utf-16"),
        (TEXT.encode("utf-16-le"), "utf-16-le"), (TEXT.encode("utf-16-be"), "utf-16-be"), ("für\n".encode("latin-1"), "latin-1"),
    ],
)  # fmt: skip
def test_the_encoding_is_told_by_mark_or_by_content(content: bytes, encoding: str) -> None:
    """Windows writes UTF-16, with a mark or without."""
    source = Source(name="x", content=content)
    assert source.encoding == encoding
    assert source.is_text


def test_a_letter_cut_by_the_end_of_the_head_is_no_reason_for_another_encoding() -> None:
    """The head ends in the middle of a character of two bytes."""
    content = b"a" + "ü".encode() * sources.HEAD_BYTES
    assert Source(name="x", content=content).encoding == "utf-8"


@pytest.mark.parametrize("content", [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", bytes(100), b"PK\x03\x04\0\0", b""])
def test_binary_and_empty_content_is_no_text(content: bytes) -> None:
    """NUL stands in no text."""
    assert not Source(name="x", content=content).is_text


@pytest.mark.parametrize(
    ("name", "file_name", "folder"),
    [("runs/a/metrics.csv", "metrics.csv", "runs/a"), ("metrics.csv", "metrics.csv", ""), ("-", "-", "")],
)
def test_a_name_has_a_folder_and_a_last_component(name: str, file_name: str, folder: str) -> None:
    """A named file has no folder; what is searched has."""
    source = Source(name=name, content=b"")
    assert (source.file_name, source.folder) == (file_name, folder)
