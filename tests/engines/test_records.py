"""Records of runs: whole on disk at every moment, for one process at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlcheck.engines import records
from mlcheck.errors import MlcheckError

if TYPE_CHECKING:
    from pathlib import Path


def test_what_is_written_is_read(tmp_path: Path) -> None:
    """One object a line, in order; nothing else is left in the folder."""
    path = tmp_path / "results.jsonl"
    assert records.read(path) == []
    rows: list[dict[str, object]] = [{"n": 1, "run": "ä"}, {"n": 2, "score": 0.5}]
    records.write(path, rows)
    assert records.read(path) == rows
    records.write(path, rows[:1])
    assert records.read(path) == rows[:1]
    assert [p.name for p in tmp_path.iterdir()] == ["results.jsonl"]


def test_a_line_that_is_no_record_is_told_with_its_number(tmp_path: Path) -> None:
    """Nobody's file is overwritten for it."""
    path = tmp_path / "results.jsonl"
    path.write_text('{"n": 1}\nhello\n')
    with pytest.raises(MlcheckError, match=r"results\.jsonl:2: expected an object of JSON"):
        records.read(path)


def test_a_folder_is_for_one_process_at_a_time(tmp_path: Path) -> None:
    """The second is told so; afterwards it is free again."""
    folder = tmp_path / "runs"
    refused = pytest.raises(MlcheckError, match="found another mlcheck at work in it")
    with records.alone(folder), refused, records.alone(folder):
        raise AssertionError
    with records.alone(folder):
        assert folder.is_dir()


def test_what_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    """A file stands where a folder is meant."""
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(MlcheckError, match="expected a folder for the runs"),
        records.alone(tmp_path / "file"),
    ):
        raise AssertionError
    with pytest.raises(MlcheckError, match="expected a file that can be written"):
        records.write(tmp_path / "missing" / "x.jsonl", [])
