"""Copies of this process: they have all that it has, and end with it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pytest

from mlcheck.engines import forks, parallel
from mlcheck.errors import MlcheckError

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are copied on Linux only")


def double(number: int) -> int:
    """Return twice the number."""
    return 2 * number


def refuse_seven(number: int) -> int:
    """Raise what a core raises for bad input."""
    if number == 7:
        raise MlcheckError("seven", "expected another number", "try eight")
    return number


def end_at_seven(number: int) -> int:
    """End the process, as the kernel does where memory runs out."""
    if number == 7:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def test_results_come_in_the_order_of_the_items() -> None:
    """However long each takes."""

    def late(number: int) -> int:
        time.sleep(0.01 * (number == 0))
        return 2 * number

    assert list(forks.forked(late, range(40), 3)) == [2 * n for n in range(40)]


def test_neither_the_function_nor_the_items_are_pickled() -> None:
    """A copy has them: a local function and items with a lock in them can be used."""
    base = 5
    items = [(n, threading.Lock()) for n in range(6)]
    assert list(forks.forked(lambda item: item[0] + base, items, 2)) == [5, 6, 7, 8, 9, 10]


def test_large_results_come_whole() -> None:
    """Larger than what a pipe holds."""
    found = list(forks.forked(partial(np.full, 100_000), range(8), 2))
    assert [float(part.sum()) for part in found] == [100_000.0 * n for n in range(8)]


def test_what_a_worker_raises_is_raised_here_after_what_came_before_it() -> None:
    """With the place and the hint that it was raised with, and where in the worker it was."""
    results = forks.forked(refuse_seven, range(20), 2)
    assert [next(results) for _ in range(7)] == list(range(7))
    with pytest.raises(MlcheckError, match="seven: expected another number; try eight") as caught:
        next(results)
    assert "refuse_seven" in "".join(caught.value.__notes__)


def test_a_worker_that_is_killed_is_told_in_one_line() -> None:
    """Rather than waited for."""
    with pytest.raises(MlcheckError, match="--jobs: expected every process to do its work, found one ended"):
        list(forks.forked(end_at_seven, range(20), 2))


def test_whoever_stops_early_leaves_no_process() -> None:
    """The copies end with the generator."""

    def own_id(_: int) -> int:
        return os.getpid()

    results = forks.forked(own_id, range(1000), 2)
    process = next(results)
    results.close()
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)


def test_copies_leave_an_interrupt_to_the_process_that_the_user_started() -> None:
    """A signal to one of them is not heeded: it goes on."""

    def interrupt_self(number: int) -> int:
        os.kill(os.getpid(), signal.SIGINT)
        return number

    assert list(forks.forked(interrupt_self, range(4), 2)) == [0, 1, 2, 3]


def test_a_process_with_another_thread_is_not_copied() -> None:
    """Its locks would be held for ever."""
    code = (
        "import threading\nfrom mlcheck.engines.forks import can_fork\nassert can_fork()\n"
        "stay = threading.Event()\nthread = threading.Thread(target=stay.wait)\nthread.start()\n"
        "alone = can_fork()\nstay.set()\nthread.join()\nassert not alone and can_fork()\n"
        "import sys\nsys.modules['sklearn'] = threading\nassert not can_fork()"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_fan_out_copies_this_process_where_it_can(monkeypatch: pytest.MonkeyPatch) -> None:
    """And starts fresh ones where it cannot: the results are the same."""
    seconds = 10 * parallel.WORTH_SECONDS
    monkeypatch.setattr(forks, "can_fork", lambda: True)
    copied = list(parallel.fan_out(lambda n: (n, os.getpid()), range(50), seconds=seconds, jobs=2))
    monkeypatch.setattr(forks, "can_fork", lambda: False)
    fresh = list(parallel.fan_out(double, range(50), seconds=seconds, jobs=2))
    assert [n for n, _ in copied] == list(range(50))
    assert {process for _, process in copied}.isdisjoint({os.getpid()})
    assert fresh == [2 * n for n in range(50)]


def test_diagnosing_many_runs_imports_no_library_of_processes(tmp_path: Path) -> None:
    """Where this process can be copied, joblib is not loaded; and the verdicts are those of one process."""
    for n in range(40):
        rows = [
            f"{e},{2 / e + 0.01 * ((e * (n + 3)) % 7)},{2.1 / e + 0.02 * ((e * 5) % 3)}" for e in range(1, 31)
        ]
        (tmp_path / f"r{n:02}.csv").write_text("epoch,train_loss,val_loss\n" + "\n".join(rows))
    code = (
        "import sys\nfrom mlcheck.commands.diagnose import diagnose, read\nfrom mlcheck.config import Settings\n"
        "from mlcheck.reports.json import render\n"
        f"one, two = (render(diagnose(read([{str(tmp_path)!r}], s), s)) for s in (Settings(jobs=1), Settings(jobs=2)))\n"
        "assert one == two and one.count('\"verdict\"') > 40\nassert 'joblib' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
