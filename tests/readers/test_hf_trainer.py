"""Hugging Face's `trainer_state.json`: rows of both kinds, summaries, checkpoints, several evaluation sets."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from mlcheck.errors import MlcheckError, NothingToRead
from mlcheck.readers import assemble, hf_trainer, read_inputs
from mlcheck.readers.source import Source

if TYPE_CHECKING:
    from pathlib import Path

    from mlcheck.model import Run

Row = dict[str, Any]


def history(steps: int, *, every: int = 10, sets: tuple[str, ...] = ("eval",)) -> list[Row]:
    """Return what the trainer logs: a row of training each `every` steps, one of evaluation each 2 * `every`."""
    rows: list[Row] = []
    for step in range(every, steps + 1, every):
        rows.append(
            {"epoch": step / 100, "grad_norm": 1.5, "learning_rate": 1e-4, "loss": 5 / step, "step": step}
        )
        if step % (2 * every) == 0:
            rows += [
                {
                    "epoch": step / 100,
                    f"{s}_loss": 6 / step,
                    f"{s}_runtime": 1.0,
                    f"{s}_samples_per_second": 9.0,
                    "step": step,
                }
                for s in sets
            ]
    return rows


def state(rows: list[Row], **more: Any) -> bytes:
    """Return the file's bytes as the trainer writes them."""
    step = max((row.get("step", 0) for row in rows), default=0)
    document = {"best_metric": None, "epoch": step / 100, "global_step": step, "is_hyper_param_search": False, "log_history": rows,
                "max_steps": 100, "num_train_epochs": 3, "train_batch_size": 8, "trial_name": None, **more}  # fmt: skip
    return json.dumps(document, indent=2).encode()


def read(content: bytes) -> Run:
    """Read one state to its run."""
    source = Source(name="trainer_state.json", content=content)
    assert hf_trainer.sniff(source)
    (run,) = assemble.runs(list(hf_trainer.read(source)), columns={}).runs
    return run


SUMMARY: Row = {
    "epoch": 1.0,
    "step": 100,
    "total_flos": 1e15,
    "train_loss": 0.25,
    "train_runtime": 60.0,
    "train_steps_per_second": 2.0,
}


def test_train_and_evaluation_rows_become_two_losses() -> None:
    """The rows are mixed; each curve keeps its own steps and epochs."""
    run = read(state(history(100)))
    assert run.train_loss is not None
    assert (run.train_loss.name, run.train_loss.step.tolist()) == ("loss", list(range(10, 101, 10)))
    assert run.val_loss is not None
    assert (run.val_loss.name, run.val_loss.step.tolist()) == ("eval_loss", list(range(20, 101, 20)))
    assert run.val_loss.epoch is not None
    assert run.val_loss.epoch.tolist() == [0.2, 0.4, 0.6, 0.8, 1.0]
    assert run.lr is not None
    assert run.grad_norm is not None


def test_the_summary_in_the_last_row_is_no_point() -> None:
    """`train_loss` beside `train_runtime` is the mean over the run."""
    run = read(state([*history(100), SUMMARY]))
    assert run.train_loss is not None
    assert run.train_loss.name == "loss"
    assert "train_loss" not in [s.name for s in run.series]


def test_an_evaluation_before_training_is_its_first_point() -> None:
    """`eval_on_start` logs at step 0, so there may be one evaluation more than training rows."""
    run = read(
        state([{"epoch": 0, "eval_loss": 5.7, "eval_runtime": 1.0, "step": 0}, *history(100, every=20)])
    )
    assert run.val_loss is not None
    assert (run.val_loss.step[0], run.val_loss.value[0]) == (0, 5.7)


def test_of_several_evaluation_sets_the_first_is_judged_and_all_are_kept() -> None:
    """`eval_g0_loss` ... `eval_g2_loss` and no `eval_loss`."""
    run = read(state(history(100, sets=("eval_g0", "eval_g1", "eval_g2"))))
    assert run.val_loss is not None
    assert run.val_loss.name == "eval_g0_loss"
    assert sum(s.role.name == "val_loss" for s in run.series) == 3


def test_a_run_that_never_evaluates_has_no_validation_loss() -> None:
    """Not evaluated is not the same as a validation loss of zero."""
    run = read(state([row for row in history(100) if "loss" in row]))
    assert run.train_loss is not None
    assert run.val_loss is None


def test_settings_of_the_state_are_the_runs_configuration() -> None:
    """Batch size and the number of epochs stand beside the history."""
    assert {"num_train_epochs": 3, "train_batch_size": 8, "max_steps": 100}.items() <= dict(
        read(state(history(100))).config
    ).items()


