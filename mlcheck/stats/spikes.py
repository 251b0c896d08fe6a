"""Single values far above the course of a series, and whether it comes back from them."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from mlcheck.stats.noise import MAD_TO_SD, median, row_medians, windows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlcheck.model import Floats

WINDOW = 51
"""Points of the running window: long against a spike, short against a run."""
LONG = 20_000
"""Points from which on the window moves by a third of its length at a time instead of by one point."""
AT_ONCE = 4_000
"""Windows that are looked at together: a bound on the memory."""
LEVEL_POINTS = 2000
"""Points, evenly spread, that the level of a long stretch is the median of."""


@dataclass(frozen=True, slots=True)
class Spike:
    """A run of neighbouring values above the limit. `at` is the index of the highest, `height` its robust z.

    lasting: level after it minus level before it, in units of the series.
    """

    at: int
    height: float
    lasting: float


def local_z(value: Floats, window: int = WINDOW) -> Floats:
    """Return (value - local median) / local robust standard deviation, shape (n,); values must be finite.

    OLMo 2's spike score counts values seven standard deviations from a rolling average; with median and median absolute
    deviation a spike does not hide itself. The local deviation is at least half of the whole series', so that a quiet
    stretch makes no spikes; 0 everywhere where a series has no noise at all. From 20,000 points on the window moves by a
    third of its length at a time, and each point is held against the window whose middle is nearest.
    """
    half, hop = _windows(len(value), window)
    return _in_spreads(_about_level(value, half, hop), half, hop) if half >= 2 else np.zeros(len(value))


def _windows(n: int, window: int) -> tuple[int, int]:
    """Return half the window, and how far it moves at a time."""
    half = min(window, n) // 2
    return half, 1 if n < LONG else (2 * half + 1) // 3


def _about_level(value: Floats, half: int, hop: int) -> Floats:
    """Return value - local median, shape (n,)."""
    rest = value.copy()
    for part, level in _each(rest, hop, _medians(value, half, hop)):
        np.subtract(part, level, out=part)
    return rest


def _least_spread(apart: Floats) -> float:
    return 0.5 * MAD_TO_SD * median(apart)


def _in_spreads(rest: Floats, half: int, hop: int) -> Floats:
    """Return what lies about the local median divided by the local robust standard deviation, in place."""
    apart = np.abs(rest)
    spread = np.maximum(MAD_TO_SD * _medians(apart, half, hop), _least_spread(apart))
    for part, width in _each(rest, hop, spread):
        np.divide(part, width, out=part, where=width > 0)
        part[np.broadcast_to(width <= 0, part.shape)] = 0.0
    return rest


def _medians(value: Floats, half: int, hop: int) -> Floats:
    """Return the medians of the windows of `half` points on either side of every `hop`-th point, from the hop's middle on."""
    mirrored = np.concatenate([value[half:0:-1], value, value[-2 : -half - 2 : -1]])
    found = windows(mirrored, 2 * half + 1)[hop // 2 :: hop]
    return np.concatenate([row_medians(found[i : i + AT_ONCE]) for i in range(0, len(found), AT_ONCE)])


def _each(value: Floats, hop: int, of_windows: Floats) -> Iterator[tuple[Floats, Floats]]:
    """Yield (points, what was found in their window), shapes (m, hop) and (m, 1); the points can be changed in place."""
    whole = len(value) // hop
    yield value[: whole * hop].reshape(whole, hop), of_windows[:whole, None]
    if whole * hop < len(value):
        yield value[whole * hop :], of_windows[-1:]


def spikes(value: Floats, *, limit: float = 7.0) -> tuple[Spike, ...]:
    """Return the spikes above `limit` robust standard deviations of the local level; values must be finite.

    The first tenth is left out: a steep first fall is no spike. Neighbours within 3 points are one spike.
    """
    start = max(3, len(value) // 10)
    half, hop = _windows(len(value), WINDOW)
    if half < 2:
        return ()
    rest = _about_level(value, half, hop)
    if not (rest[start:] > (1 - 1e-9) * limit * _least_spread(np.abs(rest))).any():
        return ()  # no spread is smaller: the usual run has no spike and is done in half of the time
    z = _in_spreads(rest, half, hop)
    above = start + np.flatnonzero(z[start:] > limit)
    cuts = np.flatnonzero(above[1:] - above[:-1] > 3) + 1
    groups = (above[low:high] for low, high in itertools.pairwise([0, *cuts.tolist(), len(above)]))
    return tuple(_spike(value, z, group) for group in groups if len(group))


def _spike(value: Floats, z: Floats, group: npt.NDArray[np.intp]) -> Spike:
    at = int(group[np.argmax(z[group])])
    before = value[max(0, group[0] - 10) : group[0]]
    after = value[group[-1] + 3 :]
    after = after[:: max(1, len(after) // LEVEL_POINTS)] if len(after) else value[-1:]
    return Spike(at, float(z[at]), median(after) - median(before) if len(before) else 0.0)
