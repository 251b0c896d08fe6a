"""Metrics of the predicted labels: F1, precision and recall by label, pooled and by row; whole rows; single decisions.

Where the file has no predictions, a label is predicted where its score is at least the threshold: 0.5 for probabilities,
0 for logits, unless chosen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlcheck.stats.metrics import means
from mlcheck.stats.metrics.metric import Metric, Undefined

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlcheck.model import Floats
    from mlcheck.stats.metrics.metric import Difference, Interval
    from mlcheck.stats.metrics.multilabel.view import Counts, MultilabelView

RANK = 10


def _ratio(above: Floats, below: Floats, otherwise: float) -> Floats:
    """Return above / below, `otherwise` where below is 0."""
    made = np.full(np.shape(above), otherwise)
    np.divide(above, below, out=made, where=np.asarray(below) > 0)
    return made


def f1(c: Counts, otherwise: float = 0.0) -> Floats:
    """Return 2 TP / (predicted + true) of each label (..., L)."""
    return _ratio(2 * c.right, c.predicted + c.true, otherwise)


def precision(c: Counts, otherwise: float = 0.0) -> Floats:
    """Return TP / predicted of each label (..., L)."""
    return _ratio(c.right, c.predicted, otherwise)


def recall(c: Counts, otherwise: float = 0.0) -> Floats:
    """Return TP / true of each label (..., L)."""
    return _ratio(c.right, c.true, otherwise)


def pooled(c: Counts) -> Counts:
    """Return the counts (..., 1) of all labels' decisions together."""
    right, predicted, true = (part.sum(-1, keepdims=True) for part in (c.right, c.predicted, c.true))
    return c._replace(right=right, predicted=predicted, true=true)


KINDS: dict[str, tuple[Callable[..., Floats], str]] = {
    "f1": (f1, "no label is true or predicted"),
    "precision": (precision, "no label is predicted"),
    "recall": (recall, "no label is true"),
}


def macro(kind: str, c: Counts) -> Floats:
    """Return (...) the mean over labels."""
    found: Floats = KINDS[kind][0](c).mean(-1)
    return found


def micro(kind: str, c: Counts) -> Floats:
    """Return (...) the score of all decisions together, NaN where it is 0 / 0."""
    found: Floats = KINDS[kind][0](pooled(c), np.nan)[..., 0]
    return found


def weighted(kind: str, c: Counts) -> Floats:
    """Return (...) the mean over labels by how often they are true, NaN where none is."""
    return _ratio((KINDS[kind][0](c) * c.true).sum(-1), c.true.sum(-1), np.nan)


AVERAGES: dict[str, tuple[Callable[[str, Counts], Floats], str]] = {
    "macro": (
        macro,
        """Return the mean of the labels' {kind}; 0..1, higher is better.

        A label whose {kind} is 0 / 0 counts as 0, as in scikit-learn.
        """,
    ),
    "micro": (
        micro,
        "Return the {kind} of all labels' decisions together; 0..1, undefined where it is 0 / 0.",
    ),
    "weighted": (
        weighted,
        "Return the mean of the labels' {kind} weighted by how often each is true; 0..1, undefined where none is.",
    ),
}


def _averaged(average: str, kind: str) -> Metric:
    """Return the metric `average_kind`, such as macro_f1."""
    score, text = AVERAGES[average]
    reason = "no label is true" if average == "weighted" else KINDS[kind][1]

    def value(view: MultilabelView) -> float:
        found = float(score(kind, view.counts))
        if np.isnan(found):
            raise Undefined(reason)
        return found

    value.__doc__ = text.format(kind=kind)
    return Metric(
        name=f"{average}_{kind}",
        better="higher",
        value=value,
        draws=lambda view: score(kind, view.drawn_counts),
    )


def subset_accuracy(view: MultilabelView) -> float:
    """Return the share of rows all of whose labels are right; 0..1, higher is better."""
    return _mean(view, "subset_accuracy")


def hamming_loss(view: MultilabelView) -> float:
    """Return the share of decisions (row and label) that are wrong; 0..1, lower is better."""
    return _mean(view, "hamming_loss")


def samples_f1(view: MultilabelView) -> float:
    """Return the mean over rows of 2 TP / (predicted + true) of the row's labels, 0 where it has neither; 0..1."""
    return _mean(view, "samples_f1")


def samples_precision(view: MultilabelView) -> float:
    """Return the mean over rows of TP / predicted of the row's labels, 0 where none is predicted; 0..1."""
    return _mean(view, "samples_precision")


def samples_recall(view: MultilabelView) -> float:
    """Return the mean over rows of TP / true of the row's labels, 0 where none is true; 0..1."""
    return _mean(view, "samples_recall")


def log_loss(view: MultilabelView) -> float:
    """Return the mean over rows and labels of -log of the probability given to what is true, in nats; lower is better.

    The mean of the labels' binary log-losses, clipped by the epsilon of float64.
    """
    _ = view.scores
    return _mean(view, "log_loss")


def _mean(view: MultilabelView, name: str) -> float:
    if view.n == 0:
        raise Undefined("there are no rows")
    return means.mean(view.losses[name], view.weight)


def _interval(name: str, most: float) -> Callable[[MultilabelView], Interval]:
    def interval(view: MultilabelView) -> Interval:
        if name == "subset_accuracy":
            return means.share_interval(view.exact, view.weight, view.clusters, view.sampling.level)
        if not view.plain:
            raise Undefined("rows are weighted or in clusters")
        return means.skewed(view.losses[name], view.sampling.level, (0.0, most))

    return interval


def _test(name: str) -> Callable[[MultilabelView, MultilabelView], Difference]:
    def test(a: MultilabelView, b: MultilabelView) -> Difference:
        if not (a.plain and b.plain):
            raise Undefined("rows are weighted or in clusters")
        if name == "subset_accuracy":
            return means.mcnemar(a.exact, b.exact, a.sampling)
        return means.paired(a.losses[name], b.losses[name], a.sampling)

    return test


def _drawn(name: str) -> Callable[[MultilabelView], Floats]:
    return lambda view: view.drawn_losses[name]


def _by_row(value: Callable[[MultilabelView], float], *, most: float = 1.0, unit: str = "") -> Metric:
    """Return the metric that is a mean over rows, named by its function."""
    name = value.__name__
    return Metric(
        name=name,
        better="lower" if name.endswith("loss") else "higher",
        value=value,
        interval=_interval(name, most),
        draws=_drawn(name),
        test=_test(name),
        high=most,
        unit=unit,
    )


METRICS: tuple[Metric, ...] = (
    *(_averaged(average, kind) for kind in KINDS for average in AVERAGES),
    _by_row(samples_f1),
    _by_row(samples_precision),
    _by_row(samples_recall),
    _by_row(subset_accuracy),
    _by_row(hamming_loss),
    _by_row(log_loss, most=np.inf, unit="nats"),
)
