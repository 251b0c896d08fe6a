"""One sweep over the sorted scores: everything that needs their order, and the sums over probabilities on the way.

Rows of one score are one step. Chunks keep the intermediate arrays in the cache; sums are exact integers or float64.

Areas: Fawcett 2006, An introduction to ROC analysis (ties count half); average precision as the step function of
scikit-learn, sum of (recall gained) x precision. DeLong, DeLong & Clarke-Pearson 1988, eq. 4-6: the variance of the AUC
is that of the placements of each row among those of the other class.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlcheck.model import Floats
    from mlcheck.stats.metrics.binary.keys import Sorted

CHUNK = 1 << 17
EPS = float(np.finfo(np.float64).eps)
Counts = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Steps:
    """Some distinct scores in ascending order: (m,) scores, rows of either class with that very score, and with a lower one."""

    score: Floats
    positive: Counts
    negative: Counts
    positive_below: Counts
    negative_below: Counts


@dataclass(frozen=True, slots=True)
class Swept:
    """What one sweep gives; NaN where a class is absent.

    `pairs` is the number of pairs in order (ties half); `placed_positive` and `placed_negative` the sums of squared
    placements (0..1) by class. `best_f` is the largest F-beta and `best_threshold` the score it begins at.
    """

    positives: float
    negatives: float
    pairs: float
    placed_positive: float
    placed_negative: float
    precision_sum: float
    best_f: float
    best_threshold: float

    @property
    def auc(self) -> float:
        """Area under the ROC curve, 0..1."""
        both = self.positives * self.negatives
        return self.pairs / both if both else math.nan

    @property
    def average_precision(self) -> float:
        """Area under the precision-recall steps, 0..1."""
        return self.precision_sum / self.positives if self.positives else math.nan

    @property
    def auc_variance(self) -> float:
        """Variance of the AUC; NaN with fewer than two rows of a class."""
        p, n = self.positives, self.negatives
        if p < 2 or n < 2:
            return math.nan
        by_positive = max(0.0, self.placed_positive - p * self.auc**2) / (p - 1)
        by_negative = max(0.0, self.placed_negative - n * self.auc**2) / (n - 1)
        return by_positive / p + by_negative / n


def steps(rows: Sorted) -> Iterator[Steps]:
    """Yield the distinct scores in ascending order, some hundred thousand rows at a time."""
    start, below = 0, 0
    while start < len(rows):
        stop = min(start + CHUNK, len(rows))
        keys, labels = rows.part(start, stop)
        starts = np.flatnonzero(keys[1:] != keys[:-1]) + 1
        if stop < len(rows):
            if not len(starts):
                stop = _end_of_tie(rows, start, stop)
                keys, labels = rows.part(start, stop)
            else:  # the last score may go on in the next chunk
                stop = start + int(starts[-1])
                keys, labels, starts = keys[: stop - start], labels[: stop - start], starts[:-1]
        starts = np.concatenate(([0], starts))
        summed = np.cumsum(labels, dtype=np.int64)
        ends = np.append(starts[1:], len(keys)) - 1
        positive_to = summed[ends]
        positive_below = np.concatenate(([0], positive_to[:-1]))
        size = ends - starts + 1
        positive = positive_to - positive_below
        yield Steps(
            rows.scores(keys[starts]),
            positive,
            size - positive,
            below + positive_below,
            start + starts - below - positive_below,
        )
        below += int(summed[-1])
        start = stop


def _end_of_tie(rows: Sorted, start: int, stop: int) -> int:
    """Return where the score of row `start`, which fills the whole chunk, ends."""
    if rows.labels is not None:
        return int(np.searchsorted(rows.keys, rows.keys[start], side="right"))
    last = rows.keys[start] | rows.keys.dtype.type(1)
    return max(stop, int(np.searchsorted(rows.keys, last, side="right")))


def sweep(rows: Sorted, *, beta: float = 1.0) -> Swept:
    """Return what the order of the scores tells; `beta` weighs recall against precision in the best F."""
    positives = _count_positives(rows)
    negatives = len(rows) - positives
    squared = beta * beta
    pairs = twice_squares = other_squares = precisions = 0.0
    best, threshold = -1.0, math.nan
    for s in steps(rows):
        # Twice the placements, so that halves stay whole numbers.
        above = 2 * s.negative_below + s.negative
        pairs += float(above @ s.positive) / 2
        tp = positives - s.positive_below
        reached = tp + (negatives - s.negative_below)
        below = 2 * tp - s.positive
        if negatives and positives:
            a, b = above / (2.0 * negatives), below / (2.0 * positives)
            twice_squares += float((a * a) @ s.positive)
            other_squares += float((b * b) @ s.negative)
        hit = tp / reached
        precisions += float(hit @ s.positive)
        f = (1 + squared) * tp / (squared * positives + reached)
        at = int(f.argmax())
        if f[at] >= best:
            best, threshold = float(f[at]), float(s.score[at])
    return Swept(positives, negatives, pairs, twice_squares, other_squares, precisions, best, threshold)


def _count_positives(rows: Sorted) -> int:
    return sum(int(np.count_nonzero(rows.part(i, i + CHUNK)[1])) for i in range(0, len(rows), CHUNK))
