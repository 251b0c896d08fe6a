"""How good probabilities are: logarithmic loss, Brier score, calibration error; in blocks, so that little is held.

Log-loss: mean of -ln(probability of what is true), clipped to [eps, 1 - eps] of float64 as scikit-learn does. Brier 1950:
mean of (p - y)². Expected calibration error (Naeini, Cooper & Hauskrecht 2015) over bins of equal width: the mean over
bins of |share of positives - mean probability|, weighed by their rows; the bin of p is ceil(p x bins) - 1, 0 for p = 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from mlcheck.model import Floats
    from mlcheck.model.predictions import Bools

BLOCK = 1 << 17
EPS = float(np.finfo(np.float64).eps)


@dataclass(frozen=True, slots=True, eq=False)
class Losses:
    """Sums over rows (weighted where there are weights): of the losses, their squares, and by bin (bins,)."""

    total: float
    log: float
    log_squared: float
    brier: float
    brier_squared: float
    rows: Floats
    positives: Floats
    probability: Floats

    @property
    def ece(self) -> float:
        """The expected calibration error, 0..1."""
        return float(np.abs(self.positives - self.probability).sum()) / self.total


def losses(truth: Bools, probability: Floats, weight: Floats | None, bins: int) -> Losses:
    """Return the sums; `probability` (n,) within 0..1, `weight` (n,) or None."""
    sums = np.zeros(5)
    by_bin = np.zeros((3, bins))
    for start in range(0, len(truth), BLOCK):
        part = slice(start, start + BLOCK)
        y, p = truth[part], probability[part]
        w = None if weight is None else weight[part]
        log, brier = row_losses(y, p)
        if w is None:
            sums += np.array([len(y), log.sum(), log @ log, brier.sum(), brier @ brier])
        else:
            sums += np.array([w.sum(), w @ log, w @ (log * log), w @ brier, w @ (brier * brier)])
        place = bin_of(p, bins)
        hits = y if w is None else y * w
        by_bin[0] += np.bincount(place, w, minlength=bins)
        by_bin[1] += np.bincount(place, hits, minlength=bins)
        by_bin[2] += np.bincount(place, p if w is None else p * w, minlength=bins)
    total, log_sum, log_squares, brier_sum, brier_squares = map(float, sums)
    return Losses(total, log_sum, log_squares, brier_sum, brier_squares, *by_bin)


def row_losses(truth: Bools, p: Floats) -> tuple[Floats, Floats]:
    """Return (log-loss, squared error) of every row, shapes (n,)."""
    given = np.where(truth, p, 1 - p)
    log = -np.log(np.clip(given, EPS, 1 - EPS))
    wrong = 1 - given
    return log, wrong * wrong


def bin_of(p: Floats, bins: int) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """Return the bin of each probability: (i / bins, (i + 1) / bins], the first with 0."""
    return np.clip(np.ceil(p * bins).astype(np.intp) - 1, 0, bins - 1)
