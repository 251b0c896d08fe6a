"""What is shown of two classes beside the numbers: the confusion matrix, thresholds, curves."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from mlcheck.model import Exhibit, Line, Matrix, Plot, Table
from mlcheck.stats.metrics.binary.areas import above
from mlcheck.stats.metrics.metric import Undefined

if TYPE_CHECKING:
    import numpy.typing as npt

    from mlcheck.model import Floats
    from mlcheck.stats.metrics.binary.rows import BinaryView
    from mlcheck.stats.metrics.binary.thresholds import Choice

MOST_POINTS = 200
THRESHOLDS = 9
MARK = "◀"


def exhibits(view: BinaryView) -> tuple[Exhibit, ...]:
    """Return the confusion matrix and, where there are scores, the table of thresholds and the curves."""
    shown: list[Exhibit] = [confusion_matrix(view)]
    if view.has_scores and not view.one_class:
        shown += [threshold_table(view), roc_curve(view), precision_recall_curve(view)]
    if view.has_scores:
        shown.append(reliability_diagram(view))
    return tuple(shown)


def confusion_matrix(view: BinaryView) -> Matrix:
    """Return the weights (counts) by truth and prediction, the negative class first."""
    tp, fp, fn, tn = view.confusion.cells
    labels = (view.negative, view.positive)
    where = "" if view.threshold is None else f" at a threshold of {view.threshold:.4g}"
    return Matrix(
        title=f"Confusion{where}",
        rows=labels,
        columns=labels,
        counts=np.array([[tn, fp], [fn, tp]], dtype=float),
    )


def threshold_table(view: BinaryView) -> Table:
    """Return some nine thresholds from the highest down, at even steps of recall, with the used and the best one.

    Recall rises and, by and large, precision falls as the threshold is lowered.
    """
    tp, fp, recall, _, _ = _curve(view)
    levels = np.linspace(0, 1, THRESHOLDS)[1:]
    places = {_last_with(recall, min(int(np.searchsorted(-recall, -x)), len(recall) - 1)) for x in levels}
    found = {float(view.cells.score[at]): (float(tp[at]), float(fp[at]), "") for at in places}
    found |= _marked(view)
    falling = sorted(found.items(), reverse=True)
    rows = [(at, *_row(view, right, wrong), mark) for at, (right, wrong, mark) in falling]
    grouped = "Unmarked thresholds are chosen among groups of neighbouring scores."
    notes = (_flattery(chosen(view)), "" if view.cells.exact else grouped)
    return Table(
        title="Thresholds",
        columns=("threshold", "precision", "recall", f"f{view.parameters.beta:g}", "predicted positive", ""),
        rows=tuple(rows),
        note=" ".join(filter(None, notes)),
    )


def _flattery(best: Choice | None) -> str:
    """Return what choosing the threshold on the rows that it is judged by is worth."""
    if best is None or best.held_out is None:
        return ""
    return f"A threshold chosen on this file flatters it: {best.measure} {best.reached:.4g} here, {best.held_out:.4g} on rows left out of the choice."


def _row(view: BinaryView, tp: float, fp: float) -> tuple[float | None, float, float, float]:
    """Return precision (None where nothing is flagged), recall, F-beta and the share predicted positive."""
    positives, square = view.totals.positive, view.parameters.beta**2
    f = (1 + square) * tp / (square * positives + tp + fp)
    share = (tp + fp) / (positives + view.totals.negative)
    return (tp / (tp + fp) if tp + fp > 0 else None, tp / positives, f, share)


def _last_with(recall: Floats, place: int) -> int:
    """Return the highest threshold with the recall of `place`."""
    return int(np.searchsorted(-recall, -recall[place], side="right")) - 1


def _marked(view: BinaryView) -> dict[float, tuple[float, float, str]]:
    """Return the threshold in use and the best one, with what they flag rightly and wrongly."""
    marked: dict[float, tuple[float, float, str]] = {}
    if view.threshold is not None:
        marked[view.threshold] = (view.confusion.tp, view.confusion.fp, f"{MARK} used")
    best = chosen(view)
    if best is not None:
        also = " and used" if best.threshold in marked else ""
        name = best.chosen_by.partition(" at ")[0]
        marked[best.threshold] = (best.tp, best.fp, f"{MARK} {name}{also}")
    return marked


def chosen(view: BinaryView) -> Choice | None:
    """Return the best threshold, None where there is none to find."""
    try:
        return view.choice
    except Undefined:
        return None


def _curve(view: BinaryView) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """Return tp, fp, recall, precision and the share predicted positive at the score of each cell, ascending."""
    tp, fp = (above(x[None])[0] for x in (view.cells.positive, view.cells.negative))
    flagged = tp + fp
    precision = np.divide(tp, flagged, out=np.zeros_like(tp), where=flagged > 0)
    return (
        tp,
        fp,
        tp / view.totals.positive,
        precision,
        flagged / (view.totals.positive + view.totals.negative),
    )


def thinned(x: Floats, y: Floats, most: int = MOST_POINTS) -> npt.NDArray[np.intp]:
    """Return at most `most` places of a monotone curve, at even steps of the way along it, both ends among them."""
    if len(x) <= most:
        return np.arange(len(x))
    way = np.concatenate([[0.0], np.cumsum(np.abs(np.diff(x)) + np.abs(np.diff(y)))])
    steps = np.linspace(0, way[-1], most)
    return np.unique(np.concatenate([np.searchsorted(way, steps[:-1]), [len(x) - 1]]))


def roc_curve(view: BinaryView) -> Plot:
    """Return true against false positive rate."""
    _, fp, recall, _, _ = _curve(view)
    y = np.concatenate([[0.0], recall[::-1]])
    x = np.concatenate([[0.0], fp[::-1] / view.totals.negative])
    kept = thinned(x, y)
    line = Line(label=f"AUC {view.ranks.auc:.4g}", x=x[kept], y=y[kept])
    now = view.confusion
    mark = Line(
        label="used",
        x=np.array([now.fp / view.totals.negative]),
        y=np.array([now.tp / view.totals.positive]),
        kind="mark",
    )
    return Plot(
        title="ROC curve",
        x_label="false positive rate",
        y_label="true positive rate",
        lines=(line, mark),
        x_range=(0.0, 1.0),
        y_range=(0.0, 1.0),
        reference=True,
    )


def precision_recall_curve(view: BinaryView) -> Plot:
    """Return precision against recall, with the share of positives, which knowing nothing reaches."""
    _, _, recall, precision, _ = _curve(view)
    x, y = recall[::-1], precision[::-1]
    kept = thinned(x, y)
    line = Line(label=f"average precision {view.ranks.average_precision:.4g}", x=x[kept], y=y[kept])
    base = view.totals.positive / (view.totals.positive + view.totals.negative)
    chance = Line(label=f"share of positives {base:.4g}", x=np.array([0.0, 1.0]), y=np.array([base, base]))
    return Plot(
        title="Precision and recall",
        x_label="recall",
        y_label="precision",
        lines=(line, chance),
        x_range=(0.0, 1.0),
        y_range=(0.0, 1.0),
    )


def reliability_diagram(view: BinaryView) -> Plot:
    """Return the share of positives against the mean probability of each bin that holds rows."""
    sums = view.chances
    filled = sums.bin_weight > 0
    weight = sums.bin_weight[filled]
    x, y = sums.bin_probability[filled] / weight, sums.bin_positive[filled] / weight
    error = sums.calibration_error
    label = f"ECE {error:.4g} in {view.parameters.bins} bins of equal width"
    return Plot(
        title="Reliability",
        x_label="mean probability" if view.kind == "probability" else f"mean probability of the {view.kind}",
        y_label="share of positives",
        lines=(
            Line(label=label if math.isfinite(error) else "", x=x, y=y),
            Line(label="bins", x=x, y=y, kind="points"),
        ),
        x_range=(0.0, 1.0),
        y_range=(0.0, 1.0),
        reference=True,
    )
