"""`mlcheck datacurve FOLDER --sizes A..B -- COMMAND {n}`: the user's own training, run at each size.

Every run has a folder of its own with its output; what it came to is a line of `results.jsonl`, written the moment it is
known. So an interrupted call loses the run it was at, and the next call does what is left.
"""

from __future__ import annotations

import math
import re
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

from mlcheck import registry
from mlcheck.engines import processes, records
from mlcheck.errors import MlcheckError
from mlcheck.model import Problem
from mlcheck.model.curves import CurvesRead, CurvesWanted

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping, Sequence

    from mlcheck.engines.processes import Ended
    from mlcheck.model.curves import Better, Outcome

RESULTS, PLAN = "results.jsonl", "plan.jsonl"
NUMBERED = "[0-9][0-9][0-9][0-9]-"
PLACEHOLDERS = ("n", "seed", "out")
REPEATS = 3
OUT = "MLCHECK_OUT"
ERROR = re.compile(
    r"\s*(?:[\w.]*(?:Error|Exception|KeyboardInterrupt|SystemExit)\b|(?i:fatal|error|killed|aborted)\b)"
)
"""How a line begins that tells of an error."""
LONGEST = 160
MOST_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """What is run where. `repeats` None: three where the command takes {seed}, else one. `timeout` in seconds of a run.

    `environment` is what a run sees beside MLCHECK_OUT.
    """

    command: tuple[str, ...]
    folder: str
    sizes: tuple[int, ...]
    repeats: int | None = None
    seed: int = 0
    timeout: float | None = None
    at_once: int = 1
    score: str | None = None
    better: Better | None = None
    take: Literal["best", "last"] | None = None
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Kept:
    """What a folder holds: the records of its runs, by which score they were read, the first run of this command."""

    folder: Path
    rows: list[dict[str, Any]]
    metric: str | None = None
    better: Better | None = None
    take: Literal["best", "last"] = "best"
    first: int = 1

    def has(self, n: int, seed: int) -> bool:
        """Whether a run is recorded."""
        return any(row.get("n") == n and row.get("seed") == seed for row in self.rows)

    def add(self, n: int, seed: int, outcome: Outcome, run: str) -> None:
        """Record a run, in the order of sizes and seeds, whatever the order in which they ended."""
        row: dict[str, Any] = {"n": n, "seed": seed, outcome.metric: outcome.value}
        if math.isfinite(outcome.train):
            row[f"train_{_bare(outcome.metric)}"] = outcome.train
        rows = [*self.rows, {**row, "run": run}]
        rows.sort(key=lambda each: (each["n"], each["seed"]))
        records.write(self.folder / RESULTS, rows)
        self.rows = rows


def is_kept(folder: Path) -> bool:
    """Whether a folder holds the runs of an earlier call."""
    return (folder / RESULTS).is_file() and (folder / PLAN).is_file()


def kept(folder: Path, wanted: CurvesWanted) -> CurvesRead:
    """Return the curve of the runs that a folder holds, running none. Raises MlcheckError for another score than theirs."""
    plan = next(iter(records.read(folder / PLAN)), {})
    if wanted.score not in (None, plan.get("score")):
        raise MlcheckError(
            "--score", f"expected {plan.get('score')!r}, by which the runs in {folder.name} were read, found {wanted.score!r}",
            "call it with the command again: their logs are read anew, and none is run",
        )  # fmt: skip
    holds = Kept(
        folder=folder, rows=records.read(folder / RESULTS), better=wanted.better or plan.get("better")
    )
    if not holds.rows:
        raise MlcheckError(
            str(folder / RESULTS), "expected results of runs, found none yet", "run the command that fills it"
        )
    return _read(holds, (), interrupted=False)


