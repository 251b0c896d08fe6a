"""What Weights & Biases leaves behind is read to the numbers that were logged, whichever version wrote it and however it ends."""

from __future__ import annotations

import contextlib
import gzip
import json
import shutil
import struct
import subprocess
import sys
import time
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from mlcheck.errors import MlcheckError
from mlcheck.readers import read_inputs, wandb, wandb_names
from mlcheck.readers.source import Source
from mlcheck.readers.wandb_records import BLOCK_BYTES, HEADER_BYTES, PIECE_BYTES, Records

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from mlcheck.model import Run
    from mlcheck.readers.log import Channel, Log

DATA = Path(__file__).parent / "data" / "wandb"
VERSIONS = ("0.13.11", "0.31.0")
HEADER = b":W&B\xe1\xbe\x00"
CRASH = 'Traceback (most recent call last):\n  File "a.py", line 1\nRuntimeError: CUDA error\n'


def varint(value: int) -> bytes:
    value &= (1 << 64) - 1
    digits = bytearray()
    while value > 0x7F:
        digits.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*digits, value])


def field(number: int, content: bytes | str | int) -> bytes:
    if isinstance(content, int):
        return varint(number << 3) + varint(content)
    data = content.encode() if isinstance(content, str) else content
    return varint(number << 3 | 2) + varint(len(data)) + data


def item(name: str | Sequence[str], value: object) -> bytes:
    names = field(1, name) if isinstance(name, str) else b"".join(field(2, part) for part in name)
    return field(1, names + field(16, json.dumps(value)))


def row(values: Mapping[str, object], step: int | None = None, number: int = 5) -> bytes:
    """Write a history record as wandb in Python writes it; without a step it leaves it out."""
    counted = {} if step is None else {"_timestamp": 1.7e9, "_runtime": 0.5, "_step": step}
    items = b"".join(item(name, value) for name, value in {**values, **counted}.items())
    return field(1, number) + field(
        2, items + (b"" if step is None else field(2, field(1, step) if step else b""))
    )


def ended(code: int) -> bytes:
    return field(1, 9) + field(18, field(1, code) if code else b"")


def printed(text: str) -> bytes:
    return field(1, 9) + field(13, field(1, 1) + field(3, text))


def framed(records: Iterable[bytes], header: bytes = HEADER) -> bytes:
    """Write the records as a file: cut where a block ends, padded where no header fits."""
    data = bytearray(header)
    for record in records:
        rest, first = record, True
        while first or rest:
            left = BLOCK_BYTES - len(data) % BLOCK_BYTES
            if left < HEADER_BYTES:
                data += bytes(left)
                left = BLOCK_BYTES
            part, rest = rest[: left - HEADER_BYTES], rest[left - HEADER_BYTES :]
            kind = (1 if first else 4) if not rest else (2 if first else 3)
            data += struct.pack("<IHB", zlib.crc32(part, zlib.crc32(bytes([kind]))), len(part), kind) + part
            first = False
    return bytes(data)


def read(content: bytes, name: str = "run-abcd1234.wandb", **columns: str) -> Log:
    (log,) = wandb.read(Source(name=name, content=content, columns=columns))
    return log


def channel(log: Log, name: str) -> Channel:
    (found,) = (c for c in log.channels if c.name == name)
    return found


def only(path: Path) -> Run:
    reading = read_inputs([str(path)])
    assert not reading.problems
    (run,) = reading.runs
    return run


def kinds(log: Log) -> list[str]:
    return [event.kind for event in log.events]


