"""Readers: one file per format, found by content; `roles.py` says what the columns mean.

`read_inputs` is the only door: files, folders, globs and standard input go in, a `Reading` of runs and problems
comes out. Nothing that was named is passed over in silence.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from mlcheck.errors import MlcheckError, NothingToRead
from mlcheck.model import Problem, Reading, Run, digest
from mlcheck.readers import assemble, halves, hparams, roles, search
from mlcheck.readers.one_file import Outcome, in_turn, outcome_of, read_source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from mlcheck.model import Scalar
    from mlcheck.readers.log import Log
    from mlcheck.readers.source import Source
    from mlcheck.registry import FanOut

__all__ = ["read_inputs", "read_source"]
SECONDS_A_FILE, SECONDS_A_BYTE = 3e-4, 6e-8
"""What one core needs for a small table, and for each byte of a large one: a rough guess that only decides on processes."""


@dataclass(slots=True, kw_only=True)
class Scope:
    """What the files of one scope gave. `reasons` say why files of searched folders were passed over, by file."""

    logs: list[Log] = field(default_factory=list)
    named: set[str] = field(default_factory=set)
    reasons: dict[str, MlcheckError] = field(default_factory=dict)
    told: set[str] = field(default_factory=set)


def read_inputs(
    inputs: Sequence[str],
    *,
    columns: Mapping[str, str] | None = None,
    stdin: Callable[[], bytes] | None = None,
    progress: Callable[[int, int], None] | None = None,
    hparams: str | None = None,
    over: FanOut = in_turn,
) -> Reading:
    """Read every run in `inputs` (paths of files and folders, globs, "-" for standard input).

    `columns` maps role names to the names of columns and wins over the table of names; `hparams` is a file of
    hyperparameters for all runs; `progress(done, total)` is called after each file; `over` maps a function over files,
    perhaps in several processes. Problems with one input never hide the runs of another; interrupted (KeyboardInterrupt)
    it returns the runs that were read whole. Raises MlcheckError for a role that is none and for hyperparameters that
    cannot be read.
    """
    given = _given(hparams)
    _check_roles(columns or {})
    found = search.find(inputs, columns=columns or {}, stdin=stdin)
    problems = list(found.problems)
    scopes: dict[str, Scope] = {folder.scope: Scope() for folder in found.folders}
    interrupted = not _read_all(found, scopes, problems, over, progress)
    settings = search.settings(found)
    runs: list[Run] = []
    for name, scope in scopes.items():
        made = assemble.runs(
            halves.joined(scope.logs), columns=columns or {}, settings=settings.get(name, {}), given=given
        )
        runs += made.runs
        problems += (problem for run in made.runs for problem in _incomplete(run))
        scope.told |= {run.source for run in made.runs}
        problems += _failed(scope, made.failures)
    if not interrupted:
        problems += _empty_folders(found, scopes)
    passed_over = found.passed_over + sum(len(s.reasons) for s in scopes.values())
    named = tuple(assemble.with_ids(runs))
    return Reading(
        runs=named,
        problems=tuple(problems),
        passed_over=passed_over,
        digest=digest(named),
        interrupted=interrupted,
    )


def _read_all(
    found: search.Found,
    scopes: dict[str, Scope],
    problems: list[Problem],
    over: FanOut,
    progress: Callable[[int, int], None] | None,
) -> bool:
    """Read the files into their scopes; say whether it came to its end. What was interrupted leaves whole runs only."""
    sources = found.sources
    done = 0
    try:
        for outcome in over(outcome_of, sources, seconds=_seconds(sources)):
            problems += _settle(scopes.setdefault(sources[done].scope, Scope()), sources[done], outcome)
            done += 1
            if progress:
                progress(done, len(sources))
    except KeyboardInterrupt:
        for scope in scopes.values():
            scope.logs = _whole(scope.logs, sources[done:])
        told = f"{done} of {len(sources)} files were read"
        problems.append(Problem(source="interrupted", message=told, hint="only runs read whole are judged"))
        return False
    return True


def _seconds(sources: Sequence[Source]) -> float:
    """Estimate how long one core reads the sources; a file that has gone since is read in no time."""
    total = 0.0
    for source in sources:
        with contextlib.suppress(OSError):
            total += SECONDS_A_FILE + SECONDS_A_BYTE * source.size
    return total


def _incomplete(run: Run) -> Iterator[Problem]:
    """Yield what of a run's files could not be read, though the rest was: a cut, losses that are no numbers."""
    losses = [repr(s.name) for s in run.series if s.role.quantity == "loss"]
    for event in run.events:
        where = (
            f"{run.source}:{event.at:g}" if event.at is not None and event.kind == "invalid" else run.source
        )
        if event.kind == "truncated":
            hint = "copy it again, or wait for the run to end; what is whole was read"
            yield Problem(
                source=where, message=f"expected a whole file, found it cut: {event.message}", hint=hint
            )
        elif event.kind == "invalid" and (
            "column" not in event.message or any(n in event.message for n in losses)
        ):
            yield Problem(
                source=where,
                message=f"expected numbers, found others: {event.message}",
                hint="the rest was read",
            )


