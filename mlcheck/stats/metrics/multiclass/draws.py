"""Bootstrap draws of all metrics at once: one pass over the replicates serves them all."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from mlcheck.stats.metrics import means
from mlcheck.stats.metrics.metric import Undefined
from mlcheck.stats.metrics.multiclass.family import FAMILY, Marginals, marginals
from mlcheck.stats.metrics.resample import MOST_ROWS, generator, row_counts

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from mlcheck.model import Floats
    from mlcheck.model.predictions import Codes
    from mlcheck.stats.metrics.multiclass.view import MulticlassView

CELL_COST = 15
"""A cell of the confusion matrix costs as much to draw as so many rows."""
BLOCK_NUMBERS = 1 << 20
"""Numbers of a block of replicates held at once: 8 MiB."""


def by_rows(view: MulticlassView) -> dict[str, Floats]:
    """Return (replicates,) draws of every metric that sums over rows, from rows (or clusters) drawn."""
    means.check_units(view.n, view.clusters)
    found: dict[str, list[Floats]] = {}
    expected = 0.0 if view.bin_of is None else view.gaps
    for counted, summed in _replicates(view):
        made = {name: score(counted) for name, score in FAMILY.items()}
        total = counted.true.sum(-1)
        with np.errstate(invalid="ignore", divide="ignore"):
            made |= {name: summed[:, i] / total for i, name in enumerate(view.losses)}
            if view.bin_of is not None:
                gaps = summed[:, len(view.losses) :] / total[:, None]
                made["ece"] = np.abs(gaps).sum(-1)
                made["ece by chance"] = np.abs(gaps - expected).sum(-1)
        for name, values in made.items():
            found.setdefault(name, []).append(values)
    return {name: np.concatenate(values) for name, values in found.items()}


def _columns(view: MulticlassView) -> Floats:
    """Return the weighted losses of rows, (n, losses)."""
    weight = np.ones(view.n) if view.weight is None else view.weight
    columns = [weight * column for column in view.losses.values()]
    return np.stack(columns, axis=1) if columns else np.empty((view.n, 0))


def _replicates(view: MulticlassView) -> Iterator[tuple[Marginals, Floats]]:
    """Yield blocks of the marginals (r, K) and of the sums of losses and of the bins' gaps, (r, losses + bins)."""
    if view.sampling.clusters is None:
        yield from _from_rows(view)
        return
    groups = int(view.sampling.clusters.max()) + 1
    statistics = _by_group(view, view.sampling.clusters, groups)
    whole = replace(view.sampling, clusters=None)
    for block in row_counts(groups, whole):
        sums = block @ statistics
        k = view.k
        yield marginals(sums[:, :k], sums[:, k : 2 * k], sums[:, 2 * k : 3 * k]), sums[:, 3 * k :]


def _by_group(view: MulticlassView, clusters: Codes, groups: int) -> Floats:
    """Return (groups, statistics): the marginals of each group, and its sums of losses and of the bins' gaps."""
    k, wide, weight = view.k, clusters.astype(np.int64), view.weight
    hits = view.hits

    def table(code: Codes, by: Floats | None, across: int, at: npt.NDArray[np.int64]) -> Floats:
        return np.bincount(at * across + code, by, groups * across).reshape(groups, across).astype(np.float64)

    parts = [
        table(view.truth[hits], None if weight is None else weight[hits], k, wide[hits]),
        table(view.predicted, weight, k, wide),
        table(view.truth, weight, k, wide),
        *(np.bincount(clusters, column, groups)[:, None] for column in _columns(view).T),
    ]
    if view.bin_of is not None:
        parts.append(table(view.bin_of, view.gap, view.parameters.bins, wide))
    return np.concatenate(parts, axis=1)


def _from_rows(view: MulticlassView) -> Iterator[tuple[Marginals, Floats]]:
    columns, k, bins = _columns(view), view.k, view.parameters.bins
    hits = np.flatnonzero(view.hits)
    of_hits = view.truth[hits]
    for block in row_counts(view.n, view.sampling):
        sums = [block @ columns]
        if view.bin_of is not None:
            sums.append(np.stack([np.bincount(view.bin_of, row * view.gap, bins) for row in block]))
        weighed = block if view.weight is None else block * view.weight
        counted = marginals(
            _counts(of_hits, weighed[:, hits], k),
            _counts(view.predicted, weighed, k),
            _counts(view.truth, weighed, k),
        )
        yield counted, np.concatenate(sums, axis=1)


def _counts(code: Codes, counts: Floats, k: int) -> Floats:
    """Return (replicates, k): the counts (replicates, m) summed by the code (m,)."""
    return np.stack([np.bincount(code, row, k) for row in counts]).astype(np.float64, copy=False)


def by_cells(view: MulticlassView) -> dict[str, Floats]:
    """Return (replicates,) draws of the metrics of the confusion matrix, from multinomial counts of its cells.

    Raises Undefined where rows are weighted or in clusters, and where drawing rows costs less.
    """
    true, predicted, counts = view.cells
    means.check_units(view.n, view.clusters)
    if not view.plain:
        raise Undefined("rows are weighted or in clusters")
    if len(counts) * CELL_COST > max(min(view.n, MOST_ROWS), 10_000):
        raise Undefined("drawing cells of the confusion matrix would cost more than drawing rows")
    shares, sampling, k = counts / view.n, view.sampling, view.k
    at_once = max(1, BLOCK_NUMBERS // max(k, len(counts)))
    right = true == predicted
    found: dict[str, list[Floats]] = {}
    for start in range(0, sampling.replicates, at_once):
        numbers = range(start, min(start + at_once, sampling.replicates))
        drawn = np.array(
            [generator(sampling, r).multinomial(view.n, shares) for r in numbers], dtype=np.float64
        )
        counted = marginals(
            _counts(true[right], drawn[:, right], k), _counts(predicted, drawn, k), _counts(true, drawn, k)
        )
        for name, score in FAMILY.items():
            found.setdefault(name, []).append(score(counted))
    return {name: np.concatenate(values) for name, values in found.items()}
