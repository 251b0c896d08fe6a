"""DVCLive: the files of a folder are one run, in every layout that it had, and copies of them with prefixed names."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import numpy as np
import pytest

from mlcheck.readers import read_inputs

STORES = Path(__file__).parent / "data" / "stores"


def tsv(header: str, *values: object) -> str:
    """Return a metric's file with steps from 0; with a time where the header begins with one."""
    time = "1644421247031\t" if header.startswith("timestamp") else ""
    return f"{header}\n" + "".join(f"{time}{i}\t{v}\n" for i, v in enumerate(values))


def write(folder: Path, files: dict[str, str]) -> Path:
    """Write files by path below a folder."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def test_a_real_folder_is_one_run() -> None:
    """Folders say the split; metrics of one name in two folders stay apart; metrics.json is passed over."""
    reading = read_inputs([str(STORES / "dvclive")])
    (run,) = reading.runs
    assert not reading.problems
    assert not run.events
    assert run.train_loss is not None
    assert run.val_loss is not None
    assert (run.train_loss.name, run.train_loss.value[0]) == ("total_loss", 1.0)
    assert (run.val_loss.name, run.val_loss.value[0]) == ("total_loss", 1.1)
    assert {"synth/loss_strong", "real/loss_strong", "box_loss", "Train accuracy"} <= {
        s.name for s in run.series
    }
    assert run.lr is not None
    assert run.lr.name == "lr/pg0"
    odd = next(s for s in run.series if s.name == "odd")
    assert np.array_equal(odd.value, [0, 1, 2, np.nan, 4, 5], equal_nan=True)
    assert run.config["lr"] == 0.01


def test_a_metric_called_step_has_no_counter_of_its_own() -> None:
    """It was written over the counter: its file has one column."""
    (run,) = read_inputs([str(STORES / "dvclive_step")]).runs
    assert run.train_loss is not None
    assert run.train_loss.step.tolist() == [0, 1, 2, 3]
    assert [s.value.tolist() for s in run.series if s.name == "step"] == [[0, 10, 20, 30]]


@pytest.mark.parametrize(
    "files",
    [
        {"dvclive/plots/metrics/train/loss.tsv": "step\tloss", "dvclive/plots/metrics/eval/loss.tsv": "step\tloss"},
        {"dvclive/plots/metrics/train/loss.tsv": "step\ttrain/loss", "dvclive/plots/metrics/eval/loss.tsv": "step\teval/loss"},
        {"dvclive/scalars/train/loss.tsv": "timestamp\tstep\tloss", "dvclive/scalars/val/loss.tsv": "timestamp\tstep\tloss"},
        {"dvclive/loss.tsv": "timestamp\tstep\tloss", "dvclive/val_loss.tsv": "timestamp\tstep\tval_loss"},
        {"live/plots/metrics/train/loss.tsv": "step\tloss", "live/plots/metrics/val/loss.tsv": "step\tloss"},
        {"a/owner+repo+train_loss.tsv": "step\tloss", "a/owner+repo+val_loss.tsv": "step\tloss"},
    ],
)  # fmt: skip
def test_both_losses_are_found_in_every_layout(tmp_path: Path, files: dict[str, str]) -> None:
    """With and without a time, by folder, by name, by the prefix of a copy."""
    texts = {
        name: tsv(header, *((3, 2, 1) if i == 0 else (4, 3, 2.5)))
        for i, (name, header) in enumerate(files.items())
    }
    (run,) = read_inputs([str(write(tmp_path, texts))]).runs
    assert run.train_loss is not None
    assert run.val_loss is not None
    assert (run.train_loss.value.tolist(), run.val_loss.value.tolist()) == ([3, 2, 1], [4, 3, 2.5])
    assert run.train_loss.name == next(iter(files.values())).rpartition("\t")[2]
    assert run.train_loss.step.tolist() == [0, 1, 2]


def test_two_folders_are_two_runs(tmp_path: Path) -> None:
    """Each `dvclive` folder is a run."""
    files = {
        f"{run}/dvclive/plots/metrics/{name}.tsv": tsv(f"step\t{name}", 3, 2, 1)
        for run in "ab"
        for name in ("loss", "val_loss")
    }
    runs = read_inputs([str(write(tmp_path, files))]).runs
    assert [len(run.series) for run in runs] == [2, 2]


@pytest.mark.parametrize(
    "name", ["train_lr.tsv", "epoch.tsv", "val_obj_metric.tsv", "Train loss.tsv", "train_mAP50-95(B).tsv"]
)
def test_any_metric_alone_is_a_run(tmp_path: Path, name: str) -> None:
    """Only training writes such files."""
    header = name.removesuffix(".tsv").removeprefix("train_").removeprefix("val_")
    (run,) = read_inputs([str(write(tmp_path, {name: tsv(f"step\t{header}", 1, 2, 3)}) / name)]).runs
    assert [s.name for s in run.series] == [header]


def test_an_unknown_metric_of_a_copy_is_of_the_split_before_its_name(tmp_path: Path) -> None:
    """`val_obj_metric` is a metric of the validation set."""
    (run,) = read_inputs(
        [
            str(
                write(tmp_path, {"val_obj_metric.tsv": tsv("step\tobj_metric", 0, 0.5, 1)})
                / "val_obj_metric.tsv"
            )
        ]
    ).runs
    metric = run.metric("validation")
    assert metric is not None
    assert (metric.name, metric.role.better) == ("obj_metric", "higher")


def test_copies_of_one_name_and_split_stay_apart(tmp_path: Path) -> None:
    """`val/synth/loss` and `val/real/loss`, copied into one folder."""
    files = {f"o+r+val_{kind}_loss.tsv": tsv("step\tloss", 3, 2, len(kind)) for kind in ("synth", "real")}
    (run,) = read_inputs([str(write(tmp_path, files))]).runs
    assert {s.name: s.value[-1] for s in run.series} == {"synth/loss": 5, "real/loss": 4}


def test_final_values_are_no_run(tmp_path: Path) -> None:
    """Scores of a fitted model, one row each."""
    folder = write(
        tmp_path,
        {f"dvclive/plots/metrics/{name}.tsv": tsv(f"step\t{name}", 0.9) for name in ("accuracy", "rmse")},
    )
    assert not read_inputs([str(folder)]).runs


def test_the_summary_alone_is_refused_in_one_line() -> None:
    """It holds final values."""
    (problem,) = read_inputs([str(STORES / "dvclive" / "metrics.json")]).problems
    assert "\n" not in problem.message


def test_a_row_that_is_cut_is_left_out_and_told(tmp_path: Path) -> None:
    """The run goes on, or the copy broke off."""
    folder = write(tmp_path, {"dvclive/plots/metrics/loss.tsv": tsv("step\tloss", 3, 2, 1) + "3"})
    reading = read_inputs([str(folder)])
    assert [len(run.train_loss or ()) for run in reading.runs] == [3]
    assert ["cut" in p.message for p in reading.problems] == [True]


def test_a_table_of_something_else_is_left_to_others(tmp_path: Path) -> None:
    """Two columns under `step` are a table of one run, not a metric's file."""
    (run,) = read_inputs(
        [str(write(tmp_path, {"log.tsv": "step\tloss\tval_loss\n0\t3\t4\n1\t2\t3\n"}) / "log.tsv")]
    ).runs
    assert run.reader == "csv"
    assert run.val_loss is not None


def test_broken_files_are_told_on_one_line(tmp_path: Path) -> None:
    """Cut anywhere, bytes changed anywhere."""
    shutil.copytree(STORES / "dvclive", tmp_path / "dvclive")
    files = sorted(p for p in (tmp_path / "dvclive").rglob("*.tsv"))
    chance = random.Random(3)  # noqa: S311  (no secret)
    for _ in range(80):
        path = chance.choice(files)
        content = path.read_bytes()
        broken = bytearray(content[: chance.randrange(1, len(content) + 1)])
        for _ in range(chance.randrange(4)):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        path.write_bytes(broken)
        for named in (tmp_path / "dvclive", path):
            assert all("\n" not in p.message + p.hint for p in read_inputs([str(named)]).problems)
        path.write_bytes(content)
