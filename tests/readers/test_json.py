"""JSON histories, rows and lines are read, whatever they are wrapped in; what is broken is named by line and column."""

from __future__ import annotations

import json as standard
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from mlcheck.errors import MlcheckError, NothingToRead
from mlcheck.readers import assemble, json
from mlcheck.readers.source import Source

if TYPE_CHECKING:
    from mlcheck.model import Run

ROWS: list[dict[str, Any]] = [
    {"epoch": i, "train_loss": 1 / (i + 1), "val_loss": 1.5 / (i + 1)} for i in range(4)
]


def runs(document: object, name: str = "log.json") -> tuple[Run, ...]:
    """Read a document (a text is taken as it is) to runs with ids."""
    text = document if isinstance(document, str) else standard.dumps(document)
    source = Source(name=name, content=text.encode())
    assert json.sniff(source), "the reader does not recognise the file"
    return tuple(assemble.with_ids(assemble.runs(list(json.read(source)), columns={}).runs))


def curves(run: Run) -> tuple[list[float], list[float]]:
    """Return the values of the training and the validation loss."""
    assert run.train_loss is not None
    assert run.val_loss is not None
    return run.train_loss.value.tolist(), run.val_loss.value.tolist()


def lines(rows: list[Any]) -> str:
    """Write rows as JSON lines."""
    return "".join(standard.dumps(row) + "\n" for row in rows)


EXPECTED = ([1, 1 / 2, 1 / 3, 1 / 4], [1.5, 1.5 / 2, 1.5 / 3, 1.5 / 4])
COLUMNS = {name: [row[name] for row in ROWS] for name in ROWS[0]}
LOSSES = {name: COLUMNS[name] for name in ("train_loss", "val_loss")}


@pytest.mark.parametrize(
    "document",
    [
        ROWS, lines(ROWS), COLUMNS, LOSSES, {"history": LOSSES}, {"history": ROWS}, {"log_history": ROWS}, {"metrics": {"history": LOSSES}},
        {"params": {"lr": 0.1}, "history": LOSSES}, {"train": {"loss": LOSSES["train_loss"]}, "val": {"loss": LOSSES["val_loss"]}},
        {"train": [{"epoch": r["epoch"], "loss": r["train_loss"]} for r in ROWS], "val": [{"epoch": r["epoch"], "loss": r["val_loss"]} for r in ROWS]},
        lines([{"epoch": r["epoch"], "train": {"loss": r["train_loss"]}, "val": {"loss": r["val_loss"]}} for r in ROWS]),
        lines([{}, {"hook_msgs": {}}, *ROWS]), lines([{"config": {"lr": 0.1}}, *ROWS]), standard.dumps(ROWS, indent=2), "\ufeff" + lines(ROWS),
        "\n\n" + lines(ROWS), lines(ROWS).replace("\n", "\r\n"), lines(ROWS).replace("\n", "\n\n"), lines(ROWS).rstrip("\n"),
    ],
)  # fmt: skip
def test_every_common_arrangement_is_the_same_run(document: object) -> None:
    """Rows, columns, lines, wrapped, nested by split, with an empty first line: one run with both losses."""
    (run,) = runs(document)
    assert curves(run) == EXPECTED


def test_rows_of_both_phases_are_told_apart_by_their_mode() -> None:
    """OpenMMLab writes "mode": "train" or "val" in each row, and counts iterations within the epoch."""
    rows = []
    for epoch in (1, 2, 3):
        rows += [
            {"mode": "train", "epoch": epoch, "iter": i, "loss": 1 / epoch + (2 - i / 50) / 10}
            for i in (50, 100)
        ]
        rows += [{"mode": "val", "epoch": epoch, "iter": 63, "loss": 2 / epoch}]
    (run,) = runs(lines([{"env_info": "linux", "seed": 0}, *rows]))
    train, val = curves(run)
    assert len(train) == 6
    assert val == [2, 1, 2 / 3]
    assert run.train_loss is not None
    assert run.train_loss.step.tolist() == [50, 100, 150, 200, 250, 300]
    assert run.val_loss is not None
    assert run.val_loss.step.tolist() == [100, 200, 300]


def test_evaluation_rows_counted_in_epochs_stand_where_they_were_made() -> None:
    """OpenMMLab's later versions count training rows in iterations and evaluation rows in epochs."""
    rows: list[dict[str, Any]] = []
    for epoch in (1, 2, 3):
        rows += [
            {"loss": 1 / epoch, "epoch": epoch, "iter": 69 * epoch, "step": 69 * epoch},
            {"accuracy/top1": 10.0 * epoch, "step": epoch},
        ]
    (run,) = runs(lines(rows))
    accuracy = next(s for s in run.series if s.name == "accuracy/top1")
    assert accuracy.step.tolist() == [69, 138, 207]


