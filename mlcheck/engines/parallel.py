"""Fan-out: one function over many items, on the cores of this machine.

Processes cost time to start; so a small job stays in this process. Where this process can be copied (see `engines/forks.py`)
the copies have the function and the items already; elsewhere joblib starts fresh processes and sends them.
"""

from __future__ import annotations

import os
import signal
import warnings
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from mlcheck.engines import forks

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence

Item = TypeVar("Item")
Result = TypeVar("Result")

WORTH_SECONDS = 1.5
"""Work that one core does in less is done by the time that fresh processes have started (0.5 to 0.8 s)."""
WORTH_SECONDS_FORKED = 0.2
"""Copies of this process are there at once; what they find out still has to be sent back."""
PIECES_A_PROCESS = 16
"""Items travel in pieces: few enough to cost little, many enough that no process waits long for another."""


def fan_out(
    function: Callable[[Item], Result], items: Sequence[Item], *, seconds: float, jobs: int | None = None
) -> Iterator[Result]:
    """Yield `function(item)` for every item, in the order of the items, as soon as they are there.

    `seconds` is an estimate of what one core needs for all; where that is little, or `jobs` is 1, this process does the
    work. `jobs` is the number of processes, by default one for each core that this process may use. The results are
    pickled, and where processes are not copied so are the function and the items. What the function raises is raised
    here. Interrupted (KeyboardInterrupt), it ends its processes.
    """
    processes = min(jobs or cores(), len(items))
    copies = forks.can_fork()
    if processes < 2 or (jobs is None and seconds < (WORTH_SECONDS_FORKED if copies else WORTH_SECONDS)):
        yield from map(function, items)
        return
    size = max(1, -(-len(items) // (processes * PIECES_A_PROCESS)))
    pieces = [items[i : i + size] for i in range(0, len(items), size)]
    spread = forks.forked if copies else _fresh
    with closing(spread(partial(_piece, function), pieces, processes)) as results:
        for done in results:
            yield from done


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _fresh(function: Callable[[Item], Result], items: Sequence[Item], processes: int) -> Generator[Result]:
    """Map over the items in processes that joblib starts."""
    import joblib

    work = joblib.delayed(partial(_deaf, function))
    with joblib.parallel_config(backend="loky", inner_max_num_threads=1):
        # max_nbytes=None: arrays travel by pipe, not through files that an interrupt would leave behind
        run = joblib.Parallel(n_jobs=processes, return_as="generator", max_nbytes=None, batch_size=1)
        results = run(work(item) for item in items)
        try:
            for done in results:  # noqa: UP028  (`yield from` would end them before the warnings are caught)
                yield done
        finally:
            with warnings.catch_warnings():  # that work is thrown away is what leaving early means
                warnings.filterwarnings("ignore", message=".*task", category=UserWarning)
                results.close()


def _piece(function: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
    return [function(item) for item in items]


def _deaf(function: Callable[[Item], Result], item: Item) -> Result:
    """Work in a process that leaves Ctrl-C to the one that the user started."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    return function(item)
