"""Event files are read to the numbers that were logged, whoever wrote them and however they end."""

from __future__ import annotations

import csv
import math
import os
import struct
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlcheck.errors import MlcheckError, NothingToRead
from mlcheck.readers import tensorboard, tfevents, tfrecord
from mlcheck.readers.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mlcheck.readers.log import Channel, Log

DATA = Path(__file__).parent / "data" / "tensorboard"
NAME = "run/events.out.tfevents.1700000000.host.1.0"
NAN = float("nan")


def crc32c(data: bytes) -> int:
    """CRC-32C bit by bit, as RFC 3720 defines it: the second witness of the tables under test."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def masked(data: bytes) -> bytes:
    crc = crc32c(data)
    return struct.pack("<I", ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF)


def record(data: bytes) -> bytes:
    head = struct.pack("<Q", len(data))
    return head + masked(head) + data + masked(data)


def varint(value: int) -> bytes:
    value &= (1 << 64) - 1
    digits = bytearray()
    while value > 0x7F:
        digits.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*digits, value])


def field(number: int, content: bytes | int) -> bytes:
    """Encode a field with a varint, or with bytes behind their length."""
    if isinstance(content, int):
        return varint(number << 3) + varint(content)
    return varint(number << 3 | 2) + varint(len(content)) + content


def simple(number: float) -> bytes:
    return b"\x15" + struct.pack("<f", number)


def tensor(dtype: int, content: bytes, shape: Sequence[int] = ()) -> bytes:
    """Encode the tensor field of a value; `content` is the encoded field that holds its numbers."""
    dims = b"".join(field(2, field(1, size)) for size in shape)
    return field(8, field(1, dtype) + field(2, dims) + content)


def metadata(plugin: str, content: bytes = b"", data_class: int = 0) -> bytes:
    about = field(1, plugin.encode()) + (field(2, content) if content else b"")
    return field(9, field(1, about) + (field(4, data_class) if data_class else b""))


def value(tag: str, *parts: bytes) -> bytes:
    return field(5, field(1, field(1, tag.encode()) + b"".join(parts)))


def event(step: int, *values: bytes, wall_time: float = 1.7e9) -> bytes:
    """Encode a record: an Event with summaries, which protobuf merges into one."""
    return record(
        b"\x09" + struct.pack("<d", wall_time) + (field(2, step) if step else b"") + b"".join(values)
    )


VERSION = record(b"\x09" + struct.pack("<d", 1.7e9) + field(3, b"brain.Event:2"))


def log_of(content: bytes, name: str = NAME) -> Log:
    (log,) = tensorboard.read(Source(name=name, content=content))
    return log


def points(log: Log) -> dict[str, list[tuple[float, float]]]:
    """Return (step, value) by the name of the channel."""
    return {c.name: list(zip(steps(c), c.value.tolist(), strict=True)) for c in log.channels}


def steps(channel: Channel) -> list[float]:
    assert channel.step is not None
    return [float(step) for step in channel.step]


def one(number: bytes) -> list[tuple[float, float]]:
    return points(log_of(VERSION + event(7, value("a", number))))["a"]


FIXTURES = sorted(DATA.rglob("events.out.tfevents.*"))


@pytest.mark.parametrize("folder", ["train", "validation"])
def test_keras_folders_are_splits_of_one_run(folder: str) -> None:
    """Keras's logs/train and logs/validation have one key and tell the split, the tensors are read as scalars."""
    (path,) = (DATA / "keras" / folder).iterdir()
    log = log_of(path.read_bytes(), f"logs/{folder}/{path.name}")
    assert log.key == "tensorboard:logs"
    (channel,) = log.channels
    assert (channel.name, channel.split) == ("epoch_loss", folder)
    assert steps(channel) == [0, 1, 2, 3, 4]
    last = 1 / 5 if folder == "train" else 0.6
    assert channel.value[-1] == pytest.approx(last, rel=1e-7)


def test_summary_writer_gives_scalars_only() -> None:
    """What add_scalar wrote is read in full; the histogram and the text beside it are passed over."""
    (path,) = (p for p in (DATA / "pytorch").iterdir() if p.is_file())
    log = log_of(path.read_bytes(), f"runs/a/{path.name}")
    assert (log.key, log.order, log.events) == ("tensorboard:runs/a", 1_700_000_000.0, ())
    assert list(points(log)) == ["loss/train", "loss/val", "lr"]
    assert points(log)["loss/val"][:2] == [(100.0, 1.0), (200.0, 0.75)]
    assert points(log)["lr"][9] == (1000.0, float(np.float32(0.001)))


