"""CatBoost's folder: one run from many files, the direction of each metric, tables left by an earlier run."""

from __future__ import annotations

import json
import random
import shutil
from pathlib import Path

import numpy as np
import pytest

from mlcheck.readers import read_inputs

STORES = Path(__file__).parent / "data" / "stores"


def table(values: dict[str, list[float]]) -> str:
    """Return a table as CatBoost writes it."""
    rows = zip(*values.values(), strict=True)
    return (
        "\t".join(["iter", *values])
        + "\n"
        + "".join("\t".join([str(i), *map(str, row)]) + "\n" for i, row in enumerate(rows))
    )


def training(learn: dict[str, list[float]], tests: dict[str, list[list[float]]], best: dict[str, str]) -> str:
    """Return the JSON: metrics of the training set by name, values of the evaluation sets (all metrics of `best`)."""
    count = len(next(iter(learn.values())))
    rows = [
        {
            "learn": [v[i] for v in learn.values()],
            "iteration": i,
            **{n: [v[i] for v in values] for n, values in tests.items()},
        }
        for i in range(count)
    ]
    meta = {
        "test_sets": list(tests),
        "test_metrics": [{"best_value": best[n], "name": n} for n in (best if tests else ())],
        "learn_metrics": [{"best_value": best[n], "name": n} for n in learn],
        "launch_mode": "Train", "parameters": "", "iteration_count": count, "learn_sets": ["learn"], "name": "experiment",
    }  # fmt: skip
    return json.dumps({"meta": meta, "iterations": rows})


def test_a_real_folder_with_two_evaluation_sets_is_one_run() -> None:
    """JSON, tables and event files say the same; the last set is the one that counts."""
    reading = read_inputs([str(STORES / "catboost")])
    (run,) = reading.runs
    assert not reading.problems
    assert not run.events
    assert {s.name: (s.role.name, len(s)) for s in run.series} == {
        "Logloss": ("val_loss", 30),
        "Logloss:0": ("val_loss", 30),
    }
    assert run.train_loss is not None
    assert run.val_loss is not None
    assert (run.train_loss.name, run.val_loss.name) == ("Logloss", "Logloss")
    (alone,) = read_inputs([str(STORES / "catboost" / "test_error.tsv")]).runs
    assert alone.val_loss is not None
    assert alone.val_loss.name == "Logloss"
    assert np.allclose(alone.val_loss.value, run.val_loss.value)


@pytest.mark.parametrize("without", ["catboost_training.json", "learn_error.tsv", "learn", "test1"])
def test_a_folder_that_lost_a_file_is_the_same_run(tmp_path: Path, without: str) -> None:
    """The others say the same."""
    shutil.copytree(STORES / "catboost", tmp_path / "info")
    lost = tmp_path / "info" / without
    shutil.rmtree(lost) if lost.is_dir() else lost.unlink()
    (run,) = read_inputs([str(tmp_path / "info")]).runs
    assert run.train_loss is not None
    assert run.val_loss is not None
    assert (len(run.train_loss), len(run.val_loss), run.val_loss.name) == (30, 30, "Logloss")
    assert not run.events


def test_an_evaluation_of_an_earlier_run_is_kept_out(tmp_path: Path) -> None:
    """The folder was used twice, the second time without an evaluation set: a gap would be invented."""
    for path in (STORES / "stale", tmp_path / "stale"):
        if not path.exists():  # without the JSON the last iteration tells
            shutil.copytree(STORES / "stale", path)
            (path / "catboost_training.json").unlink()
            shutil.rmtree(path / "learn")
        reading = read_inputs([str(path)])
        (run,) = reading.runs
        assert not reading.problems
        assert run.val_loss is None
        assert [(e.kind, "earlier run" in e.message) for e in run.events] == [("invalid", True)]
        assert len(run.train_loss or ()) == 50


def test_the_earlier_evaluation_named_by_itself_is_read() -> None:
    """The user asked for it."""
    (run,) = read_inputs([str(STORES / "stale" / "test_error.tsv")]).runs
    assert run.train_loss is None
    assert len(run.val_loss or ()) == 30


def test_the_json_says_which_direction_is_better() -> None:
    """A metric that is computed on the evaluation set only; an error rate beside the loss; rows every third iteration."""
    (run,) = read_inputs([str(STORES / "metrics")]).runs
    found = {(s.name, s.role.split): (s.role.quantity, s.role.better) for s in run.series}
    assert found["Logloss", "train"] == found["Logloss", "validation"] == ("loss", "lower")
    assert found["AUC", "validation"] == found["Accuracy", "train"] == ("metric", "higher")
    assert found["ZeroOneLoss", "train"] == ("metric", "lower")
    assert ("AUC", "train") not in found
    assert run.train_loss is not None
    assert run.train_loss.step.tolist()[:3] == [0, 3, 6]


