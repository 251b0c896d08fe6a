"""What is shown of two classes: the confusion matrix, some thresholds, ROC, precision-recall and reliability."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlcheck.model import Line, Matrix, Plot, Table
from mlcheck.stats.metrics.binary.threshold import whole_curve

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlcheck.model import Exhibit, Floats
    from mlcheck.stats.metrics.binary.threshold import Curve
    from mlcheck.stats.metrics.binary.view import BinaryView

MOST_DRAWN = 200
ROWS = 9


def exhibits(view: BinaryView) -> tuple[Exhibit, ...]:
    """Return the matrix, and where there are scores and both classes the table of thresholds and the plots."""
    found: list[Exhibit] = [_matrix(view)]
    if view.content.score is not None and 0 < view.positives < view.total:
        whole = whole_curve(view)
        found += [_thresholds(view, whole), *_curves(view, whole)]
        if view.content.kind != "logit":
            found.append(_reliability(view))
    return tuple(found)


def _matrix(view: BinaryView) -> Matrix:
    tp, fp, fn, tn = view.confusion
    labels = (view.content.negative, view.content.positive)
    return Matrix(
        title="truth ↓ predicted →",
        rows=labels,
        columns=labels,
        counts=np.array([[tn, fp], [fn, tp]], dtype=np.float64),
    )


def _thresholds(view: BinaryView, whole: Curve) -> Table:
    """Return a few thresholds from high to low: recall rises and precision falls."""
    wanted = np.linspace(0.1, 1.0, ROWS)
    places = {int(np.searchsorted(whole.recall, share - 1e-12)) for share in wanted}
    best = view.best_threshold
    used = view.threshold
    marks: dict[int, str] = {}
    for value, mark in ((used, "used"), (best.threshold if best else None, "best")):
        if value is None:
            continue
        at = int(np.searchsorted(-whole.threshold, -value, side="right")) - 1
        if at >= 0:
            places.add(at)
            marks[at] = f"{marks[at]}, {mark}" if at in marks else mark
    beta = view.parameters.beta
    f, said = whole.f_beta(beta), (whole.tp + whole.fp) / (whole.positives + whole.negatives)
    order = sorted(p for p in places if p < len(whole.threshold))
    return Table(
        title="thresholds",
        columns=("score ≥", "precision", "recall", "f1" if beta == 1 else f"f{beta:g}", "predicted positive", ""),
        rows=tuple(
            (
                float(whole.threshold[i]), float(whole.precision[i]), float(whole.recall[i]), float(f[i]), float(said[i]),
                marks.get(i, ""),
            )
            for i in order
        ),
        note=_note(view),
    )  # fmt: skip


def _note(view: BinaryView) -> str:
    best = view.best_threshold
    if best is None:
        return ""
    name = "costs" if view.parameters.rule == "cost" else "reaches"
    return (
        f"{best.rule}: {best.threshold:.4g} ({best.low:.4g} to {best.high:.4g} in resamples) {name} {best.value:.4g} here, "
        f"{best.honest:.4g} on rows it was not chosen on; choose on validation data, judge on others"
    )


def _thin(*columns: Floats) -> tuple[Floats, ...]:
    """Keep at most MOST_DRAWN points, the first and the last among them."""
    n = len(columns[0])
    keep = np.unique(np.linspace(0, n - 1, min(n, MOST_DRAWN)).astype(np.intp))
    return tuple(column[keep] for column in columns)


def _curves(view: BinaryView, whole: Curve) -> Iterator[Plot]:
    fpr = np.concatenate(([0.0], whole.fp / whole.negatives))
    tpr = np.concatenate(([0.0], whole.recall))
    used = _used(view, whole)
    yield Plot(
        title="ROC",
        x_label="false positive rate",
        y_label="recall",
        lines=(
            Line(label=view.content.positive, x=_thin(fpr, tpr)[0], y=_thin(fpr, tpr)[1]),
            *_marked(used, "roc", whole),
        ),
        x_range=(0.0, 1.0),
        y_range=(0.0, 1.0),
        reference=True,
    )
    recall, precision = _thin(whole.recall, whole.precision)
    yield Plot(
        title="precision-recall",
        x_label="recall",
        y_label="precision",
        lines=(Line(label=view.content.positive, x=recall, y=precision), *_marked(used, "pr", whole)),
        x_range=(0.0, 1.0),
        y_range=(0.0, 1.0),
    )


def _used(view: BinaryView, whole: Curve) -> int | None:
    """Return where on the curve the threshold in use lies, None where predictions were given or nothing reaches it."""
    if view.threshold is None:
        return None
    at = int(np.searchsorted(-whole.threshold, -view.threshold, side="right")) - 1
    return at if at >= 0 else None


def _marked(at: int | None, axes: str, whole: Curve) -> Iterator[Line]:
    if at is None:
        return
    x, y = whole.recall[at], whole.precision[at]
    if axes == "roc":
        x, y = whole.fp[at] / whole.negatives, whole.recall[at]
    yield Line(label="threshold used", x=np.array([x]), y=np.array([y]), kind="mark")


def _reliability(view: BinaryView) -> Plot:
    found = view.losses
    some = found.rows > 0
    said = found.probability[some] / found.rows[some]
    share = found.positives[some] / found.rows[some]
    return Plot(
        title="reliability",
        x_label="mean probability",
        y_label="share of positives",
        lines=(Line(label=f"{view.parameters.bins} bins of equal width", x=said, y=share, kind="points"),),
        x_range=(0.0, 1.0),
        y_range=(0.0, 1.0),
        reference=True,
    )
