"""YOLO: `results.csv` of Ultralytics and YOLOv5, and the text `results.txt` of YOLOv3 to YOLOv7 and their kin.

The text has no header. Every row is an epoch (`3/19`), the memory, the parts of the training loss with their sum behind
them, the number of labels, the image size, four metrics, and the parts of the validation loss (in some forks with
their sum). How many parts there are differs: the sum tells. Columns are named by their place, `#1` being the first;
where only the training's parts are summed, the validation's are here (`#13+#14+#15`): a part is no match for a total.
Where the parts differ in number the first of each stand for the losses.
A row whose results are all exactly 0 was not evaluated.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from mlcheck.errors import NothingToRead
from mlcheck.model import Event, Role
from mlcheck.readers import cells, csv, roles
from mlcheck.readers.log import Channel, Log

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mlcheck.model import Direction, Floats, Split
    from mlcheck.readers.cells import Mask
    from mlcheck.readers.source import Source

NAME = "yolo"
ORDER = 40
ROW = re.compile(r"\s*(\d+)/(\d+)\s+(\d+(?:\.\d+)?(?:e[+-]?\d+)?G|\d+/\d+)\s+(\S.*)")
HEADER = re.compile(r"\s*epoch\s*,(?:[^,]*,)*?\s*(?:train/|metrics/|val/)", re.IGNORECASE)
SAME = 0.02
"""Relative: the parts are printed with four digits, so their sum differs by that much at most."""
ROWS_THAT_ADD_UP = 0.8
FEWEST = 9
COMPONENT = Role(quantity="other")


def sniff(source: Source) -> bool:
    """Say whether the first line is a row of results.txt or the header of results.csv."""
    if not source.is_text:
        return False
    first = next((line for line in source.head_text.lstrip("\ufeff").splitlines() if line.strip()), "")
    return HEADER.match(first) is not None or _cells(first) is not None


def read(source: Source) -> Iterator[Log]:
    """Yield the runs of the file: a text to which several runs were appended holds more than one."""
    first = next((line for line in source.head_text.lstrip("\ufeff").splitlines() if line.strip()), "")
    yield from (_of_table(log) for log in csv.read(source)) if HEADER.match(first) else _of_text(source)


def _of_table(log: Log) -> Log:
    """Leave out what was not evaluated, and let the first part of a loss stand for it where there is no total."""
    results = [c for c in log.channels if c.name.startswith(("val/", "metrics/"))]
    empty = _not_evaluated([c.value for c in results])
    channels = [_without(c, empty) if c in results else c for c in log.channels]
    for split in ("train/", "val/"):
        losses = [i for i, c in enumerate(channels) if c.name.startswith(split) and c.name.endswith("loss")]
        plain = [roles.guess(channels[i].name).unexplained for i in losses]
        for i, unexplained in list(zip(losses, plain, strict=True))[1:]:
            if f"{split}loss" != channels[losses[0]].name and unexplained < plain[0]:
                channels[i] = replace(channels[i], role=COMPONENT)
    return replace(log, reader=NAME, channels=tuple(c for c in channels if len(c.value)))


def _not_evaluated(results: Sequence[Floats]) -> Mask | None:
    """Return which rows hold nothing but 0 under the validation's columns, None where the columns differ in length."""
    if len(results) < 2 or len({len(r) for r in results}) != 1:
        return None
    return np.asarray(np.all([r == 0 for r in results], axis=0), dtype=np.bool_)


def _without(channel: Channel, empty: Mask | None) -> Channel:
    if empty is None or not empty.any():
        return channel
    keep = ~empty
    return replace(
        channel,
        value=channel.value[keep],
        step=None if channel.step is None else channel.step[keep],
        epoch=None if channel.epoch is None else channel.epoch[keep],
    )


def _cells(line: str) -> list[str] | None:
    """Return the cells of a row (epoch, memory, then numbers), None for another line."""
    found = ROW.fullmatch(line.rstrip())
    if found is None:
        return None
    row = [found[1], found[3], *found[4].split()]
    return row if len(row) >= FEWEST and all(cells.number(c) is not None for c in row[2:]) else None


def _of_text(source: Source) -> Iterator[Log]:
    lines = source.read_text().splitlines()
    rows = [(i, row) for i, line in enumerate(lines, 1) if (row := _cells(line)) is not None]
    widths = [len(row) for _, row in rows]
    width = max(dict.fromkeys(widths), key=widths.count, default=0)
    whole = [(i, row) for i, row in rows if len(row) == width]
    if not whole:
        raise NothingToRead(
            source.name, "expected rows of epoch, memory, losses and metrics, found none", "did it train?"
        )
    table = np.array([[float(row[0]), *(_number(c) for c in row[2:])] for _, row in whole], dtype=np.float64)
    for low, high in itertools.pairwise([0, *_starts(table[:, 0]), len(table)]):
        part = table[low:high]
        yield Log(
            source=source.name, reader=NAME, key=source.name, channels=tuple(_channels(part)),
            events=_restarts(part[:, 0]) + (_cut(lines, whole[-1][0]) if high == len(table) else ()), certain=True,
        )  # fmt: skip


