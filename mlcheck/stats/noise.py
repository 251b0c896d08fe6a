"""How much a series jitters about its own course, and the course itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from mlcheck.model import Floats

MAD_TO_SD = 1.4826
"""The median absolute deviation of a normal sample times this is its standard deviation (Rousseeuw & Croux 1993)."""


def finite(value: Floats) -> Floats:
    """Return the finite entries, shape (m,), m <= n."""
    return value[np.isfinite(value)]


def noise_sd(value: Floats) -> float:
    """Return the standard deviation of the noise about a smooth course, in units of `value`; 0 for under 4 points.

    Second differences x[i-1] - 2 x[i] + x[i+1] of independent noise have variance 6 sd²; a straight trend vanishes in
    them, and their median absolute deviation ignores single spikes (Gasser, Sroka & Jennen-Steinmetz 1986, with a robust
    scale). The convexity of a fast first fall is left out by using the last two thirds where there are 12 points or more.

    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> bool(0.09 < noise_sd(np.linspace(2, 1, 400) + 0.1 * rng.standard_normal(400)) < 0.11)
    True
    """
    good = finite(value)
    if len(good) >= 12:
        good = good[len(good) // 3 :]
    if len(good) < 4:
        return 0.0
    second = good[:-2] - 2 * good[1:-1] + good[2:]
    scale = MAD_TO_SD * float(np.median(np.abs(second)))
    if scale <= 1e-12 * float(np.max(np.abs(good))):
        # More than half of the differences vanish (but for rounding errors): the values are printed with few digits,
        # and the mean square is still honest.
        scale = float(np.sqrt(np.mean(second**2)))
    return scale / float(np.sqrt(6.0))


def smooth(value: Floats, window: int | None = None) -> Floats:
    """Return the course of a series, shape (n,): a running median over `window` points, then a mean over the same.

    The window (odd; default 5 % of the points, at least 3) shrinks symmetrically towards both ends, so that the ends are
    not pulled inwards. Entries that are not finite are bridged by the last finite one before them.
    """
    n = len(value)
    if n < 3:
        return value.copy()
    width = window or max(3, n // 20)
    half = min(width // 2 or 1, (n - 1) // 2)
    filled = _bridged(value)
    return _running(_running(filled, half, np.median), half, np.mean)


def _bridged(value: Floats) -> Floats:
    good = np.isfinite(value)
    if good.all() or not good.any():
        return value
    last = np.maximum.accumulate(np.where(good, np.arange(len(value)), -1))
    return value[np.where(last < 0, int(np.argmax(good)), last)]


def _running(value: Floats, half: int, reduce: object) -> Floats:
    n = len(value)
    out = value.astype(np.float64, copy=True)
    windows = np.lib.stride_tricks.sliding_window_view(value, 2 * half + 1)
    out[half : n - half] = reduce(windows, axis=1)  # type: ignore[operator]  # np.median or np.mean
    for i in range(half):
        out[i] = reduce(value[: 2 * i + 1])  # type: ignore[operator]  # as above
        out[n - 1 - i] = reduce(value[n - 1 - 2 * i :])  # type: ignore[operator]  # as above
    return out
