"""How much a series jitters about its own course, and the course itself."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlcheck.model import Floats

LEAST_BLOCKS = 2000
"""Of a series twice as long the course is taken from so many medians of neighbours or more: windows over all its points
would cost the square of its length, and a course bends no faster than over 5 % of a run."""
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
    scale = MAD_TO_SD * median(np.abs(second))
    if scale <= 1e-12 * float(np.abs(good).max()):
        # More than half of the differences vanish (but for rounding errors): the values are printed with few digits,
        # and the mean square is still honest.
        scale = float(np.sqrt(np.mean(second**2)))
    return scale / math.sqrt(6.0)


def smooth(value: Floats, window: int | None = None) -> Floats:
    """Return the course of a series, shape (n,): a running median over `window` points, then a mean over the same.

    The window (odd; default 5 % of the points, at least 3) shrinks symmetrically towards both ends, so that the ends are
    not pulled inwards. Entries that are not finite are bridged by the last finite one before them. A series of 4,000
    points or more is cut into 2,000 to 4,000 blocks of equal length first; the course goes through the smoothed medians
    of the blocks, in straight lines between their middles, and through the first and the last value.
    """
    n = len(value)
    if n < 3:
        return value.copy()
    filled = _bridged(value)
    size = n // LEAST_BLOCKS
    if size > 1 and window is None:
        return _through_blocks(filled, size)
    width = window or max(3, n // 20)
    half = min(width // 2 or 1, (n - 1) // 2)
    return _running(_running(filled, half, row_medians), half, _row_means)


def _through_blocks(value: Floats, size: int) -> Floats:
    """Return the course of a long series by the medians of blocks of `size` points; what is left over is a shorter one."""
    n, whole = len(value), len(value) // size * size
    medians = row_medians(value[:whole].reshape(-1, size))
    middles = np.arange(len(medians)) * size + (size - 1) / 2
    if whole < n:
        medians = np.append(medians, np.median(value[whole:]))
        middles = np.append(middles, (whole + n - 1) / 2)
    at = np.concatenate([[0.0], middles, [n - 1.0]])
    course = np.concatenate([value[:1], smooth(medians, max(3, len(medians) // 20)), value[-1:]])
    joined: Floats = np.interp(np.arange(n, dtype=np.float64), at, course)
    return joined


def _bridged(value: Floats) -> Floats:
    good = np.isfinite(value)
    if good.all() or not good.any():
        return value
    last = np.maximum.accumulate(np.where(good, np.arange(len(value)), -1))
    return value[np.where(last < 0, int(np.argmax(good)), last)]


def median(value: Floats) -> float:
    """Return the median of numbers, shape (n,), n >= 1: that of NumPy in a third of its time; NaN where there is one.

    >>> import numpy as np
    >>> median(np.array([3.0, 1.0, 2.0])), median(np.array([4.0, 1.0, 2.0, 3.0]))
    (2.0, 2.5)
    """
    half = len(value) // 2
    parted = value.copy()
    parted.partition((half - 1, half, -1) if len(value) > 1 else 0)
    if math.isnan(parted[-1]):
        return math.nan
    return float(parted[half] if len(value) % 2 else (parted[half - 1] + parted[half]) / 2)


def windows(value: Floats, width: int) -> Floats:
    """Return all windows of `width` neighbours, shape (n - width + 1, width): a view, not to be written to.

    NumPy's sliding_window_view takes longer to check its arguments than a short series takes to be smoothed.
    """
    whole = np.ascontiguousarray(value, dtype=np.float64)
    shape = (len(whole) - width + 1, width)
    return np.ndarray(shape, np.float64, whole.data, strides=(whole.itemsize, whole.itemsize))


def row_medians(rows: Floats) -> Floats:
    """Return the median of each row of finite numbers, shape (len(rows),): np.median without its search for NaN."""
    half = rows.shape[1] // 2
    parted = rows.copy()
    if rows.shape[1] % 2:
        parted.partition(half, axis=1)
        return parted[:, half]
    parted.partition((half - 1, half), axis=1)
    between: Floats = (parted[:, half - 1] + parted[:, half]) / 2
    return between


def _row_means(rows: Floats) -> Floats:
    means: Floats = np.add.reduce(rows, axis=1) / rows.shape[1]
    return means


def _running(value: Floats, half: int, reduce: Callable[[Floats], Floats]) -> Floats:
    n = len(value)
    out = value.astype(np.float64, copy=True)
    out[half : n - half] = reduce(windows(value, 2 * half + 1))
    for i in range(1, half):
        out[i] = reduce(value[None, : 2 * i + 1])[0]
        out[n - 1 - i] = reduce(value[None, n - 1 - 2 * i :])[0]
    return out
