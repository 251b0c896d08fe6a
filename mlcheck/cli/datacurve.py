"""`mlcheck datacurve`: options, then read, judge, emit."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated

import typer

from mlcheck.cli import datacurve_options as training
from mlcheck.cli import options
from mlcheck.cli.datacurve_inputs import Given, curves
from mlcheck.cli.emit import emit
from mlcheck.cli.plain import TAIL
from mlcheck.commands import datacurve as core
from mlcheck.commands import limits
from mlcheck.commands.datacurve_asked import asked
from mlcheck.commands.diagnose import with_timings
from mlcheck.config import Settings
from mlcheck.errors import MlcheckError
from mlcheck.model.curves import CurvesWanted

if TYPE_CHECKING:
    from mlcheck.model.curves import Better

COLUMNS = "Columns"
QUESTIONS = "Questions"
DEFAULTS = Settings(level=0.9)


def datacurve(
    ctx: typer.Context,
    inputs: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="INPUT",
            help="Scores by number of training examples (CSV, TSV, JSON, JSON lines, Parquet, NPZ; - for standard input); logs of"
            " finished runs, or folders of them; a data set, with --target; with a command behind --, the folder for its runs.",
            show_default=False,
        ),
    ] = None,
    n: Annotated[
        str | None,
        typer.Option("--n", metavar="COL", help="The number of training examples.", rich_help_panel=COLUMNS),
    ] = None,
    score: Annotated[
        str | None,
        typer.Option("--score", metavar="COL", help="The held-out score.", rich_help_panel=COLUMNS),
    ] = None,
    train_score: Annotated[
        str | None,
        typer.Option(
            "--train-score",
            metavar="COL",
            help="The score on the training examples.",
            rich_help_panel=COLUMNS,
        ),
    ] = None,
    seed_column: Annotated[
        str | None,
        typer.Option(
            "--seed-column", metavar="COL", help="What tells repeats apart.", rich_help_panel=COLUMNS
        ),
    ] = None,
    by: Annotated[
        str | None,
        typer.Option(
            "--by",
            metavar="COL[,COL]",
            help="A curve for each group of these columns.",
            rich_help_panel=COLUMNS,
        ),
    ] = None,
    take: training.Take = None,
    higher_is_better: Annotated[
        bool | None,
        typer.Option(
            "--higher-is-better/--lower-is-better",
            help="Which way is better, where the name does not tell.",
            rich_help_panel=COLUMNS,
            show_default=False,
        ),
    ] = None,
    predict_at: Annotated[
        str | None,
        typer.Option(
            "--predict-at",
            metavar="4x,20000",
            help="Where to predict: times of the largest size, or examples; 2x,4x by default.",
            rich_help_panel=QUESTIONS,
        ),
    ] = None,
    reach: Annotated[
        float | None,
        typer.Option(
            "--reach",
            metavar="SCORE",
            help="How many examples this score needs, as a range.",
            rich_help_panel=QUESTIONS,
        ),
    ] = None,
    cost_per_example: Annotated[
        float | None,
        typer.Option(
            "--cost-per-example", metavar="X", help="What one more example costs.", rich_help_panel=QUESTIONS
        ),
    ] = None,
    value_per_point: Annotated[
        float | None,
        typer.Option(
            "--value-per-point",
            metavar="X",
            help="What one point of the metric (0.01 of a share) is worth.",
            rich_help_panel=QUESTIONS,
        ),
    ] = None,
    sizes: training.Sizes = None,
    repeats: training.Repeats = None,
    timeout: training.Timeout = None,
    target: training.Target = None,
    rung: training.Rung = None,
    metric: training.Metric = None,
    positive: training.Positive = None,
    group: training.Group = None,
    time_column: training.Time = None,
    task: training.Task = None,
    test: training.Test = None,
    weights: training.Weights = None,
    cache: training.Cache = None,
    no_cache: training.NoCache = False,
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
    """Say whether more data would help, how much, and whether it is worth it.

    With `-- COMMAND` this runs YOUR CODE, once for each size and seed:

    mlcheck datacurve --sizes 500..16000 -- python train.py --n {n} --seed {seed}

    Each run has a folder, {out}, in the folder named (else `datacurve/`). Its score is
    read from what it prints, or writes there. An interrupted call can be made again:
    what was done is kept.
    """
    flags = {
        "format": format,
        "select": select,
        "ignore": ignore,
        "fail_on": fail_on,
        "seed": seed,
        "level": level,
        "jobs": jobs,
    }
    settings = options.settings(config_file, flags, DEFAULTS)
    limits.check(settings)
    wanted = CurvesWanted(
        path=inputs[0] if inputs else "", n=n, score=score, train=train_score, seed=seed_column, by=_names(by),
        better=_better(higher_is_better), take="last" if take == "last" else "best",
    )  # fmt: skip
    given = Given(
        inputs=tuple(inputs or ()), command=ctx.meta.get(TAIL), take=take, cache=cache, keep=not no_cache, quiet=quiet,
        options={
            "target": target, "rung": rung, "metric": metric, "positive": positive, "group": group, "time": time_column,
            "task": task, "test": test, "weights": weights, "timeout": timeout, "sizes": sizes, "repeats": repeats,
        },
    )  # fmt: skip
    questions = asked(
        predict_at=predict_at, reach=reach, cost=cost_per_example, value=value_per_point, level=settings.level
    )
    started = time.perf_counter()
    read = curves(given, wanted, settings)
    loaded = time.perf_counter()
    report = core.datacurve(read, settings, questions)
    if timings:
        report = with_timings(report, {"read": loaded - started, "judge": time.perf_counter() - loaded})
    emit(report, form=settings.format, output=output, verbose=verbose, quiet=quiet)


def _names(text: str | None) -> tuple[str, ...]:
    """Split names at commas; raises MlcheckError where none is left."""
    if text is None:
        return ()
    found = tuple(name.strip() for name in text.split(",") if name.strip())
    if not found:
        raise MlcheckError("--by", f"expected names of columns, found {text!r}")
    return found


def _better(higher: bool | None) -> Better | None:
    if higher is None:
        return None
    return "higher" if higher else "lower"
