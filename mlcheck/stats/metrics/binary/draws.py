"""Resampled sums and score groups of binary predictions: exact where that is cheap, by their limit law where n is large.

Rows that differ only by their cell are drawn as counts of cells. Sums over more rows (or clusters) than are worth
drawing one by one are drawn from the normal law they tend to, with the covariance of the rows (clusters).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlcheck.stats.metrics.resample import BLOCK_NUMBERS, Sampling, cell_counts, generator, row_counts, sums

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import numpy.typing as npt

    from mlcheck.model import Floats

MOST_DRAWN = 50_000_000
"""Units times replicates up to which every unit is drawn: about a second."""

MOST_SORTED = 10_000_000
"""The same for rows whose samples are looked at in the order of their scores, which costs more."""


def drawn_in_order(rows: int, sampling: Sampling) -> bool:
    """Return whether `rows` are few enough to be drawn and sorted in every replicate."""
    return rows * sampling.replicates <= MOST_SORTED


def drawn_one_by_one(units: int, sampling: Sampling) -> bool:
    """Return whether `units` rows or clusters are few enough to be drawn in every replicate."""
    return units * sampling.replicates <= MOST_DRAWN


def units_of(n: int, sampling: Sampling) -> int:
    """Return how many units are drawn: clusters where there are any, else rows."""
    return n if sampling.clusters is None or not n else int(sampling.clusters.max()) + 1


def told(n: int, sampling: Sampling) -> str:
    """Return how `drawn_sums` of n rows came about."""
    if drawn_one_by_one(units_of(n, sampling), sampling):
        return sampling.told
    by = f" between {sampling.cluster_name}s" if sampling.clusters is not None else ""
    return f"normal approximation of the bootstrap, covariance{by} of the rows"


def drawn_sums(pieces: Iterable[Floats], n: int, sampling: Sampling) -> Floats:
    """Return (replicates, d): the columns of an (n, d) matrix, given in pieces of rows, summed over the rows drawn."""
    if sampling.clusters is not None:
        units = _by_cluster(pieces, sampling.clusters)
        alone = Sampling(replicates=sampling.replicates, seed=sampling.seed)
        if drawn_one_by_one(len(units), sampling):
            return sums(units, alone)
        return _normal_sums(*_moments([units]), len(units), sampling)
    if drawn_one_by_one(n, sampling):
        return sums(np.concatenate(list(pieces)), sampling)
    return _normal_sums(*_moments(pieces), n, sampling)


def _by_cluster(pieces: Iterable[Floats], clusters: npt.NDArray[np.int32]) -> Floats:
    groups = int(clusters.max()) + 1
    start = 0
    columns: Floats | None = None
    for piece in pieces:
        codes = clusters[start : start + len(piece)]
        added: Floats = np.stack(
            [np.bincount(codes, column, groups).astype(np.float64) for column in piece.T], axis=1
        )
        columns = added if columns is None else columns + added
        start += len(piece)
    return np.zeros((groups, 0)) if columns is None else columns


def _moments(pieces: Iterable[Floats]) -> tuple[Floats, Floats]:
    """Return the sum (d,) of rows and that of their outer products (d, d)."""
    made = [(piece.sum(axis=0), piece.T @ piece) for piece in pieces]
    return np.sum([m[0] for m in made], axis=0), np.sum([m[1] for m in made], axis=0)


def _normal_sums(total: Floats, products: Floats, n: int, sampling: Sampling) -> Floats:
    covariance = products - np.outer(total, total) / n
    return normal_draws(total, covariance, sampling)


def normal_draws(centre: Floats, covariance: Floats, sampling: Sampling) -> Floats:
    """Return (replicates, d) draws of a normal law; a covariance of lower rank will do."""
    values, vectors = np.linalg.eigh(covariance)
    root = vectors * np.sqrt(np.maximum(values, 0))
    normal = generator(sampling, 0).standard_normal((sampling.replicates, len(centre)))
    return np.asarray(centre + normal @ root.T, dtype=np.float64)


def group_draws(positive: Floats, negative: Floats, sampling: Sampling) -> tuple[Floats, Floats]:
    """Return (replicates, g) counts of the positives and of the negatives of g score groups, rows drawn at random."""
    drawn = cell_counts(np.concatenate([positive, negative]), sampling)
    return drawn[:, : len(positive)], drawn[:, len(positive) :]


def row_draws(
    truth: npt.NDArray[np.bool_],
    order: npt.NDArray[np.intp],
    starts: npt.NDArray[np.intp],
    weight: Floats | None,
    sampling: Sampling,
    *,
    left_out: bool = False,
) -> Iterator[tuple[Floats, Floats, Floats, Floats]]:
    """Yield blocks of replicates: weights (b, g) of the positives and of the negatives of g score groups.

    With `left_out` the weights of the rows not drawn follow, else empty arrays.

    `order` (n,) sorts the rows by score, `starts` (g,) are where groups of one score begin in it. Rows are drawn in
    their own order, so that two models over the same rows are seen on the same samples.
    """
    positive = truth[order]
    share = np.ones(len(order)) if weight is None else np.asarray(weight[order], dtype=np.float64)
    for counts in row_counts(len(order), sampling):
        width = max(1, BLOCK_NUMBERS // max(len(order), 1) // 4)
        for at in range(0, len(counts), width):
            drawn = counts[at : at + width][:, order] * share
            missed = share * (drawn == 0) if left_out else np.zeros((0, len(order)))
            yield (*_by_group(drawn, positive, starts), *_by_group(missed, positive, starts))


def _by_group(
    drawn: Floats, positive: npt.NDArray[np.bool_], starts: npt.NDArray[np.intp]
) -> tuple[Floats, Floats]:
    of_positives = drawn * positive
    of_negatives = drawn - of_positives
    if len(starts) == len(positive):
        return of_positives, of_negatives
    return np.add.reduceat(of_positives, starts, axis=1), np.add.reduceat(of_negatives, starts, axis=1)
