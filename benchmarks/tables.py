"""Large CSV logs: the whole command against pandas alone, its memory, and time by the number of rows.

usage: python benchmarks/tables.py [--most ROWS]

`mlcheck diagnose` of a log of 1,000,000 rows and 4 columns (some 50 MB, most of val_loss blank) against a process that
only calls `pandas.read_csv` on the same file: at most 2 times its wall time, at most 600 MB. Runs alternate; the median
is taken. Then logs of 10^3 to ROWS rows (10^7 by default, 550 MB on disk and some 2 GB of memory): the seconds per
10^6 rows beyond the smallest log's may not grow. Exits with 1 where a limit is passed.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np

REPEATS = 9
MOST_RATIO = 2.0
MOST_MEMORY = 600
"""MB."""
MOST_GROWTH = 1.5
"""Seconds per row of the largest log over those of the one a tenth as long."""
ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"} | {
    "OPENBLAS_NUM_THREADS": "1"
}


class Cost(NamedTuple):
    """Wall time in seconds and peak memory in MB of one process."""

    seconds: float
    memory: float


def write_log(path: Path, rows: int) -> None:
    """Write a plausible log: a validation loss every hundredth step, a cosine schedule."""
    noise = np.random.default_rng(0)
    with path.open("w", encoding="utf-8") as file:
        file.write("step,train_loss,val_loss,lr\n")
        for first in range(0, rows, 100_000):
            at = np.arange(first, min(rows, first + 100_000))
            course = 2 / (1 + at / rows * 50) + 0.2
            train = course + noise.normal(0, 0.02, len(at))
            val = course + 0.1 + noise.normal(0, 0.02, len(at))
            rate = 5e-4 * (1 + np.cos(np.pi * at / rows))
            columns = zip(at.tolist(), train.tolist(), val.tolist(), rate.tolist(), strict=True)
            file.writelines(f"{i},{t!r},{'' if i % 100 else repr(v)},{r!r}\n" for i, t, v, r in columns)


def cost(command: list[str]) -> Cost:
    """Run a command once; its output is dropped. Raises where it fails."""
    started = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, env=ENVIRONMENT) as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)}: exit code {process.returncode}")
    return Cost(time.perf_counter() - started, used.ru_maxrss / 1024)


def diagnose(log: Path) -> list[str]:
    """Return the command that judges a log."""
    return [sys.executable, "-m", "mlcheck", "diagnose", str(log), "--fail-on", "never", "--quiet"]


def median(costs: list[Cost]) -> Cost:
    """Return the medians of time and memory."""
    return Cost(*(statistics.median(column) for column in zip(*costs, strict=True)))


def against_pandas(log: Path) -> bool:
    """Compare the whole command with pandas alone; print one line."""
    write_log(log, 1_000_000)
    bare = [sys.executable, "-c", f"import pandas; pandas.read_csv({str(log)!r})"]
    pairs = [(cost(diagnose(log)), cost(bare)) for _ in range(REPEATS)][1:]
    ours, theirs = (median([pair[i] for pair in pairs]) for i in (0, 1))
    ratio = ours.seconds / theirs.seconds
    print(
        f"1,000,000 rows, {log.stat().st_size / 1e6:.0f} MB: diagnose {ours.seconds:.2f} s, "
        f"pandas.read_csv {theirs.seconds:.2f} s, ratio {ratio:.2f} (at most {MOST_RATIO}); "
        f"{ours.memory:.0f} MB (at most {MOST_MEMORY}), pandas {theirs.memory:.0f} MB"
    )
    return ratio <= MOST_RATIO and ours.memory <= MOST_MEMORY


def by_rows(log: Path, most: int) -> bool:
    """Print a line for each number of rows; return whether the time grows no faster than they do."""
    per_row: list[float] = []
    start = 0.0
    rows = 1000
    while rows <= most:
        write_log(log, rows)
        used = median([cost(diagnose(log)) for _ in range(5 if rows < 10**6 else 3)])
        start = start or used.seconds
        per_row.append((used.seconds - start) / rows)
        print(
            f"{rows:>12,} rows: {used.seconds:6.2f} s, {used.seconds / rows * 1e6:8.2f} s per 10^6 rows, "
            f"{1e6 * per_row[-1]:5.2f} beyond the start; {used.memory:.0f} MB"
        )
        rows *= 10
    return len(per_row) < 3 or per_row[-1] <= MOST_GROWTH * per_row[-2]


def main() -> int:
    """Run both comparisons in a temporary folder."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--most", type=int, default=10**7, help="rows of the largest log")
    most = parser.parse_args().most
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder, "log.csv")
        passed = [against_pandas(log), by_rows(log, most)]
    return 0 if all(passed) else 1


if __name__ == "__main__":
    raise SystemExit(main())
