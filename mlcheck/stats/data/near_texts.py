"""Texts that nearly equal each other: most words in common, and more than common words and patterns make."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlcheck.stats.data import similar_sets, tokens
from mlcheck.stats.data.bins import sample
from mlcheck.stats.data.near import Pairs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scipy.sparse import csr_array

    from mlcheck.model.common import Floats
    from mlcheck.model.dataset import Ints
    from mlcheck.stats.data.tokens import Sets

KIN = 0.5
"""Share of a text's words from which on another text is of its kind."""
LEAST_KIN = 3
LEAST_SAMPLED, MOST_SAMPLED = 500, 20_000
"""Texts among which kin are looked for: fewer where there are many pairs."""
_WORK = 300_000_000
_AT_ONCE = 500


def pairs(
    texts: Sequence[str | None],
    rows: Ints,
    *,
    jaccard: float = 0.8,
    weighted: float = 0.55,
    crowd: int = 20,
    seed: int = 0,
) -> Pairs:
    """Return pairs of texts of a Jaccard similarity of at least `jaccard`, by their words (short ones by shingles).

    texts[i] is that of rows[i]. `likeness` is the similarity. The similarity weighed by -ln of the share of texts that
    hold each word must be at least `weighted`: what a template gives to all its texts counts little, what tells them
    apart much. `expected` is the number of pairs of random texts that share words of so much information: with
    independent words a text holds those of another with probability exp(-information), for each choice of them. For a
    text with more than `crowd` / 2 kin (texts that hold at least half of its words), it is the number of such pairs of kin
    where that is larger, with the shares of words among them.
    """
    from scipy.special import gammaln

    sets = tokens.sets(texts)
    found = similar_sets.pairs(sets, jaccard)
    kept = found.weighted >= weighted
    first, second, alike = found.first[kept], found.second[kept], found.jaccard[kept]
    size = sets.sizes[first]
    common = np.rint(alike / (1 + alike) * (size + sets.sizes[second]))
    choices = gammaln(size + 1) - gammaln(common + 1) - gammaln(size - common + 1)
    n = np.count_nonzero(sets.sizes)
    expected = np.exp(np.log(max(n * (n - 1) / 2, 1)) + choices - found.shared[kept])
    by_kin = _log_pairs_of_kin(sets, first, second, crowd, seed)
    expected = np.maximum(expected, np.exp(np.minimum(by_kin + choices, 700)))
    return Pairs(first=rows[first], second=rows[second], likeness=alike, expected=expected)


def _log_pairs_of_kin(sets: Sets, first: Ints, second: Ints, crowd: int, seed: int) -> Floats:
    """Return ln of the expected number of pairs of kin that share the words of each pair, -inf without a crowd of kin."""
    made = np.full(len(first), -np.inf)
    if not len(first):
        return made
    most = int(np.clip(_WORK / len(first), LEAST_SAMPLED, MOST_SAMPLED))
    chosen = sample(len(sets), most, seed)
    table = similar_sets.as_table(sets)
    others = table[chosen]
    scale = len(sets) / len(chosen)
    for start in range(0, len(first), _AT_ONCE):
        some = slice(start, start + _AT_ONCE)
        kin = _kin(table, others, chosen, first[some], second[some])
        count = np.asarray(kin.sum(axis=1)).ravel().astype(np.float64)
        holding = kin @ others  # of each pair's kin, how many hold each word
        both = table[first[some]].multiply(table[second[some]]).tocsr()
        held = both.multiply(holding).tocsr()
        held.data = np.log(held.data + 0.5) - np.log(0.5)
        words = np.asarray(both.sum(axis=1)).ravel()
        information = words * (np.log(count + 1) - np.log(0.5)) - np.asarray(held.sum(axis=1)).ravel()
        size = np.maximum(count * scale, 1)
        told = np.log(len(sets) * size / 2) - information
        many = (count >= LEAST_KIN) & (count * scale > crowd / 2)
        made[some] = np.where(many, told, -np.inf)
    return made


def _kin(table: csr_array, others: csr_array, chosen: Ints, first: Ints, second: Ints) -> csr_array:
    """Return which of the chosen texts hold at least KIN of the words of the first of each pair, but both of the pair."""
    from scipy.sparse import csr_array

    own = table[first]
    size = np.asarray(own.sum(axis=1)).ravel()
    common = (own @ others.T).tocsr()
    row = np.repeat(np.arange(len(first)), np.diff(common.indptr))
    held = chosen[common.indices]
    kept = (common.data >= KIN * size[row]) & (held != first[row]) & (held != second[row])
    ones = np.ones(int(np.count_nonzero(kept)), dtype=np.float32)
    return csr_array((ones, (row[kept], common.indices[kept])), shape=common.shape)
