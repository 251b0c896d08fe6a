"""Pairs of sets of a Jaccard similarity of at least a threshold: an exact join by the rarest tokens."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from math import comb
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from mlcheck.stats.data.hashing import Keys, bucketed, coded, distinct, mixed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scipy.sparse import csr_array

    from mlcheck.model.common import Floats
    from mlcheck.model.dataset import Ints
    from mlcheck.stats.data.tokens import Sets

LONG = 30
"""Tokens up to which a set is joined exactly; of a longer one a random 8 of its rarer tokens stand for it."""
SKETCH = 8
CROWDED = {2: 64, 4: 16}
"""Sets of one key of 2 or 4 tokens beyond which the key is too common to be compared pair by pair."""
KEYS_AT_ONCE = 1 << 24
"""Keys held in memory: 16 bytes each, and the pairs of rows that meet in them."""
PAIRS_AT_ONCE = 1 << 18


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pairs:
    """m pairs of rows, `first` < `second`, with their Jaccard similarity and the information that they share, (m,).

    `weighted` is the Jaccard similarity with each token weighed by its information: what all sets share counts nothing.
    """

    first: Ints
    second: Ints
    jaccard: Floats
    weighted: Floats
    shared: Floats


def pairs(sets: Sets, threshold: float = 0.8) -> Pairs:
    """Return the pairs of sets of at least `threshold` Jaccard similarity, each once, ordered by rows.

    Two sets of n and m tokens with |A and B| >= t |A or B| share at least ceil(t n) tokens; so among the
    n - ceil(t n) + l rarest of each they share at least l (Chaudhuri, Ganti & Kaushik 2006; Bayardo, Ma & Srikant 2007,
    sections 3-4; l-prefixes: Wang, Li & Feng 2012). Sets that have l = 2 of these in common are compared exactly. Where
    more than CROWDED sets have a pair in common, they are joined again by l = 4. Missed are pairs that have only
    quadruples in common that more than CROWDED sets have; and of sets of more than LONG tokens, which are known by a
    sketch of them (bottom-k: Broder 1997), some 1 % at the threshold.
    """
    # Equal sets meet in every key: one of them stands for all, or they would crowd their keys.
    every = np.flatnonzero(sets.sizes > 0)
    hashes = _set_hashes(sets)[every]
    order = np.argsort(hashes, kind="stable")
    ranked = hashes[order]
    leads = np.ones(len(order), dtype=np.bool_)
    leads[1:] = ranked[1:] != ranked[:-1]
    lead = every[order[leads]][np.cumsum(leads) - 1]
    own = every[order]
    alike = coded(lead[~leads], own[~leads], len(sets))
    rows = np.sort(every[order[leads]])
    table = as_table(sets)
    met, crowded = _met(sets, table, rows, threshold, 2)
    again = _met(sets, table, crowded, threshold, 4)[0]
    return _measured(sets, table, distinct(np.concatenate([alike, met, again])), threshold)


def _set_hashes(sets: Sets) -> Keys:
    """Return a hash of each set (n,): the sum of its tokens' hashes."""
    sums = np.concatenate([np.zeros(1, dtype=np.uint64), np.cumsum(mixed(sets.ids.astype(np.uint64)))])
    made: Keys = sums[sets.starts[1:]] - sums[sets.starts[:-1]]
    return made


