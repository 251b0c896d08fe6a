"""YOLO's results.txt without a header, whatever its parts, and results.csv with rows that were not evaluated."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlcheck.errors import MlcheckError
from mlcheck.readers import assemble, hparams, read_inputs, yolo
from mlcheck.readers.source import Source

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from mlcheck.model import Run


def row(
    epoch: int, last: int, parts: Sequence[float], results: Sequence[float], *, memory: str = "10.5G"
) -> str:
    """Return a row as train.py prints it: `'%10s' * 2 + '%10.4g' * n`, then the results of the evaluation."""
    numbers = [*parts, sum(parts), 43, 640, *results]
    return f"{f'{epoch}/{last}':>10}{memory:>10}" + "".join(f"{number:>10.4g}" for number in numbers) + "\n"


def results(scale: float, losses: Sequence[float] = (0.08, 0.007, 0.05)) -> list[float]:
    """Return precision, recall, both mean average precisions, and the validation losses."""
    return [0.5, 0.4, 0.3 * scale, 0.2 * scale, *losses]


def runs(text: str | bytes, name: str = "results.txt") -> tuple[Run, ...]:
    """Read a file to runs with ids."""
    source = Source(name=name, content=text if isinstance(text, bytes) else text.encode())
    assert yolo.sniff(source), "the reader does not recognise the file"
    return tuple(assemble.with_ids(assemble.runs(list(yolo.read(source)), columns={}).runs))


def names(run: Run) -> tuple[str | None, str | None]:
    """Return the columns of the two losses."""
    train, val = run.train_loss, run.val_loss
    return None if train is None else train.name, None if val is None else val.name


def test_text_has_its_total_before_the_labels_and_the_validation_at_the_end() -> None:
    """YOLOv5 to v7: box, obj, cls and their total, then labels, size, P, R, mAP, mAP, and the validation's parts."""
    (run,) = runs("".join(row(i, 19, [0.07 / (i + 1), 0.02, 0.01], results(i + 1)) for i in range(4)))
    assert names(run) == ("#6", "#13+#14+#15")
    assert run.train_loss is not None
    assert run.train_loss.value.tolist() == [0.1, 0.065, 0.05333, 0.0475]
    assert (run.train_loss.step_unit, run.train_loss.step.tolist()) == ("epoch", [0, 1, 2, 3])
    metric = run.metric("validation")
    assert metric is not None
    assert (metric.name, metric.role.measure, metric.role.better) == ("#11", "average_precision", "higher")
    assert metric.value[-1] == pytest.approx(1.2)


@pytest.mark.parametrize(
    ("parts", "losses", "expected"),
    [
        ([0.1157, 0.07347, 0, 0.3198], [0.1007, 0.0967, 0], ("#3", "#14")),  # one more part: landmarks
        ([0.0136, 0.003565, 0, 0.02744, 0.001767], [0.0127, 0.0019, 0], ("#3", "#15")),  # key points
        (
            [0.1197, 0.0279, 0.0573, 0.5631],
            [0.1, 0.03, 0.04, 0.2, 0.37],
            ("#7", "#18"),
        ),  # a validation total, too
        ([1.93, 0.512, 1.26], [2.11], ("#6", "#13")),  # YOLOv3: a single validation loss
        ([0.05, 0.02, 0.0], [0.04, 0.01, 0.0], ("#6", "#13+#14+#15")),  # one class: its part is 0
    ],
)
def test_the_sum_says_where_the_parts_end(
    parts: list[float], losses: list[float], expected: tuple[str, str]
) -> None:
    """Forks add parts to the loss; the total is where the numbers before it add up."""
    (run,) = runs("".join(row(i, 9, parts, results(1, losses)) for i in range(5)))
    assert names(run) == expected


def test_the_last_of_the_old_metrics_is_f1() -> None:
    """YOLOv3 prints F1 where later versions print a stricter mean average precision, which is never the larger one."""
    old = [0.178, 0.237, 0.148, 0.203, 3.29, 3.32, 0.0222]
    (run,) = runs(row(0, 9, [4.0, 2.0, 1.0], old) + row(1, 9, [3.0, 2.0, 1.0], old))
    f1 = run.metric("validation", "f1")
    assert f1 is not None
    assert f1.name == "#12"


def test_rows_that_were_not_evaluated_have_no_validation() -> None:
    """With --notest all seven results are printed as 0."""
    (run,) = runs(
        row(0, 2, [3, 2, 1], [0] * 7) + row(1, 2, [2, 2, 1], [0] * 7) + row(2, 2, [1, 2, 1], results(1))
    )
    assert run.val_loss is not None
    assert run.val_loss.step.tolist() == [2]
    (run,) = runs(row(0, 2, [3, 2, 1], [0] * 7) + row(1, 2, [2, 2, 1], [0] * 7))
    assert run.val_loss is None


