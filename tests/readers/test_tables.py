"""Tables of rows become runs: long ones, phases, several runs, Lightning's sparse ones; other tables are refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlcheck.errors import MlcheckError, NothingToRead
from mlcheck.readers import assemble, csv, tables
from mlcheck.readers.source import Source

if TYPE_CHECKING:
    from mlcheck.model import Run

Rows = list[dict[str, Any]]


def runs(rows: Rows, **columns: str) -> tuple[Run, ...]:
    """Read rows (a missing name is a blank) to runs with ids."""
    source = Source(name="log.csv", content=b"", columns=columns)
    found = list(tables.logs(source, "csv", tables.from_records(rows, range(2, 2 + len(rows)))))
    return tuple(assemble.with_ids(assemble.runs(found, columns=columns).runs))


def from_csv(text: str) -> tuple[Run, ...]:
    """Read a CSV to runs."""
    return assemble.runs(list(csv.read(Source(name="log.csv", content=text.encode()))), columns={}).runs


def losses(run: Run) -> tuple[list[float], list[float]]:
    """Return the values of the training and the validation loss."""
    return tuple([] if s is None else s.value.tolist() for s in (run.train_loss, run.val_loss))


def refusal(rows: Rows) -> str:
    """Return why the rows are no log."""
    with pytest.raises(NothingToRead) as caught:
        runs(rows)
    return caught.value.problem


# --- Lightning ---


def test_lightnings_step_and_epoch_rows_are_interleaved_with_blanks() -> None:
    """`_step` every few batches, `_epoch` once an epoch, the validation between them: each has its own points."""
    header = "epoch,lr-Adam,step,train_loss_epoch,train_loss_step,val_loss\n"
    body = "0,,49,,0.9,\n0,,99,,0.7,\n0,,99,,,0.8\n0,,99,0.8,,\n,0.001,99,,,\n1,,149,,0.6,\n1,,199,,0.5,\n1,,199,,,0.6\n1,,199,0.55,,\n"
    (run,) = from_csv(header + body)
    assert run.train_loss is not None
    assert (run.train_loss.name, run.train_loss.step.tolist()) == ("train_loss_epoch", [99, 199])
    assert run.train_loss.epoch is not None
    assert run.train_loss.epoch.tolist() == [0, 1]
    assert losses(run) == ([0.8, 0.55], [0.8, 0.6])
    assert run.lr is not None
    assert run.lr.step.tolist() == [99]


def test_a_lightning_run_that_only_validates_has_no_training_loss() -> None:
    """Nothing is made up for the split that is not logged."""
    (run,) = from_csv("epoch,step,val_acc,val_loss\n0,99,0.5,0.8\n1,199,0.6,0.7\n")
    assert run.train_loss is None
    assert losses(run)[1] == [0.8, 0.7]


def test_a_crashed_lightning_run_is_judged_by_its_steps() -> None:
    """A run that died in its first epoch has an empty `_epoch` column."""
    (run,) = from_csv("epoch,step,train_loss_epoch,train_loss_step\n0,49,,0.9\n0,99,,0.7\n")
    assert run.train_loss is not None
    assert run.train_loss.name == "train_loss_step"


# --- phases, long tables, several runs ---


@pytest.mark.parametrize("column", ["phase", "mode", "split", "Split", "stage", "dataset", "subset"])
@pytest.mark.parametrize(
    "words",
    [("train", "val"), ("Train", "Valid"), ("training", "validation"), ("train", "test"), ("train", "eval")],
)
def test_a_column_may_name_the_split_of_each_row(column: str, words: tuple[str, str]) -> None:
    """One loss column, rows of both splits."""
    rows: Rows = [
        {"epoch": e, column: w, "loss": (k + 1) / (e + 1)} for e in range(3) for k, w in enumerate(words)
    ]
    (run,) = runs(rows)
    assert losses(run) == ([1, 1 / 2, 1 / 3], [2, 1, 2 / 3])


def test_phases_one_after_the_other_are_one_run() -> None:
    """All training rows first: the epoch that begins again is the other split's."""
    rows: Rows = [{"epoch": e, "phase": w, "loss": 1 / (e + 1)} for w in ("train", "val") for e in range(3)]
    (run,) = runs(rows)
    assert losses(run) == ([1, 1 / 2, 1 / 3],) * 2


def test_runs_with_phases_that_were_appended_are_several() -> None:
    """The training rows say where the next run begins."""
    rows: Rows = [
        {"epoch": e, "phase": w, "loss": 1 / (e + r)}
        for r in (1, 2)
        for e in range(3)
        for w in ("train", "val")
    ]
    assert [losses(run)[1] for run in runs(rows)] == [[1, 1 / 2, 1 / 3], [1 / 2, 1 / 3, 1 / 4]]


