"""Losses of probabilities, summed over sorted rows: log-loss, Brier score, calibration in bins."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mlcheck.stats.metrics.binary.keys import decode

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from mlcheck.model import Floats
    from mlcheck.model.predictions import Bools, ScoreKind
    from mlcheck.stats.metrics.binary.keys import Keys, Segment

EPSILON = float(np.finfo(np.float64).eps)
"""Probabilities are kept this far from 0 and 1 in the log-loss, as scikit-learn does for float64."""
FACTORS = 16
"""Probabilities multiplied before one logarithm is taken: the product of so many stays above 1e-251."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Chances:
    """Weighted sums over rows: of the log-loss in nats, of (p - y)^2, and by bin of p.

    `loss_squares` and `square_squares` are the sums of the squares of both without weights, None where not asked for.
    A bin has its weight, the sums of p, of y and of (p - y)^2, and, by squared weights, that of p (1 - p), the variance
    of y if p is right. `certain_and_wrong` counts rows whose truth was given the probability 0.
    """

    weight: float
    loss: float
    square: float
    bin_weight: Floats
    bin_probability: Floats
    bin_positive: Floats
    bin_square: Floats
    bin_variance: Floats
    certain_and_wrong: int
    loss_squares: float | None = None
    square_squares: float | None = None

    @property
    def calibration_error(self) -> float:
        """The share-weighted mean over bins of |mean p - share of positives|."""
        return float(np.abs(self.bin_probability - self.bin_positive).sum() / self.weight)


def probabilities(score: Floats, kind: ScoreKind) -> Floats:
    """Return the probability (n,) of the positive class; a logit's is 1 / (1 + exp(-score))."""
    if kind == "probability":
        return score
    if kind == "log-probability":
        return np.asarray(np.exp(score))
    small = np.exp(-np.abs(score))
    return np.asarray(np.where(score >= 0, 1, small) / (1 + small))


def losses(score: Floats, positive: Bools, kind: ScoreKind) -> Floats:
    """Return -ln of the probability given to the truth, (n,) in nats.

    Probabilities are clipped to EPSILON .. 1 - EPSILON. Logits and log-probabilities are not: the loss of a logit z is
    ln(1 + exp(-z)) for a positive, which is exact where 1 / (1 + exp(-z)) has long become 0; only an infinite loss is
    cut, at -ln EPSILON.
    """
    if kind == "probability":
        given = score - ~positive
        np.abs(given, out=given)
        np.clip(given, EPSILON, 1 - EPSILON, out=given)
        np.log(given, out=given)
        return np.asarray(np.negative(given, out=given))
    if kind == "logit":
        loss = np.logaddexp(0, np.where(positive, -score, score))
    else:
        with np.errstate(divide="ignore"):
            loss = -np.where(positive, score, np.log(-np.expm1(score)))
    return np.where(np.isfinite(loss), loss, -math.log(EPSILON))


def bin_edges(bins: int) -> Floats:
    """Return the inner edges of `bins` intervals of equal width; each holds its upper edge, as scikit-learn's do."""
    return np.linspace(0, 1, bins + 1)[1:-1]


