"""Predictions of labels with what their metrics share: computed once, when first asked for."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from mlcheck.model.predictions import Multilabel
from mlcheck.stats.metrics import means
from mlcheck.stats.metrics.metric import Undefined
from mlcheck.stats.metrics.multilabel import curves
from mlcheck.stats.metrics.resample import MOST_GROUPS, MOST_ROWS, column_sums, grouped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlcheck.model import Floats
    from mlcheck.model.predictions import Bools, Codes, Predictions, Reals
    from mlcheck.stats.metrics.parameters import Parameters
    from mlcheck.stats.metrics.resample import Sampling

MOST_STATISTICS = 1 << 23
"""Numbers held of the rows or groups that are drawn: 64 MiB."""
LEAST_GROUPS = 200


class Counts(NamedTuple):
    """Weighted numbers of rows by label, (..., L) each: predicted rightly, predicted, true; and of all rows (...)."""

    right: Floats
    predicted: Floats
    true: Floats
    rows: Floats


@dataclass(frozen=True, kw_only=True, eq=False)
class MultilabelView:
    """n rows of L labels. `weight` (n,) is None where all rows count alike; `clustered`: rows belong together.

    `threshold` on the score decides where the file has no predictions. `sampling` draws by random groups where rows are
    too many to be drawn by themselves.
    """

    content: Multilabel
    weight: Floats | None
    sampling: Sampling
    clustered: bool
    threshold: float

    @property
    def n(self) -> int:
        """The number of rows."""
        return len(self.content.truth)

    @property
    def labels(self) -> tuple[str, ...]:
        """The names of the labels."""
        return self.content.labels

    @property
    def clusters(self) -> Codes | None:
        """What rows (n,) belong to, None where they are independent."""
        return self.sampling.clusters if self.clustered else None

    @property
    def plain(self) -> bool:
        """Whether rows are independent and count alike, as analytic intervals ask for."""
        return self.weight is None and not self.clustered

    @property
    def truth(self) -> Bools:
        """Whether a row carries a label (n, L)."""
        return self.content.truth

    @property
    def scores(self) -> Reals:
        """The scores (n, L); raises Undefined where the file has none."""
        if self.content.scores is None:
            raise Undefined("there are no scores")
        return self.content.scores

    @cached_property
    def predicted(self) -> Bools:
        """Whether a label is predicted (n, L): the file's, else where its score reaches the threshold."""
        if self.content.predicted is not None:
            return self.content.predicted
        over: Bools = self.scores >= self.threshold
        return over

    @cached_property
    def right(self) -> Bools:
        """Labels that are predicted and true (n, L)."""
        return self.truth & self.predicted

    @cached_property
    def exact(self) -> Bools:
        """Whether all labels of a row are right (n,)."""
        all_right: Bools = (self.truth == self.predicted).all(axis=1)
        return all_right

    @cached_property
    def counts(self) -> Counts:
        """Sums over all rows, (L,); raises Undefined where there is nothing to sum."""
        if self.n == 0:
            raise Undefined("there are no rows")
        weight = np.ones(self.n) if self.weight is None else self.weight
        if weight.sum() <= 0:
            raise Undefined("all weights are 0")
        right, predicted, true = (
            np.array([np.dot(weight, column) for column in part.T])
            for part in (self.right, self.predicted, self.truth)
        )
        return Counts(right, predicted, true, np.asarray(weight.sum()))

    @property
    def both(self) -> Bools:
        """Labels of which some rows are true and some are not (L,): those with curves."""
        held: Bools = (self.counts.true > 0) & (self._untrue > 0)
        return held

    @cached_property
    def _untrue(self) -> Floats:
        weight = np.ones(self.n) if self.weight is None else self.weight
        return np.array([np.dot(weight, ~column) for column in self.truth.T])

    @cached_property
    def losses(self) -> dict[str, Floats]:
        """What a row adds to the metrics that are means over rows (n,)."""
        right = self.right.sum(axis=1, dtype=np.float64)
        predicted, true = (part.sum(axis=1, dtype=np.float64) for part in (self.predicted, self.truth))
        made = {
            "hamming_loss": (self.truth != self.predicted).mean(axis=1),
            "subset_accuracy": self.exact.astype(np.float64),
            "samples_f1": _shares(2 * right, predicted + true),
            "samples_precision": _shares(right, predicted),
            "samples_recall": _shares(right, true),
        }
        if self.content.scores is not None:
            made["log_loss"] = log_losses(self.content.scores, self.truth, self.content.kind)
        return made

    def _columns(self) -> Iterator[Floats]:
        """Yield the columns whose sums make all counts and losses, weighted."""
        weight = np.ones(self.n) if self.weight is None else self.weight
        yield weight
        for part in (self.right, self.predicted, self.truth):
            yield from (weight * column for column in part.T)
        yield from (weight * loss for loss in self.losses.values())

    @cached_property
    def _drawn_sums(self) -> Floats:
        means.check_units(self.n, self.clusters)
        return column_sums(self._columns(), self.sampling)

    @cached_property
    def drawn_counts(self) -> Counts:
        """Counts of resampled rows, (replicates, L), drawn alike for two models over the same rows."""
        size = len(self.labels)
        rows, right, predicted, true = np.split(
            self._drawn_sums[:, : 1 + 3 * size], (1, 1 + size, 1 + 2 * size), axis=1
        )
        return Counts(right, predicted, true, rows[:, 0])

    @cached_property
    def drawn_losses(self) -> dict[str, Floats]:
        """Means over resampled rows, (replicates,) each; NaN where all weights drawn are 0."""
        sums, first = self._drawn_sums, 1 + 3 * len(self.labels)
        with np.errstate(invalid="ignore", divide="ignore"):
            return {name: sums[:, first + i] / sums[:, 0] for i, name in enumerate(self.losses)}

    @cached_property
    def by_label(self) -> curves.ByLabel:
        """Areas of each label's curves, and what each row moves their means by; raises Undefined without scores."""
        return curves.by_label(self.scores, self.truth, self.weight, self.both)

    @cached_property
    def pooled(self) -> curves.Moved:
        """Areas of the curves of all decisions together, and what each row moves them by."""
        return curves.pooled(self.scores, self.truth, self.weight)

    @cached_property
    def drawn_curves(self) -> dict[str, Floats]:
        """Areas of resampled rows, (replicates,) each, by metric."""
        means.check_units(self.n, self.clusters)
        return curves.drawn(self.scores, self.truth, self.weight, self.both, self.sampling)