@pytest.mark.parametrize("sort", ["step", "metric"])
def test_a_long_table_is_read_as_a_wide_one(sort: str) -> None:
    """One row per metric and step, sorted by either."""
    rows: Rows = [
        {"step": s, "metric": m, "value": v / (s + 1)}
        for s in range(4)
        for m, v in (("train_loss", 1), ("val_loss", 2))
    ]
    (run,) = runs(sorted(rows, key=lambda row: row[sort]))
    assert losses(run) == ([1, 1 / 2, 1 / 3, 1 / 4], [2, 1, 2 / 3, 1 / 2])
    assert run.val_loss is not None
    assert run.val_loss.step.tolist() == [0, 1, 2, 3]


def test_a_long_table_of_several_runs_is_several_runs() -> None:
    """run, step, metric, value."""
    rows: Rows = [
        {"run": r, "step": s, "metric": m, "value": k / (s + 1)}
        for k, r in enumerate("ab", 1) for m in ("train_loss", "val_loss") for s in range(3)
    ]  # fmt: skip
    made = runs(rows)
    assert [run.config["run"] for run in made] == ["a", "b"]
    assert losses(made[1]) == ([2, 1, 2 / 3],) * 2


@pytest.mark.parametrize("mixed", [False, True])
def test_a_column_that_names_the_run_splits_the_table(mixed: bool) -> None:
    """Runs one after the other or in turns."""
    rows: Rows = [
        {"run": r, "epoch": e, "loss": 1 / (e + k), "val_loss": 1.0}
        for k, r in enumerate(("a", "b", "c"), 1)
        for e in range(4)
    ]
    if mixed:
        rows.sort(key=lambda row: row["epoch"])
    made = runs(rows)
    assert [run.id for run in made] == ["log", "log#2", "log#3"]
    assert [losses(run)[0][0] for run in made] == [1, 1 / 2, 1 / 3]


def test_two_columns_that_name_the_run_split_it_by_both() -> None:
    """Every model with every seed."""
    rows: Rows = [
        {"model": m, "seed": s, "epoch": e, "loss": 1.0}
        for m in ("cnn", "mlp")
        for s in (1, 2)
        for e in range(4)
    ]
    assert [(run.config["model"], run.config["seed"]) for run in runs(rows)] == [
        ("cnn", "1"),
        ("cnn", "2"),
        ("mlp", "1"),
        ("mlp", "2"),
    ]


def test_columns_that_never_change_are_the_configuration() -> None:
    """Hyperparameters written into every row."""
    (run,) = runs([{"epoch": e, "loss": 1.0, "batch_size": 32, "optimizer": "adam"} for e in range(4)])
    assert (run.config["batch_size"], run.config["optimizer"]) == (32, "adam")


# --- counters ---


def test_rows_are_counted_where_nothing_else_is() -> None:
    """A table without step or epoch has rows."""
    (run,) = runs([{"train_loss": 1.0}, {"train_loss": 0.5}])
    assert run.train_loss is not None
    assert (run.train_loss.step.tolist(), run.train_loss.step_unit) == ([1, 2], "row")


@pytest.mark.parametrize(("role", "unit"), [("step", "step"), ("epoch", "epoch")])
def test_the_user_may_name_the_counter(role: str, unit: str) -> None:
    """`--column step=NAME` takes any column."""
    (run,) = runs([{"images": 64 * i, "loss": 1.0} for i in range(1, 4)], **{role: "images"})
    assert run.train_loss is not None
    assert (run.train_loss.step.tolist(), run.train_loss.step_unit) == ([64, 128, 192], unit)
    assert "images" not in [s.name for s in run.series]


def test_a_counter_that_is_not_there_is_a_problem_that_names_the_columns() -> None:
    """A typing error must not fall back to something else in silence."""
    with pytest.raises(MlcheckError, match="expected a column 'itre', found 'iter', 'loss'"):
        runs([{"iter": 1, "loss": 1.0}], step="itre")


def test_blanks_in_a_counter_take_the_count_before_them() -> None:
    """A validation row that does not say its step was logged at the last one."""
    (run,) = runs(
        [{"step": 10, "loss": 1.0}, {"val_loss": 1.5}, {"step": 20, "loss": 0.5}, {"val_loss": 1.0}]
    )
    assert run.val_loss is not None
    assert run.val_loss.step.tolist() == [10, 20]


@given(st.lists(st.integers(1, 6), min_size=1, max_size=5))
def test_appended_runs_are_cut_where_the_epoch_starts_again(lengths: list[int]) -> None:
    """However long each was, as many runs come out with as many points."""
    rows: Rows = [{"epoch": e, "loss": 1.0} for n in lengths for e in range(n + 1)]
    assert [len(losses(run)[0]) for run in runs(rows)] == [n + 1 for n in lengths]


@pytest.mark.parametrize("order", [[4, 3, 2, 1, 0], [2, 4, 1, 3, 0], [4, 0, 3, 1, 2]])
def test_rows_sorted_by_something_else_are_put_in_order(order: list[int]) -> None:
    """Newest first, or sorted by the loss: no row is lost."""
    (run,) = runs([{"epoch": e, "loss": 1 / (e + 1)} for e in order])
    assert losses(run)[0] == [1, 1 / 2, 1 / 3, 1 / 4, 1 / 5]


