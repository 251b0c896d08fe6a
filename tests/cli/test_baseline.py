"""`mlcheck baseline` on the command line: sample data, formats, exit codes, one clear line for a mistake."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SAMPLES = Path(__file__).parents[2] / "sample_runs" / "data"


def run(*arguments: str, cache: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run the command with a cache of its own, or none."""
    environment = {**os.environ, "COLUMNS": "80", "PYTHONUTF8": "1"}
    kept = ["--no-cache"] if cache is None else ["--cache", str(cache)]
    called = [sys.executable, "-W", "error", "-m", "mlcheck", "baseline", *arguments, *kept]
    return subprocess.run(called, capture_output=True, encoding="utf-8", env=environment, check=False)


def test_the_ladder_is_a_table_with_its_verdict(tmp_path: Path) -> None:
    """Each rung a row; the cache holds what was predicted; a call again prints the same."""
    arguments = (str(SAMPLES / "diabetes.csv"), "--rungs", "constant,linear", "--score", "0.45")
    done = run(*arguments, cache=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert any(line.lstrip(" ★").startswith("linear") and "0.494" in line for line in lines)
    assert any(line.strip().startswith("model") for line in lines)
    assert max(map(len, lines)) <= 80
    assert len(list(tmp_path.rglob("*.json"))) == 10
    assert run(*arguments, cache=tmp_path).stdout == done.stdout


def test_images_are_climbed_and_what_does_not_fit_is_told() -> None:
    """Boosting is for tables."""
    pytest.importorskip("PIL", reason="images need pillow")
    done = run(str(SAMPLES / "shapes"), "--rungs", "constant,boosting", "--format", "json")
    found = json.loads(done.stdout)
    assert list(found["subjects"][0]["measures"]) == ["constant"]
    assert any("boosting is for tables" in s["reason"] for s in found["subjects"][0]["skips"])


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("nowhere.csv",), "nowhere.csv: expected a readable file or folder"),
        ((str(SAMPLES / "digits.csv"), "--target", "targt"), "did you mean 'target'"),
        ((str(SAMPLES / "topics.csv"), "--target", "topic", "--task", "regression"), "expected numbers in the target"),
        ((str(SAMPLES / "digits.csv"), "--score", "0.9", "--run", "x"), "expected one of --score"),
        ((str(SAMPLES / "digits.csv"), "--rungs", "deep"), "--rungs: expected names of rungs"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_clear_line(arguments: tuple[str, ...], told: str) -> None:
    """On standard error, with exit code 2 and no traceback."""
    done = run(*arguments)
    assert done.returncode == 2
    assert told in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_target_that_nothing_tells_is_asked_for(tmp_path: Path) -> None:
    """No column is taken for it that is not plainly one."""
    table = tmp_path / "t.csv"
    table.write_text("width,height\n" + "".join(f"{i},{i * i % 7}\n" for i in range(40)), encoding="utf-8")
    done = run(str(table))
    assert done.returncode == 2
    assert "name it with --target" in done.stderr
