"""The truth in one file and the prediction in another are one model's predictions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlcheck.model.predictions import Binary, Multiclass, Regression
from tests.readers.predictions.tables import content_of, read, refusal, written

if TYPE_CHECKING:
    from pathlib import Path


def test_arrays_named_by_their_files(tmp_path: Path) -> None:
    """`y_true.npy` and `y_pred.npy`, in either order."""
    np.save(tmp_path / "y_true.npy", np.array([0.5, 1.25, 2.0]))
    np.save(tmp_path / "y_pred.npy", np.array([0.25, 1.5, 2.5], dtype=np.float32))
    for files in (("y_true.npy", "y_pred.npy"), ("y_pred.npy", "y_true.npy")):
        made = content_of(Regression, *(tmp_path / name for name in files))
        assert made.truth[:, 0].tolist() == [0.5, 1.25, 2.0]
        assert made.predicted[:, 0].tolist() == [0.25, 1.5, 2.5]


def test_a_table_without_names_of_probabilities(tmp_path: Path) -> None:
    """Its columns are the classes in order."""
    truth = written(tmp_path, "labels.csv", "2\n0\n1\n0\n")
    scores = written(tmp_path, "probabilities.csv", "0.1,0.2,0.7\n0.8,0.1,0.1\n0.2,0.5,0.3\n0.4,0.5,0.1\n")
    made = content_of(Multiclass, truth, scores)
    assert made.truth.tolist() == [2, 0, 1, 0]
    assert made.scores is not None
    assert made.scores.argmax(axis=1).tolist() == [2, 0, 1, 1]


def test_rows_are_joined_by_their_id(tmp_path: Path) -> None:
    """Of a submission and its solution in another order."""
    solution = written(tmp_path, "solution.csv", "id,label\na,0\nb,1\nc,1\n")
    submission = written(tmp_path, "submission.csv", "id,score\nc,0.75\na,0.25\n")
    found = read(solution, submission)
    assert isinstance(found.content, Binary)
    assert found.source == "submission.csv"
    assert found.content.truth.tolist() == [True, False]
    assert any("solution.csv" in doubt for doubt in found.doubts)


def test_rows_that_do_not_pair_are_told(tmp_path: Path) -> None:
    """How many, and which first."""
    solution = written(tmp_path, "solution.csv", "id,label\na,0\nb,1\n")
    assert "1 of 2 that it lacks, first 'x'" in refusal(
        solution, written(tmp_path, "s.csv", "id,score\na,0.75\nx,0.25\n")
    )
    assert "expected 2 rows" in refusal(solution, written(tmp_path, "t.csv", "score\n0.75\n0.25\n0.5\n"))


def test_probabilities_alone_are_refused(tmp_path: Path) -> None:
    """Nothing tells their truth."""
    told = refusal(written(tmp_path, "p.csv", "0.1,0.2,0.7\n0.8,0.1,0.1\n0.2,0.5,0.3\n"))
    assert "3 columns of probabilities without names" in told
