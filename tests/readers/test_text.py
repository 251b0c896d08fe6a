"""The reader of printed text: layouts rendered at random and read back, what frameworks print, other people's logs."""

from __future__ import annotations

import csv
import json
import math
import os
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlcheck.errors import NothingToRead
from mlcheck.model import Split
from mlcheck.readers import assemble, text
from mlcheck.readers.source import Source

if TYPE_CHECKING:
    from mlcheck.readers.log import Channel, Log

DATA = Path(__file__).parent / "data" / "text"
Name = tuple[str, Split | None]
Render = Callable[[int, str, str], str]


def logs(content: str) -> list[Log]:
    """Read a text as the reader does."""
    source = Source(name="train.log", content=content.encode())
    assert text.sniff(source)
    return list(text.read(source))


def log(content: str) -> Log:
    """Read a text that holds one run."""
    (only,) = logs(content)
    return only


def curve(of: Log, name: str, split: Split | None = None) -> Channel:
    """Return the one channel of that name and split."""
    (only,) = (c for c in of.channels if (c.name, c.split) == (name, split))
    return only


def values(of: Log, name: str, split: Split | None = None) -> list[float]:
    """Return the values of the channel of that name and split."""
    return [float(v) for v in curve(of, name, split).value]


def counts(of: Log, name: str, split: Split | None = None) -> tuple[list[float] | None, list[float] | None]:
    """Return the steps and the epochs of the channel of that name and split."""
    found = curve(of, name, split)
    return tuple(None if c is None else c.tolist() for c in (found.step, found.epoch))  # type: ignore[return-value]  # two


def names(of: Log) -> set[Name]:
    """Return the names and splits of all channels."""
    return {(c.name, c.split) for c in of.channels}


LAYOUTS: dict[str, tuple[Name, Name, Render]] = {
    "plain": (("train loss", None), ("val loss", None), lambda n, a, b: f"epoch {n}: train loss {a} val loss {b}"),
    "brackets": (("Loss", None), ("Val Loss", None), lambda n, a, b: f"Epoch [{n}/40], Loss: {a}, Val Loss: {b}"),
    "dashes": (("loss", None), ("val_loss", None), lambda n, a, b: f"Epoch {n}/40 - loss: {a} - acc: 0.9 - val_loss: {b}"),
    "pipes": (("Train Loss", None), ("Val. Loss", None), lambda n, a, b: f"Epoch: {n} | Train Loss: {a} | Val. Loss: {b} |"),
    "lines": (
        ("Train Loss", None),
        ("Val. Loss", None),
        lambda n, a, b: f"Epoch: {n:02} | Epoch Time: 0m 3s\n\tTrain Loss: {a} | Train PPL: 7.1\n\t Val. Loss: {b} |  Val. PPL: 8.2",
    ),
    "blocks": (
        ("training loss", None),
        ("validation loss", None),
        lambda n, a, b: f"-------- Epoch {n}\ntraining loss: {a}\nvalidation loss: {b}",
    ),
    "headings": (
        ("loss", "train"),
        ("loss", "validation"),
        lambda n, a, b: f"Epoch {n}/40\nTraining\nloss: {a}\nValidation\nloss: {b}",
    ),
    "scopes": (
        ("Train: loss", None),
        ("Val: loss", None),
        lambda n, a, b: f"Epoch {n} Train: loss {a} time 3s | Val: loss {b} time 1s",
    ),
    "tags": (("loss", "train"), ("loss", "validation"), lambda n, a, b: f"Epoch {n} [train] loss={a}\nEpoch {n} [eval] loss={b}"),
    "dictionary": (
        ("loss", None),
        ("eval_loss", None),
        lambda n, a, b: f"{{'loss': {a}, 'learning_rate': 5e-05, 'epoch': {n}}}\n{{'eval_loss': {b}, 'eval_runtime': 3.2, 'epoch': {n}}}",
    ),
    "tensors": (
        ("loss", None),
        ("val_loss", None),
        lambda n, a, b: f"epoch {n} loss tensor({a}, device='cuda:0', grad_fn=<NllLossBackward0>) val_loss np.float64({b})",
    ),
    "speechbrain": (
        ("train loss", None),
        ("valid loss", None),
        lambda n, a, b: f"Epoch: {n}, lr: 1.00e-03 - train loss: {a} - valid loss: {b}, valid error: 3.56e-01",
    ),
    "flair": (
        ("loss", None),
        ("DEV  : loss", None),
        lambda n, a, b: f"EPOCH {n} done: loss {a} - lr 0.1000\nDEV  : loss {b} - f-score 0.6282",
    ),
    "table": (("train_loss", None), ("valid_loss", None), lambda n, a, b: f"epoch  train_loss  valid_loss  time\n{n}  {a}  {b}  00:12"),
    "bar": (
        ("loss", None),
        ("val_loss", None),
        lambda n, a, b: f"Epoch {n}:  50%|█▌   | 5/10 [00:01<00:01, 9.1it/s, loss=7.5]\rEpoch {n}: 100%|███| 10/10 [00:01<00:00, 9.1it/s, loss={a}, val_loss={b}]",
    ),
    "keras": (
        ("loss", None),
        ("val_loss", None),
        lambda n, a, b: f"Epoch {n}/40\n 5/10 [==>...] - ETA: 5s - loss: 7.5\b\b\b\b10/10 [=====] - 2s 15ms/step - loss: {a} - val_loss: {b}",
    ),
}  # fmt: skip
STEP_LAYOUTS: dict[str, tuple[Name, Name, Render]] = {
    "nanogpt": (
        ("loss", None),
        ("val loss", None),
        lambda n, a, b: f"step {n}: train loss 9.5, val loss {b}\niter {n}: loss {a}, time 23.02ms, mfu 1.2%",
    ),
    "modded": (
        ("train_loss", None),
        ("val_loss", None),
        lambda n, a, b: f"step:{n}/99 val_loss:{b} train_time:{n}ms step_avg:nanms\nstep:{n}/99 train_loss:{a} train_time:{n}ms step_avg:1.5ms",
    ),
    "llm.c": (("trl", None), ("tel", None), lambda n, a, b: f"s:{n} tel:{b}\ns:{n} trl:{a}"),
    "llm.c of PyTorch": (("train", None), ("val", None), lambda n, a, b: f"{n} val {b}\n{n} train {a}"),
    "boosting": (("train-rmse", None), ("validation-rmse", None), lambda n, a, b: f"[{n}]\ttrain-rmse:{a}\tvalidation-rmse:{b}"),
    "caffe": (
        ("loss", None),
        ("Test net output #1: loss", None),
        lambda n, a, b: f"I0120 20:02:17.761525 17443 solver.cpp:341] Iteration {n}, Testing net (#0)\nI0120 20:02:17.8 17443 solver.cpp:409]     Test net output #1: loss = {b} (* 1 = {b} loss)\nI0120 20:02:17.9 17443 solver.cpp:237] Iteration {n}, loss = {a}",
    ),
}  # fmt: skip