@pytest.mark.parametrize(("folder", "split"), [("Loss_train", "train"), ("Loss_val", "validation")])
def test_add_scalars_belongs_to_the_run_above(folder: str, split: str) -> None:
    """The folder that add_scalars makes for each curve says the split; the run is the folder above."""
    (path,) = (DATA / "pytorch" / folder).iterdir()
    log = log_of(path.read_bytes(), f"runs/a/{folder}/{path.name}")
    assert (log.key, [(c.name, c.split) for c in log.channels]) == ("tensorboard:runs/a", [("Loss", split)])


def test_add_hparams_gives_the_configuration() -> None:
    """The hyperparameters that add_hparams wrote into a folder named by the time are those of the run above."""
    (path,) = (DATA / "pytorch" / "1700000000.25").iterdir()
    log = log_of(path.read_bytes(), f"runs/a/1700000000.25/{path.name}")
    assert log.key == "tensorboard:runs/a"
    assert log.config == {"lr": 0.001, "batch_size": 32, "optimizer": "adam", "nesterov": 0}


@pytest.mark.parametrize("path", FIXTURES, ids=lambda p: str(p.relative_to(DATA).parent))
def test_the_same_as_tensorboard_reads(path: Path) -> None:
    """TensorBoard's own EventAccumulator finds the same tags, steps and values in the files of real writers."""
    assert_same_as_tensorboard(path)


def assert_same_as_tensorboard(path: Path) -> None:
    module = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    util = pytest.importorskip("tensorboard.util.tensor_util")
    theirs: Any = module.EventAccumulator(str(path), size_guidance={module.SCALARS: 0, module.TENSORS: 0})
    theirs.Reload()
    expected = {t: [(e.step, e.value) for e in theirs.Scalars(t)] for t in theirs.Tags()["scalars"]}
    for tag in theirs.Tags()["tensors"]:
        if theirs.SummaryMetadata(tag).plugin_data.plugin_name == "scalars":
            expected[tag] = [(e.step, util.make_ndarray(e.tensor_proto).item()) for e in theirs.Tensors(tag)]
    found = points(log_of(path.read_bytes()))
    assert found.keys() == expected.keys()
    for tag, pairs in expected.items():
        np.testing.assert_array_equal(np.array(found[tag]), np.array(pairs, dtype=np.float64))


def test_a_large_mixed_file_is_read_as_tensorboard_reads_it(tmp_path: Path) -> None:
    """Thousands of scalars of many tags in random order, enough for every fast path, are the same point for point."""
    path = tmp_path / "events.out.tfevents.1700000000.host"
    path.write_bytes(mixed_file(3000)[0])
    assert_same_as_tensorboard(path)


def mixed_file(n: int) -> tuple[bytes, dict[str, list[tuple[float, float]]]]:
    """Return a file of scalars of 12 tags in random order and what it holds."""
    draw = np.random.default_rng(0)
    tags = [f"{part}/{'x' * size}" for part in ("train", "val") for size in range(6)]
    expected: dict[str, list[tuple[float, float]]] = {}
    parts = [VERSION]
    for step in range(n):
        tag, number = tags[draw.integers(len(tags))], float(np.float32(draw.normal()))
        parts.append(event(step * 97, value(tag, simple(number)), wall_time=1.7e9 + draw.random()))
        expected.setdefault(tag, []).append((step * 97.0, number))
    return b"".join(parts), expected


def test_a_large_mixed_file_is_read_in_full() -> None:
    """Thousands of scalars of 12 tags in random order come back tag by tag in the order of logging."""
    content, expected = mixed_file(3000)
    assert points(log_of(content)) == expected


def test_a_long_run_of_one_size_then_another() -> None:
    """Runs of records of one size, which are found without walking, end where the size changes."""
    parts = [event(s, value("loss" if s % 1000 else "rare", simple(s))) for s in range(1, 4000)]
    found = points(log_of(VERSION + b"".join(parts)))
    assert found["loss"] == [(s, s) for s in range(1, 4000) if s % 1000]
    assert found["rare"] == [(s, s) for s in range(1000, 4000, 1000)]


