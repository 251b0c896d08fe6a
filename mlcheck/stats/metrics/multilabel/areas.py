"""Areas under the curves of scores: the mean over labels, and of all decisions in one ranking."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlcheck.stats.metrics import means
from mlcheck.stats.metrics.metric import Interval, Metric, Undefined, normal
from mlcheck.stats.metrics.multilabel import curves

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlcheck.model import Floats
    from mlcheck.stats.metrics.metric import Difference
    from mlcheck.stats.metrics.multilabel.view import MultilabelView

RANK = 20


def macro_roc_auc(view: MultilabelView) -> float:
    """Return the mean of the labels' areas under the ROC curve; 0..1, 0.5 by chance.

    Labels of which all rows are true, or none, have none and are left out (scikit-learn gives NaN for all).
    """
    return float(np.nanmean(_made(view).roc_auc))


def macro_average_precision(view: MultilabelView) -> float:
    """Return the mean of the labels' average precision (a step function of recall); 0..1, by chance the true share.

    Labels of which all rows are true, or none, are left out (scikit-learn counts them as 1 and 0).
    """
    return float(np.nanmean(_made(view).average_precision))


def micro_roc_auc(view: MultilabelView) -> float:
    """Return the area under the ROC curve of all decisions in one ranking; 0..1, 0.5 by chance."""
    _made(view)
    return view.pooled.roc_auc


def micro_average_precision(view: MultilabelView) -> float:
    """Return the average precision of all decisions in one ranking; 0..1, by chance the share of true ones."""
    _made(view)
    return view.pooled.average_precision


def _made(view: MultilabelView) -> curves.ByLabel:
    """Return the labels' areas; raises Undefined without rows, scores or two classes."""
    _ = view.scores, view.counts
    return view.by_label


def _moved(view: MultilabelView, name: str) -> Floats:
    average, kind = name.split("_", 1)
    part: curves.ByLabel | curves.Moved = view.by_label if average == "macro" else view.pooled
    moved: Floats = getattr(part, f"moved_{kind}")
    return moved


def _interval(value: Callable[[MultilabelView], float]) -> Callable[[MultilabelView], Interval]:
    """Return the normal interval by the rows' influences; raises Undefined where rows are few enough to be drawn."""
    name = value.__name__

    def interval(view: MultilabelView) -> Interval:
        if view.truth.size <= curves.MOST_DRAWN:
            raise Undefined("the bootstrap holds for fewer rows")
        sd = means.spread(_moved(view, name), view.clusters)
        if sd <= 0:
            raise Undefined("no pair is ranked wrongly")
        method = "DeLong" if name.endswith("roc_auc") else "infinitesimal jackknife"
        held = int(np.count_nonzero(view.both))
        over = f", {held} of {len(view.labels)} labels" if held < len(view.labels) else ""
        by = f" by {view.sampling.cluster_name or 'cluster'}" if view.clustered else ""
        return normal(value(view), sd, view.sampling.level, method + by + over, bounds=(0.0, 1.0))

    return interval


def _test(value: Callable[[MultilabelView], float]) -> Callable[[MultilabelView, MultilabelView], Difference]:
    name = value.__name__

    def test(a: MultilabelView, b: MultilabelView) -> Difference:
        if a.truth.size <= curves.MOST_DRAWN:
            raise Undefined("the bootstrap holds for fewer rows")
        moved = _moved(a, name) - _moved(b, name)
        return means.from_influences(value(a), value(b), moved, a.sampling, "paired normal, by influence")

    return test


def _drawn(name: str) -> Callable[[MultilabelView], Floats]:
    return lambda view: view.drawn_curves[name]


METRICS: tuple[Metric, ...] = tuple(
    Metric(
        name=value.__name__,
        better="higher",
        value=value,
        interval=_interval(value),
        draws=_drawn(value.__name__),
        test=_test(value),
    )
    for value in (macro_roc_auc, micro_roc_auc, macro_average_precision, micro_average_precision)
)
