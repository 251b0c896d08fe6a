"""The metrics of two classes equal scikit-learn's on thousands of generated cases, and what no library defines is said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from sklearn import metrics as sk

from mlcheck.registry import metrics
from mlcheck.stats.metrics.binary.confusion import f_beta
from mlcheck.stats.metrics.metric import Undefined
from tests.stats.metrics.binary_cases import Case, cases, viewed

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlcheck.stats.metrics.metric import Metric

NAMED: dict[str, Metric] = {metric.name: metric for metric in metrics("binary")} | {
    "f2": f_beta(2),
    "f0.5": f_beta(0.5),
}
TOLERANCE = 1e-12


def calibration_error(truth: Any, score: Any, sample_weight: Any, bins: int = 15) -> float:
    """Return the ECE, written out bin by bin."""
    w = np.ones(len(truth)) if sample_weight is None else sample_weight
    total = 0.0
    for i in range(bins):
        low, high = np.linspace(0, 1, bins + 1)[[i, i + 1]]
        inside = ((score > low) | (i == 0)) & ((score <= high) | (i == bins - 1))
        total += abs((w * (score - truth))[inside].sum())
    return float(total / w.sum())


def lift(truth: Any, score: Any, sample_weight: Any, share: float = 0.1) -> float:
    """Return the recall of the highest tenth over a tenth, by interpolating recall over what is flagged."""
    w = np.ones(len(truth)) if sample_weight is None else sample_weight
    scores = np.unique(score)[::-1]
    flagged = [0.0, *(w[score >= s].sum() for s in scores)]
    found = [0.0, *(w[(score >= s) & truth].sum() for s in scores)]
    return float(np.interp(share * flagged[-1], flagged, found) / found[-1] / share)


ON_CLASSES: dict[str, Callable[..., float]] = {
    "accuracy": sk.accuracy_score,
    "balanced_accuracy": sk.balanced_accuracy_score,
    "precision": sk.precision_score,
    "recall": sk.recall_score,
    "specificity": lambda y, p, sample_weight: sk.recall_score(~y, ~p, sample_weight=sample_weight),
    "f1": sk.f1_score,
    "f2": lambda y, p, sample_weight: sk.fbeta_score(y, p, beta=2, sample_weight=sample_weight),
    "f0.5": lambda y, p, sample_weight: sk.fbeta_score(y, p, beta=0.5, sample_weight=sample_weight),
    "mcc": sk.matthews_corrcoef,
    "kappa": sk.cohen_kappa_score,
}
ON_SCORES: dict[str, Callable[..., float]] = {
    "roc_auc": sk.roc_auc_score,
    "average_precision": sk.average_precision_score,
    "log_loss": sk.log_loss,
    "brier": sk.brier_score_loss,
    "ece": calibration_error,
    "lift@10%": lift,
}


def disagreements(case: Case) -> list[str]:
    """Return the metrics whose value is not the reference's."""
    view = viewed(case.truth, case.score, weight=case.weight)
    found = []
    for name, reference in (ON_CLASSES | ON_SCORES).items():
        theirs_of = view.predicted if name in ON_CLASSES else case.score.astype(np.float64)
        try:
            ours = NAMED[name].value(view)
        except Undefined:
            undefined = {"precision": not view.predicted.any()}
            if not undefined.get(name, False):
                found.append(f"{name} is undefined")
            continue
        theirs = reference(case.truth, theirs_of, sample_weight=case.weight)
        if not abs(ours - theirs) <= TOLERANCE:
            found.append(f"{name}: {ours!r} for {theirs!r}")
    return found


@pytest.mark.parametrize("seed", range(3))
def test_every_metric_equals_scikit_learn(seed: int) -> None:
    """Within 1e-12 on cases of ties, constants, weights, float32 and probabilities of 0 and 1."""
    wrong = [found for case in cases(60, seed=seed) if (found := disagreements(case))]
    assert not wrong
