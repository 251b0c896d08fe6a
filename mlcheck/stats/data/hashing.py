"""Whole numbers of 64 bits: hashes of them, each once."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from mlcheck.model.dataset import Ints

Keys: TypeAlias = npt.NDArray[np.uint64]


def mixed(values: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Return a hash of each value, of the same shape: the finaliser of SplitMix64 (Steele, Lea & Flood 2014), a bijection."""
    made = values + np.uint64(0x9E3779B97F4A7C15)
    made ^= made >> np.uint64(30)
    made *= np.uint64(0xBF58476D1CE4E5B9)
    made ^= made >> np.uint64(27)
    made *= np.uint64(0x94D049BB133111EB)
    made ^= made >> np.uint64(31)
    return made


def distinct(values: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Return each value once, ascending; sorts `values` in place. NumPy 2.3's `unique` hashes, and is 5 times slower here."""
    values.sort()
    first = np.ones(len(values), dtype=np.bool_)
    first[1:] = values[1:] != values[:-1]
    return values[first]


def coded(first: Ints, second: Ints, size: int) -> Keys:
    """Return pairs of rows below `size` as one number each, low * size + high, ascending, each once."""
    low, high = np.minimum(first, second), np.maximum(first, second)
    return distinct((low * size + high).astype(np.uint64))


def bucketed(keys: Keys, holders: Ints, size: int, crowd: int) -> tuple[Keys, Ints]:
    """Return coded pairs of holders of an equal key, and the holders of keys that more than `crowd` have."""
    order = np.argsort(keys, kind="stable")
    ranked, held = keys[order], holders[order].astype(np.int64)
    new = np.flatnonzero(np.concatenate([[True], ranked[1:] != ranked[:-1]]))
    lengths = np.diff(np.append(new, len(ranked)))
    single = np.repeat(lengths == 1, lengths)
    if single.all():
        return np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.int64)
    many = np.repeat(lengths > crowd, lengths)
    left = np.repeat(new + lengths, lengths) - np.arange(len(ranked)) - 1  # later holders of the same key
    places = np.flatnonzero((left > 0) & ~many)
    met: list[Keys] = [np.zeros(0, dtype=np.uint64)]
    for gap in range(1, crowd):
        places = places[left[places] >= gap]
        if not len(places):
            break
        first, second = held[places], held[places + gap]
        other = first != second  # one row may hold a key twice
        met.append(coded(first[other], second[other], size))
    return distinct(np.concatenate(met)), np.flatnonzero(np.bincount(held[many], minlength=1))
