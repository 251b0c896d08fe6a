"""Columns of numbers, truth values and dates as one matrix (n, m) of float64; what is missing is NaN."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from mlcheck.model import Floats
    from mlcheck.model.dataset import Column
    from mlcheck.model.ladder import Features

DAY, WEEK = 86_400.0, 604_800.0
YEAR = 365.2425 * DAY
THURSDAY = 3 * DAY
"""1 January 1970 was a Thursday: the third day after a Monday."""


def plain(features: Features) -> list[Floats]:
    """Return each column of numbers or truth values (n,), NaN where missing or infinite."""
    return [_finite(column) for column in features.of("number", "boolean")]


def dates(features: Features, *, cyclic: bool) -> list[Floats]:
    """Return the parts of each date, (n,) each: the moment, and where it is in its year, week and day.

    `cyclic` gives these as sine and cosine, for models in which the end of a year must be near its beginning; else as a
    share (0..1). A part that no time of day or no change of year could have is constant, and dropped by whoever fits.
    """
    found: list[Floats] = []
    for column in features.of("date"):
        moment = _finite(column)
        found.append(moment)
        for length, start in ((YEAR, 0.0), (WEEK, THURSDAY), (DAY, 0.0)):
            share = np.mod(moment + start, length) / length
            found += (
                [np.sin(2 * math.pi * share), np.cos(2 * math.pi * share)]
                if cyclic
                else [np.floor(share * 7) if length == WEEK else share]
            )
    return found


def _finite(column: Column) -> Floats:
    assert column.numbers is not None  # noqa: S101  (by its kind)
    value = column.numbers
    if np.isinf(value).any():
        return np.where(np.isinf(value), np.nan, value)
    return value


def stacked(columns: list[Floats], rows: int) -> Floats:
    """Return columns (n,) as one matrix (n, m)."""
    return np.column_stack(columns) if columns else np.zeros((rows, 0))