def test_an_unknown_metric_has_the_direction_of_the_json(tmp_path: Path) -> None:
    """Objectives for ranking are losses; gains are not."""
    values = {"PairLogit": [3.0, 2, 1], "PFound": [0.1, 0.2, 0.3]}
    text = training(values, {"test": [[3.0, 2.5, 2], [0.1, 0.1, 0.2]]}, {"PairLogit": "Min", "PFound": "Max"})
    (tmp_path / "catboost_training.json").write_text(text)
    (run,) = read_inputs([str(tmp_path / "catboost_training.json")]).runs
    assert run.train_loss is not None
    assert run.val_loss is not None
    assert run.train_loss.name == run.val_loss.name == "PairLogit"
    assert {s.role.better for s in run.series if s.name == "PFound"} == {"higher"}


def test_a_table_beside_a_json_without_iterations_is_read(tmp_path: Path) -> None:
    """The JSON is written at the end by some versions."""
    (tmp_path / "catboost_training.json").write_text(training({"RMSE": []}, {}, {"RMSE": "Min"}))
    (tmp_path / "learn_error.tsv").write_text(table({"RMSE": [3, 2, 1]}))
    (run,) = read_inputs([str(tmp_path)]).runs
    assert len(run.train_loss or ()) == 3


@pytest.mark.parametrize(("name", "split"), [("learn_error.tsv", "train"), ("test_error.tsv", "validation")])
def test_a_table_alone_is_of_the_split_of_its_name(tmp_path: Path, name: str, split: str) -> None:
    """Also as somebody's copy; a score alone is a run, too."""
    for prefix in ("", "owner+repo+"):
        (tmp_path / f"{prefix}{name}").write_text(table({"R2": [0.1, 0.2], "RMSE": [3, 2], "MAE": [2, 1]}))
        (run,) = read_inputs([str(tmp_path / f"{prefix}{name}")]).runs
        loss = run.find("loss", split)  # type: ignore[arg-type]  # one of the splits
        assert loss is not None
        assert loss.name == "RMSE"
    (tmp_path / name).write_text(table({"AUC": [0.6, 0.7]}))
    assert len(read_inputs([str(tmp_path / name)]).runs) == 1


def test_copies_in_one_folder_are_runs_by_what_stands_before_their_names(tmp_path: Path) -> None:
    """Two repositories' files beside each other."""
    for prefix in ("a+x+", "b+y+"):
        for part in ("catboost_training.json", "learn_error.tsv", "test_error.tsv", "time_left.tsv"):
            shutil.copy(STORES / "catboost" / part, tmp_path / f"{prefix}{part}")
        for part in ("learn", "test"):
            shutil.copy(
                STORES / "catboost" / part / "events.out.tfevents",
                tmp_path / f"{prefix}catboost_{part}_events.out.tfevents",
            )
    runs = read_inputs([str(tmp_path)]).runs
    assert [run.reader for run in runs] == ["catboost"] * 2


def test_event_files_alone_are_tensorboards() -> None:
    """Named by the user, or where nothing else was kept."""
    (run,) = read_inputs([str(STORES / "catboost" / "learn" / "events.out.tfevents")]).runs
    assert run.reader == "tensorboard"
    (run,) = read_inputs([str(STORES / "catboost" / "learn")]).runs
    assert run.reader == "tensorboard"


def test_the_times_alone_are_refused() -> None:
    """They hold no curve."""
    (problem,) = read_inputs([str(STORES / "catboost" / "time_left.tsv")]).problems
    assert "expected a loss" in problem.message


def test_a_json_cut_within_its_iterations_is_read_up_to_the_cut(tmp_path: Path) -> None:
    """A training that was killed."""
    text = (STORES / "catboost" / "catboost_training.json").read_text()
    (tmp_path / "catboost_training.json").write_text(text[: int(0.7 * len(text))])
    reading = read_inputs([str(tmp_path / "catboost_training.json")])
    (run,) = reading.runs
    assert 10 < len(run.train_loss or ()) < 30
    assert ["cut" in p.message for p in reading.problems] == [True]


def test_broken_files_are_told_on_one_line(tmp_path: Path) -> None:
    """Cut anywhere, bytes changed anywhere, alone and within their folder."""
    shutil.copytree(STORES / "catboost", tmp_path / "info")
    files = sorted(p for p in (tmp_path / "info").rglob("*") if p.is_file())
    chance = random.Random(5)  # noqa: S311  (no secret)
    for _ in range(80):
        path = chance.choice(files)
        content = path.read_bytes()
        broken = bytearray(content[: chance.randrange(1, len(content) + 1)])
        for _ in range(chance.randrange(4)):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        path.write_bytes(broken)
        for named in (tmp_path / "info", path):
            assert all("\n" not in p.message + p.hint for p in read_inputs([str(named)]).problems)
        path.write_bytes(content)
