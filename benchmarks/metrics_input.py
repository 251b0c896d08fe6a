"""Reading predictions: a table of 10 million rows against pandas, a Parquet folder under a limit of memory.

usage: python benchmarks/metrics_input.py

1. CSV of 10M rows, truth and score: CPU seconds of `read_predictions` against `pandas.read_csv` of the two columns with
   their types given (its fastest way), alternating in one process; medians. Then the whole command, all metrics with
   their intervals, against a process that only reads so: 2.5 times as long at most.
2. The same: peak memory above the libraries' and the result's own, in a process of its own.
3. A folder of Parquet parts with 64M rows (0.5 GB of score alone) in a process whose whole address space is limited to
   1 GiB: read in pieces twice, peak memory above the libraries'; then the whole command under the same limit.
"""

from __future__ import annotations

import gc
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

ROWS = 10_000_000
PARTS, ROWS_A_PART = 16, 4_000_000
ROUNDS = 5
MOST_RATIO = 1.6
"""Of the 2.5 that the whole command may take."""
MOST_WHOLE = 2.5
MOST_ABOVE = 200 << 20
MOST_PEAK = 200 << 20
LIMIT = 1 << 30
ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}


def write_csv(path: Path) -> None:
    """Write truth and a score with six digits."""
    import pandas as pd

    random = np.random.default_rng(0)
    score = random.random(ROWS)
    truth = (random.random(ROWS) < score).astype(np.int8)
    pd.DataFrame({"y_true": truth, "score": score.round(6)}).to_csv(path, index=False)


def write_parquet(folder: Path) -> None:
    """Write parts of a table whose columns do not compress away."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    random = np.random.default_rng(1)
    for part in range(PARTS):
        score = random.random(ROWS_A_PART)
        truth = (random.random(ROWS_A_PART) < score).astype(np.int64)
        place = folder / f"split=test/shard={part:02}"
        place.mkdir(parents=True)
        pq.write_table(
            pa.table({"label": truth, "probability": score}), place / "part-0.parquet", row_group_size=1 << 20
        )


def seconds(work: Callable[[], object]) -> float:
    """Return the CPU seconds of one call."""
    gc.collect()
    started = time.process_time()
    work()
    return time.process_time() - started


def peak() -> int:
    """Return the largest resident memory so far, in bytes; the usage that `resource` gives begins with the parent's."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) << 10


def resident() -> int:
    """Return the resident memory now, in bytes."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()


def peak_of_csv(path: str) -> int:
    """Read the table and return what the peak is above libraries and result."""
    import pandas as pd  # noqa: F401  (the libraries do not count)

    from mlcheck.model.predictions import Binary, Wanted
    from mlcheck.readers.predictions import read_predictions

    before = resident()
    (made,) = read_predictions(Wanted(files=(path,))).predictions
    if not isinstance(made.content, Binary) or made.content.score is None:
        raise TypeError(made.task)
    return peak() - before - made.content.truth.nbytes - made.content.score.nbytes


def peak_of_parquet(folder: str) -> int:
    """Read the folder in pieces under a limit and return the peak above the libraries."""
    import pyarrow.parquet  # noqa: F401  (the libraries do not count)

    from mlcheck.model.predictions import BinaryBlocks, Wanted
    from mlcheck.readers.predictions import read_predictions

    before = resident()
    resource.setrlimit(resource.RLIMIT_AS, (LIMIT, resource.RLIM_INFINITY))
    found = read_predictions(Wanted(files=(folder,)))
    (content,) = (made.content for made in found.predictions)
    if not isinstance(content, BinaryBlocks):
        raise TypeError(content)
    rows = sum(len(truth) for truth, _, _ in content.blocks())
    if not content.rows == rows == PARTS * ROWS_A_PART:
        raise ValueError(rows)
    return peak() - before


def child(name: str, path: Path) -> int:
    """Return what a measure of this file gives in a process of its own."""
    done = subprocess.run(
        [sys.executable, __file__, name, str(path)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        print(done.stderr[-2000:], file=sys.stderr)
        return 1 << 40
    return int(done.stdout)


def whole(arguments: list[str], limit: int | None = None) -> tuple[float, int]:
    """Run a command in a process of its own; return its CPU seconds and its peak memory in bytes."""

    def bound() -> None:
        if limit is not None:
            resource.setrlimit(resource.RLIMIT_AS, (limit, resource.RLIM_INFINITY))

    with subprocess.Popen(arguments, stdout=subprocess.DEVNULL, preexec_fn=bound, env=ENVIRONMENT) as process:  # noqa: PLW1509
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):
        raise subprocess.CalledProcessError(process.returncode, arguments)
    return used.ru_utime + used.ru_stime, used.ru_maxrss << 10


def command(path: Path) -> list[str]:
    """Return the call that judges predictions."""
    return [sys.executable, "-m", "mlcheck", "metrics", str(path), "--format", "json"]


def line(work: str, ours: str, peer: str, ratio: float, limit: float) -> bool:
    """Print a row and say whether it is reached."""
    good = ratio <= limit
    print(f"{work} | {ours} | {peer} | {ratio:.2f} | {limit:g} | {'ok' if good else 'NOT REACHED'}")
    return good


def main() -> int:
    """Measure every row."""
    import pandas as pd

    from mlcheck.model.predictions import Wanted
    from mlcheck.readers.predictions import read_predictions

    good = True
    print("work | ours | peer | ratio | limit |")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "predictions.csv")
        write_csv(path)
        types = {"y_true": "int8", "score": "float64"}
        works: tuple[Callable[[], object], ...] = (
            lambda: read_predictions(Wanted(files=(str(path),))),
            lambda: pd.read_csv(path, usecols=["y_true", "score"], dtype=types),
        )
        pairs = [[seconds(work) for work in works] for _ in range(ROUNDS)]
        ours, peer = (statistics.median(pair[i] for pair in pairs) for i in (0, 1))
        good &= line("10M-row CSV, CPU s", f"{ours:.2f}", f"pandas {peer:.2f}", ours / peer, MOST_RATIO)
        reads = f"import pandas; pandas.read_csv({str(path)!r}, usecols=['y_true', 'score'], dtype={types!r})"
        calls = [[whole(c)[0] for c in (command(path), [sys.executable, "-c", reads])] for _ in range(ROUNDS)]
        ours, peer = (statistics.median(pair[i] for pair in calls) for i in (0, 1))
        good &= line(
            "10M-row CSV, whole command, CPU s",
            f"{ours:.2f}",
            f"pandas {peer:.2f}",
            ours / peer,
            MOST_WHOLE,
        )
        above = child("csv", path)
        good &= line(
            "10M-row CSV, peak MB above libraries and result", f"{above >> 20}", "-", above / MOST_ABOVE, 1
        )
    with tempfile.TemporaryDirectory() as folder:
        write_parquet(Path(folder))
        above = child("parquet", Path(folder))
        good &= line(
            "64M-row Parquet folder under 1 GiB, peak MB above libraries",
            f"{above >> 20}",
            "-",
            above / MOST_PEAK,
            1,
        )
        spent, held = whole(command(Path(folder)), LIMIT)
        good &= line(
            f"64M-row Parquet folder, whole command under 1 GiB in {spent:.0f} CPU s, peak MB",
            f"{held >> 20}",
            "-",
            held / LIMIT,
            1,
        )
    return int(not good)


if __name__ == "__main__":
    if len(sys.argv) == 3:
        print({"csv": peak_of_csv, "parquet": peak_of_parquet}[sys.argv[1]](sys.argv[2]))
        sys.exit(0)
    sys.exit(main())
