"""How well one feature alone tells the target, on rows that were not used to learn it."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from mlcheck.model.common import Floats
    from mlcheck.model.dataset import Codes

    Bools = npt.NDArray[np.bool_]

FOLDS = 4
_BINS = 64


class Skill(NamedTuple):
    """How well rows are told that were not learned from: 1 always, 0 no better than a constant.

    For classes it is the mean recall, rescaled so that a constant has 0: (recall - 1/K) / (1 - 1/K); `wrong` is the
    share of rows told wrongly. For numbers it is R squared, and `wrong` is 1 - R squared.
    """

    skill: float
    wrong: float


def folds(target: Codes | Floats, seed: int = 0) -> npt.NDArray[np.int8]:
    """Return the fold (0..FOLDS-1) of each row, each class or range of the target spread evenly over them."""
    n = len(target)
    shuffled = np.random.default_rng(seed).permutation(n)
    ordered = shuffled[np.argsort(target[shuffled], kind="stable")]
    fold = np.zeros(n, dtype=np.int8)
    fold[ordered] = np.arange(n) % FOLDS
    return fold


def of_levels(level: Codes, classes: Codes, fold: npt.NDArray[np.int8]) -> Skill:
    """Return how well the level of a category (n,), -1 for missing, tells the class (n,), 0..K-1.

    Learned is the class that is commonest at a level relative to its size; a level that was not learned tells nothing.
    """
    level = level + 1
    many, k = int(level.max()) + 1, int(classes.max()) + 1
    told = np.full(len(level), -1, dtype=np.int64)
    pair = level.astype(np.int64) * k + classes
    if many * k > 50 * len(level) + 10_000_000:
        return Skill(0.0, 1.0)
    for held in range(FOLDS):
        learn = fold != held
        counts = np.bincount(pair[learn], minlength=many * k).reshape(many, k).astype(np.float64)
        relative = counts / np.maximum(counts.sum(axis=0), 1)
        best = np.where(counts.any(axis=1), relative.argmax(axis=1), -1)
        told[~learn] = best[level[~learn]]
    return _of_told(told, classes, k)


def of_values(values: Floats, classes: Codes, fold: npt.NDArray[np.int8]) -> Skill:
    """Return how well numbers (n,), NaN for missing, tell the class: a decision tree of one feature and 4 K leaves."""
    return _of_tree(values[:, None], classes, fold)


def _of_tree(table: Floats, classes: Codes, fold: npt.NDArray[np.int8]) -> Skill:
    from sklearn.tree import DecisionTreeClassifier

    k = int(classes.max()) + 1
    told = np.full(len(classes), -1, dtype=np.int64)
    least = max(1, len(classes) // 1000)
    for held in range(FOLDS):
        learn = fold != held
        tree = DecisionTreeClassifier(
            max_leaf_nodes=max(4 * k, 8), min_samples_leaf=least, class_weight="balanced", random_state=0
        )
        tree.fit(table[learn].astype(np.float32), classes[learn])
        told[~learn] = tree.predict(table[~learn].astype(np.float32))
    return _of_told(told, classes, k)


def _of_told(told: npt.NDArray[np.int64], classes: Codes, k: int) -> Skill:
    right = told == classes
    sizes = np.bincount(classes, minlength=k)
    present = sizes > 0
    recall = np.bincount(classes, weights=right, minlength=k)[present] / sizes[present]
    count = int(np.count_nonzero(present))
    chance = 1 / count
    skill = (float(recall.mean()) - chance) / (1 - chance) if count > 1 else 0.0
    return Skill(skill, 1 - float(right.mean()))


def of_number(values: Floats, target: Floats, fold: npt.NDArray[np.int8]) -> Skill:
    """Return how well numbers (n,), NaN for missing, tell a number (n,): the better R squared of two fits.

    They are a straight line, and a curve through the means of up to 64 bins of equal size; missing ones get their mean.
    """
    told = np.full((2, len(target)), float(target.mean()))
    known = ~np.isnan(values)
    for held in range(FOLDS):
        learn, ask = known & (fold != held), known & (fold == held)
        missing = ~known & (fold == held)
        if np.count_nonzero(~known & (fold != held)):
            told[:, missing] = target[~known & (fold != held)].mean()
        if np.count_nonzero(learn) >= 4 and values[learn].min() < values[learn].max():
            told[0, ask] = _line(values[learn], target[learn], values[ask])
            told[1, ask] = _curve(values[learn], target[learn], values[ask])
    r2 = max(_r2(line, target) for line in told)
    return Skill(r2, 1 - r2)


def _line(values: Floats, target: Floats, ask: Floats) -> Floats:
    middle = values.mean()
    slope = float((values - middle) @ target) / float((values - middle) @ (values - middle))
    return np.asarray(target.mean() + slope * (ask - middle))


def _curve(values: Floats, target: Floats, ask: Floats) -> Floats:
    """Interpolate between the means of bins of equal size; equal values share a bin."""
    edges = np.unique(np.quantile(values, np.linspace(0, 1, min(_BINS, max(2, len(values) // 4)) + 1)[1:-1]))
    place = np.searchsorted(edges, values, side="left")
    counts = np.bincount(place, minlength=len(edges) + 1)
    filled = counts > 0
    x = np.bincount(place, weights=values, minlength=len(counts))[filled] / counts[filled]
    y = np.bincount(place, weights=target, minlength=len(counts))[filled] / counts[filled]
    return np.asarray(np.interp(ask, x, y))


def of_level_means(level: Codes, target: Floats, fold: npt.NDArray[np.int8]) -> Skill:
    """Return how well the level of a category (n,), -1 for missing, tells a number (n,): R squared of the level's mean."""
    level = level + 1
    told = np.full(len(target), float(target.mean()))
    many = int(level.max()) + 1
    for held in range(FOLDS):
        learn = fold != held
        counts = np.bincount(level[learn], minlength=many)
        sums = np.bincount(level[learn], weights=target[learn], minlength=many)
        means = np.where(counts > 0, sums / np.maximum(counts, 1), target[learn].mean())
        told[~learn] = means[level[~learn]]
    r2 = _r2(told, target)
    return Skill(r2, 1 - r2)


