"""MLflow's file store: `mlruns/<experiment>/<run>/metrics/<name>`, a line `timestamp value step` for each value.

The metric files of a run's folder are one run, files under `params` its configuration. A name with slashes is a path
below `metrics`. Old stores write no step. A metric that somebody copied elsewhere is recognised by its lines;
what stands before and in the run's id (hexadecimal digits) in its name tells the run, what follows is the name.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from mlcheck.errors import NothingToRead
from mlcheck.model import Event, Floats, Scalar
from mlcheck.readers import roles
from mlcheck.readers.log import Channel, Log

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mlcheck.readers.source import Source

NAME = "mlflow"
ORDER = 15

KINDS = ("metrics", "params", "tags")
RUN_FOLDER = re.compile(r"(m-)?[0-9a-f]{32}")
LINE = re.compile(r"(?P<time>\d{1,16}) (?P<value>[-+]?(?:\d[\d.eE+-]*|nan|inf(?:inity)?))(?: (?P<step>-?\d+)(?: \S+)*)?", re.IGNORECASE)  # fmt: skip
COPIED = re.compile(r"(?P<run>.*?(?<![0-9a-z])(?=[0-9a-f]*\d)[0-9a-f]{6,40}(?:-[0-9a-f]{4,12}){0,4})[^0-9a-zA-Z]+(?:metrics[^0-9a-zA-Z]+)?(?P<name>.+)")  # fmt: skip
SECONDS, MILLISECONDS = (1_000_000_000, 3_000_000_000), (1_000_000_000_000, 3_000_000_000_000)
STATUSES = {"4": "FAILED", "5": "KILLED", "3": "FINISHED", "1": "RUNNING", "2": "SCHEDULED"}
MAX_PARAMS, MAX_PARAM_BYTES, MAX_META_BYTES = 500, 4096, 1 << 16
FEW_BYTES = 256
"""A file shorter than this is opened to see whether it holds more than one line."""


class Place(NamedTuple):
    """Where a file belongs: the run's folder, the run's key, which kind of file it is, the name it stands for."""

    folder: Path
    key: str
    kind: str
    name: str


def sniff(source: Source) -> bool:
    """Say whether the file is part of a run's folder, or all its lines are those of a metric."""
    if not source.is_text:
        return False
    if _place(source):
        return True
    lines = source.head_text.split("\n", 8)[:8]
    whole = [line for line in lines[: None if source.whole and len(lines) < 8 else -1] if line.strip()]
    return bool(whole) and all(_is_point(line, source.file_name) for line in whole)


def read(source: Source) -> Iterator[Log]:
    """Yield the metric as a run of one channel, or a parameter of a run as a log without channels.

    Raises NothingToRead for a run that was deleted, a run of final values only, and parameters named by the user.
    """
    place = _place(source)
    if place is None:
        name, key = _copied(source)
        yield _metric(source, name, key, {}, ())
        return
    if place.kind != "metrics" or place.folder.name.startswith("m-"):
        yield _part(source, place)
        return
    meta = _meta(place.folder)
    if meta.get("lifecycle_stage") == "deleted" and not source.named:
        raise NothingToRead(source.name, "expected a run, found one that was deleted in MLflow")
    leads = source.named or _leads(source, place)
    config = _config(place, meta) if leads else {}
    log = _metric(source, place.name, place.key, config, ending(meta.get("status", "")) if leads else ())
    if not source.named and all(len(c.value) < 2 for c in log.channels) and not _has_curve(place.folder):
        raise NothingToRead(
            source.name,
            "expected a loss at several steps, found final values only in this run",
            "log each epoch's loss",
        )
    yield log


def ending(status: str) -> tuple[Event, ...]:
    """Say how MLflow marked the run's end where it did not end by itself.

    FAILED is any exception that left the run, the keyboard's interrupt among them: no sure sign of a crash.
    """
    told = {"FAILED": "an error or a signal ended it", "KILLED": "it was killed"}.get(status)
    return (Event(kind="interrupted", message=f"MLflow marks the run as {status}: {told}"),) if told else ()