@pytest.mark.parametrize(
    ("document", "train", "val"),
    [
        ({"train": {"logloss": [0.6, 0.5]}, "eval": {"logloss": [0.65, 0.6]}}, "train/logloss", "eval/logloss"),
        ({"validation_0": {"rmse": [3.0, 2.0]}, "validation_1": {"rmse": [3.5, 3.0]}}, "validation_0/rmse", "validation_1/rmse"),
        ({"training": {"binary_logloss": [0.6, 0.5]}, "valid_1": {"binary_logloss": [0.7, 0.6]}}, "training/binary_logloss", "valid_1/binary_logloss"),
        ({"train": {"auc": [0.8, 0.9], "mlogloss": [1.0, 0.9]}, "test": {"auc": [0.7, 0.8], "mlogloss": [1.1, 1.0]}}, "train/mlogloss", "test/mlogloss"),
        ({"learn": {"Logloss": [0.6, 0.5]}, "validation": {"Logloss": [0.7, 0.6]}}, "learn/Logloss", "validation/Logloss"),
    ],
)  # fmt: skip
def test_evaluation_results_of_boosters_have_both_losses(
    document: object, train: str | None, val: str
) -> None:
    """XGBoost, LightGBM and CatBoost nest the metric under the name of the data."""
    (run,) = runs(document)
    assert (run.train_loss.name if run.train_loss else None) == train
    assert run.val_loss is not None
    assert run.val_loss.name == val


def test_runs_keyed_by_name_are_runs_of_their_own() -> None:
    """A script that tries learning rates may keep the histories under them."""
    made = runs(
        {
            rate: {"train_losses": [4.0, 3.0, 2.0], "valid_losses": [4.5, 3.5, 3.0]}
            for rate in ("0.2", "0.05", "0.01")
        },
        "curves.json",
    )
    assert [run.id for run in made] == ["curves", "curves#2", "curves#3"]
    assert [run.config["run"] for run in made] == ["0.2", "0.05", "0.01"]
    assert all(curves(run) == ([4, 3, 2], [4.5, 3.5, 3]) for run in made)


def test_scalars_and_texts_among_the_lists_are_no_curves() -> None:
    """`best_epoch` and `classes` stand among the series in many histories."""
    (run,) = runs(
        LOSSES
        | {
            "best_epoch": 3,
            "classes": ["cat", "dog"],
            "model": "resnet",
            "best_val_loss": 0.4,
            "nothing": None,
            "empty": [],
        }
    )
    assert {s.name for s in run.series if s.role.quantity != "other"} == {"train_loss", "val_loss"}
    assert run.config["model"] == "resnet"


def test_plural_names_and_percentages_are_read() -> None:
    """`train_losses` beside accuracies in percent."""
    (run,) = runs({"train_losses": [1.0, 0.5], "val_losses": [1.1, 0.9], "val_accuracies": ["61%", "72.5 %"]})
    accuracy = run.metric("validation", "accuracy")
    assert accuracy is not None
    assert accuracy.value.tolist() == [61.0, 72.5]


def test_a_shorter_list_is_spread_over_the_run() -> None:
    """Ten steps and two evaluations: the evaluations stand at steps 5 and 10."""
    (run,) = runs({"train_losses": [1 / i for i in range(1, 11)], "val_losses": [0.5, 0.4]})
    assert run.val_loss is not None
    assert run.val_loss.step.tolist() == [5, 10]


def test_a_bare_list_is_called_as_its_file() -> None:
    """`train_losses.json` that holds nothing but numbers."""
    (run,) = runs([0.9, 0.8, 0.7], "train_losses.json")
    assert run.train_loss is not None
    assert run.train_loss.value.tolist() == [0.9, 0.8, 0.7]


def test_null_is_a_gap_and_nan_is_a_value() -> None:
    """Python writes NaN and Infinity though JSON has none; null says that nothing was logged."""
    (run,) = runs('{"loss": [1.0, NaN, Infinity, -Infinity, 0.5], "val_loss": [null, 1.0, null, 0.5, "nan"]}')
    assert run.train_loss is not None
    np.testing.assert_array_equal(run.train_loss.value, [1.0, np.nan, np.inf, -np.inf, 0.5])
    assert run.val_loss is not None
    np.testing.assert_array_equal(run.val_loss.value, [1.0, 0.5, np.nan])


