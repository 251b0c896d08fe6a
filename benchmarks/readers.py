"""Logs of 100,000 points in the formats that are not text: seconds to read, against decoding alone.

usage: python benchmarks/readers.py

Writes a Weights & Biases file (`run-*.wandb`: 50,000 rows of two values), an MLflow database (SQLite, 100,000 metric
rows) and a Hugging Face `trainer_state.json` (100,000 rows), reads each with `mlcheck.read` in this process, and
alternates with a peer that only decodes: `json.loads` of every value, `SELECT *`, `json.load`. Medians. At most 1 s each;
exits with 1 otherwise.
"""

from __future__ import annotations

import json
import os
import sqlite3
import statistics
import struct
import sys
import tempfile
import time
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

os.environ["OPENBLAS_NUM_THREADS"] = "1"

import mlcheck

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

POINTS = 100_000
MOST_SECONDS = 1.0
ROUNDS = 5
BLOCK = 1 << 15


def course(step: int) -> float:
    """Return a falling loss."""
    return 2.3 / (1 + step / 5000) + 0.1 + (step * 7919 % 1000) / 1e5


def write_trainer_state(folder: Path) -> Path:
    """Write a trainer state whose every tenth row is an evaluation."""
    rows = [
        {"epoch": i / 1000, "eval_loss": course(i) + 0.1, "step": i}
        if i % 10 == 0
        else {"epoch": i / 1000, "loss": course(i), "learning_rate": 1e-4, "grad_norm": 1.0, "step": i}
        for i in range(1, POINTS + 1)
    ]
    path = folder / "trainer_state.json"
    path.write_text(json.dumps({"global_step": POINTS, "log_history": rows}), encoding="utf-8")
    return path


def write_database(folder: Path) -> Path:
    """Write the tables of MLflow's store that hold a run."""
    path = folder / "mlflow.db"
    with sqlite3.connect(path) as base:
        base.executescript(
            "CREATE TABLE experiments (experiment_id INTEGER, name TEXT, lifecycle_stage TEXT);"
            "CREATE TABLE runs (run_uuid TEXT, name TEXT, status TEXT, lifecycle_stage TEXT, experiment_id INTEGER);"
            "CREATE TABLE params (key TEXT, value TEXT, run_uuid TEXT);"
            "CREATE TABLE metrics (key TEXT, value FLOAT, timestamp BIGINT, run_uuid TEXT, step BIGINT, is_nan BOOLEAN);"
            "INSERT INTO experiments VALUES (1, 'e', 'active'); INSERT INTO runs VALUES ('r', 'run', 'FINISHED', 'active', 1);"
        )
        rows = (
            (("train_loss", "val_loss")[i % 2], course(i) + 0.1 * (i % 2), 1_700_000_000 + i, "r", i // 2, 0)
            for i in range(POINTS)
        )
        base.executemany("INSERT INTO metrics VALUES (?, ?, ?, ?, ?, ?)", rows)
    base.close()
    return path


def varint(value: int) -> bytes:
    """Encode an integer as protobuf does."""
    digits = bytearray()
    while value > 0x7F:
        digits.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*digits, value])


def field(number: int, content: bytes) -> bytes:
    """Encode a field of bytes."""
    return varint(number << 3 | 2) + varint(len(content)) + content


def row(step: int) -> bytes:
    """Encode a record with one row of history, as the library writes it: keys nested, values as JSON, the step behind."""
    values = {
        "_step": step,
        "train_loss": course(step),
        "val_loss": course(step) + 0.1,
        "_timestamp": 1.7e9 + step,
    }
    items = b"".join(
        field(1, field(2, name.encode()) + field(16, json.dumps(value).encode()))
        for name, value in values.items()
    )
    counted = varint(1 << 3) + varint(step) if step else b""
    return varint(1 << 3) + varint(step + 1) + field(2, items + field(2, counted))


def framed(records: Iterator[bytes]) -> bytes:
    """Frame records as LevelDB's log does, behind the header."""
    made = bytearray(b":W&B\xe1\xbe\x00")
    for record in records:
        rest, first = record, True
        while True:
            left = BLOCK - len(made) % BLOCK
            if left < 7:
                made += bytes(left)
                left = BLOCK
            piece, rest = rest[: left - 7], rest[left - 7 :]
            kind = (1 if first else 4) if not rest else 2 if first else 3
            made += (
                struct.pack("<IHB", zlib.crc32(piece, zlib.crc32(bytes([kind]))), len(piece), kind) + piece
            )
            first = False
            if not rest:
                break
    return bytes(made)


def write_wandb(folder: Path) -> Path:
    """Write a file of the offline mode."""
    path = folder / "run-abcd1234.wandb"
    path.write_bytes(framed(row(i) for i in range(POINTS // 2)))
    return path


def decode_database(path: Path) -> object:
    """Fetch every row."""
    base = sqlite3.connect(path)
    rows = base.execute("SELECT * FROM metrics").fetchall()
    base.close()
    return rows


def decode_values(_path: Path) -> object:
    """Parse as many JSON numbers as a .wandb file holds values."""
    return [json.loads(text) for text in VALUES]


def decode_json(path: Path) -> object:
    """Parse the document."""
    return json.loads(path.read_text(encoding="utf-8"))


VALUES = [json.dumps(course(i)) for i in range(2 * POINTS)]
CASES: dict[str, tuple[Callable[[Path], Path], Callable[[Path], object], str]] = {
    ".wandb": (write_wandb, decode_values, "json.loads of its values"),
    "MLflow SQLite": (write_database, decode_database, "SELECT *"),
    "trainer_state.json": (write_trainer_state, decode_json, "json.loads of it"),
}


def seconds(work: Callable[[Path], object], path: Path) -> float:
    """Time one call."""
    started = time.perf_counter()
    work(path)
    return time.perf_counter() - started


def points(path: Path) -> int:
    """Return how many values of the two losses are found."""
    (run,) = mlcheck.read(path)
    return sum(len(s) for s in (run.train_loss, run.val_loss) if s is not None)


def main() -> int:
    """Measure every format and print a line each."""
    failed = False
    for name, (write, decode, peer) in CASES.items():
        with tempfile.TemporaryDirectory() as folder:
            path = write(Path(folder))
            found = points(path)
            pairs = [(seconds(mlcheck.read, path), seconds(decode, path)) for _ in range(ROUNDS)]
        ours, theirs = (statistics.median(pair[i] for pair in pairs) for i in (0, 1))
        print(
            f"{name}: {found:,} points in {ours:.2f} s (at most {MOST_SECONDS:g}); {peer} {theirs:.3f} s, ratio {ours / theirs:.1f}"
        )
        failed |= ours > MOST_SECONDS or found != POINTS
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