FLOATS = st.one_of(st.floats(width=32), st.sampled_from([NAN, math.inf, -math.inf, -0.0]))
TAGS = st.sampled_from(["a", "b", "val/loss", "val/acc_", "ü"])
STEPS = st.one_of(st.integers(0, 40_000), st.integers(-(1 << 63), (1 << 63) - 1))
Number = tuple[float | None, bytes]


def numbers() -> st.SearchStrategy[Number]:
    """Draw a value: the number that should be read (None: no scalar) and its encoding."""
    half = FLOATS.map(lambda x: np.float32(x).astype(np.float16) if abs(x) < 60_000 else np.float16(math.inf))
    integers = st.integers(-(1 << 31), (1 << 31) - 1)
    top = st.integers(0, (1 << 16) - 1)
    return st.one_of(
        FLOATS.map(lambda x: (x, simple(x))),
        FLOATS.map(lambda x: (x, tensor(1, field(5, struct.pack("<f", x))))),
        FLOATS.map(lambda x: (x, tensor(1, b"\x2d" + struct.pack("<f", x), [1, 1]))),
        st.floats().map(lambda x: (x, tensor(2, field(4, struct.pack("<d", x))))),
        integers.map(lambda i: (float(i), tensor(3, field(7, varint(i))))),
        integers.map(lambda i: (float(i), tensor(9, field(10, i), [1]))),
        half.map(lambda h: (float(h), tensor(19, field(13, varint(int(h.view(np.uint16))))))),
        top.map(lambda b: (bfloat16(b), tensor(14, field(4, struct.pack("<H", b))))),
        FLOATS.map(lambda x: (None, tensor(1, field(4, struct.pack("<ff", x, x)), [2]))),
        st.binary(max_size=12).map(lambda b: (None, field(5, b))),
        st.binary(max_size=4).map(lambda b: (None, tensor(7, field(8, b)))),
    )


def bfloat16(bits: int) -> float:
    return float(struct.unpack("<f", struct.pack("<I", bits << 16))[0])


EVENTS = st.lists(
    st.tuples(STEPS, st.floats(), st.lists(st.tuples(TAGS, numbers()), max_size=3), st.integers(1, 6)),
    max_size=12,
)


@pytest.mark.parametrize("few", [tfevents.FEW, 1, 1 << 60], ids=["usual", "all together", "one by one"])
@settings(max_examples=120, deadline=None)
@given(events=EVENTS)
def test_everything_logged_is_read(
    few: int, events: list[tuple[int, float, list[tuple[str, Number]], int]]
) -> None:
    """Any events, each several times over, give their scalars in order, together or one by one."""
    parts = []
    expected: dict[str, list[tuple[float, float]]] = {}
    for step, wall_time, values, times in events:
        for i in range(times):
            at = max(min(step + i, (1 << 63) - 1), -(1 << 63))
            parts.append(event(at, *(value(t, code) for t, (_, code) in values), wall_time=wall_time))
            for tag, (number, _) in values:
                if number is not None:
                    expected.setdefault(tag, []).append((float(at), number))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tfevents, "FEW", few)
        patch.setattr(tfrecord, "TALL", min(few, tfrecord.TALL))
        source = Source(name=NAME, content=b"".join(parts))
        found = points(next(iter(tensorboard.read(source)))) if expected else {}
    assert list(found) == list(expected)
    for tag, pairs in expected.items():
        np.testing.assert_array_equal(np.array(found[tag]), np.array(pairs))


@pytest.mark.parametrize(
    ("data", "crc"),
    [
        (bytes(32), 0x8A9136AA),
        (b"\xff" * 32, 0x62A8AB43),
        (bytes(range(32)), 0x46DD794E),
        (b"123456789", 0xE3069283),
    ],
)
def test_the_second_witness_is_right(data: bytes, crc: int) -> None:
    """The checksum of these tests gives the examples of RFC 3720 B.4 and the usual check value."""
    assert crc32c(data) == crc