def is_plain_loss(name: str) -> bool:
    """Whether a name says "loss": a final RMSE or log loss is the score of a model, not a curve of one epoch."""
    guess = roles.guess(name)
    return guess.role.quantity == "loss" and guess.rank == 0


def number_or_text(text: str) -> Scalar:
    """MLflow keeps every parameter as text."""
    try:
        return float(text) if "_" not in text else text
    except ValueError:
        return text


def _place(source: Source) -> Place | None:
    """Return the place of a file of a store, by its path: `<run>/metrics/<name>` with a run's id or its meta.yaml."""
    parts = source.path.absolute().parts if source.path is not None else tuple(source.name.split("/"))
    for i in range(len(parts) - 2, 0, -1):
        if parts[i] not in KINDS:
            continue
        folder = Path(*parts[:i])
        if RUN_FOLDER.fullmatch(parts[i - 1]) or (
            source.path is not None and (folder / "meta.yaml").is_file()
        ):
            shown = source.name.split("/")[: i - len(parts)] if source.folder else []
            run = "/".join(shown) or parts[i - 1]
            return Place(folder, f"mlflow:{run}", parts[i], "/".join(parts[i + 1 :]))
    return None


def _copied(source: Source) -> tuple[str, str]:
    """Return the name and the run's key of a metric file outside of a store."""
    found = COPIED.fullmatch(source.file_name.removesuffix(".gz"))
    name = found["name"] if found else source.file_name.removesuffix(".gz").rpartition("+")[2]
    run = found["run"] if found else ""
    key = f"mlflow:{source.folder}/{run}" if source.folder or run else source.name
    return name, key


def _part(source: Source, place: Place) -> Log:
    """Claim what is no metric of the run itself: its parameters and tags (read with its metrics), a model's copies."""
    if source.named or not (place.folder / "metrics").is_dir():
        found = "a model's metrics" if place.kind == "metrics" else f"a run's {place.kind}"
        raise NothingToRead(
            source.name, f"expected a metric of MLflow, found {found}", "give the folder of the run"
        )
    key = place.key
    if place.kind == "metrics" and (run := source.head_text.split("\n", 1)[0].split(" ")[3:4]):
        experiment = key.rpartition("/models/")[0]
        key = f"{experiment}/{run[0]}" if experiment else key
    return Log(source=source.name, reader=NAME, key=key, channels=())


def _metric(source: Source, name: str, key: str, config: dict[str, Scalar], events: tuple[Event, ...]) -> Log:
    rows, cut = _points(source.read_text())
    if not rows.shape[1]:
        raise NothingToRead(
            source.name, "expected lines `timestamp value step`, found none", "was anything logged?"
        )
    time, value, step = rows
    if np.any(step[1:] < step[:-1]):  # logged by several threads: in order of time it may go forward
        order = np.argsort(time, kind="stable")
        value, step = value[order], step[order]
    certain = len(value) > 1 and not name.startswith("system/")
    return Log(
        source=source.name, reader=NAME, key=key, channels=(channel(name, value, step),), config=config, events=events + cut, certain=certain
    )  # fmt: skip


def channel(name: str, value: Floats, step: Floats) -> Channel:
    """Return a metric's values, shape (n,); a step that stands still (nobody counted) counts nothing."""
    counts = bool(np.isfinite(step).all()) and (len(step) == 1 or step.min() < step.max())
    return Channel(name=name, value=value, step=step if counts else None, counts_rows=not counts)


def _points(text: str) -> tuple[Floats, tuple[Event, ...]]:
    """Return time, value and step (NaN where there is none), shape (3, n), and what could not be read."""
    lines = text.split("\n")
    ended = not lines[-1].strip()
    lines = [line for line in lines if line.strip()]
    width = lines[0].count(" ") + 1 if lines else 0
    if width in (2, 3) and all(line.count(" ") == width - 1 for line in (lines[0], lines[-1])):
        try:
            flat = np.array(list(map(float, text.split())), dtype=np.float64)
            if len(flat) == width * len(lines):
                rows = flat.reshape(-1, width).T
                step = rows[2] if width == 3 else np.full(len(lines), np.nan)
                return np.array([rows[0], rows[1], step]), ()
        except ValueError:
            pass  # a line is broken: looked at one by one
    return _odd_points(lines, ended=ended)


