"""What texts and images are like, as numbers: lengths and signs of texts, light and colours of images."""

from __future__ import annotations

import string
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlcheck.model.common import Floats
    from mlcheck.model.dataset import Pixels

LONGEST = 5000
"""Signs of a text that are looked at."""
FIELDS = 4
_PUNCTUATION = str.maketrans("", "", string.punctuation)


def of_texts(texts: Sequence[str | None]) -> Mapping[str, Floats]:
    """Return for each of n texts, NaN where it is missing or blank: words, letters a word, shares of signs.

    `words` is their number up to LONGEST signs, `letters a word` the mean length of a word; `capitals`, `digits` and
    `punctuation` are shares (0..1) of the signs that are no blanks.
    """
    told = np.full((5, len(texts)), np.nan)
    for row, text in enumerate(texts):
        words = text[:LONGEST].split() if text is not None else []
        signs = "".join(words)
        if not signs:
            continue
        size = len(signs)
        plain = signs.translate(_PUNCTUATION)
        told[:, row] = (
            len(words),
            size / len(words),
            sum(map(str.isupper, plain)) / size,
            sum(map(str.isdigit, plain)) / size,
            (size - len(plain)) / size,
        )
    names = ("words", "letters a word", "capitals", "digits", "punctuation")
    return dict(zip(names, told, strict=True))


def of_images(pixels: Pixels) -> Mapping[str, Floats]:
    """Return for each of n images, (n, height, width, 3) in 0..255: brightness, contrast, and the shares of the colours.

    `brightness` is the mean of all pixels, `contrast` the deviation of the grey ones; `red`, `green` and `blue` are what
    the mean of that colour lies above (or below) the brightness.
    """
    told = np.zeros((5, len(pixels)))
    for row, image in enumerate(pixels):
        flat = image.reshape(-1, 3).astype(np.float32)
        colours = flat.mean(axis=0)
        mean = float(colours.mean())
        told[:, row] = (mean, float(flat.mean(axis=1).std()), *(colours - mean))
    return dict(zip(("brightness", "contrast", "red", "green", "blue"), told, strict=True))


def fields(pixels: Pixels) -> Floats:
    """Return the mean brightness of each of n images in 4 x 4 fields, row by row: (n, 16) in 0..255."""
    told = []
    for image in pixels:
        grey = image.astype(np.float32).mean(axis=2)
        bands = np.array_split(grey, FIELDS)
        told.append([part.mean() for band in bands for part in np.array_split(band, FIELDS, axis=1)])
    return np.array(told, dtype=np.float64).reshape(len(pixels), FIELDS * FIELDS)
