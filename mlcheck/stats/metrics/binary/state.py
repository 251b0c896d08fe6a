"""Binary predictions larger than memory: what one pass can add up, then the order of the scores, range by range.

The first pass adds up classes, confusion, losses and calibration, and counts the rows by the leading bits of their
keys; the further ones see the rows in the order of their scores, some millions at a time. So every number is that of
the rows in memory.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mlcheck.stats.metrics.binary import cells, chances, delong, keys, ranges, sweep, thresholds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    import numpy.typing as npt

    from mlcheck.model import Floats
    from mlcheck.model.predictions import BinaryBlocks, Bools, Reals

    Blocks = Callable[[], Iterator[tuple[Bools, Reals, Reals | None]]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Totalled:
    """What the first pass adds up. `confusion` are weights of tp, fp, fn, tn; `histogram` counts rows by sign (those
    below zero first) and by the leading bits of their key, `width` is how many bits a key has.
    """  # noqa: D205  (one sentence)

    rows: int
    positives: int
    weighted: bool
    totals: sweep.Totals
    confusion: Floats
    chances: chances.Chances
    histogram: npt.NDArray[np.int64]
    width: int


def totalled(content: BinaryBlocks, threshold: float, bins: int) -> Totalled:
    """Read all blocks once."""
    rows = positives = 0
    weighted = False
    confusion = np.zeros(4)
    losses = chances.ChanceSums(content.kind, bins, squares=True)
    histogram, width = np.zeros((2, 1 << ranges.BITS), dtype=np.int64), 64
    for truth, score, weight in content.blocks():
        rows += len(truth)
        positives += int(np.count_nonzero(truth))
        weighted |= weight is not None
        code = truth * np.int8(2) + (score >= threshold)
        confusion += np.bincount(code, weight, 4)[[3, 1, 2, 0]]
        for segment in keys.segments(score, truth, weight):
            losses.add(segment)
            histogram[0 if segment.negative else 1] += ranges.leading(segment.keys)
            width = segment.keys.dtype.itemsize * 8
    tp, fp, fn, tn = confusion.tolist()
    return Totalled(
        rows=rows,
        positives=positives,
        weighted=weighted,
        totals=sweep.Totals(positive=tp + fn, negative=fp + tn),
        confusion=confusion,
        chances=losses.result,
        histogram=histogram,
        width=width,
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ordered:
    """What the passes in the order of the scores find; `choice` is None where no threshold is looked for or allowed."""

    ranks: sweep.Ranks
    area: delong.Area | None
    lift: float
    cells: cells.Cells
    choice: thresholds.ChoiceSums | None


def ordered(
    content: BinaryBlocks,
    first: Totalled,
    beta: float,
    share: float,
    rule: thresholds.Rule | None,
    most: int = ranges.MOST_HELD,
) -> Ordered:
    """Read the blocks range by range, from the lowest score up, and add up all that needs their order."""
    most = most // 4 if first.weighted else most  # sorting weights needs copies of them
    found = ranges.segments(content.blocks, first.histogram, first.width, most)
    rows = (piece for part in found for piece in keys.walk((part,)))
    return swept(rows, first.totals, beta, share, rule)


def swept(
    rows: Iterable[keys.Segment],
    totals: sweep.Totals,
    beta: float,
    share: float,
    rule: thresholds.Rule | None,
) -> Ordered:
    """Add up all that needs the order of the scores over pieces of sorted rows, as `walk` yields them."""
    ranks, lift = sweep.RankSums(totals, beta), sweep.LiftSums(totals, share)
    spread, grouped = delong.AreaSums(totals), cells.CellSums(totals)
    choice = None if rule is None else thresholds.ChoiceSums(totals, rule)
    both = totals.positive > 0 and totals.negative > 0
    sums: list[sweep.Sums] = [ranks, grouped]
    if both:
        sums += [lift, spread] if choice is None else [lift, spread, choice]
    sweep.sweep(rows, totals, *sums)
    return Ordered(
        ranks=ranks.result,
        area=spread.result if both else None,
        lift=lift.result if both else 0.0,
        cells=grouped.result,
        choice=choice if both else None,
    )