def test_two_runs_in_one_file_of_lines_are_two() -> None:
    """Detectron2 and DETR append to the file that is there."""
    made = runs(lines([*ROWS, *ROWS]))
    assert [curves(run) for run in made] == [EXPECTED, EXPECTED]


def test_a_last_line_cut_short_is_left_out_with_an_event() -> None:
    """A run that was killed while it wrote."""
    (run,) = runs(lines(ROWS) + '{"epoch": 4, "train_lo')
    assert curves(run) == EXPECTED
    assert [(e.kind, e.at) for e in run.events] == [("truncated", 5)]


def test_a_few_lines_that_are_no_json_are_left_out_with_events() -> None:
    """A warning printed into the file must not cost the run."""
    text = (
        lines(ROWS[:2])
        + "UserWarning: lr_scheduler before optimizer\n"
        + lines(ROWS[2:])
        + "\n"
        + lines([{"time": 1.0}])
    )
    (run,) = runs(text)
    assert curves(run) == EXPECTED
    assert [(e.kind, e.at) for e in run.events] == [("invalid", 3)]


def test_a_text_in_a_number_is_an_event_at_its_line() -> None:
    """Blank lines count for the line's number."""
    rows: list[Any] = [dict(row) for row in ROWS]
    rows[2]["train_loss"] = "oops"
    (run,) = runs("\n" + lines(rows))
    assert [(e.kind, e.at) for e in run.events] == [("invalid", 4)]


def failure(text: str) -> MlcheckError:
    """Return what reading the text raises."""
    with pytest.raises(MlcheckError) as caught:
        list(json.read(Source(name="x.json", content=text.encode())))
    return caught.value


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ('{"loss": [1, 2,, 3]}', "x.json:1:16"),
        ('{\n  "loss": [1, 2],\n  "val_loss": [1 2]\n}', "x.json:3:18"),
        ('{"loss": [1, 2', "x.json:1:15"),
        ('[{"loss": 1},\n {"loss": }]', "x.json:2:11"),
    ],
)  # fmt: skip
def test_malformed_json_is_named_by_line_and_column(text: str, where: str) -> None:
    """The message says where to look, what was expected and what stands there."""
    error = failure(text)
    assert error.where == where
    assert error.problem.startswith("expected valid JSON: ")
    assert not isinstance(error, NothingToRead)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, '{"loss": [1' + "0" * 5000 + "]}"])
def test_hostile_json_is_refused_without_a_traceback(text: str) -> None:
    """Nesting and integers without end are errors of the input, not of the reader."""
    assert failure(text).where.startswith("x.json")


@pytest.mark.parametrize(
    "document",
    [
        {}, [], [1, "a"], {"a": "b"}, {"lr": 0.1, "batch_size": 32}, [[[0.1, 0.2]]], {"model": {"layers": 3}}, [[1, 2], [3, 4]],
        {"loss": 0.4, "accuracy": 0.9}, {"val_loss": 0.3, "_step": 9, "_runtime": 12.5, "_wandb": {"runtime": 12}},
    ],
)  # fmt: skip
def test_json_without_a_curve_is_no_log(document: object) -> None:
    """Settings, matrices and final values: nothing to judge, so no run."""
    source = Source(name="x.json", content=standard.dumps(document).encode())
    with pytest.raises(NothingToRead):
        list(json.read(source))


@pytest.mark.parametrize(
    "text",
    [
        "{'loss': 0.5}",
        "[2024-01-01 10:00:00] epoch 1 loss 0.5",
        "[INFO] loss 0.5",
        "[10] loss: 0.4",
        "loss,epoch",
    ],
)
def test_what_only_begins_like_json_is_left_to_others(text: str) -> None:
    """A Python dict printed to the screen or a date in brackets is a text log."""
    assert not json.sniff(Source(name="x", content=text.encode()))


FRAME = {"epoch": {str(i): r["epoch"] for i, r in enumerate(ROWS)}} | {
    name: {str(i): r[name] for i, r in enumerate(ROWS)} for name in ("train_loss", "val_loss")
}


