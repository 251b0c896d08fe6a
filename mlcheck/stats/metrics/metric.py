"""What a metric is, how it gets its interval, and how two models are compared by it.

A metric reads a *view*: the predictions of one task with what several metrics share, computed once. Its interval is
analytic where one is known (`interval`), else from `draws`, the metric of resampled predictions. Two views of the same
rows with the same seed draw the same rows, so that the difference of their draws is that of paired predictions.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from mlcheck.stats.intervals import two_sided_z

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlcheck.model import Direction, Floats
    from mlcheck.stats.metrics.resample import Sampling


class Undefined(Exception):
    """A metric has no value on these predictions; the text says why, such as "the truth holds one class only"."""


class View(Protocol):
    """Predictions of one task as its metrics read them."""

    @property
    def sampling(self) -> Sampling:
        """How intervals are made: level, replicates, seed, clusters."""
        ...

    @property
    def n(self) -> int:
        """How many independent examples there are: rows, queries, texts."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A confidence interval and how it was made ("Wilson", "DeLong", "bootstrap of 1,000 stratified samples")."""

    low: float
    high: float
    method: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A metric's value with its interval. `value` is None where undefined, `low` and `high` where there is no interval;
    `reason` then says why.
    """  # noqa: D205  (one sentence)

    value: float | None
    low: float | None = None
    high: float | None = None
    method: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Metric of A minus that of B over the same examples, its interval, and the two-sided p-value of no difference."""

    a: float | None
    b: float | None
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    p_value: float | None = None
    method: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One metric of a task; the docstring of `value` is its documentation (formula, range, direction, source).

    `value(view)` gives a float or raises Undefined. `interval(view)` is analytic and raises Undefined where it does not
    hold (weights, clusters, too few rows): then `draws(view)`, shape (replicates,), with NaN where the metric of a
    replicate is undefined, gives the percentile interval. `test(a, b)` is an analytic paired test, under the same terms.
    `low` and `high` bound the metric; `unit` is what it is counted in, if anything ("target squared", "bits").
    """

    name: str
    better: Direction
    value: Callable[[Any], float]
    interval: Callable[[Any], Interval] | None = None
    draws: Callable[[Any], Floats] | None = None
    test: Callable[[Any, Any], Difference] | None = None
    low: float = 0.0
    high: float = 1.0
    unit: str = ""


LEAST_DEFINED = 0.5
"""Share of replicates in which a metric must be defined for their spread to be an interval."""


def estimate(metric: Metric, view: View) -> Estimate:
    """Return the metric's value and interval; where either is undefined, None and the reason."""
    try:
        value = metric.value(view)
    except Undefined as why:
        return Estimate(value=None, reason=str(why))
    try:
        made = _interval(metric, view)
    except Undefined as why:
        return Estimate(value=value, reason=f"no interval: {why}")
    return Estimate(value=value, low=made.low, high=made.high, method=made.method)


def _interval(metric: Metric, view: View) -> Interval:
    reason: Undefined | None = None
    if metric.interval is not None:
        try:
            return metric.interval(view)
        except Undefined as why:
            reason = why
    if metric.draws is None:
        raise reason or Undefined("none is known for this metric")
    low, high = percentiles(metric.draws(view), view.sampling.level)
    return Interval(low=low, high=high, method=view.sampling.told)


def compare(metric: Metric, a: View, b: View) -> Difference:
    """Return the paired difference of two models by a metric: `a` and `b` must hold the same examples in one order."""
    values: list[float | None] = []
    reason = ""
    for view in (a, b):
        try:
            values.append(metric.value(view))
        except Undefined as why:
            values.append(None)
            reason = str(why)
    first, second = values
    if first is None or second is None:
        return Difference(a=first, b=second, reason=reason)
    if metric.test is not None:
        try:
            return metric.test(a, b)
        except Undefined as why:
            reason = str(why)
    if metric.draws is None:
        return Difference(
            a=first, b=second, difference=first - second, reason=reason or "no paired test is known"
        )
    try:
        return from_draws(first, second, metric.draws(a) - metric.draws(b), a.sampling)
    except Undefined as why:
        return Difference(a=first, b=second, difference=first - second, reason=str(why))


def from_draws(a: float, b: float, differences: Floats, sampling: Sampling) -> Difference:
    """Return the difference with the percentile interval of its draws, and the p-value that inverts that interval.

    The p-value is twice the smaller share of draws on one side of zero, counting the sample itself so that it is never
    zero (Davison & Hinkley 1997, Bootstrap methods and their application, section 4.2.3); draws at zero count for both
    sides. Raises Undefined where the metric is undefined in most draws.
    """
    low, high = percentiles(differences, sampling.level)
    good = differences[np.isfinite(differences)]
    below = (1 + np.count_nonzero(good <= 0)) / (1 + len(good))
    above = (1 + np.count_nonzero(good >= 0)) / (1 + len(good))
    return Difference(
        a=a,
        b=b,
        difference=a - b,
        low=low,
        high=high,
        p_value=float(min(1.0, 2 * min(below, above))),
        method=f"paired {sampling.told}",
    )


def normal(value: float, sd: float, level: float, method: str, *, bounds: tuple[float, float]) -> Interval:
    """Return value ± z sd, cut at the metric's bounds. Raises Undefined for a deviation that is no number."""
    if not math.isfinite(sd):
        raise Undefined("its spread cannot be estimated")
    half = two_sided_z(level) * sd
    return Interval(low=max(bounds[0], value - half), high=min(bounds[1], value + half), method=method)


def percentiles(draws: Floats, level: float) -> tuple[float, float]:
    """Return the two quantiles between which the share `level` (0..1) of the defined draws lies.

    Raises Undefined where less than half of them are defined, for what is left is a biased choice.
    """
    good = draws[np.isfinite(draws)]
    if len(good) < max(2, LEAST_DEFINED * len(draws)):
        raise Undefined("undefined in most resamples")
    low, high = np.quantile(good, ((1 - level) / 2, (1 + level) / 2))
    return float(low), float(high)
