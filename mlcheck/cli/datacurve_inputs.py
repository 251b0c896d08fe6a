"""Where `mlcheck datacurve` gets its curve from: a table, logs of finished runs, a data set, a command to run."""

from __future__ import annotations

import os
import sys
import time as clock
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

from mlcheck.cli import folders
from mlcheck.cli.data import goal_of
from mlcheck.cli.progress import bar, bars
from mlcheck.commands import datacurve as core
from mlcheck.commands import datacurve_command, datacurve_data, datacurve_many, datacurve_sizes
from mlcheck.errors import MlcheckError
from mlcheck.model.dataset import DataWanted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlcheck.config import Settings
    from mlcheck.model.curves import CurvesRead, CurvesWanted

KEPT = "datacurve"
"""The folder where runs of a command are kept unless another is named."""
OF_DATA = ("target", "rung", "metric", "positive", "group", "time", "task", "test", "weights")
OF_COMMAND = ("timeout",)
OF_TRAINING = ("sizes", "repeats")


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What the user gave: inputs, a command behind `--`, and the options of single ways to a curve, None where not given."""

    inputs: tuple[str, ...]
    command: tuple[str, ...] | None
    options: Mapping[str, str | int | float | None]
    take: str | None = None
    cache: str | None = None
    keep: bool = True
    quiet: bool = False

    def text(self, name: str) -> str | None:
        """Return an option that holds a text."""
        return cast("str | None", self.options[name])

    @property
    def of_data(self) -> bool:
        """Whether the input is a data set to train on."""
        return self.options["target"] is not None or self.options["rung"] is not None


def curves(given: Given, wanted: CurvesWanted, settings: Settings) -> CurvesRead:
    """Read or make the curves. Raises MlcheckError for inputs and options that do not go together."""
    if given.take not in (None, "best", "last"):
        raise MlcheckError("--take", f"expected best or last, found {given.take!r}")
    if given.command is not None:
        _refuse(given, OF_DATA, "for a data set, not for a command behind --")
        return _run(given, given.command, wanted, settings)
    if not given.inputs:
        raise MlcheckError(
            "INPUT",
            "expected a table, logs of runs, a data set or a command behind --, found none",
            "mlcheck datacurve --help",
        )
    if given.of_data:
        _refuse(given, OF_COMMAND, "with a command behind -- only")
        return _train(given, settings)
    _refuse(
        given,
        (*OF_DATA, *OF_COMMAND, *OF_TRAINING),
        "where something is trained: a data set (with --target), or a command behind --",
    )
    return _read(given, wanted)


def _refuse(given: Given, names: tuple[str, ...], where: str) -> None:
    for name in names:
        if given.options[name] is not None:
            raise MlcheckError(f"--{name}", f"expected it {where}")


def _read(given: Given, wanted: CurvesWanted) -> CurvesRead:
    """Read a table, what a folder of an earlier call holds, or the logs of runs."""
    path = Path(given.inputs[0])
    if given.inputs == ("-",):
        return core.read(wanted, stdin=sys.stdin.buffer.read)
    if len(given.inputs) == 1 and datacurve_command.is_kept(path):
        return datacurve_command.kept(path, wanted)
    with bar("reading", quiet=given.quiet) as advance:
        return datacurve_many.read(given.inputs, wanted, progress=advance)


def _train(given: Given, settings: Settings) -> CurvesRead:
    """Train a rung of the ladder on subsets of a data set."""
    if len(given.inputs) != 1:
        raise MlcheckError("DATA", f"expected one data set, found {len(given.inputs)} inputs")
    data = DataWanted(
        train=given.inputs[0], test=given.text("test"), target=given.text("target"), group=given.text("group"),
        time=given.text("time"), goal=goal_of(given.text("task")),
    )  # fmt: skip
    sizes, repeats = given.text("sizes"), given.options["repeats"]
    training = datacurve_data.Training(
        rung=given.text("rung") or "linear", metric=given.text("metric"), positive=given.text("positive"),
        sizes=None if sizes is None else datacurve_sizes.parse(sizes, times=datacurve_data.TIMES),
        repeats=datacurve_data.REPEATS if repeats is None else int(repeats), weights=given.text("weights"),
    )  # fmt: skip
    read = core.read_data(data, stdin=sys.stdin.buffer.read)
    cache = (given.cache or folders.cache()) if given.keep else None
    with bars(quiet=given.quiet) as advance:
        return datacurve_data.curves(read, training, settings, cache=cache, progress=advance)


def _run(given: Given, command: tuple[str, ...], wanted: CurvesWanted, settings: Settings) -> CurvesRead:
    """Run the user's command at each size."""
    if len(given.inputs) > 1:
        raise MlcheckError("FOLDER", f"expected one folder for the runs, found {len(given.inputs)} inputs")
    sizes, repeats, timeout = given.text("sizes"), given.options["repeats"], given.options["timeout"]
    if sizes is None:
        raise MlcheckError(
            "--sizes",
            "expected the numbers of examples to run the command with",
            "such as --sizes 500..16000",
        )
    training = datacurve_command.Training(
        command=command, folder=given.inputs[0] if given.inputs else KEPT, sizes=datacurve_sizes.parse(sizes),
        repeats=None if repeats is None else int(repeats), seed=settings.seed, timeout=None if timeout is None else float(timeout),
        at_once=settings.jobs or 1, score=wanted.score, better=wanted.better,
        take=cast("Literal['best', 'last'] | None", given.take), environment=dict(os.environ),
    )  # fmt: skip
    with bars(quiet=given.quiet) as advance:
        return datacurve_command.curves(training, clock=clock.monotonic, progress=advance)
