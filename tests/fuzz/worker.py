"""Feed so many inputs to mlcheck; what breaks a promise is kept, and said how to repeat.

usage: python -m tests.fuzz.worker --inputs 800 --seed 0 --keep FOLDER
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

MOST_SECONDS = 60.0
"""Of the processor's time, not of the clock's: a busy machine is no hang. A file of 1,250 runs, judged and
rendered in each format, takes honest seconds; what this looks for is cost that grows out of all bounds."""
MOST_WAITED = 600.0
"""Seconds of the clock after which a call that waits for something (it uses no processor time) is ended."""
MOST_MEMORY = 1 << 30
"""Bytes beyond what the process has mapped when it starts."""
ROUND = 40


class TooSlow(Exception):
    """A call took longer than any may."""


class Hunt:
    """One run of the fuzzer: how many inputs it tries, what it counted, what it found."""

    def __init__(self, keep: Path, wanted: int) -> None:
        self.keep = keep
        self.wanted = wanted
        self.tried = 0
        self.found: dict[str, str] = {}
        self.slowest = (0.0, "")

    def over(self) -> bool:
        """Whether every input was tried."""
        return self.tried >= self.wanted

    def try_one(self, case: inputs.Case) -> None:
        """Write the files of a case, judge them, keep what breaks a promise (one of each kind)."""
        if self.over():
            return
        self.tried += 1
        folder = self.keep / "current"
        shutil.rmtree(folder, ignore_errors=True)
        write(folder, case)
        started = time.process_time()
        try:
            judge(folder, case.named)
        except Exception as error:  # noqa: BLE001 - whatever is raised is what is looked for
            self.kept(error, folder, case)
        self.slowest = max(self.slowest, (time.process_time() - started, case.made))

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
    """Check the promises on a written case, within the time that any case has."""
    path = folder / "files" / named if named else folder / "files"
    faulthandler.dump_traceback_later(MOST_WAITED, exit=True)
    signal.setitimer(signal.ITIMER_PROF, MOST_SECONDS)
    try:
        promises.check(str(path))
        if named and path.is_file():
            promises.check("-", stdin=path.read_bytes())
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        faulthandler.cancel_dump_traceback_later()


def _too_slow(_number: int, _frame: FrameType | None) -> None:
    raise TooSlow(f"over {MOST_SECONDS:g} s of processor time")


def bounded() -> None:
    """Bound the memory of this process, and let the clock interrupt it."""
    mapped = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (mapped + MOST_MEMORY, mapped + MOST_MEMORY))
    signal.signal(signal.SIGPROF, _too_slow)
    warnings.simplefilter("error")
    faulthandler.enable()


def hunt(found: Hunt, number: int) -> None:
    """Draw inputs round by round until enough were tried."""
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
    parser.add_argument("--inputs", type=int, default=800)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path, default=None)
    parser.add_argument("--case", type=Path, default=None)
    options = parser.parse_args()
    bounded()
    if options.case is not None:
        judge(options.case, json.loads((options.case / "case.json").read_text())["named"])
        return 0
    keep = options.keep or Path(tempfile.mkdtemp(prefix="mlcheck-fuzz-"))
    found = Hunt(keep, options.inputs)
    hunt(found, options.seed)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(
        f"{found.tried} inputs, seed {options.seed}, {len(found.found)} broken promises, {peak:.0f} MB, "
        f"slowest {found.slowest[0]:.1f} s ({found.slowest[1]})\n"
    )
    return 1 if found.found else 0


if __name__ == "__main__":
    raise SystemExit(main())
