"""The curves in lines of one kind: of plain lines, of the rows of tables, of progress bars."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

from mlcheck.model import Floats, Role
from mlcheck.readers.text_names import SCOPES, counter, is_measure, is_result, scope

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mlcheck.model import Split
    from mlcheck.readers.text_timeline import Group, Timeline

Mask: TypeAlias = npt.NDArray[np.bool_]
KNOWN_ROLES: Mapping[str, Role] = {
    "trl": Role(quantity="loss", split="train", measure="loss", better="lower"),
    "tel": Role(quantity="loss", split="validation", measure="loss", better="lower"),
}
"""What llm.c calls its losses; `tel` is measured on the validation shard."""


@dataclass(slots=True, kw_only=True)
class Track:
    """Points of one name from lines of one kind, in order: `at` is the line's index.

    `sure` says that the line itself counts (or is a bar's); `fine` that it counts steps; `headed` that a heading
    without values gave the counter.
    """

    name: str
    split: Split | None
    at: Floats
    epoch: Floats
    step: Floats
    total: Floats
    value: Floats
    sure: bool
    fine: bool
    inner: bool = False
    headed: bool = False

    def rows(self, keep: Mask) -> Track:
        """Return the points that `keep` marks."""
        return replace(
            self,
            at=self.at[keep],
            epoch=self.epoch[keep],
            step=self.step[keep],
            total=self.total[keep],
            value=self.value[keep],
        )


def of_lines(group: Group, time: Timeline) -> Iterator[Track]:
    """Yield the curves of lines that are no bar; lines that count nothing take what was counted last."""
    layout = group.layout
    lone = len(group.at) == 1 and not any(v.name in KNOWN_ROLES or is_result(v.name) for v in layout.values)
    if layout.bar is not None or lone:
        return
    table, at = group.table(), group.lines()
    epoch, step, total = (group.column(table, s) for s in (layout.epoch, layout.step, layout.total))
    if layout.step is None:
        step, total = time.last("step", at), time.last("total", at)
    if layout.epoch is None:
        epoch = time.last("headed epoch" if layout.counts else "epoch", at)
    if layout.batches and not np.isfinite(epoch).any():  # they start again with epochs that nobody counted
        epoch = np.cumsum(np.diff(step, prepend=step[:1]) < 0, dtype=np.float64) + 1
    headed = not layout.counts and bool((time.last("header", at) > 0).any())
    inner = layout.step is not None and (layout.epoch is not None or layout.batches)
    for value in layout.values:
        column = group.column(table, value.slot)
        if value.over is not None:
            with np.errstate(divide="ignore", invalid="ignore"):
                column = column / group.column(table, value.over)
        track = Track(
            name=value.name, split=value.split, at=at, epoch=epoch, step=step, total=total, value=column, sure=layout.counts,
            fine=layout.step is not None, inner=inner, headed=headed,
        )  # fmt: skip
        own = layout.counts or value.split is not None or scope(value.name) is not None
        yield from (track,) if own else _by_scope(track, time.scope(at))


def _by_scope(track: Track, scopes: Sequence[Split | None]) -> Iterator[Track]:
    for split in dict.fromkeys(scopes):
        yield replace(track.rows(np.array([s == split for s in scopes], dtype=bool)), split=split)


def of_table(group: Group, time: Timeline) -> Iterator[Track]:
    """Yield the curves of a printed table: rows of numbers under a head of names."""
    places = np.array([at for at, _ in time.heads], dtype=np.float64)
    owner = np.searchsorted(places, group.lines()) - 1
    heads = {int(p): time.heads[p][1] for p in np.unique(owner) if p >= 0}
    for cells in dict.fromkeys(heads.values()):
        mine = np.isin(owner, [p for p, c in heads.items() if c == cells])
        yield from _under_head(group, mine, cells, time)


def _under_head(group: Group, mine: Mask, head: Sequence[str | int], time: Timeline) -> Iterator[Track]:
    row = group.layout.cells
    at, table = group.lines()[mine], group.table()[mine]
    labelled = isinstance(row[0], str) and row[0][:1].isalpha() and len(row) == len(head) + 1
    if not labelled and len(row) != len(head):
        return
    names = {c: str(h) for c, h in zip(row[labelled:], head, strict=True) if isinstance(c, int)}
    kinds = {counter(name): group.column(table, c) for c, name in names.items() if counter(name)}
    epoch = kinds.get("epoch", time.last("epoch", at))
    step = kinds.get("step", np.full(len(at), np.nan) if "epoch" in kinds else time.last("step", at))
    for cell, name in names.items():
        split = SCOPES.get(name.lower()) if labelled else None
        if counter(name) or (labelled and split is None) or not (labelled or is_measure(name)):
            continue
        yield Track(
            name=str(row[0]) if labelled else name, split=split, at=at, epoch=epoch, step=step, total=np.full(len(at), np.nan),
            value=group.column(table, cell), sure=bool(kinds), fine="step" in kinds,
        )  # fmt: skip


def of_bars(groups: Sequence[Group], time: Timeline, number: Sequence[int]) -> Iterator[Track]:
    """Yield the curves of progress bars of one name: the last state of each, or all states of the only one."""
    tables = [g.table() for g in groups]
    at = np.concatenate([g.lines() for g in groups])
    own, done, total = (
        np.concatenate([g.column(t, getattr(g.layout, what)) for g, t in zip(groups, tables, strict=True)])
        for what in ("epoch", "step", "total")
    )
    epoch = np.where(np.isfinite(own), own, time.last("epoch", at))
    mark = np.where(np.isfinite(own), own, _places(time.headings(at), epoch))
    keep = _last_states(at, mark, done, total, [number[int(i)] for i in at])
    alone = keep.sum() == 1 and not np.isfinite(epoch).any()
    keep = done > 0 if alone else keep
    torn = _unfinished(at, keep & (done < total), keep)
    start = 0
    for group, table in zip(groups, tables, strict=True):
        rows = slice(start, start + len(table))
        start += len(table)
        step = done[rows] if alone else time.last("step", at[rows])
        for value in group.layout.values:
            stale = torn[rows] if scope(value.name) in ("validation", "test") else False
            track = Track(
                name=value.name, split=value.split, at=at[rows], epoch=epoch[rows], step=step, total=np.full(len(table), np.nan),
                value=group.column(table, value.slot), sure=True, fine=bool(alone),
            )  # fmt: skip
            yield track.rows(keep[rows] & ~np.array(stale))


def _places(heading: Floats, epoch: Floats) -> Floats:
    """Return a negative number for each heading and epoch under which a bar stands, -1 for neither."""
    pairs = np.stack([heading, np.nan_to_num(epoch, nan=-1.0)], axis=1)
    nth = np.unique(pairs, axis=0, return_inverse=True)[1].reshape(-1)
    return np.where((heading < 0) & ~np.isfinite(epoch), -1.0, -2.0 - nth)


def _unfinished(at: Floats, open_ones: Mask, keep: Mask) -> Mask:
    """Mark the last bar where it alone was left unfinished: the validation result it shows is that of the epoch before."""
    last = at == at[keep].max(initial=-1.0)
    return last & open_ones if open_ones.sum() == 1 < keep.sum() else np.zeros(len(at), dtype=bool)


def _last_states(at: Floats, mark: Floats, done: Floats, total: Floats, number: Sequence[int]) -> Mask:
    """Mark the last state of each bar. A new bar begins where the epoch (`mark`, -1 for none) changes or `done` falls.

    Without epochs a finished bar that is printed again on another line (`number`) is another bar. With epochs a second
    bar under the same heading is an evaluation of the trained model that looks like an epoch: it is left out.
    """
    states = list(zip(mark.tolist(), total.tolist(), done.tolist(), number, strict=True))
    order = [int(i) for i in np.argsort(at, kind="stable") if states[i][2] > 0]
    keep = np.zeros(len(at), dtype=bool)
    finished = -1.0
    for here, following in zip(order, [*order[1:], -1][: len(order)], strict=True):
        epoch, size, count, line = states[here]
        if epoch == finished != -1:
            continue
        if following >= 0 and states[following][:2] == (epoch, size) and states[following][2] >= count:
            again = count == size and epoch == -1 and states[following][3] != line
            if not again:
                continue
        keep[here] = True
        finished = epoch if count == size else -1.0
    return keep
