"""Folders of images by class: one size, classes from the folders, broken files named, bounded by declared pixels."""

from __future__ import annotations

import struct
import sys
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from mlcheck.errors import MlcheckError
from mlcheck.model.dataset import DataWanted
from mlcheck.readers.datasets import read_datasets

if TYPE_CHECKING:
    from pathlib import Path

    from mlcheck.model.dataset import DataRead

RED, BLUE = (200, 10, 20), (10, 20, 200)


def pillow() -> Any:
    """Return the library, skip without it."""
    return pytest.importorskip("PIL.Image", reason="images are read by pillow, the extra `image`")


def paint(
    path: Path, colour: tuple[int, ...], *, size: tuple[int, int] = (16, 16), mode: str = "RGB"
) -> Path:
    """Write an image of one colour."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pillow().new(mode, size, colour if len(colour) > 1 else colour[0]).save(path)
    return path


def read(top: Path, **wanted: Any) -> DataRead:
    """Read a folder."""
    return read_datasets(DataWanted(train=str(top), **wanted))


def test_folders_are_classes_and_images_have_one_size(tmp_path: Path) -> None:
    """Rows are in the order of the paths; the class is the target."""
    paint(tmp_path / "red" / "b.png", RED, size=(40, 20))
    paint(tmp_path / "red" / "a.bmp", RED, size=(8, 8))
    paint(tmp_path / "blue" / "deep" / "c.png", BLUE)
    made = read(tmp_path).train
    pixels = made.column("image").pixels
    assert pixels is not None
    assert (pixels.shape, pixels.dtype.name) == ((3, 32, 32, 3), "uint8")
    assert [tuple(row[0, 0]) for row in pixels] == [BLUE, RED, RED]
    assert (made.target, made.goal, made.reader) == ("label", "classification", "images")
    assert made.column("label").names == ("blue", "red")
    assert np.asarray(made.column("label").codes).tolist() == [0, 1, 1]


@pytest.mark.parametrize(
    ("mode", "colour", "seen"),
    [
        ("L", (90,), (90, 90, 90)),
        ("RGBA", (0, 0, 0, 0), (255, 255, 255)),
        ("1", (1,), (255, 255, 255)),
        ("I;16", (65535,), (255, 255, 255)),
        ("CMYK", (0, 0, 0, 255), (0, 0, 0)),
    ],
)
def test_every_mode_becomes_three_colours(
    tmp_path: Path, mode: str, colour: tuple[int, ...], seen: tuple[int, ...]
) -> None:
    """Grey, transparent (on white), black and white, deep grey, printing colours."""
    paint(tmp_path / "x" / f"a.{'tif' if mode == 'CMYK' else 'png'}", colour, mode=mode)
    pixels = read(tmp_path.parent / tmp_path.name / "x").train.column("image").pixels
    assert pixels is not None
    assert tuple(pixels[0, 5, 5].tolist()) == seen


def test_an_unreadable_image_is_named_and_left_out(tmp_path: Path) -> None:
    """The others are read: cut, empty, and of another kind."""
    whole = paint(tmp_path / "red" / "a.png", RED, size=(64, 64))
    paint(tmp_path / "blue" / "a.png", BLUE)
    (tmp_path / "red" / "cut.png").write_bytes(whole.read_bytes()[:60])
    (tmp_path / "red" / "empty.png").write_bytes(b"")
    (tmp_path / "red" / "text.jpg").write_text("no image at all")
    made = read(tmp_path)
    name = tmp_path.name
    assert [problem.source for problem in made.problems] == [
        f"{name}/red/{n}" for n in ("cut.png", "empty.png", "text.jpg")
    ]
    assert len(made.train) == 2


def test_a_decompression_bomb_is_refused_by_what_it_declares(tmp_path: Path) -> None:
    """A small file that says it is 60,000 x 60,000 pixels is not unpacked."""
    paint(tmp_path / "x" / "a.png", RED)
    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(b"\0" * 1000)), (b"IEND", b""))
    packed = b"".join(
        struct.pack(">I", len(c)) + n + c + struct.pack(">I", zlib.crc32(n + c)) for n, c in chunks
    )
    (tmp_path / "x" / "bomb.png").write_bytes(b"\x89PNG\r\n\x1a\n" + packed)
    (problem,) = read(tmp_path / "x").problems
    assert problem.source == "x/bomb.png"


def test_train_and_test_folders_share_their_classes(tmp_path: Path) -> None:
    """Codes are decided on both."""
    for part, classes in (("train", ("b", "c")), ("test", ("a", "b"))):
        for cls in classes:
            paint(tmp_path / part / cls / "1.png", RED)
    made = read(tmp_path / "train", test=str(tmp_path / "test"))
    assert made.test is not None
    assert made.train.column("label").names == made.test.column("label").names == ("a", "b", "c")


def test_a_folder_of_splits_asks_for_one_of_them(tmp_path: Path) -> None:
    """`train` and `test` are no classes."""
    for part in ("train", "test"):
        for cls in ("a", "b"):
            paint(tmp_path / part / cls / "1.png", RED)
    with pytest.raises(
        MlcheckError, match=r"found the splits 'test', 'train'; name .*/train and --test .*/test"
    ):
        read(tmp_path)


def test_images_without_classes_have_no_target(tmp_path: Path) -> None:
    """A flat folder is read, too."""
    paint(tmp_path / "1.png", RED)
    made = read(tmp_path).train
    assert ([column.kind for column in made.columns], made.target) == (["image"], None)


def test_without_pillow_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command that installs it is in the message."""
    monkeypatch.setitem(sys.modules, "PIL", None)
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "a.png").write_bytes(b"\x89PNG")
    with pytest.raises(MlcheckError, match=r'pip install "mlcheck-runs\[image\]"'):
        read(tmp_path)
