"""What is shown of several classes: each class's numbers, the confusion matrix, reliability."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlcheck.model import Bar, Line, Matrix, Plot, Table
from mlcheck.stats.intervals import wilson

if TYPE_CHECKING:
    from mlcheck.model import Exhibit, Floats, Scalar
    from mlcheck.stats.metrics.multiclass.view import MulticlassView

MOST_CLASSES = 50
MOST_CROSSED = 20
MOST_PAIRS = 10


def exhibits(view: MulticlassView) -> tuple[Exhibit, ...]:
    """Return the table of classes, the confusion matrix or its largest cells, and the reliability diagram."""
    if view.n == 0:
        return ()
    shown: list[Exhibit] = [classes(view), confusion(view), confused(view)]
    if view.content.scores is not None:
        shown.append(reliability(view))
    return tuple(shown)


def classes(view: MulticlassView) -> Table:
    """Return precision, recall, F1 and area against the rest of each class, the worst recalls first where there are more than 50.

    Intervals are Wilson's, of the number of rows; None where rows are weighted or in clusters. A class that is never
    predicted has no precision, one that is never true no recall.
    """
    at = np.flatnonzero(view.present)
    left = len(at) - MOST_CLASSES
    if left > 0:
        at = np.sort(at[np.argsort(_shares(view)[at], kind="stable")[:MOST_CLASSES]])
    area = ("roc_auc",) if view.content.scores is not None else ()
    rows, bars = [], []
    for i in at.tolist():
        row, bar = _class(view, i)
        rows.append(row)
        bars.append(bar)
    return Table(
        title="classes",
        columns=("class", "precision", "low", "high", "recall", "low", "high", "f1", *area, "support"),
        rows=tuple(rows),
        bars=tuple(bars),
        scale=(0.0, 1.0),
        note=f"{left} classes of better recall are not shown" if left > 0 else "",
    )


def _shares(view: MulticlassView) -> Floats:
    """Return each class's recall (K,), 2 for one that is never true."""
    counted = view.marginals
    made = np.full(view.k, 2.0)
    np.divide(counted.right, counted.true, out=made, where=counted.true > 0)
    return made


def _class(view: MulticlassView, i: int) -> tuple[tuple[Scalar, ...], Bar | None]:
    """Return the row of a class and the bar of its recall."""
    right, predicted, true = (float(part[i]) for part in view.marginals[:3])
    precision, recall = right / predicted if predicted else None, right / true if true else None
    f1 = 2 * right / (predicted + true) if predicted + true else None
    of_precision, of_recall = _range(view, precision, predicted), _range(view, recall, true)
    support = true if view.weight is not None else int(true)
    area = () if view.content.scores is None else (_number(view.rest[i]),)
    row = (view.content.labels[i], precision, *of_precision, recall, *of_recall, f1, *area, support)
    return row, None if recall is None else Bar(value=recall, low=of_recall[0], high=of_recall[1])


def _number(value: float) -> float | None:
    """Return None for NaN, else the number."""
    return None if np.isnan(value) else float(value)


def _range(view: MulticlassView, share: float | None, n: float) -> tuple[float | None, float | None]:
    if share is None or not view.plain:
        return None, None
    return wilson(share, int(n), level=view.sampling.level)


def confusion(view: MulticlassView) -> Matrix:
    """Return the confusion matrix; of more than 20 classes, of those in the most errors."""
    true, predicted, counts = view.cells
    at = np.flatnonzero(view.present)
    title = "confusion matrix"
    if len(at) > MOST_CROSSED:
        off = true != predicted
        errors = np.bincount(true[off], counts[off], view.k) + np.bincount(
            predicted[off], counts[off], view.k
        )
        title = f"confusion matrix of the {MOST_CROSSED} classes most confused, of {len(at)}"
        at = np.sort(at[np.argsort(-errors[at], kind="stable")[:MOST_CROSSED]])
    place = np.full(view.k, -1)
    place[at] = np.arange(len(at))
    among = (place[true] >= 0) & (place[predicted] >= 0)
    matrix = np.zeros((len(at), len(at)))
    matrix[place[true[among]], place[predicted[among]]] = counts[among]
    names = tuple(view.content.labels[i] for i in at.tolist())
    return Matrix(title=title, rows=names, columns=names, counts=matrix)


def confused(view: MulticlassView) -> Table:
    """Return the pairs of true and predicted class that make most of the errors."""
    true, predicted, counts = view.cells
    off = np.flatnonzero((true != predicted) & (counts > 0))
    worst = off[np.argsort(-counts[off], kind="stable")[:MOST_PAIRS]]
    total = float(counts[off].sum())
    labels = view.content.labels
    return Table(
        title="most confused",
        columns=("true", "predicted", "rows", "share of errors"),
        rows=tuple(
            (labels[true[i]], labels[predicted[i]], float(counts[i]), float(counts[i]) / total) for i in worst
        ),
        detail=True,
    )


def reliability(view: MulticlassView) -> Plot:
    """Return how often the highest score's class is right, by its mean probability in each bin of the ECE."""
    bins, at = view.parameters.bins, view.bin_of
    weight = np.ones(view.n) if view.weight is None else view.weight
    assert at is not None  # noqa: S101  (there are scores)
    total = np.bincount(at, weight, bins)
    filled = total > 0
    sure = np.bincount(at, weight * view.rows.confidence, bins)[filled] / total[filled]
    right = np.bincount(at, weight * (view.rows.top == view.truth), bins)[filled] / total[filled]
    return Plot(
        title="reliability of the highest score",
        x_label="probability",
        y_label="share right",
        lines=(Line(label=f"{bins} bins of equal width", x=sure, y=right),),
        x_range=(0.0, 1.0),
        y_range=(0.0, 1.0),
        reference=True,
    )
