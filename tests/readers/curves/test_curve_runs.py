"""Curves of finished runs: the size from the configuration, the score from the log."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from mlcheck.errors import MlcheckError
from mlcheck.model.curves import CurvesWanted
from mlcheck.readers.curves import read_runs
from mlcheck.readers.curves.runs import size

if TYPE_CHECKING:
    from pathlib import Path

WANTED = CurvesWanted(path="")


def log(folder: Path, n: object, *, key: str = "n_train", error: float = 0.3, **config: object) -> Path:
    """Write the log of a run whose validation accuracy is best in the middle, and its configuration."""
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps({key: n, **config}))
    rows = [(1, 2 * error), (2, error), (3, 1.5 * error)]
    (folder / "train.log").write_text(
        "".join(
            f"epoch {e}: train loss {x / 2:.4f} val loss {x:.4f} train accuracy {1 - x / 2:.4f} val accuracy {1 - x:.4f}\n"
            for e, x in rows
        )
    )
    return folder


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    """Return a folder with five runs, two of them of one size."""
    for name, n, error in (
        ("a", 100, 0.4),
        ("b", 200, 0.3),
        ("c", 400, 0.2),
        ("d", 800, 0.1),
        ("e", 800, 0.12),
    ):
        log(tmp_path / "runs" / name, n, error=error)
    return tmp_path / "runs"


def test_each_run_is_a_row_of_one_curve(runs: Path) -> None:
    """The best validation metric counts, with the training metric of the same epoch; runs of one size are repeats."""
    read = read_runs([str(runs)], WANTED)
    (curve,) = read.curves
    assert read.problems == ()
    assert (curve.id, curve.metric, curve.better, curve.columns[0]) == (
        "runs",
        "val_accuracy",
        "higher",
        ("n", "n_train"),
    )
    assert curve.n.tolist() == [100, 200, 400, 800, 800]
    assert curve.score.tolist() == [0.6, 0.7, 0.8, 0.9, 0.88]
    assert curve.train.tolist() == [0.8, 0.85, 0.9, 0.95, 0.94]


def test_the_score_can_be_named_and_the_last_value_taken(runs: Path) -> None:
    """A loss is better where it is lower; its last value is that of the last epoch."""
    (curve,) = read_runs([str(runs)], CurvesWanted(path="", score="val_loss", take="last")).curves
    assert (curve.metric, curve.better) == ("val_loss", "lower")
    assert curve.score[0] == 0.6


def test_a_run_without_a_size_is_told_and_the_others_are_read(runs: Path) -> None:
    """It is named, with what its configuration holds."""
    log(runs / "odd", 0.5, key="dropout")
    read = read_runs([str(runs)], WANTED)
    assert len(read.curves[0].n) == 5
    (problem,) = read.problems
    assert problem.source == "runs/odd/train.log"
    assert "expected the number of training examples in the configuration of the run" in problem.message
    assert "found 'dropout'" in problem.message


def test_a_run_without_the_score_is_told_and_the_others_are_read(runs: Path) -> None:
    """What most runs log is the score of the curve."""
    (log(runs / "odd", 300) / "train.log").write_text(
        "".join(f"epoch {e}: train loss {1 / e} val loss {1 / e}\n" for e in (1, 2, 3))
    )
    read = read_runs([str(runs)], WANTED)
    assert len(read.curves[0].n) == 5
    assert [p.message for p in read.problems] == ["expected val_accuracy, found 'val_loss'"]


def test_groups_are_curves_of_their_own(tmp_path: Path) -> None:
    """Named by the values of the keys, joined with slashes."""
    for model in ("cnn", "mlp"):
        for n in (100, 200):
            log(tmp_path / "r" / f"{model}{n}", n, model=model, lr=0.1)
    read = read_runs([str(tmp_path / "r")], CurvesWanted(path="", by=("model", "lr")))
    assert [(c.id, c.n.tolist()) for c in read.curves] == [("cnn/0.1", [100, 200]), ("mlp/0.1", [100, 200])]


def test_no_size_at_all_is_one_line(tmp_path: Path) -> None:
    """Whoever has many such runs gets one message."""
    for name in ("a", "b", "c"):
        log(tmp_path / "r" / name, 1, key="lr")
    with pytest.raises(
        MlcheckError, match=r"r/a/train.log: expected the number of training examples .* \(and 2 more\)"
    ):
        read_runs([str(tmp_path / "r")], WANTED)


@pytest.mark.parametrize(
    ("config", "wanted", "found"),
    [
        ({"n_train": 500}, None, ("n_train", 500)),
        ({"data.max_train_samples": 500.0, "n": 3}, None, ("data.max_train_samples", 500)),
        ({"trainSize": 500}, None, ("trainSize", 500)),
        ({"train_size": 0.8, "n_samples": 1000}, None, ("n_samples", 1000)),
        ({"data.shots": 5, "n_train": 7}, "shots", ("data.shots", 5)),
    ],
)
def test_the_size_is_found_by_its_usual_names(
    config: dict[str, float], wanted: str | None, found: tuple[str, int]
) -> None:
    """By the whole dotted name or its last part; a share of the data is no size."""
    assert size(config, wanted) == found


@pytest.mark.parametrize(
    ("config", "wanted", "told"),
    [
        ({}, None, "found no configuration"),
        ({"train_size": 0.8}, None, "expected a number of training examples in 'train_size', found 0.8"),
        ({"n_train": True}, None, "found True"),
        ({"n_train": 500}, "shots", "expected 'shots' in the configuration of the run, found 'n_train'"),
    ],
)
def test_what_is_no_size_is_said(config: dict[str, float], wanted: str | None, told: str) -> None:
    """With what was found in its place."""
    said = size(config, wanted)
    assert isinstance(said, str)
    assert told in said
