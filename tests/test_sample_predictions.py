"""The sample predictions get the verdict for which they were made, and their script makes them again."""

from __future__ import annotations

import csv
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mlcheck.commands.metrics import metrics, read
from mlcheck.config import Settings
from mlcheck.model.predictions import Wanted
from mlcheck.stats.metrics.parameters import Parameters

FOLDER = Path(__file__).parents[1] / "sample_runs" / "predictions"
with (FOLDER / "expected.csv").open(encoding="utf-8", newline="") as table:
    EXPECTED = list(csv.DictReader(table))


def wanted(arguments: str) -> Wanted:
    """Return what a line of arguments names."""
    names: dict[str, list[str]] = {
        "files": [],
        "--qrels": [],
        "--run": [],
        "--hypothesis": [],
        "--reference": [],
    }
    words = iter(arguments.split())
    for word in words:
        key, name = (word, next(words)) if word.startswith("--") else ("files", word)
        names[key].append(str(FOLDER / name))
    return Wanted(
        files=tuple(names["files"]),
        qrels=names["--qrels"][0] if names["--qrels"] else None,
        runs=tuple(names["--run"]),
        hypotheses=tuple(names["--hypothesis"]),
        references=tuple(names["--reference"]),
    )


@cache
def judged(arguments: str) -> Any:
    """Judge sample predictions, once; how wide intervals are is not looked at."""
    if "generation" in next(r["task"] for r in EXPECTED if r["arguments"] == arguments):
        pytest.importorskip("sacrebleu")
    found = read(wanted(arguments))
    (subject,) = metrics(found, Settings(bootstrap=60), Parameters()).subjects
    return found, subject


@pytest.mark.parametrize("row", EXPECTED, ids=lambda row: row["arguments"])
def test_a_sample_gets_the_verdict_it_was_made_for(row: dict[str, str]) -> None:
    """With its task, and the metric to trust."""
    found, subject = judged(row["arguments"])
    assert found.predictions[0].task == row["task"]
    assert subject.verdict == row["verdict"]
    assert [n for n, m in subject.measures.items() if m.get("recommended")] == [row["trust"]]


def test_the_numbers_are_those_of_scikit_learn() -> None:
    """Held against the files as NumPy reads them."""
    from sklearn import metrics as sk

    text = (FOLDER / "fraud_linear.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    truth, score = [int(r["is_fraud"]) for r in rows], [float(r["score"]) for r in rows]
    _, fraud = judged("fraud_linear.csv")
    assert fraud.measures["average_precision"]["value"] == pytest.approx(
        sk.average_precision_score(truth, score), abs=1e-12
    )
    assert fraud.measures["roc_auc"]["value"] == pytest.approx(sk.roc_auc_score(truth, score), abs=1e-12)
    digits = np.loadtxt(FOLDER / "digits_linear.csv", delimiter=",", skiprows=1)
    _, linear = judged("digits_linear.csv")
    assert linear.measures["accuracy"]["value"] == pytest.approx(
        sk.accuracy_score(digits[:, 0], digits[:, 1:].argmax(axis=1)), abs=1e-12
    )
    values = np.loadtxt(FOLDER / "diabetes.csv", delimiter=",", skiprows=1)
    _, diabetes = judged("diabetes.csv")
    assert diabetes.measures["mae"]["value"] == pytest.approx(
        sk.mean_absolute_error(values[:, 0], values[:, 1]), rel=1e-12
    )


def test_the_files_are_small_and_say_not_where_they_were_made() -> None:
    """A checkout stays light."""
    files = [p for p in FOLDER.iterdir() if p.suffix != ".md"]
    assert sum(p.stat().st_size for p in files) < 1_000_000
    assert not any(b"/home/" in p.read_bytes() or b"/tmp/" in p.read_bytes() for p in files)


@pytest.mark.skipif(
    sys.version_info[:2] != (3, 11), reason="the documentation of another Python gives other texts"
)
def test_the_script_makes_the_same_files(tmp_path: Path) -> None:
    """To the digits that the versions of the libraries agree on."""
    script = FOLDER.parent / "make" / "predictions.py"
    quick = ("tags", "diabetes", "search", "translation", "summaries", "language_model")
    subprocess.run([sys.executable, str(script), str(tmp_path), *quick], check=True, capture_output=True)
    for path in sorted(tmp_path.iterdir()):
        ours, theirs = path.read_text(encoding="utf-8"), (FOLDER / path.name).read_text(encoding="utf-8")
        if path.suffix in (".de", ".en", ".qrels", ".run", ".jsonl"):
            assert ours == theirs, path.name
        else:
            mine, kept = (
                np.array([c for line in text.splitlines()[1:] for c in line.split(",")])
                for text in (ours, theirs)
            )
            same = mine == kept
            near = np.array([_close(a, b) for a, b in zip(mine[~same], kept[~same], strict=True)])
            assert near.all(), path.name


def _close(a: str, b: str) -> bool:
    return abs(float(a) - float(b)) < 2e-3 * max(1.0, abs(float(b)))
