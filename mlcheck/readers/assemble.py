"""From logs to runs: files of one run joined, restarts spliced, roles given, ids made."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from mlcheck.errors import MlcheckError, NothingToRead
from mlcheck.model import EMPTY, Event, Floats, Role, Run, Scalar, Series, Split
from mlcheck.readers import numbered_sets, roles, views
from mlcheck.readers.listing import listed, try_column
from mlcheck.readers.log import Channel, Log

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

Rows: TypeAlias = npt.NDArray[np.intp]
Keep: TypeAlias = npt.NDArray[np.bool_] | slice
EMPTY_SETTINGS: Mapping[str, Mapping[str, Scalar]] = MappingProxyType({})


class Assembled(NamedTuple):
    """The runs that logs make (without ids yet), and what could not be judged: (the file, why)."""

    runs: tuple[Run, ...]
    failures: tuple[MlcheckError, ...]


def runs(
    logs: Sequence[Log],
    *,
    columns: Mapping[str, str],
    settings: Mapping[str, Mapping[str, Scalar]] = EMPTY_SETTINGS,
    given: Mapping[str, Scalar] = EMPTY,
) -> Assembled:
    """Return the runs in the logs, in the order in which their first file was read.

    `settings` are hyperparameters by folder, weaker than what the log says itself; `given` are the user's, stronger.
    A log without a loss fails with NothingToRead, one without a column that the user named with MlcheckError.
    """
    made: list[Run] = []
    failures: list[MlcheckError] = []
    records = [views.Record(source, tuple(parts), _join(parts)) for source, parts in _groups(logs)]
    for source, parts, channels in views.merged(records):
        series = _series(numbered_sets.with_training(channels), columns)
        if failure := _failure(source, parts, channels, series, columns):
            if str(failure) not in map(str, failures):  # a table of many runs fails once
                failures.append(failure)
            continue
        config = (
            {**_nearest(settings, source)} | {k: v for p in parts for k, v in p.config.items()} | dict(given)
        )
        reader = next(p.reader for p in parts if p.source == source)
        events = tuple(e for p in parts for e in p.events) + _restarts(parts)
        made.append(Run(id=source, source=source, reader=reader, series=series, config=config, events=events))
    return Assembled(runs=tuple(made), failures=tuple(failures))


def _failure(
    source: str,
    parts: Sequence[Log],
    channels: Sequence[Channel],
    series: Sequence[Series],
    columns: Mapping[str, str],
) -> MlcheckError | None:
    """Say why the channels of a run cannot be judged, None if they can."""
    names = list(dict.fromkeys(c.name for c in channels))
    lacking = [name for role, name in columns.items() if role not in ("step", "epoch") and name not in names]
    shown = listed(names)
    judgeable = _is_judgeable(series, parts)
    if lacking and (judgeable or len(lacking) < len(columns)):
        return MlcheckError(
            source, f"expected a column {lacking[0]!r}, found {shown}", "check the --column option"
        )
    if judgeable:
        return None
    if lacking:
        return NothingToRead(
            source, f"expected a column {lacking[0]!r}, found {shown}", "check the --column option"
        )
    return NothingToRead(source, f"expected a loss, found none among the columns {shown}", try_column(names))


def _groups(logs: Sequence[Log]) -> Iterator[tuple[str, list[Log]]]:
    """Yield (source, logs of one run). Several logs of one file are several runs, unless their key joins files."""
    by_key: dict[str, list[Log]] = {}
    for log in logs:
        by_key.setdefault(log.key, []).append(log)
    for parts in by_key.values():
        files = list(dict.fromkeys(p.source for p in parts))
        if len(files) == 1 and len(parts) > 1:
            yield from ((p.source, [p]) for p in parts)
            continue
        if any(p.replaces for p in parts):
            latest = max(parts, key=lambda p: p.order)
            yield latest.source, [latest]
        else:
            ordered = sorted(parts, key=lambda p: (p.order, p.source))
            yield ordered[0].source if parts[0].key.startswith("halves:") else files[0], ordered


def _join(parts: Sequence[Log]) -> tuple[Channel, ...]:
    """Join the channels of one name and split; where steps overlap after a restart the later file wins."""
    found: dict[tuple[str, Split | None], tuple[str, Channel]] = {}
    for part in parts:
        for channel in part.channels:
            mark = (channel.name, channel.split)
            if mark not in found:
                found[mark] = (part.reader, channel)
                continue
            reader, earlier = found[mark]
            if reader != part.reader:  # two loggers wrote the same run: the fuller record stands
                found[mark] = max(
                    (reader, earlier), (part.reader, channel), key=lambda pair: len(pair[1].value)
                )
            else:
                found[mark] = (
                    reader,
                    _merged(earlier, channel) if part.is_part else _spliced(earlier, channel),
                )
    return tuple(channel for _, channel in found.values())


def _spliced(earlier: Channel, later: Channel) -> Channel:
    keep = np.ones(len(earlier.value), dtype=bool)
    for before, after in ((earlier.step, later.step), (earlier.epoch, later.epoch)):
        if before is not None and after is not None and len(after):
            keep = before < after[0]
            break
    return Channel(
        name=earlier.name,
        value=np.concatenate([earlier.value[keep], later.value]),
        step=_both(earlier.step, later.step, keep),
        epoch=_both(earlier.epoch, later.epoch, keep),
        split=earlier.split,
        role=earlier.role or later.role,
    )


def _merged(earlier: Channel, later: Channel) -> Channel:
    """Put the values of two pieces in the order of their counter; without a counter the later piece follows."""
    whole = replace(
        earlier,
        value=np.concatenate([earlier.value, later.value]),
        step=_both(earlier.step, later.step),
        epoch=_both(earlier.epoch, later.epoch),
    )
    if earlier.counts_rows or (count := whole.step if whole.step is not None else whole.epoch) is None:
        return whole
    order = np.argsort(count, kind="stable")
    return replace(
        whole,
        value=whole.value[order],
        step=None if whole.step is None else whole.step[order],
        epoch=None if whole.epoch is None else whole.epoch[order],
    )


def _both(before: Floats | None, after: Floats | None, keep: Keep = slice(None)) -> Floats | None:
    return None if before is None or after is None else np.concatenate([before[keep], after])


def _restarts(parts: Sequence[Log]) -> tuple[Event, ...]:
    """Say where a later file of a run goes on or begins again: the run was restarted."""
    events: list[Event] = []
    for earlier, later in itertools.pairwise(parts):
        if earlier.reader != later.reader or earlier.source == later.source or later.is_part:
            continue
        ends = {(c.name, c.split): _count(c)[-1] for c in earlier.channels if len(c.value)}
        starts = [
            (float(_count(c)[0]), ends[c.name, c.split])
            for c in later.channels
            if (c.name, c.split) in ends and len(c.value)
        ]
        if starts:
            at = min(start for start, _ in starts)
            again = " again" if any(start <= end for start, end in starts) else ""
            events.append(
                Event(kind="restart", message=f"restarted: a second file goes on from {at:g}{again}", at=at)
            )
    return tuple(events)


def _counts_steps(channel: Channel) -> bool:
    """Whether the channel's step moves, or is all there is: a batch size printed in every line counts nothing."""
    if channel.step is None:
        return False
    stands = len(channel.step) > 1 and channel.step.min() == channel.step.max()
    return not (stands and channel.epoch is not None and channel.epoch.min() < channel.epoch.max())


