"""Areas under ROC and precision-recall curves of one decision or of many, and how each row moves them.

A row's influence is its weight times the derivative of the area by it: for the ROC curve the structural components of
DeLong et al. 1988; for the average precision sum_i y_i T_i / R_i / P, where T and R are the true and all rows that score
at least as high, (y (precision - AP) + sum over true i scoring no higher of (y - precision_i) / R_i) / P.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from mlcheck.stats.metrics.metric import Undefined
from mlcheck.stats.metrics.resample import row_counts

if TYPE_CHECKING:
    from mlcheck.model import Floats
    from mlcheck.model.predictions import Bools, Reals
    from mlcheck.stats.metrics.resample import Sampling

MOST_POOLED = 50_000_000
"""Decisions that are sorted at once: some 1.5 GB of memory at most."""
MOST_DRAWN = 4_000
"""Decisions of which a thousand replicates are affordable."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Moved:
    """Area under the ROC curve and average precision; what each row (n,) moves them by."""

    roc_auc: float
    average_precision: float
    moved_roc_auc: Floats
    moved_average_precision: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ByLabel:
    """Areas of each label (L,), NaN for one with a single class; what each row (n,) moves the means of the others by."""

    roc_auc: Floats
    average_precision: Floats
    moved_roc_auc: Floats
    moved_average_precision: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Ranked:
    """Decisions (m,) from the highest score down: their places, truth, and where each run of equal scores ends."""

    order: npt.NDArray[np.intp]
    truth: Bools
    ends: npt.NDArray[np.intp]

    def at_ends(self, values: Floats) -> Floats:
        """Return the sums of the values (..., m), given in ranked order, down to each end (..., ends)."""
        reached: Floats = np.cumsum(values, axis=-1)[..., self.ends]
        return reached

    def areas(self, weight: Floats) -> tuple[Floats, Floats]:
        """Return both areas (...) with the decisions weighted (..., m) in ranked order; NaN for one class only."""
        true, untrue = self.at_ends(weight * self.truth), self.at_ends(weight * ~self.truth)
        gained, passed = np.diff(true, prepend=0.0), np.diff(untrue, prepend=0.0)
        with np.errstate(invalid="ignore", divide="ignore"):
            whole = true[..., -1] * untrue[..., -1]
            roc = (passed * (true - gained / 2)).sum(-1) / whole
            precision = np.where(gained > 0, true / (true + untrue), 0.0)
            average = (gained * precision).sum(-1) / np.where(whole > 0, true[..., -1], np.nan)
        return roc, average

    def moved(self, weight: Floats) -> tuple[float, float, Floats, Floats]:
        """Return both areas and what each decision (m,) moves them by, in the given order."""
        inverse = np.repeat(np.arange(len(self.ends)), np.diff(self.ends, prepend=-1))
        true, untrue = self.at_ends(weight * self.truth), self.at_ends(weight * ~self.truth)
        gained, passed = np.diff(true, prepend=0.0), np.diff(untrue, prepend=0.0)
        roc, average = (float(area) for area in self.areas(weight))
        positive, negative = true[-1], untrue[-1]
        below = (negative - untrue + passed / 2) / negative  # of untrue decisions, for a true one
        above = (true - gained / 2) / positive  # of true decisions, for an untrue one
        by_roc = np.where(self.truth, (below[inverse] - roc) / positive, (above[inverse] - roc) / negative)
        rows = np.maximum(true + untrue, np.finfo(np.float64).tiny)
        precision = true / rows
        share = np.cumsum((gained / rows)[::-1])[::-1]  # over true decisions that score no higher
        loss = np.cumsum((gained * precision / rows)[::-1])[::-1]
        own = np.where(self.truth, (precision - average + share)[inverse], 0.0)
        by_average = (own - loss[inverse]) / positive
        made_roc, made_average = np.empty(len(weight)), np.empty(len(weight))
        made_roc[self.order], made_average[self.order] = weight * by_roc, weight * by_average
        return roc, average, made_roc, made_average


