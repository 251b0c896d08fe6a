"""Two classes as their metrics read them: what several need is computed once, when it is first asked for."""

from __future__ import annotations

import math
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from mlcheck.model.predictions import Binary
from mlcheck.stats.metrics.binary import losses, replicates, weighted
from mlcheck.stats.metrics.binary.keys import Sorted, sort_scores
from mlcheck.stats.metrics.binary.sweep import Swept, sweep
from mlcheck.stats.metrics.metric import Undefined

if TYPE_CHECKING:
    from mlcheck.model import Floats, Scalar
    from mlcheck.model.predictions import Bools, Predictions, Reals
    from mlcheck.stats.metrics.binary.losses import Losses
    from mlcheck.stats.metrics.binary.threshold import Chosen
    from mlcheck.stats.metrics.parameters import Parameters
    from mlcheck.stats.metrics.resample import Sampling

USUAL_THRESHOLD = {"probability": 0.5, "logit": 0.0, "log-probability": math.log(0.5)}


class BinaryView:
    """Rows of two classes. All arrays have shape (n,)."""

    def __init__(self, predictions: Predictions, sampling: Sampling, parameters: Parameters) -> None:
        content = predictions.content
        if not isinstance(content, Binary):
            raise TypeError(f"expected rows of two classes, found {type(content).__name__}")
        self.content = content
        self.sampling = sampling
        self.parameters = parameters
        self.weight: Floats | None = None
        if predictions.weight is not None:
            self.weight = predictions.weight.astype(np.float64)

    @property
    def n(self) -> int:
        """How many rows there are."""
        return len(self.content.truth)

    @property
    def truth(self) -> Bools:
        """True for the positive class."""
        return self.content.truth

    @property
    def score(self) -> Reals:
        """The scores; raises Undefined where there are none."""
        if self.content.score is None:
            raise Undefined("no score or probability in these predictions")
        return self.content.score

    @property
    def threshold(self) -> float | None:
        """The score from which on a row is predicted positive; None where the predictions were given."""
        chosen = self.parameters.threshold
        if self.content.score is None or (self.content.predicted is not None and chosen is None):
            return None
        return USUAL_THRESHOLD[self.content.kind] if chosen is None else chosen

    @cached_property
    def predicted(self) -> Bools:
        """True where the positive class is predicted: by the threshold, or as given."""
        if self.threshold is None:
            assert self.content.predicted is not None  # noqa: S101  (either is there)
            return self.content.predicted
        decided: Bools = self.score >= self.threshold
        return decided

    @cached_property
    def confusion(self) -> tuple[float, float, float, float]:
        """(true positives, false positives, false negatives, true negatives), weighted where there are weights."""
        truth, said = self.truth, self.predicted
        if self.weight is None:
            both, p, s = (int(np.count_nonzero(x)) for x in (truth & said, truth, said))
            return both, s - both, p - both, self.n - p - s + both
        code = truth.astype(np.int64) * 2 + said
        tn, fp, fn, tp = np.bincount(code, self.weight, minlength=4)
        return float(tp), float(fp), float(fn), float(tn)

    @cached_property
    def positives(self) -> float:
        """The rows (their weight) of the positive class."""
        tp, _, fn, _ = self.confusion
        return tp + fn

    @cached_property
    def total(self) -> float:
        """All rows (their weight)."""
        return float(self.n) if self.weight is None else float(self.weight.sum())

    def demand_both_classes(self) -> None:
        """Raise Undefined where the truth holds one class only."""
        has = bool(self.truth.any()), bool((~self.truth).any())
        if not all(has):
            only = self.content.positive if has[0] else self.content.negative
            raise Undefined(f"the truth holds one class only ({only})" if any(has) else "there are no rows")

    @cached_property
    def sorted(self) -> Sorted:
        """The rows in order of their score."""
        return sort_scores(self.score, self.truth)

    @cached_property
    def swept(self) -> Swept:
        """Areas, their variance and the best F, by one sweep over the sorted scores; weights go their own way."""
        if self.weight is not None:
            return weighted.sweep(self.score, self.truth, self.weight, beta=self.parameters.beta)
        return sweep(self.sorted, beta=self.parameters.beta)

    @cached_property
    def probability(self) -> Floats:
        """The probability of the positive class, float64; raises Undefined for scores that are none."""
        if self.content.kind == "log-probability":
            return np.exp(self.score.astype(np.float64))
        if self.content.kind == "logit":
            raise Undefined("the scores are not probabilities")
        return self.score.astype(np.float64)

    @cached_property
    def losses(self) -> Losses:
        """Sums of log-loss and squared error, and the bins of the calibration error."""
        return losses.losses(self.truth, self.probability, self.weight, self.parameters.bins)

    @cached_property
    def drawn(self) -> dict[str, Floats]:
        """Draws of what the metrics are made from, shape (replicates,) each; see `replicates.draws`."""
        return replicates.draws(self)

    @cached_property
    def best_threshold(self) -> Chosen | None:
        """The threshold that is best by the rule asked for, None where there are no scores or one class only."""
        from mlcheck.stats.metrics.binary.threshold import choose

        if self.content.score is None or not 0 < self.positives < self.total:
            return None
        return choose(self)

    @property
    def threshold_told(self) -> dict[str, Scalar]:
        """What the report says of the threshold; empty where there are no scores."""
        best = self.best_threshold
        if best is None:
            return {}
        return best.told(self.threshold)


def view(predictions: Predictions, sampling: Sampling, parameters: Parameters) -> BinaryView:
    """Return the predictions as the metrics of two classes read them."""
    if not isinstance(predictions.content, Binary):
        from mlcheck.stats.metrics.binary.state import blocks_view

        return blocks_view(predictions, sampling, parameters)
    return BinaryView(predictions, sampling, parameters)
