"""Several records of one run: event files beside a table, printed lines beside a JSON log.

Programs log the same numbers twice, and two readers find them. Judged as two runs they would count double, and the
poorer record would be judged as if it were all there is. Two signs tell that records belong together: a folder holds
event files and one other log, or two readers found the same numbers, up to rounding, in one folder or in one below.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby, product
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from mlcheck.readers import roles, wandb_names

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mlcheck.model import Floats, Role
    from mlcheck.readers.log import Channel, Log

EVENTS, TEXT, WANDB = "tensorboard", "text", "wandb"
LEVELS = 3
"""How many folders apart two records of one run may lie (`out/train.log`, `out/lightning_logs/version_0/metrics.csv`)."""
MOST_DECIMALS = 6
"""Event files hold single precision: further decimals are noise."""
DIGITS = 5
"""So many significant digits must agree: by chance that happens once in 100,000 pairs."""
AGREEING = 0.9
OVERLAP = 0.5
"""Shares: of values that agree where two series overlap, and of the longer series that the shorter must reach."""


class Record(NamedTuple):
    """What one reader found of one run: the file that it is named after, its logs, their channels joined."""

    source: str
    parts: tuple[Log, ...]
    channels: tuple[Channel, ...]

    @property
    def reader(self) -> str:
        """The name of the reader."""
        return self.parts[0].reader

    @property
    def folder(self) -> str:
        """The folder of the file, "" for one that the user named."""
        return self.source.rpartition("/")[0]


def merged(records: Sequence[Record]) -> tuple[Record, ...]:
    """Return the records, those of one run made one: the fullest, with what only the others hold.

    A table or JSON log is fuller than event files, these are fuller than printed lines. The order of the input stays.
    """
    if len({r.reader for r in records}) < 2:
        return tuple(records)
    rank = sorted(range(len(records)), key=lambda i: (_rank(records[i]), i))
    owner: dict[int, int] = {}
    for lesser, fuller in _pairs([(i, records[i]) for i in rank]):
        if lesser not in owner and _last(owner, fuller) != lesser:
            owner[lesser] = fuller
    made = list(records)
    for lesser in owner:
        fuller = _last(owner, lesser)
        made[fuller] = _with(made[fuller], records[lesser])
    return tuple(record for i, record in enumerate(made) if i not in owner)


def _last(owner: Mapping[int, int], at: int) -> int:
    """Follow the owners to the record that has none."""
    while at in owner:
        at = owner[at]
    return at


def _rank(record: Record) -> int:
    return {EVENTS: 1, TEXT: 2}.get(record.reader, 0)


class _Curve(NamedTuple):
    """The finite values of one loss or metric, given with so many decimals, the `nth` found, in the record at `place`."""

    nth: int
    place: int
    reader: str
    value: Floats
    decimals: int

    @property
    def ends(self) -> tuple[float, float]:
        """The first and the last value."""
        return float(self.value[0]), float(self.value[-1])


class _Cells:
    """Curves to be found by their ends: a cell is two tolerances wide, so what is near lies in it or in a neighbour.

    `by_both` holds places in `curves` by length and the cells of both ends; `by_one` by end (0, 1), its cell, and length.
    """

    def __init__(self, curves: Sequence[_Curve], tolerance: float) -> None:
        self.curves, self.tolerance = curves, tolerance
        self.by_both: dict[tuple[int, float, float], list[int]] = {}
        self.by_one: dict[tuple[int, float], dict[int, list[int]]] = {}
        for i, curve in enumerate(curves):
            size, cells = len(curve.value), [self._cell(end) for end in curve.ends]
            self.by_both.setdefault((size, cells[0], cells[1]), []).append(i)
            for which, cell in enumerate(cells):
                self.by_one.setdefault((which, cell), {}).setdefault(size, []).append(i)

    def _cell(self, value: float) -> float:
        return float(np.floor(value / (2 * self.tolerance)))

    def near(self, curve: _Curve) -> Iterator[_Curve]:
        """Yield the curves of the same length with both ends near, and those of another with one end near."""
        size, ends = len(curve.value), curve.ends
        around = [[self._cell(end) + move for move in (-1.0, 0.0, 1.0)] for end in ends]
        for first, last in product(*around):
            for i in self.by_both.get((size, first, last), ()):
                if all(self._is_near(curve, self.curves[i], which) for which in (0, 1)):
                    yield self.curves[i]
        for which in (0, 1):
            for cell in around[which]:
                for length, places in self.by_one.get((which, cell), {}).items():
                    if length != size and min(length, size) >= OVERLAP * max(length, size):
                        yield from (
                            c for c in map(self.curves.__getitem__, places) if self._is_near(curve, c, which)
                        )

    def _is_near(self, one: _Curve, other: _Curve, which: int) -> bool:
        return abs(one.ends[which] - other.ends[which]) <= self.tolerance


class _Results:
    """The losses and metrics of the records of one folder, to be searched by their ends."""

    def __init__(self) -> None:
        self.curves: list[_Curve] = []
        self.by_kind: dict[tuple[str, int], list[_Curve]] = {}
        self.cells: dict[tuple[str, int, int], _Cells] = {}

    def take(self, place: int, record: Record) -> bool:
        """Take in a record; say whether it holds a result at all."""
        before = len(self.curves)
        for channel in record.channels:
            if roles.guess(channel.name).role.quantity in ("loss", "metric"):
                finite = channel.value[np.isfinite(channel.value)]
                if len(finite):
                    curve = _Curve(len(self.curves), place, record.reader, finite, _decimals(finite))
                    self.curves.append(curve)
                    self.by_kind.setdefault((curve.reader, curve.decimals), []).append(curve)
        return len(self.curves) > before

    def agreeing(self, curve: _Curve) -> Iterator[int]:
        """Yield the places of the records of other readers that hold the same series, in the order in which they were found."""
        if len(curve.value) > 3 and curve.value.min() == curve.value.max():
            return  # what stands still agrees with nothing, see `_agree`, and may lie near to every other
        near: dict[int, _Curve] = {}
        for (other, decimals), curves in self.by_kind.items():
            if other == curve.reader:
                continue
            shared = min(decimals, curve.decimals)
            key = (other, decimals, shared)
            if key not in self.cells:
                self.cells[key] = _Cells(curves, 10.0**-shared)
            near |= {c.nth: c for c in self.cells[key].near(curve)}
        for _, theirs in sorted(near.items()):
            if _same(curve.value, theirs.value, min(curve.decimals, theirs.decimals)):
                yield theirs.place


def _pairs(records: Sequence[tuple[int, Record]]) -> Iterator[tuple[int, int]]:
    """Yield (lesser, fuller) places of records of one run."""
    found: dict[str, _Results] = {}
    events: dict[str, list[int]] = {}
    tables: dict[str, list[int]] = {}
    for i, record in records:
        has_results = found.setdefault(record.folder, _Results()).take(i, record)
        if record.reader == EVENTS:
            events.setdefault(record.folder, []).append(i)
        elif has_results and _rank(record) == 0:
            tables.setdefault(record.folder, []).append(i)
    yield from _printed_by_wandb(records)
    for folder, some in events.items():
        if folder and len(some) == len(tables.get(folder, ())) == 1:
            yield some[0], tables[folder][0]
    order = {i: nth for nth, (i, _) in enumerate(records)}
    for folder, results in found.items():
        for curve in results.curves:
            for above in _above(folder):
                for other in found[above].agreeing(curve) if above in found else ():
                    yield (curve.place, other) if order[curve.place] > order[other] else (other, curve.place)


def _printed_by_wandb(records: Sequence[tuple[int, Record]]) -> Iterator[tuple[int, int]]:
    """Yield (lesser, fuller) places where all that a run's `output.log` holds is the crash: no number says whose it is."""
    runs = {record.parts[0].key: i for i, record in records if record.reader == WANDB}
    for i, record in records:
        if runs and not record.channels and record.reader == TEXT:
            key = wandb_names.run_of(record.source)
            if key in runs:
                yield i, runs[key]


