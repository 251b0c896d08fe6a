"""Every rule has good runs on which it stays silent and bad runs on which it prints exactly expected.txt.

Regenerate on purpose with `python -m tests.rules.regenerate DIA301` and read the diff.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from mlcheck import registry
from mlcheck.model import Finding, Run

CASES = Path(__file__).parent / "diagnose"
RULES = registry.rules("diagnose")


def read(path: Path) -> Run:
    """Read the one run in a case's log, with the columns by their names, and the baseline report beside it, if any."""
    (run,) = registry.readers_room().read_inputs([str(path)]).runs
    report = path.with_name("reference.json")
    return (
        replace(run, reference=registry.reference_room().read_reference(str(report)))
        if report.exists()
        else run
    )


def printed(code: str, path: Path) -> str:
    """Return what the rule says of the log, a line a finding or skip."""
    found = list(RULES[code].check(read(path)))
    return "".join(f"{path.name}: {_line(item)}\n" for item in found)


def _line(item: object) -> str:
    if isinstance(item, Finding):
        actions = ", ".join(a.name for a in item.actions)
        return f"{item.severity} {item.code} {item.name}: {item.message} [{actions}]"
    return f"skip {item}"


def logs(code: str, kind: str) -> list[Path]:
    """Return the logs of a rule that are `good` or `bad`, in order."""
    return sorted(p for p in (CASES / code).glob(f"{kind}*") if p.suffix != ".md")


@pytest.mark.parametrize("code", RULES)
def test_a_rule_is_silent_on_its_good_runs(code: str) -> None:
    """Each good run, one per known false alarm, yields no finding."""
    good = logs(code, "good")
    assert good, f"{code} has no good run in {CASES / code}"
    for path in good:
        assert [f for f in RULES[code].check(read(path)) if isinstance(f, Finding)] == [], path.name


@pytest.mark.parametrize("code", RULES)
def test_a_rule_says_exactly_what_is_expected_of_its_bad_runs(code: str) -> None:
    """Each bad run yields a finding, worded as in expected.txt."""
    bad = logs(code, "bad")
    assert bad, f"{code} has no bad run in {CASES / code}"
    said = [printed(code, path) for path in bad]
    assert all(said)
    assert "".join(said) == (CASES / code / "expected.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("code", RULES)
def test_a_rule_documents_itself(code: str) -> None:
    """The docstring says what is found, why it matters, shows an example, and what to do."""
    rule = RULES[code]
    text = rule.__doc__ or ""
    for part in ("What it finds", "Why it matters", "Example", "What to do", "False alarms", "References"):
        assert f"\n{part}\n" in text, part
    assert code == rule.CODE
    assert rule.SEVERITY in ("note", "warning", "error")
    assert rule.CAUSE in (None, "optimization", "underfit", "overfit")
