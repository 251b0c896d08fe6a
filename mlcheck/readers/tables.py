"""From named columns of cells to logs: counters, blanks, long tables, phases, restarts, several runs in one table.

CSV, JSON lines and every other row-wise format meet here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mlcheck.errors import NothingToRead
from mlcheck.model import Event, Floats, Scalar, Split
from mlcheck.readers import roles
from mlcheck.readers.log import Channel, Log
from mlcheck.readers.source import Source

MISSING = frozenset(("", "-", "--", "_", "null", "none", "na", "n/a", "#n/a", "<na>", "nil", "nat", "missing"))
NOT_A_NUMBER = frozenset(("nan", "1.#qnan", "-1.#ind", "1.#ind", "-nan", "1.#snan"))
NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
PERCENT = re.compile(rf"({NUMBER.pattern})\s*%")
TENSOR = re.compile(rf"(?:tensor|array|np\.float\d+|Array)\(\s*\[?({NUMBER.pattern}|nan|inf|-inf)\]?.*\)")
THOUSANDS = re.compile(r"[-+]?\d{1,3}(?:,\d{3})+(?:\.\d*)?")
DECIMAL_COMMA = re.compile(r"[-+]?\d*,\d+(?:[eE][-+]?\d+)?")
FRACTION = re.compile(r"(\d+)\s*/\s*(\d+)")

PHASES = frozenset(("phase", "split", "mode", "stage", "subset", "partition", "set", "dataset"))
METRIC_NAMES = frozenset(("metric", "name", "tag", "key", "variable", "series", "measure", "metric_name", "quantity", "scalar"))
VALUE_NAMES = frozenset(("value", "metric_value", "val", "score", "y"))
RUN_NAMES = frozenset(("run", "run_id", "run_name", "experiment", "exp", "trial", "trial_id", "seed", "fold", "model", "name", "id"))


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """One column: `value` (n,) with NaN for NaN and for blanks, `present` (n,) False for blanks.

    `texts` is set where the cells are mostly not numbers; `bad` lists the rows whose cell should be a number.
    """

    value: Floats
    present: np.ndarray[tuple[int], np.dtype[np.bool_]]
    texts: tuple[str, ...] | None = None
    bad: tuple[int, ...] = ()

    def __len__(self) -> int:
        return len(self.value)

    def rows(self, mask: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Column:
        """Return the column with only the rows of the mask."""
        texts = tuple(t for t, keep in zip(self.texts, mask, strict=True) if keep) if self.texts else None
        return Column(self.value[mask], self.present[mask], texts, ())


Table = Mapping[str, Column]


def number(text: str, *, decimal_comma: bool = False) -> float | None:
    """Return the number that a cell shows (percent as printed, thousands, `tensor(1.2)`, `3/40`), None for no number."""
    text = text.strip().strip("\"'")
    try:
        return float(text)
    except ValueError:
        pass_text = text.lower()
    if pass_text in NOT_A_NUMBER:
        return float("nan")
    if pass_text.lstrip("+-") in ("1.#inf", "infinity", "inf"):
        return float("-inf") if pass_text.startswith("-") else float("inf")
    if found := PERCENT.fullmatch(text) or TENSOR.fullmatch(text):
        return float(found.group(1))
    if decimal_comma and DECIMAL_COMMA.fullmatch(text):
        return float(text.replace(",", "."))
    if THOUSANDS.fullmatch(text):
        return float(text.replace(",", ""))
    if found := FRACTION.fullmatch(text):
        return float(found.group(1))
    return None


def column(cells: Sequence[str], *, decimal_comma: bool = False) -> Column:
    """Turn the texts of one column into numbers; a column with mostly other texts keeps them."""
    nan = float("nan")
    try:
        value = np.array([float(c) if c else nan for c in cells], dtype=np.float64)
        present = np.array([bool(c) for c in cells], dtype=bool)
        return Column(value, _without_filler(value, present))
    except ValueError:
        return _odd_column(cells, decimal_comma=decimal_comma)


def _odd_column(cells: Sequence[str], *, decimal_comma: bool) -> Column:
    nan = float("nan")
    missing = [c.strip().lower() in MISSING for c in cells]
    found = [None if gone else number(c, decimal_comma=decimal_comma) for c, gone in zip(cells, missing, strict=True)]
    filled = len(cells) - sum(missing)
    bad = tuple(i for i, (f, gone) in enumerate(zip(found, missing, strict=True)) if f is None and not gone)
    value = np.array([nan if f is None else f for f in found], dtype=np.float64)
    present = np.array([f is not None for f in found], dtype=bool)
    if len(bad) > filled / 2:
        return Column(value, present, tuple(cells))
    return Column(value, _without_filler(value, present), None, bad)


def _without_filler(value: Floats, present: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Tell the NaN that fills the gaps of a sparse column (at least every other row, evenly) from a NaN that was logged."""
    finite = np.flatnonzero(np.isfinite(value) & present)
    if len(finite) < 2 or len(finite) > len(value) / 2 + 1 or not np.isnan(value[present]).any():
        return present
    gaps = np.diff(finite)
    evenly = gaps.min() >= 2 and np.all(gaps == gaps[0]) and len(value) - finite[-1] <= gaps[0] and finite[0] < gaps[0]
    return present & np.isfinite(value) if evenly else present


