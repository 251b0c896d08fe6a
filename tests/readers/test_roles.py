"""The table of names says what a column means, and never by parts of words."""

from __future__ import annotations

import csv
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlcheck.readers import roles

if TYPE_CHECKING:
    from mlcheck.model import Quantity, Role, Split


def primary(names: list[str], quantity: Quantity, split: Split | None, **overrides: str) -> str | None:
    """Return the name that comes first for that quantity and split."""
    found = roles.assign(names, overrides=overrides)
    return next((names[i] for i, role in found if (role.quantity, role.split) == (quantity, split)), None)


def role_of(names: list[str], name: str) -> Role:
    """Return the role of one name among its neighbours."""
    return {names[i]: role for i, role in roles.assign(names)}[name]


@pytest.mark.parametrize(
    "name",
    ["train_loss", "train/loss", "TrainLoss", "trainLoss", "Training Loss", "loss/train", "Loss/train", "loss_train", "trainloss",
     "train-loss", "TRAIN_LOSS", "train_losses", "training_loss", "train_nll", "tr_loss", "loss", "Loss", "losses", "train_cross_entropy",
     "train.loss", "train loss", "Train Loss (avg)", "train/total_loss", "epoch_loss", "running_loss", "objective", "train_log_loss", "cost"],
)  # fmt: skip
def test_a_training_loss_is_known_however_it_is_spelled(name: str) -> None:
    """Underscores, slashes, blanks, capitals and camel humps only cut words."""
    assert (role_of([name], name).quantity, role_of([name], name).split) == ("loss", "train")


@pytest.mark.parametrize(
    "name",
    ["val_loss", "valid_loss", "validation_loss", "eval_loss", "dev_loss", "DEV_LOSS", "ValLoss", "valLoss", "Loss/val", "loss_val", "va_loss",
     "valloss", "val/loss", "Validation Loss", "eval/nll", "heldout_loss", "held-out loss", "val_losses", "validation/cross_entropy"],
)  # fmt: skip
def test_a_validation_loss_is_known_however_it_is_spelled(name: str) -> None:
    """Every common word for the held-out split is known."""
    assert (role_of([name], name).quantity, role_of([name], name).split) == ("loss", "validation")


@pytest.mark.parametrize(
    "name",
    [
        "latest_loss",
        "interval_loss",
        "smallest_loss",
        "contest_loss",
        "valve_loss",
        "devious_loss",
        "evaluator_loss",
    ],
)
def test_letters_inside_a_word_name_no_split(name: str) -> None:
    """`latest` holds "test" and `interval` holds "val": whole words decide."""
    assert roles.guess(name).role.split is None
    assert role_of([name], name).split == "train"


@pytest.mark.parametrize(
    "name",
    ["best_val_loss", "min_loss", "loss_std", "loss_max", "final_train_loss", "loss_weight", "loss_scale", "DeltaLossPi", "val_loss_last",
     "num_losses", "color", "lrange", "epochs_per_second", "batch_size", "weight_decay", "time/epoch_fit"],
)  # fmt: skip
def test_what_only_resembles_a_curve_is_none(name: str) -> None:
    """A running best, a spread, a weight or a last value is not the loss at that step."""
    assert roles.guess(name).role.quantity not in ("loss", "metric", "lr")


@pytest.mark.parametrize(
    ("name", "quantity"),
    [
        ("lr", "lr"), ("learning_rate", "lr"), ("lr-Adam", "lr"), ("LearningRate", "lr"), ("lr/pg0", "lr"), ("train_lr", "lr"),
        ("epoch", "epoch"), ("Epoch", "epoch"), ("trainer/epoch", "epoch"), ("train/epoch", "epoch"), ("step", "step"),
        ("_step", "step"), ("global_step", "step"), ("trainer/global_step", "step"), ("iteration", "step"), ("iter", "step"),
        ("time/total_timesteps", "step"), ("TotalEnvInteracts", "step"), ("grad_norm", "grad_norm"), ("train/grad_norm", "grad_norm"),
        ("gradient_norm", "grad_norm"), ("gnorm", "grad_norm"), ("norm", "grad_norm"), ("_timestamp", "time"), ("_runtime", "time"),
        ("wall_time", "time"),
    ],
)  # fmt: skip
def test_counters_rates_and_norms_are_known(name: str, quantity: str) -> None:
    """What is not a loss but rules the reading of one."""
    assert roles.guess(name).role.quantity == quantity


