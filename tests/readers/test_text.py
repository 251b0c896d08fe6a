"""The reader of printed text: layouts rendered at random and read back."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.readers.printed import Name, Render, counts, log, logs, names, values

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
