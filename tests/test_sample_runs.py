"""The sample runs get the verdict that their retraining shows, and every one of them is read as what it is."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

import mlcheck

SAMPLES = Path(__file__).parents[1] / "sample_runs"
with (SAMPLES / "expected.csv").open(encoding="utf-8", newline="") as table:
    EXPECTED = {row["run"]: row["verdict"] for row in csv.DictReader(table)}
READERS = {
    "hf_overfit": "hf_trainer",
    "keras_overfit": "keras",
    "lightning_healthy": "lightning",
    "tensorboard_healthy": "tensorboard",
    "torch_low_lr": "text",
    "nanogpt_underfit": "text",
    "xgboost_overfit": "boosters",
}


def test_a_folder_of_samples_gives_one_run_each_with_its_verdict() -> None:
    """One subject per folder, verdict as shown by retraining; scripts, tables and the README are passed over."""
    report = mlcheck.diagnose(mlcheck.read(SAMPLES))
    assert {s.source.split("/")[1]: s.verdict for s in report.subjects} == EXPECTED
    assert len(report.subjects) == len(EXPECTED) >= 8
    assert set(EXPECTED.values()) == {"underfit", "overfit", "optimization", "healthy"}


@pytest.mark.parametrize("name", EXPECTED)
def test_a_sample_alone_gets_the_same_verdict(name: str) -> None:
    """Reading one folder by itself changes nothing, and both losses are found."""
    (run,) = mlcheck.read(SAMPLES / name)
    assert mlcheck.diagnose(run).verdict == EXPECTED[name]
    assert run.train_loss is not None
    assert run.val_loss is not None
    assert run.reader == READERS.get(name, run.reader)


def test_the_crash_is_told_with_its_line() -> None:
    """The run that ended in a traceback has the finding, with the line and the error."""
    (subject,) = mlcheck.diagnose(mlcheck.read(SAMPLES / "torch_crashed")).subjects
    (crash,) = [f for f in subject.findings if f.code == "DIA409"]
    assert "ValueError" in crash.message
    assert crash.severity == "error"


def test_the_restart_is_told() -> None:
    """Two event files of one run: spliced, and said."""
    (subject,) = mlcheck.diagnose(mlcheck.read(SAMPLES / "tensorboard_healthy")).subjects
    assert "DIA407" in {f.code for f in subject.findings}
