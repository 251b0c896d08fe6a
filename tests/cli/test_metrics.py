"""`mlcheck metrics` on the command line: options, formats, exit codes, one clear line for a mistake."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import resources
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from tests.test_architecture import loaded_by

if TYPE_CHECKING:
    from pathlib import Path

GOOD = "id,label,score,site\n" + "".join(
    f"r{i},{int(i % 5 < 2)},{(0.3 if i % 5 < 2 else 0.1) + (i * 37 % 100) / 160:.4f},s{i % 2}\n"
    for i in range(200)
)


def run(*arguments: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run the command, with few replicates: what is tested here is not the width of intervals."""
    quick = () if "--bootstrap" in arguments else ("--bootstrap", "50")
    return subprocess.run(
        [sys.executable, "-m", "mlcheck", "metrics", *arguments, *quick],
        capture_output=True,
        text=True,
        input=stdin,
        check=False,
    )


@pytest.fixture
def table(tmp_path: Path) -> str:
    """Return the path of a good table."""
    path = tmp_path / "preds.csv"
    path.write_text(GOOD, encoding="utf-8")
    return str(path)


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


def test_the_json_follows_the_schema_and_holds_the_measures(table: str) -> None:
    """Under the names of the contract, with all digits."""
    found = parsed(table)
    (subject,) = found["subjects"]
    assert found["command"] == "metrics"
    assert subject["verdict"] == "useful"
    names = {"accuracy", "balanced_accuracy", "precision", "recall", "specificity", "f1", "mcc", "kappa", "roc_auc", "average_precision", "log_loss", "brier", "ece"}  # fmt: skip
    assert names <= set(subject["measures"])
    from sklearn.metrics import roc_auc_score

    rows = [line.split(",") for line in GOOD.splitlines()[1:]]
    expected = roc_auc_score([int(r[1]) for r in rows], [float(r[2]) for r in rows])
    assert abs(subject["measures"]["roc_auc"]["value"] - expected) < 1e-12


def test_a_comparison_follows_the_schema(table: str, tmp_path: Path) -> None:
    """With a, b, difference and p-value."""
    other = tmp_path / "other.csv"
    other.write_text(GOOD.replace(",0.9", ",0.1"), encoding="utf-8")
    (subject,) = parsed(table, str(other))["subjects"]
    assert subject["verdict"] in ("a-better", "b-better", "indistinguishable")
    assert {"a", "b", "difference", "low", "high", "p_value"} <= set(subject["measures"]["roc_auc"])


def test_options_name_columns_and_choices(table: str) -> None:
    """Each changes what is computed."""
    (subject,) = parsed(
        table,
        "--true",
        "label",
        "--score",
        "score",
        "--by",
        "site",
        "--beta",
        "2",
        "--threshold",
        "0.3",
        "--bootstrap",
        "50",
    )["subjects"]
    assert "f2" in subject["measures"]
    assert any(e["title"].endswith("by site") for e in subject["exhibits"])
    used = parsed(table, "--threshold", "0.9")["subjects"][0]["measures"]["recall"]["value"]
    assert used < subject["measures"]["recall"]["value"]


@pytest.mark.parametrize(
    "choice", [("--cost", "1:10"), ("--min-precision", "0.5"), ("--min-recall", "0.9"), ()]
)
def test_the_threshold_is_chosen_as_told(table: str, choice: tuple[str, ...]) -> None:
    """And says by what."""
    threshold = parsed(table, *choice)["subjects"][0]["measures"]["threshold"]
    assert threshold["value"] is not None
    assert threshold["chosen_by"]


def test_a_threshold_that_was_given_is_told_beside_the_best(table: str) -> None:
    """Its own value first; the best by F1 follows."""
    threshold = parsed(table, "--threshold", "0.9")["subjects"][0]["measures"]["threshold"]
    assert (threshold["value"], threshold["chosen_by"], threshold["used"]) == (0.9, "given", 0.9)
    assert (threshold["best"], threshold["best_by"]) != (0.9, "")
    cost = parsed(table, "--threshold", "0.9", "--cost", "1:9")["subjects"][0]["measures"]["threshold"]
    assert (cost["chosen_by"], cost["used"]) == ("least cost at 1:9 (FP:FN)", 0.9)


