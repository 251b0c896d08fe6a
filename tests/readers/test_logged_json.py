"""JSON behind a logger's prefix: fairseq's rows of training and validation, DLLogger's steps, scripts' own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from mlcheck.errors import MlcheckError
from mlcheck.readers import assemble, logged_json, read_inputs
from mlcheck.readers.source import Source

if TYPE_CHECKING:
    from pathlib import Path

    from mlcheck.model import Run

PREAMBLE = """2020-04-22 07:41:19 | INFO | fairseq_cli.train | Namespace(arch='transformer', lr=[0.0005])
2020-04-22 07:41:19 | INFO | fairseq.trainer | no existing checkpoint found checkpoints/checkpoint_last.pt
2020-04-22 07:41:20 | INFO | fairseq.trainer | loading train data for epoch 1
"""


def fairseq(epochs: int, prefix: str = "2020-04-22 07:41:45 | INFO | {} | ") -> str:
    """Return what `--log-format json` prints: rows every hundred updates, then one of the epoch and one of validation."""
    text = PREAMBLE
    for epoch in range(1, epochs + 1):
        updates = 300 * epoch
        inner = [
            {"epoch": epoch, "update": epoch - 1 + at / 300, "loss": f"{5 / epoch:g}", "nll_loss": f"{4 / epoch:g}", "ppl": "31.1", "num_updates": f"{updates - 300 + at}", "lr": "5e-05", "gnorm": "1.7", "wall": "9"}
            for at in (100, 200, 300)
        ]  # fmt: skip
        text += "".join(prefix.format("train_inner") + json.dumps(row) + "\n" for row in inner)
        valid = {"epoch": epoch, "valid_loss": f"{6 / epoch:g}", "valid_nll_loss": "5.1", "valid_ppl": "34.3", "valid_num_updates": f"{updates}", "valid_best_loss": "3"}  # fmt: skip
        train = {"epoch": epoch, "train_loss": f"{5.5 / epoch:g}", "train_nll_loss": "4.4", "train_ppl": "21.1", "train_num_updates": f"{updates}", "train_lr": "9.1e-05", "train_gnorm": "1.682", "train_wall": "48"}  # fmt: skip
        text += (
            prefix.format("valid")
            + json.dumps(valid)
            + "\n"
            + prefix.format("train")
            + json.dumps(train)
            + "\n"
        )
    return text


def read(text: str) -> Run:
    """Read a text to its run."""
    source = Source(name="train.log", content=text.encode())
    assert logged_json.sniff(source), "the reader does not recognise the file"
    (run,) = assemble.runs(list(logged_json.read(source)), columns={}).runs
    return run


def test_fairseqs_epochs_are_the_losses() -> None:
    """Rows of training and validation count the same updates under three names, and write numbers as texts."""
    run = read(fairseq(4))
    assert run.train_loss is not None
    assert run.train_loss.name == "train_loss"
    assert run.train_loss.value.tolist() == pytest.approx([5.5, 2.75, 1.83333, 1.375])
    assert run.train_loss.step.tolist() == [300, 600, 900, 1200]
    assert run.val_loss is not None
    assert (run.val_loss.name, run.val_loss.step.tolist()) == ("valid_loss", [300, 600, 900, 1200])
    assert run.lr is not None
    assert run.grad_norm is not None


def test_a_run_of_one_epoch_has_the_rows_within_it() -> None:
    """Before its first epoch ends there are only the inner rows."""
    text = "".join(line + "\n" for line in fairseq(1).splitlines() if "| train |" not in line)
    run = read(text)
    assert run.train_loss is not None
    assert (run.train_loss.name, run.train_loss.step.tolist()) == ("loss", [100, 200, 300])


def test_it_is_chosen_before_the_reader_of_plain_text(tmp_path: Path) -> None:
    """The whole way from the file."""
    (tmp_path / "train.log").write_text(fairseq(3))
    (run,) = read_inputs([str(tmp_path / "train.log")]).runs
    assert run.reader == "logged_json"


def test_dllogger_names_epoch_and_iteration_by_place() -> None:
    """`step` is [epoch, iteration]; the summary at the end has an empty one."""
    rows: list[dict[str, Any]] = [{"type": "LOG", "step": "PARAMETER", "data": {"lr": 0.1}}]
    for epoch in range(3):
        rows += [
            {"type": "LOG", "step": [epoch, 10 * epoch + i], "data": {"train_loss": 3 - epoch - i / 10}}
            for i in (1, 2)
        ]
        rows.append({"type": "LOG", "step": [epoch, 10 * epoch + 2], "data": {"val_loss": 3.5 - epoch}})
    rows.append({"type": "LOG", "step": [], "data": {"train_loss": 9.9, "val_loss": 9.9}})
    run = read("".join("DLLL " + json.dumps(row) + "\n" for row in rows))
    assert run.train_loss is not None
    assert run.train_loss.value.tolist() == pytest.approx([2.9, 2.8, 1.9, 1.8, 0.9, 0.8])
    assert run.val_loss is not None
    assert (run.val_loss.value.tolist(), run.val_loss.step.tolist()) == ([3.5, 2.5, 1.5], [2, 12, 22])


def test_a_scripts_own_rows_are_read_between_other_lines() -> None:
    """Whatever the prefix."""
    lines = [
        f"[rank0] INFO:root:{json.dumps({'step': i, 'train_loss': 1 / i, 'val_loss': 2 / i})}\nsaving ...\n"
        for i in (1, 2, 3)
    ]
    run = read("".join(lines))
    assert run.val_loss is not None
    assert run.val_loss.value.tolist() == pytest.approx([2, 1, 2 / 3])


@pytest.mark.parametrize(
    "text",
    [
        '{"loss": 1}\n{"loss": 2}\n',
        'a {"b": 1}\na {"b": 2}\n',
        "loss {'loss': 1}\nloss {'loss': 2}\n",
        'x {"loss": 1, "step": 1}\n',
        'x {"loss": 1}\nx {"loss": 2}\n',
    ],
)
def test_other_texts_are_left_to_others(text: str) -> None:
    """Plain JSON lines, objects without a result, Python's dictionaries, a single line, no counter."""
    assert not logged_json.sniff(Source(name="x.log", content=text.encode()))


def test_a_cut_file_is_read_up_to_the_cut() -> None:
    """No cut raises anything but the package's own error."""
    whole = fairseq(2).encode()
    for end in range(1, len(whole), 11):
        source = Source(name="train.log", content=whole[:end])
        if logged_json.sniff(source):
            try:
                list(logged_json.read(source))
            except MlcheckError:
                continue
