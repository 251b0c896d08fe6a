"""A folder of images by class: each sub-folder is a class, every image becomes 32 x 32 pixels of three colours.

Needs pillow, the extra `image`. Rows are the files in the order of their paths, class by class.
"""

from __future__ import annotations

import os
import struct
import warnings
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mlcheck.errors import MlcheckError, NothingToRead
from mlcheck.model.report import Problem
from mlcheck.readers import search
from mlcheck.readers.datasets.raw import Raw, Table
from mlcheck.readers.listing import listed
from mlcheck.readers.predictions.frame import Words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlcheck.model.dataset import Pixels

SIDE = 32
SUFFIXES = frozenset(
    (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp", ".tif", ".tiff", ".ppm", ".pgm", ".pbm")
)
FORMATS = ("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF", "PPM")
"""What pillow may open: formats that need other programs (PostScript) are not among them."""
SPLITS = frozenset(("train", "training", "test", "testing", "val", "valid", "validation", "dev"))
IMAGE, LABEL = "image", "label"
MOST_IMAGES = 200_000
MOST_PIXELS = 50_000_000
MOST_BYTES = 1 << 28
MOST_PROBLEMS = 1000
NO_FOLDERS = frozenset(("__MACOSX", "__pycache__"))
UNREADABLE = (
    OSError, ValueError, SyntaxError, TypeError, LookupError, EOFError, ArithmeticError, AttributeError, RuntimeError,
    MemoryError, AssertionError, Warning, struct.error, zlib.error,
)  # fmt: skip
"""What pillow raises for broken files."""


def files(top: Path) -> list[Path]:
    """Return the images below a folder in order, class by class; links to folders are not followed."""
    found: list[Path] = []
    for folder, below, names in os.walk(top):
        below[:] = sorted(name for name in below if not name.startswith(".") and name not in NO_FOLDERS)
        for name in sorted(names):
            path = Path(folder, name)
            if path.suffix.lower() in SUFFIXES and not name.startswith(".") and path.is_file():
                found.append(path)
                if len(found) > MOST_IMAGES:
                    raise MlcheckError(
                        search.last(str(top)),
                        f"expected at most {MOST_IMAGES:,} images, found more",
                        "name a part of them",
                    )
    return found


def read(top: Path, paths: list[Path]) -> Table:
    """Return the images and, from the folders that they lie in, their classes.

    Raises MlcheckError without pillow, for a folder of splits, and where no image can be read.
    """
    name = search.last(str(top))
    classes = [_class_of(path, top) for path in paths]
    splits = sorted(SPLITS & {cls.lower() for cls in classes})
    if splits and len(splits) == len(set(classes)) and _has_classes_below(top, paths):
        raise MlcheckError(
            name, f"expected a folder for each class, found the splits {listed(splits)}",
            f"name {name}/{_first(classes, 'train')} and --test {name}/{_first(classes, 'test', 'val')}",
        )  # fmt: skip
    pixels = np.zeros((len(paths), SIDE, SIDE, 3), dtype=np.uint8)
    problems: list[Problem] = []
    kept: list[int] = []
    for place, reason in _loaded(name, paths, pixels):
        if reason is None:
            kept.append(place)
        elif len(problems) < MOST_PROBLEMS:
            shown = f"{name}/{paths[place].relative_to(top).as_posix()}"
            problems.append(
                Problem(
                    source=shown, message=f"expected an image, found {reason}", hint="replace or remove it"
                )
            )
    if not kept:
        first = problems[0]
        raise MlcheckError(
            name, f"expected images, found none of {len(paths):,} readable: {first.source}: {first.message}"
        )
    columns = {IMAGE: Raw(pixels=pixels if len(kept) == len(paths) else pixels[kept])}
    if any(classes):
        columns[LABEL] = Raw(words=_words([classes[place] for place in kept]))
    return Table(name=name, reader="images", columns=columns, size=len(kept), problems=tuple(problems))


def _words(classes: list[str]) -> Words:
    place: dict[str, int] = {}
    code = [place.setdefault(cls, len(place)) if cls else -1 for cls in classes]
    return Words(np.array(code, dtype=np.int32), tuple(place))


def _first(classes: list[str], *wanted: str) -> str:
    """Return the folder as it is written that begins as one of the wanted splits does."""
    return next(
        (cls for want in wanted for cls in sorted(set(classes)) if cls.lower().startswith(want)), wanted[0]
    )


def _class_of(path: Path, top: Path) -> str:
    """Return the first folder below the top, "" for an image that lies in none."""
    parts = path.relative_to(top).parts
    return parts[0] if len(parts) > 1 else ""


def _has_classes_below(top: Path, paths: list[Path]) -> bool:
    return all(len(path.relative_to(top).parts) > 2 for path in paths)


def _loaded(name: str, paths: list[Path], pixels: Pixels) -> Iterator[tuple[int, str | None]]:
    """Fill in the pixels of each file; yield its place and why it could not be read, None where it could."""
    try:
        from PIL import Image
    except ImportError:
        raise MlcheckError(
            name,
            "expected pillow for reading images, found it not installed",
            'pip install "mlcheck-runs[image]", or pip install ".[image]" in a checkout',
        ) from None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for place, path in enumerate(paths):
            yield place, _fill(Image, path, pixels[place])


def _fill(library: Any, path: Path, where: Pixels) -> str | None:
    try:
        size = path.stat().st_size
        if not size or size > MOST_BYTES:
            return "an empty file" if not size else f"a file of over {MOST_BYTES >> 20} MiB"
        with library.open(path, formats=FORMATS) as image:
            width, height = image.size
            if width * height > MOST_PIXELS:
                return f"{width:,} x {height:,} pixels, more than {MOST_PIXELS:,}"
            image.draft("RGB", (2 * SIDE, 2 * SIDE))  # JPEG is read at a smaller scale
            where[:] = np.asarray(_coloured(library, image).resize((SIDE, SIDE), library.Resampling.BOX))
    except (*UNREADABLE, library.DecompressionBombError) as error:
        reason = next(iter(str(error).splitlines()), "")
        return (
            "another file"
            if "cannot identify" in reason
            else f"a broken one ({reason[:80] or type(error).__name__})"
        )
    return None


def _coloured(library: Any, image: Any) -> Any:
    """Return an image in three colours; what is transparent is white, deep greys keep their highest bits."""
    if image.mode.startswith("I;16") or image.mode in ("I", "F"):
        value = np.asarray(image, dtype=np.float64)
        scale = 255.0 / 65535.0 if value.size and value.max() > 255 else 1.0
        return library.fromarray(np.clip(np.nan_to_num(value * scale), 0, 255).astype(np.uint8)).convert(
            "RGB"
        )
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        clear = image.convert("RGBA")
        white = library.new("RGBA", clear.size, (255, 255, 255, 255))
        return library.alpha_composite(white, clear).convert("RGB")
    return image.convert("RGB")


def empty(name: str, found: int) -> NothingToRead:
    """Return what to say of a folder without images and tables."""
    return NothingToRead(
        name, f"expected images in a folder for each class, or one table, found neither in {found:,} file(s)",
        "name a CSV, JSON or Parquet file, or a folder of images",
    )  # fmt: skip