@pytest.mark.parametrize("version", VERSIONS)
class TestRealFiles:
    """Files that wandb wrote offline: in Python, and in Go with nested keys in any order."""

    def test_curves_steps_and_settings(self, version: str) -> None:
        run = only(DATA / f"curves-{version}.wandb")
        assert run.reader == "wandb"
        assert run.train_loss is not None
        assert run.val_loss is not None
        np.testing.assert_allclose(run.train_loss.value, 2 * 0.9 ** np.arange(12))
        np.testing.assert_allclose(run.val_loss.value, 2 * 0.8 ** np.arange(4))
        assert run.train_loss.step.tolist() == [0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14]
        assert run.val_loss.step.tolist() == [3, 7, 11, 15]
        assert run.val_loss.epoch is not None
        assert run.val_loss.epoch.tolist() == [0, 1, 2, 3]
        assert {s.name for s in run.series} == {"train/loss", "val/loss", "val/acc", "lr"}
        assert run.config == {"lr": 0.001, "model.name": "mlp", "model.dropout": 0.1, "data": None, "late": 3}
        assert run.events == ()

    def test_a_metric_that_counts_for_all_is_the_step(self, version: str) -> None:
        run = only(DATA / f"axis-{version}.wandb")
        assert {s.name: s.step.tolist() for s in run.series} == {
            name: [0, 512, 1024, 1536, 2048] for name in ("loss", "val_loss")
        }

    def test_nested_names_are_joined_and_all_but_numbers_left_out(self, version: str) -> None:
        log = read((DATA / f"nested-{version}.wandb").read_bytes())
        assert {c.name for c in log.channels} == {"train.loss", "train.more.acc", "val.loss", "a.b"}
        np.testing.assert_allclose(channel(log, "train.loss").value, [1, 1 / 2, 1 / 3])
        np.testing.assert_allclose(channel(log, "train.more.acc").value, [0, 0.25, 0.5])
        assert log.events == ()

    def test_nan_and_infinities_are_values_and_texts_are_told(self, version: str) -> None:
        log = read((DATA / f"odd-{version}.wandb").read_bytes())
        np.testing.assert_equal(channel(log, "loss").value, [1, 0.5, np.nan, np.inf, -np.inf, 0.25])
        np.testing.assert_equal(channel(log, "mixed").value, [1, np.nan, np.inf, -np.inf, 0.25])
        assert [e.message for e in log.events] == ["1 of 6 cells in column 'mixed'"]

    def test_without_rows_it_is_refused_in_one_line(self, version: str) -> None:
        reading = read_inputs([str(DATA / f"zero-{version}.wandb")])
        (problem,) = reading.problems
        assert problem.message == "expected a history of numbers in this W&B run, found none"
        assert "\n" not in problem.hint

    def test_how_it_ended(self, version: str) -> None:
        ends = {
            kind: [(e.kind, e.message) for e in read((DATA / f"{kind}-{version}.wandb").read_bytes()).events]
            for kind in ("crash", "stopped", "failed", "resumed")
        }
        assert ends == {
            "crash": [("crash", "ValueError: shapes do not match")],
            "stopped": [("interrupted", "KeyboardInterrupt")],
            "failed": [("crash", "the run failed with exit code 3")],
            "resumed": [],
        }

    def test_a_resumed_run_is_one(self, version: str, tmp_path: Path) -> None:
        for kind, day in (("resumed", 2), ("crash", 1)):
            folder = tmp_path / "wandb" / f"offline-run-2024010{day}_101010-crash"
            folder.mkdir(parents=True)
            shutil.copy(DATA / f"{kind}-{version}.wandb", folder / "run-crash.wandb")
        run = only(tmp_path)
        assert run.train_loss is not None
        np.testing.assert_allclose(run.train_loss.value, 1 / np.arange(1.0, 9.0))
        assert [e.kind for e in run.events] == ["crash", "restart"]

    def test_alike_from_gzip_and_standard_input(self, version: str, tmp_path: Path) -> None:
        content = (DATA / f"curves-{version}.wandb").read_bytes()
        (tmp_path / "run-a.wandb.gz").write_bytes(gzip.compress(content))
        packed = only(tmp_path / "run-a.wandb.gz")
        reading = read_inputs(["-"], stdin=lambda: content)
        assert not reading.problems
        (piped,) = reading.runs
        for series, other in zip(packed.series, piped.series, strict=True):
            np.testing.assert_array_equal(series.value, other.value)
        assert len(packed.series) == 4

    def test_cut_anywhere_it_keeps_what_is_whole(self, version: str) -> None:
        """A prefix gives a prefix of the values, or is refused; nothing else is ever raised."""
        content = (DATA / f"curves-{version}.wandb").read_bytes()
        whole = channel(read(content), "train/loss").value
        longest = 0
        for size in range(1, len(content)):
            try:
                log = read(content[:size])
            except MlcheckError:
                continue
            value = channel(log, "train/loss").value
            np.testing.assert_array_equal(value, whole[: len(value)])
            assert len(value) >= longest
            longest = len(value)
            assert kinds(log) in ([], ["truncated"])
        assert longest == len(whole)

    def test_flipped_bits_are_told_and_never_read_as_values(self, version: str) -> None:
        content = (DATA / f"curves-{version}.wandb").read_bytes()
        whole = set(channel(read(content), "train/loss").value.tolist())
        chance = np.random.default_rng(0)
        for _ in range(300):
            broken = bytearray(content)
            broken[chance.integers(HEADER_BYTES, len(broken))] ^= 1 << int(chance.integers(8))
            log = read(bytes(broken))
            assert set(channel(log, "train/loss").value.tolist()) <= whole
            assert log.events
            assert set(kinds(log)) <= {"invalid", "truncated"}


