"""From which score on to predict the positive class: the whole sweep, the best threshold, how much choosing flatters it.

A threshold chosen on the same rows on which it is judged looks better than it is. What it reaches on rows it was not
chosen on is estimated out of the bag: each bootstrap sample chooses, the rows it left out judge (Efron 1983).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mlcheck.stats.metrics.binary.weighted import curve
from mlcheck.stats.metrics.resample import generator

if TYPE_CHECKING:
    from mlcheck.model import Floats, Scalar
    from mlcheck.model.predictions import Bools, Reals
    from mlcheck.stats.metrics.binary.view import BinaryView
    from mlcheck.stats.metrics.parameters import Parameters

SAMPLES = 100
"""Bootstrap samples behind the interval of the threshold and the honest value: they only need two digits."""
MOST_SAMPLED = 20_000
"""Rows drawn for them; the interval of more rows is narrower by the square root, which is taken into account."""
SHOWN = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Curve:
    """All thresholds (m,) in descending order, with the weight of true and false positives at or above each."""

    threshold: Floats
    tp: Floats
    fp: Floats

    @property
    def positives(self) -> float:
        """Weight of all positives."""
        return float(self.tp[-1])

    @property
    def negatives(self) -> float:
        """Weight of all negatives."""
        return float(self.fp[-1])

    @property
    def precision(self) -> Floats:
        """Precision (m,) at each threshold."""
        precision: Floats = self.tp / np.maximum(self.tp + self.fp, np.finfo(np.float64).tiny)
        return precision

    @property
    def recall(self) -> Floats:
        """Recall (m,) at each threshold."""
        return self.tp / self.positives

    def f_beta(self, beta: float) -> Floats:
        """F-beta (m,) at each threshold."""
        squared = beta * beta
        f: Floats = (1 + squared) * self.tp / (squared * self.positives + self.tp + self.fp)
        return f


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Chosen:
    """The best threshold by a rule. `value` is what it reaches on these rows (a cost per row, an F, a recall, a precision),
    `honest` on rows that did not choose it; `low` and `high` is where the threshold lies in resamples.
    """  # noqa: D205  (one sentence)

    threshold: float
    rule: str
    value: float
    honest: float
    low: float
    high: float
    precision: float
    recall: float

    def told(self, used: float | None) -> dict[str, Scalar]:
        """Return what the report says of it; `used` is the threshold of the metrics."""
        return {
            "value": self.threshold, "chosen_by": self.rule, "low": self.low, "high": self.high,
            "reached": self.value, "reached_out_of_bag": self.honest,
            "precision": self.precision, "recall": self.recall, "used": used,
        }  # fmt: skip


def whole_curve(view: BinaryView) -> Curve:
    """Return the sweep of a view that has scores and both classes."""
    threshold, tp, fp = curve(view.score, view.truth, view.weight)
    return Curve(threshold=threshold, tp=tp, fp=fp)


def choose(view: BinaryView) -> Chosen | None:
    """Return the best threshold by the rule asked for; None where no threshold keeps to it (a least precision)."""
    whole = whole_curve(view)
    values = _values(whole, view.parameters)
    at = _best(values)
    if at is None:
        return None
    low, high, honest = _resampled(view, float(whole.threshold[at]))
    return Chosen(
        threshold=float(whole.threshold[at]),
        rule=rule_told(view.parameters),
        value=_sign(view.parameters) * float(values[at]),
        honest=honest,
        low=low,
        high=high,
        precision=float(whole.precision[at]),
        recall=float(whole.recall[at]),
    )


def rule_told(parameters: Parameters) -> str:
    """Return how the threshold is chosen, in words."""
    if parameters.rule == "cost" and parameters.cost:
        return (
            f"least cost, {parameters.cost[0]:g} a false positive and {parameters.cost[1]:g} a false negative"
        )
    if parameters.rule == "min-precision":
        return f"most recall at a precision of {parameters.least:g} or more"
    if parameters.rule == "min-recall":
        return f"most precision at a recall of {parameters.least:g} or more"
    return "best f1" if parameters.beta == 1 else f"best f{parameters.beta:g}"


def _sign(parameters: Parameters) -> float:
    return -1.0 if parameters.rule == "cost" else 1.0


def _values(whole: Curve, parameters: Parameters) -> Floats:
    """Return what is to be as large as possible (m,): minus infinity where a threshold is not allowed."""
    if parameters.rule == "cost" and parameters.cost:
        of_positive, of_negative = parameters.cost
        total = whole.positives + whole.negatives
        return -(of_positive * whole.fp + of_negative * (whole.positives - whole.tp)) / total
    if parameters.rule == "min-precision":
        return np.where(whole.precision >= (parameters.least or 0.0), whole.recall, -np.inf)
    if parameters.rule == "min-recall":
        return np.where(whole.recall >= (parameters.least or 0.0), whole.precision, -np.inf)
    return whole.f_beta(parameters.beta)


def _best(values: Floats) -> int | None:
    """Return where the largest value is, the highest threshold of equal ones; None where none is allowed."""
    if not len(values):
        return None
    at = int(values.argmax())
    return at if np.isfinite(values[at]) else None


def _resampled(view: BinaryView, chosen: float) -> tuple[float, float, float]:
    """Return the interval of the threshold, and the mean of what thresholds reach on the rows that did not choose them."""
    n = min(view.n, MOST_SAMPLED)
    thresholds, reached = [], []
    for r in range(SAMPLES):
        random = generator(view.sampling, r)
        pool = random.choice(view.n, n, replace=False, shuffle=False) if n < view.n else np.arange(n)
        drawn = np.bincount(random.integers(n, size=n), minlength=n)
        inside, outside = pool[drawn > 0], pool[drawn == 0]
        weight = drawn[drawn > 0].astype(np.float64)
        if view.weight is not None:
            weight = weight * view.weight[inside]
        found = _choice(view.score[inside], view.truth[inside], weight, view.parameters)
        if found is None:
            continue
        thresholds.append(found)
        value = _reached(view, outside, found)
        if value is not None:
            reached.append(value)
    if not thresholds:
        return chosen, chosen, float("nan")
    tail = (1 - view.sampling.level) / 2
    low, high = np.quantile(thresholds, (tail, 1 - tail))
    narrower = (n / view.n) ** 0.5
    honest = float(np.mean(reached)) if reached else float("nan")
    return (
        min(chosen, chosen + (float(low) - chosen) * narrower),
        max(chosen, chosen + (float(high) - chosen) * narrower),
        honest,
    )


def _choice(score: Reals, truth: Bools, weight: Floats, parameters: Parameters) -> float | None:
    threshold, tp, fp = curve(score, truth, weight)
    whole = Curve(threshold=threshold, tp=tp, fp=fp)
    if not whole.positives or not whole.negatives:
        return None
    at = _best(_values(whole, parameters))
    return None if at is None else float(threshold[at])


def _reached(
    view: BinaryView, rows: np.ndarray[tuple[int], np.dtype[np.intp]], threshold: float
) -> float | None:
    """Return what a threshold reaches on some rows, None where they hold one class only."""
    truth, said = view.truth[rows], view.score[rows] >= threshold
    weight = np.ones(len(rows)) if view.weight is None else view.weight[rows]
    tn, fp, fn, tp = np.bincount(truth.astype(np.int64) * 2 + said, weight, minlength=4)
    if not tp + fn or not tn + fp:
        return None
    parameters = view.parameters
    if parameters.rule == "cost" and parameters.cost:
        return float((parameters.cost[0] * fp + parameters.cost[1] * fn) / (tp + fp + fn + tn))
    if parameters.rule == "min-precision":
        return float(tp / (tp + fn))
    if parameters.rule == "min-recall":
        return float(tp / (tp + fp)) if tp + fp else 0.0
    squared = parameters.beta**2
    return float((1 + squared) * tp / ((1 + squared) * tp + squared * fn + fp)) if tp + fn + fp else 0.0
