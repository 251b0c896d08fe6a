"""From MLflow's tables to logs.

The file is a stranger's: it is opened read-only and never locked, only plain tables are asked, by plain column names,
with bounds on the size of a value, the number of rows and the work. Deleted runs and runs of final values only are
left out.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from mlcheck.errors import MlcheckError, NothingToRead
from mlcheck.model import Event, Floats, Scalar
from mlcheck.readers import mlflow
from mlcheck.readers.log import Channel, Log

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mlcheck.readers.source import Source

IN_WAL_MODE, PLAIN = b"\2\2", b"\1\1"
MAX_CONTENT = 1 << 30
MAX_VALUE = 1 << 20
MAX_ROWS = 30_000_000
MAX_TEXTS = 200_000
MAX_STEPS, STRIDE = 4_000_000_000, 1_000_000
"""Instructions of SQLite's machine until it is stopped (some 15 for a row), and how often it is asked."""
CHUNK = 20_000
ALLOWED = frozenset((sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_PRAGMA))
INFINITE = 1.7976931348623157e308
"""MLflow stores infinities as the largest number, and NaN as 0 with a mark."""


class Run(NamedTuple):
    """What the database says of a run beside its metrics."""

    label: dict[str, Scalar]
    status: str


class Points(NamedTuple):
    """All metrics: for each value the places of its run and its name in `runs` and `names`, shape (n,) each."""

    runs: list[str]
    names: list[str]
    run: npt.NDArray[np.int64]
    name: npt.NDArray[np.int64]
    value: Floats
    step: Floats
    time: Floats


def read(source: Source) -> Iterator[Log]:
    """Yield the runs in the order of their first value.

    Raises NothingToRead for a database of something else and one without curves, MlcheckError for a broken one.
    """
    try:
        with closing(_open(source)) as base:
            runs, points = _runs(base), _points(source, base)
            config = _params(base)
    except sqlite3.Error as error:
        raise _broken(source, error) from None
    except (OverflowError, ValueError, TypeError, UnicodeError, MemoryError) as error:
        raise MlcheckError(
            source.name,
            f"expected MLflow's tables, found other values in them ({error})",
            "is the file whole?",
        ) from None
    events = tuple(_unwritten(source))
    found = False
    for run, channels in _by_run(points):
        if run in runs and any(len(c.value) > 1 or mlflow.is_plain_loss(c.name) for c in channels):
            found = True
            yield Log(
                source=source.name, reader=mlflow.NAME, key=f"mlflow:{source.name}:{run}", channels=channels,
                config=config.get(run, {}) | runs[run].label, events=events + mlflow.ending(runs[run].status),
                certain=any(len(c.value) > 1 and not c.name.startswith("system/") for c in channels),
            )  # fmt: skip
            events = ()
    if not found:
        kind = f"{len(runs)} runs of final values only" if len(points.value) else "none logged"
        raise NothingToRead(
            source.name, f"expected losses at several steps, found {kind}", "log each epoch's loss"
        )


def _open(source: Source) -> sqlite3.Connection:
    """Open the file without ever writing beside it; packed or piped content is read into memory."""
    if source.path is not None and not source.compressed:
        uri = f"{source.path.absolute().as_uri()}?mode=ro&immutable=1"
        base = sqlite3.connect(uri, uri=True, check_same_thread=False)
    else:
        content = source.read_bytes()
        if len(content) > MAX_CONTENT:
            raise MlcheckError(
                source.name, "expected at most 1 GiB, found more", "give the database as a plain file"
            )
        if content[18:20] == IN_WAL_MODE:  # what is in memory has no log beside it
            content = content[:18] + PLAIN + content[20:]
        base = sqlite3.connect(":memory:")
        base.deserialize(content)
    base.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_VALUE)
    for pragma in ("trusted_schema=OFF", "query_only=ON", "cell_size_check=ON", "mmap_size=0"):
        base.execute(f"PRAGMA {pragma}")
    base.set_authorizer(lambda action, *_: sqlite3.SQLITE_OK if action in ALLOWED else sqlite3.SQLITE_DENY)
    base.set_progress_handler(_Budget().spent, STRIDE)
    base.text_factory = bytes  # decoded once for each name rather than for each row
    return base


def _text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


class _Budget:
    """Counts the work that SQLite does, and stops it where there is no end."""

    def __init__(self) -> None:
        self.left = MAX_STEPS // STRIDE

    def spent(self) -> bool:
        """Take one from the budget; True stops the query."""
        self.left -= 1
        return self.left < 0


def _columns(base: sqlite3.Connection, table: str) -> set[str]:
    """Return the names of a table's columns; of no table, a view or a virtual table none."""
    found = base.execute(
        "SELECT rootpage FROM sqlite_master WHERE type = 'table' AND name = ?", (table,)
    ).fetchone()
    if found is None or not isinstance(found[0], int) or found[0] < 1:
        return set()
    rows = base.execute(f"PRAGMA table_info({table})").fetchall()
    return {_text(row[1]) for row in rows}


