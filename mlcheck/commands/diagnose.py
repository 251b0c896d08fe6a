"""`mlcheck diagnose`: from the runs that were read to a report. Pure: no clock, no environment, nothing printed."""

from __future__ import annotations

from dataclasses import replace
from functools import cache, partial
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from mlcheck import registry
from mlcheck.commands import inconclusive
from mlcheck.commands import verdict as verdicts
from mlcheck.commands.limits import limits_of
from mlcheck.commands.remedies import actions
from mlcheck.commands.report import INTERRUPTED, report, selected
from mlcheck.engines import parallel
from mlcheck.model import (
    SEVERITIES,
    Curve,
    Finding,
    Floats,
    Picture,
    Problem,
    Reading,
    Report,
    Run,
    Scalar,
    Series,
    Skip,
    Split,
    Subject,
)  # fmt: skip
from mlcheck.stats.objective import Objective, course_of_return, objective, returns
from mlcheck.stats.shape import shape

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator, Mapping, Sequence

    from mlcheck.config import Settings
    from mlcheck.model.reference import Reference
    from mlcheck.registry import Rule

Item = TypeVar("Item")
Result = TypeVar("Result")

FIT: tuple[Objective, ...] = ("fit",)
"""What a rule that names no objective is for."""
MOST_DRAWN = 400
SECONDS_A_RUN, SECONDS_A_POINT = 2e-3, 1e-6
"""What one core needs to judge a run, and for each of its points: a rough guess that only decides on processes."""
NEED_NAMES: Mapping[str, tuple[str, Callable[[Run], Series | None]]] = {
    "train_loss": ("training loss", lambda run: run.train_loss),
    "val_loss": ("validation loss", lambda run: run.val_loss),
    "lr": ("learning rate", lambda run: run.lr),
    "grad_norm": ("gradient norm", lambda run: run.grad_norm),
    "val_metric": ("validation metric", lambda run: run.metric("validation") or run.metric("test")),
    "train_metric": ("training metric", lambda run: run.metric("train")),
    "return": ("return of reinforcement learning", returns),
}
MEANINGS: Mapping[Objective, str] = {
    "fit": "these losses measure the fit",
    "return": "the losses of reinforcement learning do not measure the fit",
    "adversarial": "adversarial losses do not measure the fit",
}


def read(
    inputs: Sequence[str],
    settings: Settings,
    *,
    stdin: Callable[[], bytes] | None = None,
    hparams: str | None = None,
    baseline: str | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Reading:
    """Read the runs in files, folders and globs, many of them in several processes.

    `baseline` is a report of `mlcheck baseline` on the data of the runs.
    """

    def over(
        function: Callable[[Item], Result], items: Sequence[Item], *, seconds: float
    ) -> Iterator[Result]:
        """Map over files, by readers that are imported here once, and not in every process."""
        registry.readers()
        whole = seconds + SECONDS_A_RUN * len(items)
        return parallel.fan_out(function, items, seconds=whole, jobs=settings.jobs)

    reference = None if baseline is None else registry.reference_room().read_reference(baseline)
    reading = registry.readers_room().read_inputs(
        inputs, columns=settings.columns, stdin=stdin, progress=progress, hparams=hparams, over=over
    )
    return reading if reference is None else compared_with(reading, reference)


def compared_with(reading: Reading, reference: Reference) -> Reading:
    """Return the runs with what simple models reached on their data, which the digest then depends on."""
    import hashlib

    told = f"{reading.digest} {sorted((name, sorted(levels.items())) for name, levels in reference.rungs.items())}"
    return replace(
        reading,
        runs=tuple(replace(run, reference=reference) for run in reading.runs),
        digest=hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:12],
    )


