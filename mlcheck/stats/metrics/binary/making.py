"""How metrics of two classes get intervals and paired tests: analytic where known, resampled while rows are few, else
from the influence of each row.
"""  # noqa: D205  (one sentence)

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from mlcheck.stats.metrics import means
from mlcheck.stats.metrics.metric import Interval, Metric, Undefined, normal

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlcheck.model import Direction, Floats
    from mlcheck.stats.metrics.binary.view import BinaryView
    from mlcheck.stats.metrics.metric import Difference

MOST_DRAWN = 20_000
"""Rows up to which they are resampled; beyond, the normal interval from influences is as good and takes no time."""
BY_INFLUENCE = "normal, by the influence of each row"

Value = "Callable[[BinaryView], float]"


def metric(
    name: str,
    value: Callable[[BinaryView], float],
    *,
    influence: Callable[[BinaryView], Floats],
    of_draws: Callable[[dict[str, Floats]], Floats],
    better: Direction = "higher",
    low: float = 0.0,
    high: float = 1.0,
    analytic: Callable[[BinaryView], Interval] | None = None,
    test: Callable[[BinaryView, BinaryView], Difference] | None = None,
    unit: str = "",
) -> Metric:
    """Return a metric with its intervals. `influence(view)` is (n,), `of_draws(draws)` (replicates,) from `replicates.draws`."""
    bounds = (low, high)
    return Metric(
        name=name,
        better=better,
        value=value,
        interval=partial(_interval, value, influence, analytic, bounds),
        draws=partial(_draws, of_draws),
        test=partial(_test, value, influence, test),
        low=low,
        high=high,
        unit=unit,
    )


def _interval(
    value: Callable[[BinaryView], float],
    influence: Callable[[BinaryView], Floats],
    analytic: Callable[[BinaryView], Interval] | None,
    bounds: tuple[float, float],
    view: BinaryView,
) -> Interval:
    """Return the analytic interval; for many rows that of the influences; raises Undefined where rows should be drawn."""
    if analytic is not None and view.weight is None and view.sampling.clusters is None:
        return analytic(view)
    if not is_many(view):
        raise Undefined("rows are drawn")
    moved = influence(view)
    return normal(
        value(view),
        means.spread(moved, view.sampling.clusters),
        view.sampling.level,
        BY_INFLUENCE,
        bounds=bounds,
    )


def is_many(view: BinaryView) -> bool:
    """Whether there are too many rows to draw them, and nobody asked for it."""
    return view.n > MOST_DRAWN and not view.sampling.forced


def _draws(of_draws: Callable[[dict[str, Floats]], Floats], view: BinaryView) -> Floats:
    with np.errstate(invalid="ignore", divide="ignore"):
        return of_draws(view.drawn)


def _test(
    value: Callable[[BinaryView], float],
    influence: Callable[[BinaryView], Floats],
    test: Callable[[BinaryView, BinaryView], Difference] | None,
    a: BinaryView,
    b: BinaryView,
) -> Difference:
    if test is not None and a.weight is None and a.sampling.clusters is None:
        return test(a, b)
    if not is_many(a):
        raise Undefined("rows are drawn")
    return means.from_influences(value(a), value(b), influence(a) - influence(b), a.sampling, BY_INFLUENCE)