def _runs(base: sqlite3.Connection) -> dict[str, Run]:
    """Return the runs that were not deleted, by id, with name, experiment and status."""
    have = _columns(base, "runs")
    if "run_uuid" not in have or not {"key", "value", "run_uuid"} <= _columns(base, "metrics"):
        raise _Other
    experiments = {}
    if {"experiment_id", "name"} <= _columns(base, "experiments"):
        experiments = dict(base.execute("SELECT experiment_id, name FROM experiments").fetchmany(MAX_TEXTS))
    wanted = [
        name if name in have else "NULL" for name in ("name", "status", "lifecycle_stage", "experiment_id")
    ]
    found: dict[str, Run] = {}
    query = f"SELECT run_uuid, {', '.join(wanted)} FROM runs"  # noqa: S608  (names of our own)
    for run, name, status, stage, experiment in base.execute(query):
        if _text(stage) != "deleted" and len(found) < MAX_TEXTS:
            label: dict[str, Scalar] = {"run": _text(name or run)}
            if experiment in experiments:
                label["experiment"] = _text(experiments[experiment])
            found[_text(run)] = Run(label, _text(status))
    return found


def _params(base: sqlite3.Connection) -> dict[str, dict[str, Scalar]]:
    if not {"key", "value", "run_uuid"} <= _columns(base, "params"):
        return {}
    found: dict[str, dict[str, Scalar]] = {}
    for run, name, value in base.execute("SELECT run_uuid, key, value FROM params").fetchmany(MAX_TEXTS):
        found.setdefault(_text(run), {})[_text(name)] = mlflow.number_or_text(
            _text(value)[: mlflow.MAX_PARAM_BYTES]
        )
    return found


def _points(source: Source, base: sqlite3.Connection) -> Points:
    """Return all values; runs and names become numbers at once, so that a row costs no text."""
    have = _columns(base, "metrics")
    wanted = [name if name in have else "0" for name in ("value", "step", "timestamp", "is_nan")]
    cursor = base.execute(f"SELECT run_uuid, key, {', '.join(wanted)} FROM metrics")  # noqa: S608  (names of our own)
    runs: dict[object, int] = {}
    names: dict[object, int] = {}
    kinds: list[npt.NDArray[np.int64]] = []
    numbers: list[Floats] = []
    rows = 0
    while chunk := cursor.fetchmany(CHUNK):
        rows += len(chunk)
        if rows > MAX_ROWS:
            raise MlcheckError(
                source.name, f"expected at most {MAX_ROWS} values, found more", "export the runs one by one"
            )
        run, name, *rest = zip(*chunk, strict=True)
        kinds.append(np.array([_places(run, runs), _places(name, names)], dtype=np.int64))
        numbers.append(np.array(rest, dtype=np.float64))
    kind = np.concatenate(kinds, axis=1) if kinds else np.zeros((2, 0), dtype=np.int64)
    value, step, time, is_nan = np.concatenate(numbers, axis=1) if numbers else np.zeros((4, 0))
    value[value >= INFINITE], value[value <= -INFINITE], value[is_nan != 0] = np.inf, -np.inf, np.nan
    if "step" not in have:
        step = np.full(len(value), np.nan)
    return Points([_text(r) for r in runs], [_text(n) for n in names], kind[0], kind[1], value, step, time)


def _places(texts: Sequence[object], known: dict[object, int]) -> list[int]:
    for text in dict.fromkeys(texts):
        known.setdefault(text, len(known))
    return [known[text] for text in texts]


def _by_run(points: Points) -> Iterator[tuple[str, tuple[Channel, ...]]]:
    """Yield (run's id, its channels), runs and channels in the order of their first value."""
    if not len(points.value):
        return
    kind = points.run * len(points.names) + points.name
    order = np.lexsort((points.time, kind)) if _are_mixed(points) else np.argsort(kind, kind="stable")
    starts = np.flatnonzero(np.diff(kind[order], prepend=-1))
    pieces = sorted(np.split(order, starts[1:]), key=lambda rows: int(points.run[rows[0]]))
    channels: dict[str, list[tuple[int, Channel]]] = {}
    for rows in pieces:
        run = points.runs[points.run[rows[0]]]
        made = mlflow.channel(points.names[points.name[rows[0]]], points.value[rows], points.step[rows])
        channels.setdefault(run, []).append((int(rows.min()), made))
    for run, found in channels.items():
        yield run, tuple(c for _, c in sorted(found, key=lambda pair: pair[0]))


def _are_mixed(points: Points) -> bool:
    """Whether rows do not stand in the order of time: then their place in the table says nothing."""
    return bool(np.any(points.time[1:] < points.time[:-1]))


def _unwritten(source: Source) -> Iterator[Event]:
    """Say that changes stand in a file beside the database, which only its own program may bring in."""
    if source.path is None:
        return
    for suffix in ("-wal", "-journal"):
        beside = source.path.with_name(source.path.name + suffix)
        if beside.is_file() and beside.stat().st_size:
            message = f"changes in {source.file_name}{suffix} are not yet in the database"
            yield Event(kind="truncated", message=message)


class _Other(sqlite3.Error):
    """The database holds no tables of MLflow."""


def _broken(source: Source, error: sqlite3.Error) -> MlcheckError:
    """Say on one line why the database cannot be read."""
    if isinstance(error, _Other):
        return NothingToRead(
            source.name,
            "expected a database of MLflow, found other tables (or none)",
            "give the log of a training run",
        )
    text = " ".join(str(error).split())
    hint = "copy it again while nothing writes to it; `sqlite3 FILE .recover` saves what can be saved"
    if "interrupted" in text:
        return MlcheckError(source.name, "expected a database of MLflow, found one that is read without end")
    return MlcheckError(source.name, f"expected a whole SQLite database, found: {text}", hint)
