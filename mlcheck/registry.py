"""Finds plug-ins: every module of `readers/`, `rules/<command>/` and `reports/` that says what it is.

A module is a plug-in by what it defines (a reader: NAME, ORDER, sniff, read; a rule: CODE, NAME, SEVERITY, check;
a renderer: NAME, render), so adding one is adding a file. Other modules of those packages are their common parts.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast

from mlcheck.errors import MlcheckError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from types import ModuleType

    from mlcheck.model import Exhibit, Finding, Reading, Report, Run, Scalar, Severity, Skip
    from mlcheck.model.curves import CurvesRead, CurvesWanted, Outcome
    from mlcheck.model.dataset import DataRead, DataWanted
    from mlcheck.model.ladder import Estimator
    from mlcheck.model.ladder import Task as Learnt
    from mlcheck.model.predictions import Predictions, PredictionsRead, Task, Wanted
    from mlcheck.model.reference import Reference
    from mlcheck.readers.log import Log
    from mlcheck.readers.source import Source
    from mlcheck.stats.metrics.metric import Metric, View
    from mlcheck.stats.metrics.parameters import Parameters
    from mlcheck.stats.metrics.resample import Sampling


Item = TypeVar("Item")
Result = TypeVar("Result")


class Reader(Protocol):
    """One format of logs. Readers are asked in ascending ORDER: the more particular the format, the lower."""

    NAME: str
    ORDER: int

    def sniff(self, source: Source) -> bool:
        """Say from the first bytes whether `read` should be tried; cheap, never raises on bad content."""
        ...

    def read(self, source: Source) -> Iterable[Log]:
        """Yield the runs in the file; raise MlcheckError (NothingToRead if it only holds no log) with the place."""
        ...


class FanOut(Protocol):
    """How a function is mapped over items: in turn, or by engines/parallel.py."""

    def __call__(
        self, function: Callable[[Item], Result], items: Sequence[Item], *, seconds: float
    ) -> Iterator[Result]:
        """Yield the results in order; `seconds` estimates what one core needs for all."""
        ...


class ReadersRoom(Protocol):
    """The front door of `readers/`."""

    def read_inputs(
        self,
        inputs: Sequence[str],
        *,
        columns: Mapping[str, str] | None = None,
        stdin: Callable[[], bytes] | None = None,
        progress: Callable[[int, int], None] | None = None,
        hparams: str | None = None,
        over: FanOut = ...,
    ) -> Reading:
        """Read every run in the inputs."""
        ...


class PredictionsRoom(Protocol):
    """The front door of `readers/predictions/`."""

    def read_predictions(
        self, wanted: Wanted, *, stdin: Callable[[], bytes] | None = None
    ) -> PredictionsRead:
        """Read the predictions of one or two models."""
        ...


class DatasetsRoom(Protocol):
    """The front door of `readers/datasets/`."""

    def read_datasets(self, wanted: DataWanted, *, stdin: Callable[[], bytes] | None = None) -> DataRead:
        """Read a data set and, where named, its test set."""
        ...


class CurvesRoom(Protocol):
    """The front door of `readers/curves/`."""

    def read_curves(self, wanted: CurvesWanted, *, stdin: Callable[[], bytes] | None = None) -> CurvesRead:
        """Read the data curves of one table."""
        ...

    def read_runs(
        self,
        inputs: Sequence[str],
        wanted: CurvesWanted,
        *,
        progress: Callable[[int, int], None] | None = None,
    ) -> CurvesRead:
        """Read the data curves of finished training runs, whose configuration holds their training-set size."""
        ...

    def read_outcome(self, folder: str, wanted: CurvesWanted) -> Outcome:
        """Read what one training came to from the logs in its folder."""
        ...


class ReferenceRoom(Protocol):
    """The door to reports of `baseline`."""

    def read_reference(self, path: str) -> Reference:
        """Read the rungs of a report."""
        ...


class Rung(Protocol):
    """One rung of the ladder of `baseline`: a module of `engines/rungs/`. The ladder goes by ascending ORDER.

    `__doc__` says in its first sentence what it is. It may have `seconds(task)`, a rough estimate of one fit on one
    core: it decides on processes, and on what fits into a budget. A rung that uses all cores by itself says ALONE = True: its folds
    are fitted in turn, in this process.
    """

    NAME: str
    ORDER: int
    __doc__: str | None
    __name__: str

    def fits(self, task: Learnt) -> str:
        """Return "" where it can be fitted to the task, else why not: what it needs and how to get it."""
        ...

    def made(
        self, task: Learnt, *, seed: int, jobs: int = 1, weights: str | None = None, **parameters: Scalar
    ) -> Estimator:
        """Return an unfitted estimator; `weights` is a local folder of trained weights, for rungs that have some.

        `parameters` are the rung's own (`width`, `penalty`): what it does not know it ignores.
        """
        ...


class Documented(Protocol):
    """Whatever makes findings of one code; its docstring is their documentation."""

    CODE: str
    NAME: str
    SEVERITY: Severity
    __doc__: str | None


class Rule(Documented, Protocol):
    """One rule of `diagnose`.

    A rule that holds for other losses than those of a fit says so in `OBJECTIVES` (see stats/objective.py).
    """

    CAUSE: str | None
    NEEDS: tuple[str, ...]

    def check(self, run: Run) -> Iterator[Finding | Skip]:
        """Yield what is wrong with the run; further keyword arguments are limits with defaults."""
        ...


class Renderer(Protocol):
    """One output format."""

    NAME: str

    def render(self, report: Report, *, width: int = 80, color: bool = False, verbose: bool = False) -> str:
        """Return the report as text, ending in a newline."""
        ...


@cache
def plugins(package: str, mark: str) -> Mapping[str, ModuleType]:
    """Return the modules of `mlcheck.<package>` that define `mark`, by that name, in alphabetical order.

    Common parts of the package are told apart by their source, unimported: a small job does not pay for them.
    """
    room = importlib.import_module(f"mlcheck.{package}")
    names = sorted(info.name for info in pkgutil.iter_modules(room.__path__) if not info.ispkg)
    found = (
        importlib.import_module(f"{room.__name__}.{name}") for name in names if _may_define(room, name, mark)
    )
    return {str(getattr(m, mark)): m for m in found if hasattr(m, mark)}


def _may_define(room: ModuleType, name: str, mark: str) -> bool:
    """Whether the source of a module defines `mark` at the start of a line; True where there is no source to look at."""
    try:
        source = Path(next(iter(room.__path__)), f"{name}.py").read_bytes()
    except OSError:
        return True
    return any(f"\n{begins}".encode() in source for begins in (f"{mark} =", f"{mark}:"))


def readers_room() -> ReadersRoom:
    """Return the front door of `readers/`."""
    return cast(ReadersRoom, importlib.import_module("mlcheck.readers"))


def predictions_room() -> PredictionsRoom:
    """Return the front door of `readers/predictions/`."""
    return cast(PredictionsRoom, importlib.import_module("mlcheck.readers.predictions"))


def curves_room() -> CurvesRoom:
    """Return the front door of `readers/curves/`."""
    return cast(CurvesRoom, importlib.import_module("mlcheck.readers.curves"))


def datasets_room() -> DatasetsRoom:
    """Return the front door of `readers/datasets/`."""
    return cast(DatasetsRoom, importlib.import_module("mlcheck.readers.datasets"))


def reference_room() -> ReferenceRoom:
    """Return the reader of reports of `baseline`."""
    return cast(ReferenceRoom, importlib.import_module("mlcheck.readers.reference"))


def readers() -> tuple[Reader, ...]:
    """Return the readers in the order in which they are asked."""
    found = cast(Any, plugins("readers", "NAME").values())
    return tuple(sorted(found, key=lambda reader: (reader.ORDER, reader.NAME)))


@cache
def rules(command: str = "diagnose") -> Mapping[str, Rule]:
    """Return a command's rules by code, in ascending order."""
    found = cast(Any, plugins(f"rules.{command}", "CODE"))
    return dict(sorted(found.items()))


