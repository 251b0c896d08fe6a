"""What a printed log said before each of its lines: the epoch, the step, the split, the head of a table."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from mlcheck.readers.text_layout import Layout, number

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlcheck.model import Floats, Split

EVALUATIONS: Mapping[str, Split] = {"validation": "validation", "test": "test"}


@dataclass(slots=True)
class Group:
    """All lines of one layout: the index of each line, and its numbers that matter, one line after the other."""

    layout: Layout
    slots: tuple[int, ...]
    at: array[int] = field(default_factory=lambda: array("q"))
    data: array[float] = field(default_factory=lambda: array("d"))
    places: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        """Numbers stand at the odd places of a line cut at its numbers."""
        self.places = tuple(2 * slot + 1 for slot in self.slots)

    def add(self, line: int, parts: Sequence[str]) -> None:
        """Add a line, cut at its numbers."""
        try:
            numbers = [float(parts[place]) for place in self.places]
        except ValueError:
            numbers = [number(parts[place]) for place in self.places]
        self.at.append(line)
        self.data.extend(numbers)

    def lines(self) -> Floats:
        """Return the index of each line."""
        return np.array(self.at, dtype=np.float64)

    def table(self) -> Floats:
        """Return the numbers, shape (lines, slots); no copy, so nothing can be added once it was asked for."""
        numbers = np.frombuffer(self.data, dtype=np.float64) if len(self.data) else np.empty(0)
        return numbers.reshape(len(self.at), len(self.slots))

    def column(self, table: Floats, slot: int | None) -> Floats:
        """Return the numbers at one place of the line; NaN where the layout has none."""
        if slot is None:
            return np.full(len(table), np.nan)
        return table[:, self.slots.index(slot)]


class Timeline:
    """What was said last before a line: the epoch, the step, the split that a heading announced, a table's head."""

    def __init__(self, groups: Sequence[Group]) -> None:
        told = [_counted(g) for g in groups if _tells(g.layout)]
        at, *columns = (np.concatenate(c) for c in zip(*told, strict=True)) if told else [np.empty(0)] * 5
        order = np.argsort(at, kind="stable")
        header = columns[3][order] > 0
        self._said: dict[str, tuple[Floats, Floats]] = {"header": (at[order], columns[3][order])}
        for name, column in zip(("epoch", "step", "total"), columns, strict=False):
            known = np.isfinite(column[order])
            self._said[name] = at[order][known], column[order][known]
        known = header & np.isfinite(columns[0][order])
        self._said["headed epoch"] = at[order][known], columns[0][order][known]
        heads = [(i, g.layout.cells) for g in groups if g.layout.cells and not g.slots for i in g.at]
        self.heads = sorted(heads, key=lambda pair: pair[0])
        self._scopes = _scopes(groups)

    def last(self, what: str, at: Floats) -> Floats:
        """Return the last "epoch", "step", "total" ("headed epoch": in a line without values) said up to each line, or NaN."""
        places, values = self._said[what]
        place = np.searchsorted(places, at, side="right") - 1
        return np.where(place < 0, np.nan, np.append(values, np.nan)[place])

    def headings(self, at: Floats) -> Floats:
        """Return for each line the number of the last heading with an epoch, -1 before the first."""
        return (np.searchsorted(self._said["headed epoch"][0], at, side="right") - 1).astype(np.float64)

    def scope(self, at: Floats) -> list[Split | None]:
        """Return the split announced last before each line."""
        if not self._scopes:
            return [None] * len(at)
        place = np.searchsorted(np.array([a for a, _ in self._scopes], dtype=np.float64), at) - 1
        return [self._scopes[p][1] if p >= 0 else None for p in place]


def _tells(layout: Layout) -> bool:
    """Whether lines of this layout say where the run stands; bars and passing mentions do not."""
    return (
        layout.counts
        and (bool(layout.values) or layout.announces)
        and (layout.bar is None or layout.epoch is not None)
    )


def _counted(group: Group) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """Return line, epoch, step, total, and whether the line holds no value, each of shape (lines,)."""
    layout, table = group.layout, group.table()
    step = group.column(table, None if layout.bar is not None else layout.step)
    epoch, total = group.column(table, layout.epoch), group.column(table, layout.total)
    return (
        np.array(group.at, dtype=np.float64),
        epoch,
        step,
        total,
        np.full(len(table), float(not layout.values)),
    )


def _scopes(groups: Sequence[Group]) -> list[tuple[int, Split | None]]:
    """Return what announces a split for the lines below, and what ends it (None), in order."""
    found: list[tuple[int, Split | None]] = []
    for group in groups:
        layout = group.layout
        said = layout.heading or (EVALUATIONS.get(layout.bar.partition(":")[0]) if layout.bar else None)
        if said:
            found += [(i, said) for i in group.at]
    if not found:
        return []
    for group in groups:
        if (group.layout.epoch is not None and group.layout.announces) or (
            group.layout.counts and group.layout.bar is None
        ):
            found += [(i, None) for i in group.at if group.layout.values or group.layout.epoch is not None]
    return sorted(found, key=lambda pair: pair[0])
