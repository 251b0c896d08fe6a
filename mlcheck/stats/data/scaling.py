"""Whether a second sample is the first in other units: y = a x + b with the same shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from mlcheck.stats.data.two_sample import distance

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlcheck.model.common import Floats

_GRID = np.linspace(0.02, 0.98, 97)
_SLACK = 0.1
"""Of a standard deviation: the fitted scale and shift are known no better than this in small samples."""


class Rescaling(NamedTuple):
    """The second sample is about `scale` times the first plus `shift`.

    `misfit` is the largest difference of the distribution functions once mapped back, 0 for the same shape; `limit` is
    what chance explains. `offset` is the shift of the middle in the first sample's standard deviations.
    """

    scale: float
    shift: float
    offset: float
    misfit: float
    limit: float

    @property
    def same_shape(self) -> bool:
        """Whether what is left after mapping back is no more than chance."""
        return self.misfit <= self.limit


def rescaling(first: Floats, second: Floats) -> Rescaling | None:
    """Return the affine map between two samples, (n,) and (m,) without NaN; None where either hardly varies.

    Maps are fitted through the quantiles from 2 to 98 %: a scale alone, as a ratio of quantiles, which long tails do not
    carry; scale and shift by least squares. The scale alone counts where it fits, else the best one. The limit of the misfit is the
    Kolmogorov-Smirnov limit at 5 %, conservative here since the map was fitted.
    """
    one, two = np.quantile(first, _GRID), np.quantile(second, _GRID)
    spread = float(np.std(one))
    if spread <= 1e-12 * float(np.max(np.abs(one))) or float(np.std(two)) == 0:
        return None
    maps = [*_by_ratio(one, two), *_by_squares(one, two)]
    fitted = [
        (distance(first, (second - shift) / scale, slack=_SLACK * spread), scale, shift)
        for scale, shift in maps
    ]
    if not fitted:
        return None
    limit = max(1.36 * float(np.sqrt(1 / len(first) + 1 / len(second))), 0.03)
    misfit, scale, shift = next((made for made in fitted if made[0] <= limit), min(fitted))
    offset = (float(two.mean()) - float(one.mean())) / spread
    return Rescaling(scale, shift, offset, misfit, limit)


def _by_squares(one: Floats, two: Floats) -> Iterator[tuple[float, float]]:
    centred = one - one.mean()
    scale = float(centred @ (two - two.mean())) / float(centred @ centred)
    if scale > 0:
        yield scale, float(two.mean()) - scale * float(one.mean())


def _by_ratio(one: Floats, two: Floats) -> Iterator[tuple[float, float]]:
    """Yield the median ratio of quantiles of the same sign and, of scales of few steps exact, that of the far ones.

    There is none where fewer than half of them are of the same sign.
    """
    same = one * two > 0
    if 2 * np.count_nonzero(same) >= len(one):
        ratio = two[same] / one[same]
        yield float(np.median(ratio)), 0.0
        yield float(ratio[-1 if abs(one[-1]) >= abs(one[0]) else 0]), 0.0


def standardised(values: Floats) -> bool:
    """Whether values look standardised or scaled to a range: mean 0 and deviation 1, or from 0 (or -1) to 1 exactly."""
    low, high = float(values.min()), float(values.max())
    if high == 1.0 and low in (0.0, -1.0):
        return True
    spread = float(np.std(values))
    return abs(float(np.mean(values))) <= 0.3 and 0.7 <= spread <= 1.4