@cache
def rungs() -> Mapping[str, Rung]:
    """Return the rungs of the ladder by name, the lowest first; none imports its library yet."""
    found = cast(Any, plugins("engines.rungs", "NAME"))
    return dict(sorted(found.items(), key=lambda pair: (pair[1].ORDER, pair[0])))


def metrics(task: Task, view: View | None = None) -> tuple[Metric, ...]:
    """Return the metrics of a task: the METRICS of every module of `stats/metrics/<task>/`, by their RANK.

    Where they depend on what the user chose (a cutoff, beta), `metrics_of(view)` of the module takes their place.
    """
    found = plugins(f"stats.metrics.{task.replace('-', '_')}", "METRICS").values()
    ordered: list[Any] = sorted(found, key=lambda module: module.RANK)
    chosen = (
        m.metrics_of(view) if view is not None and hasattr(m, "metrics_of") else m.METRICS for m in ordered
    )
    return tuple(metric for some in chosen for metric in some)


def view(predictions: Predictions, sampling: Sampling, parameters: Parameters) -> View:
    """Return the predictions as the metrics of their task read them."""
    return cast("View", _of_task(predictions.task, "view").view(predictions, sampling, parameters))


def exhibits(task: Task, view: View) -> tuple[Exhibit, ...]:
    """Return the tables and plots of a task."""
    return tuple(_of_task(task, "exhibits").exhibits(view))


def _of_task(task: Task, name: str) -> Any:
    return importlib.import_module(f"mlcheck.stats.metrics.{task.replace('-', '_')}.{name}")


def renderer_names() -> tuple[str, ...]:
    """Return the names of the output formats, the default first, without importing any."""
    room = importlib.import_module("mlcheck.reports")
    names = {info.name for info in pkgutil.iter_modules(room.__path__)} - set(room.COMMON)
    return tuple(sorted(names, key=lambda name: (name != "rich", name)))


def asks_for_nothing(verdict: str) -> bool:
    """Say whether a verdict is good news only, as the reports' table of verdicts has it: what `--quiet` leaves out."""
    return bool(importlib.import_module("mlcheck.reports.verdicts").tone(verdict) == "good")


def renderer(name: str) -> Renderer:
    """Load one renderer by name; raises MlcheckError for a name that is none."""
    if name not in renderer_names():
        raise MlcheckError("--format", f"expected one of {', '.join(renderer_names())}, found {name!r}")
    return cast(Renderer, importlib.import_module(f"mlcheck.reports.{name}"))
