"""Evaluation results of XGBoost and LightGBM, and scikit-learn's loss curves, as the programs give them."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from mlcheck.readers import read_inputs

if TYPE_CHECKING:
    from mlcheck.model import Run

BOOSTERS = Path(__file__).parent / "data" / "stores" / "boosters"


def run_of(path: Path) -> Run:
    """Read a file that holds one run."""
    reading = read_inputs([str(path)])
    assert not reading.problems
    (run,) = reading.runs
    return run


def names(run: Run) -> tuple[str | None, str | None]:
    """Return the names of the training and the validation loss."""
    return (run.train_loss.name if run.train_loss else None, run.val_loss.name if run.val_loss else None)


def written(folder: Path, document: Any, name: str = "evals.json") -> Path:
    """Write a document as JSON."""
    (folder / name).write_text(json.dumps(document))
    return folder / name


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("xgb_two.json", ("validation_0/logloss", "validation_1/logloss")),
        ("xgb_one.json", (None, "validation_0/logloss")),
        ("xgb_reversed.json", ("validation_1/logloss", "validation_0/logloss")),
        ("lgb_two.json", ("training/binary_logloss", "valid_1/binary_logloss")),
        ("lgb_one.json", (None, "valid_0/binary_logloss")),
        ("lgb_train.json", ("training/binary_logloss", "valid_1/binary_logloss")),
        ("lgb_cv.json", ("train binary_logloss-mean", "valid binary_logloss-mean")),
        ("xgb_cv.csv", ("train-logloss-mean", "test-logloss-mean")),
        ("xgb_cv.json", ("train-logloss-mean", "test-logloss-mean")),
        ("mlp.json", ("loss_curve_", None)),
        ("loss_curve.csv", ("0", None)),
        ("hist_loss.json", ("train_score_", "validation_score_")),
        ("gradient.json", ("train_score_", "oob_scores_")),
    ],
)
def test_the_losses_of_real_files_are_found(file: str, expected: tuple[str | None, str | None]) -> None:
    """Spreads of a cross-validation are no losses; sets are told apart by name, or by which was trained on."""
    run = run_of(BOOSTERS / file)
    assert names(run) == expected
    assert len([s for s in run.series if s.role.quantity == "loss"]) == sum(
        name is not None for name in expected
    )


def test_scores_are_metrics_that_should_rise() -> None:
    """AUC beside the loss; accuracies that scikit-learn calls scores."""
    for file, split in (
        ("xgb_two.json", "train"),
        ("mlp.json", "validation"),
        ("hist_accuracy.json", "validation"),
    ):
        metric = run_of(BOOSTERS / file).metric(split)  # type: ignore[arg-type]  # one of the splits
        assert metric is not None
        assert metric.role.better == "higher"


def test_negative_losses_of_scikit_learn_are_turned_round() -> None:
    """Histogram boosting keeps the loss times -1, so that it rises."""
    run = run_of(BOOSTERS / "hist_loss.json")
    raw = json.loads((BOOSTERS / "hist_loss.json").read_text())
    assert run.train_loss is not None
    assert run.val_loss is not None
    assert np.allclose(run.train_loss.value, np.negative(raw["train_score_"]))
    assert np.allclose(run.val_loss.value, np.negative(raw["validation_score_"]))
    assert run.train_loss.value[0] > run.train_loss.value[-1] > 0


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"train": {"rmse": [3, 2, 1]}, "eval": {"rmse": [4, 3, 3]}}, ("train/rmse", "eval/rmse")),
        ({"dtrain": {"rmse": [3, 2, 1]}, "dtest": {"rmse": [4, 3, 3]}}, ("dtrain/rmse", "dtest/rmse")),
        ({"X_train": {"l2": [3, 2, 1]}, "X_val": {"l2": [4, 3, 3]}}, ("X_train/l2", "X_val/l2")),
        ({"training": {"mlogloss": [3, 2]}, "validation_0": {"mlogloss": [4, 3]}}, ("training/mlogloss", "validation_0/mlogloss")),
        ({"validation_0": {"auc": [0.5, 0.6], "error": [0.3, 0.2]}}, (None, "validation_0/error")),
        ({"validation_0": {"custom": [3, 2, 1]}, "validation_1": {"custom": [4, 3, 3]}}, ("validation_0/custom", "validation_1/custom")),
        ({"validation_0": {"cox-nloglik": [3, 2, 1]}}, (None, "validation_0/cox-nloglik")),
        ({"evals_result": {"train": {"rmse": [3, 2]}, "test": {"rmse": [4, 3]}}, "n": 3}, ("train/rmse", "test/rmse")),
        ({"valid_0": {"l1": [3, 2.5, 2], "l2": [9, 8, 7]}, "training": {"l1": [3, 2, 1], "l2": [9, 7, 5]}}, ("training/l2", "valid_0/l2")),
    ],
)  # fmt: skip
def test_results_under_other_names_are_understood(
    tmp_path: Path, document: Any, expected: tuple[str | None, str | None]
) -> None:
    """Native interfaces take any name for a set; people wrap results into other documents."""
    assert names(run_of(written(tmp_path, document))) == expected


def test_ranking_without_any_loss_is_a_run_of_metrics(tmp_path: Path) -> None:
    """NDCG and MAP should rise; there is nothing to call a loss."""
    run = run_of(written(tmp_path, {"valid_0": {"ndcg@5": [0.5, 0.6], "map@10": [0.3, 0.4]}}))
    assert names(run) == (None, None)
    assert [s.role.better for s in run.series] == ["higher", "higher"]


def test_several_results_are_several_runs(tmp_path: Path) -> None:
    """One for each fold, by name."""
    fold = {"train": {"rmse": [3, 2, 1]}, "eval": {"rmse": [4, 3, 3]}}
    runs = read_inputs([str(written(tmp_path, {"fold_0": fold, "fold_1": fold}))]).runs
    assert [run.config["run"] for run in runs] == ["fold_0", "fold_1"]


def test_a_history_by_set_that_is_no_boosters_is_left_to_others(tmp_path: Path) -> None:
    """A network's history may be nested the same way."""
    run = run_of(
        written(tmp_path, {"train": {"loss": [3, 2, 1], "acc": [0.1, 0.2, 0.3]}, "val": {"loss": [4, 3, 3]}})
    )
    assert run.reader == "json"
    assert run.train_loss is not None


