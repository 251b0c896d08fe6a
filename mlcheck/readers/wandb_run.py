"""One run from a `run-ID.wandb` file: its records sorted by what they are, then made into a log."""

from __future__ import annotations

import json
import re
from collections import deque
from typing import TYPE_CHECKING

import numpy as np

from mlcheck.errors import MlcheckError, NothingToRead
from mlcheck.model import Event
from mlcheck.readers import counters, hparams, roles, text_events, text_lines, wandb_names
from mlcheck.readers.cells import Column as Cells
from mlcheck.readers.listing import listed
from mlcheck.readers.log import Channel, Log
from mlcheck.readers.table import Table
from mlcheck.readers.tables import TRAINER_SUMMARY
from mlcheck.readers.tfrecord import BYTES, VARINT, WireError, messages, varint, whole
from mlcheck.readers.wandb_history import STEP, Column, History, joined
from mlcheck.readers.wandb_records import HEADER_BYTES, MAGIC, PIECE_BYTES, Records

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from mlcheck.readers.source import Source

READER = "wandb"
HISTORY, CONFIG, METRIC, OUTPUT_RAW, RUN, EXIT = 2, 5, 12, 13, 17, 18
"""Fields of the message `Record`; of the kinds from HISTORY on a record holds one."""
TELLS_NOTHING = re.compile(rb"(?:\x08[\x80-\xff]*+[\x00-\x7f])?[\x1a\x22\x32\x3a\x42\x4a\x52\x5a]", re.DOTALL)
"""How records begin that tell nothing here: summaries, files, statistics of the machine, artifacts, telemetry."""
PRINTED = 4000
PRINTED_BYTES = 1 << 13
"""How many of the last printed pieces are looked at for the error that ended the run, and how long each may be."""
STOPPED = frozenset((130, 143, 255))
"""Exit codes of a run that somebody ended: by an interrupt or a signal; wandb writes 255 for KeyboardInterrupt."""


class _Run:
    """What the records of a file say: the history, the configuration, what was printed last, how it ended."""

    def __init__(self) -> None:
        self.id = ""
        self.started = 0.0
        self.history = History()
        self.config: dict[str, object] = {}
        self.metrics: dict[str, str] = {}
        self.globs: dict[str, str] = {}
        self.printed: deque[tuple[int, bytes]] = deque(maxlen=PRINTED)
        self.exit_code: int | None = None
        self.invalid = 0

    def take(self, records: Iterable[bytes]) -> None:
        """Take the records in."""
        for record in self.history.rest(records):
            if TELLS_NOTHING.match(record):
                continue
            try:
                for number, wire, start, stop in whole(record):
                    if wire == BYTES:
                        self._take_kind(number, record[start:stop])
            except WireError:
                self.invalid += 1

    def _take_kind(self, number: int, message: bytes) -> None:
        if number == HISTORY:
            self.history.add(message)
        elif number == OUTPUT_RAW:
            self.printed.append((self.history.rows, message[:PRINTED_BYTES]))
        elif number == CONFIG:
            self._configure(message)
        elif number == METRIC:
            self._define(message)
        elif number == RUN:
            self._begin(message)
        elif number == EXIT:
            codes = [varint(message, at)[0] for n, w, at, _ in whole(message) if (n, w) == (1, VARINT)]
            self.exit_code = codes[-1] if codes else 0
            self.exit_code -= (self.exit_code >> 63) << 64

    def _begin(self, message: bytes) -> None:
        self.id = _text(message, 1) or self.id
        for config in messages(message, 4):
            self._configure(config)
        for stamp in messages(message, 17):
            self.started = float(
                next((varint(stamp, at)[0] for n, w, at, _ in whole(stamp) if (n, w) == (1, VARINT)), 0)
            )

    def _configure(self, message: bytes) -> None:
        """Take in new and removed hyperparameters."""
        for item in messages(message, 1):
            name = _item_name(item)
            if name.partition(".")[0] != "_wandb":
                try:
                    self.config[name] = json.loads(_text(item, 16) or "null")
                except (ValueError, RecursionError):
                    continue
        for item in messages(message, 2):
            self.config.pop(_item_name(item), None)

    def _define(self, message: bytes) -> None:
        """Take in a metric's definition: which other metric counts its steps."""
        name, glob, step = (_text(message, number) for number in (1, 2, 4))
        if step:
            (self.metrics if name else self.globs)[name or glob] = step


def read(source: Source) -> Log:
    """Return the run; raises NothingToRead where nothing was logged, MlcheckError for a header of another kind."""
    if source.head[: len(MAGIC)] != MAGIC[: len(source.head)] or source.head[6:HEADER_BYTES] not in (
        b"",
        b"\0",
    ):
        raise MlcheckError(
            source.name, "expected a .wandb file of version 0, found another header", "copy it again"
        )
    records = Records(source.blocks(PIECE_BYTES))
    run = _Run()
    run.take(records)
    columns = run.history.columns()
    channels = tuple(_channels(source, run, columns))
    events = (*_endings(run), *_faults(records, run), *_invalid(columns))
    if not channels and not any(event.kind == "crash" for event in events):
        found = "none" if not run.history.rows else f"no numbers in {run.history.rows} row(s)"
        raise NothingToRead(
            source.name, f"expected a history of numbers in this W&B run, found {found}", _why(records, run)
        )
    key = wandb_names.run_of(source.name, run.id) or source.name
    return Log(
        source=source.name, reader=READER, key=key, channels=channels, config=hparams.scalars(run.config), events=events,
        order=run.started, certain=True,
    )  # fmt: skip


def _text(message: bytes, number: int) -> str:
    """Return the text in the last field of that number, "" where there is none."""
    found = ""
    for text in messages(message, number):
        found = text.decode("utf-8", "replace")
    return found


