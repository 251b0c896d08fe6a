"""Images that nearly equal each other: the same picture encoded, sized, lit or blurred a little differently."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from mlcheck.stats.data.hashing import Keys, bucketed, coded, distinct
from mlcheck.stats.data.near import Pairs, none
from mlcheck.stats.data.nearness import expected_pairs

if TYPE_CHECKING:
    from mlcheck.model.common import Floats
    from mlcheck.model.dataset import Ints, Pixels

FEW = 5000
"""Images up to which every pair is compared."""
TABLES, BITS = 16, 18
CROWDED = 24
FLAT = 2.0
"""Grey levels of standard deviation under which an image shows nothing."""
MOST_PAIRS = 2_000_000
_AT_ONCE = 1000


def pairs(pixels: Pixels, rows: Ints, *, correlation: float = 0.95, seed: int = 0) -> Pairs:
    """Return pairs among `rows` of images (n, height, width, 3) whose pixels correlate by at least `correlation`.

    Images are halved in both directions, and each is centred and scaled to length 1, so that brightness and contrast
    do not count; `likeness` is the correlation. Up to FEW images all pairs are compared. Beyond, those that agree in all bits of one of TABLES
    perceptual hashes: BITS signs of random projections of what differs from the mean image (Charikar 2002), verified
    by their pixels. How many pairs chance puts so near is told by the distances to other images of the set.
    """
    looks, shown = _looks(pixels, rows)
    rows = rows[shown]
    if len(rows) < 3:
        return none()
    met = _all_near(looks, correlation) if len(rows) <= FEW else _hashed(looks, seed)
    first, second = (part.astype(np.int64) for part in np.divmod(met, np.uint64(len(rows))))
    alike = _correlations(looks, first, second)
    near = alike >= correlation
    first, second, alike = first[near], second[near], alike[near]
    expected = np.zeros(len(first))
    if len(first):
        grain = np.zeros(looks.shape[1])
        expected = expected_pairs(looks, first, second, grain, trim=False, seed=seed)
    return Pairs(first=rows[first], second=rows[second], likeness=alike, expected=expected)


def _looks(pixels: Pixels, rows: Ints) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.bool_]]:
    """Return images as vectors of mean 0 and length 1, and which of the rows show anything."""
    made: list[npt.NDArray[np.float32]] = []
    shown: list[npt.NDArray[np.bool_]] = []
    for start in range(0, len(rows), _AT_ONCE):
        some = pixels[rows[start : start + _AT_ONCE]].astype(np.float32)
        high, wide = some.shape[1] // 2 * 2, some.shape[2] // 2 * 2
        small = some[:, :high, :wide].reshape(len(some), high // 2, 2, wide // 2, 2, -1).mean(axis=(2, 4))
        flat = small.reshape(len(some), -1)
        flat -= flat.mean(axis=1, keepdims=True)
        seen = flat.std(axis=1) > FLAT
        flat = flat[seen]
        made.append(flat / np.linalg.norm(flat, axis=1, keepdims=True))
        shown.append(seen)
    return np.concatenate(made), np.concatenate(shown)


def _all_near(looks: npt.NDArray[np.float32], correlation: float) -> Keys:
    """Return all coded pairs of at least this correlation."""
    found = [np.zeros(0, dtype=np.uint64)]
    for start in range(0, len(looks), _AT_ONCE):
        alike = looks[start : start + _AT_ONCE] @ looks[start:].T
        first, second = np.nonzero(np.triu(alike, 1) >= correlation)
        found.append(coded(first + start, second + start, len(looks)))
        if sum(map(len, found)) > MOST_PAIRS:
            break
    return distinct(np.concatenate(found))


def _hashed(looks: npt.NDArray[np.float32], seed: int) -> Keys:
    """Return coded pairs that agree in one of the hashes."""
    random = np.random.default_rng(seed)
    middle = looks.mean(axis=0)
    planes = random.normal(size=(looks.shape[1], TABLES * BITS)).astype(np.float32)
    bits = np.concatenate(
        [(looks[i : i + _AT_ONCE] - middle) @ planes > 0 for i in range(0, len(looks), _AT_ONCE)]
    )
    found = []
    for table in range(TABLES):
        part = bits[:, table * BITS : (table + 1) * BITS].astype(np.uint64)
        keys = (part << np.arange(BITS, dtype=np.uint64)).sum(axis=1, dtype=np.uint64)
        found.append(bucketed(keys, np.arange(len(looks)), len(looks), CROWDED)[0])
    return distinct(np.concatenate(found))


def _correlations(looks: npt.NDArray[np.float32], first: Ints, second: Ints) -> Floats:
    made = np.empty(len(first))
    for start in range(0, len(first), _AT_ONCE):
        end = start + _AT_ONCE
        made[start:end] = np.einsum("ij,ij->i", looks[first[start:end]], looks[second[start:end]])
    return made
