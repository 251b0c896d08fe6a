"""`mlcheck baseline`: from a data set to a report on its ladder. Pure: no clock of its own, nothing printed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from mlcheck import registry
from mlcheck.commands import (
    climb,
    inconclusive_baseline,
    ladder_beside,
    ladder_model,
    ladder_studies,
    ladder_task,
    ladder_told,
    limits,
    rung_skipped,
)
from mlcheck.commands.ladder_verdict import verdict
from mlcheck.commands.report import INTERRUPTED, actions_of, gravest_first, report, selected
from mlcheck.model import Finding, Problem, Skip, Subject
from mlcheck.stats import standing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from mlcheck.commands.ladder_studies import Studies
    from mlcheck.commands.ladder_task import Setup
    from mlcheck.commands.ladder_verdict import Verdict
    from mlcheck.config import Settings
    from mlcheck.model import Report, Scalar
    from mlcheck.model.baseline import Asked
    from mlcheck.model.dataset import DataRead, DataWanted
    from mlcheck.model.ladder import Ladder, Rung


def read(wanted: DataWanted, *, stdin: Callable[[], bytes] | None = None) -> DataRead:
    """Read the data that the user named."""
    return registry.datasets_room().read_datasets(wanted, stdin=stdin)


def baseline(
    read: DataRead,
    asked: Asked,
    settings: Settings,
    *,
    cache: str | None = None,
    clock: Callable[[], float] | None = None,
    timings: bool = False,
    progress: Callable[[str, int, int], None] | None = None,
) -> Report:
    """Climb the ladder of a data set and return the report.

    `cache` is a folder where predictions are kept, None keeps none. `clock` gives seconds: without it there are no
    fit times and no budget; `timings` adds them to the report. `progress(rung, done, total)` hears of every fold.
    """
    with np.errstate(all="ignore"):  # what overflows is infinite, and told
        setup = ladder_task.setup(read, asked, settings)
        rungs, wanted = ladder_task.rungs_wanted(asked), ladder_studies.wanted(asked, setup)
        deadline = None if asked.budget is None or clock is None else clock() + asked.budget
        means = climb.Means(
            settings=settings, store=climb.store(cache), weights=asked.weights, clock=clock,
            deadline=deadline, progress=progress,
        )  # fmt: skip
        climbed = climb.climb(setup, rungs, means)
        ladder = ladder_told.ladder(setup, climbed, settings)
        ladder = replace(ladder, model=ladder_model.given(asked, setup, ladder, settings))
        studies = ladder_studies.made(wanted, setup, ladder, climbed, means)
        ladder = replace(ladder, interrupted=ladder.interrupted or studies.interrupted)
        made = told(read, setup, ladder, settings, studies, ladder_beside.beside(setup, climbed, settings))
        return replace(made, timings=_timings(ladder)) if timings else made


def _timings(ladder: Ladder) -> dict[str, float]:
    """Return the seconds of each rung's fits, those of earlier calls too, where they were measured."""
    return {f"fit {rung.name}": rung.seconds for rung in ladder.rungs if rung.seconds is not None}


def check(ladder: Ladder, settings: Settings) -> Iterator[Finding | Skip]:
    """Yield what every rule says of the ladder, in the order of their codes."""
    for code, rule in registry.rules("baseline").items():
        run: Any = rule
        yield from run.check(ladder, **limits.given(code, settings))


def told(
    read: DataRead,
    setup: Setup,
    ladder: Ladder,
    settings: Settings,
    studies: Studies,
    beside: Mapping[str, Mapping[str, Scalar]],
) -> Report:
    """Judge a ladder and return the report, with what was varied or left out, and `beside` the rungs' other measures."""
    judged = verdict(ladder)
    said = list(check(ladder, settings))
    findings = _agreeing([item for item in said if isinstance(item, Finding)], judged)
    shown = [f for f in findings if selected(f.code, settings)]
    skips = [item for item in said if isinstance(item, Skip)]
    skips += [
        rung_skipped.skip(n, reason) for n, reason in (*ladder.skipped.items(), *studies.skipped.items())
    ]
    numbers = measures(ladder, setup, take=judged.name != "inconclusive")
    subject = Subject(
        id=read.train.id,
        source=read.train.source,
        reader=read.train.reader,
        verdict=judged.name,
        confidence=judged.confidence,
        scores={},
        findings=gravest_first(shown),
        skips=tuple(s for s in skips if selected(s.code, settings)),
        actions=tuple(actions_of(gravest_first(shown)).values()),
        measures={**{n: {**m, **beside.get(n, {})} for n, m in numbers.items()}, **studies.measures},
        why=judged.why,
        facts=tuple(_facts(read, setup, ladder)),
        exhibits=studies.exhibits,
    )
    problems = read.problems
    if ladder.interrupted:
        done = ", ".join(rung.name for rung in ladder.rungs) or "no rung"
        problems += (
            Problem(source="interrupted", message=f"{done} done and kept", hint="call again for the others"),
        )
    made = report("baseline", [subject], problems, settings, read.digest)
    return replace(made, exit_code=INTERRUPTED) if ladder.interrupted else made