def curves(
    training: Training, *, clock: Callable[[], float], progress: Callable[[str, int, int], None] | None = None
) -> CurvesRead:
    """Run what is not recorded yet and return the curve of all that is.

    Interrupted (KeyboardInterrupt), the curve holds what was done. A run that fails is a problem; the others go on. Raises
    MlcheckError for a command that cannot be run, and a folder that holds the runs of another one.
    """
    processes.check(training.command, known=PLACEHOLDERS, needed=("n",))
    seeded = "seed" in processes.names(training.command)
    repeats = training.repeats or (REPEATS if seeded else 1)
    plan = [(n, training.seed + repeat) for repeat in range(repeats) for n in training.sizes]
    folder = Path(training.folder).resolve()  # the command may go elsewhere
    with records.alone(folder):
        problems: list[Problem] = []
        kept = _kept(folder, training, problems)
        missing = [run for run in plan if not kept.has(*run) and not _found(kept, training, *run)]
        interrupted = False
        try:
            _run(training, kept, missing, problems, clock, progress)
        except KeyboardInterrupt:
            interrupted = True
            done = sum(kept.has(n, seed) for n, seed in plan)
            told = f"{done} of {len(plan)} runs done and kept in {folder.name}"
            problems.append(Problem(source="interrupted", message=told, hint="call again for the others"))
        return _read(kept, problems, interrupted=interrupted)


def _kept(folder: Path, training: Training, problems: list[Problem]) -> Kept:
    """Return what the folder holds, having noted the command in it. Raises MlcheckError for another command's folder.

    Where another score is asked for than before, the logs of the recorded runs are read anew.
    """
    rows = records.read(folder / RESULTS)
    plan = next(iter(records.read(folder / PLAN)), None)
    if rows and plan is not None and plan.get("command") != list(training.command):
        raise MlcheckError(
            training.folder, f"expected an empty folder, or runs of this command, found those of {' '.join(plan.get('command', ()))!r}",
            "name another folder for another command",
        )  # fmt: skip
    if plan is None and rows:
        raise MlcheckError(
            str(folder / RESULTS),
            "expected runs of this command, found a file of another origin",
            "name another folder",
        )
    before = plan if plan is not None and rows else {}
    kept = Kept(
        folder=folder, rows=rows, metric=training.score or before.get("score"),
        better=training.better or before.get("better"), take=training.take or before.get("take", "best"),
        first=plan.get("first", 1) if plan is not None and plan.get("command") == list(training.command) else _next(folder),
    )  # fmt: skip
    if rows and (kept.metric, kept.take) != (before.get("score"), before.get("take")):
        kept.rows, kept.better = [], training.better
        for row in rows:
            problem = _recorded(kept, training, str(row["run"]), row["n"], row["seed"])
            if problem is not None:
                problems.append(problem)
    _note(kept, training)
    return kept


def _found(kept: Kept, training: Training, n: int, seed: int) -> bool:
    """Record a run that came to its end unrecorded: its score was not found then, or mlcheck had gone before."""
    for folder in sorted(kept.folder.glob(f"{NUMBERED}n{n}-seed{seed}"), reverse=True):
        if int(folder.name[:4]) >= kept.first and processes.is_whole(folder):
            return _recorded(kept, training, folder.name, n, seed) is None
    return False


def _next(folder: Path) -> int:
    """Return the number of the next run in a folder."""
    return 1 + max((int(path.name[:4]) for path in folder.glob(f"{NUMBERED}n*")), default=0)


def _note(kept: Kept, training: Training) -> None:
    plan = {
        "command": list(training.command), "score": kept.metric, "better": kept.better, "take": kept.take, "first": kept.first,
    }  # fmt: skip
    records.write(kept.folder / PLAN, [plan])


