"""`mlcheck data` on the command line: the sample pairs, formats, exit codes, one clear line for a mistake."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

SAMPLES = Path(__file__).parents[2] / "sample_runs" / "data"
LOG = Path(__file__).parents[1] / "rules" / "diagnose" / "DIA301" / "bad_overfits.csv"
PAIR = (str(SAMPLES / "customers_train.csv"), "--test", str(SAMPLES / "customers_test.csv"))
CLEAN = (str(SAMPLES / "customers_clean_train.csv"), "--test", str(SAMPLES / "customers_clean_test.csv"))


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command."""
    return subprocess.run(
        [sys.executable, "-m", "mlcheck", "data", *arguments], capture_output=True, text=True, check=False
    )


def parsed(*arguments: str) -> dict[str, Any]:
    """Return the JSON of a call, held against the schema."""
    done = run(*arguments, "--format", "json")
    found: dict[str, Any] = json.loads(done.stdout)
    schema = json.loads(
        resources.files("mlcheck.reports").joinpath("schema.json").read_text(encoding="utf-8")
    )
    Draft202012Validator(schema).validate(found)
    assert found["exit_code"] == done.returncode
    return found


def test_planted_bugs_are_named_with_their_rows(tmp_path: Path) -> None:
    """The copies row by row; wrong labels; the column in other units; the proxy; nothing that was not planted."""
    planted = json.loads((SAMPLES / "planted.json").read_text())
    rows = tmp_path / "rows.csv"
    found = parsed(*PAIR, "--rows", str(rows))
    (subject,) = found["subjects"]
    assert (found["verdict"], found["exit_code"]) == ("broken", 1)
    codes = {f["code"]: f for f in subject["findings"]}
    assert set(codes) == {"DBG101", "DBG104", "DBG201", "DBG301"}
    assert codes["DBG104"]["evidence"]["column"] == planted["target_proxy"]["column"]
    assert codes["DBG301"]["evidence"]["columns"] == [planted["other_scale"]["column"]]
    with rows.open() as file:
        every = list(csv.DictReader(file))
    wrong = [int(r["row"]) for r in every if r["code"] == "DBG201"]
    right = set(wrong) & set(planted["wrong_labels"]["rows"])
    assert min(len(right) / len(wrong), len(right) / len(planted["wrong_labels"]["rows"])) >= 0.9
    named = [r for r in every if r["code"] == "DBG101"]
    assert sorted(int(r["row"]) for r in named if r["part"] == "test") == planted["copies"]["test_rows"]
    assert sorted(int(r["row"]) for r in named if r["part"] == "train") == planted["copies"]["rows"]


def test_a_clean_pair_is_clean() -> None:
    """No error and no warning."""
    found = parsed(*CLEAN)
    assert (found["verdict"], found["exit_code"]) == ("clean", 0)
    assert {f["severity"] for f in found["subjects"][0]["findings"]} <= {"note"}


@pytest.mark.parametrize("name", ["digits.csv", "breast_cancer.csv", "diabetes.csv", "topics.csv"])
def test_real_data_sets_are_clean(name: str) -> None:
    """What people learn on has none of these bugs."""
    assert parsed(str(SAMPLES / name))["verdict"] == "clean"


def test_images_by_class_are_read() -> None:
    """A folder a class."""
    pytest.importorskip("PIL", reason="images need pillow")
    found = parsed(str(SAMPLES / "shapes"))
    assert found["verdict"] in ("clean", "inconclusive")
    assert found["subjects"][0]["reader"] == "images"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("nowhere.csv",), "nowhere.csv: expected a readable file or folder"),
        ((str(SAMPLES / "digits.csv"), "--target", "targt"), "'target'"),
        ((str(SAMPLES / "digits.csv"), "--task", "ranking"), "--task: expected one of classification"),
        ((str(SAMPLES / "diabetes.csv"), "--test", str(SAMPLES / "topics.csv")), "expected columns of"),
        ((str(LOG),), "try mlcheck diagnose"),
    ],
)
def test_a_mistake_is_one_clear_line(arguments: tuple[str, ...], told: str) -> None:
    """On standard error, with exit code 2."""
    done = run(*arguments)
    assert done.returncode == 2
    assert told in done.stderr
    assert done.stderr.count("\n") == 1


def test_ctrl_c_keeps_what_was_checked() -> None:
    """Exit code 130; the report says how far it came."""
    script = (
        "import sys\nfrom mlcheck.rules.data import drift\n"
        "def stop(data, **limits):\n    raise KeyboardInterrupt\n    yield\n"
        "drift.check = stop\nfrom mlcheck.cli.app import main\nmain()"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, "data", *CLEAN, "--format", "json"],
        capture_output=True,
        text=True,
        check=False,
    )
    found = json.loads(done.stdout)
    assert (done.returncode, found["exit_code"], found["verdict"]) == (130, 130, "inconclusive")
    assert "overlap" in found["subjects"][0]["measures"]
    assert {"code": "DBG302", "reason": "interrupted before it ran"} in found["subjects"][0]["skips"]
    assert done.stderr.startswith("mlcheck: interrupted; ")
