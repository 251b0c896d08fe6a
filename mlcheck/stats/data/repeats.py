"""Rows that are equal in every column, and how many of them chance would make."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlcheck.model.dataset import Column, Ints

MULTIPLIERS = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F)
"""Odd numbers of two 64-bit hashes (Knuth 1998, The Art of Computer Programming 3, 6.4): together 128 bits, so that
among 10^8 rows no two different ones are taken for equal."""
SHORT = 5
"""Words from which on two equal texts are copies: chance writes the same text only where it is shorter."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Repeats:
    """Equal rows within the first part and across: all zero-based.

    `inside` (m,) are rows of the first part that repeat an earlier one of it; `across` (k,) are rows of the second part
    that are in the first, `sources` (k,) the first row there that each equals. `by_chance` is how many pairs of rows,
    one of each part, would be equal if the columns were independent of each other; texts of a few words and images of
    one colour may be equal by chance, longer texts and other images not.
    """

    inside: Ints
    across: Ints
    sources: Ints
    by_chance: float
    by_chance_inside: float


def repeats(first: Sequence[Column], second: Sequence[Column] | None = None) -> Repeats:
    """Return which rows are equal in all columns; `second` has the columns of `first` in the same order and codes.

    Missing values are equal to each other. Cost: a sort of the rows.
    """
    size = len(first[0]) if first else 0
    others = len(second[0]) if second else 0
    hashes = [np.zeros(size + others, dtype=np.uint64) for _ in MULTIPLIERS]
    agreement = 1.0
    for at, column in enumerate(first):
        codes = _codes(column, None if second is None else second[at])
        agreement *= _agreement(codes, _may_agree(column))
        for made, multiplier in zip(hashes, MULTIPLIERS, strict=True):
            _mix(made, codes, np.uint64(multiplier))
    order = np.lexsort((np.arange(size + others), hashes[1], hashes[0]))
    same = np.zeros(len(order), dtype=np.bool_)
    same[1:] = (hashes[0][order[1:]] == hashes[0][order[:-1]]) & (
        hashes[1][order[1:]] == hashes[1][order[:-1]]
    )
    group = np.cumsum(~same) - 1
    leads = order[~same][group]  # the first row of each group, those of the first part before the others
    inside = np.sort(order[same & (order < size)])
    copied = (order >= size) & (leads < size)
    across = order[copied] - size
    arranged = np.argsort(across)
    return Repeats(
        inside=inside.astype(np.int64),
        across=across[arranged].astype(np.int64),
        sources=leads[copied][arranged].astype(np.int64),
        by_chance=agreement * size * others,
        by_chance_inside=agreement * size * max(size - 1, 0) / 2,
    )


def _agreement(codes: npt.NDArray[np.uint64], may: npt.NDArray[np.bool_] | None) -> float:
    """Return the chance (0..1) that two rows agree in a column; only the rows that `may` of the first part count, if given."""
    if may is None:
        shares = np.unique(codes, return_counts=True)[1] / max(len(codes), 1)
        return float(np.dot(shares, shares))
    counts = np.unique(codes[: len(may)][may], return_counts=True)[1].astype(np.float64)
    return float(counts @ (counts - 1)) / max(len(may) * (len(may) - 1.0), 1.0)


def _may_agree(column: Column) -> npt.NDArray[np.bool_] | None:
    """Return which texts (short or missing) or images (of one colour) may be equal by chance; None: a plain column."""
    if column.texts is not None:
        return np.array([text is None or len(text.split(None, SHORT)) < SHORT for text in column.texts])
    if column.pixels is not None:
        flat = column.pixels.reshape(len(column.pixels), -1, 3)
        return np.asarray((flat == flat[:, :1]).all(axis=(1, 2)))
    return None


def row_hashes(first: Sequence[Column], second: Sequence[Column] | None = None) -> npt.NDArray[np.uint64]:
    """Return a hash of each row of both parts, (rows,): equal where the rows are equal in all columns."""
    made = np.zeros(sum(len(part[0]) for part in (first, second) if part), dtype=np.uint64)
    for at, column in enumerate(first):
        _mix(made, _codes(column, None if second is None else second[at]), np.uint64(MULTIPLIERS[0]))
    return made


def _mix(made: npt.NDArray[np.uint64], codes: npt.NDArray[np.uint64], multiplier: np.uint64) -> None:
    """Fold another column into the hashes: multiply, add, and shift the high bits down."""
    made ^= codes
    made *= multiplier
    made ^= made >> np.uint64(29)
    made += multiplier


def _codes(first: Column, second: Column | None) -> npt.NDArray[np.uint64]:
    """Return a number for each row of both parts, the same for the same value."""
    parts = [first] if second is None else [first, second]
    if first.numbers is not None:
        values = np.concatenate([part.numbers for part in parts if part.numbers is not None]) + 0.0
        return np.where(np.isnan(values), np.nan, values).view(np.uint64)
    if first.codes is not None:
        codes = np.concatenate([part.codes for part in parts if part.codes is not None])
        return codes.astype(np.int64).view(np.uint64)
    if first.texts is not None:
        texts = [text for part in parts if part.texts is not None for text in part.texts]
        place: dict[object, int] = {}
        return np.array([place.setdefault(text, len(place)) for text in texts], dtype=np.uint64)
    pixels = [np.ascontiguousarray(part.pixels) for part in parts if part.pixels is not None]
    seen: dict[bytes, int] = {}
    each = (image.tobytes() for block in pixels for image in block)
    return np.array([seen.setdefault(image, len(seen)) for image in each], dtype=np.uint64)
