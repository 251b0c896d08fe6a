"""Many small runs: `mlcheck diagnose` of a folder of logs, by their number, against pandas reading the same files.

usage: python benchmarks/runs.py

Writes 250, 500, 1000 and 2000 logs of 100 rows (epoch, two losses, accuracy, learning rate) and times the whole command,
start included, on all cores that it may use; 2000 runs may take 4 s on 2 cores. The seconds per run beyond the start may
not grow with the number of runs. The peer is a process that reads the same 2000 files with `pandas.read_csv` and judges
nothing. Medians of rounds in turn. Exits with 1 where a limit is passed.
"""

from __future__ import annotations

import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

COUNTS = (250, 500, 1000, 2000)
MOST_SECONDS = 4.0
MOST_GROWTH = 1.3
"""Seconds per run at 2000 runs over those at 500: fixed costs are taken off, what is left is noise of the machine."""
ROUNDS = 3
ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"} | {
    "OPENBLAS_NUM_THREADS": "1"
}


def write_runs(folder: Path, count: int) -> None:
    """Write plausible logs, each with noise and a level of its own."""
    folder.mkdir()
    for n in range(count):
        draw = random.Random(n)  # noqa: S311
        speed, floor = draw.uniform(5, 30), draw.uniform(0.05, 0.6)
        rows = ["epoch,train_loss,val_loss,val_acc,lr"]
        for epoch in range(1, 101):
            course = 2.3 / (1 + epoch / speed)
            train, val = course + floor + draw.gauss(0, 0.01), course + floor + 0.1 + draw.gauss(0, 0.02)
            rows.append(f"{epoch},{train:.5f},{val:.5f},{1 - 1 / (epoch + 1):.4f},0.001")
        (folder / f"run{n:04}.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")


def seconds(command: list[str]) -> float:
    """Run a command once and return its wall time in seconds; its output is dropped."""
    started = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True, env=ENVIRONMENT)
    return time.perf_counter() - started


def diagnose(folder: Path) -> list[str]:
    """Return the command that judges a folder."""
    return [
        sys.executable,
        "-m",
        "mlcheck",
        "diagnose",
        str(folder),
        "--fail-on",
        "never",
        "--format",
        "json",
    ]


def main() -> int:
    """Measure and print a line for each number of runs."""
    with tempfile.TemporaryDirectory() as place:
        folders = {count: Path(place, f"runs{count}") for count in COUNTS}
        for count, folder in folders.items():
            write_runs(folder, count)
        reading = (
            f"import glob, pandas; [pandas.read_csv(p) for p in glob.glob({str(folders[2000])!r} + '/*.csv')]"
        )
        commands = {str(count): diagnose(folder) for count, folder in folders.items()}
        commands |= {
            "start": [sys.executable, "-m", "mlcheck", "--version"],
            "pandas": [sys.executable, "-c", reading],
        }
        found: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(ROUNDS):
            for name, command in commands.items():
                found[name].append(seconds(command))
    median = {name: statistics.median(some) for name, some in found.items()}
    each = {count: (median[str(count)] - median["start"]) / count for count in COUNTS}
    for count in COUNTS:
        print(
            f"{count:>5} runs: {median[str(count)]:.2f} s, {1000 * each[count]:.2f} ms a run beyond the start"
        )
    growth = each[2000] / each[500]
    print(
        f"2000 runs read and judged in {median['2000']:.2f} s (at most {MOST_SECONDS:g}); pandas only reads them in "
        f"{median['pandas']:.2f} s, ratio {median['2000'] / median['pandas']:.2f}; growth {growth:.2f} (at most {MOST_GROWTH})"
    )
    return int(median["2000"] > MOST_SECONDS or growth > MOST_GROWTH)


if __name__ == "__main__":
    sys.exit(main())
