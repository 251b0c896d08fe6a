"""May the images of a set be mirrored left to right without changing what they are? Answered from the training rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mlcheck.engines.networks.shrink import shrunk

if TYPE_CHECKING:
    import numpy.typing as npt

    from mlcheck.model.common import Floats
    from mlcheck.model.dataset import Pixels

MOST_ROWS = 1000
SIDE = 8
CERTAIN = 2.0
"""Standard errors by which neighbours must tell a class better than chance, and mirrored ones may not tell it worse."""


def may_mirror(pixels: Pixels, codes: npt.NDArray[Any], draw: np.random.Generator) -> bool:
    """Say whether mirrored images keep their class, as far as nearest neighbours can tell.

    `pixels` uint8 (n, height, width, 3), `codes` int (n,). Each image (1,000 at most, as 8 x 8 pixels) gets the class of
    its nearest neighbour among the others, and of the nearest among the others mirrored. Where the plain neighbours
    tell the classes better than chance and the mirrored ones tell no class worse, mirroring is harmless. Where plain
    neighbours know nothing, the answer is no: arrows to the left and to the right must stay apart.
    """
    rows = np.sort(draw.permutation(len(codes))[:MOST_ROWS])
    small = shrunk(pixels[rows], SIDE).astype(np.float64)
    kept = codes[rows]
    plain = _right(small, small, kept)
    mirrored = _right(small, small[:, :, ::-1], kept)
    shares = np.bincount(kept) / len(kept)
    chance = float(shares @ shares)
    error = np.sqrt(chance * (1 - chance) / len(kept))
    if plain.mean() <= chance + CERTAIN * error:
        return False
    for code in np.unique(kept):
        worse = (plain.astype(np.float64) - mirrored)[kept == code]
        spread = float(np.sqrt(np.sum(worse**2))) / len(worse)  # of the mean, were both as often right
        if worse.mean() > CERTAIN * spread and worse.sum() > CERTAIN:
            return False
    overall = plain.astype(np.float64) - mirrored
    return bool(overall.sum() <= np.sqrt(np.sum(overall**2)))


def _right(images: Floats, others: Floats, codes: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    """Say for each image whether its nearest neighbour among the others, itself left out, is of its class."""
    first, second = (part.reshape(len(part), -1) for part in (images, others))
    distance = (first**2).sum(axis=1)[:, None] - 2 * first @ second.T + (second**2).sum(axis=1)
    np.fill_diagonal(distance, np.inf)
    return np.asarray(codes[np.argmin(distance, axis=1)] == codes)