def test_appended_runs_are_told_apart_and_a_resumed_one_goes_on() -> None:
    """The file is opened for appending: an epoch that is no later than the first begins another run."""
    one = [row(i, 2, [3, 2, 1], results(1)) for i in range(3)]
    assert len(runs("".join(one * 3))) == 3
    single = row(0, 0, [3, 2, 1], results(1))
    assert [len(r.series[0]) for r in runs(single * 3 + "".join(one))] == [1, 1, 1, 3]
    resumed = [row(i, 30, [3 / i, 2, 1], results(1)) for i in (21, 22, 23, 22, 23, 24)]
    (run,) = runs("".join(resumed))
    assert [e.kind for e in run.events] == ["restart"]
    assert run.train_loss is not None
    assert run.train_loss.step.tolist() == [21, 22, 23, 24]


def test_batches_may_stand_where_the_memory_does() -> None:
    """The first versions print the batch, `117/117`, in the second column."""
    (run,) = runs(
        row(0, 9, [3, 2, 1], results(1), memory="117/117") * 1
        + row(1, 9, [2, 2, 1], results(1), memory="117/117")
    )
    assert names(run) == ("#6", "#13+#14+#15")


def test_a_file_cut_anywhere_is_read_up_to_the_cut_or_refused() -> None:
    """No cut and no flipped byte raises anything but the package's own error."""
    whole = "".join(row(i, 19, [0.07, 0.02, 0.01], results(1)) for i in range(3)).encode()
    for end in range(0, len(whole), 7):
        source = Source(name="results.txt", content=whole[:end])
        if end and yolo.sniff(source):
            list(yolo.read(source))
    (run,) = runs(whole[:-30])
    assert [e.kind for e in run.events] == ["truncated"]
    for at in range(0, len(whole), 5):
        broken = whole[:at] + bytes([whole[at] ^ 0x55]) + whole[at + 1 :]
        source = Source(name="results.txt", content=broken)
        try:
            if yolo.sniff(source):
                list(yolo.read(source))
        except MlcheckError:
            continue


HEADER = (
    "                  epoch,         train/box_loss,         train/cls_loss,         train/dfl_loss,"
    "   metrics/precision(B),       metrics/mAP50(B),           val/box_loss,           val/cls_loss,"
    "           val/dfl_loss,                 lr/pg0\n"
)


def line(*cells: float) -> str:
    """Return a row of Ultralytics' table, padded to 23 places."""
    return ",".join(f"{cell:>23.5g}" for cell in cells) + "\n"


def test_the_table_is_read_by_its_first_part() -> None:
    """Ultralytics logs no total: the first part of each split stands for the loss, padded header or not."""
    body = "".join(line(i, 2 - i, 3, 1, 0.5, 0.1 * i, 2.1 - i, 3, 1, 0.01) for i in range(3))
    (run,) = runs(HEADER + body, "results.csv")
    assert run.reader == "yolo"
    assert names(run) == ("train/box_loss", "val/box_loss")
    assert run.lr is not None
    (old,) = runs(HEADER.replace(" ", "") + body.replace(" ", ""), "results.csv")
    assert names(old) == names(run)


def test_a_part_that_says_loss_twice_does_not_win() -> None:
    """RT-DETR logs giou_loss, cls_loss and l1_loss: the first one stands for both splits."""
    header = "epoch,time,train/giou_loss,train/cls_loss,train/l1_loss,metrics/mAP50(B),val/giou_loss,val/cls_loss,val/l1_loss\n"
    (run,) = runs(header + "1,9.5,.5,.9,.1,.3,.6,.8,.2\n2,19,.4,.8,.1,.4,.5,.7,.2\n", "results.csv")
    assert names(run) == ("train/giou_loss", "val/giou_loss")


def test_a_classifier_has_a_total() -> None:
    """Classification logs train/loss and val/loss."""
    (run,) = runs(
        "epoch,train/loss,metrics/accuracy_top1,val/loss\n1,1.5,.5,1.4\n2,.4,.7,.9\n", "results.csv"
    )
    assert names(run) == ("train/loss", "val/loss")


def test_rows_of_the_table_that_were_not_evaluated_are_left_out() -> None:
    """With --noval every result is 0 until the last epoch."""
    body = line(0, 2, 3, 1, 0, 0, 0, 0, 0, 0.01) + line(1, 1, 3, 1, 0.5, 0.3, 2.1, 3, 1, 0.01)
    (run,) = runs(HEADER + body, "results.csv")
    assert run.val_loss is not None
    assert run.val_loss.value.tolist() == [2.1]
    assert run.train_loss is not None
    assert len(run.train_loss) == 2


def test_settings_beside_the_results_are_the_runs_hyperparameters(tmp_path: Path) -> None:
    """opt.yaml and hyp.yaml (or args.yaml) stand in the folder of the run."""
    (tmp_path / "results.txt").write_text("".join(row(i, 2, [3, 2, 1], results(1)) for i in range(3)))
    (tmp_path / "hyp.yaml").write_text("lr0: 0.01\nmomentum: 0.937\n")
    (tmp_path / "opt.yaml").write_text("batch_size: 16\n")
    assert hparams.is_settings(tmp_path / "hyp.yaml")
    (run,) = read_inputs([str(tmp_path)]).runs
    assert (run.config["lr0"], run.config["batch_size"]) == (0.01, 16)
