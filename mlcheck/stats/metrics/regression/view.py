"""Predicted numbers with what their metrics share: computed once, when first asked for.

Everything is float64 whatever the file's type, and sums are of centred values: float32 numbers about 10,000 keep R2.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from mlcheck.model.predictions import Regression
from mlcheck.stats.metrics import means
from mlcheck.stats.metrics.metric import Undefined
from mlcheck.stats.metrics.resample import MOST_GROUPS, MOST_ROWS, column_sums, grouped

if TYPE_CHECKING:
    from mlcheck.model import Floats
    from mlcheck.model.predictions import Codes, Predictions
    from mlcheck.stats.metrics.parameters import Parameters
    from mlcheck.stats.metrics.resample import Sampling

MOST_STATISTICS = 1 << 23
"""Numbers held of the rows or groups that are drawn: 64 MiB."""
LEAST_GROUPS = 200


class Moments(NamedTuple):
    """Weighted sums over rows, (..., T) but for the weight (..., 1): of errors e and centred truths c."""

    weight: Floats
    e: Floats
    ee: Floats
    c: Floats
    cc: Floats


@dataclass(frozen=True, kw_only=True, eq=False)
class RegressionView:
    """n rows of T targets. `weight` (n,) is None where all rows count alike; `clustered`: rows belong together.

    `truth` and `predicted` are (n, T). `sampling` draws by random groups where rows are too many to be drawn.
    """

    targets: tuple[str, ...]
    truth: Floats
    predicted: Floats
    quantile: float | None
    weight: Floats | None
    sampling: Sampling
    clustered: bool

    @property
    def n(self) -> int:
        """The number of rows."""
        return len(self.truth)

    @property
    def clusters(self) -> Codes | None:
        """What rows (n,) belong to, None where they are independent."""
        return self.sampling.clusters if self.clustered else None

    @property
    def plain(self) -> bool:
        """Whether rows are independent and count alike, as analytic intervals ask for."""
        return self.weight is None and not self.clustered

    @cached_property
    def error(self) -> Floats:
        """Predicted less true (n, T)."""
        return self.predicted - self.truth

    @cached_property
    def centred(self) -> Floats:
        """The truth less its mean (n, T)."""
        apart: Floats = self.truth - np.average(self.truth, axis=0, weights=self.weight)
        return apart

    @cached_property
    def losses(self) -> dict[str, Floats]:
        """What a row adds to the metrics that are means (n,): its mean over the targets."""
        e, size = self.error, np.abs(self.error)
        both = np.abs(self.truth) + np.abs(self.predicted)
        floor = np.maximum(np.abs(self.truth), np.finfo(np.float64).eps)
        made = {
            "mse": e * e,
            "mae": size,
            "bias": e,
            "mape": size / floor,
            "smape": np.divide(2 * size, both, out=np.zeros_like(both), where=both > 0),
        }
        if self.quantile is not None:
            made["pinball"] = np.where(e > 0, (1 - self.quantile) * e, -self.quantile * e)
        return {name: loss.mean(axis=1) for name, loss in made.items()}

    @cached_property
    def moments(self) -> Moments:
        """Sums over all rows, (1,) and (T,); raises Undefined where there is nothing to sum."""
        if self.n == 0:
            raise Undefined("there are no rows")
        weight = np.ones(self.n) if self.weight is None else self.weight
        if weight.sum() <= 0:
            raise Undefined("all weights are 0")
        e, c = self.error, self.centred
        return Moments(np.array([weight.sum()]), weight @ e, weight @ (e * e), weight @ c, weight @ (c * c))

    @cached_property
    def _drawn_sums(self) -> Floats:
        """Sums over the rows drawn, (replicates, 1 + 4 T + losses)."""
        means.check_units(self.n, self.clusters)
        weight = np.ones(self.n) if self.weight is None else self.weight
        e, c = self.error, self.centred
        columns = (np.ones(self.n), *e.T, *(e * e).T, *c.T, *(c * c).T, *self.losses.values())
        return column_sums((weight * column for column in columns), self.sampling)

    @cached_property
    def drawn_moments(self) -> Moments:
        """The moments of resampled rows, (replicates, T), drawn alike for two models over the same rows."""
        t = len(self.targets)
        parts = (self._drawn_sums[:, 1 + i * t : 1 + (i + 1) * t] for i in range(4))
        return Moments(self._drawn_sums[:, :1], *parts)

    @cached_property
    def drawn_losses(self) -> dict[str, Floats]:
        """The means of `losses` over resampled rows, (replicates,) each; NaN where all weights drawn are 0."""
        sums, first = self._drawn_sums, 1 + 4 * len(self.targets)
        with np.errstate(invalid="ignore", divide="ignore"):
            return {name: sums[:, first + i] / sums[:, 0] for i, name in enumerate(self.losses)}

    def mean(self, name: str) -> float:
        """Return the mean of one of `losses`."""
        if self.n == 0:
            raise Undefined("there are no rows")
        return means.mean(self.losses[name], self.weight)


def view(predictions: Predictions, sampling: Sampling, parameters: Parameters) -> RegressionView:  # noqa: ARG001
    """Return the view of a file's predictions; raises TypeError for those of another task."""
    content = predictions.content
    if not isinstance(content, Regression):
        raise TypeError(f"expected predicted numbers, found {type(content).__name__}")
    n, statistics = len(content.truth), 4 * len(content.targets) + 8
    most = int(np.clip(MOST_STATISTICS // statistics, LEAST_GROUPS, MOST_GROUPS))
    return RegressionView(
        targets=content.targets,
        truth=content.truth.astype(np.float64, copy=False),
        predicted=content.predicted.astype(np.float64, copy=False),
        quantile=content.quantile,
        weight=None if predictions.weight is None else predictions.weight.astype(np.float64),
        sampling=grouped(n, sampling, most, min(MOST_ROWS, MOST_STATISTICS // statistics)),
        clustered=sampling.clusters is not None,
    )