def _count(channel: Channel) -> Floats:
    if channel.step is not None and _counts_steps(channel):
        return channel.step
    return channel.epoch if channel.epoch is not None else np.arange(1.0, 1 + len(channel.value))


def _series(channels: Sequence[Channel], columns: Mapping[str, str]) -> tuple[Series, ...]:
    given = roles.assign([c.name for c in channels], hints=[c.split for c in channels], overrides=columns)
    overridden = {r.name for text in columns if (r := roles.parse_role(text))}
    named = {columns[text] for text in columns}
    made: list[Series] = []
    for i, role in given:
        channel = channels[i]
        own = channel.role if channel.name not in named else None
        made.append(_one(channel, own if own is not None and own.name not in overridden else role))
    return tuple(sorted(made, key=lambda s: s.role.quantity == "other"))


def _one(channel: Channel, role: Role) -> Series:
    """Make a series: in order of its counter, the last of the values logged at the same place after a restart."""
    count = _count(channel)
    order = np.arange(len(count)) if np.all(count[1:] >= count[:-1]) else _last_visit(count)
    epoch = channel.epoch[order] if channel.epoch is not None else None
    if epoch is not None and np.any(epoch[1:] < epoch[:-1]):  # the steps go on while the epochs begin again
        epoch = None
    return Series(
        name=channel.name, role=role, step=count[order], value=channel.value[order], epoch=epoch, step_unit=_unit(channel)
    )  # fmt: skip


