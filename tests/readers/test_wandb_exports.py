"""CSV files exported from Weights & Biases: charts of several runs, histories, and tables of runs, which are no log."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mlcheck.readers import read_inputs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlcheck.model import Reading, Run


def write(path: Path, header: Sequence[str], rows: Sequence[Sequence[object]]) -> Reading:
    """Write as the page does, every cell in quotes, and read it."""
    lines = [",".join('"' + str(cell).replace('"', '""') + '"' for cell in row) for row in (header, *rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return read_inputs([str(path)])


def chart(
    path: Path, axis: str, columns: Mapping[str, Sequence[object]], *, bounds: bool = True
) -> Sequence[Run]:
    """Write a chart's export: each column with its bounds beside it, over 0, 10, 20, ..."""
    header = [axis]
    for name in columns:
        header += [name, f"{name}__MIN", f"{name}__MAX"] if bounds else [name]
    rows = [
        [10 * i, *(v for value in values for v in ([value] * 3 if bounds else [value]))]
        for i, values in enumerate(zip(*columns.values(), strict=True))
    ]
    reading = write(path, header, rows)
    assert not reading.problems
    return reading.runs


def values(run: Run) -> dict[str, list[float]]:
    return {s.name: s.value.tolist() for s in run.series if s.role.quantity not in ("other", "time")}


class TestCharts:
    """`Step`, and for each run its metric with bounds."""

    @pytest.mark.parametrize(
        "axis", ["Step", "epoch", "trainer/global_step", "Relative Time (Process)", "Wall Time", "samples"]
    )
    def test_each_run_is_one_over_any_axis(self, axis: str, tmp_path: Path) -> None:
        first, second = chart(
            tmp_path / "c.csv", axis, {"a-1 - train/loss": [3, 2, 1], "b - 2 - train/loss": [6, 5, 4]}
        )
        assert (values(first), values(second)) == ({"train/loss": [3, 2, 1]}, {"train/loss": [6, 5, 4]})
        assert (first.config["run"], second.config["run"]) == ("a-1", "b - 2")
        if axis in ("Step", "epoch", "trainer/global_step"):
            assert first.series[0].step.tolist() == [0, 10, 20]

    def test_gaps_are_no_points(self, tmp_path: Path) -> None:
        first, second = chart(
            tmp_path / "c.csv", "Step", {"a - loss": [3, "", 1, ""], "b - loss": ["", 5, "", 4]}
        )
        assert (values(first), values(second)) == ({"loss": [3, 1]}, {"loss": [5, 4]})
        assert second.series[0].step.tolist() == [10, 30]

    def test_the_step_of_a_run_is_none_of_its_metrics(self, tmp_path: Path) -> None:
        (run,) = chart(
            tmp_path / "c.csv",
            "epoch",
            {"a - _step": [5, 9, 13], "a - loss": [3, 2, 1], "a - val_loss": [4, 3, 2]},
        )
        assert values(run) == {"loss": [3, 2, 1], "val_loss": [4, 3, 2]}

    def test_without_bounds_and_without_runs(self, tmp_path: Path) -> None:
        assert (
            len(chart(tmp_path / "c.csv", "Step", {"a - loss": [3, 2], "b - loss": [2, 1]}, bounds=False))
            == 2
        )
        (run,) = chart(tmp_path / "d.csv", "Step", {"train/loss": [3, 2, 1], "val/loss": [4, 3, 2]})
        assert {s.name for s in run.series} == {"train/loss", "val/loss"}

    def test_a_chart_of_a_metric_is_a_log_of_runs(self, tmp_path: Path) -> None:
        runs = chart(
            tmp_path / "c.csv",
            "Step",
            {"a - val_accuracy": [0.1, 0.5, 0.7], "b - val_accuracy": [0.1, 0.2, 0.3]},
        )
        assert [values(run) for run in runs] == [
            {"val_accuracy": [0.1, 0.5, 0.7]},
            {"val_accuracy": [0.1, 0.2, 0.3]},
        ]

    def test_a_chart_of_neither_is_refused_once(self, tmp_path: Path) -> None:
        header = ["Step", *(f"{r} - gpu.0.temp{b}" for r in "abcd" for b in ("", "__MIN", "__MAX"))]
        reading = write(tmp_path / "c.csv", header, [[i, *[40 + i] * 12] for i in range(5)])
        assert not reading.runs
        assert len(reading.problems) == 1