class TestRecords:
    """The framing."""

    def test_records_over_block_ends_are_put_together(self) -> None:
        records = [
            bytes([65 + i % 26]) * size for i, size in enumerate((1, 0, 40_000, 32_740, 100_000, 3, 32_761))
        ]
        data = framed(records)
        found = Records([data])
        assert list(found) == records
        assert (found.corrupt, found.cut) == (0, None)

    def test_pieces_make_no_difference(self) -> None:
        records = [b"x" * 70_001, b"y" * 9] * 40
        data = framed(records)
        pieces = [data[i : i + PIECE_BYTES] for i in range(0, len(data), PIECE_BYTES)]
        assert len(pieces) > 1
        assert list(Records(pieces)) == records

    @pytest.mark.parametrize("left", range(1, 9))
    def test_padding_at_a_block_end_is_no_record(self, left: int) -> None:
        first = b"x" * (BLOCK_BYTES - 2 * HEADER_BYTES - left)
        assert list(Records([framed([first, b"after"])])) == [first, b"after"]

    def test_a_corrupt_record_costs_itself_only(self) -> None:
        data = bytearray(framed([b"one", b"two", b"three"]))
        data[data.index(b"two")] ^= 1
        found = Records([bytes(data)])
        assert list(found) == [b"one", b"three"]
        assert (found.corrupt, found.first, found.cut) == (1, HEADER_BYTES + 10, None)

    def test_a_broken_length_costs_its_record_only(self) -> None:
        records = [bytes([65 + i]) * 9_000 for i in range(10)]
        data = bytearray(framed(records))
        data[HEADER_BYTES + 4 : HEADER_BYTES + 6] = b"\xff\xff"
        found = Records([bytes(data)])
        assert list(found) == records[1:]
        assert (found.corrupt, found.first) == (1, HEADER_BYTES)

    def test_a_broken_block_costs_what_it_holds(self) -> None:
        records = [bytes([65 + i]) * 9_000 for i in range(10)]
        data = bytearray(framed(records))
        data[BLOCK_BYTES : 2 * BLOCK_BYTES] = np.random.default_rng(0).bytes(BLOCK_BYTES)
        found = Records([bytes(data)])
        assert list(found) == [*records[:3], *records[8:]]

    def test_a_file_of_noise_takes_bounded_time(self) -> None:
        start = time.process_time()
        found = Records([HEADER + np.random.default_rng(0).bytes(1 << 22)])
        assert list(found) == []
        assert found.corrupt > 100
        assert time.process_time() - start < 5

    def test_room_that_was_never_written_is_no_fault(self) -> None:
        found = Records([framed([b"one"]) + bytes(5000)])
        assert list(found) == [b"one"]
        assert (found.corrupt, found.cut) == (0, None)

    def test_a_record_without_end_is_left_out(self) -> None:
        data = framed([b"one", b"x" * 70_000, b"two"])
        found = Records([data[:BLOCK_BYTES]])
        assert list(found) == [b"one"]
        assert found.cut == HEADER_BYTES + 10


