"""One file: the first reader that recognises it and finds something in it, or the reason why none did.

What is done with a single file stands apart from what joins files, so that files can be read in several processes.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from mlcheck.errors import MlcheckError, NothingToRead
from mlcheck.model import Event
from mlcheck.readers import search
from mlcheck.readers.table import TooWide

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from mlcheck.readers.log import Log
    from mlcheck.readers.source import Source

Item = TypeVar("Item")
Result = TypeVar("Result")


class Outcome(NamedTuple):
    """What one file gave: its logs, or why there are none. `must_tell`: passing it over in silence would hide a run."""

    logs: tuple[Log, ...] = ()
    error: MlcheckError | None = None
    must_tell: bool = False


def in_turn(function: Callable[[Item], Result], items: Sequence[Item], *, seconds: float) -> Iterator[Result]:  # noqa: ARG001  (as a fan-out takes it)
    """Do one item after the other in this process: a fan-out that is none."""
    return map(function, items)


def outcome_of(source: Source) -> Outcome:
    """Read one file; what is wrong with it is returned, not raised."""
    try:
        return Outcome(logs=tuple(read_source(source)))
    except NothingToRead as error:
        return Outcome(error=error)
    except MlcheckError as error:
        return Outcome(error=error, must_tell=source.named or _speaks_of_loss(source))
    except OSError as error:
        found = (error.strerror or str(error)).lower()
        told = MlcheckError(source.name, f"expected a readable file, found: {found}", "check its permissions")
        return Outcome(error=told, must_tell=True)


def _speaks_of_loss(source: Source) -> bool:
    """Whether a broken file of a searched folder looks like a log: then passing it over would hide a run."""
    try:
        return search.EVENT_FILE in source.file_name or b"loss" in source.head.lower()
    except MlcheckError:
        return True


def read_source(source: Source) -> list[Log]:
    """Read one file with the first reader that recognises it and finds something in it.

    Raises NothingToRead with the reason of the most particular reader that looked, MlcheckError for broken content.
    """
    from mlcheck import registry

    if not source.head:
        raise NothingToRead(
            source.name, "expected a training log, found an empty file", "did the run write anything?"
        )
    if source.is_pointer:
        raise MlcheckError(
            source.name, "expected a training log, found a Git-LFS pointer", "run git lfs pull"
        )
    reasons: list[NothingToRead] = []
    for reader in registry.readers():
        if not reader.sniff(source):
            continue
        try:
            if logs := list(reader.read(source)):
                return _marked(source, logs)
        except NothingToRead as error:
            reasons.append(error)
        except TooWide as error:
            raise error.told(source.name) from None
    if reasons:
        raise reasons[0]
    kind = "text in no known layout" if source.is_text else "binary data"
    raise NothingToRead(
        source.name, f"expected a training log, found {kind}", "see `mlcheck diagnose --help` for the formats"
    )


def _marked(source: Source, logs: list[Log]) -> list[Log]:
    """Say in the last log of a gzip file that ends too early that it does."""
    if not source.compressed or not source.cut:
        return logs
    cut = Event(kind="truncated", message="the gzip file is cut short")
    return [*logs[:-1], replace(logs[-1], events=(*logs[-1].events, cut))]
