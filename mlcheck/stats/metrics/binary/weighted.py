"""The sweep with weights: the same numbers as scikit-learn's `sample_weight`, by an argsort."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from mlcheck.stats.metrics.binary.sweep import Swept

if TYPE_CHECKING:
    from mlcheck.model import Floats
    from mlcheck.model.predictions import Bools, Reals


def curve(score: Reals, truth: Bools, weight: Floats | None) -> tuple[Floats, Floats, Floats]:
    """Return (threshold, true positives, false positives), shapes (m,): descending scores, sums of weights at or above each."""
    order = np.argsort(-score, kind="stable")
    ordered, hit = score[order], truth[order]
    w = np.ones(len(order)) if weight is None else weight[order]
    ends = np.append(np.flatnonzero(np.diff(ordered)), len(ordered) - 1)
    tp = np.cumsum(w * hit)[ends]
    fp = np.cumsum(w * ~hit)[ends]
    return ordered[ends].astype(np.float64), tp, fp


def sweep(score: Reals, truth: Bools, weight: Floats, *, beta: float = 1.0) -> Swept:
    """Return areas and the best F with weights (n,); the placements, which need equal weights, are NaN."""
    keep = weight > 0
    threshold, tp, fp = curve(score[keep], truth[keep], weight[keep])
    positives, negatives = (float(x[-1]) if len(x) else 0.0 for x in (tp, fp))
    above = np.diff(np.concatenate(([0.0], tp)))
    pairs = float(np.sum((negatives - fp + np.diff(np.concatenate(([0.0], fp))) / 2) * above))
    reached = tp + fp
    precisions = float(np.sum(np.divide(tp, reached, out=np.zeros_like(tp), where=reached > 0) * above))
    squared = beta * beta
    f = (1 + squared) * tp / np.maximum(squared * positives + reached, np.finfo(np.float64).tiny)
    at = int(f.argmax()) if len(f) else 0
    return Swept(
        positives=positives,
        negatives=negatives,
        pairs=pairs,
        placed_positive=math.nan,
        placed_negative=math.nan,
        precision_sum=precisions,
        best_f=float(f[at]) if len(f) else math.nan,
        best_threshold=float(threshold[at]) if len(f) else math.nan,
    )