def _run(
    training: Training, kept: Kept, missing: Sequence[tuple[int, int]], problems: list[Problem],
    clock: Callable[[], float], progress: Callable[[str, int, int], None] | None,
) -> None:  # fmt: skip
    first = _next(kept.folder)
    names = [f"{first + i:04}-n{n}-seed{seed}" for i, (n, seed) in enumerate(missing)]
    jobs = [
        _job(training, kept.folder / name, n, seed) for name, (n, seed) in zip(names, missing, strict=True)
    ]
    ended = processes.run(jobs, at_once=training.at_once, timeout=training.timeout, clock=clock)
    if progress is not None and jobs:
        progress("runs", 0, len(jobs))
    with closing(cast("Generator[tuple[int, Ended]]", ended)):
        for done, (index, how) in enumerate(ended, 1):
            n, seed = missing[index]
            problem = _settled(training, kept, names[index], n, seed, how)
            if problem is not None:
                problems.append(problem)
            if progress is not None:
                progress("runs", done, len(jobs))


def _job(training: Training, folder: Path, n: int, seed: int) -> processes.Job:
    values = {"n": str(n), "seed": str(seed), "out": str(folder)}
    return processes.Job(
        arguments=processes.filled(training.command, values), folder=folder,
        environment={**training.environment, OUT: str(folder)},
    )  # fmt: skip


def _settled(training: Training, kept: Kept, name: str, n: int, seed: int, how: Ended) -> Problem | None:
    """Record what a run came to, or say what went wrong with it."""
    if how.told:
        first = _first_error(kept.folder / name)
        return Problem(
            source=_where(training, name), hint=f"read {processes.STDERR} in it",
            message=f"expected the command to end well, found {how.told}{f': {first}' if first else ''}",
        )  # fmt: skip
    return _recorded(kept, training, name, n, seed)


def _recorded(kept: Kept, training: Training, name: str, n: int, seed: int) -> Problem | None:
    """Read what a run came to from its folder and record it; say so where it tells nothing."""
    folder = str(kept.folder / name)
    wanted = CurvesWanted(path=folder, score=kept.metric, better=kept.better, take=kept.take)
    try:
        outcome = registry.curves_room().read_outcome(folder, wanted)
    except MlcheckError as error:
        return Problem(source=_where(training, name), message=error.problem, hint=error.hint)
    if kept.metric is None or kept.better is None:
        kept.metric, kept.better = kept.metric or outcome.metric, outcome.better
        _note(kept, training)
    kept.add(n, seed, outcome, name)
    return None


def _where(training: Training, name: str) -> str:
    """Return a run as reports show it: under the last component of the folder."""
    return f"{Path(training.folder).resolve().name}/{name}"


def _first_error(folder: Path) -> str:
    """Return the first line of a run's output that tells of an error, else the last one of its error output."""
    last = ""
    for name in (processes.STDERR, processes.STDOUT):
        with (folder / name).open("rb") as file:
            file.seek(max(0, (folder / name).stat().st_size - MOST_BYTES))
            lines = [
                line.strip() for line in file.read().decode("utf-8", "replace").splitlines() if line.strip()
            ]
        found = next((line for line in lines if ERROR.match(line)), None)
        if found is not None:
            return found[:LONGEST]
        last = last or (lines[-1][:LONGEST] if lines else "")
    return last


def _bare(metric: str) -> str:
    return metric.partition("_")[2] if metric.startswith(("val_", "test_")) else metric


def _read(kept: Kept, problems: Sequence[Problem], *, interrupted: bool) -> CurvesRead:
    """Return the curve of the recorded runs, read as the table that it is."""
    if not kept.rows:
        return CurvesRead(curves=(), problems=tuple(problems), interrupted=interrupted)
    score = next(name for name in kept.rows[0] if name not in ("n", "seed", "run"))
    train = f"train_{_bare(score)}"
    wanted = CurvesWanted(
        path=str(kept.folder / RESULTS), n="n", score=score, seed="seed", better=kept.better,
        train=train if any(train in row for row in kept.rows) else None,
    )  # fmt: skip
    read = registry.curves_room().read_curves(wanted)
    name = kept.folder.resolve().name
    named = tuple(replace(curve, id=name, source=f"{name}/{RESULTS}") for curve in read.curves)
    return CurvesRead(
        curves=named, problems=(*read.problems, *problems), digest=read.digest, interrupted=interrupted
    )