@given(st.integers(3, 30), st.data())
def test_a_restart_keeps_one_value_per_step_the_later_one(length: int, data: st.DataObject) -> None:
    """A run that goes back to a checkpoint and on is one run; its steps never decrease."""
    back = data.draw(st.integers(1, length - 2))
    rows: Rows = [{"step": s, "loss": 1.0} for s in range(length)] + [
        {"step": s, "loss": 2.0} for s in range(back, length + 5)
    ]
    (run,) = runs(rows)
    assert run.train_loss is not None
    assert run.train_loss.step.tolist() == list(range(length + 5))
    assert run.train_loss.value.tolist() == [1.0] * back + [2.0] * (length + 5 - back)
    assert [(e.kind, e.at) for e in run.events] == [("restart", back)]


# --- what is no log ---


@pytest.mark.parametrize(
    "row",
    [
        {"Name": "run{i}", "State": "finished", "iter": 5000, "train/loss": 0.5, "val/loss": 0.6},
        {"Run ID": "a{i}b", "Name": "owl-{i}", "Status": "FINISHED", "Epochs": 10, "train_loss": 0.5, "validation_loss": 0.7},
        {"number": 0, "value": 0.3, "params_lr": 0.1, "state": "COMPLETE", "val_loss": 0.5},
        {"run_name": "x{i}", "best_val_acc": 0.5, "loss": 0.7},
        {"trial_id": "t{i}", "lr": 0.1, "loss": 0.7},
    ],
)  # fmt: skip
def test_a_table_with_one_row_per_run_is_refused(row: dict[str, Any]) -> None:
    """Exports of W&B, MLflow and Optuna hold last values: a curve drawn through runs would be nonsense."""
    rows = [
        {k: v.format(i=i) if isinstance(v, str) else i if k == "number" else v for k, v in row.items()}
        for i in range(6)
    ]
    assert "one row per" in refusal(rows)


def test_a_table_of_runs_whose_names_recur_is_refused() -> None:
    """Several seeds of each: the step stands still in every row."""
    rows: Rows = [
        {"Name": n, "seed": s, "iter": 5000, "train/loss": 0.5} for s in range(4) for n in ("a", "b", "c")
    ]
    assert "a table of runs" in refusal(rows)


def test_a_log_may_hold_a_name_in_each_row() -> None:
    """Checkpoints named after their epoch do not make a log a table of runs."""
    (run,) = runs([{"epoch": e, "name": f"ckpt-{e}", "loss": 1 / (e + 1)} for e in range(5)])
    assert len(losses(run)[0]) == 5


def test_a_table_of_trials_without_names_is_refused() -> None:
    """Settings that jump from row to row are a search, not a schedule."""
    rows: Rows = [
        {"lr": lr, "batch_size": b, "val_loss": 0.5} for lr in (0.1, 0.01, 0.001) for b in (32, 64, 32)
    ]
    assert "a table of trials" in refusal(rows)


def test_a_schedule_of_the_rate_is_no_table_of_trials() -> None:
    """A learning rate that falls beside a batch size that grows."""
    (run,) = runs([{"lr": 0.1 / (e + 1), "batch_size": 32 * (1 + e // 5), "loss": 0.5} for e in range(10)])
    assert run.lr is not None


@pytest.mark.parametrize("name", ["n_train", "train_size", "n_samples", "n", "dataset_size"])
def test_a_curve_over_the_size_of_the_training_set_is_refused(name: str) -> None:
    """More data is not more time."""
    assert "size of the training set" in refusal(
        [{name: 10 * 2**i, "train_loss": 0.1 * i, "val_loss": 1 / (i + 1)} for i in range(6)]
    )


@pytest.mark.parametrize(
    "row",
    [{"y_true": 1, "y_pred": 0}, {"label": 1, "prediction": 0, "loss": 0.3}, {"id": 1, "target": 1, "prob": 0.3}, {"Actual Answer": "yes", "Generated Answer": "no", "loss": 1.0}],
)  # fmt: skip
def test_a_table_of_predictions_is_refused(row: dict[str, Any]) -> None:
    """Rows that are samples are no curve, though a loss may stand beside each."""
    assert "predictions" in refusal([row] * 5)


def test_a_data_set_is_no_log_although_measurements_are_called_errors() -> None:
    """Without a counter and a loss, a target makes rows examples."""
    text = "mean_radius,radius_error,area_error,target\n" + "".join(
        f"{10 + i},0.{900 - i},{80 - i},{'benign' if i % 2 else 'malignant'}\n" for i in range(40)
    )
    source = Source(name="cells.csv", content=text.encode())
    with pytest.raises(
        NothingToRead, match=r"found a data set, whose target is 'target'; try mlcheck data cells.csv"
    ):
        list(csv.read(source))