def _shares(above: Floats, below: Floats) -> Floats:
    """Return above / below (n,), 0 where below is 0, as scikit-learn."""
    made: Floats = np.divide(above, below, out=np.zeros_like(above), where=below > 0)
    return made


def log_losses(scores: Reals, truth: Bools, kind: str) -> Floats:
    """Return (n,) the mean over labels of -log of the probability given to what is true.

    Probabilities are clipped by the epsilon of float64; logits go through a stable log(1 + exp).
    """
    eps = float(np.finfo(np.float64).eps)
    if kind == "logit":
        wide = scores.astype(np.float64)
        each: Floats = np.logaddexp(0.0, np.where(truth, -wide, wide))
    elif kind == "log-probability":
        wide = scores.astype(np.float64)
        true = np.where(np.isneginf(wide), math.log(eps), wide)
        untrue = np.log(np.maximum(-np.expm1(np.minimum(wide, 0.0)), eps))
        each = -np.where(truth, true, untrue)
    else:
        p = np.clip(scores.astype(np.float64), eps, 1 - eps)
        each = -np.log(np.where(truth, p, 1 - p))
    return np.asarray(each.mean(axis=1), dtype=np.float64)


def view(predictions: Predictions, sampling: Sampling, parameters: Parameters) -> MultilabelView:
    """Return the view of a file's predictions; raises TypeError for those of another task."""
    content = predictions.content
    if not isinstance(content, Multilabel):
        raise TypeError(f"expected predictions of labels, found {type(content).__name__}")
    usual = {"probability": 0.5, "log-probability": math.log(0.5), "logit": 0.0}[content.kind]
    statistics = 3 * len(content.labels) + 8
    most = int(np.clip(MOST_STATISTICS // statistics, LEAST_GROUPS, MOST_GROUPS))
    return MultilabelView(
        content=content,
        weight=None if predictions.weight is None else predictions.weight.astype(np.float64),
        sampling=grouped(len(content.truth), sampling, most, min(MOST_ROWS, MOST_STATISTICS // statistics)),
        clustered=sampling.clusters is not None,
        threshold=usual if parameters.threshold is None else parameters.threshold,
    )
