"""A progress bar on stderr for work that takes a while; nothing for quick work, in a pipe, or under --quiet."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.progress import Progress, TaskID

PATIENCE = 0.7
"""Seconds of silence before a bar appears."""


@contextmanager
def bar(label: str, *, quiet: bool = False) -> Iterator[Callable[[int, int], None] | None]:
    """Give a function `advance(done, total)` that draws the bar once the work has lasted PATIENCE seconds."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    started = time.monotonic()
    shown: list[tuple[Progress, TaskID]] = []

    def advance(done: int, total: int) -> None:
        if not shown and time.monotonic() - started > PATIENCE and done < total:
            shown.append(_start(label, total))
        for progress, task in shown:
            progress.update(task, completed=done, total=total)

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
