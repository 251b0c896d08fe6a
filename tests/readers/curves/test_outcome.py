"""What a training came to: from its log by the readers of diagnose, else from a number told at its end."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

import pytest

from mlcheck.errors import MlcheckError
from mlcheck.model.curves import CurvesWanted
from mlcheck.readers.curves import read_outcome

if TYPE_CHECKING:
    from pathlib import Path

EPOCHS = "".join(
    f"epoch {e}: train_loss {1 / e:.3f} val_loss {2 / e:.3f} val_f1 {0.1 * e:.2f}\n" for e in range(1, 5)
)


def outcome(folder: Path, text: str, score: str | None = None, **files: str) -> tuple[str, str, float, float]:
    """Return metric, direction, value and training value of a run that printed a text and wrote files."""
    folder.mkdir(exist_ok=True)
    (folder / "stdout.log").write_text(text)
    (folder / "stderr.log").write_text("")
    for name, content in files.items():
        (folder / f"{name}.json").write_text(content)
    found = read_outcome(str(folder), CurvesWanted(path=str(folder), score=score))
    return found.metric, found.better, found.value, found.train


def test_a_log_of_epochs_gives_its_best_validation_metric(tmp_path: Path) -> None:
    """Before the loss, which can be asked for."""
    assert outcome(tmp_path / "a", EPOCHS)[:3] == ("val_f1", "higher", 0.4)
    assert outcome(tmp_path / "a", EPOCHS, "val_loss") == ("val_loss", "lower", 0.5, 0.25)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("training on 500 examples\nFinal test accuracy: 0.93\n", ("test_accuracy", "higher", 0.93)),
        ("validation loss = 0.21, done in 3 s\n", ("validation_loss", "lower", 0.21)),
        ("accuracy 0.5\naccuracy 0.9\n", ("accuracy", "higher", 0.9)),
        ("val acc: 91.5% (epoch 3)\n", ("val_acc", "higher", 91.5)),
        ("test/rmse=1.5e-1\n", ("test_rmse", "lower", 0.15)),
    ],
)
def test_a_number_told_at_the_end_will_do(tmp_path: Path, text: str, found: tuple[str, str, float]) -> None:
    """The last one of a held-out name, or of a measure that is hardly that of training."""
    assert outcome(tmp_path / "a", text)[:3] == found


def test_the_training_score_beside_it_is_taken_too(tmp_path: Path) -> None:
    """Of the same measure."""
    assert outcome(tmp_path / "a", "train accuracy 0.99\ntest accuracy 0.93\n") == (
        "test_accuracy",
        "higher",
        0.93,
        0.99,
    )
    assert math.isnan(outcome(tmp_path / "a", "test accuracy 0.93\n")[3])


def test_a_small_json_file_will_do(tmp_path: Path) -> None:
    """As many scripts write it: metrics.json in the folder of the run."""
    found = outcome(
        tmp_path / "a", "hello\n", metrics=json.dumps({"eval": {"accuracy": 0.8}, "train_accuracy": 0.9})
    )
    assert found == ("eval_accuracy", "higher", 0.8, 0.9)


def test_any_named_number_can_be_asked_for(tmp_path: Path) -> None:
    """A score that no table knows, by its name."""
    assert outcome(tmp_path / "a", "quux = 3.5 today\n", "quux")[:3] == ("quux", "higher", 3.5)


@pytest.mark.parametrize(
    ("text", "score", "told"),
    [
        ("hello 5\n", None, "expected a held-out score .*, found no named numbers"),
        ("loss 0.3\ntrain accuracy 0.9\n", None, "expected a held-out score"),
        (
            EPOCHS,
            "auc",
            "expected 'auc' in what the run printed or wrote, found 'train_loss', 'val_f1', 'val_loss'",
        ),
        ("", None, "found no named numbers"),
    ],
)
def test_no_score_is_told_with_what_was_found(
    tmp_path: Path, text: str, score: str | None, told: str
) -> None:
    """A training loss is never taken for a held-out one."""
    with pytest.raises(MlcheckError, match=told):
        outcome(tmp_path / "a", text, score)