@pytest.mark.parametrize("size", [0, 1, 3, 4, 5, 8, 100, 511, 512, 513, 1536, 5001])
@pytest.mark.parametrize("copies", [1, 3, 100])
def test_sound_records_of_any_size_are_accepted(size: int, copies: int) -> None:
    """Records of any size, alone or many of one size, have the checksum that the bitwise definition gives."""
    data = np.random.default_rng(size).bytes(size)
    records = tfrecord.read_records(record(data) * copies)
    assert (records.fault, [records[i] for i in range(len(records))]) == ("", [data] * copies)


@pytest.mark.parametrize("size", [20, 100, 700, 5001])
@pytest.mark.parametrize("copies", [2, 100])
def test_a_flipped_bit_is_found(size: int, copies: int) -> None:
    """A single wrong bit anywhere in the data of the last record is found, and the records before are kept."""
    draw = np.random.default_rng(size)
    data = draw.bytes(size)
    for _ in range(20):
        broken = bytearray(record(data) * copies)
        broken[-5 - int(draw.integers(size))] ^= 1 << int(draw.integers(8))
        records = tfrecord.read_records(bytes(broken))
        assert len(records) == copies - 1
        assert "corrupt record" in records.fault


def losses(steps: Iterable[int]) -> bytes:
    return b"".join(event(s, value("loss", simple(1 / s))) for s in steps)


@pytest.mark.parametrize("cut", [1, 4, 5, 20, 40])
def test_a_cut_file_keeps_its_whole_records(cut: int) -> None:
    """A last record cut short is left out, and an event says at which byte and after how many records."""
    log = log_of((VERSION + losses(range(1, 6)))[:-cut])
    whole = len(VERSION + losses(range(1, 5)))
    assert [step for step, _ in points(log)["loss"]] == [1, 2, 3, 4]
    (cut_short,) = log.events
    assert (cut_short.kind, cut_short.at) == ("truncated", 4.0)
    assert f"cut short at byte {whole} " in cut_short.message
    assert "after 5 sound record(s)" in cut_short.message


def test_what_follows_a_corrupt_record_is_left_out() -> None:
    """Reading stops at a record whose data does not have its checksum."""
    content = bytearray(VERSION + losses(range(1, 200)))
    at = len(VERSION + losses(range(1, 100)))
    content[at + 14] ^= 1
    log = log_of(bytes(content))
    assert [step for step, _ in points(log)["loss"]] == list(range(1, 100))
    assert [e.message.split(",")[0] for e in log.events] == [f"corrupt record (wrong checksum) at byte {at}"]


@pytest.mark.parametrize("size", [1 << 60, (1 << 64) - 1, 1 << 31, 1 << 20])
def test_a_huge_declared_length_costs_nothing(size: int) -> None:
    """A record that claims more than the file holds ends the reading; nothing of that size is allocated."""
    head = struct.pack("<Q", size)
    log = log_of(VERSION + losses([1, 2]) + head + masked(head) + b"short")
    assert len(points(log)["loss"]) == 2
    assert [e.kind for e in log.events] == ["truncated"]


def test_a_wrong_length_checksum_ends_the_reading() -> None:
    """A record whose length does not have its checksum, even in a long run of alike ones, ends the reading."""
    content = bytearray(VERSION + losses(range(200, 900)))
    at = len(VERSION + losses(range(200, 600)))
    content[at + 9] ^= 0x40
    log = log_of(bytes(content))
    assert len(points(log)["loss"]) == 400
    assert f"at byte {at}," in log.events[0].message


def test_a_record_that_is_no_event_is_told() -> None:
    """A sound record that is no protobuf message is passed over and counted."""
    log = log_of(VERSION + losses([1]) + record(b"\x0f\xff") + losses([2]) + record(b"\x80"))
    assert [step for step, _ in points(log)["loss"]] == [1, 2]
    assert [(e.kind, e.message) for e in log.events] == [("invalid", "2 of 5 record(s) hold no event")]


def test_steps_that_go_back_stay_in_logged_order() -> None:
    """After a restart within the file the steps go back; nothing is sorted or dropped."""
    log = log_of(losses([1, 2, 3, 300, 2, 3, 4]))
    assert [step for step, _ in points(log)["loss"]] == [1, 2, 3, 300, 2, 3, 4]


