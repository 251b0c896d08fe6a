"""Other people's files, of which only the names' meaning is known: tables, JSON and trainer states are read right.

The files are not part of the project; MLCHECK_BENCH names the folder that holds them.
"""

from __future__ import annotations

import csv
import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from mlcheck.readers import read_inputs

if TYPE_CHECKING:
    from mlcheck.model import Reading, Run, Series

FORMATS = frozenset(
    ("keras_csv", "keras_json", "hf_trainer", "lightning", "handrolled_csv", "fastai", "timm", "openmmlab", "detectron2", "jsonl_logtxt", "sb3",
     "spinningup", "wandb_export", "wandb_offline", "mlflow", "dvclive", "catboost", "sweep", "predictions", "trec", "learning_curve_size", "allennlp", "ludwig", "yolo")
)  # fmt: skip
DOUBTFUL = frozenset(
    ("allennlp", "dvclive", "ludwig", "hf_trainer", "jsonl_logtxt", "sb3", "openmmlab", "detectron2")
)
"""Formats of which the rows that a careful person could read otherwise are read as expected, too."""


def wild() -> Path:
    """Return the folder of other people's files, or skip."""
    folder = os.environ.get("MLCHECK_BENCH")
    if not folder:
        pytest.skip("MLCHECK_BENCH does not name the folder of other people's logs")
    return Path(folder) / "wild"


def expected() -> list[dict[str, str]]:
    """Return the rows of what careful people read in the files, those that leave no doubt."""
    with (wild() / "expected.csv").open(encoding="utf-8") as stream:
        return [
            row
            for row in csv.DictReader(stream)
            if row["file"].split("/")[0] in FORMATS and row["sure"] == "yes"
        ]


def doubtful() -> list[dict[str, str]]:
    """Return the rows that leave a doubt, of the formats in which one reading of them is settled."""
    with (wild() / "expected.csv").open(encoding="utf-8") as stream:
        return [
            r for r in csv.DictReader(stream) if r["file"].split("/")[0] in DOUBTFUL and r["sure"] == "no"
        ]


def difference(series: Series | None, row: dict[str, str], split: str) -> str:
    """Say how a series differs from what is expected, "" where it does not."""
    name, count = row[f"{split}_name"], int(row[f"{split}_n"])
    finite = np.array([]) if series is None else series.value[np.isfinite(series.value)]
    found = ("", 0) if series is None else (series.name, len(finite))
    if found != (name, count):
        return f"{split}: {found} instead of {(name, count)}; "
    ends = [] if not count else [float(row[f"{split}_{end}"]) for end in ("first", "last")]
    return (
        ""
        if np.allclose(finite[[0, -1]] if count else [], ends, rtol=1e-4)
        else f"{split}: {finite[[0, -1]]} instead of {ends}; "
    )


def judge(reading: Reading, row: dict[str, str]) -> str:
    """Say how a reading differs from what is expected, "" where it does not; of several runs the last is compared."""
    if len(reading.runs) != int(row["runs"]):
        return f"{len(reading.runs)} runs instead of {row['runs']}: {[p.message for p in reading.problems]}"
    if not reading.runs:
        return "" if len(reading.problems) == 1 else f"{len(reading.problems)} problems instead of one"
    run = reading.runs[-1]
    return (
        difference(run.train_loss, row, "train")
        + difference(run.val_loss, row, "val")
        + missing_metric(run, row)
    )


def missing_metric(run: Run, row: dict[str, str]) -> str:
    """Say that the metric which matters is not there or ends elsewhere."""
    if not row["metric_name"]:
        return ""
    last = {
        s.name: s.value[np.isfinite(s.value)][-1]
        for s in run.series
        if s.role.quantity == "metric" and np.isfinite(s.value).any()
    }
    found = last.get(row["metric_name"], np.nan)
    return (
        ""
        if np.isclose(found, float(row["metric_last"]), rtol=1e-4)
        else f"metric {row['metric_name']}: {found}; "
    )


def test_every_file_that_leaves_no_doubt_is_read_right() -> None:
    """The right number of runs, the right columns, every point; a file without a curve is refused in one line."""
    rows = expected()
    assert len(rows) > 40
    wrong = {
        row["file"]: told for row in rows if (told := judge(read_inputs([str(wild() / row["file"])]), row))
    }
    assert wrong == {}


def test_files_that_leave_a_doubt_are_read_as_settled() -> None:
    """Ludwig without the test set, DVCLive's lone files as runs, summaries as none."""
    rows = doubtful()
    assert len(rows) > 5
    wrong = {r["file"]: told for r in rows if (told := judge(read_inputs([str(wild() / r["file"])]), r))}
    assert wrong == {}


@pytest.mark.parametrize("kind", ["sweep", "predictions", "trec", "learning_curve_size"])
def test_what_is_no_log_is_refused_in_one_line(kind: str) -> None:
    """Tables of trials, predictions, search results and curves over data size: one problem each, on one line."""
    for path in sorted((wild() / kind).iterdir()):
        reading = read_inputs([str(path)])
        assert not reading.runs, path.name
        (problem,) = reading.problems
        assert "\n" not in problem.message + problem.hint
        assert problem.source == path.name


def test_the_same_files_are_read_alike_compressed_and_from_standard_input() -> None:
    """Where a file comes from must not change what it says."""
    import gzip

    for kind in ("keras_csv", "keras_json", "timm", "fastai"):
        for path in sorted((wild() / kind).iterdir()):
            content = path.read_bytes()
            (plain,) = {r.digest for r in [read_inputs(["-"], stdin=path.read_bytes)]}
            packed = gzip.compress(content)
            assert read_inputs(["-"], stdin=lambda packed=packed: packed).digest == plain  # type: ignore[misc]  # a default binds the loop's value


def test_hundreds_of_small_logs_are_read_in_a_moment() -> None:
    """A linter is run many times a day: 425 tables of some 30 rows within a second of processor time."""
    import time

    wild()
    folder = Path(os.environ["MLCHECK_BENCH"]) / "interventions" / "logs"
    read_inputs([str(next(iter(sorted(folder.iterdir()))))])
    start = time.process_time()
    reading = read_inputs([str(folder)])
    assert len(reading.runs) == 425
    assert not reading.problems
    assert time.process_time() - start < 2.0  # 0.4 on an idle core; the bound leaves room for a busy one
