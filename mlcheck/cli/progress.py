"""A progress bar on stderr for work that takes a while; nothing for quick work, in a pipe, or under --quiet."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.progress import Progress, TaskID

    class Advance(Protocol):
        """Says how much of the work is done, and what is being done."""

        def __call__(self, done: int, total: int, name: str = ...) -> None:
            """Draw the bar."""
            ...


PATIENCE = 0.7
"""Seconds of silence before a bar appears."""


@contextmanager
def bar(label: str, *, quiet: bool = False) -> Iterator[Advance | None]:
    """Give a function `advance(done, total)` that draws the bar once the work has lasted PATIENCE seconds.

    Further calls may name what is being done, in place of the label.
    """
    if quiet or not sys.stderr.isatty():
        yield None
        return
    started = time.monotonic()
    shown: list[tuple[Progress, TaskID]] = []

    def advance(done: int, total: int, name: str = label) -> None:
        if not shown and time.monotonic() - started > PATIENCE and done < total:
            shown.append(_start(name, total))
        for progress, task in shown:
            progress.update(task, completed=done, total=total, description=name)

    try:
        yield advance
    finally:
        for progress, _ in shown:
            progress.stop()


@contextmanager
def bars(*, quiet: bool = False) -> Iterator[Callable[[str, int, int], None] | None]:
    """Give a function `advance(name, done, total)` that draws a bar for each name, once PATIENCE seconds have passed."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    started = time.monotonic()
    seen: dict[str, tuple[int, int]] = {}
    tasks: dict[str, TaskID] = {}
    shown: list[Progress] = []

    def advance(name: str, done: int, total: int) -> None:
        seen[name] = done, total
        if not shown and time.monotonic() - started > PATIENCE:
            shown.append(_progress())
        for progress in shown:
            for label, (count, whole) in seen.items():
                if label not in tasks:
                    tasks[label] = progress.add_task(label, total=whole)
                progress.update(tasks[label], completed=count, total=whole)

    try:
        yield advance
    finally:
        for progress in shown:
            progress.stop()


@contextmanager
def steps(*, quiet: bool = False) -> Iterator[Callable[[str, int, int], None] | None]:
    """Give a function `begin(name, done, total)` that says which of several pieces of work begins, as `bar` does."""
    with bar("", quiet=quiet) as advance:
        yield None if advance is None else lambda name, done, total: advance(done, total, name)


def _start(label: str, total: int) -> tuple[Progress, TaskID]:
    progress = _progress()
    return progress, progress.add_task(label, total=total)


def _progress() -> Progress:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    progress = Progress(*columns, console=Console(stderr=True), transient=True)
    progress.start()
    return progress
