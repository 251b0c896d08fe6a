"""The events of a TensorBoard file: from records to scalars.

The files of one folder are one run, and so are the sibling folders `train` and `validation` below it. Histograms,
images, text and graphs are passed over; hyperparameters of the HParams plugin become the configuration.

A record is a protobuf `Event` (tensorboard/compat/proto/event.proto, summary.proto, tensor.proto). Records that
differ only in wall time, step and value are parsed once: see `_read_alike`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from math import isfinite, prod
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from mlcheck.errors import MlcheckError, NothingToRead
from mlcheck.model import Event, Floats, Scalar, Split
from mlcheck.readers import tfrecord
from mlcheck.readers.log import Channel, Log
from mlcheck.readers.tfrecord import BYTES, FIXED64, VARINT, WireError, fields, messages, varint, whole

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mlcheck.readers.source import Source
    from mlcheck.readers.tfrecord import Bytes, Indices, Records, Words

READER = "tensorboard"
EXPECTED = "expected a TensorBoard event file, found a"
LFS_POINTER = b"version https://git-lfs"
FILE_NAME = re.compile(r"(?P<prefix>.*?)(?P<joint>[^A-Za-z0-9]*)events\.out\.tfevents(?:\.(?P<time>\d{9,}))?")
HPARAMS_FOLDER = re.compile(r"\d{9,}\.\d+")
SPLITS: Mapping[str, Split] = {
    **dict.fromkeys(("train", "training", "learn"), "train"),
    **dict.fromkeys(("val", "valid", "validation", "eval", "evaluation", "dev"), "validation"),
    **dict.fromkeys(("test", "testing"), "test"),
}
FEW = 4  # so few records are parsed one by one sooner than compared
MISSES = 16  # after so many searches that found fewer than that, the rest is parsed one by one
WIDE = 1 << 13  # nor are records of so many bytes
# From a tensor's data type to NumPy's name of it and the field with its values; not in the table: text, truth
# values, complex and quantised numbers.
NUMBERS = {
    1: ("<f4", 5), 2: ("<f8", 6), 3: ("<i4", 7), 4: ("|u1", 7), 5: ("<i2", 7), 6: ("|i1", 7), 9: ("<i8", 10),
    14: (tfrecord.BFLOAT16, 13), 17: ("<u2", 7), 19: ("<f2", 13), 22: ("<u4", 16), 23: ("<u8", 17),
}  # fmt: skip
CONTENT, FLOAT_FIELDS, SCALAR_CLASS, CONFIG_BYTES = 4, (5, 6), 1, 1 << 16
LAST = (1 << 62, True)


class _Point(NamedTuple):
    """A scalar of a record: a number of type `code` at byte `start`, or a constant if it has no fixed width."""

    tag: str
    start: int
    code: str
    constant: float | None = None
    is_tensor: bool = False


@dataclass(slots=True)
class _Layout:
    """What a record holds, and at which bytes.

    `times` are where wall times begin, `step` and `tags` are spans; `scalar_tags` says of the tags with metadata
    whether they are scalars.
    """

    times: list[int] = field(default_factory=list)
    step: tuple[int, int] | None = None
    tags: list[tuple[int, int]] = field(default_factory=list)
    points: list[_Point] = field(default_factory=list)
    scalar_tags: dict[str, bool] = field(default_factory=dict)
    config: dict[str, Scalar] = field(default_factory=dict)

    def masks(self, width: int, base: int, size: int) -> tuple[Words, Words]:
        """Return the bits of a row, where the record begins at `base`, that decide the form; the bits of the tags.

        Time and values may differ between records of one form, the digits of the step and the letters of the tags.
        """
        form, tags = np.zeros((2, width), dtype=np.uint8)
        form[base : base + size] = 0xFF
        for start in self.times:
            form[base + start : base + start + 8] = 0
        if self.step:
            form[base + self.step[0] : base + self.step[1]] = 0x80
        for point in self.points:
            if point.constant is None:
                form[base + point.start : base + point.start + tfrecord.width_of(point.code)] = 0
        for start, stop in self.tags:
            form[base + start : base + stop] = 0
            tags[base + start : base + stop] = 0xFF
        return form.view(np.uint64), tags.view(np.uint64)

    def numbers(self, rows: Bytes, base: int) -> tuple[Floats, list[Floats]]:
        """Return the steps and, for each point, the values of rows that begin at `base`, shape (n,) each."""
        step = np.zeros(len(rows))
        if self.step:
            first, last = self.step
            step = tfrecord.varints(rows, base + first, base + last).view(np.int64).astype(np.float64)
        return step, [
            tfrecord.numbers(rows, base + point.start, point.code)
            if point.constant is None
            else np.full(len(rows), point.constant)
            for point in self.points
        ]


class _Column(NamedTuple):
    """Points of one tag: where in the file they stand (byte), step and value, shape (n,) each."""

    where: Indices
    step: Floats
    value: Floats


class _Scalars:
    """Gathers the points of each tag in pieces, and what metadata says of the tags."""

    def __init__(self) -> None:
        self.pieces: dict[tuple[str, bool], list[_Column]] = defaultdict(list)
        self.scalar_tags: dict[str, tuple[int, bool]] = {}
        self.config: dict[str, Scalar] = {}
        self.invalid = 0

    def add(self, layout: _Layout, start: Indices, step: Floats, values: list[Floats]) -> None:
        """Add records of one layout: where they start, their steps and for each point the values, shape (n,)."""
        for tag, is_scalar in layout.scalar_tags.items():
            self.scalar_tags[tag] = min((int(start[0]), is_scalar), self.scalar_tags.get(tag, LAST))
        self.config |= layout.config
        for point, value in zip(layout.points, values, strict=True):
            self.pieces[point.tag, point.is_tensor].append(_Column(start + point.start, step, value))

    def parse(self, record: bytes) -> _Layout | None:
        """Return the record's layout; a record that is no event is counted."""
        try:
            return _parse(record)
        except WireError:
            self.invalid += 1
            return None

    def by_tag(self) -> dict[str, _Column]:
        """Return the points of each tag in the order of logging, the first-logged tag first."""
        parts: dict[str, list[_Column]] = defaultdict(list)
        for (tag, is_tensor), pieces in self.pieces.items():
            if not is_tensor or self.scalar_tags.get(tag, (0, True))[1]:
                parts[tag] += pieces
        columns = {tag: _in_order(pieces) for tag, pieces in parts.items()}
        return dict(sorted(columns.items(), key=lambda item: int(item[1].where[0])))