finite = st.floats(min_value=-1e6, max_value=1e6).filter(lambda v: v != 0)
anything = st.floats(allow_nan=True, allow_infinity=True, width=32).filter(lambda v: v != 0)
pairs = st.lists(st.tuples(anything, anything), min_size=2, max_size=12)


def rendered(render: Render, points: list[tuple[float, float]]) -> str:
    """Print the points, counted from 1."""
    return "".join(render(n, repr(a), repr(b)) + "\n" for n, (a, b) in enumerate(points, 1))


@pytest.mark.parametrize("layout", LAYOUTS)
@given(points=pairs)
def test_what_is_printed_per_epoch_is_read_back(layout: str, points: list[tuple[float, float]]) -> None:
    """Every layout gives back its values, digit for digit, and its epochs."""
    train, val, render = LAYOUTS[layout]
    found = log(rendered(render, points))
    np.testing.assert_array_equal(values(found, *train), [a for a, _ in points])
    np.testing.assert_array_equal(values(found, *val), [b for _, b in points])
    assert counts(found, *val) == (None, [float(n) for n in range(1, len(points) + 1)])


@pytest.mark.parametrize("layout", STEP_LAYOUTS)
@given(points=pairs)
def test_what_is_printed_per_step_is_read_back(layout: str, points: list[tuple[float, float]]) -> None:
    """Every layout gives back its values, digit for digit, and its steps."""
    train, val, render = STEP_LAYOUTS[layout]
    found = log(rendered(render, points))
    np.testing.assert_array_equal(values(found, *train), [a for a, _ in points])
    np.testing.assert_array_equal(values(found, *val), [b for _, b in points])
    assert counts(found, *train) == ([float(n) for n in range(1, len(points) + 1)], None)
    assert counts(found, *val)[0] == [float(n) for n in range(1, len(points) + 1)]