def test_unknown_fields_are_skipped() -> None:
    """Fields that no version of the format knows, of every wire type, change nothing."""
    unknown = (
        field(99, b"text") + field(98, 5) + varint(97 << 3 | 1) + bytes(8) + varint(96 << 3 | 5) + bytes(4)
    )
    body = (
        unknown + field(5, unknown + field(1, unknown + field(1, b"a") + simple(2.5) + unknown)) + field(2, 3)
    )
    assert points(log_of(record(body) * 5)) == {"a": [(3.0, 2.5)] * 5}


def test_the_last_of_a_repeated_field_counts() -> None:
    """Of a tag, step or value written twice the last counts, as in every protobuf parser."""
    body = (
        field(2, 1)
        + field(2, 300)
        + field(5, field(1, field(1, b"x") + field(1, b"a") + simple(1) + simple(2)))
    )
    assert points(log_of(record(body) * 5)) == {"a": [(300.0, 2.0)] * 5}


def test_metadata_of_the_first_value_holds_for_the_tag() -> None:
    """A tag whose first value names another plug-in is no scalar, though its later values do not name it."""
    number = tensor(1, field(5, struct.pack("<f", 0.5)))
    content = event(
        0, value("curve", number, metadata("pr_curves")), value("loss", number, metadata("scalars"))
    )
    content += b"".join(event(s, value("curve", number), value("loss", number)) for s in range(1, 9))
    assert points(log_of(content)) == {"loss": [(float(s), 0.5) for s in range(9)]}


def test_a_plug_in_may_declare_scalars() -> None:
    """A tensor of another plug-in whose data class is scalar is one."""
    number = tensor(1, field(5, struct.pack("<f", 0.5)))
    assert one(number + metadata("mine", data_class=1)) == [(7.0, 0.5)]


@pytest.mark.parametrize("shape", [[2], [0], [1, 3]])
def test_tensors_of_several_numbers_are_no_scalars(shape: list[int]) -> None:
    """A tensor is a scalar only if its shape has one element."""
    with pytest.raises(NothingToRead, match="none in 2 record"):
        one(tensor(1, field(5, struct.pack("<f", 1.0)), shape))


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", "0 record"),
        (VERSION, "1 record"),
        (event(1, value("h", field(5, b"\x09" + bytes(8)))), "1 record"),
    ],
    ids=["no record", "only a version", "only a histogram"],
)
def test_a_file_without_scalars_says_so(content: bytes, found: str) -> None:
    """A file that was opened but never logged to is passed over with a reason."""
    with pytest.raises(NothingToRead, match=f"expected scalars, found none in {found}"):
        log_of(content)


def test_a_version_record_of_40_bytes_is_an_empty_log() -> None:
    """The usual empty file, of 40 bytes, is recognised and holds nothing."""
    assert len(VERSION) == 40
    assert tensorboard.sniff(Source(name="x", content=VERSION))


def test_a_git_lfs_pointer_is_refused_with_the_remedy() -> None:
    """A pointer in place of the file is recognised by its name, and the message says what to run."""
    content = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 4\n"
    source = Source(name="events.out.tfevents.1", content=content)
    assert tensorboard.sniff(source)
    with pytest.raises(MlcheckError, match="found a Git-LFS pointer; run git lfs pull"):
        list(tensorboard.read(source))


def test_a_file_broken_from_the_start_is_an_error() -> None:
    """A file named like an event file without a single sound record is refused, not passed over."""
    source = Source(name="events.out.tfevents", content=bytes(range(100)) * 3)
    assert tensorboard.sniff(source)
    with pytest.raises(MlcheckError, match="corrupt record") as raised:
        list(tensorboard.read(source))
    assert not isinstance(raised.value, NothingToRead)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("log.csv", b"epoch,loss\n1,2\n"),
        ("tfevents.csv", b"wall_time,step,value\n1,2,3\n"),
        ("data.tfrecord", record(field(1, b"features"))),
        ("x", b"\x00" * 11),
        ("x", b""),
    ],
)
def test_other_files_are_not_taken(name: str, content: bytes) -> None:
    """Text, training examples in TFRecord framing and short binary files are left to others."""
    assert not tensorboard.sniff(Source(name=name, content=content))


