"""DBG301: other units, codes for missing values, mixed types, columns of one side; nothing of plain measurements."""

from __future__ import annotations

import numpy as np
import pytest

from mlcheck.rules.data import normalisation
from tests.rules.data.sets import pair, said


@pytest.mark.parametrize("factor", [1000.0, 2.54, 1 / 60])
def test_other_units_in_the_test_set_are_an_error(factor: float) -> None:
    """The shape is the same; the factor is told without a power of ten."""
    random = np.random.default_rng(0)
    train, test = random.gamma(3, 2, 300), factor * random.gamma(3, 2, 200)
    (finding,), *_ = said(normalisation.check(pair({"x": train}, {"x": test})))
    assert finding.severity == "error"
    assert "e+" not in finding.message
    assert finding.evidence["scale"] == pytest.approx((factor,), rel=0.25)


@pytest.mark.parametrize("seed", range(10))
def test_a_fair_split_is_in_the_same_units(seed: int) -> None:
    """Heavy tails and counts too."""
    random = np.random.default_rng(seed)
    train, test = (
        {"x": random.lognormal(0, 2, n), "n": random.poisson(2, n), "z": random.normal(size=n)}
        for n in (300, 150)
    )
    findings, *_ = said(normalisation.check(pair(train, test)))
    assert {f.severity for f in findings} <= {"note"}


def test_columns_of_one_side_are_named() -> None:
    """A test set without a feature cannot be asked; without the target it can."""
    random = np.random.default_rng(0)
    train = {"x": random.normal(size=50), "z": random.normal(size=50), "y": random.normal(size=50)}
    test = {"x": random.normal(size=40), "w": random.normal(size=40)}
    (finding,), *_ = said(normalisation.check(pair(train, test, target="y")))
    assert (finding.severity, finding.message) == ("warning", "only train has z; only the test set has w")
    (note,), *_ = said(normalisation.check(pair({"x": train["x"], "y": train["y"]}, test, target="y")))
    assert note.severity == "note"


def test_words_for_nothing_in_place_of_texts_are_told_with_their_rows() -> None:
    """A cell of N/A is no review."""
    every = [f"a review of thing {i} in some words" for i in range(60)]
    for row in (3, 17, 30, 59):
        every[row] = "N/A"
    (finding,), *_ = said(normalisation.check(pair({"t: text": every})))
    assert finding.evidence["rows"] == (3, 17, 30, 59)


def test_several_test_values_far_outside_train_are_told() -> None:
    """Where zeros hide that the rest is in other units; one such value is told as no more than an outlier may be."""
    train, test = np.zeros(600), np.zeros(300)
    train[::50] = np.arange(12) + 1
    test[:6] = 1000
    (finding,), *_ = said(normalisation.check(pair({"x": train}, {"x": test})))
    assert (finding.severity, finding.evidence["test_rows"]) == ("warning", (0, 1, 2, 3, 4, 5))
    test[2:6] = 0
    assert not said(normalisation.check(pair({"x": train}, {"x": test})))[0]


def test_an_empty_column_is_compared_with_nothing() -> None:
    """It has no range."""
    nothing = np.full(60, np.nan)
    findings, *_ = said(
        normalisation.check(pair({"x": nothing, "z": np.arange(60.0)}, {"x": nothing, "z": np.arange(60.0)}))
    )
    assert {f.severity for f in findings} <= {"note"}


def test_a_code_for_missing_is_told() -> None:
    """-999 among ages."""
    ages = np.random.default_rng(0).integers(18, 90, 200).astype(np.float64)
    ages[::40] = -999
    (finding,), *_ = said(normalisation.check(pair({"age": ages})))
    assert (finding.evidence["value"], finding.evidence["count"]) == ("-999", 5)