PREFIXES = (
    "[2024-01-02 10:11:12,123] INFO trainer.py:123 - ",
    "2024-01-02 10:11:12.345678: ",
    "2023/06/05 20:10:13 - mmengine - INFO - ",
    "2022-09-19 20:36:19,623 - INFO - allennlp.training.trainer - ",
    "INFO:root:",
    "INFO:__main__:",
    "[rank0]: ",
    "[01/05 12:00:01 d2.utils.events]: ",
    "I0120 20:02:17.761525 17443 solver.cpp:253]     ",
    "(RayTrainWorker pid=123, ip=10.0.0.1) ",
    "10:11:12 | INFO | ",
    "[INFO] ",
    "    ",
    "\x1b[1m\x1b[32m",
)
LINES = [name for name in LAYOUTS if name not in ("table", "bar", "keras")]


@pytest.mark.parametrize("layout", LINES)
@given(prefix=st.sampled_from(PREFIXES), end=st.sampled_from(("\n", "\r\n", "\r\r\n", "\x1b[0m\n")))
def test_log_prefixes_and_colours_change_nothing(layout: str, prefix: str, end: str) -> None:
    """Time, level, rank, logger, colour and line ends around a line are no part of it."""
    train, val, render = LAYOUTS[layout]
    plain = "".join(render(n, str(3.5 / n), str(4.5 / n)) + "\n" for n in (1, 2, 3))
    found = log("".join(prefix + line + end for line in plain.splitlines()))
    assert values(found, *train) == [3.5, 3.5 / 2, 3.5 / 3]
    assert values(found, *val) == [4.5, 4.5 / 2, 1.5]
    assert counts(found, *val) == (None, [1, 2, 3])


@given(
    first=st.lists(finite, min_size=2, max_size=8),
    second=st.lists(finite, min_size=2, max_size=8),
    layout=st.sampled_from(sorted(LAYOUTS)),
)
def test_a_counter_that_returns_to_its_first_value_begins_a_new_run(
    first: list[float], second: list[float], layout: str
) -> None:
    """Two runs printed one after the other are two logs of one file, each with its own values."""
    train, _, render = LAYOUTS[layout]
    found = logs("".join(rendered(render, [(v, v) for v in run]) for run in (first, second)))
    assert [values(each, *train) for each in found] == [first, second]
    assert {each.key for each in found} == {"train.log"}


def test_a_counter_that_goes_back_a_little_is_a_restart() -> None:
    """A run that went on from a checkpoint stays one run, with an event at the step it went back to."""
    steps = [*range(0, 1000, 100), *range(500, 1500, 100)]
    found = log("".join(f"step {n} loss {9 - n / 1000}\n" for n in steps))
    assert counts(found, "loss") == (steps, None)
    assert [(e.kind, e.at) for e in found.events] == [("restart", 500.0)]


@pytest.mark.parametrize(
    ("printed", "value"),
    [
        ("1e-05", 1e-5),
        ("1,234", 1234.0),
        ("1,234.5", 1234.5),
        (".5", 0.5),
        ("-0.25", -0.25),
        ("81.3%", 81.3),
        ("inf", math.inf),
        ("-inf", -math.inf),
        ("Infinity", math.inf),
        ("1.#INF", math.inf),
        ("-1.#INF", -math.inf),
        ("tensor(0.31)", 0.31),
        ("tensor(0.31, grad_fn=<MeanBackward0>)", 0.31),
        ("'0.31'", 0.31),
    ],
)
def test_numbers_as_programs_print_them(printed: str, value: float) -> None:
    """Exponents, thousands, percent, infinities of Python and C, tensors and quotes are all numbers."""
    assert values(log(f"epoch 1 loss: {printed}\nepoch 2 loss: {printed}\n"), "loss") == [value, value]


@pytest.mark.parametrize(
    "printed", ["nan", "NaN", "-nan", "1.#QNAN", "-1.#IND", "tensor(nan, device='cuda:0')"]
)
def test_a_logged_nan_is_a_point(printed: str) -> None:
    """NaN by any of its names is kept as NaN."""
    found = values(log(f"epoch 1 loss: 2.5\nepoch 2 loss: {printed}\nepoch 3 loss: {printed}\n"), "loss")
    assert np.isnan(found).tolist() == [False, True, True]


def test_a_value_that_is_not_there_is_no_point() -> None:
    """None, N/A and a dash leave the other values of the line alone."""
    found = log("epoch 1 loss 2.5 val_loss 3\nepoch 2 loss 2 val_loss None\nepoch 3 loss 1 val_loss N/A\n")
    assert values(found, "loss") == [2.5, 2.0, 1.0]
    assert values(found, "val_loss") == [3.0]