class TestRows:
    """The history."""

    def test_rows_of_every_form_give_the_same_columns(self) -> None:
        """Short plain rows take a path of their own: with a long text beside the numbers they take the other."""
        rows = [{"loss": 1 / (i + 1), "acc": i / 7, "x/y": -i, "n": 10**i} for i in range(20)]
        plain = read(framed(row(r, i) for i, r in enumerate(rows)))
        long = read(framed(row({**r, "text": "a" * 300}, i) for i, r in enumerate(rows)))
        mixed = read(framed(row({**r, "text": "a" * (300 * (i % 2))}, i) for i, r in enumerate(rows)))
        tail = read(
            framed(
                row(r, i) + field(16, field(4, "slot")) + field(200, field(1, "run"))
                for i, r in enumerate(rows)
            )
        )
        for other in (long, mixed, tail):
            for name in ("loss", "acc", "x/y", "n"):
                np.testing.assert_array_equal(channel(other, name).value, channel(plain, name).value)
                np.testing.assert_array_equal(channel(other, name).value, [r[name] for r in rows])
                assert channel(other, name).step is not None
                np.testing.assert_array_equal(channel(other, name).step, np.arange(20.0))

    @pytest.mark.parametrize("size", [1, 9, 10, 17, 18, 120, 126, 127, 128, 129, 130, 131, 200, 258])
    def test_names_and_numbers_of_any_length(self, size: int) -> None:
        """Lengths are bytes that may look like tags."""
        name = "m" * size
        values = [float(f"1.{'3' * min(size, 15)}"), 0.5]
        log = read(framed(row({name: v, "loss": v}, 18 + i, number=10 + 8 * i) for i, v in enumerate(values)))
        for found in (channel(log, name), channel(log, "loss")):
            assert found.value.tolist() == values
            assert found.step is not None
            assert found.step.tolist() == [18, 19]

    @pytest.mark.parametrize("step", [0, 1, 10, 18, 127, 128, 130, 2**14, 2**31, 2**40])
    def test_steps_of_any_size(self, step: int) -> None:
        log = read(framed(row({"loss": i}, step + i, number=step + 1) for i in range(2)))
        assert channel(log, "loss").value.tolist() == [0, 1]
        assert channel(log, "loss").step.tolist() == [step, step + 1]  # type: ignore[union-attr]  # a step was logged

    def test_many_rows_and_late_columns(self) -> None:
        """Rows are taken in batches; what is logged now and then keeps its place."""
        records = [row({"loss": i} | ({"late": -i} if i % 1000 == 999 else {}), i) for i in range(10_000)]
        log = read(framed(records))
        assert channel(log, "loss").value.tolist() == list(range(10_000))
        assert channel(log, "late").value.tolist() == [-i for i in range(999, 10_000, 1000)]
        assert channel(log, "late").step.tolist() == list(range(999, 10_000, 1000))  # type: ignore[union-attr]

    def test_rows_without_a_step_are_counted(self) -> None:
        log = read(framed(row({"loss": v}) for v in (3, 2, 1)))
        assert channel(log, "loss").step.tolist() == [1, 2, 3]  # type: ignore[union-attr]  # rows are counted
        assert channel(log, "loss").counts_rows

    def test_typed_values_are_read(self) -> None:
        """The newest messages can hold numbers as numbers."""
        number = field(1, field(2, "loss") + varint(6 << 3 | 1) + struct.pack("<d", 0.25))
        integer = field(1, field(2, "n") + field(5, 5))  # zigzag: -3
        step = field(2, field(1, 7))
        log = read(framed([field(1, 3) + field(2, number + integer + item(("acc",), 0.5) + step)]))
        assert {c.name: (c.value.tolist(), c.step.tolist()) for c in log.channels if c.step is not None} == {
            "loss": ([0.25], [7]), "n": ([-3], [7]), "acc": ([0.5], [7]),
        }  # fmt: skip

    def test_typed_values_between_plain_ones_are_read(self) -> None:
        number = field(1, field(2, "loss") + varint(6 << 3 | 1) + struct.pack("<d", 0.25))
        log = read(
            framed(
                [field(1, 3) + field(2, number + item("acc", 0.5) + item("_step", 4) + field(2, field(1, 4)))]
            )
        )
        assert {c.name: c.value.tolist() for c in log.channels} == {"loss": [0.25], "acc": [0.5]}

    def test_columns_of_texts_are_none_and_numbers_in_texts_are_some(self) -> None:
        log = read(
            framed(
                row({"loss": f"{1 / (i + 1)}", "phase": "fit", "flag": True, "gone": None}, i)
                for i in range(4)
            )
        )
        assert [c.name for c in log.channels] == ["loss"]
        np.testing.assert_allclose(channel(log, "loss").value, 1 / np.arange(1.0, 5.0))

    def test_media_are_no_curves(self) -> None:
        image = {"_type": "image-file", "path": "a.png", "width": 8, "height": 8}
        python = read(framed(row({"loss": 1, "shown": image}, i) for i in range(3)))
        nested = [b"".join(item(("shown", k), v) for k, v in image.items()) + item(("loss",), 1) + item(("_step",), i)
                  for i in range(3)]  # fmt: skip
        go = read(framed(field(1, 3) + field(2, items + field(2, field(1, 3))) for items in nested))
        assert [c.name for c in python.channels] == [c.name for c in go.channels] == ["loss"]

    def test_names_that_a_writer_shuffles_come_in_order(self) -> None:
        """So that the same program gives the same choice among columns alike."""
        names = ["eval_b_loss", "eval_a_loss", "loss"]
        for order in (names, names[::-1]):
            items = [b"".join(item((n,), 1.5) for n in order) + item(("_step",), i) for i in range(3)]
            log = read(framed(field(1, 3) + field(2, items_ + field(2, b"")) for items_ in items))
            assert [c.name for c in log.channels] == ["eval_a_loss", "eval_b_loss", "loss"]

    def test_the_trainers_mean_over_the_run_is_no_point(self) -> None:
        rows = [row({"train/loss": 3 - i, "train/epoch": i / 2}, i) for i in range(3)]
        last = row({"train/train_loss": 2, "train/train_runtime": 60, "train/epoch": 1.5}, 3)
        log = read(framed([*rows, last]))
        assert [c.name for c in log.channels] == ["train/loss", "train/train_runtime"]
        assert channel(log, "train/loss").epoch.tolist() == [0, 0.5, 1]  # type: ignore[union-attr]  # it was logged

    def test_the_users_counter_wins(self) -> None:
        records = [row({"loss": 1, "mine": 5 * i, "iter": 10 * i}, i) for i in range(3)]
        assert channel(read(framed(records)), "loss").step.tolist() == [0, 1, 2]  # type: ignore[union-attr]
        assert channel(read(framed(records), step="mine"), "loss").step.tolist() == [0, 5, 10]  # type: ignore[union-attr]
        with pytest.raises(MlcheckError, match="expected a column 'other', found 'loss'"):
            read(framed(records), step="other")

    def test_a_metric_that_goes_back_or_is_not_always_there_counts_nothing(self) -> None:
        define = field(1, 2) + field(12, field(2, "*") + field(4, "seen"))
        back = [row({"loss": 1, "seen": v}, i) for i, v in enumerate((0, 5, 2))]
        gaps = [row({"loss": 1} | ({"seen": i} if i % 2 else {}), i) for i in range(4)]
        for rows in (back, gaps):
            assert channel(read(framed([define, *rows])), "loss").step.tolist() == list(range(len(rows)))  # type: ignore[union-attr]

    def test_settings_change_and_go(self) -> None:
        def update(number: int, name: str, value: object) -> bytes:
            return field(number, field(1, name) + field(16, json.dumps(value)))

        run = field(1, 1) + field(17, field(1, "abcd1234") + field(4, update(1, "lr", 0.1) + update(1, "_wandb", {"v": 1})
                                                                   + update(1, "gone", 1)) + field(17, field(1, 1_700_000_000)))  # fmt: skip
        change = field(1, 2) + field(5, update(1, "lr", 0.2) + update(2, "gone", None))
        deep = field(1, 3) + field(5, field(1, field(2, "model") + field(2, "depth") + field(16, "4")))
        log = read(framed([run, change, deep, row({"loss": 1}, 0)]))
        assert log.config == {"lr": 0.2, "model.depth": 4}
        assert log.order == 1_700_000_000
        assert log.key == "wandb:abcd1234"


