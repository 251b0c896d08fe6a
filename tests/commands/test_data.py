"""`mlcheck data`: verdicts, measures and named rows, from what checks say of data made on purpose."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from mlcheck import registry
from mlcheck.commands import data as core
from mlcheck.config import Settings
from mlcheck.model import Finding, Skip
from mlcheck.model.dataset import Column, DataRead, Dataset, Measured

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlcheck.model import Report, Severity


def rows(count: int) -> DataRead:
    """Return a data set of one column of numbers."""
    column = Column(name="x", kind="number", numbers=np.arange(count, dtype=np.float64))
    return DataRead(train=Dataset(id="a", source="a.csv", reader="csv", columns=(column,)), digest="0")


def rule(code: str, severity: Severity | None, *, skipped: bool = False) -> Any:
    """Return a rule that finds something of a severity, nothing (None), or cannot run."""

    def check(_read: DataRead) -> Iterator[Finding | Skip | Measured]:
        if skipped:
            yield Skip(code=code, reason="no test set")
            return
        if severity is not None:
            yield Finding(
                code=code,
                name=f"name-{code}",
                severity=severity,
                message=f"{code} is {severity}",
                evidence={},
            )
        yield Measured(
            numbers={"share": 0.25},
            rows=np.array([3, 1]),
            test_rows=np.array([0]),
            score=np.array([2.0, 1.0]),
        )

    return SimpleNamespace(CODE=code, NAME=f"name-{code}", SEVERITY=severity or "note", check=check)


def reported(
    monkeypatch: pytest.MonkeyPatch, *rules: Any, count: int = 100, settings: Settings | None = None
) -> tuple[Report, tuple[core.Check, ...]]:
    """Return the report and the checks, with these rules only."""
    monkeypatch.setattr(registry, "rules", lambda _command: {r.CODE: r for r in rules})
    chosen = settings or Settings()
    checks = core.checked(rows(count), chosen)
    return core.told(rows(count), checks, chosen), checks


@pytest.mark.parametrize(
    ("severity", "verdict", "exit_code"),
    [("error", "broken", 1), ("warning", "inconclusive", 0), ("note", "clean", 0), (None, "clean", 0)],
)
def test_the_verdict_follows_the_worst_finding(
    monkeypatch: pytest.MonkeyPatch, severity: Severity | None, verdict: str, exit_code: int
) -> None:
    """An error breaks the data, a warning leaves it open, a note does not count."""
    report, _ = reported(monkeypatch, rule("DBG101", severity), rule("DBG102", None))
    (subject,) = report.subjects
    assert (report.verdict, report.exit_code) == (verdict, exit_code)
    assert ("DBG001" in {f.code for f in subject.findings}) == (verdict == "inconclusive")


def test_nothing_checked_is_never_clean(monkeypatch: pytest.MonkeyPatch) -> None:
    """It says what would let the checks run."""
    report, _ = reported(monkeypatch, rule("DBG101", None, skipped=True))
    assert report.verdict == "inconclusive"
    assert "--test" in report.subjects[0].why
    assert [s.reason for s in report.subjects[0].skips] == ["no test set"]


def test_few_rows_are_never_clean(monkeypatch: pytest.MonkeyPatch) -> None:
    """No check could have seen anything."""
    report, _ = reported(monkeypatch, rule("DBG101", None), count=core.FEWEST_ROWS - 1)
    assert report.verdict == "inconclusive"


def test_every_check_that_ran_has_its_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Under its name, with how many findings it made."""
    report, _ = reported(
        monkeypatch, rule("DBG101", "error"), rule("DBG102", None), rule("DBG103", None, skipped=True)
    )
    assert report.subjects[0].measures == {
        "name-DBG101": {"findings": 1, "share": 0.25},
        "name-DBG102": {"findings": 0, "share": 0.25},
    }


def test_only_findings_name_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Worst first, train before test."""
    _, checks = reported(monkeypatch, rule("DBG101", "error"), rule("DBG102", None))
    named = [(r.code, r.part, r.row, r.score) for r in core.named_rows(checks)]
    assert named == [
        ("DBG101", "train", 3, 2.0),
        ("DBG101", "train", 1, 1.0),
        ("DBG101", "test", 0, None),
    ]


def test_a_check_that_is_ignored_does_not_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor does it count."""
    report, checks = reported(
        monkeypatch, rule("DBG101", "error"), rule("DBG202", None), settings=Settings(ignore=("DBG1",))
    )
    assert report.verdict == "clean"
    assert [c.code for c in checks] == ["DBG202"]


def test_few_checks_that_ran_are_never_clean(monkeypatch: pytest.MonkeyPatch) -> None:
    """Less than half of them: it says what to name."""
    skipped = [rule(f"DBG20{i}", None, skipped=True) for i in range(3)]
    report, _ = reported(monkeypatch, rule("DBG101", None), *skipped)
    assert report.verdict == "inconclusive"
    assert "only 1 of 4 checks could run" in report.subjects[0].why


def test_warnings_ask_for_nothing_but_what_they_say(monkeypatch: pytest.MonkeyPatch) -> None:
    """The note of an open verdict adds no step of its own."""
    report, _ = reported(monkeypatch, rule("DBG101", "warning"))
    assert report.subjects[0].actions == ()


def test_an_interruption_keeps_what_was_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    """The checks that did not run are skips with that reason, and the verdict is not clean."""
    report, checks = reported(monkeypatch, rule("DBG101", None), rule("DBG102", None))
    kept = core.interrupted(checks[:1], Settings())
    assert [(c.code, [s.reason for s in c.skips]) for c in kept] == [
        ("DBG101", []),
        ("DBG102", [core.INTERRUPTED]),
    ]
    stopped = core.told(rows(100), kept, Settings())
    assert (report.verdict, stopped.verdict) == ("clean", "inconclusive")
    assert stopped.subjects[0].why == "interrupted after 1 of 2 checks"


def test_each_check_is_announced_before_it_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """By its name, with how many have run and how many there are."""
    monkeypatch.setattr(registry, "rules", lambda _command: {c: rule(c, None) for c in ("DBG101", "DBG102")})
    heard: list[tuple[str, int, int]] = []
    list(core.checking(rows(50), Settings(), lambda *told: heard.append(told)))
    assert heard == [("name-DBG101", 0, 2), ("name-DBG102", 1, 2)]