@pytest.mark.parametrize(
    ("name", "key", "split"),
    [
        ("runs/a/events.out.tfevents.1", "tensorboard:runs/a", None),
        ("runs/a/Train/events.out.tfevents.1", "tensorboard:runs/a", "train"),
        ("catboost_info/learn/events.out.tfevents", "tensorboard:catboost_info", "train"),
        ("catboost_info/test/events.out.tfevents", "tensorboard:catboost_info", "test"),
        ("model/eval/events.out.tfevents.1", "tensorboard:model", "validation"),
        ("a/Loss_train_loss/events.out.tfevents.1", "tensorboard:a", "train"),
        ("a/loss/val/events.out.tfevents.1", "tensorboard:a", "validation"),
        ("a/latest/events.out.tfevents.1", "tensorboard:a/latest", None),
        ("all/mine_validation_events.out.tfevents.1", "tensorboard:all/mine", "validation"),
        ("all/me+log+validation_events.out.tfevents.1", "tensorboard:all/me+log", "validation"),
        ("all/train_events.out.tfevents", "tensorboard:all", "train"),
        ("all/my-test+events.out.tfevents.1", "tensorboard:all/my-test", None),
        ("events.out.tfevents.1", "events.out.tfevents.1", None),
    ],
)
def test_the_folder_names_the_run_and_the_split(name: str, key: str, split: str | None) -> None:
    """A folder for a split is not part of the run's key; a name that only contains the letters is no split."""
    log = log_of(losses([1, 2]), name)
    assert (log.key, log.channels[0].split) == (key, split)


def test_a_curve_of_add_scalars_keeps_its_own_name() -> None:
    """Where the folder of add_scalars says more than the split, the channel's name says it too."""
    log = log_of(losses([1, 2]), "a/loss_smoothed/events.out.tfevents.1")
    assert (log.key, [c.name for c in log.channels]) == ("tensorboard:a", ["loss/smoothed"])


def test_a_file_named_directly_still_lies_in_its_folder(tmp_path: Path) -> None:
    """Naming logs/train/events... and logs/validation/events... joins them, though their names show no folder."""
    logs: list[Log] = []
    for folder in ("train", "validation"):
        path = tmp_path / folder / "events.out.tfevents.1"
        path.parent.mkdir()
        path.write_bytes(losses([1, 2]))
        logs += tensorboard.read(Source(name=path.name, path=path))
        logs += tensorboard.read(Source(name=f"{folder}/{path.name}", path=path))
    assert {log.key for log in logs} == {f"tensorboard:{tmp_path.as_posix()}"}
    assert [log.channels[0].split for log in logs] == ["train", "train", "validation", "validation"]


def test_the_first_wall_time_orders_files_without_a_time_in_their_name() -> None:
    """Files of one run are in order of the time in the name, else of the first record's."""
    content = event(1, value("loss", simple(1.0)), wall_time=1.6e9)
    assert log_of(content, "a/events.out.tfevents").order == 1.6e9
    assert log_of(content, "a/events.out.tfevents.1500000000.host").order == 1.5e9
    assert log_of(event(1, value("loss", simple(1.0)), wall_time=NAN), "a/events.out.tfevents").order == 0


def wild_rows() -> list[Any]:
    folder = os.environ.get("MLCHECK_BENCH")
    if not folder:
        return [pytest.param(None, marks=pytest.mark.skip(reason="MLCHECK_BENCH is not set"))]
    with (Path(folder) / "wild" / "expected.csv").open(newline="", encoding="utf-8") as stream:
        rows = [row for row in csv.DictReader(stream) if row["file"].startswith("tfevents/")]
    return [pytest.param(row, id=row["file"].split("/")[1][:30]) for row in rows]


@pytest.mark.parametrize("row", wild_rows())
def test_files_from_public_repositories(row: dict[str, str]) -> None:
    """Each real file holds the named curve with as many finite values, the first and the last as known."""
    path = Path(os.environ["MLCHECK_BENCH"]) / "wild" / row["file"]
    source = Source(name=path.name, path=path)
    assert tensorboard.sniff(source)
    (log,) = tensorboard.read(source)
    for side in ("train", "val"):
        if row[f"{side}_name"]:
            (channel,) = (c for c in log.channels if c.name == row[f"{side}_name"])
            finite = channel.value[np.isfinite(channel.value)]
            assert len(finite) == int(row[f"{side}_n"])
            ends = [float(row[f"{side}_first"]), float(row[f"{side}_last"])]
            assert finite[[0, -1]].tolist() == pytest.approx(ends, rel=1e-5)