def test_best_scores_are_no_curves(tmp_path: Path) -> None:
    """`best_score_` is one number for each set."""
    assert not read_inputs([str(written(tmp_path, {"valid_0": {"l2": 0.12}, "training": {"l2": 0.1}}))]).runs


@pytest.mark.parametrize("suffix", ["csv", "txt"])
def test_a_bare_column_is_the_loss_that_the_file_is_called(tmp_path: Path, suffix: str) -> None:
    """As NumPy writes it; a file called anything else is none."""
    for name in (f"loss_curve.{suffix}", f"val_loss.{suffix}", f"points.{suffix}"):
        (tmp_path / name).write_text("".join(f"{1 / (i + 1):.6e}\n" for i in range(20)))
    assert names(run_of(tmp_path / f"loss_curve.{suffix}")) == ("#1", None)
    assert names(run_of(tmp_path / f"val_loss.{suffix}")) == (None, "#1")
    assert not read_inputs([str(tmp_path / f"points.{suffix}")]).runs


def test_a_bare_list_is_the_loss_that_the_file_is_called(tmp_path: Path) -> None:
    """`json.dump(model.loss_curve_, ...)`."""
    assert names(run_of(written(tmp_path, [3, 2, 1.5, 1], "loss_curve.json"))) == ("loss_curve", None)


def test_a_table_of_scores_is_read_as_the_json_is(tmp_path: Path) -> None:
    """The same attributes as columns."""
    (tmp_path / "a.csv").write_text("train_score_,validation_score_\n-0.7,-0.7\n-0.5,-0.6\n-0.3,-0.55\n")
    run = run_of(tmp_path / "a.csv")
    assert names(run) == ("train_score_", "validation_score_")
    assert run.val_loss is not None
    assert run.val_loss.value.tolist() == [0.7, 0.6, 0.55]


def test_broken_files_are_told_on_one_line(tmp_path: Path) -> None:
    """Cut anywhere, bytes changed anywhere."""
    chance = random.Random(6)  # noqa: S311  (no secret)
    files = sorted(BOOSTERS.iterdir())
    for _ in range(120):
        path = chance.choice(files)
        content = path.read_bytes()
        broken = bytearray(content[: chance.randrange(1, len(content) + 1)])
        for _ in range(chance.randrange(4)):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        (tmp_path / path.name).write_bytes(broken)
        assert all("\n" not in p.message + p.hint for p in read_inputs([str(tmp_path / path.name)]).problems)