def test_times_memory_and_versions_are_no_curves() -> None:
    """What measures the machine is left out, with and without a unit."""
    line = "epoch {} step {} loss 0.5 eta 0:01:02 time: 9.97 data_time 3 max mem: 1234 3ms/step 12s 1.2it/s mfu 3% fps: 30 v_num=7 tok/s 5\n"
    assert names(log("".join(line.format(n, 10 * n) for n in (1, 2, 3)))) == {("loss", None)}


def test_names_stand_as_they_are() -> None:
    """`latest_loss` and `interval_loss` keep their names; what they hold of "test" and "val" is not a split."""
    found = log("step 1 latest_loss 3 interval_loss 4\nstep 2 latest_loss 2 interval_loss 3\n")
    assert names(found) == {("latest_loss", None), ("interval_loss", None)}


def test_a_name_that_recurs_in_a_line_belongs_to_the_split_named_before_it() -> None:
    """In `Train loss 0.5, accuracy 0.8, Val loss 0.6, accuracy 0.7` each accuracy has its own split."""
    line = "Epoch {}, Train loss 0.5, accuracy 0.8, Val loss 0.6, accuracy 0.7\n"
    found = log(line.format(1) + line.format(2))
    assert values(found, "accuracy", "train") == [0.8, 0.8]
    assert values(found, "accuracy", "validation") == [0.7, 0.7]


def test_what_is_told_and_not_logged_is_no_curve() -> None:
    """`improved from 0.5 to 0.4`, the best so far and a closing test result leave no trace."""
    found = log(
        "epoch 1: val_loss 0.5\nval_loss improved from inf to 0.5. Saving model!\nepoch 2: val_loss 0.4\n"
        "val_loss improved from 0.5 to 0.4. Saving model!\nBest val_loss: 0.4 at epoch 2\nEpoch loaded: 2 - test loss: 0.45\n"
    )
    assert names(found) == {("val_loss", None)}
    assert values(found, "val_loss") == [0.5, 0.4]


def test_progress_within_the_epoch_is_a_fraction_of_it() -> None:
    """`Train Epoch: 2 [640/60000 (1%)]` is epoch 1 + 640/60000; the test set was measured at the end of the epoch."""
    found = log(
        "".join(
            "".join(
                f"Train Epoch: {e} [{n}/60000 ({n // 600}%)]\tLoss: {2.3 / e:.6f}\n" for n in (0, 640, 59520)
            )
            + f"\nTest set: Average loss: 0.0{e}, Accuracy: 982{e}/10000 (98%)\n\n"
            for e in (1, 2)
        )
    )
    steps, epochs = counts(found, "Loss", "train")
    assert steps == [0, 640, 59520, 60000, 60640, 119520]
    assert epochs == pytest.approx([0, 640 / 60000, 0.992, 1, 1 + 640 / 60000, 1.992])
    assert counts(found, "Test set: Average loss") == ([59520, 119520], [1, 2])
    assert values(found, "Accuracy", "test") == [0.9821, 0.9822]


@pytest.mark.parametrize(
    "line",
    [
        "Epoch [{e}/2], Step [{i}/300], Loss: {v}",
        "epoch {e} - iter {i}/300 - loss {v}",
        "Epoch(train) [{e}][{i}/300]  lr: 4.0e-03  eta: 2:05:56  time: 7.4  loss: {v}",
        "[{e}, {i:5d}] loss: {v}",
        "[{e}/2][{i}/300]\tLoss: {v}",
        "| epoch {e:3d} | {i:5d}/  300 batches | ms/batch 12.53 | loss {v}",
        "Train Epoch: {e} [{i}/300 (10%)]\tLoss: {v}",
    ],
)
def test_steps_that_start_again_with_every_epoch_are_counted_on(line: str) -> None:
    """Iterations counted within the epoch become iterations since the start."""
    values_in = [3 - e - i / 1000 for e in (1, 2) for i in (100, 200, 300)]
    text_in = "".join(
        line.format(e=e, i=i, v=3 - e - i / 1000) + "\n" for e in (1, 2) for i in (100, 200, 300)
    )
    (found,) = (c for c in log(text_in).channels if c.name.lower() == "loss")
    assert found.value.tolist() == values_in
    assert found.step is not None
    assert found.epoch is not None
    assert found.step.tolist() == [100, 200, 300, 400, 500, 600]
    assert found.epoch.tolist() == pytest.approx([1 / 3, 2 / 3, 1, 4 / 3, 5 / 3, 2])


