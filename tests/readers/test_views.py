"""Several records of one run are one run: event files beside a table, printed lines beside a log."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

import pytest

from mlcheck.readers import read_inputs, views
from tests.readers.test_tensorboard import event, simple, value

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

TRAIN = [2.30259, 1.71234, 1.29871, 1.05123, 0.91234, 0.83211, 0.78113, 0.74444]
VAL = [2.31111, 1.81234, 1.45678, 1.23456, 1.14321, 1.10987, 1.09876, 1.10234]


def table(train: Sequence[float] = TRAIN, val: Sequence[float] = VAL) -> str:
    """Return a CSV log."""
    rows = [f"{i},{a},{b}\n" for i, (a, b) in enumerate(zip(train, val, strict=True), 1)]
    return "epoch,train_loss,val_loss\n" + "".join(rows)


def printed(train: Sequence[float] = TRAIN, val: Sequence[float] = VAL) -> str:
    """Return what a script prints, to three decimals."""
    lines = [
        f"epoch {i}: train loss {a:.3f} val loss {b:.3f}\n"
        for i, (a, b) in enumerate(zip(train, val, strict=True), 1)
    ]
    return "".join(lines)


def write_scalars(path: Path, series: dict[str, list[float]]) -> None:
    """Write an event file with one value a step of each tag."""
    records = [
        event(step, value(tag, simple(v)))
        for tag, values in series.items()
        for step, v in enumerate(values, 1)
    ]
    path.write_bytes(b"".join(records))


def names(folder: Path) -> list[tuple[str, list[str]]]:
    """Return (source, columns) of every run in a folder."""
    reading = read_inputs([str(folder)])
    assert not reading.problems
    return [(run.source, [s.name for s in run.series]) for run in reading.runs]


def test_printed_lines_beside_a_table_of_the_same_numbers_are_one_run(tmp_path: Path) -> None:
    """The table, which has all digits, stands; the text adds nothing."""
    (tmp_path / "train.log").write_text(printed())
    (tmp_path / "metrics.csv").write_text(table())
    assert names(tmp_path) == [(f"{tmp_path.name}/metrics.csv", ["train_loss", "val_loss"])]


def test_printed_lines_of_other_numbers_are_another_run(tmp_path: Path) -> None:
    """A folder may hold several runs: only equal numbers say that two files are one."""
    (tmp_path / "a.log").write_text(printed([v * 1.07 for v in TRAIN], [v * 1.03 for v in VAL]))
    (tmp_path / "b.csv").write_text(table())
    assert [source for source, _ in names(tmp_path)] == [f"{tmp_path.name}/a.log", f"{tmp_path.name}/b.csv"]


def test_what_only_the_text_holds_is_kept(tmp_path: Path) -> None:
    """The log has no validation loss, the printed lines have; and they end in a crash."""
    (tmp_path / "log.jsonl").write_text(
        "".join(json.dumps({"epoch": i, "loss": v}) + "\n" for i, v in enumerate(TRAIN, 1))
    )
    (tmp_path / "out.txt").write_text(
        printed() + "Traceback (most recent call last):\n  File x\nRuntimeError: CUDA error\n"
    )
    (run,) = read_inputs([str(tmp_path)]).runs
    assert run.source.endswith("log.jsonl")
    assert run.train_loss is not None
    assert run.train_loss.value.tolist() == TRAIN
    assert run.val_loss is not None
    assert len(run.val_loss) == len(VAL)
    assert [e.kind for e in run.events] == ["crash"]


def test_event_files_beside_the_only_table_are_its_run(tmp_path: Path) -> None:
    """Frameworks average otherwise for the two; the folder is the run, and the table stands."""
    (tmp_path / "results.csv").write_text(table())
    write_scalars(
        tmp_path / "events.out.tfevents.1.host", {"train/loss": [9.0, 8.0, 7.0], "lr": [0.1, 0.1, 0.01]}
    )
    ((source, columns),) = names(tmp_path)
    assert source == f"{tmp_path.name}/results.csv"
    assert columns == ["train_loss", "val_loss", "lr"]


def test_event_files_beside_two_tables_are_a_run_of_their_own(tmp_path: Path) -> None:
    """Nothing says which of the two they belong to."""
    (tmp_path / "a.csv").write_text(table())
    (tmp_path / "b.csv").write_text(table(VAL, TRAIN))
    write_scalars(tmp_path / "events.out.tfevents.1.host", {"train/loss": [9.0, 8.0, 7.0]})
    assert len(names(tmp_path)) == 3


def test_records_in_folders_below_are_found(tmp_path: Path) -> None:
    """A script's output stands above the folder that its framework makes."""
    below = tmp_path / "logs" / "version_0"
    below.mkdir(parents=True)
    (tmp_path / "out.txt").write_text(printed())
    (below / "metrics.csv").write_text(table())
    assert names(tmp_path) == [(f"{tmp_path.name}/logs/version_0/metrics.csv", ["train_loss", "val_loss"])]


@pytest.mark.parametrize("value", [math.log(2), 0.0, 2.302585])
def test_two_runs_that_do_not_learn_are_two_runs(tmp_path: Path, value: float) -> None:
    """Every such run stands at the same loss."""
    (tmp_path / "a.csv").write_text(table([value] * 8, [value] * 8))
    (tmp_path / "b.json").write_text(json.dumps({"train_loss": [value] * 8, "val_loss": [value] * 8}))
    assert len(names(tmp_path)) == 2


def test_a_text_that_agrees_with_event_files_and_a_table_is_merged_once(tmp_path: Path) -> None:
    """Three records, one run, named after the table."""
    (tmp_path / "out.txt").write_text(printed())
    (tmp_path / "history.csv").write_text(table())
    write_scalars(tmp_path / "events.out.tfevents.1.host", {"train_loss": TRAIN, "val_loss": VAL})
    assert names(tmp_path) == [(f"{tmp_path.name}/history.csv", ["train_loss", "val_loss"])]


def test_the_search_grows_with_the_number_of_runs_and_not_with_its_square(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Runs that begin alike and end differently, half of them printed: each is compared with few others."""
    compared: list[int] = []
    whole = views._Cells._is_near

    def counted(self: views._Cells, one: views._Curve, other: views._Curve, which: int) -> bool:
        compared[-1] += 1
        return whole(self, one, other, which)

    monkeypatch.setattr(views._Cells, "_is_near", counted)
    for count in (40, 160):
        folder = tmp_path / str(count)
        folder.mkdir()
        for n in range(count):
            train = [2.3026, *(2.3 / (e + 0.01 * n) for e in range(2, 9))]
            val = [v + 0.1 for v in train]
            (folder / f"a{n}.csv").write_text(table(train, val))
            (folder / f"b{n}.log").write_text(printed([v + 0.05 for v in train], [v + 0.2 for v in val]))
        compared.append(0)
        assert len(read_inputs([str(folder)]).runs) == 2 * count
    assert compared[1] <= 8 * compared[0] + 8 * 160


def test_runs_that_stand_still_at_the_same_loss_are_not_compared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sweep of which nothing learns has thousands that agree in every number, and are runs of their own."""

    def refuse(*_: object) -> bool:
        raise AssertionError("compared")

    monkeypatch.setattr(views, "_same", refuse)
    for n in range(5):
        (tmp_path / f"a{n}.csv").write_text(table([0.6931] * 8, [0.6931] * 8))
        (tmp_path / f"b{n}.log").write_text(printed([0.693] * 8, [0.693] * 8))
    assert len(names(tmp_path)) == 10