def _item_name(item: bytes) -> str:
    return joined(item[start:stop] for n, w, start, stop in whole(item) if n in (1, 2) and w == BYTES)


def _channels(source: Source, run: _Run, columns: Sequence[Column]) -> Iterator[Channel]:
    """Yield the curves; a column of texts is none, nor is what counts the rows."""
    by_name = {c.name: c for c in columns}
    axis = _axis(run, columns)
    counted = _counters(source, run, by_name, axis)
    for column in columns:
        if (
            column.name in (STEP, axis, *counted.names)
            or column.texts > len(column)
            or _sums_up(column, by_name)
        ):
            continue
        at, values = column.whole()
        yield Channel(
            name=column.name,
            value=values,
            step=None if counted.step is None else counted.step[at],
            epoch=None if counted.epoch is None else counted.epoch[at],
            counts_rows=counted.names == (None, None),
        )


def _counters(source: Source, run: _Run, columns: Mapping[str, Column], axis: str) -> counters.Counters:
    """Return the step and epoch of every row: the user's choice, the axis, and the logged epoch."""
    total = run.history.rows
    for name in source.columns.get("step"), source.columns.get("epoch"):
        if name is not None and name not in columns:
            raise MlcheckError(
                source.name,
                f"expected a column {name!r}, found {listed(columns)}",
                "check the --column option",
            )
    table = {"": Cells(np.arange(total, dtype=np.float64), np.ones(total, dtype=np.bool_))}
    if axis in columns:
        table[STEP] = _dense(columns[axis], total)
    chosen = set(source.columns.values())
    for name, column in columns.items():
        if name not in table and (name in chosen or roles.guess(name).role.quantity == "epoch"):
            table[name] = _dense(column, total)
    return counters.count(source, Table(table))


def _dense(column: Column, total: int) -> Cells:
    rows, values = column.whole()
    whole_column = np.full(total, np.nan)
    whole_column[rows] = values
    return Cells(whole_column, np.isfinite(whole_column))


def _axis(run: _Run, columns: Sequence[Column]) -> str:
    """Return what counts the steps: the metric that `define_metric` names for all results, else wandb's own count.

    The metric must stand in every row that holds a result and never go back.
    """
    results = [c for c in columns if roles.guess(c.name).role.quantity in ("loss", "metric")]
    axes = {_axis_of(run, c.name) for c in results}
    axis = axes.pop() if len(axes) == 1 else ""
    counting = next((c for c in columns if c.name == axis), None)
    if counting is None or roles.guess(axis).role.quantity == "epoch":
        return STEP
    rows, steps = counting.whole()
    everywhere = all(np.isin(c.whole()[0], rows).all() for c in results)
    return (
        axis
        if everywhere
        and np.isfinite(steps).all()
        and np.all(steps[1:] >= steps[:-1])
        and steps[0] < steps[-1]
        else STEP
    )


def _axis_of(run: _Run, name: str) -> str:
    """Return the step metric of a metric: its own, else that of the first pattern that fits."""
    fitting = (axis for glob, axis in run.globs.items() if glob.endswith("*") and name.startswith(glob[:-1]))
    return run.metrics.get(name) or next(fitting, "")


def _sums_up(column: Column, columns: Mapping[str, Column]) -> bool:
    """Whether a column is the Trainer's mean over the run, logged once, beside how long it took."""
    beside = columns.get(TRAINER_SUMMARY.get(column.name, ""))
    if beside is None or not len(column) == len(beside) == 1 or column.first != beside.first:
        return False
    return any(c is not column and roles.guess(c.name).role.quantity == "loss" for c in columns.values())


def _endings(run: _Run) -> Iterator[Event]:
    """Yield how the run ended: by an error or an interrupt, if its exit code or its last printed lines say so.

    A run without an exit code may go on still: then only what it printed after its last row counts.
    """
    if run.exit_code == 0:
        return
    last = [_line(text) for rows, text in run.printed if run.exit_code or rows == run.history.rows]
    found = text_events.ending(text_lines.screen("".join(last)), -1)
    if found:
        yield from (Event(kind=event.kind, message=event.message) for event in found)
    elif run.exit_code in STOPPED:
        yield Event(kind="interrupted", message=f"the run was stopped (exit code {run.exit_code})")
    elif run.exit_code:
        yield Event(kind="crash", message=f"the run failed with exit code {run.exit_code}")


def _line(message: bytes) -> str:
    try:
        return _text(message, 3)
    except WireError:  # a piece that was longer than what is kept
        return ""


def _faults(records: Records, run: _Run) -> Iterator[Event]:
    """Yield what of the file could not be read."""
    if records.corrupt:
        message = f"{records.corrupt} corrupt record(s), left out; the first at byte {records.first}"
        yield Event(kind="invalid", message=message)
    if invalid := run.invalid + run.history.invalid:
        yield Event(kind="invalid", message=f"{invalid} record(s) that hold no message of W&B, left out")
    if records.cut is not None:
        yield Event(kind="truncated", message=f"the record at byte {records.cut} is cut short")


def _invalid(columns: Sequence[Column]) -> Iterator[Event]:
    """Yield the columns of numbers that hold texts, too."""
    for column in columns:
        if 0 < column.texts <= len(column):
            message = f"{column.texts} of {len(column) + column.texts} cells in column {column.name!r}"
            yield Event(kind="invalid", message=message)


def _why(records: Records, run: _Run) -> str:
    """Say what may be the reason for an empty history."""
    if run.history.rows:
        return "log losses as numbers"
    if records.corrupt or records.cut is not None:
        return f"the file is damaged at byte {records.cut if records.first is None else records.first}: copy it again"
    return "was anything logged with wandb.log, or the run killed before it was written?"
