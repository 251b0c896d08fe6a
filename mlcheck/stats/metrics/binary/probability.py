"""Metrics of the probabilities: how much they give to the truth, and whether they mean what they say."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from mlcheck.stats.intervals import two_sided_p
from mlcheck.stats.metrics.binary import chances
from mlcheck.stats.metrics.binary.draws import drawn_sums, normal_draws, told
from mlcheck.stats.metrics.binary.paired import same_rows
from mlcheck.stats.metrics.metric import (
    Difference,
    Interval,
    Metric,
    Undefined,
    from_draws,
    normal,
    percentiles,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mlcheck.model import Floats
    from mlcheck.stats.metrics.binary.rows import BinaryView

    Value: TypeAlias = Callable[[BinaryView], float]

RANK = 30


def log_loss(view: BinaryView) -> float:
    """Mean of -ln of the probability given to the truth, in nats. Range 0.., lower is better.

    Probabilities are clipped by the epsilon of float64, 2.2e-16, as in scikit-learn; a certain and wrong one so costs 36
    nats where it would cost infinity. The loss of a logit is computed from the logit itself.
    """
    return view.chances.loss / _weight(view)


def brier(view: BinaryView) -> float:
    """Mean of (p - y)^2. Range 0..1, lower is better. A logit's p is 1 / (1 + exp(-logit)).

    Brier 1950, Monthly Weather Review 78, p. 1.
    """
    return view.chances.square / _weight(view)


def ece(view: BinaryView) -> float:
    """Error of calibration (ECE): |mean p - share of positives| by bin of p, averaged by the rows in the bins.

    15 bins of equal width unless chosen otherwise; a bin holds its upper edge. Range 0..1, lower is better; never 0 on
    a sample. A logit's p is 1 / (1 + exp(-logit)). Naeini, Cooper & Hauskrecht 2015; Guo et al. 2017.
    """
    _weight(view)
    return view.chances.calibration_error


def _weight(view: BinaryView) -> float:
    """Return the weight of all rows; raise Undefined where there is none."""
    if not view.chances.weight:
        raise Undefined("there are no rows")
    return view.chances.weight


def _mean_interval(column: int, value: float, view: BinaryView) -> Interval:
    level = view.sampling.level
    if view.plain and not view.one_by_one:
        total, squares = (float(moment[column]) for moment in view.loss_moments)
        spread = math.sqrt(max(0.0, squares - total**2 / view.n) / (view.n - 1) / view.n)
        return normal(value, spread, level, "normal", bounds=(0.0, math.inf))
    low, high = percentiles(_mean_draws(column, view), level)
    return Interval(low=low, high=high, method=told(view.n, view.sampling))


def _mean_draws(column: int, view: BinaryView) -> Floats:
    def pieces() -> Iterator[Floats]:
        for (_, weight), loss in zip(view.slices(), view.loss_pieces(), strict=True):
            yield np.stack([loss[:, column] * weight, weight], axis=1)

    drawn = drawn_sums(pieces(), view.n, view.sampling)
    return drawn[:, 0] / drawn[:, 1]


def _ece_interval(view: BinaryView) -> Interval:
    """Return the basic bootstrap interval, down to 0 where calibrated probabilities would do no better.

    Noise in the bins adds to the error, and in resamples once more: reflecting the draws at the value takes that bias
    away (Davison & Hinkley 1997, section 5.2). Where the error is within what noise alone makes of bins without any, 0
    is inside (Broecker & Smith 2007, Weather and Forecasting 22, p. 651). The value itself is always inside.
    """
    value, level = ece(view), view.sampling.level
    sums = view.chances
    drawn, weight = _gap_draws(view)
    errors = np.abs(drawn).sum(axis=1) / weight
    if view.sampling.clusters is None:
        noise = normal_draws(np.zeros(len(sums.bin_variance)), np.diag(sums.bin_variance), view.sampling)
    else:  # rows of a cluster err together
        noise = drawn - (sums.bin_probability - sums.bin_positive)
    low, high = percentiles(errors, level)
    calibrated = value <= np.quantile(np.abs(noise).sum(axis=1), level) / sums.weight
    return Interval(
        low=0.0 if calibrated else max(0.0, min(value, 2 * value - high)),
        high=max(value, 2 * value - low),
        method=f"{_how(view)}, reflected",
    )


def _gap_draws(view: BinaryView) -> tuple[Floats, Floats]:
    """Return resampled sums of w (p - y) by bin, (replicates, bins), and of w, (replicates,)."""
    if view.plain and not view.one_by_one:
        gap = view.chances.bin_probability - view.chances.bin_positive
        covariance = np.diag(view.chances.bin_square) - np.outer(gap, gap) / view.n
        return normal_draws(gap, covariance, view.sampling), np.full(view.sampling.replicates, float(view.n))
    pieces = (np.column_stack([g, w]) for g, (_, w) in zip(_bin_gaps(view), view.slices(), strict=True))
    drawn = drawn_sums(pieces, view.n, view.sampling)
    return drawn[:, :-1], drawn[:, -1]


def _how(view: BinaryView) -> str:
    return view.sampling.told if view.one_by_one else told(view.n, view.sampling)


def _bin_gaps(view: BinaryView) -> Iterator[Floats]:
    """Yield w (p - y) of rows in the column of their bin, (b, bins)."""
    bins = view.parameters.bins
    edges = chances.bin_edges(bins)
    for rows, weight in view.slices():
        p = chances.probabilities(view.score[rows].astype(np.float64), view.kind)
        gaps = np.zeros((len(p), bins))
        gaps[np.arange(len(p)), np.searchsorted(edges, p)] = weight * (p - view.truth[rows])
        yield gaps


def _ece_draws(view: BinaryView) -> Floats:
    drawn, weight = _gap_draws(view)
    return np.asarray(np.abs(drawn).sum(axis=1) / weight)


def _row_draws(draws: Callable[[BinaryView], Floats], view: BinaryView) -> Floats:
    if not view.one_by_one:
        raise Undefined(f"too many rows to {'draw one by one' if view.in_memory else 'hold in memory'}")
    return draws(view)


def _mean_test(column: int, value: Value, a: BinaryView, b: BinaryView) -> Difference:
    """Return the paired bootstrap of the mean difference."""
    same_rows(a, b)

    def pieces() -> Iterator[Floats]:
        for (_, weight), one, other in zip(a.slices(), a.loss_pieces(), b.loss_pieces(), strict=True):
            yield np.stack([(one - other)[:, column] * weight, weight], axis=1)

    drawn = drawn_sums(pieces(), a.n, a.sampling)
    return _tested(value(a), value(b), drawn[:, 0] / drawn[:, 1], a)


def _ece_test(a: BinaryView, b: BinaryView) -> Difference:
    """Return the paired bootstrap of the difference of two calibration errors."""
    same_rows(a, b)
    pieces = (
        np.column_stack([one, other, weight])
        for one, other, (_, weight) in zip(_bin_gaps(a), _bin_gaps(b), a.slices(), strict=True)
    )
    drawn = np.abs(drawn_sums(pieces, a.n, a.sampling))
    bins = a.parameters.bins
    gap = (drawn[:, :bins].sum(axis=1) - drawn[:, bins : 2 * bins].sum(axis=1)) / drawn[:, -1]
    return _tested(ece(a), ece(b), gap, a)


def _tested(a: float, b: float, gaps: Floats, view: BinaryView) -> Difference:
    """Return the bootstrap's test, with the p-value of the normal law where that is what was drawn from."""
    made = replace(from_draws(a, b, gaps, view.sampling), method=f"paired {told(view.n, view.sampling)}")
    spread = float(np.std(gaps))
    if view.one_by_one or not spread > 0:
        return made
    return replace(made, p_value=two_sided_p((a - b) / spread))


METRICS: tuple[Metric, ...] = (
    Metric(
        name="log_loss",
        better="lower",
        value=log_loss,
        interval=lambda view: _mean_interval(0, log_loss(view), view),
        draws=partial(_row_draws, partial(_mean_draws, 0)),
        test=partial(_mean_test, 0, log_loss),
        high=math.inf,
        unit="nats",
    ),
    Metric(
        name="brier",
        better="lower",
        value=brier,
        interval=lambda view: _mean_interval(1, brier(view), view),
        draws=partial(_row_draws, partial(_mean_draws, 1)),
        test=partial(_mean_test, 1, brier),
    ),
    Metric(
        name="ece",
        better="lower",
        value=ece,
        interval=_ece_interval,
        draws=partial(_row_draws, _ece_draws),
        test=_ece_test,
    ),
)