def is_event_file(source: Source) -> bool:
    """Whether the file begins with a record that can be an event, or is named like an event file and is no text."""
    head = source.head
    if tfrecord.is_framed(head):
        # An event has no message in field 1; the other common record, tf.train.Example, begins with one.
        return not head.startswith(b"\x0a", tfrecord.HEADER_BYTES)
    return "tfevents" in source.file_name.lower() and (
        not head or head.startswith(LFS_POINTER) or not source.is_text
    )


def read(source: Source) -> Iterator[Log]:
    """Yield the file's scalars: a channel per tag, in the order of logging, values and steps of shape (n,).

    What follows a record cut short or with a wrong checksum is left out, which an event of the log says. Raises
    NothingToRead for a file without scalars and hyperparameters, MlcheckError for one without a sound record.
    """
    data = source.read_bytes()
    if data.startswith(LFS_POINTER):
        raise MlcheckError(source.name, f"{EXPECTED} Git-LFS pointer", "run git lfs pull")
    records = tfrecord.read_records(data)
    if records.fault and not len(records):
        raise MlcheckError(source.name, f"{EXPECTED} {records.fault}", "copy or download the file again")
    scalars = _read_scalars(records)
    columns = scalars.by_tag()
    if not columns and not scalars.config:
        problem = f"expected scalars, found none in {len(records)} record(s)"
        raise NothingToRead(source.name, problem, "try the other files of the run")
    key, split, label = _place(source, tuple(columns))
    yield Log(
        source=source.name,
        reader=READER,
        key=key,
        channels=tuple(
            Channel(name=label or tag, value=c.value, step=c.step, split=split) for tag, c in columns.items()
        ),
        config=scalars.config,
        events=tuple(_events(records, scalars, columns)),
        order=_order(source, records),
    )


def _events(records: Records, scalars: _Scalars, columns: Mapping[str, _Column]) -> Iterator[Event]:
    if records.fault:
        last = max(((c.where[-1], float(c.step[-1])) for c in columns.values()), default=(0, None))[1]
        message = f"{records.fault}, after {len(records)} sound record(s); what follows is not read"
        yield Event(kind="truncated", message=message, at=last)
    if scalars.invalid:
        yield Event(kind="invalid", message=f"{scalars.invalid} of {len(records)} record(s) hold no event")


