"""Every rule of `metrics` is silent on good predictions and says exactly expected.txt of bad ones.

Regenerate on purpose with `python -m tests.rules.test_metrics_rules` and read the diff.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mlcheck import registry
from mlcheck.commands.scoring import score
from mlcheck.config import Settings
from mlcheck.model import Finding
from mlcheck.stats.metrics.parameters import Parameters
from tests.rules.metric_cases import BAD, GOOD, Case

RULES: dict[str, Any] = dict(registry.rules("metrics"))
EXPECTED = Path(__file__).parent / "metrics" / "expected.txt"


def findings(code: str, case: Case) -> list[Finding]:
    """Return what a rule finds in predictions, if it is for their task."""
    scored = score(case(), Settings(bootstrap=200), Parameters())
    assert scored.predictions.task in RULES[code].TASKS, "the case is of another task"
    return [f for f in RULES[code].check(scored) if isinstance(f, Finding)]


def said(code: str) -> str:
    """Return the findings of a rule on its bad predictions, a line each."""
    lines = [f for case in BAD[code] for f in findings(code, case)]
    return "".join(
        f"{f.severity} {f.code} {f.name}: {f.message} [{', '.join(a.name for a in f.actions)}]\n"
        for f in lines
    )


@pytest.mark.parametrize("code", RULES)
def test_a_rule_is_silent_on_good_predictions(code: str) -> None:
    """Each good case yields no finding."""
    for case in GOOD[code]:
        assert findings(code, case) == []


@pytest.mark.parametrize("code", RULES)
def test_a_rule_speaks_on_each_bad_case(code: str) -> None:
    """Each bad case yields a finding, worded as expected."""
    assert all(findings(code, case) for case in BAD[code])
    expected = EXPECTED.read_text(encoding="utf-8").splitlines(keepends=True)
    assert said(code) == "".join(line for line in expected if f" {code} " in line)


@pytest.mark.parametrize("code", RULES)
def test_a_rule_documents_itself(code: str) -> None:
    """The docstring has the sections that `mlcheck explain` prints."""
    text = RULES[code].__doc__
    for section in ("What it finds", "Why it matters", "Example", "What to do", "False alarms", "References"):
        assert f"\n{section}\n    " in text


if __name__ == "__main__":
    EXPECTED.write_text("".join(said(code) for code in RULES), encoding="utf-8")
