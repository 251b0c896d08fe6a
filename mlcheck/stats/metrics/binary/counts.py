"""Metrics of the confusion matrix at the threshold. TP, FP, FN, TN are counts, or sums of weights.

Sokolova & Lapalme 2009, A systematic analysis of performance measures for classification tasks, table 2.
"""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from mlcheck.stats.intervals import wilson
from mlcheck.stats.metrics import means
from mlcheck.stats.metrics.binary import influence
from mlcheck.stats.metrics.binary.making import metric
from mlcheck.stats.metrics.metric import Interval, Undefined

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlcheck.model import Floats
    from mlcheck.stats.metrics.binary.view import BinaryView
    from mlcheck.stats.metrics.metric import Difference, Metric

RANK = 20
Cells = tuple[float, float, float, float]


def accuracy(view: BinaryView) -> float:
    """(TP + TN) / all: share of rows predicted right, 0..1, higher is better."""
    tp, _, _, tn = view.confusion
    return (tp + tn) / _some(view)


def balanced_accuracy(view: BinaryView) -> float:
    """(recall + specificity) / 2: 0..1, 0.5 for a constant answer, higher is better (Brodersen et al. 2010)."""
    view.demand_both_classes()
    return (recall(view) + specificity(view)) / 2


def precision(view: BinaryView) -> float:
    """TP / (TP + FP): share of the predicted positives that are so, 0..1, higher is better."""
    tp, fp, _, _ = view.confusion
    if not tp + fp:
        raise Undefined("nothing is predicted positive")
    return tp / (tp + fp)


def recall(view: BinaryView) -> float:
    """TP / (TP + FN): share of the positives that are found, 0..1, higher is better; also sensitivity."""
    tp, _, fn, _ = view.confusion
    if not tp + fn:
        raise Undefined("the truth holds no positive")
    return tp / (tp + fn)


def specificity(view: BinaryView) -> float:
    """TN / (TN + FP): share of the negatives that are left alone, 0..1, higher is better."""
    _, fp, _, tn = view.confusion
    if not tn + fp:
        raise Undefined("the truth holds no negative")
    return tn / (tn + fp)


def f_beta(view: BinaryView) -> float:
    """(1 + b²) TP / ((1 + b²) TP + b² FN + FP), b = beta: 0..1, higher is better (van Rijsbergen 1979)."""
    tp, fp, fn, _ = view.confusion
    squared = view.parameters.beta**2
    below = (1 + squared) * tp + squared * fn + fp
    if not below:
        raise Undefined("neither the truth nor the predictions hold a positive")
    return (1 + squared) * tp / below


def mcc(view: BinaryView) -> float:
    """Correlation of truth and prediction, -1..1, 0 for a constant answer, higher is better (Matthews 1975)."""
    view.demand_both_classes()
    return float(_mcc(*(np.float64(c) for c in view.confusion)))


def kappa(view: BinaryView) -> float:
    """(accuracy - chance) / (1 - chance), chance by the shares of either: -1..1, higher is better (Cohen 1960)."""
    _some(view)
    found = float(_kappa(*(np.float64(c) for c in view.confusion)))
    if not math.isfinite(found):
        raise Undefined("truth and predictions hold one and the same class only")
    return found


def lift(view: BinaryView) -> float:
    """Precision / share of positives: how many times better than picking at random, 0.., higher is better."""
    view.demand_both_classes()
    return precision(view) * view.total / view.positives


def _some(view: BinaryView) -> float:
    if not view.total:
        raise Undefined("there are no rows")
    return view.total


def _mcc(
    tp: Floats | np.float64, fp: Floats | np.float64, fn: Floats | np.float64, tn: Floats | np.float64
) -> Floats:
    """0 where the predictions hold one class only, as scikit-learn has it."""
    spread = np.sqrt((tp + fp) * (tp + fn)) * np.sqrt((tn + fp) * (tn + fn))
    return np.where(spread > 0, (tp * tn - fp * fn) / np.where(spread > 0, spread, 1.0), 0.0)


