"""Printed text that counts within the epoch: batches, progress bars, evaluations, records cut and glued."""

from __future__ import annotations

import pytest

from tests.readers.printed import counts, log, names, values


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