def _unit(channel: Channel) -> Literal["step", "epoch", "row"]:
    if _counts_steps(channel):
        return "row" if channel.counts_rows else "step"
    return "epoch" if channel.epoch is not None else "row"


def _last_visit(count: Floats) -> Rows:
    """Where a counter went back, keep what was logged last: a row before it stays if its count is not reached again."""
    begins = np.concatenate([[0], np.flatnonzero(count[1:] < count[:-1]) + 1])
    later = np.minimum.accumulate(np.append(count[begins[1:]], np.inf)[::-1])[::-1]
    piece = np.searchsorted(begins, np.arange(len(count)), side="right") - 1
    return np.flatnonzero(count < later[piece])


def _is_judgeable(series: Iterable[Series], parts: Sequence[Log]) -> bool:
    """Whether there is a loss, a return of reinforcement learning, a crash, or a format that only training writes."""
    has_curve = any(
        s.role.quantity == "loss" or (s.role.quantity == "metric" and s.role.measure == "return")
        for s in series
    )
    return has_curve or any(p.certain or any(e.kind == "crash" for e in p.events) for p in parts)


def _nearest(settings: Mapping[str, Mapping[str, Scalar]], source: str) -> Mapping[str, Scalar]:
    """Return the settings of the log's folder, else of the nearest folder above that has any."""
    folder = source.rpartition("/")[0]
    while folder:
        if folder in settings:
            return settings[folder]
        folder = folder.rpartition("/")[0]
    return settings.get("", {}) if "/" not in source else {}


def with_ids(made: Sequence[Run]) -> Iterator[Run]:
    """Give each run the shortest unique name: its folder, else its file without suffix, else its file; `#2` for more."""
    sources = list(dict.fromkeys(r.source for r in made))
    folders = Counter(s.rpartition("/")[0] for s in sources)
    stems = Counter(_stem(s) for s in sources)
    taken: set[str] = set()
    numbers: dict[str, Iterator[int]] = {}
    for run in made:
        folder, stem = run.source.rpartition("/")[0], _stem(run.source)
        name = (
            folder
            if folder and folders[folder] == 1 and not stems[folder]
            else stem
            if stems[stem] == 1
            else run.source
        )
        unique = name
        while unique in taken:
            unique = f"{name}#{next(numbers.setdefault(name, itertools.count(2)))}"
        taken.add(unique)
        yield replace(run, id=unique)


def _stem(source: str) -> str:
    folder, _, name = source.rpartition("/")
    stem = name.removesuffix(".gz")
    stem = stem.rpartition(".")[0] if "." in stem.lstrip(".") and stem.rpartition(".")[0] else stem
    return f"{folder}/{stem}" if folder else stem