@pytest.mark.parametrize(
    ("name", "measure", "better"),
    [
        ("val_accuracy", "accuracy", "higher"), ("val_acc", "accuracy", "higher"), ("Val acc@1", "accuracy", "higher"),
        ("eval_top5", "top5_accuracy", "higher"), ("test_f1", "f1", "higher"), ("val_F-Score", "f1", "higher"),
        ("val_roc_auc", "roc_auc", "higher"), ("val_mIoU", "iou", "higher"), ("eval_bleu", "bleu", "higher"),
        ("eval_wer", "wer", "lower"), ("val_mape", "mape", "lower"), ("metrics/mAP50(B)", "average_precision", "higher"),
        ("rollout/ep_rew_mean", "return", "higher"), ("AverageEpRet", "return", "higher"), ("val_exact_match_em", "em", "higher"),
        ("val_fid", "fid", "lower"),
    ],
)  # fmt: skip
def test_a_metric_knows_its_name_and_which_way_is_better(name: str, measure: str, better: str) -> None:
    """A rule that reads a falling accuracy as progress would be worse than none."""
    found = roles.guess(name).role
    assert (found.quantity, found.measure, found.better) == ("metric", measure, better)


@pytest.mark.parametrize(
    ("names", "split", "expected"),
    [
        (["train_loss_step", "train_loss_epoch"], "train", "train_loss_epoch"),
        (["loss_box_reg", "loss_cls", "total_loss"], "train", "total_loss"),
        (["box_loss", "loss"], "train", "loss"),
        (["train/step_loss", "train/loss"], "train", "train/loss"),
        (["eval_g0_loss", "eval_loss"], "validation", "eval_loss"),
        (["eval_g0_loss", "eval_g1_loss"], "validation", "eval_g0_loss"),
        (["train_loss_ce", "train_loss_ce_unscaled", "train_loss"], "train", "train_loss"),
        (["loss", "val_loss"], "train", "loss"),
        (["loss", "train_loss", "val_loss"], "train", "train_loss"),
        (["ema_loss", "smoothed_loss", "loss"], "train", "loss"),
        (["train", "val"], "validation", "val"),
        (["train/box_loss", "train/cls_loss"], "train", "train/box_loss"),
        (["train_mse", "train_loss"], "train", "train_loss"),
        (["best_val_loss", "val_loss"], "validation", "val_loss"),
    ],
)  # fmt: skip
def test_the_plain_total_comes_before_its_parts_and_finer_forms(
    names: list[str], split: Split, expected: str
) -> None:
    """The series a run is judged by is the one whose name says no more than the loss, whatever the order of columns."""
    assert primary(names, "loss", split) == expected


def test_an_error_beside_a_loss_is_a_metric() -> None:
    """mse, error rate and perplexity are the loss only where nothing plainer is logged."""
    assert role_of(["loss", "mae", "val_loss", "val_mae"], "val_mae").quantity == "metric"
    assert role_of(["train_mae", "val_mae"], "val_mae").quantity == "loss"
    assert role_of(["valid loss", "valid error"], "valid error").better == "lower"


def test_an_unnamed_metric_is_of_the_split_that_the_losses_suggest() -> None:
    """Keras writes the training metric without a word, fastai the validation one."""
    assert role_of(["loss", "accuracy", "val_loss", "val_accuracy"], "accuracy").split == "train"
    assert role_of(["train_loss", "valid_loss", "accuracy"], "accuracy").split == "validation"


def test_parts_of_an_episodic_objective_are_no_loss_beside_a_return() -> None:
    """In reinforcement learning a policy loss that rises may go with a better policy."""
    names = ["AverageEpRet", "LossPi", "LossV"]
    assert primary(names, "loss", "train") is None
    assert primary(["rollout/ep_rew_mean", "train/value_loss", "train/loss"], "loss", "train") == "train/loss"
    assert primary(["LossPi", "LossV"], "loss", "train") == "LossPi"


