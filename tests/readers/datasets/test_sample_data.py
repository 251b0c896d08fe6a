"""The sample data: every set is read as what it is, and the pair with bugs holds exactly those that are told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mlcheck.model.dataset import DataWanted
from mlcheck.readers.datasets import read_datasets

DATA = Path(__file__).parents[3] / "sample_runs" / "data"


def pair(name: str) -> Any:
    """Read a train and a test set of customers."""
    train, test = (str(DATA / f"{name}_{part}.csv") for part in ("train", "test"))
    return read_datasets(DataWanted(train=train, test=test, target="churned"))


@pytest.mark.parametrize(
    ("name", "target", "rows", "goal", "kind"),
    [
        ("digits.csv", "target", 500, "classification", "number"),
        ("breast_cancer.csv", "target", 400, "classification", "number"),
        ("diabetes.csv", "target", 442, "regression", "number"),
        ("topics.csv", "topic", 280, "classification", "text"),
    ],
)
def test_a_sample_set_is_read_as_what_it_is(name: str, target: str, rows: int, goal: str, kind: str) -> None:
    """Rows, goal and the kinds of its features; no file is over 100 KB."""
    made = read_datasets(DataWanted(train=str(DATA / name), target=target)).train
    assert (len(made), made.goal) == (rows, goal)
    assert {column.kind for column in made.features} == {kind}
    assert (DATA / name).stat().st_size < 100_000


def test_the_shapes_are_three_classes_of_twenty() -> None:
    """Each folder is a class."""
    pytest.importorskip("PIL", reason="images are read by pillow, the extra `image`")
    made = read_datasets(DataWanted(train=str(DATA / "shapes"))).train
    label = made.column("label")
    assert label.names == ("circle", "square", "triangle")
    assert np.bincount(np.asarray(label.codes)).tolist() == [20, 20, 20]


def rows_of(part: Any, names: tuple[str, ...]) -> list[tuple[float, ...]]:
    """Return the rows of some columns as tuples."""
    columns = [part.column(name) for name in names]
    values = [c.numbers if c.numbers is not None else c.codes for c in columns]
    return list(zip(*(value.tolist() for value in values), strict=True))


def test_the_pair_with_bugs_holds_what_is_told() -> None:
    """The copies are copies and no others are, the fee tells all but the wrong labels, the distance is scaled."""
    told = json.loads((DATA / "planted.json").read_text(encoding="utf-8"))
    made = pair("customers")
    names = tuple(column.name for column in made.train.columns)
    train, test = rows_of(made.train, names), rows_of(made.test, names)
    copies = told["copies"]
    assert [train[i] for i in copies["rows"]] == [test[i] for i in copies["test_rows"]]
    assert sum(row in set(train) for row in test) == len(copies["test_rows"]) == 24
    fee, churned = made.train.column("closing_fee").numbers, made.train.column("churned").codes
    assert np.flatnonzero((fee > 15) != (churned == 1)).tolist() == told["wrong_labels"]["rows"]
    assert len(told["wrong_labels"]["rows"]) == 0.08 * len(train)
    ratio = np.median(made.test.column("distance_km").numbers) / np.median(
        made.train.column("distance_km").numbers
    )
    assert 800 < ratio < 1100


def test_the_clean_pair_has_no_copies_and_one_scale() -> None:
    """The same columns but the fee."""
    made = pair("customers_clean")
    names = tuple(column.name for column in made.train.columns)
    assert "closing_fee" not in names
    assert not set(rows_of(made.train, names)) & set(rows_of(made.test, names))
    for column in made.train.features:
        if column.kind == "number":
            other = made.test.column(column.name).numbers
            assert abs(np.median(column.numbers) - np.median(other)) < 0.3 * np.std(column.numbers)
