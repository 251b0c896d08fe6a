"""Several records of one run: event files beside a table, printed lines beside a JSON log.

Programs log the same numbers twice, and two readers find them. Judged as two runs they would count double, and the
poorer record would be judged as if it were all there is. Two signs tell that records belong together: a folder holds
event files and one other log, or two readers found the same numbers, up to rounding, in one folder or in one below.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from mlcheck.readers import roles

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mlcheck.model import Floats, Role
    from mlcheck.readers.log import Channel, Log

EVENTS, TEXT = "tensorboard", "text"
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


class _Results:
    """The losses and metrics of the records of one folder, to be searched by their ends.

    `series` are (the record's place, its reader, the finite values, their decimals); `ends` (n, 2) their first and last values.
    """

    def __init__(self) -> None:
        self.series: list[tuple[int, str, Floats, int]] = []
        self.ends = np.empty((0, 2))
        self.decimals = np.empty(0)
        self.sizes = np.empty(0)

    def take(self, place: int, record: Record) -> bool:
        """Take in a record; say whether it holds a result at all."""
        before = len(self.series)
        for channel in record.channels:
            if roles.guess(channel.name).role.quantity in ("loss", "metric"):
                finite = channel.value[np.isfinite(channel.value)]
                if len(finite):
                    self.series.append((place, record.reader, finite, _decimals(finite)))
        return len(self.series) > before

    def close(self) -> None:
        """Lay out the ends of all that was taken in."""
        self.ends = np.array([(v[0], v[-1]) for _, _, v, _ in self.series]).reshape(-1, 2)
        self.decimals = np.array([d for *_, d in self.series])
        self.sizes = np.array([len(v) for _, _, v, _ in self.series])

    def agreeing(self, reader: str, value: Floats, decimals: int) -> Iterator[int]:
        """Yield the places of the records of other readers that hold the same series."""
        apart = np.abs(self.ends - [value[0], value[-1]])
        near = apart <= (10.0 ** -np.minimum(self.decimals, decimals))[:, None]
        alike = np.where(self.sizes == len(value), near.all(axis=1), near.any(axis=1))
        for i in np.flatnonzero(alike):
            place, other, theirs, others = self.series[int(i)]
            if other != reader and _same(value, theirs, min(decimals, others)):
                yield place


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
    for folder, some in events.items():
        if folder and len(some) == len(tables.get(folder, ())) == 1:
            yield some[0], tables[folder][0]
    for results in found.values():
        results.close()
    order = {i: nth for nth, (i, _) in enumerate(records)}
    for folder, results in found.items():
        for place, reader, value, decimals in results.series:
            for above in _above(folder):
                for other in found[above].agreeing(reader, value, decimals) if above in found else ():
                    yield (place, other) if order[place] > order[other] else (other, place)


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
    return Record(fuller.source, fuller.parts + lesser.parts, fuller.channels + own)


def _roles(record: Record) -> list[tuple[Channel, Role]]:
    channels = record.channels
    given = roles.assign([c.name for c in channels], hints=[c.split for c in channels])
    return [(channels[i], channels[i].role or role) for i, role in given]


def _mark(role: Role) -> tuple[str, str | None, str]:
    return role.quantity, role.split, role.measure if role.quantity in ("metric", "other") else ""
