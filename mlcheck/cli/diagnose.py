"""`mlcheck diagnose`: options, then read, judge, emit."""

from __future__ import annotations

import sys
import time
from typing import Annotated

import typer

from mlcheck.cli import options
from mlcheck.cli.emit import emit
from mlcheck.cli.progress import bar
from mlcheck.commands import diagnose as core
from mlcheck.commands import limits


def diagnose(
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="PATH...", help="Logs, folders of logs, globs; - is standard input.", show_default=False
        ),
    ],
    column: Annotated[
        list[str] | None,
        typer.Option(
            "--column",
            metavar="ROLE=NAME",
            help="Take column NAME for a role: train_loss, val_loss, lr, step, epoch, val_accuracy, ...",
        ),
    ] = None,
    classes: Annotated[
        int | None,
        typer.Option("--classes", metavar="K", help="Number of classes: a guess then scores ln K."),
    ] = None,
    val_size: Annotated[
        int | None,
        typer.Option("--val-size", metavar="N", help="Examples in the validation set: they bound its noise."),
    ] = None,
    target_loss: Annotated[
        float | None, typer.Option("--target-loss", metavar="X", help="The loss that a good model reaches.")
    ] = None,
    hparams: Annotated[
        str | None,
        typer.Option("--hparams", metavar="FILE", help="Hyperparameters of the runs, YAML or JSON."),
    ] = None,
    baseline: Annotated[
        str | None,
        typer.Option(
            "--baseline",
            metavar="REPORT",
            help="JSON report of mlcheck baseline on the same data: it tells a hard problem from a poor fit.",
        ),
    ] = None,
    format: options.Format = None,  # noqa: A002  (the option's name)
    output: options.Output = None,
    config_file: options.Config = None,
    select: options.Select = None,
    ignore: options.Ignore = None,
    fail_on: options.FailOn = None,
    seed: options.Seed = None,
    level: options.Level = None,
    jobs: options.Jobs = None,
    timings: options.Timings = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Say what is wrong with training runs: underfit, overfit, optimization, healthy or inconclusive.

    Reads the logs that training left behind, whatever wrote them, and judges each run with numbers.
    """
    flags = {"format": format, "select": select, "ignore": ignore, "fail_on": fail_on, "seed": seed, "level": level, "jobs": jobs,
             "classes": classes, "val_size": val_size, "target_loss": target_loss, "columns": options.pairs("--column", column)}  # fmt: skip
    settings = options.settings(config_file, flags)
    limits.check(settings)
    started = time.perf_counter()
    with bar("reading", quiet=quiet) as advance:
        reading = core.read(
            paths, settings, stdin=sys.stdin.buffer.read, hparams=hparams, baseline=baseline, progress=advance
        )
    read = time.perf_counter()
    with bar("judging", quiet=quiet) as advance:
        report = core.diagnose(reading, settings, advance)
    if timings:
        report = core.with_timings(report, {"read": read - started, "judge": time.perf_counter() - read})
    emit(report, form=settings.format, output=output, verbose=verbose, quiet=quiet)