def _r2(told: Floats, target: Floats) -> float:
    around = float(np.sum((target - target.mean()) ** 2))
    return 1 - float(np.sum((target - told) ** 2)) / around if around > 0 else 0.0


def tightness(values: Floats, classes: Codes) -> float:
    """Return the share (0..1) of the variance of numbers (n,) without NaN that lies between classes: eta squared.

    Two classes split from one normal distribution at its median reach 2 / pi; 1 means one value for each class.
    """
    total = float(np.sum((values - values.mean()) ** 2))
    if not total:
        return 0.0
    sizes = np.bincount(classes)
    sums = np.bincount(classes, weights=values - values.mean())
    present = sizes > 0
    return float(np.sum(sums[present] ** 2 / sizes[present])) / total


def apart(values: Floats, classes: Codes) -> bool:
    """Whether each class has its own tight cluster of the numbers (n,): gaps of 4 deviations and more.

    The gap is the distance between the ranges of two classes, the deviation that within classes.
    """
    k = int(classes.max()) + 1
    ends = []
    for one in range(k):
        own = values[classes == one]
        if len(own):
            ends.append((float(own.min()), float(own.max()), float(own.std())))
    ends.sort()
    gaps = [right[0] - left[1] for left, right in itertools.pairwise(ends)]
    within = max(deviation for _, _, deviation in ends)
    return bool(gaps) and min(gaps) > 0 and min(gaps) >= 4 * within


def together(table: Floats, target: Codes | Floats, fold: npt.NDArray[np.int8]) -> Skill:
    """Return how well several features (n, p), NaN for missing, tell the target together: extremely random trees.

    A linear model is tried beside them (ridge; logistic), and the better one told.
    """
    return told_together(table, target, fold)[0]


def told_together(table: Floats, target: Codes | Floats, fold: npt.NDArray[np.int8]) -> tuple[Skill, Floats]:
    """Return the skill of several features together and what they tell of each row held out (n,)."""
    from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor
    from sklearn.linear_model import LogisticRegression, Ridge

    filled = _filled(table)
    numeric = target.dtype == np.float64
    k = 0 if numeric else int(target.max()) + 1
    models = (
        (ExtraTreesRegressor(60, random_state=0), Ridge(1e-3))
        if numeric
        else (ExtraTreesClassifier(60, random_state=0), LogisticRegression(max_iter=200))
    )
    found = []
    for model in models:
        told = np.zeros(len(target), dtype=np.float64)
        for held in range(FOLDS):
            told[fold == held] = model.fit(filled[fold != held], target[fold != held]).predict(
                filled[fold == held]
            )
        if numeric:
            r2 = _r2(told, target.astype(np.float64))
            found.append((Skill(r2, 1 - r2), told))
        else:
            found.append((_of_told(told.astype(np.int64), target.astype(np.int32), k), told))
    return min(found, key=lambda one: one[0].wrong)


def fewer_wrong(right: Bools, other: Bools) -> float:
    """Return the one-sided p-value that `right` (n,) is right no more often than `other` on the same rows.

    McNemar's exact test: of the rows on which just one of the two is right, half would be either's by chance. Rows that
    both miss, such as those with wrong labels, have no part in it.
    """
    from scipy.stats import binomtest

    won, lost = int(np.count_nonzero(right & ~other)), int(np.count_nonzero(other & ~right))
    if not won + lost:
        return 1.0
    return float(binomtest(won, won + lost, 0.5, alternative="greater").pvalue)


def _filled(table: Floats) -> Floats:
    """Standardise columns; missing values become the mean."""
    known = ~np.isnan(table)
    count = np.maximum(known.sum(axis=0), 1)
    mean = np.where(known, table, 0).sum(axis=0) / count
    centred = np.where(known, table - mean, 0.0)
    spread = np.sqrt((centred**2).sum(axis=0) / count)
    return np.asarray(centred / np.where(spread > 0, spread, 1))


def surely_better(wrong: float, other: float, rows: int) -> bool:
    """Whether an error of `wrong` is surely below `other` on the same `rows`: two proportions, 3.3 standard errors."""
    middle = (wrong + other) / 2
    error = math.sqrt(max(2 * middle * (1 - middle), 1e-12) / max(rows, 1))
    return other - wrong > 3.3 * error
