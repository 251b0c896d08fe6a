"""The user's own training run at each size: recorded, resumed, and told where it fails."""

from __future__ import annotations

import json
import os
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from mlcheck.commands import datacurve_command
from mlcheck.commands.datacurve_command import Training
from mlcheck.engines import records
from mlcheck.errors import MlcheckError
from mlcheck.model.curves import CurvesRead, CurvesWanted

STUB = """
import os, sys
n, seed = int(sys.argv[1]), int(sys.argv[2])
error = 0.05 + n ** -0.5 + 0.001 * seed
for epoch in (1, 2, 3):
    x = error * (1 + 1 / epoch)
    print(f"epoch {epoch}: train loss {x / 2:.5f} val loss {x:.5f} val accuracy {1 - x:.5f}")
with open(os.environ["CALLS"], "a") as calls:
    calls.write(f"{n} {seed} {sys.argv[3]} {os.environ['MLCHECK_OUT']}\\n")
if len(sys.argv) > 4 and sys.argv[4] == str(n):
    raise ValueError(f"cannot learn from {n}")
"""


@pytest.fixture
def training(tmp_path: Path) -> Training:
    """Return a training of four sizes and two seeds, whose calls are noted in a file."""
    (tmp_path / "stub.py").write_text(STUB)
    command = (sys.executable, "-S", str(tmp_path / "stub.py"), "{n}", "{seed}", "{out}")
    return Training(
        command=command, folder=str(tmp_path / "runs"), sizes=(10, 20, 40, 80), repeats=2,
        environment={**os.environ, "CALLS": str(tmp_path / "calls")},
    )  # fmt: skip


def call(training: Training) -> CurvesRead:
    """Run what is missing."""
    return datacurve_command.curves(training, clock=time.monotonic)


def calls(training: Training) -> list[list[str]]:
    """Return n, seed and folders of each call of the stub."""
    path = Path(training.environment["CALLS"])
    return [line.split() for line in path.read_text().splitlines()] if path.exists() else []


def test_each_size_and_seed_is_run_once(training: Training) -> None:
    """Seed by seed, the smallest first, so that a whole curve is there early; the result is a table of its own."""
    read = call(training)
    assert [(int(n), int(seed)) for n, seed, *_ in calls(training)] == [
        (n, s) for s in (0, 1) for n in (10, 20, 40, 80)
    ]
    (curve,) = read.curves
    assert (curve.id, curve.source, curve.metric) == ("runs", "runs/results.jsonl", "val_accuracy")
    assert curve.n.tolist() == [10, 10, 20, 20, 40, 40, 80, 80]
    assert curve.score[0] == pytest.approx(1 - (0.05 + 10**-0.5) * 4 / 3, abs=1e-5)
    kept = datacurve_command.kept(Path(training.folder), CurvesWanted(path=training.folder))
    assert kept.curves[0].score.tolist() == curve.score.tolist()
    assert kept.digest == read.digest
    with pytest.raises(
        MlcheckError, match="--score: expected 'val_accuracy', by which the runs in runs were read"
    ):
        datacurve_command.kept(Path(training.folder), CurvesWanted(path=training.folder, score="val_loss"))
    call(training)
    assert len(calls(training)) == 8


def test_each_run_has_a_folder_of_its_own(training: Training) -> None:
    """Given as {out} and as MLCHECK_OUT, with what the run printed."""
    call(training)
    first = calls(training)[0]
    folder = Path(training.folder).resolve() / "0001-n10-seed0"
    assert first[2:] == [str(folder), str(folder)]
    assert (folder / "stdout.log").read_text().startswith("epoch 1: train loss")


def test_more_sizes_and_seeds_are_added_to_what_is_there(training: Training) -> None:
    """Only the new ones are run."""
    call(replace(training, repeats=1))
    read = call(replace(training, sizes=(10, 20, 40, 80, 160), repeats=1))
    assert [int(n) for n, *_ in calls(training)] == [10, 20, 40, 80, 160]
    assert read.curves[0].n.tolist() == [10, 20, 40, 80, 160]


def test_a_run_that_fails_is_told_and_tried_again_by_the_next_call(training: Training) -> None:
    """With its folder and its first line of error; the others go on."""
    failing = replace(training, command=(*training.command, "40"), repeats=1)
    read = call(failing)
    assert read.curves[0].n.tolist() == [10, 20, 80]
    (problem,) = read.problems
    assert problem.source == "runs/0003-n40-seed0"
    assert (
        problem.message
        == "expected the command to end well, found exit code 1: ValueError: cannot learn from 40"
    )
    assert len(call(failing).problems) == 1
    assert [int(n) for n, *_ in calls(training)] == [10, 20, 40, 80, 40]