class TestEndings:
    """A crash is told where there was one, and only there."""

    TRACE = CRASH
    ROWS = tuple(row({"loss": 1 / (i + 1)}, i) for i in range(3))

    @pytest.mark.parametrize(
        ("records", "told"),
        [
            ((*ROWS, ended(0)), []),
            (ROWS, []),
            ((*ROWS, printed(TRACE)), ["crash: RuntimeError: CUDA error"]),
            ((*ROWS[:2], printed(TRACE), ROWS[2]), []),
            ((*ROWS, printed(TRACE), ended(0)), []),
            ((*ROWS[:2], printed(TRACE), ROWS[2], ended(1)), ["crash: RuntimeError: CUDA error"]),
            ((*ROWS, *map(printed, TRACE), ended(1)), ["crash: RuntimeError: CUDA error"]),
            ((*ROWS, ended(2)), ["crash: the run failed with exit code 2"]),
            ((*ROWS, ended(-9)), ["crash: the run failed with exit code -9"]),
            ((*ROWS, ended(143)), ["interrupted: the run was stopped (exit code 143)"]),
        ],
    )
    def test_endings(self, records: tuple[bytes, ...], told: list[str]) -> None:
        assert [f"{e.kind}: {e.message}" for e in read(framed(records)).events] == told

    def test_a_crash_before_the_first_row_is_a_run(self) -> None:
        log = read(framed([printed(self.TRACE), ended(1)]))
        assert (log.channels, kinds(log)) == ((), ["crash"])

    def test_much_output_is_bounded(self) -> None:
        """Only the last words are looked at."""
        records = [
            *self.ROWS,
            *(printed("x" * 20_000) for _ in range(50)),
            printed("\n" + self.TRACE),
            ended(1),
        ]
        assert kinds(read(framed(records))) == ["crash"]


