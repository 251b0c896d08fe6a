"""How fast event files are read: mlcheck against TensorBoard's own EventAccumulator, in one process.

    pip install tensorboard
    python benchmarks/tensorboard.py

Writes two files of 200,000 scalars with TensorBoard's writer (one tag; 35 tags in random order), checks that both
readers find the same numbers in them, and prints the medians and their ratio. Exits 1 where mlcheck is less than 40
(one tag) or 30 (35 tags) times as fast. Without TensorFlow, which TensorBoard does not need, EventAccumulator reads
records in pure Python; that is what is measured.
"""

from __future__ import annotations

import importlib
import os
import random
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

os.environ["OPENBLAS_NUM_THREADS"] = "1"
HERE = Path(__file__).resolve().parent
# Python looks beside the script first, where this very file is named like the package it needs.
sys.path = [folder for folder in sys.path if Path(folder).resolve() != HERE]

import numpy as np  # noqa: E402

from mlcheck.readers import tensorboard as ours  # noqa: E402
from mlcheck.readers.source import Source  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SCALARS = 200_000
PARTS = ("train", "val", "gradients", "optimizer", "x")
METRICS = ("loss", "accuracy", "f1", "top5", "lr", "weight_norm", "seconds")
CASES = {"one tag": (["train/loss"], 40.0), "35 tags": ([f"{p}/{m}" for p in PARTS for m in METRICS], 30.0)}
ROUNDS, OURS_A_ROUND = 5, 5


def real(module: str) -> Any:
    """Import a module of TensorBoard; exit with a message where it is not installed."""
    try:
        return importlib.import_module(f"tensorboard.{module}")
    except ImportError as error:
        sys.exit(f"{error}: the benchmark needs TensorBoard to compare with: pip install tensorboard")


def write(folder: Path, tags: Sequence[str]) -> Path:
    """Write SCALARS scalars with TensorBoard's writer, each of a tag drawn at random, and return the file."""
    events, summaries = real("compat.proto.event_pb2"), real("compat.proto.summary_pb2")
    writer = real("summary.writer.event_file_writer").EventFileWriter(str(folder))
    draw = random.Random(0)  # noqa: S311
    for step in range(SCALARS):
        value = summaries.Summary.Value(tag=draw.choice(tags), simple_value=draw.random())
        summary = summaries.Summary(value=[value])
        writer.add_event(events.Event(wall_time=1.7e9 + step * 0.013, step=step, summary=summary))
    writer.close()
    return next(folder.iterdir())


def read_ours(path: Path) -> dict[str, tuple[Any, Any]]:
    """Return (steps, values) by tag as mlcheck reads them."""
    (log,) = ours.read(Source(name=f"{path.parent.name}/{path.name}", path=path))
    return {channel.name: (channel.step, channel.value) for channel in log.channels}


def read_theirs(path: Path) -> Any:
    """Return an EventAccumulator that has read the file and kept every scalar."""
    module = real("backend.event_processing.event_accumulator")
    return module.EventAccumulator(str(path), size_guidance={module.SCALARS: 0}).Reload()


def check(path: Path) -> None:
    """Exit where the two readers differ in a tag, a step or a value."""
    found, accumulator = read_ours(path), read_theirs(path)
    expected = {tag: accumulator.Scalars(tag) for tag in accumulator.Tags()["scalars"]}
    same = found.keys() == expected.keys() and all(
        np.array_equal(found[tag][0], [event.step for event in events])
        and np.array_equal(found[tag][1], [event.value for event in events])
        for tag, events in expected.items()
    )
    if not same:
        sys.exit(f"{path.name}: the readers differ")


def seconds(read: Callable[[Path], Any], path: Path) -> float:
    """Return the time of reading the file once."""
    start = time.perf_counter()
    read(path)
    return time.perf_counter() - start


def compare(path: Path) -> tuple[float, float]:
    """Return the median times of both readers, measured in turn so that a busy spell of the machine hits both."""
    mine: list[float] = []
    other: list[float] = []
    for _ in range(ROUNDS):
        mine += [seconds(read_ours, path) for _ in range(OURS_A_ROUND)]
        other.append(seconds(read_theirs, path))
    return median(mine), median(other)


def main() -> int:
    """Print the table; return 1 where a goal is missed."""
    missed = 0
    print(f"{SCALARS:,} scalars   mlcheck   EventAccumulator   ratio   goal")
    for name, (tags, goal) in CASES.items():
        with tempfile.TemporaryDirectory() as folder:
            path = write(Path(folder), tags)
            check(path)
            mine, other = compare(path)
        print(f"{name:<15}{1e3 * mine:8.0f} ms{1e3 * other:16.0f} ms{other / mine:8.1f}{goal:7.0f}")
        missed += other / mine < goal
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main())