def test_a_threshold_that_none_satisfies_is_told_why(tmp_path: Path) -> None:
    """The one by default stands, with the reason; a chosen one says that it flatters its file."""
    path = tmp_path / "p.csv"
    path.write_text(
        "y_true,probability\n" + "".join(f"{int(i % 3 == 0)},{i % 40 / 40}\n" for i in range(240))
    )
    threshold = parsed(str(path), "--min-precision", "1")["subjects"][0]["measures"]["threshold"]
    assert (threshold["value"], threshold["chosen_by"]) == (0.5, "default")
    assert threshold["reason"] == "no threshold reaches it: most recall at a precision of 1"
    exhibits = parsed(str(path))["subjects"][0]["exhibits"]
    assert any("flatters it" in exhibit.get("note", "") for exhibit in exhibits)


def test_dear_misses_lower_the_threshold(table: str) -> None:
    """Where a false negative costs a hundred times a false positive, more is flagged than the other way round."""
    low, high = (
        parsed(table, "--cost", c)["subjects"][0]["measures"]["threshold"]["value"]
        for c in ("1:100", "100:1")
    )
    assert low < high


def test_standard_input_and_formats(table: str) -> None:
    """A pipe is a file; every format is printed."""
    assert "useful" in run("-", stdin=GOOD).stdout
    assert "| roc_auc ↑ |" in run(table, "--format", "markdown").stdout.replace("**", "").replace("\\", "")
    assert run(table, "-v").stdout.count("┤") > 3


def test_a_page_of_any_width_is_kept(table: str) -> None:
    """No line is longer than the terminal is wide."""
    import os

    for width in (40, 80, 120, 160):
        done = subprocess.run(
            [sys.executable, "-m", "mlcheck", "metrics", table, "-v", "--by", "site"],
            capture_output=True, text=True, check=False, env={**os.environ, "COLUMNS": str(width)},
        )  # fmt: skip
        assert max(len(line) for line in done.stdout.splitlines()) <= width


MISTAKES = {
    "a file that is not there": (["nowhere.csv"], "nowhere.csv: expected a readable file"),
    "no file": ([], "expected a file of predictions, found none"),
    "a task that is none": (["TABLE", "--task", "bianry"], "did you mean binary?"),
    "a column that is none": (["TABLE", "--score", "scor"], "did you mean score?"),
    "costs that are none": (["TABLE", "--cost", "10"], "two costs FP:FN"),
    "two ways to choose": (
        ["TABLE", "--cost", "1:2", "--min-recall", "0.5"],
        "one way to choose the threshold",
    ),
    "a share above 1": (["TABLE", "--min-recall", "1.5"], "at most 1"),
    "a level above 1": (["TABLE", "--level", "95"], "between 0 and 1"),
    "a run without judgements": (["--run", "x.run"], "--qrels FILE"),
    "a code that is none": (["TABLE", "--select", "XYZ"], "a code or prefix"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_one_line_and_exit_code_2(table: str, name: str) -> None:
    """Where, what was expected, what to try; no traceback."""
    arguments, told = MISTAKES[name]
    done = run(*(table if a == "TABLE" else a for a in arguments))
    assert done.returncode == 2
    assert told in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_findings_of_another_command_may_be_configured(table: str, tmp_path: Path) -> None:
    """One configuration serves all commands."""
    config = tmp_path / "mlcheck.yaml"
    config.write_text("limits:\n  DIA301: {rise: 0.1}\n  MET107: {least: 100}\n", encoding="utf-8")
    found = parsed(table, "--config", str(config))
    assert "MET107" in {f["code"] for f in found["subjects"][0]["findings"]}


def test_the_fail_on_level_decides_the_exit_code(table: str, tmp_path: Path) -> None:
    """A bad model is an error, unless nothing is to fail."""
    bad = tmp_path / "bad.csv"
    bad.write_text(
        "label,score\n" + "".join(f"{i % 2},{(i * 37 % 101) / 101}\n" for i in range(2000)), encoding="utf-8"
    )
    assert run(str(bad)).returncode == 1
    assert run(str(bad), "--fail-on", "never").returncode == 0
    assert run(table, "--fail-on", "error").returncode == 0


def test_the_same_call_gives_the_same_bytes(table: str) -> None:
    """No times, no absolute paths."""
    first, again = (run(table, "--format", "json").stdout for _ in range(2))
    assert first == again
    assert "/tmp" not in first  # noqa: S108


def test_a_small_table_loads_neither_pandas_nor_scikit_learn(table: str) -> None:
    """Nor torch or sacreBLEU: what a binary task does not use stays unloaded."""
    loaded = loaded_by(["metrics", table])
    assert "numpy" in loaded
    assert not loaded & {"pandas", "sklearn", "torch", "sacrebleu", "rapidfuzz", "pydantic", "pyarrow"}
