"""Start-up time, as a ratio against bare imports in the same run.

usage: python benchmarks/startup.py

`mlcheck --version` against `python -c "import typer"` (at most 1.3 times), and `mlcheck diagnose` of a CSV of 100 rows
against `python -c "import typer, rich, numpy"` (at most 2.2 times). Runs alternate; the median is taken. Run it on an idle
machine: contention inflates the bare imports more and flatters the ratio. Exits with 1 where a limit is passed.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

REPEATS = 21
ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"} | {
    "OPENBLAS_NUM_THREADS": "1"
}
"""As on a user's machine: compiled modules are kept (the first, uncounted call writes them), one thread."""
CASES = (
    ("mlcheck --version", ["--version"], "import typer", 1.3),
    (
        "mlcheck diagnose (100-row CSV)",
        ["diagnose", "{log}", "--fail-on", "never"],
        "import typer, rich, numpy",
        2.2,
    ),
)


def write_log(path: Path) -> None:
    """Write a plausible log of 100 epochs."""
    rows = [f"{i},{2 / i + 0.2:.5f},{2 / i + 0.3:.5f},{1 - 1 / (i + 1):.4f},0.001" for i in range(1, 101)]
    path.write_text("\n".join(["epoch,train_loss,val_loss,val_acc,lr", *rows]) + "\n", encoding="utf-8")


def seconds(command: list[str]) -> float:
    """Run a command once and return its wall time in seconds; its output is dropped."""
    started = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True, env=ENVIRONMENT)
    return time.perf_counter() - started


def main() -> int:
    """Measure both cases and print a line each."""
    script = Path(sys.executable).with_name("mlcheck")
    passed = True
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder, "log.csv")
        write_log(log)
        for name, arguments, bare, limit in CASES:
            ours = [str(script), *(a.format(log=log) for a in arguments)]
            theirs = [sys.executable, "-c", bare]
            pairs = [(seconds(ours), seconds(theirs)) for _ in range(REPEATS)][1:]
            a, b = (statistics.median(column) for column in zip(*pairs, strict=True))
            passed &= a / b <= limit
            print(
                f"{name}: {1000 * a:.0f} ms, {bare}: {1000 * b:.0f} ms, ratio {a / b:.2f} (at most {limit})"
            )
    return 0 if passed else 1


if __name__ == "__main__":
    raise SystemExit(main())
