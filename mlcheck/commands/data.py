"""`mlcheck data`: from a data set and its test set to a report. Pure: no clock, no environment, nothing printed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from mlcheck import registry
from mlcheck.commands import inconclusive_data, limits
from mlcheck.commands.report import report, selected
from mlcheck.model import SEVERITIES, Finding, Skip, Subject, Table
from mlcheck.model.dataset import Measured

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from mlcheck.config import Settings
    from mlcheck.model import Action, Report, Scalar
    from mlcheck.model.dataset import DataRead, Dataset, DataWanted

FEWEST_ROWS = 20
"""Rows below which nothing is called clean: no check could have seen anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What one rule said of the data."""

    code: str
    name: str
    findings: tuple[Finding, ...] = ()
    skips: tuple[Skip, ...] = ()
    measured: Measured | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedRow:
    """A row that a check names: `part` is train or test, `row` its zero-based position, `score` larger for worse."""

    code: str
    name: str
    part: str
    row: int
    score: float | None


def read(wanted: DataWanted, *, stdin: Callable[[], bytes] | None = None) -> DataRead:
    """Read the data that the user named."""
    return registry.datasets_room().read_datasets(wanted, stdin=stdin)


def data(read: DataRead, settings: Settings) -> Report:
    """Judge a data set and return the report."""
    return told(read, checked(read, settings), settings)


def checked(
    read: DataRead, settings: Settings, progress: Callable[[str], None] | None = None
) -> tuple[Check, ...]:
    """Return what every chosen rule says, in the order of their codes; `progress` hears the name of each before it runs."""
    found = []
    for code, rule in registry.rules("data").items():
        if not selected(code, settings):
            continue
        if progress is not None:
            progress(rule.NAME)
        run: Any = rule
        with np.errstate(all="ignore"):  # what overflows is infinite, and told
            said = list(run.check(read, **_limits(code, rule, settings)))
        found.append(
            Check(
                code=code,
                name=rule.NAME,
                findings=tuple(x for x in said if isinstance(x, Finding)),
                skips=tuple(x for x in said if isinstance(x, Skip)),
                measured=next((x for x in said if isinstance(x, Measured)), None),
            )
        )
    return tuple(found)


def _limits(code: str, rule: object, settings: Settings) -> dict[str, float | int | bool | str]:
    """Return the limits that are set for a rule; those that it shares with another rule are set there, too."""
    shared: Mapping[str, str] = getattr(rule, "SHARED", {})
    others = {name: limits.given(other, settings) for name, other in shared.items()}
    return {name: set_[name] for name, set_ in others.items() if name in set_} | limits.given(code, settings)


def told(read: DataRead, checks: Sequence[Check], settings: Settings) -> Report:
    """Put together what the checks said."""
    findings = [f for c in checks for f in c.findings]
    verdict, why = _verdict(read, checks, findings)
    if verdict == "inconclusive":
        findings = [*findings, inconclusive_data.finding(why)]
    subject = Subject(
        id=read.train.id,
        source=read.train.source,
        reader=read.train.reader,
        verdict=verdict,
        confidence=None,
        scores={},
        findings=tuple(sorted(findings, key=lambda f: (-SEVERITIES.index(f.severity), f.code))),
        skips=tuple(s for c in checks for s in c.skips),
        actions=_actions(findings),
        measures={c.name: {"findings": len(c.findings), **c.measured.numbers} for c in checks if c.measured},
        why=why,
        facts=tuple(_facts(read)),
        exhibits=(_table(checks),),
    )
    return report("data", [subject], read.problems, settings, read.digest)


def named_rows(checks: Sequence[Check]) -> Iterator[NamedRow]:
    """Yield every row that a finding names, the worst of each check first."""
    for check in checks:
        if check.measured is None or not check.findings:
            continue
        score = check.measured.score
        for i, row in enumerate(check.measured.rows):
            yield NamedRow(
                code=check.code,
                name=check.name,
                part="train",
                row=int(row),
                score=None if score is None else float(score[i]),
            )
        for row in check.measured.test_rows:
            yield NamedRow(code=check.code, name=check.name, part="test", row=int(row), score=None)


def _verdict(read: DataRead, checks: Sequence[Check], findings: Sequence[Finding]) -> tuple[str, str]:
    """Return broken (something must change), clean (nothing to look at) or inconclusive, and the reason."""
    worst = sorted(findings, key=lambda f: -SEVERITIES.index(f.severity))
    ran = [c for c in checks if c.measured is not None]
    if worst and worst[0].severity == "error":
        return "broken", worst[0].message
    if worst and worst[0].severity == "warning":
        return "inconclusive", f"only you can tell whether this is meant: {worst[0].message}"
    if not ran:
        return (
            "inconclusive",
            "no check could run: name the target with --target and the test set with --test",
        )
    if len(read.train) < FEWEST_ROWS:
        return (
            "inconclusive",
            f"{len(read.train)} rows are too few for any check to see something: give at least {FEWEST_ROWS}",
        )
    return "clean", f"{len(ran)} checks found nothing to look at"


def _actions(findings: Sequence[Finding]) -> tuple[Action, ...]:
    found: dict[str, Action] = {}
    for finding in sorted(findings, key=lambda f: (-SEVERITIES.index(f.severity), f.code)):
        for action in finding.actions:
            found.setdefault(action.name, action)
    return tuple(found.values())


def _facts(read: DataRead) -> Iterator[str]:
    train, test = read.train, read.test
    yield f"{len(train):,} rows × {len(train.columns):,} columns"
    if test is not None:
        yield f"test: {test.source}, {len(test):,} rows"
    yield _kinds(train)
    if train.target is not None:
        yield f"target = {train.target} ({train.goal})"
    for role, name in (("group", train.group), ("time", train.time)):
        if name is not None:
            yield f"{role} = {name}"
    for where, names in (("train", read.train_only), ("test", read.test_only)):
        if names:
            yield f"only in {where}: {', '.join(names[:3])}{' …' if len(names) > 3 else ''}"
    for part in (train, test):
        for why, count in (part.dropped if part is not None else {}).items():
            yield f"{count:,} rows of {part.source if part else ''} left out: {why}"


def _kinds(data: Dataset) -> str:
    counts: dict[str, int] = {}
    for column in data.features:
        counts[column.kind] = counts.get(column.kind, 0) + 1
    return ", ".join(f"{count} {kind}" for kind, count in counts.items())


def _table(checks: Sequence[Check]) -> Table:
    """Return one line for each check: what it found and the numbers it rests on."""
    rows: list[tuple[Scalar, ...]] = []
    for c in checks:
        if c.measured is None:
            rows.append((c.code, c.name, "not checked", "; ".join(s.reason for s in c.skips)))
            continue
        worst = max((f.severity for f in c.findings), key=SEVERITIES.index, default=None)
        rows.append((c.code, c.name, worst or "nothing", _numbers(c.measured.numbers)))
    return Table(
        title="checks", columns=("code", "check", "found", "measured"), rows=tuple(rows), detail=True
    )


def _numbers(numbers: Mapping[str, Scalar]) -> str:
    return ", ".join(
        f"{name.replace('_', ' ')} {value:.4g}"
        if isinstance(value, float)
        else f"{name.replace('_', ' ')} {value}"
        for name, value in numbers.items()
        if value is not None
    )


def with_rows_told(report: Report, count: int, path: str) -> Report:
    """Return the report with the fact that the named rows were written to a file."""
    (subject,) = report.subjects
    fact = f"{count:,} named rows written to {path}"
    return replace(report, subjects=(replace(subject, facts=(*subject.facts, fact)),))