class TestFolders:
    """One run per run folder."""

    def make(self, top: Path, run_id: str, day: int, **values: float) -> Path:
        folder = top / "wandb" / f"run-2024010{day}_101010-{run_id}"
        (folder / "files").mkdir(parents=True)
        (folder / "logs").mkdir()
        rows = [row({name: v / (i + 1) for name, v in values.items()}, i) for i in range(8)]
        (folder / f"run-{run_id}.wandb").write_bytes(framed([*rows, ended(0)]))
        (folder / "files" / "wandb-summary.json").write_text(
            json.dumps({**values, "_step": 7, "_wandb": {"runtime": 3}})
        )
        (folder / "files" / "wandb-metadata.json").write_text(
            json.dumps({"os": "Linux", "args": ["--lr", "0.1"], "cpu_count": 2})
        )
        (folder / "files" / "config.yaml").write_text("wandb_version: 1\n\nlr:\n  desc: null\n  value: 0.1\n")
        (folder / "files" / "requirements.txt").write_text("numpy==2.1.0\ntorch==2.5.1\n")
        log = "2024-01-01 10:10:10,310 INFO MainThread:1 [wandb_init.py:_log_setup():1] config: {'lr': 0.1}\n"
        trace = "Traceback (most recent call last):\n  File 'a.py', line 1\nBrokenPipeError: gone\n"
        for name in ("debug.log", "debug-internal.log", "debug-core.log"):
            (folder / "logs" / name).write_text(log + trace)
        return folder

    def test_each_folder_is_one_run_whatever_else_lies_in_it(self, tmp_path: Path) -> None:
        self.make(tmp_path, "aaaaaaaa", 1, loss=1, val_loss=2)
        last = self.make(tmp_path, "bbbbbbbb", 2, loss=3, val_loss=4)
        (tmp_path / "wandb" / "latest-run").symlink_to(last.name)
        (tmp_path / "wandb" / "debug.log").symlink_to(last / "logs" / "debug.log")
        reading = read_inputs([str(tmp_path / "wandb")])
        assert not reading.problems
        assert [r.id for r in reading.runs] == [
            "wandb/run-20240101_101010-aaaaaaaa",
            "wandb/run-20240102_101010-bbbbbbbb",
        ]

    def test_the_folder_that_latest_run_leads_to_can_be_named(self, tmp_path: Path) -> None:
        folder = self.make(tmp_path, "aaaaaaaa", 1, loss=1, val_loss=2)
        (tmp_path / "wandb" / "latest-run").symlink_to(folder.name)
        assert only(tmp_path / "wandb" / "latest-run").reader == "wandb"

    def test_the_settings_file_unwraps_values(self, tmp_path: Path) -> None:
        folder = self.make(tmp_path, "aaaaaaaa", 1, loss=1)
        (folder / "run-aaaaaaaa.wandb").unlink()
        lines = [f"epoch {i}: train loss {1 / (i + 1):.4f} val loss {2 / (i + 1):.4f}" for i in range(9)]
        (folder / "files" / "output.log").write_text("\n".join(lines) + "\n")
        (folder / "files" / "config.yaml").write_text(
            "wandb_version: 1\n\n_wandb:\n  desc: null\n  value:\n    cli_version: 0.16.0\nlr:\n  desc: null\n  value: 0.1\nmodel:\n  value:\n    depth: 3\n"
        )
        run = only(tmp_path)
        assert run.reader == "text"
        assert run.config == {"lr": 0.1, "model.depth": 3}

    @pytest.mark.parametrize("end", [(), (ended(1),), (printed(CRASH), ended(1))])
    def test_a_crash_in_the_output_beside_the_run_is_the_runs_and_told_once(
        self, tmp_path: Path, end: tuple[bytes, ...]
    ) -> None:
        """Whether the .wandb file knows nothing of it, only the exit code, or the same lines."""
        folder = self.make(tmp_path, "aaaaaaaa", 1, loss=1)
        self.make(tmp_path, "bbbbbbbb", 2, loss=3)
        rows = (row({"loss": 1 / (i + 1)}, i) for i in range(5))
        (folder / "run-aaaaaaaa.wandb").write_bytes(framed((*rows, *end)))
        (folder / "files" / "output.log").write_text(f"loading the data\n{CRASH}")
        crashed, other = read_inputs([str(tmp_path / "wandb")]).runs
        assert (crashed.reader, crashed.id) == ("wandb", "wandb/run-20240101_101010-aaaaaaaa")
        assert [(e.kind, e.message) for e in crashed.events] == [("crash", "RuntimeError: CUDA error")]
        assert not other.events

    def test_runs_side_by_side_stay_apart(self, tmp_path: Path) -> None:
        for name in ("aaaaaaaa", "bbbbbbbb"):
            (tmp_path / f"run-{name}.wandb").write_bytes(
                framed(row({"loss": 1 / (i + 1)}, i) for i in range(5))
            )
        assert len(read_inputs([str(tmp_path)]).runs) == 2

    @pytest.mark.parametrize(
        ("name", "key"),
        [
            ("wandb/run-20240917_191001-i71hltro/run-i71hltro.wandb", "wandb:wandb/i71hltro"),
            ("wandb/offline-run-20240917_191001-my-run/files/output.log", "wandb:wandb/my-run"),
            ("run-20240917_191001-i71hltro/files/wandb-summary.json", "wandb:i71hltro"),
            ("logs/run-i71hltro.wandb", "wandb:logs/i71hltro"),
            ("logs/i71hltro_output.log", "wandb:logs/i71hltro"),
            ("logs/some+thing+i71hltro_wandb-summary.json", "wandb:logs/i71hltro"),
            ("logs/some+thing+run-i71hltro.wandb.gz", "wandb:logs/i71hltro"),
            ("i71hltro-output.log", "wandb:i71hltro"),
            ("logs/output.log", None),
            ("logs/train_output.log", None),
            ("logs/run-3.log", None),
        ],
    )
    def test_names_tell_the_run(self, name: str, key: str | None) -> None:
        assert wandb_names.run_of(name) == key