def from_records(records: Sequence[Mapping[str, object]]) -> Table:
    """Turn JSON-like rows (nested names joined with "/") into columns; a row without the name is a blank."""
    flat = [dict(_flatten(record)) for record in records]
    names = dict.fromkeys(name for row in flat for name in row)
    return {name: _json_column([row.get(name) for row in flat]) for name in names}


def _flatten(record: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, object]]:
    for name, value in record.items():
        if isinstance(value, Mapping):
            yield from _flatten(value, f"{prefix}{name}/")
        else:
            yield prefix + str(name), value


def _json_column(cells: Sequence[object]) -> Column:
    if all(c is None or isinstance(c, int | float) for c in cells):
        value = np.array([float("nan") if c is None else _as_float(c) for c in cells], dtype=np.float64)
        return Column(value, np.array([c is not None for c in cells], dtype=bool))
    return _odd_column(["" if c is None else str(c) for c in cells], decimal_comma=False)


def _as_float(cell: object) -> float:
    try:
        return float(cell)  # type: ignore[arg-type]  # int or float, tested by the caller
    except OverflowError:  # an integer of over 308 digits
        return float("inf")


def logs(source: Source, reader: str, table: Table, *, key: str = "", first_line: int = 2) -> Iterator[Log]:
    """Yield one log per run in the table. `first_line` is the file's line of row 0, for messages.

    Raises NothingToRead where no column can be a curve, and for tables with one row per run.
    """
    _refuse_run_table(source, table)
    events = _invalid_cells(table, first_line)
    pieces = list(_by_run(_pivot(table)))
    for label, piece in pieces:
        for segment, restarts in _segments(source, piece):
            channels = tuple(_channels(source, segment))
            if channels:
                config = _constants(segment) | ({"run": label} if label else {})
                yield Log(
                    source=source.name, reader=reader, key=key or source.name, channels=channels, config=config,
                    events=events + restarts,
                )  # fmt: skip


def _refuse_run_table(source: Source, table: Table) -> None:
    """Refuse exported tables with one row per run or trial: they hold last values, not curves."""
    quantities = {roles.guess(name).role.quantity for name in table}
    if quantities & {"step", "epoch"}:
        return
    for name, cells in table.items():
        is_name = " ".join(roles.words(name)).replace(" ", "_") in RUN_NAMES | {"number", "trial_number", "run_uuid"}
        filled = [t for t in cells.texts or () if t.strip()]
        unique = len(set(filled)) == len(filled) > 1 if cells.texts else len(set(cells.value.tolist())) == len(cells) > 1
        if is_name and unique:
            raise NothingToRead(
                source.name,
                f"expected one row per step or epoch, found one row per {name!r}: a table of runs",
                "give the runs' own logs",
            )


def _invalid_cells(table: Table, first_line: int) -> tuple[Event, ...]:
    return tuple(
        Event(kind="invalid", message=f"{len(c.bad)} cell(s) in column {name!r} are not numbers", at=float(first_line + c.bad[0]))
        for name, c in table.items()
        if c.bad
    )


def _pivot(table: Table) -> Table:
    """Turn a long table (one row per metric and step) into a wide one; a wide one is returned as it is."""
    named = next((n for n, c in table.items() if c.texts and n.strip().lower() in METRIC_NAMES), None)
    valued = next((n for n, c in table.items() if not c.texts and n.strip().lower() in VALUE_NAMES), None)
    if named is None or valued is None:
        return table
    tags = [t.strip() for t in table[named].texts or ()]
    if len(set(tags)) > len(tags) / 2 and len(tags) > 3:
        return table
    wide = {n: c for n, c in table.items() if n not in (named, valued)}
    values = table[valued]
    for tag in dict.fromkeys(tags):
        mine = np.array([t == tag for t in tags], dtype=bool)
        wide[tag] = Column(np.where(mine, values.value, np.nan), values.present & mine)
    return wide


def _by_run(table: Table) -> Iterator[tuple[str, Table]]:
    """Split a table that holds several runs one after the other or mixed, by a column that names the run."""
    counters = [n for n in table if roles.guess(n).role.quantity in ("step", "epoch")]
    for name, cells in table.items():
        if " ".join(roles.words(name)).replace(" ", "_") not in RUN_NAMES or not counters or not cells.present.any() and not cells.texts:
            continue
        labels = [t.strip() for t in cells.texts] if cells.texts else [f"{v:g}" for v in cells.value]
        kinds = list(dict.fromkeys(labels))
        if 1 < len(kinds) <= len(labels) / 2:
            for label in kinds:
                mask = np.array([t == label for t in labels], dtype=bool)
                yield label, {n: c.rows(mask) for n, c in table.items() if n != name}
            return
    yield "", table


