"""Logs become runs: files of one run joined, restarts spliced, roles given, the user's columns obeyed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlcheck.errors import MlcheckError, NothingToRead
from mlcheck.model import Event, Role, Run
from mlcheck.readers import assemble, read_inputs
from mlcheck.readers.log import Channel, Log

if TYPE_CHECKING:
    from pathlib import Path

LOG = "epoch,energy,train_loss,val_loss\n1,5.0,0.9,1.0\n2,4.0,0.8,0.9\n"


def channel(name: str, *values: float, first: float = 1, **more: Any) -> Channel:
    """Return a channel with one value a step from `first` on."""
    return Channel(name=name, value=np.array(values), step=np.arange(first, first + len(values)), **more)


def log(*channels: Channel, source: str = "a.csv", key: str = "run", **more: Any) -> Log:
    """Return a log of one file."""
    return Log(source=source, reader=more.pop("reader", "csv"), key=key, channels=channels, **more)


def one(*logs: Log, **columns: str) -> Run:
    """Assemble logs that make one run."""
    made = assemble.runs(logs, columns=columns)
    assert not made.failures
    (run,) = made.runs
    return run


# --- joining files ---


def test_a_second_file_goes_on_where_the_first_ended() -> None:
    """Files of one key are one run, in the order of time."""
    later = log(channel("loss", 0.7, 0.6, first=3), source="b.csv", order=2)
    run = one(later, log(channel("loss", 0.9, 0.8), order=1))
    assert run.train_loss is not None
    assert run.train_loss.step.tolist() == [1, 2, 3, 4]
    assert run.train_loss.value.tolist() == [0.9, 0.8, 0.7, 0.6]
    assert [(e.kind, e.at) for e in run.events] == [("restart", 3)]


def test_where_files_overlap_the_later_one_wins() -> None:
    """What was trained after the restart is the run; the rest was thrown away with the crash."""
    run = one(
        log(channel("loss", 0.9, 0.8, 0.75, 0.74), order=1),
        log(channel("loss", 0.7, 0.6, first=3), source="b.csv", order=2),
    )
    assert run.train_loss is not None
    assert run.train_loss.value.tolist() == [0.9, 0.8, 0.7, 0.6]
    assert "again" in run.events[0].message


def test_files_of_different_quantities_are_one_run_without_a_restart() -> None:
    """train.csv and val.csv, or one file per metric."""
    run = one(
        log(channel("loss", 0.9, 0.8, split="train")),
        log(channel("loss", 1.0, 0.9, split="validation"), source="b.csv"),
    )
    assert run.train_loss is not None
    assert run.val_loss is not None
    assert not run.events


def test_of_two_loggers_of_one_run_the_fuller_record_stands() -> None:
    """Lightning writes metrics.csv and event files: the same numbers, not a restart."""
    run = one(
        log(channel("loss", 0.9, 0.8), reader="csv"),
        log(channel("loss", 0.9, 0.8, 0.7), source="e", reader="tensorboard"),
    )
    assert run.train_loss is not None
    assert run.train_loss.value.tolist() == [0.9, 0.8, 0.7]
    assert not run.events


def test_a_file_that_replaces_the_others_is_taken_alone() -> None:
    """The latest checkpoint holds the whole history."""
    states = [
        log(channel("loss", *([0.5] * n)), source=f"c{n}.json", order=n, replaces=True) for n in (2, 9, 4)
    ]
    run = one(*states)
    assert run.source == "c9.json"
    assert run.train_loss is not None
    assert len(run.train_loss) == 9


def test_several_logs_of_one_file_are_several_runs() -> None:
    """Appended runs share the file."""
    made = assemble.runs([log(channel("loss", 0.9)), log(channel("loss", 0.8))], columns={})
    assert [run.id for run in assemble.with_ids(made.runs)] == ["a", "a#2"]


def test_what_the_log_says_wins_over_settings_beside_it_and_the_user_over_both() -> None:
    """Three places for a learning rate."""
    settings = {"r": {"lr": 1, "dim": 1, "seed": 1}}
    logs = [log(channel("loss", 0.9), source="r/v0/a.csv", config={"lr": 2, "dim": 2})]
    (run,) = assemble.runs(logs, columns={}, settings=settings, given={"lr": 3}).runs
    assert dict(run.config) == {"lr": 3, "dim": 2, "seed": 1}


# --- series ---


@given(st.lists(st.integers(0, 20), min_size=1, max_size=40))
def test_steps_never_decrease_and_end_where_the_log_does(steps: list[int]) -> None:
    """Whatever a counter does, what comes out is in order, keeps the last row, and names each restarted step once."""
    count = np.array(steps, dtype=np.float64)
    run = one(log(Channel(name="loss", value=np.arange(len(steps), dtype=np.float64), step=count)))
    assert run.train_loss is not None
    assert np.all(np.diff(run.train_loss.step) >= 0)
    assert run.train_loss.value[-1] == len(steps) - 1
    if np.all(np.diff(count) >= 0):
        assert len(run.train_loss) == len(steps)


def test_an_epoch_that_goes_back_while_the_step_goes_on_is_left_out() -> None:
    """A series promises that its epochs never decrease."""
    run = one(
        log(Channel(name="loss", value=np.ones(4), step=np.arange(4.0), epoch=np.array([0.0, 1.0, 0.0, 1.0])))
    )
    assert run.train_loss is not None
    assert run.train_loss.epoch is None


@pytest.mark.parametrize(
    ("counters", "unit"),
    [
        ({"step": np.arange(2.0)}, "step"),
        ({"epoch": np.arange(2.0)}, "epoch"),
        ({}, "row"),
        ({"step": np.arange(2.0), "counts_rows": True}, "row"),
    ],
)
def test_a_series_says_what_it_counts(counters: dict[str, Any], unit: str) -> None:
    """Steps, epochs or rows."""
    run = one(log(Channel(name="loss", value=np.ones(2), **counters)))
    assert run.train_loss is not None
    assert run.train_loss.step_unit == unit


def test_a_role_that_the_format_knows_wins_over_the_name() -> None:
    """A monitor's `r` is a return, whatever the table of names thinks of the letter."""
    role = Role(quantity="metric", split="train", measure="return", better="higher")
    assert one(log(channel("r", 9.0, role=role))).metric("train", "return") is not None