def test_batches_that_start_again_are_epochs_that_nobody_counted() -> None:
    """`Batch 1/3 ... 3/3, 1/3 ...` is one run, not one run per epoch."""
    found = log("".join(f"Batch {i}/3 loss {1 / (3 * e + i)}\n" for e in (0, 1) for i in (1, 2, 3)))
    assert counts(found, "loss")[0] == [1, 2, 3, 4, 5, 6]


def test_a_loss_per_epoch_stands_before_the_running_one_of_the_same_name() -> None:
    """Where a log prints `loss` within the epoch and at its end, the name means the latter."""
    found = log(
        "".join(
            "".join(f"epoch {e} - iter {i}/30 - loss {9 - e + i / 100}\n" for i in (0, 10, 20))
            + f"EPOCH {e} done: loss {8 - e}\n"
            for e in (1, 2, 3)
        )
    )
    assert values(found, "loss") == [7, 6, 5]
    assert len(values(found, "loss (step)")) == 9


def test_an_evaluation_counts_with_its_last_batch() -> None:
    """`Test: [97/98] Loss 5.5 (5.6)` shows the batch's loss and the mean: the last mean before the next epoch is the result."""
    found = log(
        "".join(
            f"Epoch: [{e}][ 0/391]\tLoss {7 - e}.0 (7.0)\nEpoch: [{e}][390/391]\tLoss {6 - e}.5 (6.9)\n"
            f"Test: [ 1/98]\tLoss {8 - e}.1 (8.1)\nTest: [97/98]\tLoss {5 - e}.5 ({5 - e}.6)\n * Acc@1 {70 + e}.1 Acc@5 9{e}.3\n"
            for e in (0, 1)
        )
    )
    assert values(found, "Loss") == [7.0, 6.5, 6.0, 5.5]
    assert values(found, "Loss", "test") == [5.6, 4.6]
    assert values(found, "Acc@1", "test") == [70.1, 71.1]


def test_a_bar_without_epochs_is_its_own_counter() -> None:
    """The only bar of a text gives all its states, by the number of steps done."""
    bar = "".join(
        f"\r {i}%|{'█' * (i // 10):10}| {i}/100 [00:01<00:02, 30.1it/s, loss={1 / i}]"
        for i in range(10, 101, 10)
    )
    found = log(bar + "\n")
    assert values(found, "loss") == [1 / i for i in range(10, 101, 10)]
    assert counts(found, "loss") == ([float(i) for i in range(10, 101, 10)], None)


def test_an_unfinished_bar_shows_the_validation_of_the_epoch_before() -> None:
    """A run cut in mid-epoch has no validation result for that epoch, whatever its bar repeats."""
    bar = "\rEpoch {e}: {p}%|███ | {p}/100 [00:01<00:00, 30.1it/s, train_loss={t}, val_loss={v}]"
    found = log(
        "".join(
            bar.format(e=e, p=p, t=9 - e, v=10 - min(e, 2))
            for e, p in ((0, 100), (1, 100), (2, 100), (3, 40))
        )
    )
    assert values(found, "train_loss") == [9, 8, 7, 6]
    assert values(found, "val_loss") == [10, 9, 8]


def test_the_printed_loss_stands_before_the_running_one_in_the_bar() -> None:
    """Where lines print the loss of the epoch, the running loss in the bars is left out."""
    found = log(
        "".join(
            f"\rloss: {100 * e}.5, acc: 0.5: 100%|███| 586/586 [11:23<00:00, 1.17s/batch]\nepoch {e:02}, loss: 0.{e}, val_loss: 0.5\n"
            for e in (1, 2, 3)
        )
    )
    assert values(found, "loss") == [0.1, 0.2, 0.3]


def test_the_closing_means_of_the_trainer_are_no_point() -> None:
    """The Hugging Face Trainer ends with the mean loss over the run beside its run time."""
    found = log(
        "{'loss': 2.5, 'epoch': 1.0}\n{'loss': 1.5, 'epoch': 2.0}\n{'train_runtime': 9.1, 'train_loss': 2.0, 'epoch': 2.0}\n"
    )
    assert names(found) == {("loss", None)}


def test_records_glued_on_one_line_are_told_apart() -> None:
    """Two processes that print without a line end between leave both records."""
    found = log(
        "step:1/9 train_loss:4.4\nstep:2/9 train_loss:4.3step:3/9 train_loss:4.2step:4/9 train_loss:4.1\nstep:5/9 train_loss:4\n"
    )
    assert values(found, "train_loss") == [4.4, 4.3, 4.2, 4.1, 4.0]
    assert counts(found, "train_loss") == ([1, 2, 3, 4, 5], None)