def _counter(source: Source, table: Table, quantity: str) -> str | None:
    """Return the column that counts steps (or epochs): the user's choice, else the first that is never blank for long."""
    if chosen := source.columns.get(quantity):
        return chosen if chosen in table else None
    found = [n for n, c in table.items() if not c.texts and roles.guess(n).role.quantity == quantity and np.isfinite(c.value).any()]
    moving = [n for n in found if np.ptp(table[n].value[np.isfinite(table[n].value)]) > 0]
    return min(moving or found, key=lambda n: (len(roles.words(n)), found.index(n)), default=None)


def _segments(source: Source, table: Table) -> Iterator[tuple[Table, tuple[Event, ...]]]:
    """Cut the rows where the counter starts again from its first value: several runs appended to one file.

    A counter that goes back to a later value is a restart of the same run; it stays, with an event.
    """
    names = [n for q in ("epoch", "step") if (n := _counter(source, table, q))]
    rows = len(next(iter(table.values()))) if table else 0
    if not names or _phase(table):
        yield table, ()
        return
    count = table[names[0]].value
    at = np.flatnonzero(np.isfinite(count))
    back = at[1:][np.diff(count[at]) < 0]
    again = _repeats(count, at) if not len(back) and len(names) == 1 else back
    if len(again) > max(1, len(at)) / 3 and len(at) > 3:  # rows of several counters mixed, not restarts
        yield table, ()
        return
    fresh = [int(i) for i in again if count[i] <= count[at[0]]]
    bounds = [0, *fresh, rows]
    for low, high in zip(bounds, bounds[1:], strict=False):
        mask = np.zeros(rows, dtype=bool)
        mask[low:high] = True
        restarts = tuple(
            Event(kind="restart", message=f"{names[0]} goes back to {count[i]:g}", at=float(count[i]))
            for i in back
            if low < i < high and i not in fresh
        )
        yield ({n: c.rows(mask) for n, c in table.items()} if fresh else table), restarts


def _repeats(count: Floats, at: np.ndarray[tuple[int], np.dtype[np.intp]]) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """Rows at which a file of one-epoch runs starts again: the only value of the counter, repeated."""
    if 1 < len(at) and np.ptp(count[at]) == 0 and len(at) == len(count) <= 3:
        return at[1:]
    return at[:0]


def _phase(table: Table) -> str | None:
    """Return the column whose texts name the split of each row, if there is one."""
    for name, cells in table.items():
        if cells.texts and " ".join(roles.words(name)) in PHASES:
            kinds = {t.strip().lower() for t in cells.texts if t.strip()}
            if kinds and kinds <= set(roles.SPLITS):
                return name
    return None


def _channels(source: Source, table: Table) -> Iterator[Channel]:
    step_name, epoch_name = _counter(source, table, "step"), _counter(source, table, "epoch")
    step = _filled(table[step_name]) if step_name else None
    epoch = _filled(table[epoch_name]) if epoch_name else None
    if step is None and epoch is None:
        step = np.arange(1.0, 1 + (len(next(iter(table.values()))) if table else 0))
    phase = _phase(table)
    for name, cells in table.items():
        if name in (step_name, epoch_name, phase) or cells.texts or not cells.present.any() or roles.is_row_number(name):
            continue
        for split, mask in _rows_by_phase(table, phase):
            keep = cells.present & mask
            if keep.any():
                yield Channel(
                    name=name,
                    value=cells.value[keep],
                    step=None if step is None else step[keep],
                    epoch=None if epoch is None else epoch[keep],
                    split=split,
                )


def _rows_by_phase(table: Table, phase: str | None) -> Iterator[tuple[Split | None, np.ndarray[tuple[int], np.dtype[np.bool_]]]]:
    if phase is None:
        rows = len(next(iter(table.values())))
        yield None, np.ones(rows, dtype=bool)
        return
    splits = [roles.SPLITS.get(t.strip().lower()) for t in table[phase].texts or ()]
    for split in dict.fromkeys(splits):
        yield split, np.array([s == split for s in splits], dtype=bool)


def _filled(cells: Column) -> Floats:
    """Fill the blanks of a counter with the last value before them (the next one after, at the start)."""
    good = np.flatnonzero(np.isfinite(cells.value))
    if not len(good):
        return np.arange(1.0, 1 + len(cells))
    last = np.maximum.accumulate(np.where(np.isfinite(cells.value), np.arange(len(cells)), -1))
    return cells.value[np.where(last < 0, good[0], last)]


def _constants(table: Table) -> dict[str, Scalar]:
    """Columns that never change and mean no series: hyperparameters written into every row."""
    found: dict[str, Scalar] = {}
    for name, cells in table.items():
        if roles.guess(name).role.quantity != "other" or len(cells) < 3:
            continue
        if cells.texts and len(set(cells.texts)) == 1:
            found[name] = cells.texts[0]
        elif not cells.texts and cells.present.all() and np.ptp(cells.value) == 0:
            found[name] = float(cells.value[0])
    return found
