"""Bootstrap samples as counts: how often each row (cluster, cell of equal rows) was drawn.

Efron 1979, Bootstrap methods: another look at the jackknife; clusters are drawn whole (Davison & Hinkley 1997,
section 3.8). Replicate r depends on the seed and r alone, so that two models over the same rows see the same samples.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import numpy.typing as npt

    from mlcheck.model import Floats

BLOCK_NUMBERS = 1 << 22
"""Counts held at once (32 MiB): replicates are drawn in blocks of as many as fit."""
MOST_ROWS = 50_000
"""Beyond so many rows, random groups of them are drawn in place of rows: the same spread, at a cost without n."""
MOST_GROUPS = 5_000
"""The spread estimated from G groups has itself a relative deviation of sqrt(1 / (2 G)): 1 % here."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sampling:
    """How uncertainty is told: `level` (0..1) of intervals, `replicates` of the bootstrap, their `seed`.

    `clusters` (n,) numbers what was sampled together (0..C-1): users, queries, documents; None where rows are
    independent. `cluster_name` is the column it came from. `forced` says that rows must be drawn
    where the bootstrap is known to be no better than a formula, for somebody asked for it.
    """

    level: float = 0.95
    replicates: int = 1000
    seed: int = 0
    clusters: npt.NDArray[np.int32] | None = None
    cluster_name: str = ""
    forced: bool = False

    @property
    def told(self) -> str:
        """What a report says of an interval made by resampling."""
        whole = f"bootstrap of {self.replicates:,} samples"
        return f"{whole} by {self.cluster_name}" if self.clusters is not None else whole


def grouped(n: int, sampling: Sampling, most: int = MOST_GROUPS, rows: int = MOST_ROWS) -> Sampling:
    """Return sampling by at most `most` groups where there are more than `rows` rows or more than `most` clusters.

    Rows (or clusters, whole) are dealt to groups of equal size at random, by the seed and n alone, so that two models
    over the same rows are drawn alike (the random-group method; Wolter 2007, Introduction to variance estimation, ch. 2).
    """
    units = n if sampling.clusters is None else int(sampling.clusters.max(initial=-1)) + 1
    if units <= (max(rows, most) if sampling.clusters is None else most):
        return sampling
    random = np.random.Generator(np.random.SFC64(np.random.SeedSequence((sampling.seed, units, most))))
    dealt = (random.permutation(units) % most).astype(np.int32)
    if sampling.clusters is None:
        return replace(sampling, clusters=dealt, cluster_name="random groups of rows")
    return replace(sampling, clusters=dealt[sampling.clusters])


def generator(sampling: Sampling, replicate: int) -> np.random.Generator:
    """Return the random numbers of one replicate."""
    return np.random.Generator(np.random.SFC64(np.random.SeedSequence((sampling.seed, replicate))))


def row_counts(
    n: int, sampling: Sampling, strata: npt.NDArray[np.integer] | None = None
) -> Iterator[npt.NDArray[np.float64]]:
    """Yield blocks (replicates, n) of how often each row was drawn; the blocks hold all replicates in order.

    Clusters are drawn whole. `strata` (n,) (small integers from 0) keep their sizes: each is drawn from by itself; they
    are ignored where there are clusters, which may span them.
    """
    at_once = max(1, BLOCK_NUMBERS // max(n, 1))
    for start in range(0, sampling.replicates, at_once):
        stop = min(start + at_once, sampling.replicates)
        yield np.stack(
            [_one_replicate(n, sampling, strata, generator(sampling, r)) for r in range(start, stop)]
        )


def _one_replicate(
    n: int, sampling: Sampling, strata: npt.NDArray[np.integer] | None, random: np.random.Generator
) -> Floats:
    if sampling.clusters is not None:
        groups = int(sampling.clusters.max()) + 1 if n else 0
        drawn = np.bincount(random.integers(groups, size=groups, dtype=np.int32), minlength=groups)
        return drawn[sampling.clusters].astype(np.float64)
    if strata is None:
        return np.bincount(random.integers(n, size=n, dtype=np.int32), minlength=n).astype(np.float64)
    counts = np.zeros(n)
    for stratum in range(int(strata.max()) + 1 if n else 0):
        rows = np.flatnonzero(strata == stratum)
        counts[rows] = np.bincount(random.integers(len(rows), size=len(rows)), minlength=len(rows))
    return counts


def cell_counts(cells: npt.NDArray[np.integer] | Floats, sampling: Sampling) -> Floats:
    """Return (replicates, m) multinomial counts of m cells that hold `cells` rows: the bootstrap of rows that differ
    only by their cell, as the cells of a confusion matrix, at a cost without n. Not for clusters or weights.
    """  # noqa: D205  (one sentence)
    total = int(cells.sum())
    shares = np.asarray(cells, dtype=np.float64) / max(total, 1)
    drawn = [generator(sampling, r).multinomial(total, shares) for r in range(sampling.replicates)]
    return np.array(drawn, dtype=np.float64)


def sums(values: Floats, sampling: Sampling, strata: npt.NDArray[np.integer] | None = None) -> Floats:
    """Return (replicates, m): the columns of `values` (n, m) summed over the rows drawn, clusters drawn whole.

    >>> sums(np.ones((5, 1)), Sampling(replicates=2)).tolist()
    [[5.0], [5.0]]
    """
    if sampling.clusters is not None:
        return column_sums(values.T, sampling)
    return np.concatenate([block @ values for block in row_counts(len(values), sampling, strata)])


def column_sums(columns: Iterable[Floats], sampling: Sampling) -> Floats:
    """Return (replicates, m) like `sums`, of m columns (n,) that need not all be held where clusters are drawn."""
    if sampling.clusters is None:
        each = np.stack(list(columns), axis=1)
    else:
        groups = int(sampling.clusters.max()) + 1
        each = np.stack([np.bincount(sampling.clusters, column, groups) for column in columns], axis=1)
    whole = replace(sampling, clusters=None)
    return np.concatenate([block @ each for block in row_counts(len(each), whole)])