def _met(sets: Sets, table: csr_array, rows: Ints, threshold: float, many: int) -> tuple[Keys, Ints]:
    """Return coded similar pairs that have `many` tokens of their prefixes in common, and rows of crowded keys."""
    met: list[Keys] = [np.zeros(0, dtype=np.uint64)]
    crowded = np.zeros(len(sets), dtype=np.bool_)
    counts = np.bincount(sets.sizes[rows])
    total = sum(
        comb(_prefix(n, threshold, many), many) * c for n, c in enumerate(counts[: LONG + 1].tolist())
    )
    total += comb(SKETCH, many) * int(counts[int(LONG * threshold) + 1 :].sum())
    parts = -(-total // KEYS_AT_ONCE)
    for part in range(parts):
        keys, holders = _keys(sets, rows, threshold, many, part, parts)
        found, many_held = bucketed(keys, holders.astype(np.int64), len(sets), CROWDED[many])
        near = _measured(sets, table, found, threshold)
        met.append(coded(near.first, near.second, len(sets)))
        crowded[many_held] = True
    return np.concatenate(met), np.flatnonzero(crowded)


def _prefix(size: int, threshold: float, many: int) -> int:
    """Return how many of the rarest tokens are looked at: all where a set has no more."""
    return min(size, size - int(np.ceil(threshold * size - 1e-9)) + many) if size else 0


def _keys(
    sets: Sets, rows: Ints, threshold: float, many: int, part: int, parts: int
) -> tuple[Keys, npt.NDArray[np.int32]]:
    """Return the keys of one part of all keys and the rows that hold them: hashes of `many` tokens of a prefix."""
    keys: list[Keys] = []
    holders: list[npt.NDArray[np.int32]] = []
    for chosen, table in _prefixes(sets, rows, threshold, many):
        hashes = mixed(table.astype(np.uint64) + np.uint64(1))
        narrow = chosen.astype(np.int32)
        for places in combinations(range(table.shape[1]), min(many, table.shape[1])):
            made = hashes[:, places[0]].copy()
            for place in places[1:]:
                made += hashes[:, place]
            if parts > 1:
                kept = made % np.uint64(parts) == np.uint64(part)
                keys.append(made[kept])
                holders.append(narrow[kept])
            else:
                keys.append(made)
                holders.append(narrow)
    if not keys:
        return np.zeros(0, np.uint64), np.zeros(0, np.int32)
    return np.concatenate(keys), np.concatenate(holders)


def _prefixes(
    sets: Sets, rows: Ints, threshold: float, many: int
) -> Iterator[tuple[Ints, npt.NDArray[np.int32]]]:
    """Yield rows of one size and the tokens of their prefixes, (rows, prefix)."""
    sizes = sets.sizes[rows]
    for size in range(1, LONG + 1):
        chosen = rows[sizes == size]
        if len(chosen):
            prefix = _prefix(size, threshold, many)
            yield chosen, sets.ids[sets.starts[chosen][:, None] + np.arange(prefix)]
    long = rows[sizes > LONG * threshold]  # both ways where a short set may be like a long one
    if len(long):
        yield long, _sketches(sets, long)


def _sketches(sets: Sets, rows: Ints) -> npt.NDArray[np.int32]:
    """Return the SKETCH tokens of smallest hash among the rarer ones of each long set, in the order of hashes.

    Rarer are tokens that at most 2 % of the sets hold; where a set has too few of them, its rarest.
    """
    common = int(np.searchsorted(sets.frequency, 0.02 * len(sets), side="right"))
    made = np.empty((len(rows), SKETCH), dtype=np.int32)
    for at, row in enumerate(rows.tolist()):
        ids = sets.ids[sets.starts[row] : sets.starts[row + 1]]
        rarer = ids[: max(int(np.searchsorted(ids, common)), 2 * SKETCH)]
        hashes = mixed(rarer.astype(np.uint64))
        made[at] = rarer[np.argsort(hashes, kind="stable")[:SKETCH]]
    return made


def as_table(sets: Sets) -> csr_array:
    """Return the sets as a matrix of zeros and ones, (sets, tokens)."""
    from scipy.sparse import csr_array

    ones = np.ones(len(sets.ids), dtype=np.float32)
    return csr_array((ones, sets.ids, sets.starts), shape=(len(sets), len(sets.frequency)))


def _measured(sets: Sets, table: csr_array, met: Keys, threshold: float) -> Pairs:
    """Return those of the coded pairs that are similar enough, by all their tokens."""
    weight = sets.information
    whole = np.asarray(table @ weight)
    kept = [np.zeros((5, 0))]
    for start in range(0, len(met), PAIRS_AT_ONCE):
        some = np.divmod(met[start : start + PAIRS_AT_ONCE], np.uint64(len(sets)))
        first, second = (part.astype(np.int64) for part in some)
        small, large = (
            np.minimum(sets.sizes[first], sets.sizes[second]),
            np.maximum(sets.sizes[first], sets.sizes[second]),
        )
        fits = small >= threshold * large
        first, second = first[fits], second[fits]
        both = table[first].multiply(table[second])
        common = np.asarray(both.sum(axis=1)).ravel().astype(np.float64)
        jaccard = common / np.maximum(sets.sizes[first] + sets.sizes[second] - common, 1)
        near = jaccard >= threshold - 1e-12
        shared = np.asarray(both @ weight).ravel()[near]
        first, second = first[near], second[near]
        union = whole[first] + whole[second] - shared
        weighted = np.divide(shared, union, out=np.zeros(len(shared)), where=union > 0)
        kept.append(np.stack([first, second, jaccard[near], weighted, shared]))
    first, second, jaccard, weighted, shared = np.concatenate(kept, axis=1)
    return Pairs(
        first=first.astype(np.int64), second=second.astype(np.int64), jaccard=jaccard, weighted=weighted, shared=shared
    )  # fmt: skip
