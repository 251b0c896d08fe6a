"""Score and label of a row in one unsigned number, so that a plain sort (vectorised in NumPy) orders both.

Non-negative floats of IEEE 754 order like their bits, so `(bits << 1) | label` orders by score, then label. Scores that
may be negative are turned first: the sign bit is flipped, of negative numbers all bits. Half the time of an argsort, and
no gathering afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from mlcheck.model import Floats
    from mlcheck.model.predictions import Bools, Reals

Packed: TypeAlias = npt.NDArray[np.uint32] | npt.NDArray[np.uint64]
TOP = np.uint64(1 << 63)


@dataclass(frozen=True, slots=True, eq=False)
class Sorted:
    """Rows in ascending order of their score: `keys` (n,) hold score and label, `label` is in the lowest bit.

    `signed` says that the scores were turned to make room for negative ones. Scores that need all 64 bits have their
    label apart, in `labels`.
    """

    keys: Packed
    single: bool
    signed: bool
    labels: npt.NDArray[np.uint8] | None = None

    def __len__(self) -> int:
        return len(self.keys)

    def part(self, start: int, stop: int) -> tuple[Packed, npt.NDArray[np.uint8]]:
        """Return (keys without label, labels 0 or 1) of some rows."""
        keys = self.keys[start:stop]
        if self.labels is not None:
            return keys, self.labels[start:stop]
        return keys >> keys.dtype.type(1), (keys & keys.dtype.type(1)).astype(np.uint8)

    def scores(self, keys: Packed) -> Floats:
        """Return the scores of keys without label, as float64."""
        bits: npt.NDArray[np.generic] = keys
        if self.signed:
            top = np.uint64(1 << 31) if self.single else TOP
            whole = np.uint64((1 << 32) - 1) if self.single else np.uint64((1 << 64) - 1)
            wide = keys.astype(np.uint64)
            bits = np.where(wide & top, wide ^ top, wide ^ whole)
        if self.single:
            return bits.astype(np.uint32).view(np.float32).astype(np.float64)
        return np.ascontiguousarray(bits, dtype=np.uint64).view(np.float64)


def sort_scores(score: Reals, truth: Bools) -> Sorted:
    """Return the rows in order of `score` (n,), float32 or float64, finite; `truth` (n,) are the labels."""
    single = score.dtype == np.float32
    signed = bool(len(score)) and float(score.min()) < 0
    plain = score + score.dtype.type(0)  # a copy in which -0.0 is 0.0
    bits: Packed = plain.view(np.uint32) if single else plain.view(np.uint64)
    if signed:
        return _sort_signed(bits, truth, single=single)
    one = bits.dtype.type(1)
    np.left_shift(bits, one, out=bits)
    np.bitwise_or(bits, truth.view(np.uint8), out=bits)
    bits.sort()
    return Sorted(bits, single, signed=False)


def _sort_signed(bits: Packed, truth: Bools, *, single: bool) -> Sorted:
    wide = bits.astype(np.uint64)
    if single:
        top, whole = np.uint64(1 << 31), np.uint64((1 << 32) - 1)
        turned = np.where(wide & top, wide ^ whole, wide ^ top)
        turned <<= np.uint64(1)
        turned |= truth.view(np.uint8)
        turned.sort()
        return Sorted(turned, single=True, signed=True)
    turned = np.where(wide & TOP, ~wide, wide ^ TOP)
    order = np.argsort(turned, kind="stable")
    return Sorted(turned[order], single=False, signed=True, labels=truth.view(np.uint8)[order])
