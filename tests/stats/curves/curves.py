"""Curves of known course for the tests."""

from __future__ import annotations

import numpy as np

from mlcheck.stats.curves.course import Course


def course(
    error: np.ndarray,
    n: np.ndarray | None = None,
    *,
    sd: float = 0.004,
    repeats: int = 5,
    train: np.ndarray | None = None,
    bounded: bool = True,
) -> Course:
    """Return errors, shape (k,), as a curve of sizes that grow by the root of 2 from 32."""
    k = len(error)
    sizes = np.round(32 * 2 ** (np.arange(k) / 2)) if n is None else n
    return Course(
        n=sizes.astype(np.float64),
        error=np.asarray(error, dtype=np.float64),
        train=np.full(k, np.nan) if train is None else np.asarray(train, dtype=np.float64),
        sd=np.full(k, sd if repeats > 1 else np.nan),
        repeats=np.full(k, float(repeats)),
        bounded=bounded,
    )


def power(k: int = 10, *, floor: float = 0.1, height: float = 1.0, slope: float = 0.5) -> np.ndarray:
    """Return floor + height n^-slope at the sizes of `course`."""
    n = np.round(32 * 2 ** (np.arange(k) / 2))
    return np.asarray(floor + height * n**-slope)