class TestHistories:
    """What `run.history()` gives."""

    def test_sparse_columns_with_objects(self, tmp_path: Path) -> None:
        table = "{'_type': 'table-file', 'path': 'media/table/a.json', 'size': 3}"
        header = ["", "_step", "val/loss", "Samples", "iter", "_runtime", "_timestamp", "train/loss"]
        rows = [
            [
                i,
                i,
                "" if i % 3 else 2 - i / 20,
                table if i % 3 == 0 else "",
                25 * i,
                i * 0.7,
                1.7e9 + i,
                3 - i / 10,
            ]
            for i in range(9)
        ]
        (run,) = write(tmp_path / "h.csv", header, rows).runs
        assert run.train_loss is not None
        assert run.val_loss is not None
        assert run.train_loss.step.tolist() == list(range(9))
        assert run.val_loss.value.tolist() == [2, 2 - 3 / 20, 2 - 6 / 20]
        assert run.config == {}

    @pytest.mark.parametrize("prefix", ["", "train/"])
    def test_the_trainers_mean_over_the_run_is_no_point(self, prefix: str, tmp_path: Path) -> None:
        plain = f"{prefix}loss"
        header = ["_step", f"{prefix}train_loss", plain, "eval/loss", f"{prefix}train_runtime", "_runtime"]
        rows = [[i, "", 3 - i / 10, 2 - i / 10, "", i] for i in range(6)] + [[6, 2.5, "", "", 60, 6]]
        (run,) = write(tmp_path / "h.csv", header, rows).runs
        assert run.train_loss is not None
        assert (run.train_loss.name, len(run.train_loss)) == (plain, 6)

    def test_a_lone_train_loss_stays(self, tmp_path: Path) -> None:
        (run,) = write(
            tmp_path / "h.csv", ["_step", "_runtime", "train_loss", "train_runtime"], [[0, 1, 2.5, 60]]
        ).runs
        assert run.train_loss is not None

    def test_dashes_and_nulls_are_blanks(self, tmp_path: Path) -> None:
        (run,) = write(
            tmp_path / "h.csv",
            ["_step", "loss", "val_loss"],
            [[0, 3, "-"], [1, 2, 4], [2, 1, "null"], [3, 0.5, 3]],
        ).runs
        assert values(run) == {"loss": [3, 2, 1, 0.5], "val_loss": [4, 3]}


class TestTablesOfRuns:
    """One row per run: no curve, and said so in one line."""

    @pytest.mark.parametrize(
        ("header", "row"),
        [
            (("Name", "State", "Notes", "User", "Tags", "Created", "Runtime", "Sweep", "learning_rate", "epoch", "train_loss"),
             ("sun-{}", "finished", "-", "me", "", "2023-05-24T14:08:33.000Z", "732", "", "0.001", "9", "0.{}")),
            (("Name", "Runtime", "End Time", "Hostname", "batch_size", "loss"), ("sun-{}", "300", "2026-05-29", "n1", "8", "0.{}")),
            (("Name", "State", "Created", "_step", "epoch", "loss", "val_loss"), ("same", "crashed", "2023-05-2{}", "1{}", "{}", "0.{}", "0.{}")),
            (("", "summary", "config", "name"), ("{}", "{{'loss': 0.{}, '_step': 9}}", "{{'lr': 0.1}}", "sun-{}")),
            (("name", "state", "summary", "config"), ("sun-{}", "finished", "{{'loss': 0.{}, 'epoch': 9}}", "{{'lr': 0.1}}")),
        ],
    )  # fmt: skip
    @pytest.mark.parametrize("count", [1, 2, 7])
    def test_refused_in_one_line(
        self, header: Sequence[str], row: Sequence[str], count: int, tmp_path: Path
    ) -> None:
        rows = [[cell.format(i) for cell in row] for i in range(1, count + 1)]
        reading = write(tmp_path / "runs.csv", header, rows)
        assert not reading.runs
        (problem,) = reading.problems
        assert "\n" not in problem.message + problem.hint


def test_the_runs_of_other_people_are_one_each(tmp_path: Path) -> None:
    """A run's own file beside its summary, under names that hold its ID: one run that ends as the summary says."""
    place = os.environ.get("MLCHECK_BENCH")
    if not place:
        pytest.skip("MLCHECK_BENCH does not name the folder of other people's logs")
    files = sorted((Path(place) / "wild" / "wandb_offline").glob("*.wandb"))
    assert files
    for file in files:
        run_id = file.stem.rpartition("run-")[2]
        (summary,) = file.parent.glob(f"*{run_id}_wandb-summary.json")
        folder = tmp_path / run_id
        folder.mkdir()
        for path in (file, summary):
            (folder / path.name).symlink_to(path)
        reading = read_inputs([str(folder)])
        assert not reading.problems
        (run,) = reading.runs
        last = json.loads(summary.read_text())
        assert {s.name: s.value[-1] for s in run.series} == {
            name: value for name, value in last.items() if not name.startswith("_")
        }