# --- the user's columns ---


@pytest.mark.parametrize(
    ("role", "find"),
    [("train_loss", lambda r: r.train_loss), ("val_loss", lambda r: r.val_loss), ("lr", lambda r: r.lr), ("grad_norm", lambda r: r.grad_norm),
     ("val_accuracy", lambda r: r.metric("validation", "accuracy"))],
)  # fmt: skip
def test_a_column_that_the_user_names_is_taken_for_its_role(tmp_path: Path, role: str, find: Any) -> None:
    """`--column ROLE=NAME` through the front door."""
    (tmp_path / "log.csv").write_text(LOG)
    (run,) = read_inputs([str(tmp_path / "log.csv")], columns={role: "energy"}).runs
    assert find(run).name == "energy"


@pytest.mark.parametrize("role", ["train_loss", "val_accuracy", "step", "epoch"])
def test_a_column_that_is_not_there_is_a_problem_that_names_those_that_are(tmp_path: Path, role: str) -> None:
    """A typing error must not be judged as if nothing had been said."""
    (tmp_path / "log.csv").write_text(LOG)
    reading = read_inputs([str(tmp_path / "log.csv")], columns={role: "enrgy"})
    assert not reading.runs
    (problem,) = reading.problems
    assert problem.source == "log.csv"
    assert "expected a column 'enrgy', found " in problem.message
    assert "'energy', 'train_loss', 'val_loss'" in problem.message


def test_a_run_of_a_folder_that_lacks_the_column_is_a_problem_and_other_files_are_passed_over(
    tmp_path: Path,
) -> None:
    """The runs that have it are judged."""
    (tmp_path / "a.csv").write_text(LOG)
    (tmp_path / "b.csv").write_text("epoch,train_loss\n1,0.9\n2,0.8\n")
    (tmp_path / "c.csv").write_text("x,y\n1,2\n2,3\n")
    reading = read_inputs([str(tmp_path)], columns={"val_loss": "energy"})
    assert [run.source.rpartition("/")[2] for run in reading.runs] == ["a.csv"]
    assert [p.source.rpartition("/")[2] for p in reading.problems] == ["b.csv"]
    assert reading.passed_over == 1


@pytest.mark.parametrize("role", ["banana", "train", "loss_train"])
def test_a_role_that_is_none_is_an_error_of_usage(tmp_path: Path, role: str) -> None:
    """The roles are listed in the message."""
    (tmp_path / "log.csv").write_text(LOG)
    with pytest.raises(
        MlcheckError, match=f"--column: expected a role such as train_loss, .+ found '{role}'"
    ):
        read_inputs([str(tmp_path / "log.csv")], columns={role: "energy"})


# --- what is no training log ---


def test_a_log_without_a_loss_names_its_columns_and_a_way_out() -> None:
    """The user may know which of them is the loss."""
    made = assemble.runs([log(channel("energy", 5.0), channel("height", 1.0))], columns={})
    (failure,) = made.failures
    assert isinstance(failure, NothingToRead)
    assert (
        str(failure)
        == "a.csv: expected a loss, found none among the columns 'energy', 'height'; try --column train_loss=energy if one of them is"
    )


def test_many_columns_are_shortened() -> None:
    """A message is one line."""
    (failure,) = assemble.runs([log(*(channel(f"c{i}", 1.0) for i in range(30)))], columns={}).failures
    assert "'c11' and 18 more" in failure.problem


def test_a_crash_is_judged_without_a_loss() -> None:
    """A text that ends in an error tells more than nothing."""
    assert not one(log(events=(Event(kind="crash", message="CUDA out of memory"),))).series


def test_a_digest_depends_on_the_numbers_and_the_names(tmp_path: Path) -> None:
    """The signature of a report says whether the input was the same."""
    digests = set()
    for i, text in enumerate((LOG, LOG, LOG.replace("0.9", "0.91"), LOG.replace("energy", "power"))):
        folder = tmp_path / str(i)
        folder.mkdir()
        (folder / "log.csv").write_text(text)
        digests.add(read_inputs([str(folder / "log.csv")]).digest)
    assert len(digests) == 3


def test_a_name_as_long_as_a_file_is_cut_in_messages() -> None:
    """A table whose line ends are damaged has its first rows for the name of a column."""
    (failure,) = assemble.runs([log(channel("width\theight" * 900, 1.0))], columns={}).failures
    assert len(str(failure)) < 250
    assert "train_loss=NAME" in failure.hint
