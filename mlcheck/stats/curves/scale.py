"""Scores of any metric as errors that fall to 0, and back."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from mlcheck.model.common import Floats

SHARES = re.compile(
    r"(^|_)(acc|accuracy|f1|auc|auroc|auprc|precision|recall|iou|dice|map|ndcg|em|average_precision|top\d*)(_|$)"
)
"""Metrics that lie within 0 and 1, or 0 and 100."""
PERCENTS = re.compile(r"(^|_)(score|scores|bleu|rouge|chrf|hit|mrr)(_|$)")
"""Metrics that may be written in percent."""
ERROR_SHARES = re.compile(r"(^|_)(error|errors|err|error_rate|misclassification|wer|cer)(_|$)")
LEAST_WIDTH = 1e-300


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """error = (top - score) / factor where higher is better, (score - top) / factor where lower is.

    `bounded` says that the error is a share, 0..1; else it is a loss above 0. `point` is what one point of the metric
    is in its own units: 0.01 of a share, 1 of a percentage, 1 of a loss.
    """

    top: float
    factor: float
    higher: bool
    bounded: bool
    point: float

    def error(self, score: Floats) -> Floats:
        """Return the errors of scores, any shape."""
        return np.asarray((self.top - score if self.higher else score - self.top) / self.factor)

    def score(self, error: float) -> float:
        """Return the score of an error."""
        return self.top - self.factor * error if self.higher else self.top + self.factor * error


def scale(metric: str, score: Floats, *, higher: bool) -> Scale:
    """Find the scale of finite scores, shape (k,), by the name of the metric and where they lie.

    Shares and percentages are bounded. R squared and the like (at most 1, perhaps negative) are complemented; negated
    losses are losses; what has no known best value is measured from a span beyond the best that was seen.
    """
    low, high = float(score.min()), float(score.max())
    name = re.sub(r"[^0-9a-z]+", "_", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", metric).casefold())
    beyond = max(high - low, abs(high) * 1e-3, LEAST_WIDTH)
    if not higher:
        if low >= 0 and high <= 1 and ERROR_SHARES.search(name):
            return Scale(top=0.0, factor=1.0, higher=False, bounded=True, point=0.01)
        top = 0.0 if low > 0 or high == low == 0 else low - beyond
        return Scale(top=top, factor=1.0, higher=False, bounded=False, point=1.0)
    if "neg" in name.split("_") and high <= 0:
        return Scale(top=0.0, factor=1.0, higher=True, bounded=False, point=1.0)
    if low >= 0 and high <= 1 and "r2" not in name.split("_"):
        return Scale(top=1.0, factor=1.0, higher=True, bounded=True, point=0.01)
    if low >= 0 and high <= 100 and (SHARES.search(name) or PERCENTS.search(name)):
        return Scale(top=100.0, factor=100.0, higher=True, bounded=True, point=1.0)
    if high <= 1:
        return Scale(top=1.0, factor=1.0, higher=True, bounded=False, point=0.01)
    return Scale(top=high + beyond, factor=1.0, higher=True, bounded=False, point=1.0)


def out_of_range(metric: str, score: Floats) -> float | None:
    """Return a score that a metric of that name cannot have (an accuracy of -0.2, a recall of 140), None without one."""
    name = re.sub(r"[^0-9a-z]+", "_", metric.casefold())
    if not SHARES.search(name):
        return None
    wrong = score[(score < 0) | (score > 100)]
    mixed = score[score > 1.0] if len(score) and np.median(score) <= 1 else score[:0]
    found = wrong if len(wrong) else mixed
    return float(found[0]) if len(found) else None
