"""Splits: every row judged once, classes spread evenly, groups whole, time never backwards."""

from __future__ import annotations

import numpy as np
import pytest

from mlcheck.stats import splits


def rng() -> np.random.Generator:
    """Return random numbers."""
    return np.random.default_rng(0)


def test_stratified_folds_hold_each_class_as_evenly_as_can_be() -> None:
    """Counts of a class in two folds differ by one at most, and so do fold sizes."""
    strata = np.repeat([0, 1, 2], [50, 23, 7]).astype(np.int32)
    place = splits.stratified(strata, 5, rng())
    for code in range(3):
        counts = np.bincount(place[strata == code], minlength=5)
        assert counts.max() - counts.min() <= 1
    sizes = np.bincount(place)
    assert sizes.max() - sizes.min() <= 1


def test_every_row_is_judged_exactly_once() -> None:
    """Train and test of a fold are the rows of its complement and its own."""
    place = splits.stratified(np.zeros(31, dtype=np.int32), 4, rng())
    folds = list(splits.of_assignment(place, 4))
    assert sorted(np.concatenate([f.test for f in folds])) == list(range(31))
    for fold in folds:
        assert sorted([*fold.train, *fold.test]) == list(range(31))


def test_no_group_is_in_two_folds() -> None:
    """Rows without a group are by themselves; sizes stay near each other."""
    random = rng()
    groups = random.integers(-1, 30, size=400).astype(np.int32)
    strata = random.integers(2, size=400).astype(np.int32)
    place = splits.whole_groups(groups, 5, rng(), strata)
    for group in range(30):
        assert len(set(place[groups == group])) == 1
    sizes = np.bincount(place, minlength=5)
    assert sizes.max() < 1.3 * sizes.min()


def test_forward_chaining_is_judged_on_later_rows_only() -> None:
    """Rows of one moment stay together; a row without time is left out."""
    time = np.array([3.0, 1, 2, 2, 5, 4, 7, 6, np.nan, 2, 8, 9])
    folds = list(splits.forward(time, 3))
    assert len(folds) == 3
    for fold in folds:
        assert time[fold.train].max() < time[fold.test].min()
    assert 8 not in np.concatenate([np.concatenate([f.train, f.test]) for f in folds])


def test_one_moment_gives_no_fold() -> None:
    """There is nothing to divide at."""
    assert list(splits.forward(np.ones(20), 4)) == []


@pytest.mark.parametrize("seed", range(3))
def test_another_seed_draws_other_folds(seed: int) -> None:
    """The same seed draws the same."""
    strata = np.zeros(60, dtype=np.int32)
    first, again, other = (
        splits.stratified(strata, 5, np.random.default_rng(s)) for s in (seed, seed, seed + 10)
    )
    assert (first == again).all()
    assert (first != other).any()
