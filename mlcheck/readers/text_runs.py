"""From curves in lines to runs: where a run ends and the next begins, and which names are believed.

A name is kept only where the text gives evidence that it is a curve: it recurs with a counter, or in several places.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from mlcheck.model import Event, Floats
from mlcheck.readers import roles
from mlcheck.readers.log import Channel
from mlcheck.readers.text_boxes import of_boxes
from mlcheck.readers.text_names import is_measure, is_result, scope
from mlcheck.readers.text_timeline import EVALUATIONS, Timeline
from mlcheck.readers.text_tracks import KNOWN_ROLES, Mask, Track, of_bars, of_lines, of_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mlcheck.model import Split
    from mlcheck.readers.text_timeline import Group

MIN_PARTS, MAX_PARTS = 3, 12
"""How many losses a sum of losses may have: two may agree by chance."""
MANY, UNEVEN = 5, 3.0
"""So many lines of one kind are no chance; of fewer the gaps may differ by this factor."""
SLACK = 0.01
"""A counter that falls back to within this share of its range above its first value has started again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The channels of one run, what happened in it, and the indexes of its first and last line with a point."""

    channels: tuple[Channel, ...]
    events: tuple[Event, ...]
    first: int
    last: int


def parts(groups: Sequence[Group], number: Sequence[int], wanted: frozenset[str]) -> list[Part]:
    """Return the runs in the text. `number` gives the file's line of each line's index; `wanted` are names the user gave."""
    tracks = _tracks(groups, number)
    bounds = list(_runs(tracks))
    mine: list[list[Track]] = [[] for _ in bounds]
    starts = np.array([low for low, _ in bounds])
    if len(bounds) == 1:
        mine[0] = [t for t in tracks if len(t.at)]
    for track in tracks if len(bounds) > 1 else ():
        owner = np.searchsorted(starts, track.at, side="right") - 1
        for nth in np.unique(owner):
            mine[int(nth)].append(track.rows(owner == nth))
    found: list[Part] = []
    for (_, events), some in zip(bounds, mine, strict=True):
        channels, first, last = _channels(some, wanted)
        if channels:
            found.append(Part(channels=channels, events=events, first=first, last=last))
    return found


def _tracks(groups: Sequence[Group], number: Sequence[int]) -> list[Track]:
    time = Timeline(groups)
    tracks = [t for g in groups for t in of_lines(g, time)]
    tracks += [t for g in groups if g.slots and g.layout.cells for t in of_table(g, time)]
    tracks += of_boxes(groups, time)
    named = {(t.name, t.split) for t in tracks if len(t.at) > 1}
    printed = {_split(t) for t in tracks if t.sure and roles.guess(t.name).role.quantity == "loss"}
    bars: dict[str, list[Group]] = {}
    for group in groups:
        if group.layout.bar is not None and group.layout.values:
            bars.setdefault(group.layout.bar, []).append(group)
    # A loss that the author printed says it better than the running one in a bar.
    return tracks + [
        t
        for some in bars.values()
        for t in of_bars(some, time, number)
        if _split(t) not in printed and (t.name, t.split) not in named
    ]


def _split(track: Track) -> Split:
    return track.split or roles.guess(track.name).role.split or "train"


def _runs(tracks: Sequence[Track]) -> Iterator[tuple[float, tuple[Event, ...]]]:
    """Yield (first line, restarts) of each run, in order.

    A counter that returns to its first value begins a new run; one that only goes back is a restart of the same.
    """
    tracks = [t for t in tracks if t.name in KNOWN_ROLES or is_result(t.name)] or tracks
    if not tracks:
        return
    at, epoch, step = (np.concatenate([getattr(t, what) for t in tracks]) for what in ("at", "epoch", "step"))
    by_epoch = len(np.unique(epoch[np.isfinite(epoch)])) > 1
    which, name = (epoch, "epoch") if by_epoch else (step, "step")
    known = np.flatnonzero(np.isfinite(which))
    known = known[np.argsort(at[known], kind="stable")]
    places, counts = at[known], which[known]
    back = np.flatnonzero(np.diff(counts) < 0) + 1
    if len(back) > len(counts) / 3 and (counts[back] > counts[0]).any():
        back = back[:0]  # lines of several counters mixed, not restarts
    low, start = -np.inf, 0
    events: list[Event] = []
    for i in back:
        so_far = counts[start:i]
        slack = SLACK * (so_far.max() - so_far[0]) if not by_epoch or (so_far % 1).any() else 0.0
        if counts[i] <= so_far[0] + slack and np.ptp(so_far) > 0:
            yield low, tuple(events)
            low, start, events = float(places[i]), int(i), []
        else:
            message = f"{name} goes back to {counts[i]:g}"
            events.append(Event(kind="restart", message=message, at=float(counts[i])))
    yield low, tuple(events)


def _channels(tracks: Sequence[Track], wanted: frozenset[str]) -> tuple[tuple[Channel, ...], int, int]:
    """Return a run's channels: tracks of one name joined, those without evidence left out."""
    tracks = _absolute(tracks)
    joined: dict[tuple[str, Split | None], list[Track]] = {}
    for track in tracks:
        joined.setdefault((track.name, track.split), []).append(track)
    for name in [name for name, split in joined if split is None and (name, "train") in joined]:
        plain = joined[name, None]
        if not any(t.sure for t in plain) and not any((name, s) in joined for s in EVALUATIONS):
            joined[name, "train"] += joined.pop((name, None))  # the mean at the end of the epoch
    made: list[Channel] = []
    ends: list[float] = []
    for (name, split), same in joined.items():
        for label, some in _by_fineness(name, same):
            if name in wanted or (_has_evidence(name, some) and not _is_afterword(some, tracks)):
                made.append(_channel(label, split, some))
                ends += [float(t.at[0]) for t in some] + [float(t.at[-1]) for t in some]
    telling = any(c.name in wanted or c.role or is_result(c.name) for c in made)
    if not telling or _is_one_evaluation(made):
        return (), 0, 0
    return _totals_first(made), int(min(ends)), int(max(ends))


