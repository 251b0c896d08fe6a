"""Two files are compared over the same rows, or refused with what does not fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from mlcheck.errors import MlcheckError
from mlcheck.model.predictions import Binary, Multiclass, PredictionsRead, Wanted
from mlcheck.readers.predictions import read_predictions

if TYPE_CHECKING:
    from pathlib import Path


def pair(folder: Path, a: str, b: str) -> PredictionsRead:
    """Write two files and read them as a pair."""
    (folder / "a.csv").write_text(a, encoding="utf-8")
    (folder / "b.csv").write_text(b, encoding="utf-8")
    return read_predictions(Wanted(files=(str(folder / "a.csv"), str(folder / "b.csv"))))


def table(rows: list[tuple[str, int, float]]) -> str:
    """Return a table of id, label and score."""
    return "id,label,score\n" + "".join(f"{i},{y},{s}\n" for i, y, s in rows)


ROWS = [(f"r{i}", i % 2, i / 10) for i in range(10)]


def test_rows_are_paired_by_their_id(tmp_path: Path) -> None:
    """Whatever their order."""
    a, b = pair(tmp_path, table(ROWS), table(ROWS[::-1])).predictions
    assert isinstance(a.content, Binary)
    assert isinstance(b.content, Binary)
    assert a.content.score is not None
    assert b.content.score is not None
    assert np.array_equal(a.content.score, b.content.score)


def test_without_an_id_rows_are_paired_by_order(tmp_path: Path) -> None:
    """If there are as many and the truth is the same."""
    text = "label,score\n" + "".join(f"{y},{s}\n" for _, y, s in ROWS)
    a, b = pair(tmp_path, text, text).predictions
    assert a.rows == b.rows == 10


def test_rows_in_one_file_only_are_left_out_and_counted(tmp_path: Path) -> None:
    """Where most are in both: a problem says how many and which first."""
    read = pair(tmp_path, table(ROWS), table(ROWS[2:]))
    a, b = read.predictions
    assert a.rows == b.rows == 8
    (problem,) = read.problems
    assert f"2 in one file only, the first {ROWS[0][0]!r}" in problem.message
    assert "compared on the 8 rows in both files" in a.doubts
    assert not pair(tmp_path, table(ROWS), table(ROWS[::-1])).problems


@pytest.mark.parametrize(
    ("other", "told"),
    [
        (table([(f"x{i}", y, s) for i, (_, y, s) in enumerate(ROWS)]), "the first strange one 'x0'"),
        (table([(i, 1 - y, s) for i, y, s in ROWS]), "another in 10 of 10 rows, the first is row 1"),
        ("label,score\n1,0.5\n0,0.2\n", "expected the 10 rows of a.csv, found 2"),
        ("y_true,y_pred\n" + "".join(f"{i}.5,{i}.1\n" for i in range(10)), "found regression"),
    ],
)
def test_files_that_do_not_fit_are_refused(tmp_path: Path, other: str, told: str) -> None:
    """With how many rows, and which first."""
    with pytest.raises(MlcheckError) as raised:
        pair(tmp_path, table(ROWS), other)
    assert told in str(raised.value)


def test_classes_that_only_one_model_predicts_are_classes_of_both(tmp_path: Path) -> None:
    """So that their confusion matrices are of one size."""
    a, b = pair(
        tmp_path, "label,pred\n" + "a,b\nb,c\nc,c\n" * 3, "label,pred\n" + "a,b\nb,d\nc,c\n" * 3
    ).predictions
    assert isinstance(a.content, Multiclass)
    assert isinstance(b.content, Multiclass)
    assert a.content.labels == b.content.labels == ("a", "b", "c", "d")
    assert np.array_equal(a.content.truth, b.content.truth)


def test_three_files_are_too_many(tmp_path: Path) -> None:
    """Parts of one table are named by their folder."""
    with pytest.raises(MlcheckError, match="one file, or two to compare, found 3"):
        read_predictions(Wanted(files=("a", "b", "c")))