@pytest.mark.parametrize(
    "document",
    [
        FRAME, {name: FRAME[name] for name in ("train_loss", "val_loss")}, {"history": FRAME},
        {"columns": list(ROWS[0]), "index": [0, 1, 2, 3], "data": [list(r.values()) for r in ROWS]},
        {"schema": {"fields": [{"name": "index"}]}, "data": ROWS}, {str(i): LOSS for i, LOSS in enumerate(ROWS)},
        {f"epoch_{i}": {"train_loss": r["train_loss"], "val_loss": r["val_loss"]} for i, r in enumerate(ROWS)},
        {str(i): {"train": {"loss": r["train_loss"]}, "val": {"loss": r["val_loss"]}} for i, r in enumerate(ROWS)},
        {"loss": {"train": LOSSES["train_loss"], "val": LOSSES["val_loss"]}, "accuracy": {"train": [0.5] * 4, "val": [0.6] * 4}},
        {"epochs_run": [0, 1, 2, 3], "train": {"loss": LOSSES["train_loss"]}, "val": {"loss": LOSSES["val_loss"]}},
        {"train_reports": [{"total_train_updates": i, "loss": r["train_loss"]} for i, r in enumerate(ROWS)], "valid_reports": [{"total_train_updates": i, "loss": r["val_loss"]} for i, r in enumerate(ROWS)]},
    ],
)  # fmt: skip
def test_tables_by_column_by_number_and_by_quantity_are_one_run(document: object) -> None:
    """As pandas writes a frame, by the number of the epoch, and nested by quantity instead of split."""
    (run,) = runs(document)
    assert curves(run) == EXPECTED


@pytest.mark.parametrize(
    "text",
    [
        "".join(standard.dumps(row) for row in ROWS), "\n".join(standard.dumps(row, indent=2) for row in ROWS),
        "".join(standard.dumps(row) + ",\n" for row in ROWS), "[\n" + ",\n".join(standard.dumps(row) for row in ROWS),
        standard.dumps(ROWS[0]) + standard.dumps(ROWS[1]) + "\n" + standard.dumps(ROWS[2]) + "\n" + standard.dumps(ROWS[3]),
        lines(ROWS[:2]) + standard.dumps(ROWS[2]) + standard.dumps(ROWS[3]) + "\n",
    ],
)  # fmt: skip
def test_values_one_after_the_other_are_rows(text: str) -> None:
    """Without a line end, over several lines, with commas behind, in an array that was never closed."""
    (run,) = runs(text)
    assert curves(run) == EXPECTED


def test_a_value_cut_at_the_end_is_left_out() -> None:
    """Of values written over several lines the last may be cut."""
    text = "\n".join(standard.dumps(row, indent=2) for row in ROWS)
    (run,) = runs(text[:-20])
    assert curves(run) == (EXPECTED[0][:3], EXPECTED[1][:3])
    assert [e.kind for e in run.events] == ["truncated"]


def test_rows_by_number_are_sorted_and_counted() -> None:
    """Sorted as texts, 10 comes before 2; the name may say what is counted."""
    (run,) = runs({str(i): {"loss": 1 / i} for i in (1, 10, 11, 2, 3, 4, 5, 6, 7, 8, 9)})
    assert run.train_loss is not None
    assert (run.train_loss.step_unit, run.train_loss.step.tolist()) == ("epoch", list(range(1, 12)))
    (run,) = runs({f"step {i}": {"loss": 1 / i} for i in (100, 200)})
    assert run.train_loss is not None
    assert (run.train_loss.step_unit, run.train_loss.step.tolist()) == ("step", [100, 200])
    (run,) = runs({"train_loss": {"100": 2.0, "200": 1.0, "300": 0.5}, "val_loss": {"200": 1.5}})
    assert run.val_loss is not None
    assert run.val_loss.step.tolist() == [200]


def test_a_curve_downloaded_from_tensorboard_is_named_by_its_file() -> None:
    """Rows of wall time, step and value."""
    rows = [[1.6e9 + i, 10 * i, 1 / i] for i in range(1, 5)]
    (run,) = runs(rows, "run-train-tag-train_loss.json")
    assert run.train_loss is not None
    assert (run.train_loss.name, run.train_loss.step.tolist()) == ("train_loss", [10, 20, 30, 40])


def test_several_runs_by_name_stay_apart() -> None:
    """Top-level keys that are learning rates hold a history each."""
    found = runs(
        {rate: {"train_losses": [1, 0.5], "valid_losses": [1.5, 1]} for rate in ("0.2", "0.05", "0.01")}
    )
    assert [r.config["run"] for r in found] == ["0.2", "0.05", "0.01"]


