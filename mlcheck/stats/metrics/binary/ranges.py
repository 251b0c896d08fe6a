"""Rows too many to hold, in the order of their scores: sorted range by range, one reading of all blocks for each.

Rows are counted by the leading bits of their keys. From the counts the keys are cut into ranges of as many rows as may
be held; where one leading value alone has more, its rows are counted by their next bits, until one score is left, whose
rows need only be counted. So every row is seen, in order, in bounded memory.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from mlcheck.stats.metrics.binary import keys

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mlcheck.model.predictions import Bools, Reals

    Blocks: TypeAlias = Callable[[], Iterator[tuple[Bools, Reals, Reals | None]]]

Counts: TypeAlias = npt.NDArray[np.int64]
BITS = 18
"""Bits of a key by which rows are counted at once: 2 MB of counts."""
MOST_HELD = 1 << 23
"""Keys sorted at once: 64 MiB at 8 bytes each."""


@dataclass(frozen=True, slots=True)
class Range:
    """Keys of one sign from `low` to below `high`, and how many rows have one."""

    negative: bool
    low: int
    high: int
    rows: int


def leading(found: keys.Keys) -> Counts:
    """Return how many keys have each value of their leading BITS bits."""
    shift = found.dtype.type(found.dtype.itemsize * 8 - BITS)
    return np.bincount((found >> shift).astype(np.intp), minlength=1 << BITS)


def segments(blocks: Blocks, histogram: Counts, width: int, most: int = MOST_HELD) -> Iterator[keys.Segment]:
    """Yield all rows in ascending order of their score.

    `histogram` (2, 2**BITS) are the counts of `leading` for scores below zero and for the others, `width` the bits of a
    key. A segment holds at most `most` rows; those of one score, if more, are counted as one by their class.
    """
    for sign, counts in enumerate(histogram):
        yield from _finer(blocks, Range(sign == 0, 0, 1 << width, int(counts.sum())), counts, most)


def cut(whole: Range, counts: Counts, most: int) -> Iterator[Range]:
    """Yield ranges of at most `most` rows, more only with one value of the bits that `counts` tells apart."""
    step = (whole.high - whole.low) // len(counts)
    filled = np.flatnonzero(counts)
    first, held = 0, 0
    for at, rows in zip(filled.tolist(), counts[filled].tolist(), strict=True):
        if held and held + rows > most:
            yield Range(whole.negative, whole.low + first * step, whole.low + at * step, held)
            held = 0
        first = first if held else at
        held += rows
    if held:
        yield Range(whole.negative, whole.low + first * step, whole.high, held)


def _finer(blocks: Blocks, whole: Range, counts: Counts, most: int) -> Iterator[keys.Segment]:
    for part in cut(whole, counts, most):
        if part.rows <= most:
            yield _sorted(blocks, part)
            continue
        step = (whole.high - whole.low) // len(counts)
        one = Range(part.negative, part.low, part.low + step, part.rows)
        more, single = _counted(blocks, one)
        if single is not None:
            yield single
        else:
            yield from _finer(blocks, one, more, most)


def _within(blocks: Blocks, part: Range) -> Iterator[keys.Segment]:
    """Yield the rows of a range block by block, as unsorted keys."""
    for truth, score, weight in blocks():
        encoded = keys.encode(score, truth, negative=part.negative)
        kind = encoded.dtype.type
        inside = (score < 0) == part.negative
        inside &= encoded >= kind(part.low)
        inside &= encoded <= kind(part.high - 1)
        if inside.any():
            kept = None if weight is None else np.asarray(weight[inside], dtype=np.float64)
            yield keys.Segment(keys=encoded[inside], negative=part.negative, weight=kept)


def _sorted(blocks: Blocks, part: Range) -> keys.Segment:
    filled = 0
    found: keys.Keys | None = None
    weight: npt.NDArray[np.float64] | None = None
    for rows in _within(blocks, part):
        more = slice(filled, filled + len(rows.keys))
        if found is None:
            found = np.empty(part.rows, dtype=rows.keys.dtype)
            weight = None if rows.weight is None else np.empty(part.rows)
        found[more] = rows.keys
        if weight is not None:
            weight[more] = rows.weight
        filled = more.stop
    if found is None or filled != part.rows:
        raise ValueError("expected the same rows on every reading of the blocks, found others")
    if weight is None:
        return keys.Segment(keys=keys.sort(found), negative=part.negative)
    order = np.argsort(found, kind="stable")
    return keys.Segment(keys=found[order], negative=part.negative, weight=weight[order])


def _counted(blocks: Blocks, part: Range) -> tuple[Counts, keys.Segment | None]:
    """Return the rows of a range by the next bits of their keys; or, where they have one score, by their class."""
    bits = min(BITS, (part.high - part.low).bit_length() - 2)  # the last bit, the class, is not told apart
    shift = (part.high - part.low).bit_length() - 1 - bits
    counts = np.zeros(1 << max(bits, 0), dtype=np.int64)
    ends: list[keys.Keys] = []
    classes = np.zeros(2)
    for rows in _within(blocks, part):
        kind = rows.keys.dtype.type
        place = ((rows.keys - kind(part.low)) >> kind(shift)).astype(np.intp)
        counts += np.bincount(place, minlength=len(counts))
        ends.append(np.array([rows.keys.min(), rows.keys.max()]))
        classes += np.bincount((rows.keys & 1).astype(np.intp), rows.weight, 2)
    both: npt.NDArray[Any] = np.concatenate(ends)
    lowest = both.min() >> 1
    if lowest != both.max() >> 1:
        return counts, None
    there = np.flatnonzero(classes)
    made: keys.Keys = np.full(len(there), lowest << 1, dtype=both.dtype)
    made |= there.astype(both.dtype)
    return counts, keys.Segment(keys=made, negative=part.negative, weight=classes[there])