def _odd_points(lines: Sequence[str], *, ended: bool) -> tuple[Floats, tuple[Event, ...]]:
    """Read line by line: those that are none are left out, which an event says."""
    matches = [LINE.fullmatch(line.strip()) for line in lines]
    stepped = sum(m is not None and m["step"] is not None for m in matches)
    events: list[Event] = []
    rows: list[tuple[float, float, float]] = []
    for at, m in enumerate(matches, 1):
        last = at == len(lines)
        point = _point(m)
        if point is None or (last and not ended and stepped and np.isnan(point[2])):
            kept = last and not ended
            message = (
                "the last line is cut and was left out" if kept else "a line is no `timestamp value step`"
            )
            events.append(Event(kind="truncated" if kept else "invalid", message=message, at=float(at)))
        else:
            rows.append(point)
    found = np.array(rows, dtype=np.float64).reshape(-1, 3).T
    return found, tuple(events[-3:])


def _point(match: re.Match[str] | None) -> tuple[float, float, float] | None:
    if match is None:
        return None
    try:
        step = float(match["step"]) if match["step"] is not None else float("nan")
        return float(match["time"]), float(match["value"]), step
    except ValueError:
        return None


def _is_point(line: str, file_name: str) -> bool:
    """Whether a line outside of a store is a metric's: the time is one, and with no step the file is named by a run."""
    found = LINE.fullmatch(line.rstrip("\r"))
    if found is None or _point(found) is None:
        return False
    time = int(found["time"])
    if not any(low <= time < high for low, high in (SECONDS, MILLISECONDS)):
        return False
    return found["step"] is not None or COPIED.fullmatch(file_name) is not None or time >= MILLISECONDS[0]


def _meta(folder: Path) -> dict[str, str]:
    """Return the lines `name: value` of a run's meta.yaml that say something of it: no YAML of strangers is built."""
    try:
        with (folder / "meta.yaml").open("rb") as stream:
            text = stream.read(MAX_META_BYTES).decode("utf-8", "replace")
    except OSError:
        return {}
    found = dict(re.findall(r"^(\w+): *['\"]?(.*?)['\"]?\s*$", text, re.MULTILINE))
    return found | {"status": STATUSES.get(found.get("status", ""), found.get("status", ""))}


def _config(place: Place, meta: dict[str, str]) -> dict[str, Scalar]:
    """Return the run's parameters, with its name."""
    found: dict[str, Scalar] = {}
    for file in _files(place.folder / "params", MAX_PARAMS):
        try:
            with file.open("rb") as stream:
                text = stream.read(MAX_PARAM_BYTES).decode("utf-8", "replace").strip()
        except OSError:
            continue
        found[file.relative_to(place.folder / "params").as_posix()] = number_or_text(text)
    name = meta.get("run_name") or meta.get("name") or place.folder.name
    return {**found, "run": name}


def _leads(source: Source, place: Place) -> bool:
    """Whether this is the first metric of its run that holds anything: it brings the parameters and the status."""
    first = next((f for f in _files(place.folder / "metrics", None) if f.stat().st_size), None)
    return first is not None and source.path is not None and first == source.path.absolute()


def _has_curve(folder: Path) -> bool:
    """Whether any metric of the run has more than one value, or is a loss by its name (a run of one epoch)."""
    for file in _files(folder / "metrics", None):
        if is_plain_loss(file.name):
            return True
        size = file.stat().st_size
        if size >= FEW_BYTES:
            return True
        if file.read_bytes()[:FEW_BYTES].strip().count(b"\n"):
            return True
    return False


def _files(top: Path, limit: int | None) -> Iterator[Path]:
    """Yield the regular files below a folder in the order in which a search finds them, `limit` at most."""
    count = 0
    for folder, below, names in os.walk(top):
        below.sort()
        for name in sorted(n for n in names if not n.startswith(".")):
            if limit is not None and count >= limit:
                return
            path = Path(folder, name)
            if path.is_file():
                count += 1
                yield path
