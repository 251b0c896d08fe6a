"""Texts that nearly equal each other: most words in common, and more than common words make."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlcheck.stats.data import similar_sets, tokens
from mlcheck.stats.data.near import Pairs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlcheck.model.dataset import Ints


def pairs(texts: Sequence[str | None], rows: Ints, *, jaccard: float = 0.8, weighted: float = 0.55) -> Pairs:
    """Return pairs of texts of a Jaccard similarity of at least `jaccard`, by their words (short ones by shingles).

    texts[i] is that of rows[i]. `likeness` is the similarity. The similarity weighed by -ln of the share of texts that
    hold each word must be at least `weighted`: what a template gives to all its texts counts little, what tells them
    apart much. `expected` is the number of pairs of random texts that share words of so much information: with
    independent words a text holds those of another with probability exp(-information), for each choice of them.
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
    return Pairs(first=rows[first], second=rows[second], likeness=alike, expected=expected)
