"""Fan-out: the same results in the same order, however many processes do the work."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from mlcheck.engines.parallel import WORTH_SECONDS, cores, fan_out
from mlcheck.errors import MlcheckError

LONG = 10 * WORTH_SECONDS


def double(number: int) -> int:
    """Return twice the number."""
    return 2 * number


def process_of(number: int) -> int:
    """Return the number of the process that does the work."""
    return os.getpid() + 0 * number


def refuse_seven(number: int) -> int:
    """Raise what a core raises for bad input."""
    if number == 7:
        raise MlcheckError("seven", "expected another number", "try eight")
    return number


@pytest.mark.parametrize("jobs", [1, 2, 3])
def test_results_come_in_the_order_of_the_items(jobs: int) -> None:
    """How many processes there are changes nothing but the time."""
    assert list(fan_out(double, range(100), seconds=LONG, jobs=jobs)) == [2 * n for n in range(100)]


def test_several_processes_do_the_work() -> None:
    """None of them is this one."""
    found = set(fan_out(process_of, range(64), seconds=LONG, jobs=2))
    assert os.getpid() not in found
    assert 1 <= len(found) <= 2


@pytest.mark.parametrize(
    ("seconds", "items", "jobs"), [(0.1, 50, None), (LONG, 1, None), (LONG, 50, 1), (LONG, 1, 4)]
)
def test_what_does_not_pay_stays_in_this_process(seconds: float, items: int, jobs: int | None) -> None:
    """A short job, a single item, or one process asked for."""
    assert set(fan_out(process_of, range(items), seconds=seconds, jobs=jobs)) == {os.getpid()}


def test_nothing_to_do_is_done_at_once() -> None:
    """No item, no process."""
    assert list(fan_out(double, [], seconds=LONG, jobs=4)) == []


def test_what_a_worker_raises_is_raised_here() -> None:
    """With the place and the hint that it was raised with."""
    with pytest.raises(MlcheckError, match="seven: expected another number; try eight"):
        list(fan_out(refuse_seven, range(20), seconds=LONG, jobs=2))


def test_results_can_be_left_before_the_end() -> None:
    """Whoever has enough stops; the processes end."""
    results = fan_out(double, range(1000), seconds=LONG, jobs=2)
    assert next(results) == 0
    results.close()  # type: ignore[attr-defined]  # a generator
    assert list(fan_out(double, range(4), seconds=LONG, jobs=2)) == [0, 2, 4, 6]


def test_a_small_job_does_not_import_the_library() -> None:
    """The library costs more than a small job."""
    code = (
        "import sys\nfrom mlcheck.engines.parallel import fan_out\n"
        "assert list(fan_out(abs, [-1, 2], seconds=0.1)) == [1, 2]\nassert 'joblib' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_cores_are_those_that_this_process_may_use() -> None:
    """A container or taskset may allow fewer than the machine has."""
    code = "import os\nfrom mlcheck.engines.parallel import cores\nos.sched_setaffinity(0, {min(os.sched_getaffinity(0))})\nassert cores() == 1"
    assert cores() >= 1
    if hasattr(os, "sched_setaffinity"):
        subprocess.run([sys.executable, "-c", code], check=True)
