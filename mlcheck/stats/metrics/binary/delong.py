"""The spread of the area under the ROC curve without resampling.

DeLong, DeLong & Clarke-Pearson 1988, Comparing the areas under two or more correlated ROC curves; for rows in
clusters Obuchowski 1997, Nonparametric analysis of clustered ROC curve data, Biometrics 53, p. 567.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from mlcheck.stats.intervals import two_sided_z
from mlcheck.stats.metrics.metric import Interval

if TYPE_CHECKING:
    from mlcheck.stats.metrics.binary.sweep import Groups, Totals


class SpreadSums:
    """The variance of the AUC of independent rows without weights.

    A placement is how often one row is on the right side of those of the other class, equal scores counting half; the
    AUC is the mean of the placements of either class. A class of one row tells no spread: it counts as none.
    """

    def __init__(self, totals: Totals, centre: float = 0.5) -> None:
        """Deviations are taken from `centre`; the nearer to the AUC, the less is lost to rounding."""
        self._totals, self._centre = totals, centre
        self._squares = [0.0, 0.0]

    def add(self, piece: Groups) -> None:
        """Take in the next piece."""
        wins = (piece.negative_below + 0.5 * piece.negative) / self._totals.negative - self._centre
        self._squares[0] += float(np.dot(piece.positive, wins * wins))
        wins = 1 - (piece.positive_below + 0.5 * piece.positive) / self._totals.positive - self._centre
        self._squares[1] += float(np.dot(piece.negative, wins * wins))

    def variance(self, auc: float) -> float:
        """Return the variance, given the area that the pieces make."""
        sizes = (self._totals.positive, self._totals.negative)
        off = (auc - self._centre) ** 2
        squares = (max(0.0, total - n * off) for total, n in zip(self._squares, sizes, strict=True))
        return sum(total / (n - 1) / n for total, n in zip(squares, sizes, strict=True) if n > 1)


def logit_interval(auc: float, spread: float, level: float, method: str) -> Interval:
    """Return the interval that is symmetric around logit(AUC), which covers better than AUC ± z sd near 1."""
    half = two_sided_z(level) * math.sqrt(spread) / (auc * (1 - auc))
    centre = math.log(auc / (1 - auc))
    return Interval(low=_expit(centre - half), high=_expit(centre + half), method=method)


def _expit(x: float) -> float:
    return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))


def score_interval(auc: float, positives: float, negatives: float, level: float) -> Interval:
    """Return the areas that would not be rejected by the sample, where DeLong's variance is zero (all or none right).

    Newcombe 2006, Confidence intervals for an effect size measure based on the Mann-Whitney statistic, part 2, Statistics
    in Medicine 25, p. 559, method 5: z^2 times the Hanley & McNeil variance at the bound equals the squared distance.
    """
    z = two_sided_z(level)
    size = (positives + negatives) / 2 - 1

    def beyond(bound: float) -> bool:
        tails = (1 + size * (1 - bound) / (2 - bound)) + size * bound / (1 + bound)
        return (auc - bound) ** 2 > z * z * bound * (1 - bound) * tails / (positives * negatives)

    def search(outside: float) -> float:
        inside = auc
        if not beyond(outside):
            return outside
        for _ in range(60):
            middle = (inside + outside) / 2
            inside, outside = (inside, middle) if beyond(middle) else (middle, outside)
        return inside

    return Interval(low=search(0.0), high=search(1.0), method="Newcombe's score interval")
