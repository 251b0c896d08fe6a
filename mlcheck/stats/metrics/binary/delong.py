"""The spread of the area under the ROC curve without resampling.

DeLong, DeLong & Clarke-Pearson 1988, Comparing the areas under two or more correlated ROC curves; for rows in
clusters Obuchowski 1997, Nonparametric analysis of clustered ROC curve data, Biometrics 53, p. 567.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlcheck.stats.intervals import two_sided_z
from mlcheck.stats.metrics.metric import Interval

if TYPE_CHECKING:
    from mlcheck.stats.metrics.binary.groups import Groups
    from mlcheck.stats.metrics.binary.packed import Moments, Packed
    from mlcheck.stats.metrics.binary.sweep import Totals


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """An AUC and the variance of it, for independent rows without weights."""

    auc: float
    variance: float


class AreaSums:
    """The AUC and its variance.

    A placement is how many of the other class one row is on the right side of, equal scores counting half; the AUC is
    the mean of the placements of either class. A class of one row tells no spread: it counts as none.
    """

    def __init__(self, totals: Totals, centre: float = 0.5) -> None:
        """Squares are those of the distance from `centre` (0..1); the nearer to the AUC, the less is lost to rounding."""
        self._sizes = (totals.positive, totals.negative)
        self._centres = (centre * totals.negative, centre * totals.positive)
        self._twice_above = 0
        self._off = [0.0, 0.0]
        self._squares = [0.0, 0.0]

    def add(self, piece: Groups) -> None:
        """Take in the next piece."""
        self._take(int(piece.twice_above), piece.moments(self._centres))

    def add_order(self, piece: Packed, negatives_below: float, positives_above: float) -> None:
        """Take in the next piece of which only the classes are known, with what stands below and above it."""
        moments = piece.moments(negatives_below, positives_above, self._centres)
        self._take(piece.twice_above(negatives_below), moments)

    def _take(self, twice_above: int, moments: Moments) -> None:
        self._twice_above += twice_above
        for side, (off, squares) in enumerate(moments):
            self._off[side] += off
            self._squares[side] += squares

    @property
    def result(self) -> Area:
        """What the pieces make together."""
        pairs = self._sizes[0] * self._sizes[1]
        variance = 0.0
        for n, others, off, squares in zip(
            self._sizes, self._sizes[::-1], self._off, self._squares, strict=True
        ):
            if n > 1:
                variance += max(0.0, squares - off * off / n) / (n - 1) / n / others**2
        return Area(auc=self._twice_above / (2 * pairs), variance=variance)


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
