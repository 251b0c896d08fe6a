"""Metrics of the order of the scores, whatever the threshold."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from mlcheck.stats.metrics.binary import areas, delong, influence
from mlcheck.stats.metrics.binary.draws import drawn_in_order
from mlcheck.stats.metrics.binary.paired import same_rows
from mlcheck.stats.metrics.binary.rows import LIFT_SHARE
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
    from collections.abc import Callable

    from mlcheck.model import Floats
    from mlcheck.stats.metrics.binary.rows import BinaryView

    Statistic: TypeAlias = Callable[[Floats, Floats], Floats]
    Slopes: TypeAlias = Callable[[BinaryView], Floats]
    Value: TypeAlias = Callable[[BinaryView], float]

RANK = 20


def roc_auc(view: BinaryView) -> float:
    """Area under the ROC curve: the probability that a positive scores above a negative, ties counting half.

    Range 0..1, 0.5 for scores that know nothing; higher is better. Undefined where the truth holds one class only.
    Hanley & McNeil 1982, Radiology 143, p. 29.
    """
    view.need_both()
    return view.ranks.auc


def average_precision(view: BinaryView) -> float:
    """Mean of the precision over the positives, each at the threshold that just finds it; steps, no interpolation.

    Range 0..1, the share of positives for scores that know nothing; higher is better. Undefined where the truth holds
    one class only.
    """
    view.need_both()
    return view.ranks.average_precision


def lift(view: BinaryView) -> float:
    """Share of positives among the tenth of the rows that scores highest, over their share among all.

    Range 0..10, 1 for scores that know nothing; higher is better. Rows of one score are taken in proportion.
    """
    view.need_both()
    return view.lift


def auc_interval(view: BinaryView) -> Interval:
    """DeLong on the logit scale; clusters and weights by the bootstrap, or by its linear approximation when large."""
    if not view.plain:
        return _interval(areas.auc, influence.auc, roc_auc, view)
    made, level = view.area, view.sampling.level
    if not made.variance > 0:
        return delong.score_interval(made.auc, view.positives, view.negatives, level)
    return delong.logit_interval(made.auc, made.variance, level, "DeLong, on the logit scale")


def _lift_of(positive: Floats, negative: Floats) -> Floats:
    return areas.lift(positive, negative, LIFT_SHARE)


def _interval(statistic: Statistic, slopes: Slopes, value: Value, view: BinaryView) -> Interval:
    """Return the percentile interval of resampled score groups, or the normal one where rows are too many to draw."""
    level = view.sampling.level
    if view.plain:
        cells = view.cells
        drawn = statistic(*view.group_draws)
        good = drawn[np.isfinite(drawn)]
        if len(good) and good.min() == good.max():
            raise Undefined("every resample of these rows gives the same value")
        centre = value(view) - statistic(cells.positive[None], cells.negative[None])[0]
        low, high = percentiles(drawn + centre, level)
        of = "" if cells.exact else f" over {len(cells.score):,} groups of neighbouring scores"
        return Interval(low=low, high=high, method=view.sampling.told + of)
    if drawn_in_order(view.n, view.sampling):
        low, high = percentiles(_row_draws(view, statistic), level)
        return Interval(low=low, high=high, method=view.sampling.told)
    spread = influence.deviation(slopes(view), view)
    return normal(value(view), spread, level, influence.told(view), bounds=(0.0, math.inf))


def _draws(statistic: Statistic, view: BinaryView) -> Floats:
    if not drawn_in_order(view.n, view.sampling):
        raise Undefined("too many rows to draw one by one")
    return _row_draws(view, statistic)


def _row_draws(view: BinaryView, statistic: Statistic) -> Floats:
    return np.concatenate([statistic(positive, negative) for positive, negative, _, _ in view.row_draws()])


def _auc_test(a: BinaryView, b: BinaryView) -> Difference:
    """Return DeLong's test of two models on the same rows (Obuchowski's where these stand in clusters)."""
    same_rows(a, b)
    method = "DeLong" if a.plain and b.plain else influence.told(a)
    slopes = influence.auc(a)
    slopes -= influence.auc(b)
    return influence.paired(roc_auc(a), roc_auc(b), slopes, a, method)


def _test(statistic: Statistic, slopes: Slopes, value: Value, a: BinaryView, b: BinaryView) -> Difference:
    """Return the paired bootstrap, or a normal test by influences where rows are too many to draw."""
    same_rows(a, b)
    if drawn_in_order(a.n, a.sampling):
        drawn = _row_draws(a, statistic) - _row_draws(b, statistic)
        return from_draws(value(a), value(b), drawn, a.sampling)
    return influence.paired(value(a), value(b), slopes(a) - slopes(b), a, influence.told(a))


METRICS: tuple[Metric, ...] = (
    Metric(
        name="roc_auc",
        better="higher",
        value=roc_auc,
        interval=auc_interval,
        draws=partial(_draws, areas.auc),
        test=_auc_test,
    ),
    Metric(
        name="average_precision",
        better="higher",
        value=average_precision,
        interval=partial(_interval, areas.average_precision, influence.average_precision, average_precision),
        draws=partial(_draws, areas.average_precision),
        test=partial(_test, areas.average_precision, influence.average_precision, average_precision),
    ),
    Metric(
        name="lift@10%",
        better="higher",
        value=lift,
        interval=partial(_interval, _lift_of, influence.lift, lift),
        draws=partial(_draws, _lift_of),
        test=partial(_test, _lift_of, influence.lift, lift),
        high=1 / LIFT_SHARE,
    ),
)
