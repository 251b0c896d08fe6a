"""DBG103: groups and times on the wrong side, row numbers that tell the target; what cannot be asked is a skip."""

from __future__ import annotations

import numpy as np

from mlcheck.rules.data import split_leakage
from tests.rules.data.sets import pair, said

X = np.random.default_rng(0).normal(size=100)


def test_groups_on_both_sides_are_told_with_their_rows() -> None:
    """And groups of one side are not."""
    train = {"x": X, "who": np.repeat(np.arange(20), 5)}
    (finding,), _, measured = said(
        split_leakage.check(pair(train, {"x": X[:10], "who": np.arange(17, 27)}, group="who"))
    )
    assert (finding.evidence["test_rows"], finding.evidence["shared_groups"]) == ((0, 1, 2), 3)
    assert measured is not None
    apart = pair(train, {"x": X[:10], "who": np.arange(20, 30)}, group="who")
    assert not said(split_leakage.check(apart))[0]


def test_test_rows_before_the_end_of_train_are_told() -> None:
    """The earliest first."""
    read = pair(
        {"x": X, "at: date": np.arange(100.0)}, {"x": X[:4], "at: date": [50.0, 200, 300, 20]}, time="at"
    )
    (finding,), *_ = said(split_leakage.check(read))
    assert finding.evidence["test_rows"] == (3, 0)


def test_a_row_number_that_follows_the_target_is_told() -> None:
    """A file put together class by class, and shuffled with its numbers."""
    random = np.random.default_rng(1)
    place = random.permutation(100)
    read = pair({"id": place, "x": X, "y": np.where(place < 50, "a", "b")}, target="y")
    (finding,), *_ = said(split_leakage.check(read))
    assert finding.evidence["column"] == "id"
    shuffled = pair({"id": place, "x": X, "y": random.choice(["a", "b"], 100)}, target="y")
    assert not said(split_leakage.check(shuffled))[0]


def test_nothing_named_is_not_checked() -> None:
    """Neither group, time nor number: no pass."""
    findings, (skip,), measured = said(split_leakage.check(pair({"x": X}, {"x": X[:50]})))
    assert (findings, measured) == ([], None)
    assert "--group" in skip.reason


def test_roles_that_the_test_set_lacks_are_skips() -> None:
    """They are named."""
    read = pair(
        {"x": X, "who": np.arange(100) // 5, "at": np.arange(100.0)}, {"x": X[:50]}, group="who", time="at"
    )
    _, (skip,), measured = said(split_leakage.check(read))
    assert (skip.reason, measured) == ("the test set has no column who, at", None)
