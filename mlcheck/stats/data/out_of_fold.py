"""Class probabilities of rows from models that did not see them: linear, trees, and their means; the best is told."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mlcheck.stats.data.bins import sample

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import numpy.typing as npt

    from mlcheck.model.common import Floats
    from mlcheck.model.dataset import Codes, Column, Ints

    Fold = npt.NDArray[np.int8]

FOLDS = 4
MOST_ROWS = 20_000
MOST_CELLS = 20_000_000
"""Rows times columns times classes that are learned from: what keeps a large table within about 20 s of one core."""
MOST_TOLD = 20_000_000
"""Rows times classes up to which rows beyond those learned from are predicted, too."""
MOST_READ = 50_000
"""Texts or images beyond those learned from that are read for it."""
MOST_LEVELS = 20
"""Levels of a category up to which the linear model gets a column for each."""
MOST_COLUMNS = 400
LEAST_FOR_TREES, MOST_FOR_TREES = 200, 30
"""Rows under which, and classes over which, boosted trees are not tried (a tree for each class and step)."""
MOST_OF_FOREST = 400_000
"""Rows times columns up to which a forest is tried."""
SIDE = 12
"""Images are looked at as squares of so many blocks a side."""
_CHUNK = 50_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OutOfFold:
    """Probabilities (m, K) of the rows (m,) that were judged, from the `model` with the lowest log loss.

    `views` are the probabilities (l, K) that each model, and each mean of several, gave the rows that were learned from;
    `learned` (l,) are their places among `rows`.
    """

    rows: Ints
    probabilities: Floats
    model: str
    learned: Ints
    views: tuple[Floats, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _View:
    """Held-out probabilities (n, K) of the rows learned from, how to predict others, and what gave them."""

    given: Floats
    predict: Callable[[Ints], Floats]
    model: str


def out_of_fold(columns: Sequence[Column], rows: Ints, classes: Codes) -> OutOfFold | None:
    """Predict the class (n,), 0..K-1 without gaps, of rows (n,) of the columns; None where no column can be learned from.

    Models are fitted in 4 folds on at most MOST_ROWS rows; the others are predicted by the model of the first fold.
    Text is hashed words weighted by TF-IDF, images are blocks of pixels.
    """
    usable = _chosen(columns)
    if not usable:
        return None
    k = int(classes.max()) + 1
    width = sum(_width(column) for column in usable)
    learned = sample(len(rows), min(MOST_ROWS, max(2_000, MOST_CELLS // (width * k))))
    views = _with_means(_views(usable, rows[learned], classes[learned], width))
    best = min(views, key=lambda view: log_loss(view.given, classes[learned]))
    rest = np.setdiff1d(np.arange(len(rows)), learned, assume_unique=True)
    slow = any(column.kind in ("text", "image") for column in usable)
    if len(rest) * k > MOST_TOLD or (slow and len(rest) > MOST_READ):
        rest = rest[:0]
    found = np.concatenate([best.given, *(best.predict(rows[part]) for part in _parts(rest))])
    judged = np.concatenate([learned, rest])
    order = np.argsort(judged, kind="stable")
    return OutOfFold(
        rows=judged[order].astype(np.int64),
        probabilities=found[order],
        model=best.model,
        learned=np.argsort(order, kind="stable")[: len(learned)].astype(np.int64),
        views=tuple(view.given for view in views),
    )


def log_loss(probabilities: Floats, classes: Codes) -> float:
    """Return the mean of -ln p of the given class, p at least 1e-6."""
    return float(-np.log(np.maximum(probabilities[np.arange(len(classes)), classes], 1e-6)).mean())


def _chosen(columns: Sequence[Column]) -> list[Column]:
    """Return the first columns that a model can learn from."""
    kinds = ("number", "boolean", "date", "category", "text", "image")
    return [c for c in columns if c.kind in kinds and not c.missing.all()][:MOST_COLUMNS]


def _width(column: Column) -> int:
    if column.kind == "image":
        return 3 * SIDE * SIDE
    return 50 if column.kind == "text" else 1


def _parts(rows: npt.NDArray[np.int64]) -> Iterator[npt.NDArray[np.int64]]:
    for start in range(0, len(rows), _CHUNK):
        yield rows[start : start + _CHUNK]


def _views(columns: Sequence[Column], rows: Ints, classes: Codes, width: int) -> list[_View]:
    """Fit each model that suits the columns and the number of rows."""
    fold = _folds(classes)
    tables = [c for c in columns if c.kind not in ("text", "image")]
    found = [_linear(columns, rows, classes, fold)]
    if tables and len(rows) >= LEAST_FOR_TREES and int(classes.max()) < MOST_FOR_TREES:
        found.append(_trees(tables, rows, classes, fold))
    if all(c.kind != "text" for c in columns) and len(rows) * width <= MOST_OF_FOREST:
        found.append(_forest(columns, rows, classes, fold))
    return found


def _with_means(single: list[_View]) -> list[_View]:
    """Add the mean of every two views and more: where models disagree, their mean is less sure than each."""
    several = (itertools.combinations(single, size) for size in range(2, len(single) + 1))
    return [*single, *(_mean(views) for views in itertools.chain.from_iterable(several))]


def _mean(views: tuple[_View, ...]) -> _View:
    return _View(
        given=np.mean([view.given for view in views], axis=0),
        predict=lambda rows: np.mean([view.predict(rows) for view in views], axis=0),
        model=" and ".join(view.model for view in views),
    )


def _folds(classes: Codes) -> Fold:
    """Return the fold of each row (n,), each class spread evenly over them."""
    shuffled = np.random.default_rng(0).permutation(len(classes))
    fold = np.zeros(len(classes), dtype=np.int8)
    fold[shuffled[np.argsort(classes[shuffled], kind="stable")]] = np.arange(len(classes)) % FOLDS
    return fold


def _held_out(
    make: Callable[[], Any],
    features: Callable[[Ints], Any],
    rows: Ints,
    classes: Codes,
    fold: Fold,
    model: str,
) -> _View:
    """Fit a model for each fold on the others and predict its rows."""
    k = int(classes.max()) + 1
    table = features(rows)
    given = np.zeros((len(rows), k))
    fitted = []
    for held in range(FOLDS):
        learn, ask = np.flatnonzero(fold != held), np.flatnonzero(fold == held)
        fitted.append(make().fit(table[learn], classes[learn]))
        given[ask] = _spread(fitted[-1], table[ask], k)
    return _View(given=given, predict=lambda more: _spread(fitted[0], features(more), k), model=model)


def _spread(model: Any, table: Any, k: int) -> Floats:
    """Return probabilities (n, K); a class that the model never saw has none."""
    made = np.zeros((table.shape[0], k))
    made[:, model.classes_] = model.predict_proba(table)
    return made


def _trees(columns: Sequence[Column], rows: Ints, classes: Codes, fold: Fold) -> _View:
    from sklearn.ensemble import HistGradientBoostingClassifier

    k = int(classes.max()) + 1
    make = lambda: HistGradientBoostingClassifier(  # noqa: E731  (one of two recipes)
        max_iter=60 if k <= 10 else 25,
        max_leaf_nodes=8,
        max_bins=64,
        min_samples_leaf=max(5, min(20, len(rows) // 100)),
        l2_regularization=1.0,
        early_stopping=False,
        random_state=0,
    )
    return _held_out(make, lambda r: _plain(columns, r), rows, classes, fold, "boosted trees")


def _forest(columns: Sequence[Column], rows: Ints, classes: Codes, fold: Fold) -> _View:
    from sklearn.ensemble import ExtraTreesClassifier

    dense = _Dense(columns, rows)
    return _held_out(
        lambda: ExtraTreesClassifier(60, min_samples_leaf=2, max_features=0.5, random_state=0),
        dense.table,
        rows,
        classes,
        fold,
        "a forest",
    )


def _plain(columns: Sequence[Column], rows: Ints) -> Floats:
    """Return numbers and codes of categories (n, p), NaN where missing."""
    table = []
    for column in columns:
        if column.numbers is not None:
            values = column.numbers[rows]
        else:
            assert column.codes is not None  # noqa: S101  (text and images are left out)
            values = np.where(column.codes[rows] < 0, np.nan, column.codes[rows].astype(np.float64))
        table.append(np.where(np.isfinite(values), values, np.nan))
    return np.column_stack(table)


def _linear(columns: Sequence[Column], rows: Ints, classes: Codes, fold: Fold) -> _View:
    from sklearn.linear_model import LogisticRegression

    words = [c for c in columns if c.kind == "text"]
    dense = _Dense(columns, rows)
    weights = [_inverse_frequency(c, rows) for c in words]

    def features(wanted: Ints) -> Any:
        blocks = [_words(c, wanted).multiply(w).tocsr() for c, w in zip(words, weights, strict=True)]
        numbers = dense.table(wanted)
        if not blocks:
            return numbers
        from scipy.sparse import csr_array, hstack

        return hstack([csr_array(numbers), *(_unit(b) for b in blocks)], format="csr")

    penalty = 10.0 if words else 1.0
    return _held_out(
        lambda: LogisticRegression(C=penalty, max_iter=150),
        features,
        rows,
        classes,
        fold,
        "logistic regression",
    )


def _words(column: Column, rows: Ints) -> Any:
    """Return how often each hashed word stands in a text, damped by the logarithm (n, 2^15), sparse."""
    from sklearn.feature_extraction.text import HashingVectorizer

    assert column.texts is not None  # noqa: S101  (asked by the caller)
    made = HashingVectorizer(n_features=2**15, alternate_sign=False, norm=None).transform(
        [text or "" for text in column.texts[rows]]
    )
    made.data = 1 + np.log(np.maximum(made.data, 1))
    return made


def _inverse_frequency(column: Column, rows: Ints) -> Floats:
    """Return the weight of each hashed word, ln((1 + n) / (1 + texts with it)) + 1."""
    held = np.bincount(_words(column, rows).indices, minlength=2**15)
    return np.asarray(np.log((1 + len(rows)) / (1 + held)) + 1)


def _unit(rows: Any) -> Any:
    from sklearn.preprocessing import normalize

    return normalize(rows)


class _Dense:
    """Columns as a standardised table: numbers with a flag where missing, categories a column a level, images as blocks.

    Means and deviations are those of the rows learned from; the labels have no part in it.
    """

    def __init__(self, columns: Sequence[Column], rows: Ints) -> None:
        """Learn the scales from the rows."""
        self._columns = columns
        raw = self._raw(rows)
        known = ~np.isnan(raw)
        count = np.maximum(known.sum(axis=0), 1)
        self._mean = np.where(known, raw, 0).sum(axis=0) / count
        spread = np.sqrt((np.where(known, raw - self._mean, 0) ** 2).sum(axis=0) / count)
        self._kept = spread > 1e-12 * np.maximum(np.abs(self._mean), 1e-300)
        self._spread = np.where(self._kept, spread, 1.0)
        self._holes = np.flatnonzero((~known).mean(axis=0) > 0.01)

    def table(self, rows: Ints) -> Floats:
        """Return the rows as a table (n, p) without missing values."""
        raw = self._raw(rows)
        flags = np.isnan(raw[:, self._holes]).astype(np.float64)
        scaled = np.clip((raw - self._mean) / self._spread, -8, 8)  # an outlier must not rule the fit
        return np.column_stack([np.nan_to_num(scaled)[:, self._kept], flags])

    def _raw(self, rows: Ints) -> Floats:
        blocks: list[Floats] = [np.zeros((len(rows), 0))]
        for column in self._columns:
            if column.numbers is not None:
                values = column.numbers[rows]
                blocks.append(np.where(np.isfinite(values), values, np.nan)[:, None])
            elif column.codes is not None and len(column.names) <= MOST_LEVELS:
                levels = np.arange(len(column.names))
                blocks.append((column.codes[rows][:, None] == levels).astype(np.float64))
            elif column.pixels is not None:
                blocks.append(blocks_of(column.pixels[rows]))
        return np.concatenate(blocks, axis=1)


def blocks_of(pixels: npt.NDArray[np.uint8]) -> Floats:
    """Return the mean colours of at most 12 x 12 blocks of each image (n, height, width, 3), as (n, blocks * 3)."""
    heights = np.unique(np.linspace(0, pixels.shape[1], SIDE + 1).astype(int))[:-1]
    widths = np.unique(np.linspace(0, pixels.shape[2], SIDE + 1).astype(int))[:-1]
    sums = np.add.reduceat(np.add.reduceat(pixels.astype(np.float64), heights, axis=1), widths, axis=2)
    area = np.diff(np.append(heights, pixels.shape[1]))[:, None] * np.diff(np.append(widths, pixels.shape[2]))
    return np.asarray((sums / area[None, :, :, None]).reshape(len(pixels), -1))