@pytest.mark.parametrize("cut", ["step:3/9 val_loss:4.2", "step:3/9 val_l", "step:3/9 val_loss:", "step:3"])
def test_a_record_cut_at_the_end_of_the_file_is_left_out(cut: str) -> None:
    """A last line without end that breaks off in a name or a number is dropped, with an event."""
    found = log("step:1/9 val_loss:4.4201 t:3ms\nstep:2/9 val_loss:4.3201 t:3ms\n" + cut)
    assert values(found, "val_loss") == [4.4201, 4.3201]
    assert [(e.kind, e.at) for e in found.events] == [("truncated", 3.0)]


def test_a_number_with_fewer_decimals_at_the_end_of_the_file_is_cut() -> None:
    """Where all numbers have four decimals and the very last has one, digits are missing."""
    found = log("step 1 loss 4.4201\nstep 2 loss 4.3201\nstep 3 loss 4.2")
    assert values(found, "loss") == [4.4201, 4.3201]
    assert [e.kind for e in found.events] == ["truncated"]


def test_a_whole_last_line_needs_no_line_end() -> None:
    """A missing line end alone is no truncation."""
    found = log("step 1 loss 4.4201\nstep 2 loss 4.3201\nstep 3 loss 4.2201")
    assert values(found, "loss") == [4.4201, 4.3201, 4.2201]
    assert found.events == ()


TRAINED = "epoch 1 loss 3.5\nepoch 2 loss 2.5\n"
TRACE = 'Traceback (most recent call last):\n  File "train.py", line 3, in <module>\n    loss.backward()\n'


@pytest.mark.parametrize(
    ("end", "message", "line"),
    [
        (TRACE + "RuntimeError: CUDA out of memory. Tried to allocate 2 GiB\n", "RuntimeError: CUDA out of memory. Tried to allocate 2 GiB", 6),
        (TRACE + "AssertionError\n", "AssertionError", 6),
        (TRACE + "torch.cuda.OutOfMemoryError: CUDA out of memory.\n\nwandb: waiting\n", "torch.cuda.OutOfMemoryError: CUDA out of memory.", 6),
        (TRACE + "ValueError: bad shape\nChildFailedError: worker 0\n", "ValueError: bad shape", 6),
        ("[rank0]: RuntimeError: NCCL error in: ProcessGroupNCCL.cpp:1\n", "[rank0]: RuntimeError: NCCL error in: ProcessGroupNCCL.cpp:1", 3),
        ("Segmentation fault (core dumped)\n", "Segmentation fault (core dumped)", 3),
        ("Killed\n", "Killed", 3),
        ("Loss is nan, stopping training\n", "Loss is nan, stopping training", 3),
    ],
)  # fmt: skip
def test_an_error_at_the_end_is_a_crash(end: str, message: str, line: int) -> None:
    """The decisive line of the error that ended the run becomes an event with its line number."""
    found = log(TRAINED + end)
    assert [(e.kind, e.message, e.at) for e in found.events] == [("crash", message, line)]
    assert values(found, "loss") == [3.5, 2.5]


def test_a_long_error_message_is_cut() -> None:
    """A message holds 160 characters at most."""
    (event,) = log(TRAINED + TRACE + "ValueError: " + "x" * 500 + "\n").events
    assert event.message == "ValueError: " + "x" * 148


def test_an_error_that_training_survived_is_none() -> None:
    """A traceback with more training behind it is no crash."""
    assert log("epoch 1 loss 3.5\n" + TRACE + "ValueError: bad batch\nepoch 2 loss 2.5\n").events == ()


def test_an_interrupted_run_did_not_crash() -> None:
    """A run stopped by its user ends early: cut short, not crashed."""
    (event,) = log(TRAINED + TRACE + "KeyboardInterrupt\n").events
    assert (event.kind, event.message) == ("interrupted", "KeyboardInterrupt")


def test_a_crash_before_the_first_epoch_is_told() -> None:
    """A text that holds nothing but its crash gives a log without channels."""
    found = log("loading data\n" + TRACE + "ValueError: bad shape\n")
    assert found.channels == ()
    assert [(e.kind, e.message, e.at) for e in found.events] == [("crash", "ValueError: bad shape", 5.0)]


