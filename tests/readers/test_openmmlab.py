"""OpenMMLab's JSON lines, old and new: evaluations stand where they were made, both files of MMEngine are one run."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from mlcheck.errors import MlcheckError
from mlcheck.readers import assemble, openmmlab, read_inputs
from mlcheck.readers.source import Source

if TYPE_CHECKING:
    from pathlib import Path

    from mlcheck.model import Run, Series

Row = dict[str, Any]


def lines(rows: list[Row]) -> str:
    """Write rows as JSON lines."""
    return "".join(json.dumps(row) + "\n" for row in rows)


def runs(rows: list[Row], name: str = "20230605_200941.log.json") -> tuple[Run, ...]:
    """Read the rows to runs."""
    source = Source(name=name, content=lines(rows).encode())
    assert openmmlab.sniff(source), "the reader does not recognise the file"
    return assemble.runs(list(openmmlab.read(source)), columns={}).runs


def named(run: Run, name: str) -> Series:
    """Return the series of that name."""
    return next(s for s in run.series if s.name == name)


def by_epoch(epochs: int, start: float = 2.0) -> list[Row]:
    """Return what MMCV logs of an epoch-based runner: the iteration within the epoch, then the evaluation."""
    rows: list[Row] = []
    for epoch in range(1, epochs + 1):
        rows += [
            {"mode": "train", "epoch": epoch, "iter": i, "lr": 0.01, "memory": 3060, "data_time": 0.1, "loss_cls": 0.5 * start / epoch, "loss": start / epoch - i / 1e4, "time": 0.3}
            for i in (50, 100)
        ]  # fmt: skip
        rows.append({"mode": "val", "epoch": epoch, "iter": 63, "lr": 0.01, "bbox_mAP": 0.1 * epoch, "bbox_mAP_copypaste": "0.1 0.2"})  # fmt: skip
    return rows


@pytest.mark.parametrize(
    "first", [{"env_info": "sys.platform: linux", "seed": 0, "exp_name": "x.py"}, {"hook_msgs": {}}, {}, None]
)
def test_older_libraries_count_within_the_epoch(first: Row | None) -> None:
    """The first line says where the run was made, or nothing."""
    (run,) = runs(([first] if first is not None else []) + by_epoch(3))
    assert run.train_loss is not None
    assert (run.train_loss.name, run.train_loss.step.tolist()) == ("loss", [50, 100, 150, 200, 250, 300])
    assert run.val_loss is None
    metric = named(run, "bbox_mAP")
    assert (metric.step.tolist(), metric.role.split, metric.role.measure) == (
        [100, 200, 300],
        "validation",
        "average_precision",
    )
    assert run.lr is not None


def test_an_iteration_based_runner_counts_on() -> None:
    """MMSegmentation evaluates every so many iterations and writes the number of its own batches there."""
    rows: list[Row] = [{"env_info": "linux"}]
    for iteration in range(50, 401, 50):
        rows.append({"mode": "train", "epoch": 1 + iteration // 300, "iter": iteration, "lr": 0.01, "decode.loss_ce": 2 / iteration, "decode.acc_seg": 70.0, "loss": 3 / iteration, "time": 0.3})  # fmt: skip
        if iteration % 200 == 0:
            rows.append({"mode": "val", "epoch": 1 + iteration // 300, "iter": 500, "lr": 0.01, "mIoU": 0.1, "aAcc": 0.7})  # fmt: skip
    (run,) = runs(rows)
    assert named(run, "mIoU").step.tolist() == [200, 400]
    assert named(run, "mIoU").role.measure == "iou"
    assert run.train_loss is not None
    assert run.train_loss.step.tolist() == list(range(50, 401, 50))


def test_a_validation_phase_of_the_workflow_has_a_loss() -> None:
    """With workflow [("train", 1), ("val", 1)] the val rows hold a loss."""
    rows: list[Row] = []
    for epoch in (1, 2, 3):
        rows += [{"mode": "train", "epoch": epoch, "iter": 100, "lr": 0.1, "loss": 2 / epoch, "time": 0.1}, {"mode": "val", "epoch": epoch, "iter": 20, "lr": 0.1, "loss": 3 / epoch}]  # fmt: skip
    (run,) = runs(rows)
    assert run.val_loss is not None
    assert run.val_loss.value.tolist() == [3, 1.5, 1]


def of_mmengine(epochs: int, start: float = 1.7) -> list[Row]:
    """Return what MMEngine logs: `step` is the iteration in training rows, the epoch in evaluation rows."""
    rows: list[Row] = []
    for epoch in range(1, epochs + 1):
        rows.append({"lr": 0.02, "data_time": 0.003, "loss": start / epoch, "time": 0.14, "epoch": epoch, "iter": 69 * epoch, "memory": 3060, "step": 69 * epoch})  # fmt: skip
        rows.append({"coco/bbox_mAP": 0.1 * epoch, "accuracy/top1": 10.0 * epoch, "data_time": 0.09, "time": 0.12, "step": epoch})  # fmt: skip
    return rows


def test_mmengine_counts_iterations_and_epochs() -> None:
    """An evaluation is placed at the iteration before it, even where the epochs are few or many."""
    (run,) = runs(of_mmengine(80), "scalars.json")
    assert named(run, "accuracy/top1").step.tolist() == [69 * (1 + i) for i in range(80)]
    assert named(run, "accuracy/top1").role.split == "validation"
    assert run.train_loss is not None
    assert run.train_loss.step.tolist() == [69 * (1 + i) for i in range(80)]


def test_both_files_of_mmengine_are_one_run(tmp_path: Path) -> None:
    """Every row is written twice; a run that was cut in one of them is read from the other."""
    place = tmp_path / "20230605_200941" / "vis_data"
    place.mkdir(parents=True)
    (place / "20230605_200941.json").write_text(lines(of_mmengine(3)))
    (place / "scalars.json").write_text(lines(of_mmengine(4)))
    (run,) = read_inputs([str(tmp_path)]).runs
    assert run.train_loss is not None
    assert len(run.train_loss) == 4
    assert run.events == ()


def test_several_runs_of_a_folder_stay_apart(tmp_path: Path) -> None:
    """Each run has a file of its own, and scalars.json holds them all one after the other."""
    first, second = of_mmengine(3), of_mmengine(4, start=2.5)
    place = tmp_path / "vis_data"
    place.mkdir()
    (place / "20241205_142148.json").write_text(lines(first))
    (place / "20241205_142419.json").write_text(lines(second))
    (place / "scalars.json").write_text(lines(first + second))
    losses = [r.train_loss for r in read_inputs([str(place)]).runs]
    assert [len(loss) for loss in losses if loss] == [3, 4]


def test_a_cut_file_is_read_up_to_the_cut() -> None:
    """No cut raises anything but the package's own error."""
    whole = lines(by_epoch(2)).encode()
    for end in range(1, len(whole), 13):
        source = Source(name="a.log.json", content=whole[:end])
        if openmmlab.sniff(source):
            try:
                list(openmmlab.read(source))
            except MlcheckError:
                continue
