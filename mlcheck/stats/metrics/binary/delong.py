"""The spread of the area under the ROC curve without resampling.

DeLong, DeLong & Clarke-Pearson 1988, Comparing the areas under two or more correlated ROC curves; for rows in
clusters Obuchowski 1997, Nonparametric analysis of clustered ROC curve data, Biometrics 53, p. 567.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from mlcheck.stats.intervals import two_sided_z
from mlcheck.stats.metrics.binary.sweep import groups
from mlcheck.stats.metrics.metric import Interval

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mlcheck.stats.metrics.binary.keys import Segment
    from mlcheck.stats.metrics.binary.sweep import Totals


def variance(found: Iterable[Segment], totals: Totals, auc: float) -> float:
    """Return the variance of the AUC of independent rows without weights.

    A placement is how often one row is on the right side of those of the other class, equal scores counting half; the
    AUC is the mean of the placements of either class. A class of one row tells no spread: it counts as none.
    """
    of_positives = of_negatives = 0.0
    for g in groups(found, totals):
        wins = (g.negative_below + 0.5 * g.negative) / totals.negative - auc
        of_positives += float(np.dot(g.positive, wins * wins))
        wins = 1 - (g.positive_below + 0.5 * g.positive) / totals.positive - auc
        of_negatives += float(np.dot(g.negative, wins * wins))
    return _of_mean(of_positives, totals.positive) + _of_mean(of_negatives, totals.negative)


def _of_mean(squares: float, n: float) -> float:
    return squares / (n - 1) / n if n > 1 else 0.0


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
