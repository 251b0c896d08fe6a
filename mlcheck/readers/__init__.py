"""Readers: one file per format, found by content; `roles.py` says what the columns mean.

`read_inputs` is the only door: files, folders, globs and standard input go in, a `Reading` of runs and problems
comes out. Nothing that was named is passed over in silence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlcheck.errors import MlcheckError, NothingToRead
from mlcheck.model import Problem, Reading, digest
from mlcheck.readers import assemble, search

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mlcheck.readers.log import Log
    from mlcheck.readers.source import Source

__all__ = ["read_inputs"]


def read_inputs(
    inputs: Sequence[str],
    *,
    columns: Mapping[str, str] | None = None,
    stdin: Callable[[], bytes] | None = None,
    progress: Callable[[int, int], None] | None = None,
    hparams: str | None = None,
) -> Reading:
    """Read every run in `inputs` (paths of files and folders, globs, "-" for standard input).

    `columns` maps role names to the names of columns and wins over the table of names; `hparams` is a file of
    hyperparameters for all runs; `progress(done, total)` is called after each file. Problems with one input never
    hide the runs of another.
    """
    found = search.find(inputs, columns=columns or {}, stdin=stdin)
    logs: list[Log] = []
    problems: list[Problem] = list(found.problems)
    passed_over = found.passed_over
    empty: dict[str, list[MlcheckError]] = {}
    for done, source in enumerate(found.sources, 1):
        try:
            logs += read_source(source)
        except NothingToRead as error:
            passed_over += not source.named
            if source.named:
                problems.append(_problem(error))
            else:
                empty.setdefault(source.name.split("/")[0], []).append(error)
        except (MlcheckError, OSError) as error:
            problems.append(_problem(error, source))
        if progress:
            progress(done, len(found.sources))
    runs, failed = assemble.runs(logs, columns=columns or {}, settings=search.settings(found, hparams))
    nothing = search.empty_folders(found, {run.source for run in runs} | {p.source for p in problems}, empty)
    return Reading(
        runs=runs, problems=(*problems, *failed, *nothing), passed_over=passed_over, digest=digest(runs)
    )  # fmt: skip


def read_source(source: Source) -> list[Log]:
    """Read one file with the first reader that recognises it and finds something in it.

    Raises NothingToRead with the reason of the most particular reader that looked, MlcheckError for broken content.
    """
    from mlcheck import registry

    if not source.head:
        raise NothingToRead(source.name, "expected a training log, found an empty file", "did the run write anything?")
    reasons: list[NothingToRead] = []
    for reader in registry.readers():
        if not reader.sniff(source):
            continue
        try:
            if logs := list(reader.read(source)):
                return logs
        except NothingToRead as error:
            reasons.append(error)
    if reasons:
        raise reasons[0]
    kind = "text in no known layout" if source.is_text else "binary data"
    raise NothingToRead(source.name, f"expected a training log, found {kind}", "see `mlcheck diagnose --help` for the formats")


def _problem(error: MlcheckError | OSError, source: Source | None = None) -> Problem:
    if isinstance(error, MlcheckError):
        return Problem(source=error.where, message=error.problem, hint=error.hint)
    where = source.name if source else str(error.filename)
    return Problem(source=where, message=f"expected a readable file, found: {(error.strerror or str(error)).lower()}")
