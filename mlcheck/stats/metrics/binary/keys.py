"""Scores with their truth as integers that sort as the scores do, so that one fast sort orders both at once.

A float of one sign orders as its bits do, read as an unsigned integer. Shifting them left by one drops the sign and
makes room for the label: 0 for a positive, 1 for a negative, so that positives stand first among equal scores. Scores
below zero, whose bits order the other way round, are complemented and kept apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlcheck.model import Floats
    from mlcheck.model.predictions import Bools, Reals

Keys: TypeAlias = npt.NDArray[np.uint32] | npt.NDArray[np.uint64]
CHUNK = 1 << 17
"""Keys walked at once: they and what is made of them stay in the cache of one core."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Segment:
    """Rows in ascending order of their score: `keys` (m,), of scores below zero or of the others, and their weights."""

    keys: Keys
    negative: bool
    weight: Floats | None = None


def segments(score: Reals, truth: Bools, weight: Reals | None = None) -> tuple[Segment, ...]:
    """Return the rows in ascending order of `score` (n,): those below zero, if any, then the others.

    float32 scores make keys of 32 bits, float64 scores of 64. Scores must not be NaN.
    """
    if not len(score):
        return ()
    if score.min() >= 0:
        return (_segment(score, truth, weight, negative=False),)
    below = score < 0
    parts = ((below, True), (~below, False))
    return tuple(
        _segment(score[mask], truth[mask], None if weight is None else weight[mask], negative=negative)
        for mask, negative in parts
        if mask.any()
    )


def _segment(score: Reals, truth: Bools, weight: Reals | None, *, negative: bool) -> Segment:
    keys = encode(score, truth, negative=negative)
    if weight is None:
        return Segment(keys=sort(keys), negative=negative)
    order = np.argsort(keys, kind="stable")
    return Segment(keys=keys[order], negative=negative, weight=np.asarray(weight[order], dtype=np.float64))


def sort(keys: Keys) -> Keys:
    """Return the keys in ascending order, sorted in place where they can be.

    Without AVX-512 signed integers of 64 bits sort a tenth faster than unsigned ones. Read so, keys with the highest bit
    set (of scores from 2 on) come first, in order.
    """
    if keys.dtype != np.uint64:
        keys.sort()
        return keys
    signed = keys.view(np.int64)
    signed.sort()
    if not len(keys) or signed[0] >= 0:
        return keys
    cut = int(np.searchsorted(signed, 0))
    turned: Keys = np.concatenate([keys[cut:], keys[:cut]])
    return turned


def encode(score: Reals, truth: Bools, *, negative: bool) -> Keys:
    """Return the keys (n,) of scores of one sign; -0.0 counts as zero."""
    kind: type[np.unsignedinteger] = np.uint32 if score.dtype == np.float32 else np.uint64
    bits: Keys = np.ascontiguousarray(score).view(kind)
    keys: Keys = np.empty_like(bits)
    for start in range(0, len(keys), CHUNK):
        some = keys[start : start + CHUNK]
        np.left_shift(bits[start : start + CHUNK], kind(1), out=some)
        if negative:
            np.bitwise_xor(some, ~kind(1), out=some)
        some |= np.logical_not(truth[start : start + CHUNK]).view(np.uint8)
    return keys


def decode(keys: Keys, *, negative: bool) -> Floats:
    """Return the scores (n,) that keys stand for."""
    bits = keys >> keys.dtype.type(1)
    if negative:
        bits = ~bits
    return bits.view(np.float32 if keys.dtype == np.uint32 else np.float64).astype(np.float64)


def same_score(keys: Keys) -> Bools:
    """Return (n - 1,): whether each key but the first stands for the same score as the one before it."""
    same: Bools = (keys[1:] ^ keys[:-1]) <= 1
    return same


def walk(found: tuple[Segment, ...], *, chunk: int = CHUNK) -> Iterator[Segment]:
    """Yield the rows of sorted segments from the lowest score up, some `chunk` at a time.

    Rows of one score come together: a run of more than `chunk` of them is a piece of its own.
    """
    for whole in found:
        keys, start = whole.keys, 0
        while start < len(keys):
            end = min(start + chunk, len(keys))
            last = keys[end - 1] >> 1
            first_of_run, end = _run(keys, end, last)
            if first_of_run > start and end - first_of_run > chunk:
                end = first_of_run
            yield Segment(
                keys=keys[start:end],
                negative=whole.negative,
                weight=None if whole.weight is None else whole.weight[start:end],
            )
            start = end


def _run(keys: Keys, end: int, last: np.unsignedinteger) -> tuple[int, int]:
    """Return where the rows with the score of `last` begin and end, given that one stands before `end`."""
    if end < len(keys) and keys[end] >> 1 != last:
        return end, end
    low, high = keys.dtype.type(last << 1), keys.dtype.type((last << 1) | 1)
    return int(np.searchsorted(keys, low, "left")), int(np.searchsorted(keys, high, "right"))