def _agreeing(findings: Sequence[Finding], judged: Verdict) -> list[Finding]:
    """Bring findings into line with the verdict: only a broken model has errors, an open one says what is missing."""
    agreed = list(findings)
    if judged.name == "inconclusive":
        agreed.append(inconclusive_baseline.finding(judged.why))
    if judged.name != "broken":
        agreed = [replace(f, severity="warning") if f.severity == "error" else f for f in agreed]
    return agreed


def measures(ladder: Ladder, setup: Setup, *, take: bool = False) -> dict[str, Mapping[str, Scalar]]:
    """Return the numbers of each rung by its name, and those of the user's model as "model".

    `take` marks the simplest rung that is about as good as the best one as recommended.
    """
    simplest = standing.simplest(ladder) if take else None
    found: dict[str, Mapping[str, Scalar]] = {}
    for rung in ladder.rungs:
        found[rung.name] = _measure(rung, ladder, setup)
        if simplest is not None and rung.name == simplest.name:
            found[rung.name] = {**found[rung.name], "recommended": True}
    model = ladder.model
    if model is not None:
        found["model"] = {
            "score": model.score, "low": model.low, "high": model.high, "level": ladder.level,
            "metric": ladder.task.metric, "direction": ladder.task.direction, "source": model.source,
            "method": model.method or None,
        }  # fmt: skip
    return found


def _measure(rung: Rung, ladder: Ladder, setup: Setup) -> Mapping[str, Scalar]:
    gain = rung.gain
    told: dict[str, Scalar] = {
        "score": rung.score, "low": rung.low, "high": rung.high, "level": ladder.level,
        "metric": ladder.task.metric, "direction": ladder.task.direction,
        "n": len(np.unique(np.concatenate([fold.test for fold in setup.splits.folds]))),
        "folds": len(rung.folds), "method": rung.method or None,
    }  # fmt: skip
    if gain is not None:
        told |= {"over": gain.over, "gain": gain.value, "gain_low": gain.low, "gain_high": gain.high}
    if rung.told:
        told["told"] = rung.told
    return told


def _facts(read: DataRead, setup: Setup, ladder: Ladder) -> Iterator[str]:
    train, test = read.train, read.test
    columns = setup.task.columns
    yield f"{len(train):,} rows × {columns:,} column{'s' * (columns != 1)}"
    kind = f"{len(setup.task.labels)} classes" if setup.task.labels else "a number"
    yield f"target = {train.target} ({kind})"
    yield setup.splits.told if test is None else f"{setup.splits.told} ({test.source})"
    for role, name in (("group", train.group), ("time", train.time)):
        if name is not None:
            yield f"{role} = {name}"
    about = f" of {setup.task.labels[setup.positive]}" if setup.metric.name in ladder_task.OF_POSITIVE else ""
    yield f"judged by {ladder.task.metric}{about}: {setup.why_metric}"
    if setup.constant:
        yield f"left out, never varies: {', '.join(setup.constant[:3])}{' …' if len(setup.constant) > 3 else ''}"
    for where, names in (("train", read.train_only), ("test", read.test_only)):
        if names:
            yield f"only in {where}, left out: {', '.join(names[:3])}{' …' if len(names) > 3 else ''}"
    for part in (train, test):
        for why, count in (part.dropped if part is not None else {}).items():
            yield f"{count:,} rows of {part.source if part else ''} left out: {why}"
    for rung in ladder.rungs:
        if rung.told:
            yield f"{rung.name} {rung.told}"
