"""Ludwig's statistics and progress: the combined loss of each split, and test values that stand in for nothing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from mlcheck.errors import MlcheckError, NothingToRead
from mlcheck.readers import assemble, ludwig, read_inputs
from mlcheck.readers.source import Source

if TYPE_CHECKING:
    from pathlib import Path

    from mlcheck.model import Run

LOSSES = [1.5, 1.2, 0.9, 0.8]


def features(losses: list[Any]) -> dict[str, Any]:
    """Return what Ludwig notes of a split: every output feature, and all together."""
    return {"combined": {"loss": losses}, "label": {"accuracy": [0.5] * len(losses), "hits_at_k": [0.8] * len(losses), "loss": losses}}  # fmt: skip


def statistics(validation: list[Any], test: list[Any] | None = None) -> dict[str, Any]:
    """Return `training_statistics.json`."""
    return {
        "test": features(LOSSES if test is None else test),
        "training": features(LOSSES),
        "validation": features(validation),
    }


def progress(train: list[Any], validation: list[Any], name: str = "validation_metrics") -> dict[str, Any]:
    """Return `training_progress.json`; Python writes Infinity bare."""
    return {"batch_size": 128, "best_eval_metric": float("inf"), "epoch": 4, "learning_rate": 0.001, "steps": 4, "test_metrics": features(train),
            "train_metrics": features(train), name: features(validation)}  # fmt: skip


def read(document: object, name: str = "training_statistics.json") -> Run:
    """Read one document to its run."""
    source = Source(name=name, content=json.dumps(document, indent=4).encode())
    assert ludwig.sniff(source)
    (run,) = assemble.runs(list(ludwig.read(source)), columns={}).runs
    return run


def test_the_combined_loss_is_the_runs() -> None:
    """The loss of each feature stays a part."""
    run = read(statistics([1.6, 1.3, 1.1, 1.2]))
    assert run.train_loss is not None
    assert (run.train_loss.name, run.train_loss.value.tolist()) == ("training/combined/loss", LOSSES)
    assert run.train_loss.step_unit == "epoch"
    assert run.val_loss is not None
    assert (run.val_loss.name, run.val_loss.value.tolist()) == (
        "validation/combined/loss",
        [1.6, 1.3, 1.1, 1.2],
    )
    assert run.metric("validation", "accuracy") is not None


@pytest.mark.parametrize("test", [LOSSES, []])
def test_an_empty_validation_is_not_replaced_by_the_test(test: list[float]) -> None:
    """Training never chose by the test set."""
    run = read(statistics([], test))
    assert run.val_loss is None
    assert run.train_loss is not None


@pytest.mark.parametrize("name", ["validation_metrics", "vali_metrics"])
def test_progress_tells_the_same_in_other_words(name: str) -> None:
    """Bare Infinity is read; the settings that it holds are the run's."""
    run = read(progress(LOSSES, [2.0, 1.5, 1.3, 1.4], name), "training_progress.json")
    assert run.train_loss is not None
    assert run.train_loss.name == "train_metrics/combined/loss"
    assert run.val_loss is not None
    assert run.val_loss.name == f"{name}/combined/loss"
    assert (run.config["learning_rate"], run.config["batch_size"]) == (0.001, 128)


def test_later_versions_note_epoch_and_step_with_each_value() -> None:
    """A value is then (epoch, step, value), the epoch counted from 0."""
    triples = [[i, 498 * (i + 1), loss] for i, loss in enumerate(LOSSES)]
    run = read(progress(triples, triples), "training_progress.json")
    assert run.val_loss is not None
    assert run.val_loss.value.tolist() == LOSSES
    assert run.val_loss.step.tolist() == [498, 996, 1494, 1992]
    assert run.val_loss.epoch is not None
    assert run.val_loss.epoch.tolist() == [1, 2, 3, 4]


def test_the_frequency_says_what_a_place_counts() -> None:
    """With evaluation_frequency in steps the places are steps."""
    run = read(statistics(LOSSES) | {"evaluation_frequency": {"frequency": 50, "period": "step"}})
    assert run.train_loss is not None
    assert (run.train_loss.step_unit, run.train_loss.step.tolist()) == ("step", [50, 100, 150, 200])


def test_both_files_of_an_experiment_are_one_run(tmp_path: Path) -> None:
    """The progress stands in the folder of the weights; the statistics are the final word."""
    (tmp_path / "model").mkdir()
    (tmp_path / "training_statistics.json").write_text(json.dumps(statistics(LOSSES)))
    (tmp_path / "model" / "training_progress.json").write_text(json.dumps(progress(LOSSES, LOSSES)))
    (run,) = read_inputs([str(tmp_path)]).runs
    assert run.train_loss is not None
    assert (run.train_loss.name, len(run.train_loss)) == ("training/combined/loss", 4)
    assert run.events == ()


def test_nothing_logged_is_said() -> None:
    """A run that was stopped before its first evaluation has empty lists."""
    document = {"training": features([]), "validation": features([]), "test": features([])}
    with pytest.raises(NothingToRead):
        list(ludwig.read(Source(name="training_statistics.json", content=json.dumps(document).encode())))


@pytest.mark.parametrize(
    "values", ["x", [[1, 2]], [["a", 1, 2]], [True, False], [1, [1, 2, 3]], {"a": 1}, [10**400]]
)
def test_values_of_another_kind_are_passed_over(values: object) -> None:
    """Only numbers, or three numbers each, are a curve."""
    document = {"training": {"combined": {"loss": values}, "label": {"loss": LOSSES}}}
    (log,) = ludwig.read(Source(name="training_statistics.json", content=json.dumps(document).encode()))
    assert [c.name for c in log.channels] == ["training/label/loss"]


def test_what_is_broken_is_refused() -> None:
    """A cut file raises the package's own error; JSON of another kind is left to others."""
    whole = json.dumps(statistics(LOSSES)).encode()
    for end in range(1, len(whole), 9):
        source = Source(name="training_statistics.json", content=whole[:end])
        if ludwig.sniff(source):
            with pytest.raises(MlcheckError):
                list(ludwig.read(source))
    assert list(ludwig.read(Source(name="x.json", content=b'{"a": {"combined": {}}}'))) == []
