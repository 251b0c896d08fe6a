"""Texts that are no logs, and what little makes one."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlcheck.errors import NothingToRead
from mlcheck.readers import text
from mlcheck.readers.source import Source
from tests.readers.printed import TRAINED, counts, log, logs, names, values


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


def spread(*between: int) -> str:
    """Return losses that nothing counts, with so many lines of prose after each."""
    told = zip(("0.532", "0.471", "0.490", "0.455"), between, strict=False)
    return "".join(f"Validation loss: {v}\n" + "Here the report goes on.\n" * lines for v, lines in told)


@pytest.mark.parametrize("between", [(1, 12, 2), (30, 3, 0), (0, 0, 9, 1)])
def test_a_few_results_in_prose_are_no_curve(between: tuple[int, ...]) -> None:
    """Three or four losses that nothing counts, far from evenly spread, are as many experiments."""
    with pytest.raises(NothingToRead, match="found no named value that recurs"):
        logs(spread(*between))


@pytest.mark.parametrize("between", [(0, 0, 0), (7, 7, 7), (3, 5, 4)])
def test_results_that_follow_each_other_as_in_a_loop_are_a_curve(between: tuple[int, ...]) -> None:
    """A script that prints neither epoch nor step."""
    assert values(log(spread(*between)), "Validation loss") == [0.532, 0.471, 0.490]


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
    "content", ['{"loss": 1}\n{"loss": 2}\n', "epoch,loss\n1,0.5\n2,0.4\n", "a\tb\n1\t2\n", "[[1, 2]]\n"]
)
def test_json_and_tables_are_left_to_their_readers(content: str) -> None:
    """The text reader does not claim what has a format of its own."""
    assert not text.sniff(Source(name="x", content=content.encode()))


def test_bytes_are_left_to_their_readers() -> None:
    """A binary file is no text."""
    assert not text.sniff(Source(name="x", content=b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0"))


NO_LOGS = {
    "scores of files": "img_a.jpg: cat 0.91, loss 0.1\nimg_b.jpg: dog 0.88, loss 0.2\nimg_c.jpg: cat 0.71, loss 0.3\n",
    "a README": "# Model\nAfter 10 epochs the loss is about 0.31.\n\n| Model | Loss | Accuracy |\n|---|---|---|\n| small | 0.41 | 89.1 |\n| large | 0.31 | 91.2 |\n\n- Epochs: 10\n- Loss: 0.31\n",
    "boxes that count nothing": "".join(f"| Metric | Value |\n| --- | --- |\n| Loss | 0.{n} |\n| Epoch | 5 |\n\n" for n in (5, 4)),
    "times": "".join(f"step {n} forward: 12.{n} ms backward: 23.4 ms optimizer: 3.1 ms\n" for n in (1, 2, 3)),
    "settings": "loss_weight: 0.5\naux_loss_weight: 0.4\nepochs: 10\nlr: 0.01\nval_batch_size: 64\n",
    "names of files": "".join(f"checkpoints/epoch=0{n}-val_loss=0.{n}.ckpt\n" for n in (1, 2, 3)),
    "a listing": "".join(f"-rw-r--r-- 1 me me 123456{n} Jan  1 12:00 model_epoch_{n}_loss_0.5{n}.pt\n" for n in (1, 2, 3)),
    "a report": "              precision    recall  f1-score   support\n\n           0       0.91      0.88      0.90      1000\n           1       0.89      0.92      0.90      1000\n\n    accuracy                           0.90      2000\n",
    "requirements": "torch==2.1.0\nnumpy==1.24.0\nlightning==2.0.1\n",
    "an evaluation": "Loading checkpoint epoch_10.pt\nTest: [ 10/196] Time 0.072 (0.986) Loss 1.24 (0.91) Acc@1 69.14 (77.73)\nTest: [190/196] Time 0.072 (0.809) Loss 0.89 (0.88) Acc@1 82.81 (78.0)\n * Acc@1 69.758\n",
    "results of a test": "┃        Test metric        ┃       DataLoader 0        ┃\n│         test_acc          │    0.8123000264167786     │\n│         test_loss         │    0.5123000264167786     │\n",
    "folds": "".join(f"[CV {n}/5] END C=0.1;, score=0.8{n} total time=   0.1s\n" for n in (1, 2, 3)),
    "downloads": "Downloading: 100%|██████████| 570/570 [00:00<00:00, 400kB/s]\nMap: 100%|██████████| 1000/1000 [00:00<00:00, 5000 examples/s]\n",
    "a tracker's summary": "wandb: Run summary:\nwandb:        epoch 10\nwandb:   train_loss 0.21\nwandb:     val_loss 0.31\n",
    "a confusion matrix": "Confusion matrix\n50 3 2\n4 60 1\n",
    "a paper": "The validation loss decreased from 2.31 to 0.42 after 30 epochs and the training loss reached 0.11 at epoch 10 and 0.05 at epoch 30.\n",
    "best values": "Epoch 1: val_loss improved from inf to 0.51, saving model\nEpoch 2: val_loss improved from 0.51 to 0.41, saving model\n",
    "changes": "v1.2: train loss 0.3 -> 0.2\nv1.3: val loss 0.4 -> 0.3\n",
    "a clause": "1. Definitions\n2. Grant\n3. Limitation of loss 0.5\n",
}  # fmt: skip


@pytest.mark.parametrize("kind", NO_LOGS)
def test_what_only_speaks_of_losses_is_no_log(kind: str) -> None:
    """A false reading is worse than none."""
    with pytest.raises(NothingToRead):
        logs(NO_LOGS[kind])


def test_the_summary_of_a_tracker_adds_nothing_to_a_curve() -> None:
    """What `wandb:` lists at the end was logged before."""
    found = log(TRAINED + "wandb: Run summary:\nwandb:     epoch 2\nwandb:      loss 2.5\n")
    assert values(found, "loss") == [3.5, 2.5]


def test_a_restored_result_is_no_point() -> None:
    """`Restoring the best model with loss 0.5 from step 9` tells of an earlier result."""
    assert values(log(TRAINED + "Restoring the best model with loss 0.5 from step 9\n"), "loss") == [3.5, 2.5]