def diagnose(
    reading: Reading, settings: Settings, progress: Callable[[int, int], None] | None = None
) -> Report:
    """Judge every run of a reading by all rules and return the report; `progress(done, total)` is called after each.

    Many runs are judged in several processes. Interrupted (KeyboardInterrupt), it reports on the runs judged so far.
    """
    subjects: list[Subject] = []
    problems = reading.problems
    interrupted = reading.interrupted
    runs = reading.runs
    registry.rules("diagnose")  # imported once, and not in every process
    try:
        for subject in parallel.fan_out(
            partial(judge, settings=settings), runs, seconds=_seconds(runs), jobs=settings.jobs
        ):
            subjects.append(subject)
            if progress:
                progress(len(subjects), len(runs))
    except KeyboardInterrupt:
        interrupted = True
        told = f"{len(subjects)} of {len(runs)} runs were judged"
        problems += (Problem(source="interrupted", message=told, hint="call again for the others"),)
    made = report("diagnose", subjects, problems, settings, reading.digest, reading.passed_over)
    return replace(made, exit_code=INTERRUPTED) if interrupted else made


def _seconds(runs: Sequence[Run]) -> float:
    """Estimate how long one core judges the runs."""
    return sum(SECONDS_A_RUN + SECONDS_A_POINT * sum(len(s) for s in run.series) for run in runs)


def judge(run: Run, settings: Settings) -> Subject:
    """Judge one run: rules, verdict, severities in line with it, actions, measures, a picture."""
    with np.errstate(
        all="ignore"
    ):  # a log may hold the largest numbers there are: what overflows is infinite
        return _judged(run, settings)


def _judged(run: Run, settings: Settings) -> Subject:
    said = list(check(run, settings))
    findings = [item for item in said if isinstance(item, Finding)]
    cause_of = verdicts.causes_in(run, causes())
    judged = verdicts.judge(run, findings, cause_of)
    agreed = verdicts.agreeing(findings, judged.name, cause_of)
    if judged.missing:
        agreed += (inconclusive.finding(judged.missing, judged.scores),)
    shown = tuple(f for f in agreed if selected(f.code, settings))
    return Subject(
        id=run.id,
        source=run.source,
        reader=run.reader,
        verdict=judged.name,
        confidence=judged.confidence,
        scores=judged.scores,
        findings=tuple(
            sorted(
                shown,
                key=lambda f: (-SEVERITIES.index(f.severity), cause_of.get(f.code) != judged.name, f.code),
            )
        ),
        skips=tuple(item for item in said if isinstance(item, Skip) and selected(item.code, settings)),
        actions=actions(judged, agreed, cause_of, measured=objective(run) == "fit"),
        measures=_measures(run),
        why=_why(judged, agreed, cause_of),
        span=_span(run),
        config=run.config,
        picture=_picture(run),
        unread=tuple(_unread(run)),
    )


def check(run: Run, settings: Settings) -> Iterator[Finding | Skip]:
    """Yield what every rule says of a run, in the order of their codes, before any verdict."""
    logged = {need for need, (_, series) in NEED_NAMES.items() if series(run)}
    meaning = objective(run)
    for rule in registry.rules("diagnose").values():
        yield from _apply(rule, run, settings, logged, meaning)


@cache
def causes() -> Mapping[str, str | None]:
    """Return the cause that each rule is evidence for, by code."""
    return {code: rule.CAUSE for code, rule in registry.rules("diagnose").items()}


def _apply(
    rule: Rule, run: Run, settings: Settings, logged: Container[str], meaning: Objective
) -> Iterator[Finding | Skip]:
    """Run one rule with its limits, or say what the log lacks for it (`logged` names what it has), or that its losses mean
    something else.
    """  # noqa: D205  (one sentence)
    if meaning not in getattr(rule, "OBJECTIVES", FIT) and (meaning != "fit" or not rule.NEEDS):
        yield Skip(code=rule.CODE, reason=MEANINGS[meaning])
        return
    lacking = [NEED_NAMES[need][0] for need in rule.NEEDS if need not in logged]
    if lacking:
        yield Skip(code=rule.CODE, reason=f"no {' and no '.join(lacking)} in this log")
        return
    given = {name: getattr(settings, name) for name in _shared_limits(rule.CODE)}
    check: Any = rule.check
    yield from check(run, **{**given, **settings.limits.get(rule.CODE, {})})


@cache
def _shared_limits(code: str) -> tuple[str, ...]:
    """Return the limits of a rule that are options of the command."""
    return tuple(
        n for n in ("classes", "val_size", "target_loss", "level") if n in limits_of("diagnose", code)
    )


