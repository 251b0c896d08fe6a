"""Readers: one file per format, found by content; `roles.py` says what the columns mean.

`read_inputs` is the only door: files, folders, globs and standard input go in, a `Reading` of runs and problems
comes out. Nothing that was named is passed over in silence.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from mlcheck.errors import MlcheckError, NothingToRead
from mlcheck.model import Event, Problem, Reading, Run, digest
from mlcheck.readers import assemble, halves, hparams, roles, search

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from mlcheck.model import Scalar
    from mlcheck.readers.log import Log
    from mlcheck.readers.source import Source

__all__ = ["read_inputs"]


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
) -> Reading:
    """Read every run in `inputs` (paths of files and folders, globs, "-" for standard input).

    `columns` maps role names to the names of columns and wins over the table of names; `hparams` is a file of
    hyperparameters for all runs; `progress(done, total)` is called after each file. Problems with one input never
    hide the runs of another. Raises MlcheckError for a role that is none and for hyperparameters that cannot be read.
    """
    given = _given(hparams)
    _check_roles(columns or {})
    found = search.find(inputs, columns=columns or {}, stdin=stdin)
    problems = list(found.problems)
    scopes: dict[str, Scope] = {folder.scope: Scope() for folder in found.folders}
    for done, source in enumerate(found.sources, 1):
        problems += _read_into(scopes.setdefault(source.scope, Scope()), source)
        if progress:
            progress(done, len(found.sources))
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
    problems += _empty_folders(found, scopes)
    passed_over = found.passed_over + sum(len(s.reasons) for s in scopes.values())
    named = tuple(assemble.with_ids(runs))
    return Reading(runs=named, problems=tuple(problems), passed_over=passed_over, digest=digest(named))


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


def _read_into(scope: Scope, source: Source) -> Iterator[Problem]:
    """Read one file into its scope; yield what must be told of it."""
    try:
        if source.named:
            scope.named.add(source.name)
        scope.logs += read_source(source)
    except NothingToRead as error:
        if source.named:
            yield _problem(error)
        else:
            scope.reasons[source.name] = error
    except MlcheckError as error:
        if source.named or _speaks_of_loss(source):
            scope.told.add(source.name)
            yield _problem(error)
        else:
            scope.reasons[source.name] = error
    except OSError as error:
        scope.told.add(source.name)
        yield Problem(
            source=source.name,
            message=f"expected a readable file, found: {(error.strerror or str(error)).lower()}",
            hint="check its permissions",
        )


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
