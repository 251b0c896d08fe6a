"""`mlcheck baseline` with its studies, and `mlcheck diagnose --baseline` with its report, as a user calls them."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import resources
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from jsonschema import Draft202012Validator

if TYPE_CHECKING:
    from pathlib import Path


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the command."""
    return subprocess.run(
        [sys.executable, "-m", "mlcheck", *map(str, arguments)], capture_output=True, text=True, check=False
    )


def parsed(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """Return the JSON of a call, held against the schema."""
    found: dict[str, Any] = json.loads(done.stdout)
    schema = resources.files("mlcheck.reports").joinpath("schema.json").read_text(encoding="utf-8")
    Draft202012Validator(json.loads(schema)).validate(found)
    assert found["exit_code"] == done.returncode, done.stderr
    return found


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write 200 rows of two classes that a linear model tells apart."""
    draw = np.random.default_rng(2)
    x = draw.normal(size=(200, 2))
    words = np.where(x[:, 0] + draw.normal(0, 0.4, 200) > 0, "yes", "no")
    path = tmp_path_factory.mktemp("data") / "table.csv"
    rows = [f"{a:.4f},{b:.4f},{word}" for (a, b), word in zip(x, words, strict=True)]
    path.write_text("\n".join(["a,b,target", *rows]) + "\n", encoding="utf-8")
    return path


def test_a_report_with_its_studies_serves_diagnose(table: Path, tmp_path: Path) -> None:
    """Left-out columns stand in the JSON; the report then tells a run that is below its linear rung."""
    done = run("baseline", table, "--rungs", "constant,linear", "--ablate", "--no-cache", "--fail-on", "never", "--format", "json")  # fmt: skip
    measures = parsed(done)["subjects"][0]["measures"]
    assert {"constant", "linear", "without a", "without b"} <= set(measures)
    assert measures["without a"]["contributes"] > measures["without b"]["contributes"]
    report, log = tmp_path / "report.json", tmp_path / "run.csv"
    report.write_text(done.stdout, encoding="utf-8")
    rows = [f"{i},{0.66 + 0.04 * 0.7**i:.4f},{0.66 + 0.04 * 0.7**i + 0.004 * (i % 2):.4f}" for i in range(30)]
    log.write_text("\n".join(["epoch,train_loss,val_loss", *rows]) + "\n", encoding="utf-8")
    judged = parsed(run("diagnose", log, "--baseline", report, "--format", "json"))["subjects"][0]
    assert "DIA203" in {f["code"] for f in judged["findings"]}
    assert judged["verdict"] != "healthy"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--vary", "size"), "expected capacity or regularization, found 'size'"),
        (("--groups", "g=aa"), "expected feature columns, found 'aa' in 'g'; did you mean a?"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(table: Path, arguments: tuple[str, ...], told: str) -> None:
    """Before anything is fitted, with the nearest known name."""
    done = run("baseline", table, "--no-cache", *arguments)
    assert done.returncode == 2
    assert told in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


def test_a_report_of_another_command_is_refused(table: Path, tmp_path: Path) -> None:
    """`--baseline` names the file, what it is, and how to make the right one."""
    log = tmp_path / "run.csv"
    log.write_text("epoch,train_loss,val_loss\n1,1,1\n2,0.9,0.9\n", encoding="utf-8")
    other = tmp_path / "other.json"
    other.write_text(run("diagnose", log, "--format", "json").stdout, encoding="utf-8")
    done = run("diagnose", log, "--baseline", other)
    assert done.returncode == 2
    assert "expected a report of mlcheck baseline, found one of mlcheck diagnose" in " ".join(
        done.stderr.split()
    )