class ChanceSums:
    """The sums of the losses, over sorted rows as `walk` yields them."""

    def __init__(self, kind: ScoreKind, bins: int, *, squares: bool = False) -> None:
        """With `squares` those of the losses are added up, too: it takes a logarithm for each score."""
        self._kind: ScoreKind = kind
        self._edges = bin_edges(bins)
        self._bins = np.zeros((5, bins))
        self._loss: list[float] = []
        self._squares = np.zeros(2) if squares else None
        self._wrong = 0

    def add(self, rows: Segment) -> None:
        """Take in more rows."""
        for piece in pieces(rows):
            p = probabilities(piece.score, self._kind)
            cuts = np.concatenate([[0], np.searchsorted(p, self._edges, "right"), [len(p)]]).astype(np.intp)
            y = piece.positive.astype(np.float64)
            error = p - y
            wrong = np.abs(error) == 1
            columns = (np.ones(len(p)), p, y, error * error, p * (1 - p))
            self._wrong += int(np.count_nonzero(wrong) if piece.times is None else piece.times[wrong].sum())
            if piece.weights is not None:
                weight, squares = piece.weights
                columns = (weight, p * weight, y * weight, columns[3] * weight, columns[4] * squares)
            self._bins += [_sums_between(column, cuts) for column in columns]
            self._add_losses(piece, p, y, error)

    def _add_losses(self, piece: Piece, p: Floats, y: Floats, error: Floats) -> None:
        if self._kind == "probability" and piece.weights is None and self._squares is None:
            self._loss.append(_total_loss(p, y))
            return
        loss = losses(piece.score, piece.positive, self._kind)
        self._loss.append(float(loss.sum() if piece.weights is None else np.dot(loss, piece.weights[0])))
        if self._squares is not None:
            square = error * error
            times = (x if piece.times is None else x * piece.times for x in (loss, square))
            self._squares += [np.dot(x, t) for x, t in zip((loss, square), times, strict=True)]

    @property
    def result(self) -> Chances:
        """What the rows make together."""
        squares = (None, None) if self._squares is None else self._squares.tolist()
        return Chances(
            weight=float(self._bins[0].sum()),
            loss=math.fsum(self._loss),
            square=float(self._bins[3].sum()),
            bin_weight=self._bins[0],
            bin_probability=self._bins[1],
            bin_positive=self._bins[2],
            bin_square=self._bins[3],
            bin_variance=self._bins[4],
            certain_and_wrong=self._wrong,
            loss_squares=squares[0],
            square_squares=squares[1],
        )


PIECE = 1 << 16
WORTH_COUNTING = 4
"""Rows for each pair of score and class from which on the pairs are counted in place of the rows."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Piece:
    """Scores (m,) with their class, each standing for `times` rows of one score, one where that is None.

    `weights` are the sums of their weights and of the squares of these, (m,) each; None where every score counts one.
    """

    score: Floats
    positive: Bools
    weights: tuple[Floats, Floats] | None = None
    times: Floats | None = None


def pieces(rows: Segment) -> Iterator[Piece]:
    """Yield sorted rows, some at a time; those of one score and class without weights together where they are many."""
    for start in range(0, len(rows.keys), PIECE):
        keys = rows.keys[start : start + PIECE]
        if rows.weight is not None:
            weight = rows.weight[start : start + PIECE]
            yield _piece(rows, keys, (weight, weight * weight))
            continue
        fresh = np.flatnonzero(keys[1:] != keys[:-1]) + 1
        if WORTH_COUNTING * len(fresh) >= len(keys):
            yield _piece(rows, keys)
            continue
        starts = np.concatenate([[0], fresh])
        times = np.diff(starts, append=len(keys)).astype(np.float64)
        yield _piece(rows, keys[starts], (times, times), times)


def _piece(
    rows: Segment, keys: Keys, weights: tuple[Floats, Floats] | None = None, times: Floats | None = None
) -> Piece:
    score = decode(keys, negative=rows.negative)
    return Piece(score=score, positive=(keys & 1) == 0, weights=weights, times=times)


def _total_loss(p: Floats, y: Floats) -> float:
    """Return the sum of the log-loss with few logarithms: that of a product is the sum of those of its factors."""
    given = np.abs(p - (1 - y))
    np.clip(given, EPSILON, 1 - EPSILON, out=given)
    whole = len(given) // FACTORS * FACTORS
    products = np.multiply.reduce(given[:whole].reshape(FACTORS, -1), axis=0)
    return -float(np.log(products).sum() + np.log(given[whole:]).sum())


def _sums_between(values: Floats, cuts: npt.NDArray[np.intp]) -> Floats:
    """Return the sums of values[cuts[i]:cuts[i + 1]], zero for an empty range."""
    sums = np.zeros(len(cuts) - 1)
    filled = np.flatnonzero(np.diff(cuts))
    if len(filled):
        sums[filled] = np.add.reduceat(values, cuts[filled])
    return sums
