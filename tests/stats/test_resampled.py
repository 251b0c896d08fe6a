"""Intervals of scores over folds, against cases worked by hand and scipy."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from mlcheck.stats import resampled
from mlcheck.stats.resampled import Mean


def test_the_corrected_interval_is_that_of_nadeau_and_bengio() -> None:
    """Variance times (1/J + n_test/n_train), Student's t of J - 1 degrees of freedom."""
    values = np.array([0.81, 0.84, 0.79, 0.86, 0.80])
    made = resampled.corrected(values, 0.25, 0.9)
    error = math.sqrt((1 / 5 + 0.25) * values.var(ddof=1))
    low, high = stats.t.interval(0.9, 4, loc=values.mean(), scale=error)
    assert (made.low, made.high) == pytest.approx((low, high))
    assert resampled.probability_above(made, 0.8) == pytest.approx(
        stats.t.sf((0.8 - values.mean()) / error, 4)
    )


def test_a_single_fold_has_no_interval() -> None:
    """Nothing is known of its spread."""
    made = resampled.corrected(np.array([0.8]), 0.25, 0.95)
    assert (made.value, made.low, made.high) == (0.8, None, None)
    assert resampled.probability_above(made, 0.0) == 0.5


def test_the_jackknife_of_a_mean_is_its_standard_error() -> None:
    """With groups of one row, exactly; with groups of many, nearly."""
    x = np.random.default_rng(0).normal(size=400)
    alone = resampled.jackknifed(x.mean(), (x.sum() - x) / 399, 0.95)
    assert alone.error == pytest.approx(x.std(ddof=1) / 20)
    group = resampled.dealt(400, 40, 0)
    without = np.array([x[group != g].mean() for g in range(40)])
    assert resampled.jackknifed(x.mean(), without, 0.95).error == pytest.approx(alone.error, rel=0.3)


def test_clusters_are_dealt_whole() -> None:
    """Rows without a cluster (-1) are clusters of their own."""
    clusters = np.array([0, 0, 1, 1, 1, -1, -1, 2], dtype=np.int32)
    group = resampled.dealt(8, 3, 0, clusters)
    assert group[0] == group[1]
    assert len(set(group[2:5])) == 1
    assert len(set(resampled.numbered(clusters))) == 5


def test_folds_that_agree_by_chance_are_not_certain() -> None:
    """What decides has the spread that the rows allow, whatever the folds say; their interval stays theirs."""
    folds = Mean(0.1, 0.1, 0.1, 0.0, 4)
    made = resampled.moderated(folds, Mean(0.1, 0.0, 0.2, 0.05, 39), 2.25)
    assert (made.low, made.high) == (0.1, 0.1)
    assert resampled.probability_above(folds, 0.0) == 1.0
    assert 0.9 < resampled.probability_above(made, 0.0) < 0.99