@pytest.mark.parametrize(
    "content",
    [
        "hello\n",
        "Loading model... done\nlr: 0.01\nlr: 0.01\nepoch: 0\n",
        "In epoch 3 the loss fell to 0.5, which made all of us who had waited for it since the summer very happy indeed.\n",
        "./caffe: error while loading shared libraries: libcudart.so.7.5: cannot open shared object file\n",
        "epoch = 0\ntrain_loss = 0.0\nval_loss = 0.0\n",
        "step:1/9 train_time:20ms step_avg:nanms\nstep:2/9 train_time:40ms step_avg:20ms\n",
        "Epoch 0, global step 89: 'valid_loss' reached 0.99999 (best 0.99999), saving model\nEpoch 1, global step 178: 'valid_loss' was not in top 1\n",
    ],
)
def test_a_text_without_a_curve_is_refused(content: str) -> None:
    """Prose, settings, a linker error, initialisations and times alone hold nothing to judge; one line says so."""
    with pytest.raises(
        NothingToRead, match=r"train\.log: expected lines such as .* found no named value"
    ) as error:
        logs(content)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "name", ["assemble.py", "csv.py", "roles.py", "text_events.py", "text_layout.py", "text_tracks.py"]
)
def test_source_code_makes_no_curves(name: str) -> None:
    """A program is no log, and one listed before a log adds nothing to it."""
    code = Path(text.__file__).with_name(name).read_text()
    with pytest.raises(NothingToRead):
        logs(code)
    found = log(
        code + "=" * 80 + "\n" + "".join(f"step:{n}/40 val_loss:{4 - n / 40}\n" for n in range(0, 41, 10))
    )
    assert names(found) == {("val_loss", None)}
    assert values(found, "val_loss") == [4.0, 3.75, 3.5, 3.25, 3.0]
    assert found.events == ()


def test_a_single_epoch_is_a_log() -> None:
    """One record is believed where it says both where it stands and that it is a loss."""
    assert values(log("epoch 01, loss: 0.25, val_loss: 0.75\n"), "val_loss") == [0.75]
    assert values(log("Epoch 1/1\n10/10 [=====] - 2s - loss: 0.25 - val_loss: 0.75\n"), "val_loss") == [0.75]


def test_losses_without_any_counter_are_rows() -> None:
    """Three different losses and nothing else are a curve without steps."""
    found = log("loss: 0.5\nloss: 0.4\nloss: 0.3\n")
    assert values(found, "loss") == [0.5, 0.4, 0.3]
    assert counts(found, "loss") == (None, None)


def test_a_name_given_by_the_user_needs_no_evidence() -> None:
    """`--column train_loss=energy` makes a name a curve that means nothing by itself."""
    content = "epoch 1 energy 3.5\nepoch 2 energy 2.5\n"
    with pytest.raises(NothingToRead):
        logs(content)
    source = Source(name="train.log", content=content.encode(), columns={"train_loss": "energy"})
    (found,) = text.read(source)
    assert values(found, "energy") == [3.5, 2.5]


@pytest.mark.parametrize(
    "head",
    [
        "learning_rate = 0.0006 # max learning rate\nbatch_size = 12\nseed = 1337\n",
        "Namespace(learning_rate=0.0006, batch_size=12, epochs=10, seed=1337)\n",
        "{'learning_rate': 0.0006, 'batch_size': 12, 'seed': 1337}\n",
        "learning rate: 6e-4\nBatch size: 12\nmodel: resnet\n--seed=1337\n",
    ],
)
def test_hyperparameters_at_the_top_become_the_configuration(head: str) -> None:
    """What a script echoes of its settings is kept by name, as numbers where they are."""
    config = {name.lower().replace(" ", "_"): value for name, value in log(head + TRAINED).config.items()}
    assert (config["learning_rate"], config["batch_size"], config["seed"]) == (0.0006, 12, 1337)


def test_each_run_has_the_configuration_printed_before_it() -> None:
    """A second run with another learning rate has that one."""
    found = logs(f"lr = 0.1\nbatch_size = 8\n{TRAINED}lr = 0.01\n{TRAINED}")
    assert [each.config for each in found] == [{"lr": 0.1, "batch_size": 8}, {"lr": 0.01, "batch_size": 8}]


@pytest.mark.parametrize(
    "content", ['{"loss": 1}\n{"loss": 2}\n', "epoch,loss\n1,0.5\n2,0.4\n", "a\tb\n1\t2\n", "[[1, 2]]\n"]
)
def test_json_and_tables_are_left_to_their_readers(content: str) -> None:
    """The text reader does not claim what has a format of its own."""
    assert not text.sniff(Source(name="x", content=content.encode()))