def _is_one_evaluation(channels: Sequence[Channel]) -> bool:
    """Whether the only results are those of one evaluation, without training."""
    results = [c for c in channels if is_result(c.name)]
    counted = any(c.epoch is not None or c.step is not None for c in results)
    return bool(results) and all(
        len(c.value) <= 2 - counted and (c.split or scope(c.name)) in EVALUATIONS for c in results
    )


def _totals_first(channels: Sequence[Channel]) -> tuple[Channel, ...]:
    """Return the channels, a loss that is everywhere the sum of the losses right before it ahead of its parts."""
    losses = [
        c for c in channels if roles.guess(c.name).role.quantity == "loss" and np.isfinite(c.value).all()
    ]
    totals = [
        c for i, c in enumerate(losses) if len(c.value) > 1 and _is_sum(c, losses[max(0, i - MAX_PARTS) : i])
    ]
    return (*totals, *(c for c in channels if not any(c is t for t in totals)))


def _is_sum(total: Channel, before: Sequence[Channel]) -> bool:
    so_far = np.zeros(len(total.value))
    for n, part in enumerate(reversed(before), 1):
        if len(part.value) != len(so_far) or part.split != total.split:
            return False
        so_far = so_far + part.value
        if n >= MIN_PARTS and np.allclose(so_far, total.value, rtol=1e-3, atol=0):
            return True
    return False


def _by_fineness(name: str, tracks: Sequence[Track]) -> Iterator[tuple[str, Sequence[Track]]]:
    """Tell a value per epoch from the running one per step that the log gives the same name."""
    fine = [t for t in tracks if t.fine]
    coarse = [t for t in tracks if not t.fine]
    if fine and not coarse and any(np.isfinite(t.epoch).any() for t in fine):
        fine, coarse = [t for t in tracks if t.part], [t for t in tracks if not t.part]
    if not fine or not coarse:
        yield name, tracks
    elif sum(len(t.at) for t in coarse) > 1:
        yield name, coarse
        yield f"{name} (step)", fine
    else:
        yield name, fine


def _has_evidence(name: str, tracks: Sequence[Track]) -> bool:
    """Whether the name recurs as a curve does; what counts nothing must be a measure and be seen in several places."""
    sure = sum(len(t.at) for t in tracks if t.sure)
    if sure > 1 or (sure and is_result(name)):
        return True
    if not is_measure(name):
        return False
    values = np.concatenate([t.value for t in tracks])
    counts = np.concatenate([np.stack([t.epoch, t.step], axis=1) for t in tracks])
    places = np.unique(np.nan_to_num(counts, nan=-1.0), axis=0)
    uncounted = (places < 0).all(axis=1)  # before the first count: a place, too, for what is measured there
    places = places[~uncounted] if uncounted.all() or not is_result(name) else places
    if len(places) == 1:  # a run of one epoch; a zero is more likely the initialisation in a listing of code
        return is_result(name) and any(t.headed for t in tracks) and values[0] != 0
    recurs = max(len(t.at) for t in tracks) > 1  # in lines of one layout, not once beside each of many names
    rows = recurs and roles.guess(name).role.quantity == "loss" and len(np.unique(values)) > 2
    return len(places) > 1 or (rows and _is_regular(np.unique(np.concatenate([t.at for t in tracks]))))


