"""The Python interface gives the same values as the command line."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import mlcheck as package
from mlcheck import MlcheckError, MlcheckWarning

if TYPE_CHECKING:
    from tests.conftest import Mlcheck


def test_reading_gives_runs_and_diagnosing_a_report(logs: Path) -> None:
    """`read` then `diagnose`: one subject per run, in order."""
    runs = package.read(logs)
    report = package.diagnose(runs)
    assert [run.id for run in runs] == ["runs/good", "runs/nan", "runs/over"]
    assert {s.id: s.verdict for s in report.subjects} == {
        "runs/good": "healthy",
        "runs/nan": "optimization",
        "runs/over": "overfit",
    }


def test_the_report_is_that_of_the_command_line(logs: Path, mlcheck: Mlcheck) -> None:
    """Same verdicts, same scores, same signature."""
    report = package.diagnose(package.read(logs))
    document = json.loads(mlcheck("diagnose", logs, "--format", "json").stdout)
    assert document["signature"] == report.signature
    assert [s["scores"] for s in document["subjects"]] == [dict(s.scores) for s in report.subjects]


def test_one_run_may_be_given_alone(logs: Path) -> None:
    """A run is as good as a list of one."""
    (run,) = package.read(logs / "over.csv")
    assert package.diagnose(run).verdict == "overfit"


def test_nothing_readable_raises(tmp_path: Path) -> None:
    """A missing path is an error that says so."""
    with pytest.raises(MlcheckError, match=r"expected a file or folder, found none"):
        package.read(tmp_path / "missing")
    with pytest.raises(MlcheckError, match="expected at least one path"):
        package.read()


def test_what_could_not_be_read_beside_others_is_a_warning(logs: Path) -> None:
    """One bad input never hides the others, nor is it passed over in silence."""
    with pytest.warns(MlcheckWarning, match="missing"):
        runs = package.read(logs, "missing")
    assert len(runs) == 3


def test_values_cannot_be_changed(logs: Path) -> None:
    """Runs and reports are frozen."""
    (run,) = package.read(logs / "over.csv")
    with pytest.raises(AttributeError):
        run.id = "other"  # type: ignore[misc]  # the very thing that must fail


def test_wrong_values_raise(logs: Path) -> None:
    """Options of the interface are checked as those of the command line."""
    runs = package.read(logs)
    with pytest.raises(MlcheckError, match="at least 2"):
        package.diagnose(runs, classes=1)
    with pytest.raises(MlcheckError, match="did you mean rise"):
        package.diagnose(runs, limits={"DIA301": {"rize": 1.0}})


def test_importing_the_package_loads_nothing_heavy() -> None:
    """`import mlcheck` in a notebook is instant: the rest comes with the first call."""
    import subprocess
    import sys

    code = "import sys, mlcheck; print(sorted({m.split('.')[0] for m in sys.modules} & {'numpy', 'pandas', 'rich', 'typer', 'sklearn'}))"
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
        == "[]\n"
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert (Path(package.__file__).parent / "py.typed").exists()
