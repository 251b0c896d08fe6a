"""Probabilities of rows from models that did not see them."""

from __future__ import annotations

import numpy as np
import pytest

from mlcheck.model.dataset import Column
from mlcheck.stats.data import out_of_fold as module
from mlcheck.stats.data.out_of_fold import blocks_of, log_loss, out_of_fold


def number(name: str, values: np.ndarray) -> Column:
    """Return a column of numbers."""
    return Column(name=name, kind="number", numbers=values)


def test_nothing_is_learned_from_noise() -> None:
    """Labels that follow from nothing are predicted no better than by their shares: no row saw its own label."""
    draw = np.random.default_rng(0)
    columns = [number(f"x{i}", draw.normal(size=300)) for i in range(5)]
    classes = draw.integers(0, 2, 300).astype(np.int32)
    found = out_of_fold(columns, np.arange(300), classes)
    assert found is not None
    assert all(log_loss(view, classes) > np.log(2) - 0.02 for view in found.views)
    assert found.probabilities.sum(axis=1) == pytest.approx(1)


def test_the_model_that_suits_is_taken() -> None:
    """A line is left to logistic regression."""
    draw = np.random.default_rng(1)
    x = draw.normal(size=(400, 4))
    classes = (x.sum(axis=1) + draw.logistic(0, 0.3, 400) > 0).astype(np.int32)
    found = out_of_fold([number(f"x{i}", x[:, i].copy()) for i in range(4)], np.arange(400), classes)
    assert found is not None
    assert found.model == "logistic regression"


def test_texts_and_categories_are_learned_from() -> None:
    """One word and one level tell the class."""
    draw = np.random.default_rng(2)
    classes = draw.integers(0, 2, 200).astype(np.int32)
    texts = np.array([f"the {('red', 'blue')[c]} one of {draw.integers(9)}" for c in classes], dtype=object)
    texts[5] = None
    column = Column(name="text", kind="text", texts=texts)
    found = out_of_fold([column], np.arange(200), classes)
    assert found is not None
    assert np.mean(found.probabilities.argmax(axis=1) == classes) > 0.98
    level = Column(
        name="c", kind="category", codes=np.where(classes == 1, 2, -1).astype(np.int32), names=("a", "b", "c")
    )
    found = out_of_fold([level], np.arange(200), classes)
    assert found is not None
    assert np.mean(found.probabilities.argmax(axis=1) == classes) == 1


def test_rows_beyond_those_learned_from_are_predicted(monkeypatch: pytest.MonkeyPatch) -> None:
    """All rows are judged, in their order, though only a sample is learned from."""
    monkeypatch.setattr(module, "MOST_ROWS", 200)
    draw = np.random.default_rng(3)
    x = draw.normal(size=1000)
    classes = (x > 0).astype(np.int32)
    found = out_of_fold([number("x", x)], np.arange(1000), classes)
    assert found is not None
    assert found.rows.tolist() == list(range(1000))
    assert len(found.learned) == 200
    assert np.mean(found.probabilities.argmax(axis=1) == classes) > 0.97
    assert (
        found.probabilities[found.learned].argmax(axis=1).tolist()
        == min(found.views, key=lambda view: log_loss(view, classes[found.learned])).argmax(axis=1).tolist()
    )


def test_without_a_usable_column_there_is_none() -> None:
    """A column that is missing everywhere tells nothing."""
    assert (
        out_of_fold([number("x", np.full(50, np.nan))], np.arange(50), np.tile([0, 1], 25).astype(np.int32))
        is None
    )


def test_blocks_are_means_of_pixels() -> None:
    """By hand: a 24 x 24 image of two halves; small images keep their pixels."""
    image = np.zeros((1, 24, 24, 3), dtype=np.uint8)
    image[:, :, 12:] = 200
    blocks = blocks_of(image).reshape(12, 12, 3)
    assert blocks[:, :6].max() == 0
    assert blocks[:, 6:].min() == 200
    small = np.arange(27, dtype=np.uint8).reshape(1, 3, 3, 3)
    assert blocks_of(small).ravel().tolist() == list(range(27))
