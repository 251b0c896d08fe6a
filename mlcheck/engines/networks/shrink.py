"""Images made smaller by whole factors: the mean of each block of pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from mlcheck.model.dataset import Pixels

ROWS = 1024
"""Images at a time: the mean of a block is taken in float32, four times the memory of the pixels."""


def factor(height: int, width: int, side: int) -> int:
    """Return by which whole factor images must shrink so that their longer side is under 2 `side`; at least 1."""
    return max(1, max(height, width) // side)


def shrunk(pixels: Pixels, side: int) -> npt.NDArray[np.uint8]:
    """Return uint8 (n, height / factor, width / factor, 3), rounded; what is left over at right and below is cut off."""
    _, height, width, _ = pixels.shape
    step = min(factor(height, width, side), height, width)
    if step == 1:
        return pixels
    high, wide = height // step, width // step
    made = np.empty((len(pixels), high, wide, 3), dtype=np.uint8)
    for start in range(0, len(pixels), ROWS):
        part = pixels[start : start + ROWS, : high * step, : wide * step].astype(np.float32)
        blocks = part.reshape(len(part), high, step, wide, step, 3).mean(axis=(2, 4))
        made[start : start + ROWS] = np.rint(blocks)
    return made