@pytest.mark.parametrize(
    "document",
    [
        {"best_epoch": 3, "epoch": 9, "train_loss": 0.3, "best_val_loss": 0.5}, {"epoch": 3.0, "train_loss": 0.2, "train_runtime": 12.5},
        {"final_loss": 0.1, "loss": 0.1, "epoch": 5},
    ],
)  # fmt: skip
def test_the_summary_of_a_run_is_none(document: object) -> None:
    """An object with best or final values beside the last ones is no row of a log."""
    assert "the summary of a run" in failure(standard.dumps(document)).problem


def test_the_trainers_summary_row_is_no_point_of_the_curve() -> None:
    """A list that was saved from `trainer.state.log_history` ends in the means of the run."""
    rows: list[Any] = [{"loss": 1 / i, "epoch": i, "step": i} for i in range(1, 5)]
    (run,) = runs([*rows, {"train_runtime": 9.0, "train_loss": 0.6, "epoch": 4, "step": 4}])
    assert run.train_loss is not None
    assert (run.train_loss.name, len(run.train_loss)) == ("loss", 4)


@pytest.mark.parametrize("depth", [500, 100_000])
def test_nesting_without_end_is_refused(depth: int) -> None:
    """No depth of brackets or braces raises anything but the package's own error."""
    for text in (
        "[" * depth,
        "[" * depth + "]" * depth,
        '{"a":' * depth + "1" + "}" * depth,
        '{"history":' * depth + "1" + "}" * depth,
    ):
        source = Source(name="deep.json", content=text.encode())
        if json.sniff(source):
            with pytest.raises(MlcheckError):
                list(json.read(source))


def test_every_cut_and_flipped_byte_is_read_or_refused() -> None:
    """Nothing but the package's own error is raised."""
    for document in (ROWS, FRAME, {"history": COLUMNS}, lines(ROWS)):
        whole = (document if isinstance(document, str) else standard.dumps(document)).encode()
        for at in range(1, len(whole), 3):
            for content in (whole[:at], whole[:at] + bytes([whole[at] ^ 0x15]) + whole[at + 1 :]):
                source = Source(name="log.json", content=content)
                try:
                    if json.sniff(source):
                        list(json.read(source))
                except MlcheckError:
                    continue


def test_values_of_other_kinds_in_a_column_are_told() -> None:
    """A text where a number should be is named; numbers as texts, as numpy prints them and with NaN are numbers."""
    (run,) = runs(
        [
            {"epoch": 1, "loss": "0.5"},
            {"epoch": 2, "loss": "np.float64(0.4)"},
            {"epoch": 3, "loss": "diverged"},
            {"epoch": 4, "loss": 0.3},
            {"epoch": 5, "loss": "nan"},
        ]
    )
    assert run.train_loss is not None
    assert run.train_loss.value[:3].tolist() == [0.5, 0.4, 0.3]
    assert np.isnan(run.train_loss.value[3])
    assert [e.kind for e in run.events] == ["invalid"]


def test_cocos_twelve_numbers_give_their_first_as_the_metric() -> None:
    """DETR: `test_coco_eval_bbox` is a list in every row."""
    rows = [
        {
            "train_loss": 9.0 - i,
            "test_loss": 9.5 - i,
            "test_coco_eval_bbox": [0.1 * i, 0.5, -1.0],
            "epoch": i,
            "n_parameters": 41279495,
        }
        for i in range(3)
    ]
    (run,) = runs(lines(rows), "log.txt")
    metric = run.metric("validation", "average_precision")
    assert metric is not None
    assert metric.value.tolist() == pytest.approx([0, 0.1, 0.2])
    assert run.config["n_parameters"] == 41279495


def test_stable_baselines_lines_have_a_return_and_their_loss() -> None:
    """progress.json: the losses of policy and value are parts, explained variance may be NaN."""
    rows = [
        {"rollout/ep_rew_mean": 10.0 * i, "rollout/ep_len_mean": 20.0, "time/total_timesteps": 2048 * i, "time/iterations": i, "train/loss": 9.0 / i,
         "train/policy_gradient_loss": -0.01, "train/value_loss": 1e8, "train/explained_variance": float("nan")}
        for i in (1, 2, 3)
    ]  # fmt: skip
    (run,) = runs(lines(rows), "progress.json")
    assert run.train_loss is not None
    assert run.train_loss.name == "train/loss"
    metric = run.metric("train", "return")
    assert metric is not None
    assert metric.value.tolist() == [10, 20, 30]
    assert not any(
        s.role.quantity == "loss" for s in run.series if s.name.endswith(("value_loss", "gradient_loss"))
    )
