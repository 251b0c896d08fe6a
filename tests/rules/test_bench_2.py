"""Rules that compare two losses, on runs of which is known what helped, and on others' good runs (needs MLCHECK_BENCH)."""

from __future__ import annotations

import os
import runpy
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from mlcheck import registry
from mlcheck.model import Finding

if TYPE_CHECKING:
    from mlcheck.model import Run, Severity

CODES = ("DIA302", "DIA303", "DIA401", "DIA402", "DIA403", "DIA405", "DIA501", "DIA502", "DIA503", "DIA504")


def bench() -> Path:
    """Return the folder of labelled runs."""
    folder = os.environ.get("MLCHECK_BENCH")
    if not folder:
        pytest.skip("MLCHECK_BENCH does not name the folder of other people's logs")
    return Path(folder)


@cache
def runs(folder: Path) -> dict[str, Run]:
    """Read the runs of a folder, by the names of their files."""
    return {Path(r.source).stem: r for r in registry.readers_room().read_inputs([str(folder)]).runs}


@cache
def truth(folder: Path) -> dict[str, Any]:
    """Return what retraining showed of each run, by the scorer that comes with them."""
    found: dict[str, Any] = runpy.run_path(str(folder / "score.py"))["truth"](str(folder))
    return found


def fires(code: str, run: Run, severity: Severity) -> bool:
    """Whether a rule gives a finding of that severity."""
    rule = registry.rules("diagnose")[code]
    if any(getattr(run, need) is None for need in rule.NEEDS):
        return False
    return any(isinstance(f, Finding) and f.severity == severity for f in rule.check(run))


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # the scorer leaves files open
def test_of_ten_gaps_called_errors_eight_are_closed_by_a_remedy_against_overfitting() -> None:
    """Retraining with regularisation, more data or an earlier stop helped where DIA302 is an error."""
    folder = bench() / "interventions"
    logs, facts = runs(folder / "logs"), truth(folder)
    accepted = [
        "overfit" in fact["accept"] for name, fact in facts.items() if fires("DIA302", logs[name], "error")
    ]
    assert len(accepted) >= 10
    assert sum(accepted) / len(accepted) >= 0.8


def test_shuffled_labels_are_found_and_sound_runs_are_not_called_broken() -> None:
    """DIA303 speaks of most runs that were trained on shuffled labels and of no sound control."""
    logs = runs(bench() / "interventions" / "logs")
    shuffled = [r for name, r in logs.items() if name.endswith("shuffled_labels")]
    sound = [r for name, r in logs.items() if name.startswith("fault-") and name.endswith("-none")]
    found = [fires("DIA303", r, "error") or fires("DIA303", r, "warning") for r in shuffled]
    assert sum(found) >= 0.5 * len(shuffled) > 0
    assert not any(fires(code, r, "error") for r in sound for code in CODES if code != "DIA302")


@pytest.mark.parametrize("code", CODES)
def test_good_language_model_runs_have_no_error(code: str) -> None:
    """None of the logs that their authors were content with is called wrong."""
    logs = runs(bench() / "nanogpt")
    assert len(logs) >= 20
    assert [name for name, r in logs.items() if fires(code, r, "error")] == []