def test_bytes_are_left_to_their_readers() -> None:
    """A binary file is no text."""
    assert not text.sniff(Source(name="x", content=b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0"))


@pytest.mark.parametrize("framework", ["keras", "lightning", "trainer"])
def test_what_frameworks_print_agrees_with_what_they_recorded(framework: str) -> None:
    """Progress bars and dictionaries of the real libraries give the numbers of their own histories, as far as printed."""
    truth = json.loads((DATA / "truth.json").read_text())[framework]
    found = log((DATA / f"{framework}.log").read_bytes().decode())
    for name, expected in truth.items():
        np.testing.assert_allclose([float(v) for v in expected], values(found, name), rtol=6e-3)


def test_a_hundred_thousand_lines_take_a_moment() -> None:
    """Reading is linear: some six microseconds a line (the bound leaves room for slow machines)."""
    content = "".join(
        f"step:{i}/100000 train_loss:{i / 7:.4f} train_time:{i * 140}ms step_avg:143.05ms\n"
        for i in range(100_000)
    )
    start = time.process_time()
    assert len(values(log(content), "train_loss")) == 100_000
    assert time.process_time() - start < 5


@pytest.mark.parametrize(
    "piece", ["1", " ", "=", "(", "1,", "|", "5%|", "a.", "\x1b[1", "\r", "epoch ", "epoch 1 loss 0.5 ", "\repoch 1 x 5", "[", "é"]
)  # fmt: skip
def test_no_line_is_long_enough_to_stall(piece: str) -> None:
    """A line of ten megabytes, whatever is in it, takes seconds at most."""
    content = TRAINED + piece * (10_000_000 // len(piece)) + "\n"
    start = time.process_time()
    assert values(logs(content)[0], "loss")[:2] == [3.5, 2.5]
    assert time.process_time() - start < 15


@given(st.text(alphabet=st.sampled_from("epoch ls:=/[]()|%.,-#0123456789\n\r\b\x1b'{}█\0"), max_size=400))
def test_no_text_breaks_the_reader(content: str) -> None:
    """Whatever is printed is read or refused, never an accident."""
    source = Source(name="train.log", content=content.encode())
    try:
        found = list(text.read(source))
    except NothingToRead:
        return
    assert all(len(c.value) for each in found for c in each.channels)
    assert all(
        c is None or len(c) == len(e.value)
        for each in found
        for e in each.channels
        for c in (e.step, e.epoch)
    )


def bench() -> Path:
    """Return the folder of other people's logs, or skip."""
    folder = os.environ.get("MLCHECK_BENCH")
    if not folder:
        pytest.skip("MLCHECK_BENCH does not name the folder of other people's logs")
    return Path(folder)


def test_other_peoples_language_models_are_read_whole() -> None:
    """Every loss that stands in the logs of forty runs is a point of the one run, and nothing else is."""
    files = sorted((bench() / "nanogpt").glob("*.txt"))
    assert len(files) == 40
    for file in files:
        found = log(file.read_text())
        printed = dict[str, list[float]]()
        for name, value in re.findall(r"(train_loss|val_loss):([\d.]+)", file.read_text()):
            printed.setdefault(name, []).append(float(value))
        assert {c.name: c.value.tolist() for c in found.channels} == printed
        assert found.events == ()


WILD = re.compile(r"^(text|speechbrain|nnunet|caffe)/|(output|training|stdout|20230605_200941)\.log$")


def test_other_peoples_printed_logs_are_read_as_a_careful_person_would() -> None:
    """Number of runs, number of points, first and last value of each loss agree with what stands in the files."""
    folder = bench() / "wild"
    rows = [
        r
        for r in csv.DictReader((folder / "expected.csv").read_text().splitlines())
        if WILD.search(r["file"])
    ]
    assert len(rows) >= 20
    for row in rows:
        try:
            found = list(text.read(Source(name=row["file"], path=folder / row["file"])))
        except NothingToRead:
            found = []
        runs = assemble.runs(found, columns={}).runs
        assert len(runs) == int(row["runs"]), row["file"]
        for run in runs:
            for split, series in (("train", run.train_loss), ("val", run.val_loss)):
                expected = int(row[f"{split}_n"])
                assert (len(series) if series else 0) == expected, row["file"]
                if series and expected:
                    ends = [float(row[f"{split}_first"]), float(row[f"{split}_last"])]
                    assert series.value[[0, -1]].tolist() == pytest.approx(ends, rel=1e-4), row["file"]
