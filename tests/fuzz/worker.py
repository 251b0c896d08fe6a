"""Feed inputs to mlcheck until the time is up; what breaks a promise is kept, and said how to repeat.

usage: python -m tests.fuzz.worker --seconds 30 --seed 0 --keep FOLDER
       python -m tests.fuzz.worker --case FOLDER/1-KeyError      one that was kept, again, with its traceback

A process of its own, with bounds on memory and time, so that a hang or a crash ends it and not the tests.
"""

from __future__ import annotations

import argparse
import faulthandler
import json
import os
import resource
import shutil
import signal
import sys
import tempfile
import time
import traceback
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.fuzz import inputs, promises

if TYPE_CHECKING:
    from types import FrameType

MOST_SECONDS = 5.0
MOST_MEMORY = 1 << 30
"""Bytes beyond what the process has mapped when it starts."""
ROUND = 40


class TooSlow(Exception):
    """A call took longer than any may."""


class Hunt:
    """One run of the fuzzer: its clock, what it counted, what it found."""

    def __init__(self, keep: Path, seconds: float) -> None:
        self.keep = keep
        self.end = time.monotonic() + seconds
        self.tried = 0
        self.found: dict[str, str] = {}
        self.slowest = (0.0, "")

    def over(self) -> bool:
        """Whether the time is up."""
        return time.monotonic() >= self.end

    def try_one(self, case: inputs.Case) -> None:
        """Write the files of a case, judge them, keep what breaks a promise (one of each kind)."""
        if self.over():
            return
        self.tried += 1
        folder = self.keep / "current"
        shutil.rmtree(folder, ignore_errors=True)
        write(folder, case)
        started = time.monotonic()
        try:
            judge(folder, case.named)
        except Exception as error:  # noqa: BLE001 - whatever is raised is what is looked for
            self.kept(error, folder, case)
        self.slowest = max(self.slowest, (time.monotonic() - started, case.made))

    def kept(self, error: Exception, folder: Path, case: inputs.Case) -> None:
        """Keep the files of a broken promise under a name of its own, unless its like is kept already."""
        frames = [f for f in traceback.extract_tb(error.__traceback__) if "mlcheck" in Path(f.filename).parts]
        where = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "promise"
        kind = str(error)[:60] if isinstance(error, promises.Broken) else type(error).__name__
        if f"{kind} {where}" in self.found:
            return
        place = self.keep / f"{os.getpid()}-{len(self.found)}-{type(error).__name__}"
        shutil.copytree(folder, place)
        self.found[f"{kind} {where}"] = str(place)
        sys.stdout.write(
            f"BROKEN {kind} at {where}: {str(error)[:300]!r}\n  made of: {case.made}\n"
            f"  repeat:  python -m tests.fuzz.worker --case {place}\n"
        )
        sys.stdout.flush()


def write(folder: Path, case: inputs.Case) -> None:
    """Write the files of a case, and beside them which one is named."""
    for name, content in case.files.items():
        path = folder / "files" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (folder / "case.json").write_text(json.dumps({"named": case.named, "made": case.made}))


def judge(folder: Path, named: str) -> None:
    """Check the promises on a written case, within the time that any call has."""
    path = folder / "files" / named if named else folder / "files"
    faulthandler.dump_traceback_later(8 * MOST_SECONDS, exit=True)
    signal.setitimer(signal.ITIMER_REAL, MOST_SECONDS)
    try:
        promises.check(str(path))
        if named and path.is_file():
            promises.check("-", stdin=path.read_bytes())
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        faulthandler.cancel_dump_traceback_later()


def _too_slow(_number: int, _frame: FrameType | None) -> None:
    raise TooSlow(f"over {MOST_SECONDS:g} s")


def bounded() -> None:
    """Bound the memory of this process, and let the clock interrupt it."""
    mapped = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (mapped + MOST_MEMORY, mapped + MOST_MEMORY))
    signal.signal(signal.SIGALRM, _too_slow)
    warnings.simplefilter("error")
    faulthandler.enable()


def hunt(found: Hunt, number: int) -> None:
    """Draw inputs round by round until the time is up."""
    while not found.over():

        @seed(number)
        @settings(
            max_examples=ROUND, database=None, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
        )  # fmt: skip
        @given(inputs.cases())
        def round_of(case: inputs.Case) -> None:
            found.try_one(case)

        round_of()
        number += 1_000_003


def main() -> int:
    """Hunt, or repeat one case."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path, default=None)
    parser.add_argument("--case", type=Path, default=None)
    options = parser.parse_args()
    bounded()
    if options.case is not None:
        judge(options.case, json.loads((options.case / "case.json").read_text())["named"])
        return 0
    keep = options.keep or Path(tempfile.mkdtemp(prefix="mlcheck-fuzz-"))
    found = Hunt(keep, options.seconds)
    hunt(found, options.seed)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(
        f"{found.tried} inputs, seed {options.seed}, {len(found.found)} broken promises, {peak:.0f} MB, "
        f"slowest {found.slowest[0]:.1f} s ({found.slowest[1]})\n"
    )
    return 1 if found.found else 0


if __name__ == "__main__":
    raise SystemExit(main())