def _above(folder: str) -> Iterator[str]:
    """Yield the folder and those that it lies in."""
    yield folder
    for _ in range(LEVELS):
        folder, cut, _ = folder.rpartition("/")
        if not cut:
            return
        yield folder


def _same(a: Floats, b: Floats, decimals: int) -> bool:
    """Whether two series are the same numbers up to rounding, from their first or up to their last value on."""
    size = min(len(a), len(b))
    if size < OVERLAP * max(len(a), len(b)):
        return False
    return any(_agree(a[cut][:size], b[cut][:size], decimals) for cut in (slice(None), slice(-size, None)))


def _agree(a: Floats, b: Floats, decimals: int) -> bool:
    near = np.abs(a - b) <= 0.51 * 10.0**-decimals + 1e-6 * np.abs(a)
    if near.mean() < AGREEING or not near[0]:
        return False
    units = np.abs(np.round(a[near] * 10.0**decimals))
    distinct = [value for value, _ in groupby(sorted(units.tolist()))]
    if len(distinct) == 1 < len(units):  # every run that does not learn stands at the same loss
        return False
    return sum(len(f"{value:.0f}") for value in distinct if value) >= DIGITS


def _decimals(values: Floats) -> int:
    """Return how many decimals the values are given with."""
    texts = (f"{v:.{MOST_DECIMALS}f}".rstrip("0") for v in values[:50].tolist())
    return max(len(text.partition(".")[2]) for text in texts)


def _with(fuller: Record, lesser: Record) -> Record:
    """Return the fuller record with the channels for which it has none of its own, and the events of both."""
    known = {_mark(role) for _, role in _roles(fuller)} | {(c.name, c.split) for c in fuller.channels}
    own = tuple(
        channel
        for channel, role in _roles(lesser)
        if _mark(role) not in known and (channel.name, channel.split) not in known
    )
    if any(event.kind == "crash" for part in lesser.parts for event in part.events):
        fuller = fuller._replace(parts=tuple(map(_without_crash, fuller.parts)))
    return Record(fuller.source, fuller.parts + lesser.parts, fuller.channels + own)


def _without_crash(part: Log) -> Log:
    """Return the log but for its crash, which the printed lines tell with the error and its line."""
    return replace(part, events=tuple(event for event in part.events if event.kind != "crash"))


def _roles(record: Record) -> list[tuple[Channel, Role]]:
    channels = record.channels
    given = roles.assign([c.name for c in channels], hints=[c.split for c in channels])
    return [(channels[i], channels[i].role or role) for i, role in given]


def _mark(role: Role) -> tuple[str, str | None, str]:
    return role.quantity, role.split, role.measure if role.quantity in ("metric", "other") else ""
