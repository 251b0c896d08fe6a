"""What the gradient norms of a run say: the series by layer, and how the first layer compares with the last."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlcheck.model import Floats, Run, Series

NUMBER = re.compile(r"(\d+)")


def layer_norms(run: Run) -> tuple[Series, ...]:
    """Return the gradient norms of single layers from input to output, without those that are 0 throughout.

    Layers that share their name but for numbers are ordered by these; otherwise the order is that of the log. A norm of
    0 from the first point to the last is a frozen layer.
    """
    found = [
        s for s in run.series if s.role.quantity == "grad_norm" and s.role.measure.startswith("grad_norm/")
    ]
    alive = [s for s in found if np.nanmax(np.abs(s.value), initial=0.0) > 0]
    if len({NUMBER.sub("#", s.role.measure) for s in alive}) == 1:
        alive.sort(key=lambda s: [int(part) for part in NUMBER.findall(s.role.measure)])
    return tuple(alive)


def first_to_last(layers: Sequence[Series]) -> Floats:
    """Return the norm of the first layer over that of the last, shape (m,), where both are finite and the last is not 0.

    Layers of different lengths are compared over the points that both have, from the first on; under 2 layers give none.
    """
    if len(layers) < 2:
        return np.empty(0)
    n = min(len(layers[0]), len(layers[-1]))
    first, last = layers[0].value[:n], layers[-1].value[:n]
    good = np.isfinite(first) & np.isfinite(last) & (last != 0)
    with np.errstate(over="ignore"):  # a ratio beyond the largest number is infinite, and left out
        ratio: Floats = first[good] / last[good]
    return np.asarray(ratio[np.isfinite(ratio)])


def levels(value: Floats, share: float = 0.1) -> tuple[float, float]:
    """Return the medians of the first `share` (0..1) of the finite values, at least 3, and of the last third.

    Both are NaN where no value is finite.
    """
    good = value[np.isfinite(value)]
    if not len(good):
        return float("nan"), float("nan")
    early = max(3, int(share * len(good)))
    return float(np.median(good[:early])), float(np.median(good[-max(3, len(good) // 3) :]))
