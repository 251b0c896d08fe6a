"""Parquet tables: wide, long, of several runs, with blanks; data and broken files are refused, pyarrow may be missing."""

from __future__ import annotations

import builtins
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from mlcheck.errors import MlcheckError, NothingToRead
from mlcheck.readers import parquet, read_inputs
from mlcheck.readers.source import Source

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

MAGIC = b"PAR1"


def write(path: Path, columns: Mapping[str, Any], **options: Any) -> Path:
    """Write a table as pyarrow does; skip where it is not installed."""
    pa = pytest.importorskip("pyarrow", reason="Parquet is read by pyarrow, the extra `parquet`")
    import pyarrow.parquet as pq

    pq.write_table(pa.table(dict(columns)), path, **options)
    return path


WIDE = {"epoch": [0, 1, 2, 3], "train_loss": [1.0, 0.5, 0.4, 0.3], "val_loss": [1.5, None, 0.7, 0.6], "accuracy": [0.1, 0.2, 0.3, 0.4]}  # fmt: skip


@pytest.mark.parametrize(
    "options", [{}, {"compression": "gzip"}, {"row_group_size": 1}, {"use_dictionary": False}]
)
def test_a_wide_table_is_read_by_column(tmp_path: Path, options: dict[str, Any]) -> None:
    """A null is a blank, whatever the layout within the file."""
    (run,) = read_inputs([str(write(tmp_path / "log.parquet", WIDE, **options))]).runs
    assert run.reader == "parquet"
    assert run.train_loss is not None
    assert run.train_loss.value.tolist() == [1, 0.5, 0.4, 0.3]
    assert run.val_loss is not None
    assert (run.val_loss.step.tolist(), run.val_loss.value.tolist()) == ([0, 2, 3], [1.5, 0.7, 0.6])


def test_a_long_table_is_read_by_the_names_in_its_rows(tmp_path: Path) -> None:
    """One row for each metric and step."""
    long = {"step": [1, 1, 2, 2, 3, 3, 4, 4], "metric": ["train_loss", "val_loss"] * 4, "value": [1.0, 1.5, 0.8, 1.2, 0.6, 1.1, 0.5, 1.0]}  # fmt: skip
    (run,) = read_inputs([str(write(tmp_path / "long.parquet", long))]).runs
    assert run.val_loss is not None
    assert run.val_loss.value.tolist() == [1.5, 1.2, 1.1, 1.0]


def test_several_runs_of_a_table_stay_apart(tmp_path: Path) -> None:
    """A column names the run of each row, in a dictionary or not."""
    pa = pytest.importorskip("pyarrow", reason="Parquet is read by pyarrow, the extra `parquet`")
    both = {
        "run": pa.array(["a"] * 3 + ["b"] * 3).dictionary_encode(),
        "epoch": [1, 2, 3] * 2,
        "loss": [3.0, 2, 1, 4, 3, 2],
    }
    assert len(read_inputs([str(write(tmp_path / "runs.parquet", both))]).runs) == 2


def test_whole_numbers_flags_and_the_index_of_pandas_are_understood(tmp_path: Path) -> None:
    """Integers and flags are numbers, lists are passed over, the nameless index is none of the columns."""
    columns = {"loss": np.array([3, 2, 1], dtype=np.int64), "val_loss": np.array([4, 3, 2], dtype=np.float16), "ok": [True, True, False], "weights": [[1.0], [2.0], [3.0]], "__index_level_0__": [7, 8, 9]}  # fmt: skip
    (run,) = read_inputs([str(write(tmp_path / "log.parquet", columns))]).runs
    assert run.train_loss is not None
    assert (run.train_loss.value.tolist(), run.train_loss.step.tolist()) == ([3, 2, 1], [1, 2, 3])
    assert {s.name for s in run.series} == {"loss", "val_loss", "ok"}


def test_a_folder_is_searched_and_data_in_it_passed_over(tmp_path: Path) -> None:
    """Parquet is mostly data; only what holds a loss is a log."""
    write(tmp_path / "log.parquet", WIDE)
    write(tmp_path / "train-00000.parquet", {"text": ["a", "b"], "label": [0, 1]})
    reading = read_inputs([str(tmp_path)])
    assert len(reading.runs) == 1
    assert not reading.problems
    assert reading.passed_over == 1


@pytest.mark.parametrize("columns", [{"text": ["a", "b"], "label": [0, 1]}, {"x": [1, 2], "value": [1, 2]}])
def test_data_that_was_named_is_refused(tmp_path: Path, columns: dict[str, Any]) -> None:
    """In one line that says what is missing."""
    reading = read_inputs([str(write(tmp_path / "data.parquet", columns))])
    assert not reading.runs
    (problem,) = reading.problems
    assert "expected a loss" in problem.message


def test_without_pyarrow_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A named file is a problem that says how to install what is missing; in a folder it is passed over."""
    (tmp_path / "log.parquet").write_bytes(MAGIC + b"loss" + (4).to_bytes(4, "little") + MAGIC)
    real = builtins.__import__

    def refuse(name: str, *rest: Any) -> Any:
        if name.startswith("pyarrow"):
            raise ImportError(name)
        return real(name, *rest)

    for name in [n for n in sys.modules if n.startswith("pyarrow")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(builtins, "__import__", refuse)
    (problem,) = read_inputs([str(tmp_path / "log.parquet")]).problems
    assert problem.message == "expected pyarrow for reading Parquet, found it not installed"
    assert 'pip install "mlcheck-runs[parquet]"' in problem.hint
    assert 'pip install ".[parquet]"' in problem.hint
    (tmp_path / "log.csv").write_text("epoch,loss\n1,0.5\n2,0.4\n")
    reading = read_inputs([str(tmp_path)])
    assert (len(reading.runs), reading.problems, reading.passed_over) == (1, (), 1)


@pytest.mark.parametrize("content", [MAGIC, MAGIC + b"x" * 20, MAGIC + b"\xff\xff\xff\xff" + MAGIC])
def test_a_file_without_its_end_is_refused(content: bytes) -> None:
    """The footer holds the names; a file cut while it was written has none."""
    with pytest.raises(MlcheckError, match="without its end"):
        list(parquet.read(Source(name="log.parquet", content=content)))


def test_what_is_broken_is_refused(tmp_path: Path) -> None:
    """No cut and no flipped byte raises anything but the package's own error."""
    whole = write(tmp_path / "log.parquet", WIDE).read_bytes()
    for at in range(4, len(whole), 7):
        for content in (whole[:at], whole[:at] + bytes([whole[at] ^ 0x2B]) + whole[at + 1 :]):
            try:
                list(parquet.read(Source(name="log.parquet", content=content)))
            except (MlcheckError, NothingToRead):
                continue
