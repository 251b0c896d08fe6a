"""Equal rows and their labels."""

from __future__ import annotations

import numpy as np
import pytest

from mlcheck.model.dataset import Column
from mlcheck.stats.data.conflicts import conflicting, equals


def test_equal_rows_by_hand() -> None:
    """Rows 0 and 3 are equal, row 1 differs in one column, row 2 in both; a missing value equals a missing value."""
    x = Column(name="x", kind="number", numbers=np.array([1.0, 1.0, np.nan, 1.0, np.nan]))
    c = Column(name="c", kind="category", codes=np.array([0, 1, 1, 0, 1], dtype=np.int32), names=("a", "b"))
    found = equals([x, c])
    assert sorted(found.rows.tolist()) == [0, 2, 3, 4]
    group = dict(zip(found.rows.tolist(), found.group.tolist(), strict=True))
    assert group[0] == group[3] != group[2] == group[4]


def test_chance_by_hand() -> None:
    """Two of four rows hold each value: 4^2 / 2 pairs times (1/2)^2 times (3/4)^2."""
    x = Column(name="x", kind="number", numbers=np.array([1.0, 1.0, 2.0, 2.0]))
    y = Column(name="y", kind="number", numbers=np.array([5.0, 5.0, 5.0, 6.0]))
    assert equals([x, y]).chance == pytest.approx([8 * 0.25 * 0.5625] * 2)


def test_texts_are_compared_without_case_and_signs() -> None:
    """Four words and more are equal by no chance, two words may be."""
    texts = np.array(
        ["Where is my order?", "where is  my ORDER", "thank you", "Thank you!", None], dtype=object
    )
    found = equals([Column(name="t", kind="text", texts=texts)])
    chance = dict(zip(found.rows.tolist(), found.chance.tolist(), strict=True))
    assert sorted(chance) == [0, 1, 2, 3]
    assert chance[0] == 0 < chance[2]


def test_groups_of_more_than_one_class_conflict() -> None:
    """By hand."""
    group = np.array([0, 1, 0, 1, 2])
    assert conflicting(group, np.array([5, 3, 5, 4, 3], dtype=np.int32)).tolist() == [
        False,
        True,
        False,
        True,
        False,
    ]
    assert conflicting(group[:0], np.zeros(0, dtype=np.int32)).tolist() == []
