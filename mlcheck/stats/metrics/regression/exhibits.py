"""What is shown of predicted numbers: each target's metrics, predicted against true, and residuals."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from mlcheck.model import Line, Plot, Table
from mlcheck.stats.metrics.metric import Undefined
from mlcheck.stats.metrics.regression import errors, median, variance

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlcheck.model import Exhibit, Floats
    from mlcheck.stats.metrics.regression.view import RegressionView

MOST_POINTS = 200
MOST_TARGETS = 50
MOST_PICTURES = 4
SHOWN: tuple[Callable[[RegressionView], float], ...] = (
    errors.rmse,
    errors.mae,
    median.median_ae,
    errors.bias,
    variance.r2,
)


def exhibits(view: RegressionView) -> tuple[Exhibit, ...]:
    """Return the table of targets where there are several, and the plots of the first of them."""
    if view.n == 0:
        return ()
    shown: list[Exhibit] = [targets(view)] if len(view.targets) > 1 else []
    for number in range(min(MOST_PICTURES, len(view.targets))):
        shown += pictures(view, number)
    return tuple(shown)


def targets(view: RegressionView) -> Table:
    """Return a row of metrics for each target; the first 50 where there are more."""
    rows = []
    for i, name in enumerate(view.targets[:MOST_TARGETS]):
        alone = replace(
            view, targets=(name,), truth=view.truth[:, i : i + 1], predicted=view.predicted[:, i : i + 1]
        )
        rows.append((name, *(_or_none(value, alone) for value in SHOWN)))
    left = len(view.targets) - len(rows)
    return Table(
        title="targets",
        columns=("target", *(value.__name__ for value in SHOWN)),
        rows=tuple(rows),
        note=f"{left} more targets are not shown" if left else "",
    )


def _or_none(value: Callable[[RegressionView], float], view: RegressionView) -> float | None:
    try:
        return value(view)
    except Undefined:
        return None


def pictures(view: RegressionView, number: int) -> tuple[Plot, Plot]:
    """Return predicted against true and residuals against predicted for one target."""
    truth, predicted = view.truth[:, number], view.predicted[:, number]
    name = f" ({view.targets[number]})" if len(view.targets) > 1 else ""
    at = spread_out(truth, np.abs(predicted - truth))
    x, y = truth[at], predicted[at]
    both = (float(min(x.min(), y.min())), float(max(x.max(), y.max())))
    wide = both if both[0] < both[1] else None
    residual = y - x
    ends = np.array([y.min(), y.max()])
    return (
        Plot(
            title=f"predicted against true{name}",
            x_label="true",
            y_label="predicted",
            lines=(Line(label="rows", x=x, y=y, kind="points"),),
            x_range=wide,
            y_range=wide,
            reference=True,
        ),
        Plot(
            title=f"residuals{name}",
            x_label="predicted",
            y_label="predicted - true",
            lines=(
                Line(label="rows", x=y, y=residual, kind="points"),
                Line(label="no error", x=ends, y=np.zeros(2)),
            ),
        ),
    )


def spread_out(truth: Floats, size: Floats) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """Return the rows to draw: evenly spaced in the order of the truth, with the ten largest errors among them."""
    n = len(truth)
    if n <= MOST_POINTS:
        return np.arange(n)
    worst = np.argpartition(size, n - 10)[n - 10 :]
    even = np.argsort(truth, kind="stable")[np.linspace(0, n - 1, MOST_POINTS - 10).astype(np.intp)]
    return np.unique(np.concatenate([even, worst]))