class TestRefusals:
    """One line that says what it is and what to give instead."""

    def test_a_summary(self, tmp_path: Path) -> None:
        for name in ("wandb-summary.json", "i71hltro_wandb-summary.json"):
            path = tmp_path / name
            path.write_text(
                json.dumps(
                    {
                        "loss": 0.5,
                        "epoch": 3,
                        "h": {"_type": "histogram", "values": [1, 2]},
                        "train": {"loss": [1, 2]},
                    }
                )
            )
            reading = read_inputs([str(path)])
            (problem,) = reading.problems
            assert not reading.runs
            assert problem.message == "expected a history, found a W&B summary: final values only"
            assert ".wandb file" in problem.hint

    @pytest.mark.parametrize(
        ("content", "found"),
        [
            (HEADER, "found none"),
            (HEADER[:5], "found none"),
            (b":W&B\x00\x00\x00" + b"x" * 50, "another header"),
            (b":W&B\xe1\xbe\x01" + b"x" * 50, "another header"),
            (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n", "Git-LFS pointer"),
            (b"\x00\x01\x02\x03" * 20, "other binary data"),
            (framed([row({"name": "text"}, i) for i in range(3)]), "no numbers in 3 row"),
            (framed([row({"loss": 1}, 0)])[:40], "found none"),
        ],
    )
    def test_what_holds_no_history(self, content: bytes, found: str, tmp_path: Path) -> None:
        path = tmp_path / "run-a.wandb"
        path.write_bytes(content)
        reading = read_inputs([str(path)])
        (problem,) = reading.problems
        assert found in problem.message
        assert "\n" not in problem.message + problem.hint

    def test_an_empty_marker_beside_the_file_is_passed_over(self, tmp_path: Path) -> None:
        (tmp_path / "run-a.wandb").write_bytes(framed(row({"loss": 1 / (i + 1)}, i) for i in range(5)))
        (tmp_path / "run-a.wandb.synced").write_bytes(b"")
        assert only(tmp_path).reader == "wandb"


class TestHostileFiles:
    """Sizes that lie, messages that are none: never more than an MlcheckError, and never slow."""

    def test_lengths_beyond_the_record(self) -> None:
        good = [row({"loss": 1 / (i + 1)}, i) for i in range(3)]
        bad = [
            field(1, 1) + varint(2 << 3 | 2) + varint(1 << 60) + b"x",
            field(1, 1) + varint(17 << 3 | 2) + varint((1 << 64) - 1) + b"x",
            field(1, 1) + field(17, varint(4 << 3 | 2) + varint(1 << 60)),
            field(1, 1) + field(2, varint(1 << 3 | 2) + varint(1 << 60) + b"\n\x01a"),
            b"\x08" + b"\xff" * 40,
            b"\x12",
            b"",
            field(1, 1) + field(18, b"\x08"),
        ]
        log = read(framed([*good, *bad]))
        assert channel(log, "loss").value.tolist() == [1, 1 / 2, 1 / 3]
        (event,) = log.events
        assert event.kind == "invalid"
        assert "record(s) that hold no message" in event.message

    def test_a_million_names_cost_little(self) -> None:
        records = [row({f"m{i}_{j}": j for j in range(50)}, i) for i in range(2000)]
        start = time.process_time()
        log = read(framed(records))
        assert len(log.channels) <= 20_000
        assert time.process_time() - start < 8

    def test_random_records_never_raise(self) -> None:
        chance = np.random.default_rng(1)
        good = [
            row({"loss": 1, "h": {"a": {"b": 2}}, "t": "x" * 200}, 3),
            printed("x"),
            ended(1),
            field(1, 1) + field(17, field(1, "a")),
        ]
        for _ in range(400):
            records = []
            for record in good:
                broken = bytearray(record)
                for _ in range(int(chance.integers(3))):
                    broken[chance.integers(len(broken))] = int(chance.integers(256))
                records.append(bytes(broken))
            with contextlib.suppress(MlcheckError):
                read(framed(records))

    def test_a_cut_gzip_file_is_told(self, tmp_path: Path) -> None:
        rows = [
            row({"loss": chance}, i)
            for i, chance in enumerate(np.random.default_rng(0).random(5000).tolist())
        ]
        packed = gzip.compress(framed(rows))
        (tmp_path / "run-a.wandb.gz").write_bytes(packed[: len(packed) // 2])
        reading = read_inputs([str(tmp_path / "run-a.wandb.gz")])
        (run,) = reading.runs
        assert run.train_loss is not None
        assert 2000 < len(run.train_loss) < 3000
        assert {e.kind for e in run.events} == {"truncated"}


def test_nothing_of_wandb_is_imported() -> None:
    """In a process of its own: other tests load protobuf for their second witness."""
    code = (
        "import sys\nfrom mlcheck.readers import read_inputs\n"
        f"reading = read_inputs(['-'], stdin=lambda: {HEADER!r})\nassert reading.problems\n"
        "assert not {'wandb', 'google.protobuf'} & sys.modules.keys()"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
