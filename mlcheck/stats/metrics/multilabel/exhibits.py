"""What is shown of labels: the numbers of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlcheck.model import Bar, Table
from mlcheck.stats.intervals import wilson
from mlcheck.stats.metrics.metric import Undefined
from mlcheck.stats.metrics.multilabel import counts

if TYPE_CHECKING:
    from mlcheck.model import Exhibit, Floats, Scalar
    from mlcheck.stats.metrics.multilabel.view import MultilabelView

MOST_LABELS = 50
COLUMNS = (
    "label", "precision", "low", "high", "recall", "low", "high", "f1", "roc_auc", "average_precision", "support",
)  # fmt: skip


def exhibits(view: MultilabelView) -> tuple[Exhibit, ...]:
    """Return the table of labels."""
    return () if view.n == 0 else (labels(view),)


def labels(view: MultilabelView) -> Table:
    """Return precision, recall, F1 and areas of each label, of the lowest F1 where there are more than 50."""
    found = view.counts
    areas = _areas(view)
    f1 = counts.f1(found, np.nan)
    shown = np.sort(np.argsort(np.nan_to_num(f1, nan=2.0), kind="stable")[:MOST_LABELS])
    rows, bars = [], []
    for i in shown.tolist():
        row, bar = _label(view, i, areas)
        rows.append(row)
        bars.append(bar)
    return Table(
        title="labels",
        columns=COLUMNS,
        rows=tuple(rows),
        bars=tuple(bars),
        scale=(0.0, 1.0),
        note="; ".join(_notes(view, len(rows))),
    )


def _notes(view: MultilabelView, shown: int) -> list[str]:
    """Return what the reader must know of the averages and of what is not shown."""
    found, total = view.counts, len(view.labels)
    single = total - int(np.count_nonzero(view.both))
    empty = int(np.count_nonzero(found.predicted + found.true == 0))
    notes = []
    if single:
        notes.append(f"labels with one class only, left out of the macro areas: {single} of {total}")
    if empty:
        notes.append(f"labels neither true nor predicted, 0 in macro F1: {empty} of {total}")
    if shown < total:
        notes.append(f"labels of higher F1, not shown: {total - shown}")
    return notes


def _areas(view: MultilabelView) -> tuple[Floats, Floats]:
    """Return the areas of each label (L,), NaN where there are none."""
    try:
        return view.by_label.roc_auc, view.by_label.average_precision
    except Undefined:
        missing = np.full(len(view.labels), np.nan)
        return missing, missing


def _label(
    view: MultilabelView, i: int, areas: tuple[Floats, Floats]
) -> tuple[tuple[Scalar, ...], Bar | None]:
    """Return the row of a label and the bar of its recall."""
    right, predicted, true = (float(part[i]) for part in view.counts[:3])
    precision, recall = right / predicted if predicted else None, right / true if true else None
    f1 = 2 * right / (predicted + true) if predicted + true else None
    of_recall = _range(view, recall, true)
    of_areas = (None if np.isnan(area[i]) else float(area[i]) for area in areas)
    support = true if view.weight is not None else int(true)
    row = (
        view.labels[i],
        precision,
        *_range(view, precision, predicted),
        recall,
        *of_recall,
        f1,
        *of_areas,
        support,
    )
    return row, None if recall is None else Bar(value=recall, low=of_recall[0], high=of_recall[1])


def _range(view: MultilabelView, share: float | None, n: float) -> tuple[float | None, float | None]:
    if share is None or not view.plain:
        return None, None
    return wilson(share, int(n), level=view.sampling.level)
