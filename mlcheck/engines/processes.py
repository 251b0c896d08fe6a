"""Commands of the user run as processes: placeholders filled, output captured, nothing left behind.

No shell is between: a command is a list of arguments. Each runs in a process group of its own under `guard.py`, so
that whatever it started ends with it, at Ctrl-C, at a time limit, and when mlcheck itself is killed.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlcheck.errors import MlcheckError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

STDOUT, STDERR, NOTE = "stdout.log", "stderr.log", "exit-code"
"""Files in the folder of a run: what it printed, and how it ended by itself."""
GUARD = Path(__file__).with_name("guard.py")
PLACE = re.compile(r"\{\{(\w+)\}\}|\{([A-Za-z_]\w*)\}")
"""`{name}` is a placeholder, `{{name}}` stands for the text {name}; other braces (JSON) are left as they are."""
GRACE = 5.0
"""Seconds that a process group has after SIGINT, and again after SIGTERM, before it is killed."""
POLL = 0.05
NOT_FOUND = 127


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A command ready to run. Its output goes to files in `folder`; `environment` is all that it sees."""

    arguments: tuple[str, ...]
    folder: Path
    environment: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a job ended: its exit code (128 and more: by that signal), or that its time was up."""

    code: int
    timed_out: bool = False

    @property
    def told(self) -> str:
        """What went wrong in a phrase, "" where nothing did."""
        if self.timed_out:
            return "it still running when its time was up"
        if self.code > 128:
            number = self.code - 128
            known = {each.value: each.name for each in signal.Signals}
            return f"ended by {known.get(number, f'signal {number}')}"
        return f"exit code {self.code}" if self.code else ""


@dataclass(slots=True, kw_only=True)
class Running:
    """A job that has been started."""

    index: int
    process: subprocess.Popen[bytes]
    began: float


def names(command: Sequence[str]) -> frozenset[str]:
    """Return the placeholders of a command.

    >>> sorted(names(["train.py", "--n={n}", "{seed}", '{"a": {{n}}}']))
    ['n', 'seed']
    """
    return frozenset(found[2] for part in command for found in PLACE.finditer(part) if found[2])


def filled(command: Sequence[str], values: Mapping[str, str]) -> tuple[str, ...]:
    """Return a command with its placeholders filled; `check` has seen that all are known.

    >>> filled(["train.py", "--n={n}", "{{n}}"], {"n": "500"})
    ('train.py', '--n=500', '{n}')
    """
    return tuple(PLACE.sub(lambda m: values[m[2]] if m[2] else f"{{{m[1]}}}", part) for part in command)


def check(command: Sequence[str], *, known: Sequence[str], needed: Sequence[str] = ()) -> None:
    """Raise MlcheckError for a command that is none, cannot be found, or has other placeholders than those known."""
    shown = ", ".join(f"{{{name}}}" for name in known)
    if not command:
        raise MlcheckError(
            "--", "expected a command after it, found none", "such as -- python train.py --n {n}"
        )
    for name in sorted(names(command)):
        if name not in known:
            raise MlcheckError(
                "--", f"expected placeholders {shown} in the command, found {{{name}}}", f"write {{{{{name}}}}} where the text itself is meant"
            )  # fmt: skip
    for name in needed:
        if name not in names(command):
            raise MlcheckError(
                "--",
                f"expected {{{name}}} in the command, found {' '.join(command)!r}",
                f"the placeholders are {shown}",
            )
    if shutil.which(command[0]) is None:
        raise MlcheckError(
            "--", f"expected a program to run, found {command[0]!r}, which is none on the PATH"
        )


def run(
    jobs: Sequence[Job],
    *,
    at_once: int = 1,
    timeout: float | None = None,
    clock: Callable[[], float],
    grace: float = GRACE,
) -> Iterator[tuple[int, Ended]]:
    """Run jobs, `at_once` at a time, and yield the index of each with how it ended, as soon as it has.

    `timeout` is in seconds of `clock`. Interrupted or closed early, what runs is ended with all that it started:
    SIGINT, after `grace` seconds SIGTERM, after as many again SIGKILL; a second interrupt kills at once.
    """
    waiting = iter(enumerate(jobs))
    running: list[Running] = []
    try:
        while True:
            for index, job in waiting:
                running.append(Running(index=index, process=_start(job), began=clock()))
                if len(running) >= at_once:
                    break
            if not running:
                return
            for each in _ended(running, timeout, clock):
                late = timeout is not None and each.process.returncode is None
                if late:
                    _end([each.process], grace)
                running.remove(each)
                _sweep(each.process)
                yield each.index, Ended(code=_code(each.process), timed_out=late)
    finally:
        _end([each.process for each in running], grace)


def is_whole(folder: Path) -> bool:
    """Whether the command that ran in a folder came to a good end by itself, whoever was there to hear of it."""
    try:
        return (folder / NOTE).read_text(encoding="ascii").strip() == "0"
    except (OSError, UnicodeDecodeError):
        return False


def _start(job: Job) -> subprocess.Popen[bytes]:
    """Start a job under its guard, in a session of its own; what is no POSIX system starts it plainly."""
    guarded = os.name == "posix"
    guard = (sys.executable, "-I", "-S", str(GUARD), str(job.folder.resolve() / NOTE)) if guarded else ()
    job.folder.mkdir(parents=True, exist_ok=True)
    with (job.folder / STDOUT).open("wb") as out, (job.folder / STDERR).open("wb") as err:
        return subprocess.Popen(  # noqa: S603  (the user's own command)
            (*guard, *job.arguments), stdin=subprocess.PIPE if guarded else subprocess.DEVNULL, stdout=out, stderr=err, env=dict(job.environment),
            start_new_session=True,
        )  # fmt: skip


def _ended(running: Sequence[Running], timeout: float | None, clock: Callable[[], float]) -> list[Running]:
    """Wait until jobs have ended, or have run for too long, and return them."""
    while True:
        found = [each for each in running if each.process.poll() is not None or _late(each, timeout, clock)]
        if found:
            return found
        with contextlib.suppress(subprocess.TimeoutExpired):
            running[0].process.wait(POLL if len(running) > 1 or timeout is not None else None)


def _late(each: Running, timeout: float | None, clock: Callable[[], float]) -> bool:
    return timeout is not None and clock() - each.began > timeout


def _end(processes: Sequence[subprocess.Popen[bytes]], grace: float) -> None:
    """End processes with their groups, gently first."""
    try:
        for number in (signal.SIGINT, signal.SIGTERM):
            alive = [process for process in processes if process.poll() is None]
            for process in alive:
                _signal(process, number)
            _wait(alive, grace)
    finally:
        for process in processes:
            _sweep(process)
            process.wait()


def _wait(processes: Sequence[subprocess.Popen[bytes]], seconds: float) -> None:
    """Wait for processes, all told so many seconds."""
    for _ in range(max(1, round(seconds / POLL))):
        alive = [process for process in processes if process.poll() is None]
        if not alive:
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            alive[0].wait(POLL)


def _signal(process: subprocess.Popen[bytes], number: int) -> None:
    """Send a signal to a process and all of its group."""
    if os.name != "posix":
        if process.poll() is None:
            process.terminate()
        return
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


def _sweep(process: subprocess.Popen[bytes]) -> None:
    """Kill what is left of a group, and close the pipe to its guard."""
    kill: Any = getattr(signal, "SIGKILL", signal.SIGTERM)
    _signal(process, kill)
    if process.stdin is not None:
        process.stdin.close()


def _code(process: subprocess.Popen[bytes]) -> int:
    code = process.returncode
    return code if code >= 0 else 128 - code
