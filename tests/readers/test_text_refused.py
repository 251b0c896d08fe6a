"""Texts that are no logs, and what little makes one."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlcheck.errors import NothingToRead
from mlcheck.readers import text
from mlcheck.readers.source import Source
from tests.readers.printed import counts, log, logs, names, values


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
    "content", ['{"loss": 1}\n{"loss": 2}\n', "epoch,loss\n1,0.5\n2,0.4\n", "a\tb\n1\t2\n", "[[1, 2]]\n"]
)
def test_json_and_tables_are_left_to_their_readers(content: str) -> None:
    """The text reader does not claim what has a format of its own."""
    assert not text.sniff(Source(name="x", content=content.encode()))


def test_bytes_are_left_to_their_readers() -> None:
    """A binary file is no text."""
    assert not text.sniff(Source(name="x", content=b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0"))