def _kappa(
    tp: Floats | np.float64, fp: Floats | np.float64, fn: Floats | np.float64, tn: Floats | np.float64
) -> Floats:
    above = 2 * (tp * tn - fn * fp)
    below = (tp + fp) * (fp + tn) + (tp + fn) * (fn + tn)
    kappa: Floats = np.where(below > 0, above / np.where(below > 0, below, 1.0), np.nan)
    return kappa


def _numeric_gradient(score: str, view: BinaryView) -> tuple[float, float, float, float]:
    """Return the derivatives of a score for the four shares, by complex steps (Squire & Trapp 1998): exact to rounding."""
    shares = np.array(view.confusion) / _some(view)
    formula = {"mcc": _smooth_mcc, "kappa": _smooth_kappa}[score]
    step = 1e-30
    found = [formula(shares + 1j * step * np.eye(4)[i]).imag / step for i in range(4)]
    if not np.isfinite(found).all():
        raise Undefined("the predictions hold one class only")
    return (found[0], found[1], found[2], found[3])


def _smooth_mcc(cells: np.ndarray[tuple[int], np.dtype[np.complex128]]) -> complex:
    tp, fp, fn, tn = cells
    with np.errstate(all="ignore"):
        return complex((tp * tn - fp * fn) / np.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)))


def _smooth_kappa(cells: np.ndarray[tuple[int], np.dtype[np.complex128]]) -> complex:
    tp, fp, fn, tn = cells
    with np.errstate(all="ignore"):
        return complex(2 * (tp * tn - fn * fp) / ((tp + fp) * (fp + tn) + (tp + fn) * (fn + tn)))


class _Share:
    """A share of rows: of the rows in the cells `whole`, those in the cells `part` ("tp" of "tp fn")."""

    def __init__(self, part: str, whole: str) -> None:
        self.part, self.whole = part.split(), whole.split()

    def counts(self, view: BinaryView) -> tuple[float, float]:
        """Return the rows of the part and of the whole; raises Undefined where there are none."""
        cells = dict(zip(("tp", "fp", "fn", "tn"), view.confusion, strict=True))
        below = sum(cells[c] for c in self.whole)
        if not below:
            raise Undefined("there are no such rows")
        return sum(cells[c] for c in self.part), below

    def analytic(self, view: BinaryView) -> Interval:
        """Return Wilson's interval."""
        above, below = self.counts(view)
        low, high = wilson(above / below, int(below), level=view.sampling.level)
        return Interval(low=low, high=high, method="Wilson")

    def influence(self, view: BinaryView) -> Floats:
        """Return (n,) what each row moves the share by."""
        above, below = self.counts(view)
        share, scale = above / below, _some(view) / below
        slope = [((c in self.part) - share) * (c in self.whole) * scale for c in ("tp", "fp", "fn", "tn")]
        return influence.of_cells(view, (slope[0], slope[1], slope[2], slope[3]))

    def of_draws(self, drawn: dict[str, Floats]) -> Floats:
        """Return the share of each replicate, NaN where there are no such rows."""
        above = np.sum([drawn[c] for c in self.part], axis=0)
        below = np.sum([drawn[c] for c in self.whole], axis=0)
        share: Floats = above / np.where(below > 0, below, np.nan)
        return share


def _share_metric(
    name: str,
    value: Callable[[BinaryView], float],
    share: _Share,
    test: Callable[[BinaryView, BinaryView], Difference] | None = None,
) -> Metric:
    return metric(
        name, value, analytic=share.analytic, influence=share.influence, of_draws=share.of_draws, test=test
    )


def _right(a: BinaryView, b: BinaryView) -> Difference:
    """McNemar's test on the rows that only one of two models has right."""
    return means.mcnemar(a.predicted == a.truth, b.predicted == b.truth, a.sampling)


