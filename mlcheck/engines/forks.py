"""Copies of this process as workers: they begin at once, with all that was imported and read before.

A fork copies one thread and the memory of all, locks that others hold included. So it is done on Linux only (frameworks of
macOS do not survive it, Windows has none), and only where this process has no other thread. OpenBLAS, which comes with
NumPy, ends its threads before a fork and starts them again.
"""

from __future__ import annotations

import gc
import signal
import sys
import threading
import traceback
import warnings
from contextlib import contextmanager
from itertools import chain
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar, cast

from mlcheck.errors import MlcheckError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence
    from multiprocessing.connection import Connection
    from multiprocessing.context import ForkProcess

Item = TypeVar("Item")
Result = TypeVar("Result")

THREADED = frozenset(
    ("dask", "jax", "lightgbm", "pyarrow", "ray", "scipy", "sklearn", "tensorflow", "torch", "xgboost")
)
"""Modules with threads that Python does not know of and that do not outlive a fork."""
AHEAD = 2
"""Items that a worker is given at a time: it begins the next while this process takes what it sent."""


class Answer(NamedTuple, Generic[Result]):
    """What a worker sends: the place of the item, and its result or what was raised."""

    place: int
    result: Result | None = None
    error: BaseException | None = None


def can_fork() -> bool:
    """Whether a copy of this process can go on by itself."""
    alone = threading.active_count() == 1 and THREADED.isdisjoint(sys.modules)
    return sys.platform == "linux" and alone


def forked(function: Callable[[Item], Result], items: Sequence[Item], processes: int) -> Generator[Result]:
    """Yield `function(item)` for every item, in order, computed by so many copies of this process.

    Only the results are pickled. What the function raises is raised here; a copy that ends before its work does (killed
    for its memory, say) raises MlcheckError.
    """
    from multiprocessing import connection

    workers = _started(function, items, processes)
    places = iter(range(len(items)))
    ready: dict[int, Answer[Result]] = {}
    try:
        for pipe in chain(*[workers] * AHEAD):
            _give(pipe, places)
        for place in range(len(items)):
            while place not in ready:
                for pipe in cast("list[Connection]", connection.wait(workers)):
                    came: Answer[Result] = _taken(pipe)
                    ready[came.place] = came
                    _give(pipe, places)
            answer = ready.pop(place)
            if answer.error is not None:
                raise answer.error
            yield answer.result  # type: ignore[misc]  # a result where there is no error
    finally:
        for pipe, process in workers.items():
            process.terminate()
            process.join()
            pipe.close()


def _started(
    function: Callable[[Item], Result], items: Sequence[Item], processes: int
) -> dict[Connection, ForkProcess]:
    """Start the copies; return them by the pipe to each. Ctrl-C waits until all of them leave it to this process."""
    from multiprocessing import get_context

    context = get_context("fork")
    workers: dict[Connection, ForkProcess] = {}
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        for _ in range(processes):
            mine, theirs = context.Pipe()
            process = context.Process(
                target=_work, args=(function, items, theirs, [mine, *workers]), daemon=True
            )
            with warnings.catch_warnings():  # from Python 3.12 on, for the threads of OpenBLAS, too
                warnings.filterwarnings("ignore", message=".*multi-threaded", category=DeprecationWarning)
                process.start()
            theirs.close()
            workers[mine] = process
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    return workers


def _work(
    function: Callable[[Item], Result],
    items: Sequence[Item],
    pipe: Connection,
    others: Sequence[Connection],
) -> None:
    """Answer for the items whose places come through the pipe, until it is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    gc.freeze()  # what this process inherited is never garbage, and stays shared where nobody looks at it
    for other in others:
        other.close()
    while True:
        try:
            place = pipe.recv()
        except EOFError:
            return
        pipe.send(_answered(function, items[place], place))


def _answered(function: Callable[[Item], Result], item: Item, place: int) -> Answer[Result]:
    try:
        return Answer(place, function(item))
    except Exception as error:  # noqa: BLE001  (raised where the results are taken)
        error.add_note(f"in a worker:\n{''.join(traceback.format_exception(error))}")
        return Answer(place, error=error)


def _give(pipe: Connection, places: Iterator[int]) -> None:
    """Send the worker the place of the next item, if there is one."""
    place = next(places, None)
    if place is not None:
        with _told_if_ended():
            pipe.send(place)


def _taken(pipe: Connection) -> Answer[Result]:
    """Return what a worker has sent."""
    with _told_if_ended():
        answer: Answer[Result] = pipe.recv()
    return answer


@contextmanager
def _told_if_ended() -> Iterator[None]:
    """Raise MlcheckError where the other end of a pipe is gone."""
    try:
        yield
    except (EOFError, ConnectionError):
        raise MlcheckError(
            "--jobs", "expected every process to do its work, found one ended", "give fewer jobs, or memory"
        ) from None
