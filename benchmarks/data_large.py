"""`mlcheck data` on a large table: seconds and memory, with deepchecks' train-test validation beside it.

usage: python benchmarks/data_large.py [--rows N] [--columns K] [--keep FOLDER] [--peer PYTHON] [--peer-rows N]

N rows (1,000,000) of K columns (50) and a test set of a fifth: measurements, counts, categories of few and many levels,
dates, truth values, missing cells, an identifier and a target of two classes. The command runs as a user runs it, in a
process of its own; CPU seconds, seconds by the clock and the peak of its memory are those of that process. Nothing is
wrong with the data, and the verdict has to be clean. --peer PYTHON runs deepchecks' suite of train-test validation on
the same kind of table (--peer-rows, all by default; read from CSV, as ours) in a Python that has it. Exits with 1 where
90 seconds of CPU, 4 GB or the verdict are not reached.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

SECONDS, GIGABYTES = 90.0, 4.0
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
PEER = """
import sys, warnings
warnings.simplefilter("ignore")
import pandas as pd
from deepchecks.tabular import Dataset
from deepchecks.tabular.suites import train_test_validation
parts = [Dataset(pd.read_csv(path), label="target", cat_features=[f"c{i}" for i in range(int(sys.argv[3]))]) for path in sys.argv[1:3]]
result = train_test_validation().run(*parts, with_display=False)
print(len(result.results))
"""


class Took(NamedTuple):
    """What a process took: CPU seconds, seconds by the clock, peak GB, its exit code and what it printed."""

    cpu: float
    clock: float
    memory: float
    code: int
    said: str


def table(rows: int, columns: int, first: int, draw: np.random.Generator) -> pd.DataFrame:
    """Draw rows that are numbered from `first` on."""
    made: dict[str, object] = {"id": np.arange(first, first + rows)}
    names, dates, flags = max(1, columns // 6), max(1, columns // 25), max(1, columns // 25)
    counts = max(1, columns // 5)
    measured = columns - names - dates - flags - counts - 2
    factor = draw.normal(size=rows)
    for i in range(measured):
        values = (draw.normal(size=rows) + 0.3 * factor).round(5)
        if i % 5 == 0:
            values = np.exp(values).round(5)
        if i % 4 == 0:
            values[draw.random(rows) < 0.1] = np.nan
        made[f"x{i}"] = values
    for i in range(counts):
        made[f"n{i}"] = draw.poisson(3 + 10 * i, rows)
    for i in range(names):
        levels = np.array([f"level {code}" for code in range(3 * 4**i if i < 5 else 5)], dtype=object)
        made[f"c{i}"] = levels[(len(levels) * draw.random(rows) ** 2).astype(np.int64)]
    for i in range(dates):
        days = draw.integers(0, 1000, rows)
        made[f"d{i}"] = np.datetime_as_string(np.datetime64("2022-01-01") + days, unit="D")
    for i in range(flags):
        made[f"b{i}"] = np.where(draw.random(rows) < 0.4, "yes", "no")
    made["target"] = np.where(factor + draw.normal(size=rows) > 0.5, "late", "paid")
    return pd.DataFrame(made)


def write(folder: Path, rows: int, columns: int) -> tuple[Path, Path]:
    """Write the train and the test set and return where they are."""
    draw = np.random.default_rng(0)
    paths = folder / f"train{rows}.csv", folder / f"test{rows}.csv"
    for path, count, first in zip(paths, (rows, rows // 5), (0, rows), strict=True):
        if not path.exists():
            _save(table(count, columns, first, draw), path)
    return paths


def _save(frame: pd.DataFrame, path: Path) -> None:
    try:
        import pyarrow as pa
        from pyarrow import csv
    except ImportError:
        frame.to_csv(path, index=False)
        return
    csv.write_csv(
        pa.Table.from_pandas(frame, preserve_index=False), str(path), csv.WriteOptions(quoting_style="none")
    )


def took(command: list[str]) -> Took:
    """Run a command and return what it took."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, **ONE_THREAD}
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    said = done.stdout.strip() or done.stderr.strip()
    return Took(cpu, time.monotonic() - start, after.ru_maxrss / 1e6, done.returncode, said)


def main() -> int:
    """Measure, print the table and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--columns", type=int, default=50)
    parser.add_argument("--keep", metavar="FOLDER", help="where the tables are made, and found again")
    parser.add_argument("--peer", metavar="PYTHON", help="a Python that has deepchecks")
    parser.add_argument("--peer-rows", type=int, default=0)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(given.keep or temporary)
        folder.mkdir(parents=True, exist_ok=True)
        train, test = write(folder, given.rows, given.columns)
        size = f"{given.rows:,} + {given.rows // 5:,} rows x {given.columns}"
        ours = took(
            [sys.executable, "-m", "mlcheck", "data", str(train), "--test", str(test), "--target", "target", "--format", "json", "--timings"]
        )  # fmt: skip
        report = json.loads(ours.said) if ours.said.startswith("{") else {}
        verdict = report.get("verdict", ours.said[:200])
        rows = [
            ("CPU seconds", ours.cpu, SECONDS, ours.cpu <= SECONDS),
            ("peak GB", ours.memory, GIGABYTES, ours.memory <= GIGABYTES),
        ]
        print(f"what: mlcheck data, {size} | ours | limit | reached")
        for what, value, limit, reached in rows:
            print(f"{what:24} | {value:7.1f} | {limit:5.0f} | {'yes' if reached else 'NO'}")
        print(f"{'verdict':24} | {verdict} | clean | {'yes' if verdict == 'clean' else 'NO'}")
        print(f"{ours.clock:.0f} s by the clock; by stage: {report.get('timings')}")
        for finding in (f for s in report.get("subjects", []) for f in s["findings"]):
            print(f"  {finding['severity']} {finding['code']} {finding['message']}")
        if given.peer:
            _peer(folder, given.peer, given.peer_rows or given.rows, given.columns)
    return 0 if all(row[-1] for row in rows) and verdict == "clean" else 1


def _peer(folder: Path, python: str, rows: int, columns: int) -> None:
    """Print what deepchecks takes for the same kind of table."""
    paths = write(folder, rows, columns)
    names = max(1, columns // 6)
    theirs = took([python, "-c", PEER, *map(str, paths), str(names)])
    told = "ended" if theirs.code == 0 else f"failed with code {theirs.code}: {theirs.said[-200:]}"
    print(
        f"deepchecks, train-test validation, {rows:,} rows: {told}; {theirs.cpu:.1f} CPU s, {theirs.memory:.1f} GB"
    )


if __name__ == "__main__":
    sys.exit(main())