def _number(cell: str) -> float:
    value = cells.number(cell)
    return float("nan") if value is None else value


def _starts(epoch: Floats) -> list[int]:
    """Return the rows at which another run begins: where the epoch is again no later than the run's first."""
    starts: list[int] = []
    first = epoch[0]
    for row in np.flatnonzero(epoch[1:] <= epoch[:-1]) + 1:
        if epoch[row] <= first:
            starts.append(int(row))
            first = epoch[row]
    return starts


def _restarts(epoch: Floats) -> tuple[Event, ...]:
    return tuple(
        Event(kind="restart", message=f"the epoch goes back to {epoch[row]:g}", at=float(epoch[row]))
        for row in np.flatnonzero(epoch[1:] <= epoch[:-1]) + 1
    )


def _cut(lines: Sequence[str], last: int) -> tuple[Event, ...]:
    """Say that the last line was left out for being shorter than the others."""
    behind = [i for i, line in enumerate(lines[last:], last + 1) if ROW.match(line)]
    return tuple(
        Event(kind="truncated", message="the last row is cut and was left out", at=float(i))
        for i in behind[-1:]
    )


def _channels(table: Floats) -> Iterator[Channel]:
    """Yield the curves of the rows of one run. Column k of `table` is the file's `#k+2`, the first its epoch."""
    epoch, width = table[:, 0], table.shape[1]
    total = _sum_of(table, 1)
    behind = total + 3  # the number of labels and the image size stand between
    results = table[:, behind:]
    evaluated = np.any(results != 0, axis=1) if results.shape[1] > 1 else np.ones(len(table), dtype=np.bool_)
    losses = list(range(behind + 4, width))
    chosen = losses[:1]
    if len(losses) > 2 and _adds_up(results[evaluated][:, 4:-1].sum(axis=1), results[evaluated][:, -1]):
        chosen = losses[-1:]
    known: dict[int, Role] = {total: _loss("train")} | {k: _loss("validation") for k in chosen}
    parts = total - 1
    if (
        parts > 1 and len(losses) == parts and evaluated.any()
    ):  # the sum is what the training's total compares with
        known[chosen[0]] = COMPONENT
        yield Channel(
            name="+".join(f"#{k + 2}" for k in losses), value=table[evaluated][:, losses].sum(axis=1),
            epoch=epoch[evaluated], role=_loss("validation"),
        )  # fmt: skip
    elif (
        chosen == losses[:1] and len(losses) > 1
    ):  # forks sum what they do not validate: the first parts compare
        known = {1: _loss("train"), losses[0]: _loss("validation"), total: COMPONENT}
    metrics = list(range(behind, min(behind + 4, width)))
    known |= dict(zip(metrics, _metrics(results[evaluated]), strict=False))
    for k in dict.fromkeys([*metrics[2:3], *known, *range(1, width)]):
        keep = evaluated if k >= behind else np.ones(len(table), dtype=np.bool_)
        if keep.any():
            yield Channel(
                name=f"#{k + 2}", value=table[keep, k], epoch=epoch[keep], role=known.get(k, COMPONENT)
            )


def _sum_of(table: Floats, first: int) -> int:
    """Return the column that is the sum of those before it, from `first` on; `first` itself where none is."""
    for k in range(first + 2, table.shape[1] - 2):
        if _adds_up(table[:, first:k].sum(axis=1), table[:, k]):
            return k
    return first


def _adds_up(parts: Floats, total: Floats) -> bool:
    finite = np.isfinite(parts) & np.isfinite(total)
    if not finite.any() or not np.any(total[finite] != 0):
        return False
    same = np.abs(parts - total)[finite] <= SAME * np.abs(total[finite])
    return bool(same.mean() >= ROWS_THAT_ADD_UP)


def _loss(split: Split) -> Role:
    return Role(quantity="loss", split=split, measure="loss", better="lower")


def _metrics(results: Floats) -> Iterator[Role]:
    """Yield the roles of the four metrics: precision, recall, mAP@.5, then mAP@.5:.95 or, in old versions, F1.

    The mean over stricter thresholds is never above mAP@.5.
    """
    better: Direction = "higher"
    for measure in ("precision", "recall", "average_precision"):
        yield Role(quantity="metric", split="validation", measure=measure, better=better)
    is_map = results.shape[1] > 3 and bool(np.all(results[:, 3] <= results[:, 2] + 1e-9))
    yield Role(
        quantity="metric", split="validation", measure="average_precision" if is_map else "f1", better=better
    )
