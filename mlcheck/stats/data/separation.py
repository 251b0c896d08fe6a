"""How well a classifier tells two samples apart, held-out, against what chance gives."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from mlcheck.model.common import Floats
    from mlcheck.stats.data.proxy import Bools

FOLDS = 5


class Separation(NamedTuple):
    """The area under the ROC curve of telling the second sample from the first (0.5 chance, 1 surely) and its p-value."""

    auc: float
    p_value: float


def separation(score: Floats, second: Bools, fold: npt.NDArray[np.int8]) -> Separation:
    """Return the mean AUC over folds of held-out scores (n,) and its one-sided p-value under no difference.

    Within a fold the scores come from a model that saw none of its rows, so that under no difference the AUC has the
    variance of Mann & Whitney 1947, (n1 + n0 + 1) / (12 n1 n0); folds count by the inverse of it.
    """
    from scipy.special import ndtr
    from scipy.stats import rankdata

    areas, weights = [], []
    for held in range(FOLDS):
        own = fold == held
        ones = int(np.count_nonzero(second[own]))
        zeros = int(np.count_nonzero(own)) - ones
        if not ones or not zeros:
            continue
        ranks = rankdata(score[own])
        areas.append((float(ranks[second[own]].sum()) - ones * (ones + 1) / 2) / (ones * zeros))
        weights.append(12 * ones * zeros / (ones + zeros + 1))
    if not areas:
        return Separation(0.5, 1.0)
    auc = float(np.average(areas, weights=weights))
    return Separation(auc, float(ndtr(-(auc - 0.5) * math.sqrt(sum(weights)))))


def folds(second: Bools, seed: int = 0) -> npt.NDArray[np.int8]:
    """Return the fold (0..FOLDS-1) of each row, both samples spread evenly over them."""
    fold = np.zeros(len(second), dtype=np.int8)
    generator = np.random.default_rng(seed)
    for side in (False, True):
        rows = np.flatnonzero(second == side)
        fold[generator.permutation(rows)] = np.arange(len(rows)) % FOLDS
    return fold


def by_trees(table: Floats, second: Bools, fold: npt.NDArray[np.int8]) -> Floats:
    """Return held-out scores (n,) of boosted trees that tell rows of the second sample, table (n, p), NaN for missing."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    score = np.zeros(len(second))
    least = max(5, min(50, len(second) // 100))
    for held in range(FOLDS):
        model = HistGradientBoostingClassifier(
            max_iter=40,
            max_leaf_nodes=8,
            min_samples_leaf=least,
            max_bins=64,
            early_stopping=False,
            random_state=0,
        )
        learn = fold != held
        model.fit(table[learn], second[learn])
        score[~learn] = model.decision_function(table[~learn])
    return score


def by_words(texts: list[str], second: Bools, fold: npt.NDArray[np.int8]) -> Floats:
    """Return held-out scores (n,) of a linear model of hashed words that tells texts of the second sample."""
    from sklearn.feature_extraction.text import HashingVectorizer
    from sklearn.linear_model import LogisticRegression

    words = HashingVectorizer(n_features=2**14, alternate_sign=False).transform(texts)
    score = np.zeros(len(second))
    for held in range(FOLDS):
        learn = np.flatnonzero(fold != held)
        ask = np.flatnonzero(fold == held)
        model = LogisticRegression(C=10.0, max_iter=200).fit(words[learn], second[learn])
        score[ask] = model.decision_function(words[ask])
    return score