def _is_regular(lines: Floats) -> bool:
    """Whether lines that nothing counts follow each other as those of a loop do: a few, far from evenly spread, do not."""
    gaps = np.diff(lines)
    return len(lines) >= MANY or bool(gaps.max() <= UNEVEN * gaps.min())


def _is_afterword(some: Sequence[Track], tracks: Sequence[Track]) -> bool:
    """Whether this is a single result behind all curves, such as the test of the trained model."""
    lone = sum(len(t.at) for t in some) == 1 and not some[0].sure
    others = [t.at[-1] for t in tracks if len(t.at) > 1]
    return lone and bool(others) and some[0].at[0] > max(others)


def _absolute(tracks: Sequence[Track]) -> list[Track]:
    """Make steps that start again with every epoch count from the beginning of the run, and their epochs fractions."""
    pairs = [t for t in tracks if t.inner]
    if not pairs:
        return list(tracks)
    lines = list({id(t.step): t for t in pairs}.values())  # the values of a line share its counters
    at, epoch, step, total = (
        np.concatenate([getattr(t, what) for t in lines]) for what in ("at", "epoch", "step", "total")
    )
    order = np.argsort(at, kind="stable")
    epoch, step, total = epoch[order], step[order], total[order]
    resets = bool((np.diff(step) < 0)[np.diff(epoch) > 0].any())
    within = bool((step <= total).all()) and np.ptp(epoch) == 0
    if not resets and not within:
        return list(tracks)
    first = min(float(np.nanmin(t.epoch)) for t in tracks if np.isfinite(t.epoch).any())
    base = 0.0 if first < 1 else 1.0
    known = total[np.isfinite(total)]
    size = float(np.median(known)) if len(known) else float(step.max() + (step.min() == 0))
    moved: dict[tuple[int, int], tuple[Floats, Floats]] = {}
    for t in tracks:
        if (id(t.epoch), id(t.step)) not in moved:
            moved[id(t.epoch), id(t.step)] = _from_start(t.epoch, t.step, base, max(size, 1.0))
    counts = [moved[id(t.epoch), id(t.step)] for t in tracks]
    return [
        replace(t, step=step, epoch=part if t.inner else t.epoch)
        for t, (step, part) in zip(tracks, counts, strict=True)
    ]


def _from_start(epoch: Floats, step: Floats, base: float, size: float) -> tuple[Floats, Floats]:
    """Return the steps since the start and the fractions of epochs."""
    both = np.isfinite(epoch) & np.isfinite(step)
    return np.where(both, (epoch - base) * size + step, step), np.where(
        both, epoch - base + step / size, epoch
    )


def _channel(name: str, split: Split | None, tracks: Sequence[Track]) -> Channel:
    at, epoch, step, value = (
        np.concatenate([getattr(t, what) for t in tracks]) for what in ("at", "epoch", "step", "value")
    )
    order = np.argsort(at, kind="stable")
    order = order[~_repeated(epoch[order], step[order], value[order])]
    return Channel(
        name=name, value=value[order], step=_complete(step[order]), epoch=_complete(epoch[order]), split=split,
        role=KNOWN_ROLES.get(name) or tracks[0].role,
    )  # fmt: skip


def _repeated(epoch: Floats, step: Floats, value: Floats) -> Mask:
    """Mark the points that two loggers printed: the same value at the same step as the point before."""
    again = np.zeros(len(value), dtype=np.bool_)
    same_epoch = (epoch[1:] == epoch[:-1]) | ~np.isfinite(epoch[1:])
    again[1:] = (step[1:] == step[:-1]) & same_epoch & (value[1:] == value[:-1])
    return again


def _complete(count: Floats) -> Floats | None:
    """Return a counter without gaps: what precedes the first count happened at 0; None where it mostly lacks."""
    known = np.isfinite(count)
    if known.sum() <= len(count) / 2:
        return None
    last = np.maximum.accumulate(np.where(known, np.arange(len(count)), -1))
    return np.where(last < 0, 0.0, count[last])