def _order(source: Source, records: Records) -> float:
    """Return when the file was begun, in seconds since 1970, 0 where nothing says so."""
    match = FILE_NAME.search(source.file_name)
    if match and match["time"]:
        return float(match["time"])
    try:
        time = float(np.frombuffer(records[0], "<f8", 1, _parse(records[0]).times[0])[0])
    except (WireError, IndexError):
        return 0.0
    return time if isfinite(time) else 0.0


def _place(source: Source, tags: tuple[str, ...]) -> tuple[str, Split | None, str]:
    """Return the run's key, the split that the folder or file name says, and the channel's name if they say it.

    The folder of a file that was named directly is looked at only for the split, whose run is the folder above.
    """
    folder = source.folder or (source.path.parent.as_posix() if source.path else "")
    match = FILE_NAME.match(source.file_name)
    if match and match["prefix"]:  # somebody's copy: the prefix stands for the folder it came from
        *_, word = re.split(r"[^A-Za-z0-9]", match["prefix"])
        split = SPLITS.get(word.lower()) if match["joint"] == "_" else None
        prefix = match["prefix"].removesuffix(word).rstrip("+-_.") if split else match["prefix"]
        key = "/".join(filter(None, (folder, prefix)))
        return f"{READER}:{key}" if source.folder else source.name, split, ""
    parts = folder.split("/")
    depth, split, label = _suffix(parts, tags)
    if not depth and not source.folder:
        return source.name, None, ""
    home = "/".join(parts[: len(parts) - depth])
    if not home and source.path:
        above = source.path.parents
        home = above[min(depth, len(above) - 1)].as_posix()
    return f"{READER}:{home}", split, label


def _suffix(parts: list[str], tags: tuple[str, ...]) -> tuple[int, Split | None, str]:
    """Return how many of the last folders do not name the run, and the split and channel's name they say.

    `SummaryWriter.add_scalars(tag, {"train": ...})` writes the tag into a folder `tag_train` of its own (PyTorch)
    or `tag/train` (tensorboardX); `add_hparams` writes into a folder named by the time.
    """
    last = parts[-1]
    if HPARAMS_FOLDER.fullmatch(last):
        return 1, None, ""
    tag = tags[0] if len(tags) == 1 else ""
    names = tag.split("/")
    stem = "_".join(names).lower() + "_"
    if tag and parts[-1 - len(names) : -1] == names:
        depth, suffix = 1 + len(names), last
    elif tag and last.lower().startswith(stem):
        depth, suffix = 1, last[len(stem) :]
    else:
        split = SPLITS.get(last.lower())
        return int(split is not None), split, ""
    words = re.split(r"[^a-z]+", suffix.lower())
    split = next((SPLITS[word] for word in words if word in SPLITS), None)
    return depth, split, tag if suffix.lower() in SPLITS else f"{tag}/{suffix}"


def _read_scalars(records: Records) -> _Scalars:
    scalars = _Scalars()
    for which, rows in records.chunks():
        base = rows.shape[1] - tfrecord.FOOTER_BYTES - int(records.size[which[0]])
        start, left, misses = records.start[which], rows, 0
        while len(start) >= FEW and left.shape[1] <= WIDE and misses < MISSES:
            before, (start, left) = len(start), _read_alike(scalars, start, left, base)
            misses += before - len(start) < FEW
        for i in range(len(start)):
            layout = scalars.parse(left[i, base : -tfrecord.FOOTER_BYTES].tobytes())
            if layout is not None:
                scalars.add(layout, start[i : i + 1], *layout.numbers(left[i : i + 1], base))
    return scalars


def _read_alike(scalars: _Scalars, start: Indices, rows: Bytes, base: int) -> tuple[Indices, Bytes]:
    """Read the first record and all of its form, parsing one record for each tag; return what is left.

    The keys, lengths and types in a record are fixed; so records with the same fixed bits hold their time, step, tags
    and values at the same bytes.
    """
    stop = rows.shape[1] - tfrecord.FOOTER_BYTES
    first = scalars.parse(rows[0, base:stop].tobytes())
    if first is None:
        return start[1:], rows[1:]
    form, tags = first.masks(rows.shape[1], base, stop - base)
    words = rows.view(np.uint64)
    other = tfrecord.unlike(words, words[:1], form)
    begin, same = (start[~other], rows[~other]) if other.any() else (start, rows)
    steps, values = first.numbers(same, base)
    for members in tfrecord.equal_rows(same.view(np.uint64), tags):
        layout = _parse(same[members[0], base:stop].tobytes())
        scalars.add(layout, begin[members], steps[members], [value[members] for value in values])
    return start[other], rows[other]


