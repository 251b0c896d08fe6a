"""The exact bootstrap of the AUC on many rows: every row may be drawn any number of times, nothing is approximated.

Rows are exchangeable, so the rows of a sample may be drawn in the order of their scores: sorted once, a sample is a
number of draws for each place, and its area a sum over them, in integers. Places are drawn block by block, first how
many rows fall into each block (multinomial), then which, so that all that is touched at random stays in the cache.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mlcheck.stats.metrics.binary.sweep import groups
from mlcheck.stats.metrics.resample import generator

if TYPE_CHECKING:
    import numpy.typing as npt

    from mlcheck.model import Floats
    from mlcheck.stats.metrics.binary.groups import Groups
    from mlcheck.stats.metrics.binary.rows import BinaryView

BLOCK = 1 << 16
"""Rows of a block: a place in it is a random number of 16 bits."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Block:
    """Rows of neighbouring scores, positives first within one score: `negative` (m,) is 1 for negatives, and `starts`
    (g,) are where scores begin, None where all differ. A block of one score is only counted: (positives, negatives).
    """  # noqa: D205  (one sentence)

    rows: int
    negative: npt.NDArray[np.int64]
    starts: npt.NDArray[np.int64] | None = None
    counted: tuple[int, int] | None = None


def auc_draws(view: BinaryView, *, stratified: bool = False) -> Floats:
    """Return the AUC of each bootstrap sample, (replicates,), NaN where it lacks a class.

    `stratified` keeps the number of positives and of negatives. For independent rows without weights.
    """
    blocks = [block for piece in groups(view.walked(), view.totals) for block in _blocks(piece)]
    draw = _stratified_area if stratified else _area
    return np.array([draw(blocks, generator(view.sampling, r)) for r in range(view.sampling.replicates)])


def _blocks(piece: Groups) -> list[Block]:
    """Cut a piece of a sweep, which holds at most BLOCK rows unless they have one score."""
    rows = len(piece.rows.keys)
    if len(piece.starts) == 1:
        counted = (int(piece.positive[0]), int(piece.negative[0]))
        return [Block(rows=rows, negative=np.zeros(0, dtype=np.int64), counted=counted)]
    cuts = np.searchsorted(piece.starts, np.arange(BLOCK, rows + BLOCK, BLOCK), "right") - 1
    ends = [*np.unique(piece.starts[cuts[cuts > 0]]).tolist(), rows]
    made, start = [], 0
    for end in ends:
        if end == start:
            continue
        negative = (piece.rows.keys[start:end] & 1).astype(np.int64)
        inside = piece.starts[(piece.starts >= start) & (piece.starts < end)] - start
        made.append(
            Block(rows=end - start, negative=negative, starts=None if len(inside) == end - start else inside)
        )
        start = end
    return made


def _area(blocks: list[Block], random: np.random.Generator) -> float:
    rows = np.array([block.rows for block in blocks], dtype=np.float64)
    drawn = random.multinomial(int(rows.sum()), rows / rows.sum())
    twice = positives = negatives = 0
    for block, count in zip(blocks, drawn.tolist(), strict=True):
        if block.counted is not None:
            right = int(random.binomial(count, block.counted[0] / block.rows))
            inner, wrong = right * (count - right), count - right
        else:
            counts = np.bincount(_places(random, block.rows, count), minlength=block.rows)
            inner, right, wrong = _inner(block, counts)
        twice += inner + 2 * negatives * right
        positives, negatives = positives + right, negatives + wrong
    return twice / (2 * positives * negatives) if positives and negatives else float("nan")


def _stratified_area(blocks: list[Block], random: np.random.Generator) -> float:
    of_negatives = [block.counted[1] if block.counted else int(block.negative.sum()) for block in blocks]
    sizes = np.array([[b.rows - n, n] for b, n in zip(blocks, of_negatives, strict=True)], dtype=np.float64)
    totals = sizes.sum(axis=0)
    drawn = [random.multinomial(int(totals[c]), sizes[:, c] / totals[c]).tolist() for c in (0, 1)]
    twice = negatives = 0
    for block, right, wrong in zip(blocks, *drawn, strict=True):
        inner = right * wrong
        if block.counted is None:
            counts = np.zeros(block.rows, dtype=np.int64)
            for label, count in ((0, right), (1, wrong)):
                places = np.flatnonzero(block.negative == label)
                if count:
                    counts[places] = np.bincount(_places(random, len(places), count), minlength=len(places))
            inner = _inner(block, counts)[0]
        twice += inner + 2 * negatives * right
        negatives += wrong
    return float(twice / (2 * totals[0] * totals[1]))


def _places(random: np.random.Generator, rows: int, count: int) -> npt.NDArray[np.unsignedinteger]:
    kind = np.uint16 if rows <= 1 << 16 else np.uint32
    return random.integers(rows, size=count, dtype=kind)


def _inner(block: Block, counts: npt.NDArray[np.int64]) -> tuple[int, int, int]:
    """Return twice the pairs within a block that are in the right order, and its positives and negatives drawn."""
    negative = counts * block.negative
    positive = counts - negative
    if block.starts is not None:
        positive, negative = (np.add.reduceat(x, block.starts) for x in (positive, negative))
    below = np.cumsum(negative)
    wrong = int(below[-1])
    right = int(counts.sum()) - wrong
    # equal scores count half: what is below and equal, less half of what is equal
    twice = 2 * int(np.dot(positive, below)) - int(np.dot(positive, negative))
    return twice, right, wrong