def test_a_run_without_a_score_is_told(training: Training) -> None:
    """What it logged instead is named."""
    read = call(replace(training, score="val_f1", repeats=1))
    assert read.curves == ()
    assert len(read.problems) == 4
    assert (
        "expected 'val_f1' in what the run printed or wrote, found 'train_loss'" in read.problems[0].message
    )


def test_a_score_that_was_not_found_is_looked_for_again_before_a_run_is_repeated(training: Training) -> None:
    """A run that came to its end is not lost for a name: the next call names the score and runs nothing."""
    other = replace(training, score="val_f1", repeats=1)
    assert call(other).curves == ()
    assert len(call(replace(other, score="val_loss")).curves[0].n) == 4
    assert len(calls(training)) == 4


def test_a_run_that_was_whole_but_not_recorded_is_recorded_by_the_next_call(training: Training) -> None:
    """As after kill -9 in the moment between; one that failed is run again, and so is one of another command."""
    whole = call(replace(training, repeats=1))
    Path(training.folder, "results.jsonl").unlink()
    assert call(replace(training, repeats=1)).digest == whole.digest
    assert len(calls(training)) == 4
    Path(training.folder, "results.jsonl").unlink()
    call(replace(training, command=(*training.command, "1"), repeats=1))
    assert len(calls(training)) == 8


def test_another_score_is_read_from_the_logs_that_are_there(training: Training) -> None:
    """Nothing is run again."""
    call(training)
    read = call(replace(training, score="val_loss", take="last"))
    assert len(calls(training)) == 8
    (curve,) = read.curves
    assert (curve.metric, curve.better) == ("val_loss", "lower")
    assert set(records.read(Path(training.folder) / "results.jsonl")[0]) == {
        "n",
        "seed",
        "val_loss",
        "train_loss",
        "run",
    }


def test_a_folder_of_another_command_is_refused(training: Training) -> None:
    """Its runs stay as they are; where nothing was recorded yet the command may change."""
    call(training)
    with pytest.raises(
        MlcheckError, match="expected an empty folder, or runs of this command, found those of"
    ):
        call(replace(training, command=(*training.command, "5")))
    empty = replace(training, folder=f"{training.folder}2", repeats=1)
    assert call(replace(empty, command=(sys.executable, "-c", "raise SystemExit(1)", "{n}"))).curves == ()
    assert len(call(empty).curves[0].n) == 4


def test_without_a_seed_in_the_command_there_is_one_run_of_each_size(training: Training) -> None:
    """Three where it takes one."""
    without = replace(
        training, command=tuple(p.replace("{seed}", "0") for p in training.command), repeats=None
    )
    assert len(call(without).curves[0].n) == 4
    assert len(call(replace(training, folder=f"{training.folder}2", repeats=None)).curves[0].n) == 12


def test_an_interrupt_keeps_what_was_done(training: Training) -> None:
    """And the next call gives the table that one call would have given."""
    whole = call(replace(training, folder=f"{training.folder}-whole"))

    def stop(_: str, done: int, __: int) -> None:
        """Press Ctrl-C once five runs have ended."""
        if done == 5:
            raise KeyboardInterrupt

    part = datacurve_command.curves(training, clock=time.monotonic, progress=stop)
    assert part.interrupted
    assert len(part.curves[0].n) == 5
    assert [p.source for p in part.problems] == ["interrupted"]
    assert part.problems[0].message == "5 of 8 runs done and kept in runs"
    resumed = call(training)
    assert resumed.curves[0].score.tolist() == whole.curves[0].score.tolist()
    assert resumed.digest == whole.digest


def test_several_at_once_give_the_same_table(training: Training) -> None:
    """Rows are kept in the order of sizes and seeds."""
    one = call(training)
    two = call(replace(training, folder=f"{training.folder}2", at_once=3))
    assert two.digest == one.digest


def test_a_cut_record_is_never_seen(training: Training) -> None:
    """Each line of the file is a whole object at any moment between runs."""
    seen = []

    def look(_: str, done: int, __: int) -> None:
        path = Path(training.folder, "results.jsonl")
        seen.append(len([json.loads(line) for line in path.read_text().splitlines()]) if done else 0)

    datacurve_command.curves(training, clock=time.monotonic, progress=look)
    assert seen == list(range(9))