def _in_order(pieces: list[_Column]) -> _Column:
    where, step, value = (np.concatenate(parts) for parts in zip(*pieces, strict=True))
    order = slice(None) if (np.diff(where) > 0).all() else np.argsort(where, kind="stable")
    return _Column(where[order], step[order], value[order])


def _parse(record: bytes) -> _Layout:
    """Parse an Event exactly; raises WireError for bytes that are none."""
    layout = _Layout()
    for number, wire, start, stop in whole(record):
        if (number, wire) == (1, FIXED64):
            layout.times.append(start)
        elif (number, wire) == (2, VARINT):
            layout.step = start, stop
        elif (number, wire) == (5, BYTES):
            for inner, inner_wire, low, high in fields(record, start, stop):
                if (inner, inner_wire) == (1, BYTES):
                    _parse_value(record, low, high, layout)
    return layout


def _parse_value(record: bytes, low: int, high: int, layout: _Layout) -> None:
    """Parse a Summary.Value and add to the layout what it holds."""
    tag, name, point, plugin = "", None, None, None
    for number, wire, start, stop in fields(record, low, high):
        match number, wire:
            case (1, 2):
                tag, name = record[start:stop].decode("utf-8", "replace"), (start, stop)
            case (2, 5):
                point = _Point("", start, "<f4")
            case (8, 2):
                point = _parse_tensor(record, start, stop)
            case (9, 2):
                plugin = _parse_metadata(record[start:stop], layout.config)
            case (3 | 4 | 5 | 6, 2):
                point = None
    if plugin is not None:
        layout.scalar_tags[tag] = plugin
    if point is not None:
        layout.points.append(point._replace(tag=tag))
        layout.tags += [name] if name else []


def _parse_metadata(data: bytes, config: dict[str, Scalar]) -> bool:
    """Return whether a SummaryMetadata is that of a scalar; hyperparameters in it go into the config."""
    about = b"".join(messages(data, 1))
    plugin, content = b"".join(messages(about, 1)), b"".join(messages(about, 2))
    if plugin == b"hparams" and len(content) <= CONFIG_BYTES:
        config |= dict(_parse_hparams(content))
    classes = [varint(data, at)[0] for number, wire, at, _ in whole(data) if (number, wire) == (4, VARINT)]
    return plugin in (b"", b"scalars") or SCALAR_CLASS in classes


def _parse_hparams(content: bytes) -> Iterator[tuple[str, Scalar]]:
    """Yield the numbers, texts and truth values of HParamsPluginData.session_start_info.hparams."""
    for entry in (entry for session in messages(content, 3) for entry in messages(session, 1)):
        name = b"".join(messages(entry, 1)).decode("utf-8", "replace")
        for value in messages(entry, 2):
            for number, wire, start, stop in whole(value):
                if (number, wire) == (2, FIXED64):
                    found = float(np.frombuffer(value, "<f8", 1, start)[0])
                    yield name, int(found) if found.is_integer() else found
                elif (number, wire) == (3, BYTES):
                    yield name, value[start:stop].decode("utf-8", "replace")
                elif (number, wire) == (4, VARINT):
                    yield name, bool(varint(value, start)[0])


def _parse_tensor(record: bytes, low: int, high: int) -> _Point | None:
    """Return the one number of a TensorProto, or None where it holds more, fewer or no numbers."""
    dtype, elements = 0, 1
    spans: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for number, wire, start, stop in fields(record, low, high):
        if (number, wire) == (1, VARINT):
            dtype = varint(record, start)[0]
        elif (number, wire) == (2, BYTES):
            elements = prod(_dimension(size) for size in messages(record[start:stop], 2))
        elif stop > start:
            spans[number].append((start, stop))
    code, number = NUMBERS.get(dtype, ("", 0))
    found = spans[CONTENT] or spans[number]
    if elements != 1 or not code or len(found) != 1:
        return None
    start, stop = found[0]
    if spans[CONTENT] or number in FLOAT_FIELDS:
        fits = stop - start == tfrecord.width_of(code)
        return _Point("", start, code, is_tensor=True) if fits else None
    value, end = varint(record, start)
    if end != stop:
        return None
    bits = np.array([value], dtype="<u8").view(np.uint8)
    return _Point("", start, code, float(tfrecord.numbers(bits[None], 0, code)[0]), is_tensor=True)


def _dimension(data: bytes) -> int:
    return sum(varint(data, at)[0] for number, wire, at, _ in whole(data) if (number, wire) == (1, VARINT))
