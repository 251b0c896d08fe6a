"""What counts the rows of a table: which column is the step and the epoch, where a run starts again, where runs begin."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from mlcheck.errors import MlcheckError
from mlcheck.model import Event, Floats, Split
from mlcheck.readers import roles

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlcheck.readers.cells import Column, Mask
    from mlcheck.readers.source import Source
    from mlcheck.readers.table import Table

Rows = npt.NDArray[np.intp]
MOST_RUNS = 1000
MOST_RESTARTS = 1000
"""Runs in one file, restarts of one run: what goes back more often does not count."""
PHASES = frozenset(
    (
        "phase",
        "split",
        "mode",
        "stage",
        "subset",
        "partition",
        "set",
        "dataset",
        "fold type",
        "data split",
        "type",
    )
)


@dataclass(frozen=True, slots=True, eq=False)
class Counters:
    """The counting columns of a table by name, and the count of every row (None where the table does not count)."""

    names: tuple[str | None, str | None]
    step: Floats | None
    epoch: Floats | None


def name_of(source: Source, table: Table, quantity: str) -> str | None:
    """Return the column that counts steps (or epochs): the user's choice, else the shortest name that moves."""
    if chosen := source.columns.get(quantity):
        return chosen if chosen in table.columns else None
    taken = {source.columns.get("epoch" if quantity == "step" else "step")}
    found = [n for n, c in table.columns.items() if n not in taken and _is_counter(n, c, quantity)]
    moving = [n for n in found if _moves(_finite(table.columns[n]))]
    return min(moving or found, key=lambda n: (len(roles.words(n)), found.index(n)), default=None)


def _is_counter(name: str, cells: Column, quantity: str) -> bool:
    return not cells.texts and roles.guess(name).role.quantity == quantity and len(_finite(cells)) > 0


def _finite(cells: Column) -> Floats:
    return cells.value[np.isfinite(cells.value)]


def _moves(count: Floats) -> bool:
    return len(count) > 1 and bool(np.any(count != count[0]))


def phase_of(table: Table) -> str | None:
    """Return the column whose texts name the split of each row, if there is one."""
    for name, cells in table.columns.items():
        if cells.texts and " ".join(roles.words(name)) in PHASES:
            kinds = {t.strip().lower() for t in cells.texts if t.strip()}
            if kinds and kinds <= set(roles.SPLITS):
                return name
    return None


def by_phase(table: Table) -> Iterator[tuple[Split | None, Mask]]:
    """Yield (split, its rows); one pair for all rows where no column names the split."""
    phase = phase_of(table)
    if phase is None:
        yield None, np.ones(len(table), dtype=np.bool_)
        return
    splits = [roles.SPLITS.get(t.strip().lower()) for t in table.columns[phase].texts or ()]
    for split in dict.fromkeys(splits):
        yield split, np.array([s == split for s in splits], dtype=np.bool_)


def segments(source: Source, table: Table) -> Iterator[tuple[Table, tuple[Event, ...]]]:
    """Cut the rows where the counter starts again from its first value: several runs appended to one file.

    A counter that goes back to a later value is a restart of the same run; it stays, with an event.
    """
    names = [n for q in ("epoch", "step") if (n := name_of(source, table, q))]
    if not names or not len(table):
        yield table, ()
        return
    count = table.columns[names[0]].value
    if (count[1:] > count[:-1]).all() and np.isfinite(count).all():  # the usual log: nothing starts again
        yield table, ()
        return
    lead = next(mask for _, mask in by_phase(table))
    at = np.flatnonzero(np.isfinite(count) & lead)
    back = at[1:][count[at[1:]] < count[at[:-1]]]
    if len(names) == 2:
        back = back[_also_back(table.columns[names[1]], back)]
    else:
        dips = set(_dips(table, names[0]).tolist())
        back = np.array([i for i in back.tolist() if i not in dips], dtype=np.intp)
    again = back if len(back) or len(names) == 2 else _repeats(count, at)
    if len(again) > len(at) / 3 and len(at) > 3 and not _starts_again(count[at], count[again]):
        yield (table.at(np.argsort(count, kind="stable")) if len(at) == len(count) else table), ()
        return
    fresh = again[count[again] <= count[at[0]]]
    if len(fresh) >= MOST_RUNS:
        raise MlcheckError(
            source.name,
            f"expected at most {MOST_RUNS:,} runs in one file, found {names[0]!r} to start again {len(fresh):,} times",
            "name a column that counts on, as --column step=NAME",
        )
    later = np.setdiff1d(back, fresh) if len(fresh) else back
    for low, high in itertools.pairwise([0, *fresh.tolist(), len(table)]):
        inside = later[np.searchsorted(later, low, "right") : np.searchsorted(later, high)]
        restarts = tuple(
            Event(kind="restart", message=f"{names[0]} goes back to {count[i]:g}", at=float(count[i]))
            for i in inside[:MOST_RESTARTS]
        )
        yield (table.between(low, high) if len(fresh) else table), restarts


