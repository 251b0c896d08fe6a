"""`mlcheck metrics`: options, then read, judge, emit."""

from __future__ import annotations

import sys
import time
from typing import Annotated

import typer

from mlcheck.cli import metrics_options, options
from mlcheck.cli.emit import emit
from mlcheck.commands import choices, limits
from mlcheck.commands import metrics as core
from mlcheck.commands.diagnose import with_timings

COLUMNS = "Columns (found by name and content unless named)"
FILES = "Ranking and text (files of their own formats)"
CHOICES = "What is computed"


def metrics(
    files: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="FILE [FILE_B]",
            help="Predictions with the truth: CSV, TSV, JSON, JSON lines, Parquet, NPZ (gzip or not), a folder of parts, - for standard input. A second file is compared with the first.",
            show_default=False,
        ),
    ] = None,
    true: Annotated[
        list[str] | None,
        typer.Option("--true", metavar="COL[,COL…]", help="Column(s) of the truth.", rich_help_panel=COLUMNS),
    ] = None,
    pred: Annotated[
        list[str] | None,
        typer.Option(
            "--pred", metavar="COL[,COL…]", help="Column(s) of the prediction.", rich_help_panel=COLUMNS
        ),
    ] = None,
    score: Annotated[
        list[str] | None,
        typer.Option(
            "--score",
            metavar="COL[,COL…]",
            help="Score, probability or logit: one column, or one for each class.",
            rich_help_panel=COLUMNS,
        ),
    ] = None,
    weight: Annotated[
        str | None,
        typer.Option("--weight", metavar="COL", help="Weights of the rows.", rich_help_panel=COLUMNS),
    ] = None,
    by: Annotated[
        str | None,
        typer.Option(
            "--by",
            metavar="COL",
            help="Groups to be told apart: a table, the worst, the gap.",
            rich_help_panel=COLUMNS,
        ),
    ] = None,
    group: Annotated[
        str | None,
        typer.Option(
            "--group",
            metavar="COL",
            help="Rows that belong together (a user, a patient): intervals draw them whole.",
            rich_help_panel=COLUMNS,
        ),
    ] = None,
    identifier: Annotated[
        str | None,
        typer.Option(
            "--id", metavar="COL", help="What pairs the rows of two files.", rich_help_panel=COLUMNS
        ),
    ] = None,
    task: Annotated[
        str | None,
        typer.Option(
            "--task",
            metavar="TASK",
            help="binary, multiclass, multilabel, regression, ranking, generation or language-model.",
            rich_help_panel=CHOICES,
        ),
    ] = None,
    positive: Annotated[
        str | None,
        typer.Option("--positive", metavar="LABEL", help="The positive class.", rich_help_panel=CHOICES),
    ] = None,
    threshold: Annotated[
        float | None,
        typer.Option(
            "--threshold",
            metavar="X",
            help="Predict the positive class where score >= X; 0.5 by default.",
            rich_help_panel=CHOICES,
        ),
    ] = None,
    cost: Annotated[
        str | None,
        typer.Option(
            "--cost",
            metavar="FP:FN",
            help="What a false positive and a false negative cost: the threshold that costs least.",
            rich_help_panel=CHOICES,
        ),
    ] = None,
    min_precision: Annotated[
        float | None,
        typer.Option(
            "--min-precision",
            metavar="P",
            help="The threshold with the best recall at this precision.",
            rich_help_panel=CHOICES,
        ),
    ] = None,
    min_recall: Annotated[
        float | None,
        typer.Option(
            "--min-recall",
            metavar="R",
            help="The threshold with the best precision at this recall.",
            rich_help_panel=CHOICES,
        ),
    ] = None,
    beta: Annotated[
        float | None,
        typer.Option(
            "--beta",
            metavar="B",
            help="Recall counts B times as much as precision in F-beta; 1 by default.",
            rich_help_panel=CHOICES,
        ),
    ] = None,
    cutoff: Annotated[
        list[int] | None,
        typer.Option(
            "--k",
            metavar="K",
            help="Cutoff of ndcg@K, precision@K, top_k_accuracy@K; several times for several.",
            rich_help_panel=CHOICES,
        ),
    ] = None,
    bins: Annotated[
        int | None,
        typer.Option(
            "--bins",
            metavar="N",
            help="Bins of the calibration error; 15 by default.",
            rich_help_panel=CHOICES,
        ),
    ] = None,
    bootstrap: Annotated[
        int | None,
        typer.Option(
            "--bootstrap",
            metavar="N",
            help="Samples of the bootstrap; 1000 by default.",
            rich_help_panel=CHOICES,
        ),
    ] = None,
    qrels: Annotated[
        str | None,
        typer.Option(
            "--qrels", metavar="FILE", help="Relevance judgements (TREC, or JSON).", rich_help_panel=FILES
        ),
    ] = None,
    run: Annotated[
        list[str] | None,
        typer.Option(
            "--run",
            metavar="FILE",
            help="Ranked documents (TREC run, or JSON); a second is compared.",
            rich_help_panel=FILES,
        ),
    ] = None,
    hypothesis: Annotated[
        list[str] | None,
        typer.Option(
            "--hypothesis",
            metavar="FILE",
            help="Generated texts, one a line; a second is compared.",
            rich_help_panel=FILES,
        ),
    ] = None,
    reference: Annotated[
        list[str] | None,
        typer.Option(
            "--reference",
            metavar="FILE",
            help="Reference texts, one a line; several for several references.",
            rich_help_panel=FILES,
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
    timings: options.Timings = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Say how good predictions are: the metrics of their task, each with an interval, which to trust, and what misleads.

    With two files: which model is better, and by how much, over the same rows.
    """
    flags = {"format": format, "select": select, "ignore": ignore, "fail_on": fail_on, "seed": seed, "level": level,
             "bootstrap": bootstrap}  # fmt: skip
    settings = options.settings(config_file, flags)
    limits.check(settings)
    parameters = choices.parameters(
        threshold=threshold,
        cost=cost,
        min_precision=min_precision,
        min_recall=min_recall,
        beta=beta,
        cutoffs=cutoff,
        bins=bins,
    )
    wanted = metrics_options.wanted(
        files=files, true=true, pred=pred, score=score, weight=weight, by=by, group=group, identifier=identifier, task=task,
        positive=positive, qrels=qrels, runs=run, hypotheses=hypothesis, references=reference,
    )  # fmt: skip
    started = time.perf_counter()
    read = core.read(wanted, stdin=sys.stdin.buffer.read)
    loaded = time.perf_counter()
    report = core.metrics(read, settings, parameters)
    if timings:
        report = with_timings(report, {"read": loaded - started, "judge": time.perf_counter() - loaded})
    emit(report, form=settings.format, output=output, verbose=verbose, quiet=quiet)
