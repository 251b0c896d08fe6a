"""DBG201: wrong labels are told and listed, classes that overlap are not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import expit

from mlcheck.model import Finding, Skip
from mlcheck.model.dataset import DataRead, Measured
from mlcheck.rules.data import label_errors
from tests.rules.data.made import columns, dataset, labels, read


def said(data: DataRead) -> tuple[list[Finding], Measured]:
    """Return the findings and what was measured."""
    every = list(label_errors.check(data))
    (measured,) = (x for x in every if isinstance(x, Measured))
    return [x for x in every if isinstance(x, Finding)], measured


def apart(seed: int, rows: int = 400) -> tuple[np.ndarray, np.ndarray]:
    """Return three classes that hardly overlap."""
    draw = np.random.default_rng(seed)
    classes = draw.integers(0, 3, rows)
    return draw.normal(size=(rows, 4)) + 5 * np.eye(3, 4)[classes], classes


@pytest.mark.parametrize("seed", range(2))
def test_wrong_labels_are_told_and_listed_worst_first(seed: int) -> None:
    """One in twelve labels is wrong: an error, nearly all of them in the list and hardly another."""
    table, classes = apart(seed)
    wrong = np.random.default_rng(seed).choice(400, 33, replace=False)
    given = classes.copy()
    given[wrong] = (given[wrong] + 1) % 3
    (finding,), measured = said(read(table, given))
    assert (finding.code, finding.severity) == ("DBG201", "error")
    hits = np.isin(measured.rows, wrong)
    assert hits.sum() >= 30
    assert hits.mean() >= 0.85
    assert measured.score is not None
    assert (np.diff(measured.score) <= 0).all()
    assert finding.evidence["rows"] == tuple(measured.rows[:20].tolist())
    assert float(str(measured.numbers["estimated"])) == pytest.approx(33, abs=8)


@pytest.mark.parametrize("gap", [1.0, 1.7, 2.6])
def test_classes_that_overlap_are_not_told(gap: float) -> None:
    """30, 20 and 10 % of the rows cannot be told by any model, and no label is wrong."""
    draw = np.random.default_rng(4)
    classes = draw.integers(0, 2, 500)
    table = draw.normal(size=(500, 4))
    table[:, 0] += gap * classes
    assert not said(read(table, classes))[0]


def test_clean_labels_have_no_finding() -> None:
    """Classes that are well apart."""
    assert not said(read(*apart(5)))[0]


def test_given_probabilities_are_used() -> None:
    """No column could tell, the probabilities do; rows without a label have no part in it."""
    draw = np.random.default_rng(6)
    true = draw.integers(0, 2, 600)
    p = expit(np.where(true == 1, 1, -1) * draw.uniform(1, 12, 600))
    given = true.copy()
    given[:40] = 1 - given[:40]
    given[590:] = -1
    data = read(draw.normal(size=(600, 2)), given)
    (finding,), measured = said(replace(data, probabilities=np.column_stack([1 - p, p])))
    assert (finding.evidence["model"], finding.severity) == ("given", "error")
    assert sorted(measured.rows.tolist()) == list(range(40))
    assert measured.numbers["judged"] == 590


def test_given_probabilities_that_overlap_explains_are_a_note() -> None:
    """Two probabilities only: as many contradictions as they say themselves."""
    true = np.arange(600) % 2
    given = np.where(np.arange(600) % 10 == 0, 1 - true, true)
    p = np.where(true == 1, 0.9, 0.1)
    data = replace(read(np.zeros((600, 1)), given), probabilities=np.column_stack([1 - p, p]))
    assert [f.severity for f in said(data)[0]] in ([], ["note"])


def test_a_class_of_a_few_rows_is_not_doubted() -> None:
    """Three rows of a third class that no fold can learn are not called wrong."""
    table, classes = apart(7)
    classes = np.where(classes == 2, 1, classes)
    classes[:3] = 2
    assert not np.isin(said(read(table, classes))[1].rows, [0, 1, 2]).any()


def test_what_cannot_be_judged_is_skipped() -> None:
    """No target, numbers as a target, more classes than are fitted, no feature."""
    table = np.random.default_rng(0).normal(size=(300, 2))
    none = replace(read(table, np.zeros(300, dtype=int)).train, target=None, goal=None)
    number = replace(dataset(columns(table)), target="x0", goal="regression")
    many = read(table, np.arange(300) % 150).train
    bare = dataset([labels(np.arange(300) % 2)])
    for data in (none, number, many, bare):
        assert [type(x) for x in label_errors.check(DataRead(train=data))] == [Skip]
