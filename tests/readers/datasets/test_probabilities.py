"""Probabilities beside a data set: read without running code, refused in one line where they do not fit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from mlcheck.errors import MlcheckError
from mlcheck.model.dataset import DataWanted
from mlcheck.readers.datasets import read_datasets

if TYPE_CHECKING:
    from pathlib import Path

GOOD = np.array([[0.9, 0.1], [0.2, 0.8], [0.5, 0.5], [0.0, 1.0]])


def read(folder: Path, array: Any, target: str = "label") -> Any:
    """Read a data set of four rows with the probabilities."""
    (folder / "a.csv").write_text("width,label,size\n1,cat,0.5\n2,dog,1.5\n3,cat,2.5\n4,dog,9.25\n")
    np.save(folder / "p.npy", array, allow_pickle=True)
    wanted = DataWanted(train=str(folder / "a.csv"), target=target, probabilities=str(folder / "p.npy"))
    return read_datasets(wanted).probabilities


def test_probabilities_are_those_of_the_rows(tmp_path: Path) -> None:
    """As they were saved."""
    assert np.array_equal(read(tmp_path, GOOD), GOOD)


@pytest.mark.parametrize(
    ("array", "told"),
    [
        (GOOD[:3], r"p\.npy: expected shape \(4, 2\), found \(3, 2\)"),
        (GOOD[:, 0], r"expected shape \(4, 2\), found \(4,\)"),
        (GOOD * 3, r"add to 1, found 4 others, the first in row 0"),
        (np.where(GOOD == 0.8, np.nan, GOOD), r"found 1 others, the first in row 1"),
        (GOOD.astype(object), r"Object arrays cannot be loaded"),
        (GOOD.astype(str), r"expected numbers"),
    ],
)
def test_what_does_not_fit_is_refused(tmp_path: Path, array: Any, told: str) -> None:
    """With the shape that is expected."""
    with pytest.raises(MlcheckError, match=told):
        read(tmp_path, array)


def test_a_target_without_classes_has_no_probabilities(tmp_path: Path) -> None:
    """A regression's predictions are no probabilities."""
    with pytest.raises(MlcheckError, match="expected a target with classes"):
        read(tmp_path, GOOD, target="size")


def test_a_file_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    """The path is what is wrong."""
    (tmp_path / "a.csv").write_text("width,label\n1,cat\n2,dog\n3,cat\n")
    with pytest.raises(MlcheckError, match=r"b\.npy: expected a readable file"):
        read_datasets(
            DataWanted(train=str(tmp_path / "a.csv"), target="label", probabilities=str(tmp_path / "b.npy"))
        )
