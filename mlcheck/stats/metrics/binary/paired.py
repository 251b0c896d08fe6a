"""Resampled confusion matrices of one model, or of two over the same rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlcheck.stats.metrics.binary.draws import drawn_one_by_one, drawn_sums, units_of
from mlcheck.stats.metrics.metric import Undefined
from mlcheck.stats.metrics.resample import cell_counts, generator

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from mlcheck.model import Floats
    from mlcheck.stats.metrics.binary.rows import BinaryView


def confusion_draws(view: BinaryView) -> Floats:
    """Return (replicates, 4): resampled tp, fp, fn, tn."""
    if view.plain:
        drawn = cell_counts(np.array(view.confusion.cells), view.sampling)
        return drawn if min(view.confusion.cells) > 0 else _smoothed(view)
    # codes of (truth, predicted) as bits: tp 3, fp 1, fn 2, tn 0
    code = view.truth * np.int8(2) + view.predicted
    return _drawn_cells(view, code, 4)[:, [3, 1, 2, 0]]


def _smoothed(view: BinaryView) -> Floats:
    """Return (replicates, 4) where a cell is empty: resamples would leave it so, as if that error could not happen.

    The classes are drawn as they are; the share right in each has the posterior of Jeffreys' prior, which Goutte &
    Gaussier 2005 (ECIR, p. 345) use for precision and recall.
    """
    tp, fp, fn, tn = view.confusion.cells
    positives, negatives = cell_counts(np.array([tp + fn, tn + fp]), view.sampling).T
    random = generator(view.sampling, view.sampling.replicates)
    recall = random.beta(tp + 0.5, fn + 0.5, len(positives))
    specificity = random.beta(tn + 0.5, fp + 0.5, len(positives))
    found, spared = positives * recall, negatives * specificity
    return np.stack([found, negatives - spared, positives - found, spared], axis=1)


def row_confusion_draws(view: BinaryView) -> Floats:
    """Return (replicates, 4) like `confusion_draws`, with the rows drawn in their own order, as for any other model."""
    if not drawn_one_by_one(units_of(view.n, view.sampling), view.sampling):
        raise Undefined("too many rows to draw one by one")
    code = view.truth * np.int8(2) + view.predicted
    return _drawn_cells(view, code, 4)[:, [3, 1, 2, 0]]


def same_rows(a: BinaryView, b: BinaryView) -> None:
    """Raise ValueError where two views do not hold the same rows, Undefined where that cannot be looked at."""
    if not (a.in_memory and b.in_memory):
        raise Undefined("the rows are too many to hold in memory: no paired test")
    if a.n != b.n or not np.array_equal(a.truth, b.truth):
        raise ValueError("expected two models on the same rows, got others: pair them first")


def joint_draws(a: BinaryView, b: BinaryView) -> tuple[Floats, Floats]:
    """Return two (replicates, 4), tp, fp, fn, tn of either model on the same resampled rows."""
    same_rows(a, b)
    code = a.truth * np.int8(4) + a.predicted * np.int8(2) + b.predicted
    if not (a.plain and b.plain):
        return _of_each(_drawn_cells(a, code, 8))
    counts = np.bincount(code, minlength=8)
    turned = counts[[0, 2, 1, 3, 4, 6, 5, 7]]
    if counts.tolist() <= turned.tolist():
        return _of_each(cell_counts(counts, a.sampling))
    # the cells are drawn in one order whichever model is named first, so that a - b is -(b - a)
    second, first = _of_each(cell_counts(turned, a.sampling))
    return first, second


def _of_each(drawn: Floats) -> tuple[Floats, Floats]:
    """Return the confusion of either model from draws (replicates, 8) of (truth, predicted by a, by b) as bits."""
    by_bit = drawn.reshape(-1, 2, 2, 2)
    return _as_cells(by_bit.sum(axis=3)), _as_cells(by_bit.sum(axis=2))


def _as_cells(by_bit: Floats) -> Floats:
    return np.stack([by_bit[:, 1, 1], by_bit[:, 0, 1], by_bit[:, 1, 0], by_bit[:, 0, 0]], axis=1)


def _drawn_cells(view: BinaryView, code: npt.NDArray[np.int8], cells: int) -> Floats:
    def pieces() -> Iterator[Floats]:
        for rows, weight in view.slices():
            yield (code[rows, None] == np.arange(cells)) * weight[:, None]

    return drawn_sums(pieces(), view.n, view.sampling)