def _why(judged: verdicts.Verdict, findings: Sequence[Finding], cause_of: Mapping[str, str | None]) -> str:
    """Return the reason in one sentence: what is missing, or the gravest finding of the verdict's cause."""
    if judged.missing:
        return judged.missing
    mine = [f for f in findings if cause_of.get(f.code) == judged.name]
    top = max(mine, key=lambda f: SEVERITIES.index(f.severity), default=None)
    return top.message if top else ""


def _measures(run: Run) -> dict[str, Mapping[str, Scalar]]:
    """Return the numbers of the series with a role, by role name; of several with one role the primary."""
    found: dict[str, Mapping[str, Scalar]] = {}
    for series in run.series:
        name = series.role.name
        if series.role.quantity not in ("other", "step", "epoch", "time") and name not in found:
            found[name] = _numbers(series)
    return found


def _numbers(series: Series) -> Mapping[str, Scalar]:
    value = series.value
    best = None
    if series.role.quantity in ("loss", "metric") and len(good := np.isfinite(value).nonzero()[0]):
        found = value[good]
        best = int(good[found.argmax() if series.role.better == "higher" else found.argmin()])
    return {
        "first": float(value[0]) if len(value) else None,
        "last": float(value[-1]) if len(value) else None,
        "best": None if best is None else float(value[best]),
        "best_step": None if best is None else float(series.step[best]),
        "points": len(value),
        "column": series.name,
    }


def _unread(run: Run) -> Iterator[str]:
    """Yield what of the log could not be read, with its line where that is known."""
    for event in run.events:
        if event.kind == "invalid":
            yield event.message + ("" if event.at is None else f" (line {event.at:g})")


def _span(run: Run) -> tuple[str, float, float] | None:
    losses = [s for s in (run.train_loss, run.val_loss) if s is not None and len(s)]
    losses = losses or [s for s in (returns(run),) if s is not None and len(s)]
    if not losses:
        return None
    epochs = [e for s in losses if (e := _epochs(s)) is not None]
    if len(epochs) == len(losses):
        return "epochs", float(min(e[0] for e in epochs)), float(max(e[-1] for e in epochs))
    longest = max(losses, key=len)
    return "steps", float(longest.step[0]), float(longest.step[-1])


def _epochs(series: Series) -> Floats | None:
    """Return the epochs of a series that counts them (and counts on), else None."""
    epochs = series.step if series.step_unit == "epoch" else series.epoch
    return epochs if epochs is not None and np.isfinite(epochs).all() and epochs[-1] > epochs[0] else None


def _picture(run: Run) -> Picture | None:
    """Return the two losses (of an agent its return), thinned, with the best point of what it is judged by marked."""
    rewarded = returns(run) if objective(run) == "return" else None
    judged = rewarded or run.val_loss
    drawn = [rewarded] if rewarded else [run.train_loss, run.val_loss]
    series = [s for s in drawn if s is not None and len(s) > 1]
    if not series:
        return None
    in_epochs = all(_epochs(s) is not None for s in series)
    curves = tuple(_thinned(s, _epochs(s) if in_epochs else s.step) for s in series)
    course = course_of_return(run) if rewarded else shape(judged) if judged is not None else None
    best_x = None
    if course is not None and course.n > 1 and judged is not None:
        at = int(np.searchsorted(judged.step, course.best_step))
        counts = _epochs(judged) if in_epochs else judged.step
        best_x = float(counts[at]) if counts is not None else None
    return Picture(
        curves=curves,
        unit="epoch" if in_epochs else "step",
        best_x=best_x,
        best_y=None if best_x is None or course is None else -course.best if rewarded else course.best,
    )


def _thinned(series: Series, x: Any) -> Curve:
    """Keep every k-th point, and the last, so that at most MOST_DRAWN remain."""
    last = len(series) - 1
    keep: Any = slice(None)
    if len(series) > MOST_DRAWN:
        keep = np.append(np.arange(0, last, -(-len(series) // MOST_DRAWN)), last)
    rewarded = series.role.measure == "return"
    split: Split = "train" if series.role.split == "train" or rewarded else "validation"
    label = "return" if rewarded else split
    return Curve(label=label, split=split, x=x[keep], y=series.value[keep])


def with_timings(made: Report, timings: Mapping[str, float]) -> Report:
    """Return the report with seconds by stage, which make its JSON differ from call to call."""
    return replace(made, timings=timings)
