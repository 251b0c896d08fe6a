"""AllenNLP's metrics, a file per epoch: one run of a folder, a point each alone; the summary is none."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from mlcheck.errors import MlcheckError, NothingToRead
from mlcheck.readers import allennlp, read_inputs
from mlcheck.readers.source import Source

if TYPE_CHECKING:
    from pathlib import Path


def metrics(epoch: int) -> dict[str, object]:
    """Return what the trainer writes after an epoch: the best so far stands beside the present."""
    return {"best_epoch": 1, "peak_cpu_memory_MB": 6759.2, "training_duration": "1:11:23.7", "training_start_epoch": 0, "training_epochs": epoch,
            "epoch": epoch, "training_accuracy": 0.5 + epoch / 100, "training_loss": 1 / (epoch + 1), "training_cpu_memory_MB": 6759.2,
            "validation_accuracy": 0.6, "validation_loss": 1.5 / (epoch + 1), "best_validation_accuracy": 0.6, "best_validation_loss": 0.4}  # fmt: skip


def fill(folder: Path, epochs: int) -> None:
    """Write the files of a run."""
    for epoch in range(epochs):
        (folder / f"metrics_epoch_{epoch}.json").write_text(json.dumps(metrics(epoch), indent=2))
    (folder / "metrics.json").write_text(json.dumps(metrics(epochs - 1), indent=2))


def test_the_epoch_files_of_a_folder_are_one_run(tmp_path: Path) -> None:
    """Twelve files, of which the names sort otherwise than the epochs, and a summary that is passed over."""
    fill(tmp_path, 12)
    reading = read_inputs([str(tmp_path)])
    (run,) = reading.runs
    assert not reading.problems
    assert run.reader == "allennlp"
    assert run.train_loss is not None
    assert (run.train_loss.name, run.train_loss.step.tolist()) == ("training_loss", list(range(12)))
    assert run.train_loss.value.tolist() == [1 / (epoch + 1) for epoch in range(12)]
    assert run.val_loss is not None
    assert run.val_loss.value.tolist() == [1.5 / (epoch + 1) for epoch in range(12)]
    assert run.metric("validation", "accuracy") is not None
    assert run.events == ()


def test_runs_in_folders_of_their_own_stay_apart(tmp_path: Path) -> None:
    """The folder is the run."""
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        fill(tmp_path / name, 3)
    assert len(read_inputs([str(tmp_path)]).runs) == 2


def test_one_epoch_alone_is_a_run_of_one_point(tmp_path: Path) -> None:
    """A file that the user named is judged by itself."""
    fill(tmp_path, 3)
    (run,) = read_inputs([str(tmp_path / "metrics_epoch_2.json")]).runs
    assert run.val_loss is not None
    assert (run.val_loss.step.tolist(), run.val_loss.value.tolist()) == ([2], [0.5])


def test_the_summary_alone_is_refused_with_what_to_give(tmp_path: Path) -> None:
    """It repeats the last epoch beside the best: no curve."""
    fill(tmp_path, 3)
    reading = read_inputs([str(tmp_path / "metrics.json")])
    assert not reading.runs
    (problem,) = reading.problems
    assert "metrics_epoch_0.json" in problem.hint


def test_what_is_broken_is_refused() -> None:
    """A cut file raises the package's own error."""
    whole = json.dumps(metrics(3)).encode()
    for end in range(1, len(whole), 5):
        source = Source(name="metrics_epoch_3.json", content=whole[:end])
        if allennlp.sniff(source):
            with pytest.raises(MlcheckError):
                list(allennlp.read(source))
    with pytest.raises(NothingToRead):
        list(allennlp.read(Source(name="metrics.json", content=whole)))
