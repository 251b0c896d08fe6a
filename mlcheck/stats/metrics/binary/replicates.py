"""Bootstrap draws of every metric of two classes, from one pass over the replicates.

Replicates count how often each row was drawn, in the order of the file: two models over the same rows are drawn alike.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlcheck.stats.metrics.binary.losses import bin_of, row_losses
from mlcheck.stats.metrics.metric import Undefined
from mlcheck.stats.metrics.resample import row_counts

if TYPE_CHECKING:
    from mlcheck.model import Floats
    from mlcheck.stats.metrics.binary.view import BinaryView


def draws(view: BinaryView) -> dict[str, Floats]:
    """Return (replicates,) draws by what they are of: tp, fp, fn, tn, log_loss, brier, roc_auc, average_precision, ece."""
    if view.n < 2:
        raise Undefined("a single row has no spread")
    columns = _columns(view)
    by_score = _ScoreOrder(view) if view.content.score is not None else None
    bins = _Bins(view) if "brier" in columns else None
    names, stacked = list(columns), np.stack(list(columns.values()), axis=1)
    found: dict[str, list[Floats]] = {}
    for block in row_counts(view.n, view.sampling):
        counted = block if view.weight is None else block * view.weight
        made = dict(zip(names, (counted @ stacked).T, strict=True))
        if by_score is not None:
            made |= by_score.areas(counted)
        if bins is not None:
            made["ece"] = bins.error(counted)
        for name, values in made.items():
            found.setdefault(name, []).append(values)
    whole = {name: np.concatenate(values) for name, values in found.items()}
    total = whole["tp"] + whole["fp"] + whole["fn"] + whole["tn"]
    return {name: v / total if name in ("log_loss", "brier") else v for name, v in whole.items()}


def _columns(view: BinaryView) -> dict[str, Floats]:
    """Return what is summed over rows, (n,) each."""
    truth, said = view.truth, view.predicted
    cells = {"tp": truth & said, "fp": ~truth & said, "fn": truth & ~said, "tn": ~truth & ~said}
    columns = {name: cell.astype(np.float64) for name, cell in cells.items()}
    if view.content.score is not None and view.content.kind != "logit":
        columns["log_loss"], columns["brier"] = row_losses(truth, view.probability)
    return columns


class _Bins:
    """Sums by bin of the calibration error."""

    def __init__(self, view: BinaryView) -> None:
        self.bins = view.parameters.bins
        self.place = bin_of(view.probability, self.bins)
        self.apart = view.truth - view.probability

    def error(self, counted: Floats) -> Floats:
        """Return the error of each replicate, counts (r, n)."""
        sums = [np.abs(np.bincount(self.place, row * self.apart, self.bins)).sum() for row in counted]
        error: Floats = np.array(sums) / counted.sum(axis=1)
        return error


class _ScoreOrder:
    """Rows in descending order of their score, for areas of many replicates at once."""

    def __init__(self, view: BinaryView) -> None:
        self.order = np.argsort(-view.score, kind="stable")
        ordered = view.score[self.order]
        self.truth = view.truth[self.order]
        self.ends = np.append(np.flatnonzero(np.diff(ordered)), len(ordered) - 1)

    def areas(self, counted: Floats) -> dict[str, Floats]:
        """Return roc_auc and average_precision of each replicate, counts (r, n); NaN where a class was not drawn."""
        drawn = counted[:, self.order]
        tp = np.cumsum(drawn * self.truth, axis=1)[:, self.ends]
        reached = np.cumsum(drawn, axis=1)[:, self.ends]
        fp = reached - tp
        gained = np.diff(tp, axis=1, prepend=0.0)
        passed = np.diff(fp, axis=1, prepend=0.0)
        p, n = tp[:, -1], fp[:, -1]
        with np.errstate(invalid="ignore", divide="ignore"):
            auc = (gained * (n[:, None] - fp + passed / 2)).sum(axis=1) / (p * n)
            precision = np.where(reached > 0, tp / np.maximum(reached, 1e-300), 0.0)
            ap = np.where(n > 0, (gained * precision).sum(axis=1) / p, np.nan)
        return {"roc_auc": auc, "average_precision": ap}