def _starts_again(count: Floats, again: Floats) -> bool:
    """Whether a count that often goes back always goes to its start, rather than being sorted by something else."""
    return bool(np.all(again <= count[0]) and len(np.unique(count)) < len(count))


def _also_back(step: Column, rows: Rows) -> Mask:
    """Whether the step, too, is not beyond what it was: an epoch that starts again while the steps go on is no restart."""
    filled = _filled(step)
    return np.array([filled[i] <= filled[i - 1] for i in rows], dtype=np.bool_)


def _dips(table: Table, name: str) -> Rows:
    """Rows whose counter is behind for this row only and that log other columns than the row before.

    OpenMMLab counts training rows in iterations and evaluation rows in epochs.
    """
    count = table.columns[name].value
    inside = np.flatnonzero(count[1:] < count[:-1]) + 1
    inside = (
        inside[[i + 1 == len(count) or count[i + 1] >= count[i - 1] for i in inside]]
        if len(inside)
        else inside
    )
    counting = ("step", "epoch", "time", "other")
    judged = [
        c.present
        for n, c in table.columns.items()
        if not c.texts and roles.guess(n).role.quantity not in counting
    ]
    return inside[[not any(p[i] and p[i - 1] for p in judged) for i in inside]] if len(inside) else inside


def _repeats(count: Floats, at: Rows) -> Rows:
    """Rows at which a file of one-epoch runs starts again: the only value of the counter, repeated."""
    if len(at) > 1 and not _moves(count[at]) and len(at) == len(count) <= 3:
        return at[1:]
    return at[:0]


def count(source: Source, table: Table) -> Counters:
    """Return the counters of every row; rows are counted from 1 where nothing else is."""
    step_name, epoch_name = name_of(source, table, "step"), name_of(source, table, "epoch")
    step = _filled(table.columns[step_name]) if step_name else None
    epoch = _filled(table.columns[epoch_name]) if epoch_name else None
    if step_name and step is not None and len(dips := _dips(table, step_name)):
        step[dips] = np.maximum.accumulate(step)[dips]
    if step is not None and epoch is not None:
        step = _over_epochs(step, epoch, [mask for _, mask in by_phase(table)])
    if step is None and epoch is None:
        step = np.arange(1.0, 1 + len(table))
    return Counters((step_name, epoch_name), step, epoch)


def _over_epochs(step: Floats, epoch: Floats, phases: list[Mask]) -> Floats:
    """Count on over the epochs where the step is the batch within its epoch; place the other phases by their epoch."""
    lead = phases[0]
    mine, theirs = step[lead], epoch[lead]
    forward = theirs[1:] > theirs[:-1]
    resets = (mine[1:] < mine[:-1]) & forward
    whole = step.copy()
    again = resets.any() and resets.sum() >= 0.5 * forward.sum()
    if again:
        before = np.where(resets, mine[:-1] + (mine[1:] == 0), 0.0)
        whole[lead] = mine + np.concatenate([[0.0], np.cumsum(before)])
    ends = np.maximum.accumulate(theirs)
    for phase in phases[1:]:
        if again or _counts_nothing(step[phase], epoch[phase]):
            last = np.searchsorted(ends, epoch[phase], side="right") - 1
            whole[phase] = whole[lead][np.maximum(last, 0)]
    return whole


def _counts_nothing(step: Floats, epoch: Floats) -> bool:
    """Whether the steps of a phase stand still while its epochs go on, or are its epochs."""
    return _moves(epoch) and (not _moves(step) or np.array_equal(step, epoch))


def _filled(cells: Column) -> Floats:
    """Fill the blanks of a counter with the last value before them (the next one after, at the start)."""
    good = np.isfinite(cells.value)
    if good.all():
        return cells.value.copy()
    last = np.maximum.accumulate(np.where(good, np.arange(len(cells)), -1))
    return cells.value[np.where(last < 0, good.argmax(), last)]
