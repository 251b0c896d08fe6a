"""`mlcheck data`: options, then read, check, emit."""

from __future__ import annotations

import csv
import sys
import time as clock
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast, get_args

import typer

from mlcheck.cli import options
from mlcheck.cli.emit import complain, emit
from mlcheck.cli.progress import steps
from mlcheck.commands import data as core
from mlcheck.commands import limits
from mlcheck.commands.diagnose import with_timings
from mlcheck.errors import MlcheckError
from mlcheck.model.dataset import DataWanted, Goal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mlcheck.config import Settings
    from mlcheck.model.dataset import DataRead

COLUMNS = "Columns"
FIELDS = ("code", "check", "part", "row", "score")


def data(
    train: Annotated[
        str,
        typer.Argument(
            metavar="TRAIN",
            help="The training set: CSV, TSV, JSON lines, Parquet (gzip or not), a folder of images by class, - for standard input.",
            show_default=False,
        ),
    ],
    test: Annotated[
        str | None,
        typer.Option("--test", metavar="FILE", help="The test or validation set, with the same columns."),
    ] = None,
    target: Annotated[
        str | None,
        typer.Option(
            "--target",
            metavar="COL",
            help="What is to be predicted; else found by name where it is plain.",
            rich_help_panel=COLUMNS,
        ),
    ] = None,
    group: Annotated[
        str | None,
        typer.Option(
            "--group",
            metavar="COL",
            help="Rows that belong together (a user, a patient): none may be on both sides of the split.",
            rich_help_panel=COLUMNS,
        ),
    ] = None,
    time: Annotated[
        str | None,
        typer.Option(
            "--time",
            metavar="COL",
            help="When a row was seen: the test set comes after the training set.",
            rich_help_panel=COLUMNS,
        ),
    ] = None,
    task: Annotated[
        str | None,
        typer.Option(
            "--task", metavar="TASK", help="classification or regression; else found from the target."
        ),
    ] = None,
    probabilities: Annotated[
        str | None,
        typer.Option(
            "--probabilities",
            metavar="FILE.npy",
            help="Out-of-sample probabilities of the training rows, shape (rows, classes), classes in sorted order: label errors are found from them.",
        ),
    ] = None,
    rows: Annotated[
        str | None,
        typer.Option("--rows", metavar="FILE", help="Write every row that a finding names to FILE (CSV)."),
    ] = None,
    format: options.Format = None,  # noqa: A002  (the option's name)
    output: options.Output = None,
    config_file: options.Config = None,
    select: options.Select = None,
    ignore: options.Ignore = None,
    fail_on: options.FailOn = None,
    seed: options.Seed = None,
    level: options.Level = None,
    timings: options.Timings = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Find the bugs of a data set before any model does: leakage, duplicates, label errors, scaling, drift."""
    flags = {
        "format": format,
        "select": select,
        "ignore": ignore,
        "fail_on": fail_on,
        "seed": seed,
        "level": level,
    }
    settings = options.settings(config_file, flags)
    limits.check(settings)
    wanted = DataWanted(
        train=train,
        test=test,
        target=target,
        group=group,
        time=time,
        goal=goal_of(task),
        probabilities=probabilities,
    )
    started = clock.perf_counter()
    read = read_data(wanted)
    loaded = clock.perf_counter()
    checks, stopped = checks_until_stopped(read, settings, quiet=quiet)
    report = core.told(read, checks, settings)
    if stopped:
        report = replace(report, exit_code=130)
    if rows is not None:
        report = core.with_rows_told(report, write_rows(rows, core.named_rows(checks)), rows)
    if timings:
        report = with_timings(report, {"read": loaded - started, "judge": clock.perf_counter() - loaded})
    emit(report, form=settings.format, output=output, verbose=verbose, quiet=quiet)


def read_data(wanted: DataWanted) -> DataRead:
    """Read what the user named; Ctrl-C ends the command, with nothing to keep."""
    try:
        return core.read(wanted, stdin=sys.stdin.buffer.read)
    except KeyboardInterrupt:
        complain("interrupted while reading; nothing was checked")
        raise typer.Exit(130) from None


def checks_until_stopped(
    read: DataRead, settings: Settings, *, quiet: bool
) -> tuple[tuple[core.Check, ...], bool]:
    """Return what the checks say, and whether Ctrl-C ended them: those that ran by then are kept, the others skips."""
    done: list[core.Check] = []
    try:
        with steps(quiet=quiet) as begin:
            done.extend(core.checking(read, settings, begin))
    except KeyboardInterrupt:
        complain(f"interrupted; {len(done)} checks had run")
        return core.interrupted(done, settings), True
    return tuple(done), False


def goal_of(task: str | None) -> Goal | None:
    """Return what the target asks for; raises MlcheckError for another word."""
    if task is not None and task not in get_args(Goal):
        raise MlcheckError("--task", f"expected one of {', '.join(get_args(Goal))}, found {task!r}")
    return cast("Goal | None", task)


def write_rows(path: str, rows: Iterable[core.NamedRow]) -> int:
    """Write the named rows as CSV and return how many; raises MlcheckError where the file cannot be written."""
    count = 0
    try:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        with Path(path).open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(FIELDS)
            for row in rows:
                score = "" if row.score is None else repr(row.score)
                writer.writerow((row.code, row.name, row.part, row.row, score))
                count += 1
    except OSError as error:
        found = (error.strerror or str(error)).lower()
        raise MlcheckError(
            "--rows", f"expected a file that can be written, found {path}: {found}", "name another file"
        ) from None
    return count
