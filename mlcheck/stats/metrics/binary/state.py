"""Binary predictions larger than memory: what one pass can add up, then the order of the scores, range by range.

The first pass adds up classes, confusion, losses and calibration, and counts the rows by the leading bits of their
keys. From these counts the range of keys is cut into parts that fit into memory; each further pass collects and sorts
one part. So every number is that of the rows in memory, for one reading of the data per MOST_HELD rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mlcheck.stats.metrics.binary import cells, chances, delong, keys, sweep, thresholds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import numpy.typing as npt

    from mlcheck.model import Floats
    from mlcheck.model.predictions import BinaryBlocks, Bools, Reals

    Blocks = Callable[[], Iterator[tuple[Bools, Reals, Reals | None]]]

BITS = 18
"""Leading bits of a key by which rows are counted in the first pass: 2 MB of counts for either sign."""
MOST_HELD = 1 << 23
"""Keys sorted at once: 64 MiB at 8 bytes each."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Totalled:
    """What the first pass adds up. `confusion` are weights of tp, fp, fn, tn; `moments` sums over rows of log-loss and
    (p - y)^2, (2,), and of their squares, (2,); `histogram` (2, 2**BITS) counts rows by sign (those below zero first) and
    by the leading bits of their key.
    """  # noqa: D205  (one sentence)

    rows: int
    positives: int
    weighted: bool
    totals: sweep.Totals
    confusion: Floats
    chances: chances.Chances
    moments: tuple[Floats, Floats]
    histogram: npt.NDArray[np.int64]


def totalled(content: BinaryBlocks, threshold: float, bins: int) -> Totalled:
    """Read all blocks once."""
    rows = positives = 0
    weighted = False
    confusion, moments = np.zeros(4), np.zeros((2, 2))
    losses = chances.ChanceSums(content.kind, bins)
    histogram = np.zeros((2, 1 << BITS), dtype=np.int64)
    for truth, score, weight in content.blocks():
        rows += len(truth)
        positives += int(np.count_nonzero(truth))
        weighted |= weight is not None
        code = truth * np.int8(2) + (score >= threshold)
        confusion += np.bincount(code, weight, 4)[[3, 1, 2, 0]]
        for segment in keys.segments(score, truth, weight):
            losses.add(segment)
            moments += _moments(segment, content)
            leading = (segment.keys >> _shift(segment.keys)).astype(np.intp)
            histogram[0 if segment.negative else 1] += np.bincount(leading, minlength=1 << BITS)
    tp, fp, fn, tn = confusion.tolist()
    return Totalled(
        rows=rows,
        positives=positives,
        weighted=weighted,
        totals=sweep.Totals(positive=tp + fn, negative=fp + tn),
        confusion=confusion,
        chances=losses.result,
        moments=(moments[0], moments[1]),
        histogram=histogram,
    )


def _moments(segment: keys.Segment, content: BinaryBlocks) -> Floats:
    sums = np.zeros((2, 2))
    for score, positive, _ in chances.pieces(segment):
        error = chances.probabilities(score, content.kind) - positive
        values = np.stack([chances.losses(score, positive, content.kind), error * error])
        sums += [values.sum(axis=1), (values * values).sum(axis=1)]
    return sums


def _shift(of: keys.Keys) -> np.unsignedinteger:
    return of.dtype.type(of.dtype.itemsize * 8 - BITS)


@dataclass(frozen=True, slots=True)
class Range:
    """Keys of one sign whose leading bits are from `first` to below `stop`, and how many rows have one."""

    negative: bool
    first: int
    stop: int
    rows: int


def ranges(histogram: npt.NDArray[np.int64], most: int = MOST_HELD) -> Iterator[Range]:
    """Yield ranges in ascending order of the score with at most `most` rows, more only within one leading value."""
    for sign, counts in enumerate(histogram):
        filled = np.flatnonzero(counts)
        first, held = None, 0
        for at, rows in zip(filled.tolist(), counts[filled].tolist(), strict=True):
            if first is not None and held + rows > most:
                yield Range(sign == 0, first, at, held)
                first, held = at, 0
            first = at if first is None else first
            held += rows
        if first is not None:
            yield Range(sign == 0, first, len(counts), held)


def segments(
    blocks: Blocks, histogram: npt.NDArray[np.int64], most: int = MOST_HELD
) -> Iterator[keys.Segment]:
    """Yield all rows in ascending order of their score, reading the blocks once for each range."""
    for part in ranges(histogram, most):
        low, high = part.first, part.stop
        yield from _collected(blocks, part.negative, low << _WIDE, high << _WIDE, part.rows, most)


