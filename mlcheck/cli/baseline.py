"""`mlcheck baseline`: options, then read, climb, emit."""

from __future__ import annotations

import sys
import time as clock
from dataclasses import replace
from typing import Annotated

import typer

from mlcheck.cli import folders, options
from mlcheck.cli.data import COLUMNS, goal_of
from mlcheck.cli.emit import emit
from mlcheck.cli.progress import bars
from mlcheck.commands import baseline as core
from mlcheck.commands import limits
from mlcheck.errors import MlcheckError
from mlcheck.model.baseline import Asked
from mlcheck.model.dataset import DataWanted

LADDER, MODEL, SPLIT = "The ladder", "Your model", "Splits"


def baseline(
    data: Annotated[
        str,
        typer.Argument(
            metavar="DATA",
            help="The data set: CSV, TSV, JSON lines, Parquet (gzip or not), a folder of images by class, - for standard input.",
            show_default=False,
        ),
    ],
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
            help="Rows that belong together (a user, a patient) are never on both sides of a split.",
            rich_help_panel=COLUMNS,
        ),
    ] = None,
    time: Annotated[
        str | None,
        typer.Option(
            "--time",
            metavar="COL",
            help="When a row was seen: every fold is judged on later rows than it learns from.",
            rich_help_panel=COLUMNS,
        ),
    ] = None,
    task: Annotated[
        str | None,
        typer.Option(
            "--task", metavar="TASK", help="classification or regression; else found from the target."
        ),
    ] = None,
    test: Annotated[
        str | None,
        typer.Option(
            "--test", metavar="FILE", help="Judge on this test set in place of folds.", rich_help_panel=SPLIT
        ),
    ] = None,
    folds: Annotated[
        int,
        typer.Option(
            "--folds", metavar="N", min=2, help="Folds of the cross-validation.", rich_help_panel=SPLIT
        ),
    ] = 5,
    repeats: Annotated[
        int,
        typer.Option(
            "--repeats",
            metavar="N",
            min=1,
            help="Times that other folds are drawn: narrower intervals.",
            rich_help_panel=SPLIT,
        ),
    ] = 1,
    metric: Annotated[
        str | None,
        typer.Option(
            "--metric",
            metavar="NAME",
            help="What rungs are judged by (accuracy, roc_auc, macro_f1, r2, mae, ...); else what fits the target.",
            rich_help_panel=LADDER,
        ),
    ] = None,
    positive: Annotated[
        str | None,
        typer.Option(
            "--positive",
            metavar="LABEL",
            help="The class that metrics of two classes are about; the last one by default.",
            rich_help_panel=LADDER,
        ),
    ] = None,
    rungs: Annotated[
        str | None,
        typer.Option(
            "--rungs",
            metavar="A,B",
            help="Climb only these: random, constant, linear, simple-nn, boosting, resnet, bert.",
            rich_help_panel=LADDER,
        ),
    ] = None,
    budget: Annotated[
        float | None,
        typer.Option(
            "--budget",
            metavar="SECONDS",
            min=0,
            help="A rung that does not fit into what is left is skipped.",
            rich_help_panel=LADDER,
        ),
    ] = None,
    weights: Annotated[
        str | None,
        typer.Option(
            "--weights",
            metavar="DIR",
            help="A local folder of trained weights for resnet or bert; else they start from scratch.",
            rich_help_panel=LADDER,
        ),
    ] = None,
    vary: Annotated[
        list[str] | None,
        typer.Option(
            "--vary",
            metavar="capacity|regularization",
            help="Train and validation error of a network against its width, or its penalty.",
            rich_help_panel=LADDER,
        ),
    ] = None,
    ablate: Annotated[
        bool,
        typer.Option(
            "--ablate", help="What every column contributes: scores without it.", rich_help_panel=LADDER
        ),
    ] = False,
    groups: Annotated[
        list[str] | None,
        typer.Option(
            "--groups",
            metavar="NAME=A,B,C",
            help="What groups of columns contribute; may be repeated.",
            rich_help_panel=LADDER,
        ),
    ] = None,
    score: Annotated[
        float | None,
        typer.Option(
            "--score", metavar="X", help="Your model's score, by the ladder's metric.", rich_help_panel=MODEL
        ),
    ] = None,
    predictions: Annotated[
        str | None,
        typer.Option(
            "--predictions",
            metavar="FILE",
            help="Your model's predictions with the truth, as `mlcheck metrics` reads them.",
            rich_help_panel=MODEL,
        ),
    ] = None,
    run: Annotated[
        str | None,
        typer.Option(
            "--run",
            metavar="LOG",
            help="The log of your model's training: its best validation value of the metric counts.",
            rich_help_panel=MODEL,
        ),
    ] = None,
    cache: Annotated[
        str | None,
        typer.Option(
            "--cache",
            metavar="DIR",
            help="Where predictions of rungs are kept for the next call; the user's cache folder by default.",
        ),
    ] = None,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Keep nothing, use nothing kept.")] = False,
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
    """Say what a problem needs: the ladder random < constant < linear < simple NN < known architecture.

    Fits every rung on the same splits and says what each gains over the one below, and where your model stands.
    """
    flags = {"format": format, "select": select, "ignore": ignore, "fail_on": fail_on, "seed": seed, "level": level, "jobs": jobs}  # fmt: skip
    settings = options.settings(config_file, flags)
    limits.check(settings)
    if sum(given is not None for given in (score, predictions, run)) > 1:
        raise MlcheckError("--score", "expected one of --score, --predictions and --run, found several")
    wanted = DataWanted(train=data, test=test, target=target, group=group, time=time, goal=goal_of(task))
    asked = Asked(
        rungs=tuple(name.strip() for name in (rungs or "").split(",") if name.strip()), metric=metric,
        folds=folds, repeats=repeats, budget=budget, weights=weights, positive=positive, score=score,
        predictions=predictions, run=run, vary=tuple(vary or ()), ablate=ablate, groups=tuple(groups or ()),
    )  # fmt: skip
    started = clock.perf_counter()
    read = core.read(wanted, stdin=sys.stdin.buffer.read)
    loaded = clock.perf_counter()
    kept = None if no_cache else cache or folders.cache()
    with bars(quiet=quiet) as advance:
        report = core.baseline(
            read, asked, settings, cache=kept, clock=clock.perf_counter, timings=timings, progress=advance
        )
    if timings:
        report = replace(report, timings={"read": loaded - started, **(report.timings or {})})
    emit(report, form=settings.format, output=output, verbose=verbose, quiet=quiet)
