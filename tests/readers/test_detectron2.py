"""Detectron2's metrics.json: the total loss, average precisions of held-out data, runs appended to one file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from mlcheck.errors import MlcheckError
from mlcheck.readers import assemble, detectron2
from mlcheck.readers.source import Source

if TYPE_CHECKING:
    from mlcheck.model import Run


def rows(iterations: int, *, every: int = 100, **more: float) -> list[dict[str, Any]]:
    """Return what the writer gives every 20 iterations, and after each evaluation."""
    found: list[dict[str, Any]] = []
    for at in range(19, iterations, 20):
        found.append({"data_time": 0.003, "eta_seconds": 50.0, "fast_rcnn/cls_accuracy": 0.9, "iteration": at, "loss_box_reg": 0.5, "loss_cls": 20 / (at + 1),
                      "lr": 1e-4, "roi_head/num_bg_samples": 104.75, "time": 18.1, "total_loss": 40 / (at + 1), **more})  # fmt: skip
        if (at + 1) % every == 0:
            found.append(
                {
                    "bbox/AP": 10.0 + at,
                    "bbox/AP50": 20.0,
                    "bbox/AP-person": float("nan"),
                    "segm/AP": 5.0,
                    "iteration": at,
                }
            )
    return found


def runs(some: list[dict[str, Any]]) -> tuple[Run, ...]:
    """Read rows to runs."""
    source = Source(name="metrics.json", content="".join(json.dumps(row) + "\n" for row in some).encode())
    assert detectron2.sniff(source), "the reader does not recognise the file"
    return assemble.runs(list(detectron2.read(source)), columns={}).runs


def test_the_total_is_the_loss_and_the_precision_is_of_held_out_data() -> None:
    """The parts of the loss stay parts; iterations are counted from 0."""
    (run,) = runs(rows(200))
    assert run.train_loss is not None
    assert (run.train_loss.name, run.train_loss.step[0], len(run.train_loss)) == ("total_loss", 19, 10)
    assert run.val_loss is None
    metric = run.metric("validation", "average_precision")
    assert metric is not None
    assert (metric.name, metric.step.tolist(), metric.value.tolist()) == ("bbox/AP", [99, 199], [109, 209])
    assert run.lr is not None


def test_a_hook_for_the_validation_loss_is_heeded() -> None:
    """Many projects add one."""
    (run,) = runs(rows(100, validation_loss=0.7))
    assert run.val_loss is not None
    assert run.val_loss.name == "validation_loss"


def test_training_begun_again_is_another_run() -> None:
    """The writer appends: iteration 19 comes twice."""
    assert [len(r.train_loss) for r in runs(rows(100) + rows(60)) if r.train_loss] == [5, 3]


def test_a_cut_file_is_read_up_to_the_cut() -> None:
    """No cut raises anything but the package's own error."""
    whole = "".join(json.dumps(row) + "\n" for row in rows(60)).encode()
    for end in range(1, len(whole), 11):
        source = Source(name="metrics.json", content=whole[:end])
        if detectron2.sniff(source):
            try:
                list(detectron2.read(source))
            except MlcheckError:
                continue
