"""DBG202: equal inputs with different labels are told where equality is no chance."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mlcheck.model import Finding, Skip
from mlcheck.model.dataset import Column, DataRead, Measured
from mlcheck.rules.data import conflicting_labels
from tests.rules.data.made import columns, dataset, labels, read


def said(data: DataRead) -> tuple[list[Finding], Measured]:
    """Return the findings and what was measured."""
    every = list(conflicting_labels.check(data))
    (measured,) = (x for x in every if isinstance(x, Measured))
    return [x for x in every if isinstance(x, Finding)], measured


def test_copies_with_another_label_are_told_with_their_rows() -> None:
    """Two rows of measurements are repeated, one of them with another label."""
    draw = np.random.default_rng(0)
    table, classes = draw.normal(size=(200, 4)), draw.integers(0, 2, 200)
    table[150], classes[150] = table[7], 1 - classes[7]
    table[151], classes[151] = table[8], classes[8]
    (finding,), measured = said(read(table, classes))
    assert (finding.code, finding.severity) == ("DBG202", "warning")
    assert measured.rows.tolist() == [7, 150]
    assert (measured.numbers["equal_rows"], measured.numbers["conflicting_rows"]) == (4, 2)


def test_texts_that_differ_by_case_and_signs_are_equal() -> None:
    """A question and its shouted copy have two intents."""
    texts = np.array([f"question number {i} about a parcel" for i in range(60)], dtype=object)
    texts[30] = "Question number 4, about a PARCEL!"
    classes = np.arange(60) % 3
    column = Column(name="text", kind="text", texts=texts)
    (finding,), measured = said(DataRead(train=dataset([column, labels(classes)])))
    assert measured.rows.tolist() == [4, 30]
    assert finding.evidence["groups"] == 1


def test_rows_of_a_few_categories_are_counted_but_not_told() -> None:
    """Equal by nature, with labels drawn whatever the inputs: as many conflicts as by chance."""
    draw = np.random.default_rng(1)
    findings, measured = said(read(draw.integers(0, 3, (500, 3)), draw.integers(0, 2, 500)))
    assert not findings
    assert int(str(measured.numbers["conflicting_rows"])) > 450
    assert abs(float(str(measured.numbers["conflicting"])) - float(str(measured.numbers["by_chance"]))) < 0.02


def test_trials_repeated_on_purpose_are_a_note() -> None:
    """Each setting was tried five times."""
    draw = np.random.default_rng(2)
    table = np.repeat(draw.normal(size=(40, 4)), 5, axis=0)
    (finding,), _ = said(read(table, draw.integers(0, 2, 200)))
    assert finding.severity == "note"


def test_clean_measurements_have_no_finding() -> None:
    """Nothing is equal, and without a target of classes nothing is checked."""
    draw = np.random.default_rng(3)
    table = draw.normal(size=(100, 3))
    assert not said(read(table, draw.integers(0, 2, 100)))[0]
    number = replace(dataset(columns(table)), target="x0", goal="regression")
    assert [type(x) for x in conflicting_labels.check(DataRead(train=number))] == [Skip]
