"""The options of `mlcheck datacurve` that train: at which sizes, on what data, with which command."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import typer

TRAINING, DATA, COLUMNS = "Training anew", "A data set", "Columns"

Sizes: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--sizes",
        metavar="A..B[:K]",
        help="Numbers of examples to train on: 500..16000, 500..16000:8 (so many), or 500,1000,2000,...",
        rich_help_panel=TRAINING,
    ),
]
Repeats: TypeAlias = Annotated[
    int | None,
    typer.Option(
        "--repeats",
        metavar="N",
        min=1,
        help="Trainings at each size: 5 on a data set, 3 of a command that takes {seed}.",
        rich_help_panel=TRAINING,
    ),
]
Timeout: TypeAlias = Annotated[
    float | None,
    typer.Option(
        "--timeout",
        metavar="SECONDS",
        min=0,
        help="End a run of the command after so long.",
        rich_help_panel=TRAINING,
    ),
]
Target: TypeAlias = Annotated[
    str | None, typer.Option("--target", metavar="COL", help="What is to be predicted.", rich_help_panel=DATA)
]
Rung: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--rung",
        metavar="NAME",
        help="What is trained: linear (by default), simple-nn, boosting, ... as `mlcheck baseline` has them.",
        rich_help_panel=DATA,
    ),
]
Metric: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--metric",
        metavar="NAME",
        help="What it is judged by; else what fits the target.",
        rich_help_panel=DATA,
    ),
]
Positive: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--positive",
        metavar="LABEL",
        help="The class that metrics of two classes are about.",
        rich_help_panel=DATA,
    ),
]
Group: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--group",
        metavar="COL",
        help="Rows that belong together are added, and held out, together.",
        rich_help_panel=DATA,
    ),
]
Time: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--time",
        metavar="COL",
        help="When a row was seen: the latest rows are held out.",
        rich_help_panel=DATA,
    ),
]
Task: TypeAlias = Annotated[
    str | None,
    typer.Option("--task", metavar="TASK", help="classification or regression.", rich_help_panel=DATA),
]
Test: TypeAlias = Annotated[
    str | None, typer.Option("--test", metavar="FILE", help="Judge on this test set.", rich_help_panel=DATA)
]
Weights: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--weights",
        metavar="DIR",
        help="A local folder of trained weights for resnet or bert.",
        rich_help_panel=DATA,
    ),
]
Cache: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--cache",
        metavar="DIR",
        help="Where trainings are kept for the next call; the user's cache folder by default.",
        rich_help_panel=DATA,
    ),
]
NoCache: TypeAlias = Annotated[
    bool, typer.Option("--no-cache", help="Keep nothing, use nothing kept.", rich_help_panel=DATA)
]
Take: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--take",
        metavar="best|last",
        help="Which value of a training log counts; best by default.",
        rich_help_panel=COLUMNS,
    ),
]