_WIDE = 64 - BITS
"""A range is given in keys of 64 bits; those of 32 bits are compared by the same leading bits."""


def _collected(
    blocks: Blocks, negative: bool, low: int, high: int, rows: int, most: int
) -> Iterator[keys.Segment]:
    """Yield the sorted rows whose keys are in low .. high; where they are too many, equal ones are counted as one.

    Where even the different ones are too many, the range is halved.
    """
    held: list[keys.Segment] = []
    size, compact = 0, rows > most
    cap = most // 4 if compact else most  # counting equal keys needs copies of them
    for truth, score, weight in blocks():
        found = _within(truth, score, weight, negative=negative, low=low, high=high)
        if found is None:
            continue
        held.append(_counted(found) if compact else found)
        size += len(held[-1].keys)
        if compact and size > cap:
            held = [_counted(_joined(held))]
            size = len(held[0].keys)
            if size > max(2, cap // 2):
                held.clear()
                middle = (low + high) // 2
                yield from _collected(blocks, negative, low, middle, most + 1, most)
                yield from _collected(blocks, negative, middle, high, most + 1, most)
                return
    if held:
        joined = _joined(held)
        held.clear()
        yield _counted(joined) if compact else _sorted(joined)


def _within(
    truth: Bools, score: Reals, weight: Reals | None, *, negative: bool, low: int, high: int
) -> keys.Segment | None:
    """Return the keys, unsorted, that lie in the range; None where there are none."""
    side = (score < 0) == negative
    encoded = keys.encode(score, truth, negative=negative)
    narrow = 64 - 8 * encoded.dtype.itemsize
    kind = encoded.dtype.type
    inside = side & (encoded >= kind(low >> narrow))
    if high >> narrow <= np.iinfo(encoded.dtype).max:
        inside &= encoded < kind(high >> narrow)
    if not inside.any():
        return None
    kept = None if weight is None else np.asarray(weight[inside], dtype=np.float64)
    return keys.Segment(keys=encoded[inside], negative=negative, weight=kept)


def _joined(parts: list[keys.Segment]) -> keys.Segment:
    weighted = any(part.weight is not None for part in parts)
    joined: keys.Keys = np.concatenate([part.keys for part in parts])
    weight = None
    if weighted:
        weight = np.concatenate([np.ones(len(p.keys)) if p.weight is None else p.weight for p in parts])
    return keys.Segment(keys=joined, negative=parts[0].negative, weight=weight)


def _sorted(rows: keys.Segment) -> keys.Segment:
    if rows.weight is None:
        return keys.Segment(keys=keys.sort(rows.keys), negative=rows.negative)
    order = np.argsort(rows.keys, kind="stable")
    return keys.Segment(keys=rows.keys[order], negative=rows.negative, weight=rows.weight[order])


def _counted(rows: keys.Segment) -> keys.Segment:
    """Return one row for all of the same score and class, with their weights together."""
    ordered = _sorted(rows)
    starts = np.flatnonzero(np.concatenate([[True], ordered.keys[1:] != ordered.keys[:-1]]))
    if ordered.weight is None:
        weight = np.diff(starts, append=len(ordered.keys)).astype(np.float64)
    else:
        weight = np.add.reduceat(ordered.weight, starts)
    return keys.Segment(keys=ordered.keys[starts], negative=rows.negative, weight=weight)


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
    most: int = MOST_HELD,
) -> Ordered:
    """Read the blocks range by range, from the lowest score up, and add up all that needs their order."""
    ranks, lift = sweep.RankSums(first.totals, beta), sweep.LiftSums(first.totals, share)
    spread, grouped = delong.AreaSums(first.totals), cells.CellSums(first.totals)
    choice = None if rule is None else thresholds.ChoiceSums(first.totals, rule)
    both = first.totals.positive > 0 and first.totals.negative > 0
    sums: list[sweep.Sums] = [ranks, grouped]
    if both:
        sums += [lift, spread] if choice is None else [lift, spread, choice]
    most = most // 4 if first.weighted else most  # sorting weights needs copies of them
    rows = (piece for part in segments(content.blocks, first.histogram, most) for piece in keys.walk((part,)))
    sweep.sweep(rows, first.totals, *sums)
    return Ordered(
        ranks=ranks.result,
        area=spread.result if both else None,
        lift=lift.result if both else 0.0,
        cells=grouped.result,
        choice=choice if both else None,
    )
