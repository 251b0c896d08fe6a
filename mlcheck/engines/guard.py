"""Run by `processes.py` as a script, once for each training: starts the command and outlives nobody.

It leads the process group, waits for the command, hands its exit code on and notes it in a file, unless the command was
asked to end: the note says that a run is whole, should nobody be left to hear the code. Standard input is a pipe that mlcheck
holds open: should mlcheck die, whatever killed it, the pipe ends and the whole group is ended. Signals to the group
are for the command; it imports next to nothing, for it starts with every run.
"""

import os
import signal
import sys
import time
from _thread import start_new_thread

PATIENCE = 2.0
"""Seconds that the command has to end by itself once mlcheck is gone."""
NOT_FOUND = 127
ASKED: list[int] = []
"""Signals that asked the group to end."""


def main(note: str, arguments: list[str]) -> int:
    """Run the command and return its exit code, 128 and the signal's number where one ended it."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda got, _: ASKED.append(got))  # not SIG_IGN: the command would inherit that
    child = os.fork()
    if child == 0:
        _become(arguments)
    start_new_thread(_watch, ())
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    code = code if code >= 0 else 128 - code
    if not ASKED:
        with open(note, "w") as file:  # noqa: PTH123  (pathlib costs more than all of this)
            file.write(f"{code}\n")
    return code


def _become(arguments: list[str]) -> None:
    """Turn this process into the command, which reads an empty input."""
    try:
        empty = os.open(os.devnull, os.O_RDONLY)
        os.dup2(empty, 0)
        os.close(empty)
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        os.execvp(arguments[0], arguments)  # noqa: S606  (no shell is what is wanted)
    except OSError as error:
        os.write(2, f"{arguments[0]}: {error.strerror}\n".encode("utf-8", "surrogateescape"))
    os._exit(NOT_FOUND)


def _watch() -> None:
    """End the group once the pipe from mlcheck has ended."""
    while os.read(0, 1):
        pass
    ASKED.append(signal.SIGTERM)
    os.killpg(0, signal.SIGTERM)
    time.sleep(PATIENCE)
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