def _given(path: str | None) -> Mapping[str, Scalar]:
    return hparams.read(Path(path)) if path is not None else {}


def _check_roles(columns: Mapping[str, str]) -> None:
    for role in columns:
        if roles.parse_role(role) is None:
            raise MlcheckError(
                "--column",
                f"expected a role such as train_loss, val_loss, lr, step, epoch or val_accuracy, found {role!r}",
            )


def _settle(scope: Scope, source: Source, outcome: Outcome) -> Iterator[Problem]:
    """Take what one file gave into its scope; yield what must be told of it."""
    if source.named:
        scope.named.add(source.name)
    scope.logs += outcome.logs
    error = outcome.error
    if error is None:
        return
    if source.named or outcome.must_tell:
        if not isinstance(error, NothingToRead):
            scope.told.add(source.name)
        yield _problem(error)
    else:
        scope.reasons[source.name] = error


def _whole(logs: Sequence[Log], unread: Sequence[Source]) -> list[Log]:
    """Return the logs of runs of which no file is left unread: those of one file, or of folders that were read through."""
    folders = {source.folder for source in unread}
    return [
        log for log in logs if log.key == log.source or not any(_may_share(log, folder) for folder in folders)
    ]


def _may_share(log: Log, folder: str) -> bool:
    """Whether a file of that folder may be part of the log's run: its key ends in the run's folder."""
    run = log.key.partition(":")[2] or log.source.rpartition("/")[0]
    return f"{folder}/".startswith(f"{run}/") or f"{run}/".startswith(f"{folder}/")


def _failed(scope: Scope, failures: Sequence[MlcheckError]) -> Iterator[Problem]:
    """Yield the problems; a file without a loss that was only found in a folder is passed over."""
    for error in failures:
        if isinstance(error, NothingToRead) and error.where not in scope.named:
            if error.where not in scope.told:
                scope.reasons[error.where] = error
        else:
            scope.told.add(error.where)
            yield _problem(error)


def _empty_folders(found: search.Found, scopes: Mapping[str, Scope]) -> Iterator[Problem]:
    """Yield a problem for each named folder in which nothing was found to judge."""
    for folder in found.folders:
        scope = scopes[folder.scope]
        told = scope.told | {p.source for p in found.problems}
        if any(name == folder.shown or name.startswith(f"{folder.shown}/") for name in told):
            continue
        looked = [e for name, e in scope.reasons.items() if name.startswith(f"{folder.shown}/")]
        nearest = next((e for e in looked if "loss" in e.problem), looked[0] if looked else None)
        files = f"none in {len(looked)} file(s)" if looked else "none"
        hint = f"nearest: {nearest}" if nearest else "name the folder that the logs are in"
        yield Problem(
            source=folder.shown, message=f"expected a folder with training logs, found {files}", hint=hint
        )


def _problem(error: MlcheckError) -> Problem:
    return Problem(source=error.where, message=error.problem, hint=error.hint)
