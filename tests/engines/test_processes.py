"""Commands as processes: filled, captured, timed, and gone with all that they started."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mlcheck.engines import processes
from mlcheck.engines.processes import Ended, Job
from mlcheck.errors import MlcheckError

FAMILY = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(60)"])
open(sys.argv[1], "w").write(str(child.pid))
time.sleep(60)
"""
"""A command that starts a process of its own, says its number, and waits."""


def job(folder: Path, *arguments: str) -> Job:
    """Return a job of this Python."""
    return Job(arguments=(sys.executable, "-S", *arguments), folder=folder, environment=dict(os.environ))


def is_alive(pid: int) -> bool:
    """Whether a process runs (one that has ended and was not yet collected does not)."""
    stat = Path(f"/proc/{pid}/stat")
    if stat.parent.parent.joinpath("self").exists():
        with contextlib.suppress(OSError):
            return stat.read_text().rpartition(")")[2].split()[0] != "Z"
        return False
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, 0)
        return True
    return False


def is_gone(pid: int, *, within: float = 10.0) -> bool:
    """Whether a process ends within so many seconds."""
    end = time.monotonic() + within
    while is_alive(pid) and time.monotonic() < end:
        time.sleep(0.05)
    return not is_alive(pid)


def number_in(path: Path) -> int:
    """Wait for a number in a file and return it."""
    for _ in range(400):
        if path.exists() and path.read_text():
            return int(path.read_text())
        time.sleep(0.05)
    raise AssertionError(path)


def test_placeholders_are_filled_and_other_braces_stay() -> None:
    """JSON in an argument is left as it is; doubled braces stand for themselves."""
    command = ("train", "--n={n}", '{"lr": {"max": 1}}', "{{n}}")
    assert processes.names(command) == {"n"}
    assert processes.filled(command, {"n": "7"}) == ("train", "--n=7", '{"lr": {"max": 1}}', "{n}")


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ((), "expected a command after it"),
        (("echo", "{m}"), r"expected placeholders \{n\}, \{out\} in the command, found \{m\}"),
        (("echo", "5"), r"expected \{n\} in the command, found 'echo 5'"),
        (("no-such-program", "{n}"), "found 'no-such-program', which is none on the PATH"),
    ],
)
def test_a_command_that_cannot_be_run_is_refused(command: tuple[str, ...], told: str) -> None:
    """Before anything is started, in one line."""
    with pytest.raises(MlcheckError, match=told):
        processes.check(command, known=("n", "out"), needed=("n",))


def test_output_is_captured_and_codes_are_told(tmp_path: Path) -> None:
    """What a command prints goes to files of its folder; how it ended is its exit code, or the signal."""
    jobs = [
        job(tmp_path / "good", "-c", "import sys; print('out'); print('err', file=sys.stderr); assert not sys.stdin.read()"),
        job(tmp_path / "bad", "-c", "raise SystemExit(3)"),
        job(tmp_path / "killed", "-c", "import os; os.kill(os.getpid(), 9)"),
    ]  # fmt: skip
    ended = dict(processes.run(jobs, at_once=2, clock=time.monotonic))
    assert {i: e.told for i, e in ended.items()} == {0: "", 1: "exit code 3", 2: "ended by SIGKILL"}
    assert (tmp_path / "good/stdout.log").read_text() == "out\n"
    assert (tmp_path / "good/stderr.log").read_text() == "err\n"
    assert [processes.is_whole(each.folder) for each in jobs] == [True, False, False]


def test_as_many_as_asked_for_run_at_once(tmp_path: Path) -> None:
    """Two that wait for each other end only where both run."""
    meet = "import sys, time, pathlib\npathlib.Path(sys.argv[1]).touch()\nwhile not pathlib.Path(sys.argv[2]).exists(): time.sleep(.01)"
    a, b = str(tmp_path / "a"), str(tmp_path / "b")
    jobs = [job(tmp_path / "1", "-c", meet, a, b), job(tmp_path / "2", "-c", meet, b, a)]
    ended = dict(processes.run(jobs, at_once=2, timeout=30, clock=time.monotonic))
    assert ended == {0: Ended(code=0), 1: Ended(code=0)}


def test_a_run_beyond_its_time_is_ended_with_what_it_started(tmp_path: Path) -> None:
    """The others go on."""
    pid = tmp_path / "pid"
    jobs = [job(tmp_path / "slow", "-c", FAMILY, str(pid)), job(tmp_path / "next", "-c", "print(1)")]
    ended = dict(processes.run(jobs, timeout=2, clock=time.monotonic, grace=1))
    assert ended[0].timed_out
    assert ended[0].told == "it still running when its time was up"
    assert ended[1] == Ended(code=0)
    assert is_gone(number_in(pid))


def test_what_ignores_every_request_is_killed(tmp_path: Path) -> None:
    """SIGINT, SIGTERM, then SIGKILL."""
    deaf = "import signal, time\nfor s in (2, 15): signal.signal(s, signal.SIG_IGN)\nprint('deaf', flush=True)\ntime.sleep(60)"
    runs = processes.run([job(tmp_path / "deaf", "-c", deaf)], timeout=1.5, clock=time.monotonic, grace=0.2)
    began = time.monotonic()
    assert next(runs)[1].timed_out
    assert time.monotonic() - began < 20


def test_leaving_early_ends_what_runs(tmp_path: Path) -> None:
    """A generator that is closed leaves no process behind, nor what a process started."""
    pid = tmp_path / "pid"
    jobs = [job(tmp_path / "quick", "-c", "print(1)"), job(tmp_path / "slow", "-c", FAMILY, str(pid))]
    runs = processes.run(jobs, at_once=2, clock=time.monotonic, grace=1)
    assert next(runs) == (0, Ended(code=0))
    number = number_in(pid)
    assert is_alive(number)
    runs.close()  # type: ignore[attr-defined]  # a generator
    assert is_gone(number)


def test_a_command_that_was_asked_to_end_is_not_whole_even_if_it_ends_well(tmp_path: Path) -> None:
    """Frameworks catch an interrupt and exit with 0 in the middle of a training."""
    polite = "import sys, time\ntry:\n    print('on', flush=True); time.sleep(60)\nexcept KeyboardInterrupt:\n    sys.exit(0)"
    folder = tmp_path / "polite"
    (ended,) = processes.run([job(folder, "-c", polite)], timeout=1.5, clock=time.monotonic)
    assert ended == (0, Ended(code=0, timed_out=True))
    assert not processes.is_whole(folder)


def test_killing_the_caller_ends_the_command_and_what_it_started(tmp_path: Path) -> None:
    """Even kill -9, which gives no chance to clean up: the guard of each run does."""
    pid = tmp_path / "pid"
    code = (
        "import os, sys, time\nfrom pathlib import Path\nfrom mlcheck.engines.processes import Job, run\n"
        "job = Job(arguments=(sys.executable, '-c', sys.argv[1], sys.argv[2]), folder=Path(sys.argv[3]), environment=dict(os.environ))\n"
        "list(run([job], clock=time.monotonic))"
    )
    caller = subprocess.Popen([sys.executable, "-c", code, FAMILY, str(pid), str(tmp_path / "run")])
    number = number_in(pid)
    caller.send_signal(signal.SIGKILL)
    caller.wait()
    assert is_gone(number)