def _rank(scores: Reals, truth: Bools) -> _Ranked:
    order = np.argsort(-scores, kind="stable")
    ranked = scores[order]
    ends = np.append(np.flatnonzero(ranked[1:] != ranked[:-1]), len(ranked) - 1)
    return _Ranked(order=order, truth=truth[order], ends=ends)


def by_label(scores: Reals, truth: Bools, weight: Floats | None, both: Bools) -> ByLabel:
    """Return the areas of the labels that have two classes (`both`, (L,)); raises Undefined where none has."""
    if not both.any():
        raise Undefined("every label has one class only")
    n, size = truth.shape
    weight = np.ones(n) if weight is None else weight
    roc, average = np.full(size, np.nan), np.full(size, np.nan)
    moved_roc, moved_average = np.zeros(n), np.zeros(n)
    for i in np.flatnonzero(both).tolist():
        ranked = _rank(scores[:, i], truth[:, i])
        roc[i], average[i], by_roc, by_average = ranked.moved(weight[ranked.order])
        moved_roc += by_roc
        moved_average += by_average
    held = np.count_nonzero(both)
    return ByLabel(
        roc_auc=roc,
        average_precision=average,
        moved_roc_auc=moved_roc / held,
        moved_average_precision=moved_average / held,
    )


def pooled(scores: Reals, truth: Bools, weight: Floats | None) -> Moved:
    """Return the areas of all decisions of all labels in one ranking; raises Undefined where they are one class."""
    n, size = truth.shape
    if truth.size > MOST_POOLED:
        raise Undefined(f"more than {MOST_POOLED:,} decisions are not ranked at once")
    repeated = np.repeat(np.ones(n) if weight is None else weight, size)
    flat = truth.ravel()
    if not (repeated[flat].sum() > 0 and repeated[~flat].sum() > 0):
        raise Undefined("every label has one class only")
    ranked = _rank(scores.ravel(), flat)
    roc, average, by_roc, by_average = ranked.moved(repeated[ranked.order])
    return Moved(
        roc_auc=roc,
        average_precision=average,
        moved_roc_auc=by_roc.reshape(n, size).sum(axis=1),
        moved_average_precision=by_average.reshape(n, size).sum(axis=1),
    )


def drawn(
    scores: Reals, truth: Bools, weight: Floats | None, both: Bools, sampling: Sampling
) -> dict[str, Floats]:
    """Return (replicates,) draws of the macro and micro areas by name; raises Undefined for too many decisions.

    A macro area of a replicate is over the labels that have two classes in it, of those that have in the file.
    """
    n, size = truth.shape
    if truth.size > MOST_DRAWN:
        raise Undefined("drawing so many rows costs too much")
    ranked = [_rank(scores[:, i], truth[:, i]) for i in np.flatnonzero(both)]
    whole = _rank(scores.ravel(), truth.ravel())
    blocks: list[Floats] = []
    for block in row_counts(n, sampling):
        weighed = block if weight is None else block * weight
        of_labels = [label.areas(weighed[:, label.order]) for label in ranked]
        macro = _means([roc for roc, _ in of_labels]), _means([average for _, average in of_labels])
        blocks.append(np.stack([*macro, *whole.areas(weighed[:, whole.order // size])]))
    names = ("macro_roc_auc", "macro_average_precision", "micro_roc_auc", "micro_average_precision")
    return dict(zip(names, np.concatenate(blocks, axis=1), strict=True))


def _means(of_labels: list[Floats]) -> Floats:
    """Return (replicates,) the mean over labels, leaving out NaN; NaN where all are."""
    held = np.array(of_labels)
    good = np.isfinite(held)
    with np.errstate(invalid="ignore", divide="ignore"):
        found: Floats = np.where(good, held, 0.0).sum(axis=0) / good.sum(axis=0)
    return found