@pytest.mark.parametrize(
    ("role", "quantity", "split"),
    [
        ("train_loss", "loss", "train"), ("val_loss", "loss", "validation"), ("test_loss", "loss", "test"), ("lr", "lr", None),
        ("grad_norm", "grad_norm", None), ("val_accuracy", "metric", "validation"), ("train_f1", "metric", "train"),
    ],
)  # fmt: skip
def test_the_users_choice_wins_over_the_table(role: str, quantity: Quantity, split: Split | None) -> None:
    """`--column ROLE=NAME` takes any column, and no other loss of that split is left beside it."""
    names = ["train_loss", "val_loss", "test_loss", "lr", "grad_norm", "val_accuracy", "energy"]
    assert primary(names, quantity, split, **{role: "energy"}) == "energy"
    if quantity == "loss":
        found = roles.assign(names, overrides={role: "energy"})
        assert [names[i] for i, r in found if (r.quantity, r.split) == (quantity, split)] == ["energy"]


def test_a_column_logged_for_both_splits_is_chosen_for_its_own() -> None:
    """Of the two channels "energy" of a table with a phase column, `val_loss=energy` means the validation rows."""
    found = roles.assign(
        ["energy", "energy"], hints=["train", "validation"], overrides={"val_loss": "energy"}
    )
    assert {i: (r.quantity, r.split) for i, r in found} == {0: ("other", None), 1: ("loss", "validation")}


@pytest.mark.parametrize("text", ["loss", "train", "validation_", "train_banana", "", "_loss", "epochs"])
def test_a_role_that_is_none_is_not_parsed(text: str) -> None:
    """The option names a split and a quantity, or lr, step, epoch, time, grad_norm."""
    assert roles.parse_role(text) is None


def test_the_split_of_a_file_or_folder_wins_over_the_silence_of_the_name() -> None:
    """TensorBoard's "epoch_loss" is of the split that its folder says."""
    found = roles.assign(["epoch_loss", "epoch_loss"], hints=["train", "validation"])
    assert {i: r.name for i, r in found} == {0: "train_loss", 1: "val_loss"}


@given(st.text(max_size=40))
def test_any_text_has_a_guess(name: str) -> None:
    """Names are untrusted: none may raise, and blanks around them say nothing."""
    found = roles.guess(name)
    assert found.role.quantity in ("loss", "metric", "lr", "grad_norm", "step", "epoch", "time", "other")
    assert roles.words(f"  {name} ") == roles.words(name)


@given(st.permutations(["epoch", "loss_cls", "total_loss", "val_loss", "val_acc", "lr"]))
def test_the_order_of_the_columns_does_not_matter(names: list[str]) -> None:
    """Which series is primary follows from names alone where the names tell."""
    assert primary(names, "loss", "train") == "total_loss"
    assert primary(names, "loss", "validation") == "val_loss"
    assert primary(names, "metric", "validation") == "val_acc"


def test_most_of_the_names_that_people_use_are_right() -> None:
    """Of the names seen in public repositories, weighted by how many use them, nineteen in twenty mean what people meant.

    Left out are names that hold no curve (a best, a spread, a last value): there the table must say "other".
    """
    folder = os.environ.get("MLCHECK_BENCH")
    if not folder:
        pytest.skip("MLCHECK_BENCH does not name the folder of other people's logs")
    right = total = summaries = 0
    with (Path(folder) / "wild" / "vocabulary.csv").open(encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            count, guess = int(row["repositories"]), roles.guess(row["name"])
            if not roles.NOT_A_CURVE.isdisjoint(roles.words(row["name"])):
                summaries += guess.role.quantity not in ("other", "lr")
                continue
            total += count
            right += count * (_short(guess, row["role"]) == row["role"])
    assert summaries == 0
    assert right / total > 0.95


def _short(guess: roles.Guess, wanted: str) -> str:
    """Return the vocabulary's word for a guess; an error by itself may be a loss or a metric."""
    if guess.role.quantity != "loss":
        return guess.role.quantity
    if guess.rank >= 2 and wanted == "metric":
        return "metric"
    return "train_loss" if guess.role.split in (None, "train") else "val_loss"
