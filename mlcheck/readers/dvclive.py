"""DVCLive: a TSV for each metric, `dvclive/plots/metrics/train/loss.tsv` (before: `dvclive/scalars/`, `dvclive/`).

Its header is `step` and the metric's name (before: `timestamp`, `step`, name); a metric called `step` replaces the
counter. The files of one `dvclive` folder are one run; the folders between it and the file, or what somebody who
copied it put before the name, say the split. `metrics.json` beside them holds final values only.
"""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from mlcheck.errors import NothingToRead
from mlcheck.model import Event, Role, Split
from mlcheck.readers import cells, roles
from mlcheck.readers.log import Channel, Log

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mlcheck.readers.source import Source

NAME = "dvclive"
ORDER = 30
COUNTERS = (["step"], ["timestamp", "step"])
FOLDERS = ("plots/metrics", "scalars", "dvclive")
"""What stands above the files, the surest first: what is below it belongs to the metric's name."""
JOINTS = "_-.+ /"
SHORT = 2048
"""A longer file holds more than one row."""


class Place(NamedTuple):
    """The run's key, whether the path is DVCLive's own, the metric's name, its split, and other words before it."""

    key: str
    own: bool
    name: str
    split: Split | None


def sniff(source: Source) -> bool:
    """Say whether the header is that of a metric, and the file named by it (or in a folder of DVCLive)."""
    if not source.file_name.removesuffix(".gz").endswith(".tsv") or not source.is_text:
        return False
    header = _cells(source.head_text.lstrip("\ufeff").split("\n", 1)[0])
    if header not in COUNTERS and header[:-1] not in COUNTERS:
        return False
    return _below(source)[0] or _stem(source).endswith(header[-1].rpartition("/")[2])


def read(source: Source) -> Iterator[Log]:
    """Yield the metric as a run of one channel, which means nothing in a folder of final values only.

    Raises NothingToRead where there are no numbers.
    """
    lines = source.read_text().lstrip("\ufeff").split("\n")
    header = _cells(lines[0])
    rows, events = _rows(lines, len(header))
    column = cells.column([row[-1] for row in rows])
    step = cells.column([row[-2] for row in rows]) if len(header) > 1 else None
    keep = column.present & np.isfinite(step.value) if step is not None else column.present
    if column.texts or not keep.any():
        raise NothingToRead(
            source.name, "expected numbers under the header, found none", "was anything logged?"
        )
    if column.bad:
        message = f"{len(column.bad)} of {len(column)} cells in column {header[-1]!r}"
        events = (*events, Event(kind="invalid", message=message, at=float(column.bad[0] + 2)))
    place = _place(source, header[-1])
    is_final = not source.named and place.own and keep.sum() < 2 and not _has_curve(source)
    channel = Channel(
        name=place.name, value=column.value[keep], step=None if step is None else step.value[keep],
        split=place.split, counts_rows=step is None, role=Role(quantity="other") if is_final else None,
    )  # fmt: skip
    yield Log(
        source=source.name, reader=NAME, key=place.key, channels=(channel,), events=events, certain=bool(keep.sum() > 1)
    )  # fmt: skip


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.rstrip("\r").split("\t")]


def _rows(lines: Sequence[str], width: int) -> tuple[list[list[str]], tuple[Event, ...]]:
    """Return the rows of full width. A last one cut short is left out, which an event says."""
    rows = [_cells(line) for line in lines[1:] if line.strip()]
    if rows and len(rows[-1]) < width and lines[-1].strip():
        message = f"the last row has {len(rows[-1])} of {width} cells and was left out"
        return [r for r in rows if len(r) == width], (
            Event(kind="truncated", message=message, at=float(len(rows) + 1)),
        )
    return [r for r in rows if len(r) == width], ()


def _stem(source: Source) -> str:
    return source.file_name.removesuffix(".gz").removesuffix(".tsv")


def _parts(source: Source) -> list[str]:
    """Return the folders of the file as far as they are known."""
    path = source.path.absolute().as_posix() if source.path is not None else source.name
    return path.split("/")[:-1]


def _below(source: Source) -> tuple[bool, int]:
    """Return whether the file stands in a folder of DVCLive, and how many folders are between that and the file."""
    parts = _parts(source)
    for marker in FOLDERS:
        width = marker.count("/") + 1
        for i in range(len(parts) - width, -1, -1):
            if "/".join(parts[i : i + width]) == marker:
                return True, len(parts) - i - width
    return False, int(bool(parts) and parts[-1].lower() in roles.SPLITS)


def _place(source: Source, header: str) -> Place:
    own, depth = _below(source)
    parts = _parts(source)
    between, stem = parts[len(parts) - depth :], _stem(source)
    last = header.rpartition("/")[2]
    prefix = stem.removesuffix(last) if stem.endswith(last) else ""
    copied, _, words = prefix.rpartition("+")
    before = [*between, *(w for w in _cut(words) if w)] if "/" not in header else []
    split = next((roles.SPLITS[w.lower()] for w in before if w.lower() in roles.SPLITS), None)
    rest = [w for w in before if w.lower() not in roles.SPLITS]
    if rest and words and not _needs_more(source, header, split):
        rest = [w for w in rest if w in between]
    home = "/".join(parts[: len(parts) - depth])
    shown = source.folder.split("/")
    if source.folder and len(shown) > depth:
        home = "/".join(shown[: len(shown) - depth])
    joined = bool(source.folder) or (own and not prefix)
    key = f"dvclive:{home}/{copied}" if joined else source.name
    return Place(
        key, own, "/".join([*rest, header]), split if roles.guess(header).role.split is None else None
    )


def _cut(words: str) -> list[str]:
    """Cut what somebody put before a metric's name into the folders it came from."""
    for joint in JOINTS:
        words = words.replace(joint, "\0")
    return words.split("\0")


def _needs_more(source: Source, header: str, split: Split | None) -> bool:
    """Whether the header alone says too little of a copy: its role is unknown, or a file beside it has the same."""
    if roles.guess(header).role.quantity == "other":
        return True
    if source.path is None or not source.folder:
        return False
    alike = [n.removesuffix(".tsv") for n in os.listdir(source.path.parent) if n.endswith(f"{header}.tsv")]  # noqa: PTH208  (names, not paths)
    mine = _stem(source).removesuffix(header).rpartition("+")[0]
    splits = [
        next((roles.SPLITS[w.lower()] for w in _cut(words) if w.lower() in roles.SPLITS), None)
        for before, _, words in (n.removesuffix(header).rpartition("+") for n in alike)
        if before == mine
    ]
    return splits.count(split) > 1


def _has_curve(source: Source) -> bool:
    """Whether any metric of the folder has more than one row, or is a loss by its name."""
    if source.path is None:
        return True
    depth = _below(source)[1]
    top = source.path.absolute().parents[depth]
    for folder, below, names in os.walk(top):
        below.sort()
        for name in sorted(names):
            if not name.endswith(".tsv"):
                continue
            guess = roles.guess(PurePosixPath(name).stem)
            if guess.role.quantity == "loss" and guess.rank == 0:
                return True
            with Path(folder, name).open("rb") as stream:
                head = stream.read(SHORT + 1)
            if len(head) > SHORT or head.strip().count(b"\n") > 1:
                return True
    return False