def test_of_the_checkpoints_of_a_run_the_latest_is_read(tmp_path: Path) -> None:
    """Each holds all that the earlier ones do: 900 comes before 1000 though "1000" sorts before "900"."""
    for step in (100, 900, 1000):
        (tmp_path / "run" / f"checkpoint-{step}").mkdir(parents=True)
        (tmp_path / "run" / f"checkpoint-{step}" / "trainer_state.json").write_bytes(state(history(step)))
    (run,) = read_inputs([str(tmp_path / "run")]).runs
    assert run.source == "run/checkpoint-1000/trainer_state.json"
    assert run.train_loss is not None
    assert run.train_loss.step[-1] == 1000


def test_a_state_beside_the_checkpoints_is_the_same_run(tmp_path: Path) -> None:
    """The trainer writes the last state into the output folder, too."""
    (tmp_path / "run" / "checkpoint-50").mkdir(parents=True)
    (tmp_path / "run" / "checkpoint-50" / "trainer_state.json").write_bytes(state(history(50)))
    (tmp_path / "run" / "trainer_state.json").write_bytes(state([*history(100), SUMMARY]))
    (run,) = read_inputs([str(tmp_path / "run")]).runs
    assert run.source == "run/trainer_state.json"


def test_checkpoints_of_two_runs_are_two_runs(tmp_path: Path) -> None:
    """Folders named alike in different places must not be joined, even where the user names them one by one."""
    for name, step in (("a", 50), ("b", 100)):
        (tmp_path / name / "checkpoint-50").mkdir(parents=True)
        (tmp_path / name / "checkpoint-50" / "trainer_state.json").write_bytes(state(history(step)))
    named = [str(tmp_path / name / "checkpoint-50") for name in "ab"]
    for inputs in ([str(tmp_path)], named):
        lengths = [len(run.train_loss) for run in read_inputs(inputs).runs if run.train_loss]
        assert lengths == [5, 10]


@pytest.mark.parametrize("rows", [[], [SUMMARY]])
def test_a_state_without_rows_is_no_run(rows: list[Row]) -> None:
    """Nothing was logged before the checkpoint was written."""
    source = Source(name="trainer_state.json", content=state(rows))
    with pytest.raises(NothingToRead, match="log_history"):
        list(hf_trainer.read(source))


def test_a_state_cut_while_it_was_written_is_named_by_line() -> None:
    """A full disk leaves half a file."""
    source = Source(name="trainer_state.json", content=state(history(100))[:-300])
    with pytest.raises(MlcheckError, match=r"trainer_state.json:\d+:\d+: expected valid JSON"):
        list(hf_trainer.read(source))


def test_a_set_that_is_the_training_data_is_no_validation() -> None:
    """eval_dataset={"train": ..., "val": ..., "test": ...} gives a loss for each."""
    run = read(state(history(100, sets=("eval_train", "eval_test", "eval_val"))))
    assert run.train_loss is not None
    assert run.train_loss.name == "loss"
    assert run.find("loss", "validation") is not None
    assert run.val_loss is not None
    assert run.val_loss.name == "eval_val_loss"


@pytest.mark.parametrize("name", ["all_results.json", "train_results.json", "eval_results.json"])
def test_the_summary_is_refused_alone_and_passed_over_beside_the_state(name: str, tmp_path: Path) -> None:
    """It holds the means of the run and its last evaluation."""
    (tmp_path / name).write_text(json.dumps({"epoch": 1.0, "eval_loss": 0.3, "eval_runtime": 2.0, "train_loss": 0.25, "train_runtime": 60.0}))  # fmt: skip
    reading = read_inputs([str(tmp_path / name)])
    assert not reading.runs
    (problem,) = reading.problems
    assert "trainer_state.json" in problem.hint
    (tmp_path / "trainer_state.json").write_bytes(state(history(100)))
    reading = read_inputs([str(tmp_path)])
    assert len(reading.runs) == 1
    assert not reading.problems


def test_a_run_that_never_evaluates_has_no_validation() -> None:
    """Nothing stands in for it."""
    run = read(state([row for row in history(100) if "loss" in row] + [SUMMARY]))
    assert run.val_loss is None
    assert run.train_loss is not None
    assert len(run.train_loss) == 10


def test_an_evaluation_before_training_is_the_first_point() -> None:
    """With eval_on_start there is one evaluation more than there are train rows."""
    start = {"epoch": 0, "eval_loss": 5.7, "eval_runtime": 1.0, "step": 0}
    run = read(state([start, *history(100)]))
    assert run.val_loss is not None
    assert (run.val_loss.step[0], run.val_loss.value[0]) == (0, 5.7)
