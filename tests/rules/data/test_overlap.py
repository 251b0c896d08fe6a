"""DBG101: copies in the test set are told, rows that are equal by nature are not."""

from __future__ import annotations

import numpy as np
import pytest

from mlcheck.model import Finding, Skip
from mlcheck.model.dataset import Column, DataRead, Dataset, Measured
from mlcheck.rules.data import overlap


def data(train: np.ndarray, test: np.ndarray | None = None) -> DataRead:
    """Return numbers as a data set with its test set."""

    def made(rows: np.ndarray, name: str) -> Dataset:
        columns = tuple(
            Column(name=f"x{i}", kind="number", numbers=np.ascontiguousarray(rows[:, i], dtype=np.float64))
            for i in range(rows.shape[1])
        )
        return Dataset(id=name, source=f"{name}.csv", reader="csv", columns=columns)

    return DataRead(train=made(train, "train"), test=None if test is None else made(test, "test"))


def said(read: DataRead) -> tuple[list[Finding], Measured]:
    """Return the findings and what was measured."""
    every = list(overlap.check(read))
    (measured,) = (x for x in every if isinstance(x, Measured))
    return [x for x in every if isinstance(x, Finding)], measured


def test_one_copied_row_of_measurements_is_an_error() -> None:
    """No chance makes two rows of five real numbers equal."""
    random = np.random.default_rng(0)
    train, test = random.normal(size=(200, 5)), random.normal(size=(100, 5))
    test[7] = train[31]
    (finding,), measured = said(data(train, test))
    assert (finding.code, finding.severity) == ("DBG101", "error")
    assert (finding.evidence["test_rows"], finding.evidence["rows"]) == ((7,), (31,))
    assert measured.test_rows.tolist() == [7]


@pytest.mark.parametrize("seed", range(20))
def test_rows_of_few_categories_are_equal_by_nature(seed: int) -> None:
    """A random split of three columns of four values each has hardly a test row that is not in train."""
    rows = np.random.default_rng(seed).integers(0, 4, (600, 3))
    findings, measured = said(data(rows[:400], rows[400:]))
    assert not findings
    assert float(str(measured.numbers["share"])) > 0.9


@pytest.mark.parametrize("seed", range(20))
def test_a_random_split_of_rounded_measurements_is_no_error(seed: int) -> None:
    """Some rows are equal by rounding, as many across the split as inside train."""
    rows = np.random.default_rng(seed).normal(size=(600, 3)).round(1)
    assert not said(data(rows[:400], rows[400:]))[0]


def test_copies_among_rounded_measurements_are_told() -> None:
    """Far more than inside train."""
    random = np.random.default_rng(1)
    train, test = random.normal(size=(400, 3)).round(1), random.normal(size=(200, 3)).round(1)
    test[:60] = train[:60]
    (finding,), _ = said(data(train, test))
    assert finding.evidence["count"] >= 60  # type: ignore[operator]


def test_repeats_inside_train_are_a_warning() -> None:
    """They count double in every fold."""
    train = np.random.default_rng(0).normal(size=(200, 4))
    train[100:110] = train[:10]
    (finding,), measured = said(data(train))
    assert (finding.severity, finding.evidence["count"]) == ("warning", 10)
    assert measured.numbers["test_rows_in_train"] is None


def test_clean_measurements_have_no_finding() -> None:
    """Nothing is equal."""
    random = np.random.default_rng(2)
    assert not said(data(random.normal(size=(300, 4)), random.normal(size=(100, 4))))[0]


def test_a_column_that_numbers_the_rows_hides_no_copy() -> None:
    """Identifiers are left out of what makes rows equal."""
    random = np.random.default_rng(3)
    rows = random.normal(size=(300, 4))
    rows[250:] = rows[:50]
    numbered = np.column_stack([np.arange(300), rows])
    read = data(numbered[:200], numbered[200:])
    whole = Column(name="id", kind="number", numbers=np.arange(200.0), whole=True)
    other = Column(name="id", kind="number", numbers=np.arange(200.0, 300.0), whole=True)
    assert read.test is not None
    named = DataRead(
        train=Dataset(id="a", source="a.csv", reader="csv", columns=(whole, *read.train.columns[1:])),
        test=Dataset(id="b", source="b.csv", reader="csv", columns=(other, *read.test.columns[1:])),
    )
    (finding,), _ = said(named)
    assert finding.evidence["count"] == 50


def test_without_features_it_is_not_checked() -> None:
    """Rows that are only numbered are all different."""
    whole = Column(name="id", kind="number", numbers=np.arange(200.0), whole=True)
    read = DataRead(train=Dataset(id="a", source="a.csv", reader="csv", columns=(whole,)))
    assert [type(x) for x in overlap.check(read)] == [Skip]