def _among(a: BinaryView, b: BinaryView, *, positive: bool) -> Difference:
    """McNemar's test among the rows of one true class."""
    rows = a.truth == positive
    if not rows.any():
        raise Undefined("the truth holds no such row")
    return means.mcnemar(a.predicted[rows] == positive, b.predicted[rows] == positive, a.sampling)


def _balanced_moved(view: BinaryView) -> Floats:
    balanced: Floats = (_Share("tp", "tp fn").influence(view) + _Share("tn", "tn fp").influence(view)) / 2
    return balanced


def _balanced_draws(drawn: dict[str, Floats]) -> Floats:
    positive, negative = drawn["tp"] + drawn["fn"], drawn["tn"] + drawn["fp"]
    balanced: Floats = (drawn["tp"] / positive + drawn["tn"] / negative) / 2
    return balanced


def _f_moved(view: BinaryView) -> Floats:
    squared, f, total = view.parameters.beta**2, f_beta(view), _some(view)
    tp, fp, fn, _ = view.confusion
    below = ((1 + squared) * tp + squared * fn + fp) / total
    return influence.of_cells(view, ((1 + squared) * (1 - f) / below, -f / below, -f * squared / below, 0.0))


def _lift_moved(view: BinaryView) -> Floats:
    tp, fp, fn, _ = (cell / _some(view) for cell in view.confusion)
    value = lift(view)
    return influence.of_cells(
        view,
        (
            value * (1 / tp - 1 / (tp + fp) - 1 / (tp + fn)) if tp else 0.0,
            -value / (tp + fp),
            -value / (tp + fn),
            0.0,
        ),
    )


def _lift_draws(drawn: dict[str, Floats]) -> Floats:
    total = drawn["tp"] + drawn["fp"] + drawn["fn"] + drawn["tn"]
    lifted: Floats = drawn["tp"] * total / ((drawn["tp"] + drawn["fp"]) * (drawn["tp"] + drawn["fn"]))
    return lifted


def metrics_of(view: BinaryView) -> tuple[Metric, ...]:
    """Return the metrics; F is named by the beta that was asked for."""
    return _metrics(view.parameters.beta)


def _metrics(beta: float) -> tuple[Metric, ...]:
    squared = beta * beta

    def f_draws(drawn: dict[str, Floats]) -> Floats:
        above = (1 + squared) * drawn["tp"]
        f: Floats = above / (above + squared * drawn["fn"] + drawn["fp"])
        return f

    def cells_of(drawn: dict[str, Floats]) -> tuple[Floats, Floats, Floats, Floats]:
        return drawn["tp"], drawn["fp"], drawn["fn"], drawn["tn"]

    def mcc_draws(drawn: dict[str, Floats]) -> Floats:
        both = (drawn["tp"] + drawn["fn"] > 0) & (drawn["tn"] + drawn["fp"] > 0)
        return np.where(both, _mcc(*cells_of(drawn)), np.nan)

    return (
        _share_metric("accuracy", accuracy, _Share("tp tn", "tp fp fn tn"), _right),
        metric("balanced_accuracy", balanced_accuracy, influence=_balanced_moved, of_draws=_balanced_draws),
        _share_metric("precision", precision, _Share("tp", "tp fp")),
        _share_metric("recall", recall, _Share("tp", "tp fn"), partial(_among, positive=True)),
        _share_metric("specificity", specificity, _Share("tn", "tn fp"), partial(_among, positive=False)),
        metric("f1" if beta == 1 else f"f{beta:g}", f_beta, influence=_f_moved, of_draws=f_draws),
        metric(
            "mcc",
            mcc,
            influence=lambda v: influence.of_cells(v, _numeric_gradient("mcc", v)),
            of_draws=mcc_draws,
            low=-1.0,
        ),
        metric(
            "kappa",
            kappa,
            influence=lambda v: influence.of_cells(v, _numeric_gradient("kappa", v)),
            of_draws=lambda d: _kappa(*cells_of(d)),
            low=-1.0,
        ),
        metric("lift", lift, influence=_lift_moved, of_draws=_lift_draws, high=math.inf),
    )


METRICS = _metrics(1.0)
