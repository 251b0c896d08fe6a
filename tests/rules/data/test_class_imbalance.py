"""DBG203: classes that only one side has, and rare ones."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mlcheck.model import Finding, Skip
from mlcheck.model.dataset import Column, DataRead, Measured
from mlcheck.rules.data import class_imbalance
from tests.rules.data.made import columns, dataset, labels, read

TABLE = np.random.default_rng(0).normal(size=(1000, 2))


def said(data: DataRead) -> list[Finding]:
    """Return the findings."""
    return [x for x in class_imbalance.check(data) if isinstance(x, Finding)]


def pair(train: np.ndarray, test: np.ndarray) -> DataRead:
    """Return classes of train and test, with the same codes, as a command reads them."""
    names = tuple(f"c{one:02d}" for one in range(int(max(train.max(), test.max())) + 1))
    parts = [
        dataset([*columns(TABLE[: len(classes)]), replace(labels(classes), names=names)], name)
        for classes, name in ((train, "train"), (test, "test"))
    ]
    return DataRead(train=parts[0], test=parts[1])


def test_a_class_that_train_lacks_is_an_error() -> None:
    """Three test rows of a class that no model has seen."""
    test = np.arange(100) % 2
    test[[4, 9, 11]] = 2
    data = pair(np.arange(300) % 2, test)
    (finding,) = said(data)
    assert (finding.severity, finding.evidence["classes"], finding.evidence["test_rows"]) == (
        "error",
        ("c02",),
        (4, 9, 11),
    )
    (measured,) = (x for x in class_imbalance.check(data) if isinstance(x, Measured))
    assert measured.test_rows.tolist() == [4, 9, 11]


def test_a_class_that_test_lacks_is_a_note_unless_chance_explains_it() -> None:
    """A third of train is not left out of 100 rows by chance; one row of 40 is."""
    (finding,) = said(pair(np.arange(300) % 3, np.arange(100) % 2))
    assert (finding.severity, finding.evidence["kind"], finding.evidence["classes"]) == (
        "note",
        "absent",
        ("c02",),
    )
    train = np.arange(400) % 2
    train[::40] = 2
    assert all(f.evidence["kind"] != "absent" for f in said(pair(train, np.arange(60) % 2)))


@pytest.mark.parametrize(("rare", "severity"), [(500, None), (60, None), (40, "note"), (8, "warning")])
def test_a_rare_class_is_told_by_how_rare_it_is(rare: int, severity: str | None) -> None:
    """Of 1,000 rows: balanced and 6 % are nothing, 4 % a note, 0.8 % a warning."""
    found = said(read(TABLE, (np.arange(1000) < rare).astype(int)))
    assert [f.severity for f in found] == ([severity] if severity else [])


def test_a_test_set_without_labels_lacks_nothing() -> None:
    """No label in test is known."""
    assert not said(pair(np.arange(100) % 2, np.full(50, -1)))


def test_numbers_as_classes_are_compared_by_value() -> None:
    """Ratings 1 and 2 in train, 5 in test."""
    made = [
        dataset([*columns(TABLE[:60]), Column(name="y", kind="number", numbers=values)])
        for values in (
            (1.0 + np.arange(60) % 2).astype(np.float64),
            np.where(np.arange(60) < 2, 5.0, 1.0).astype(np.float64),
        )
    ]
    (error, *_) = said(DataRead(train=made[0], test=made[1]))
    assert error.evidence["classes"] == ("5.0",)


def test_numbers_to_predict_have_no_classes() -> None:
    """Not checked."""
    data = DataRead(train=replace(dataset(columns(TABLE)), target="x0", goal="regression"))
    assert [type(x) for x in class_imbalance.check(data)] == [Skip]
