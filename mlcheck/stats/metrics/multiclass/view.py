"""Predictions of more than two classes, with what their metrics share: computed once, when first asked for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from mlcheck.model.predictions import Multiclass
from mlcheck.stats.metrics.metric import Undefined
from mlcheck.stats.metrics.multiclass import areas as roc
from mlcheck.stats.metrics.multiclass import draws, family, rows
from mlcheck.stats.metrics.resample import grouped

if TYPE_CHECKING:
    from mlcheck.model import Floats
    from mlcheck.model.predictions import Bools, Codes, Predictions, Reals
    from mlcheck.stats.metrics.parameters import Parameters
    from mlcheck.stats.metrics.resample import Sampling

MOST_STATISTICS = 1 << 23
"""Numbers held of the groups that are drawn in place of rows: 64 MiB."""
LEAST_GROUPS = 200
MOST_DENSE = 1 << 22
"""Cells of a confusion matrix that is counted whole; larger ones are counted by the cells that occur."""


@dataclass(frozen=True, kw_only=True, eq=False)
class MulticlassView:
    """n rows of K classes. `weight` (n,) is None where all rows count alike; `clustered` says that rows belong together.

    `sampling` draws by random groups where rows are too many to be drawn by themselves.
    """

    content: Multiclass
    weight: Floats | None
    sampling: Sampling
    clustered: bool
    parameters: Parameters

    @property
    def n(self) -> int:
        """The number of rows."""
        return len(self.content.truth)

    @property
    def k(self) -> int:
        """The number of classes."""
        return len(self.content.labels)

    @property
    def clusters(self) -> Codes | None:
        """What rows (n,) belong to, None where they are independent."""
        return self.sampling.clusters if self.clustered else None

    @property
    def plain(self) -> bool:
        """Whether rows are independent and count alike, as analytic intervals ask for."""
        return self.weight is None and not self.clustered

    @property
    def truth(self) -> Codes:
        """The true class (n,)."""
        return self.content.truth

    @property
    def scores(self) -> Reals:
        """The scores (n, K); raises Undefined where the file has none."""
        if self.content.scores is None:
            raise Undefined("there are no scores per class")
        return self.content.scores

    @cached_property
    def rows(self) -> rows.Rows:
        """What one pass over the scores gives; raises Undefined without scores."""
        return rows.rows(self.scores, self.truth, self.content.kind)

    @cached_property
    def predicted(self) -> Codes:
        """The predicted class (n,): the file's, else that of the highest score (the first of equal ones)."""
        return self.rows.top if self.content.predicted is None else self.content.predicted

    @cached_property
    def hits(self) -> Bools:
        """Whether the prediction is right (n,)."""
        right: Bools = self.predicted == self.truth
        return right

    @cached_property
    def marginals(self) -> family.Marginals:
        """Weighted numbers of rows by class: predicted rightly, predicted, true."""
        of_hits = None if self.weight is None else self.weight[self.hits]
        return family.Marginals(
            right=np.bincount(self.truth[self.hits], of_hits, self.k).astype(np.float64),
            predicted=np.bincount(self.predicted, self.weight, self.k).astype(np.float64),
            true=self.true,
            classes=np.asarray(np.count_nonzero(self.present), dtype=np.float64),
        )

    @cached_property
    def true(self) -> Floats:
        """Weighted number of rows of each true class (K,)."""
        return np.bincount(self.truth, self.weight, self.k).astype(np.float64)

    @cached_property
    def support(self) -> Floats:
        """Rows of each true class (K,), unweighted."""
        return np.bincount(self.truth, minlength=self.k).astype(np.float64)

    @cached_property
    def present(self) -> Bools:
        """Classes of the truth or the predictions (K,): those over which macro averages are taken."""
        there: Bools = (self.support + np.bincount(self.predicted, minlength=self.k)) > 0
        return there

    @cached_property
    def cells(self) -> tuple[Codes, Codes, Floats]:
        """The cells of the confusion matrix that occur: their true class, predicted class, and weighted number of rows."""
        code = self.truth.astype(np.int64) * self.k + self.predicted
        if self.k**2 <= MOST_DENSE:
            counts = np.bincount(code, self.weight, self.k**2).astype(np.float64)
            at = np.flatnonzero(counts)
            counts = counts[at]
        else:
            at, where = np.unique(code, return_inverse=True)
            counts = np.bincount(where, self.weight, len(at)).astype(np.float64)
        return (at // self.k).astype(np.int32), (at % self.k).astype(np.int32), counts

    @cached_property
    def losses(self) -> dict[str, Floats]:
        """Measures of single rows (n,), whose means are metrics; empty without scores."""
        if self.content.scores is None:
            return {}
        made = {"log_loss": self.rows.loss, "brier": self.rows.brier}
        for cutoff in self.cutoffs:
            made[f"top_k_accuracy@{cutoff}"] = (self.rows.before < cutoff).astype(np.float64)
        return made

    @cached_property
    def bin_of(self) -> Codes | None:
        """The bin of the highest probability (n,), bins of equal width open below; None without scores."""
        if self.content.scores is None:
            return None
        inner = np.linspace(0, 1, self.parameters.bins + 1)[1:-1]
        return np.searchsorted(inner, self.rows.confidence, side="left").astype(np.int32)

    @cached_property
    def gap(self) -> Floats:
        """Whether the highest score's class is right, less its probability, times the row's weight (n,)."""
        apart: Floats = (self.rows.top == self.truth) - self.rows.confidence
        return apart if self.weight is None else apart * self.weight

    @property
    def gaps(self) -> Floats:
        """The sum of `gap` in each bin over the weight of all rows (bins,); raises Undefined without rows or scores."""
        if self.bin_of is None:
            raise Undefined("there are no scores per class")
        total = float(self.n if self.weight is None else self.weight.sum())
        if total <= 0:
            raise Undefined("there are no rows" if self.n == 0 else "all weights are 0")
        summed: Floats = np.bincount(self.bin_of, self.gap, self.parameters.bins) / total
        return summed

    @cached_property
    def drawn(self) -> dict[str, Floats]:
        """Metrics of resampled rows, (replicates,) each, drawn alike for two models over the same rows."""
        return draws.by_rows(self)

    @cached_property
    def drawn_cells(self) -> dict[str, Floats]:
        """Metrics of the confusion matrix under resampling, at a cost without n; not to be paired."""
        return draws.by_cells(self)

    @cached_property
    def rest(self) -> Floats:
        """Area under the ROC curve of each class (K,) against all others; raises Undefined without scores."""
        return roc.rest(self) if self.weight is None else self.areas.rest

    @cached_property
    def areas(self) -> roc.Areas:
        """The areas with what each row moves them by, for their spread; raises Undefined without scores."""
        return roc.areas(self)

    @cached_property
    def drawn_areas(self) -> dict[str, Floats]:
        """Areas of resampled rows, (replicates,) each; raises Undefined for many rows."""
        return roc.drawn(self)

    @property
    def cutoffs(self) -> tuple[int, ...]:
        """The K of top-K accuracy."""
        return self.parameters.cutoffs or (5,)


def view(predictions: Predictions, sampling: Sampling, parameters: Parameters) -> MulticlassView:
    """Return the view of a file's predictions; raises TypeError for those of another task."""
    content = predictions.content
    if not isinstance(content, Multiclass):
        raise TypeError(f"expected predictions of several classes, found {type(content).__name__}")
    statistics = 3 * len(content.labels) + 2 * parameters.bins + 8
    most = int(np.clip(MOST_STATISTICS // statistics, LEAST_GROUPS, 5000))
    return MulticlassView(
        content=content,
        weight=None if predictions.weight is None else predictions.weight.astype(np.float64),
        sampling=grouped(len(content.truth), sampling, most),
        clustered=sampling.clusters is not None,
        parameters=parameters,
    )
