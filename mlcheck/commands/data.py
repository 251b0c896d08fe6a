"""`mlcheck data`: from a data set and its test set to a report. Pure: no clock, no environment, nothing printed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from mlcheck import registry
from mlcheck.commands import inconclusive_data, limits
from mlcheck.commands.report import actions_of, gravest_first, report, selected
from mlcheck.model import SEVERITIES, Finding, Skip, Subject, Table
from mlcheck.model.dataset import Measured

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from mlcheck.config import Settings
    from mlcheck.model import Report, Scalar
    from mlcheck.model.dataset import DataRead, Dataset, DataWanted

FEWEST_ROWS = 20
"""Rows below which nothing is called clean: no check could have seen anything."""
INTERRUPTED = "interrupted before it ran"
LOOK = "only you can tell whether what the warnings name is meant"


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


def checked(read: DataRead, settings: Settings) -> tuple[Check, ...]:
    """Return what every chosen rule says, in the order of their codes."""
    return tuple(checking(read, settings))


def checking(
    read: DataRead, settings: Settings, progress: Callable[[str, int, int], None] | None = None
) -> Iterator[Check]:
    """Yield what every chosen rule says; `progress` hears the name of each before it runs, how many ran, and of how many."""
    chosen = {code: rule for code, rule in registry.rules("data").items() if selected(code, settings)}
    for done, (code, rule) in enumerate(chosen.items()):
        if progress is not None:
            progress(rule.NAME, done, len(chosen))
        run: Any = rule
        with np.errstate(all="ignore"):  # what overflows is infinite, and told
            said = list(run.check(read, **_limits(code, rule, settings)))
        yield Check(
            code=code,
            name=rule.NAME,
            findings=tuple(x for x in said if isinstance(x, Finding)),
            skips=tuple(x for x in said if isinstance(x, Skip)),
            measured=next((x for x in said if isinstance(x, Measured)), None),
        )


def interrupted(checks: Sequence[Check], settings: Settings) -> tuple[Check, ...]:
    """Return the checks that ran with those that an interruption kept from it, as skips."""
    ran = {check.code for check in checks}
    left = (c for c in registry.rules("data").items() if c[0] not in ran and selected(c[0], settings))
    skips = ((code, rule.NAME, Skip(code=code, reason=INTERRUPTED)) for code, rule in left)
    return (*checks, *(Check(code=code, name=name, skips=(skip,)) for code, name, skip in skips))


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
        findings = [*findings, inconclusive_data.finding(why, act=why != LOOK)]
    subject = Subject(
        id=read.train.id,
        source=read.train.source,
        reader=read.train.reader,
        verdict=verdict,
        confidence=None,
        scores={},
        findings=gravest_first(findings),
        skips=tuple(s for c in checks for s in c.skips),
        actions=tuple(actions_of(gravest_first(findings)).values()),
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
    worst = max(findings, key=lambda f: SEVERITIES.index(f.severity), default=None)
    ran = [c for c in checks if c.measured is not None]
    if worst is not None and worst.severity == "error":
        return "broken", worst.message
    if any(skip.reason == INTERRUPTED for c in checks for skip in c.skips):
        return "inconclusive", f"interrupted after {len(ran)} of {len(checks)} checks"
    if worst is not None and worst.severity == "warning":
        return "inconclusive", LOOK
    if len(read.train) < FEWEST_ROWS:
        few = "1 row is" if len(read.train) == 1 else f"{len(read.train)} rows are"
        return "inconclusive", f"{few} too few for any check to see something: give at least {FEWEST_ROWS}"
    if 2 * len(ran) < len(checks) or not ran:
        count = f"only {len(ran)}" if ran else "none"
        return "inconclusive", f"{count} of {len(checks)} checks could run{_to_name(read)}"
    found = "nothing" if worst is None else "nothing that has to change"
    return "clean", f"{len(ran)} of {len(checks)} checks ran and found {found}"


def _to_name(read: DataRead) -> str:
    """Say what the user could name so that more checks run."""
    missing = [("the target with --target", read.train.target), ("the test set with --test", read.test)]
    told = [text for text, given in missing if given is None]
    return f": name {' and '.join(told)}" if told else ""


def _facts(read: DataRead) -> Iterator[str]:
    train, test = read.train, read.test
    yield f"{len(train):,} rows × {len(train.columns):,} columns"
    if test is not None:
        yield f"test: {test.source}, {len(test):,} rows"
    yield _kinds(train)
    for role, name in (("target", train.target), ("group", train.group), ("time", train.time)):
        if name is not None:
            yield f"{role} = {name}" + (f" ({train.goal})" if role == "target" else "")
    for where, names in (("train", read.train_only), ("test", read.test_only)):
        if names:
            yield f"only in {where}: {', '.join(names[:3])}{' …' if len(names) > 3 else ''}"
    for part in (train, test):
        for why, count in (part.dropped if part is not None else {}).items():
            yield f"{count:,} rows of {part.source if part else ''} {why}"


def _kinds(data: Dataset) -> str:
    counts: dict[str, int] = {}
    for column in data.features:
        if column.pixels is not None:
            height, width = column.pixels.shape[1:3]
            counts[f"images of {width} × {height}"] = 0
        else:
            counts[column.kind] = counts.get(column.kind, 0) + 1
    return ", ".join(_counted(kind, count) for kind, count in counts.items())


def _counted(kind: str, count: int) -> str:
    if not count:
        return kind
    return (
        f"{count} {kind}"
        if count == 1
        else f"{count} {kind.removesuffix('y')}{'ies' if kind.endswith('y') else 's'}"
    )


def _table(checks: Sequence[Check]) -> Table:
    """Return what each check found and every number that it measured, one a line."""
    rows: list[tuple[Scalar, ...]] = []
    for c in checks:
        worst = max((f.severity for f in c.findings), key=SEVERITIES.index, default="nothing")
        head: tuple[Scalar, ...] = (c.code, c.name, worst if c.measured is not None else "not checked")
        numbers = {} if c.measured is None else c.measured.numbers
        told = {name.replace("_", " "): value for name, value in numbers.items() if value is not None}
        for name, value in told.items() or (("", None),):
            rows.append((*head, name, value))
            head = ("", "", "")
    columns = ("code", "check", "found", "measured", "value")
    return Table(title="checks", columns=columns, rows=tuple(rows), detail=True)


def with_rows_told(report: Report, count: int, path: str) -> Report:
    """Return the report with the fact that the named rows were written to a file."""
    (subject,) = report.subjects
    fact = f"{count:,} named rows written to {path}"
    return replace(report, subjects=(replace(subject, facts=(*subject.facts, fact)),))
