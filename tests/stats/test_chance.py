"""The loss of a guess, and the number of classes it tells of."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import log_loss

from mlcheck.stats.chance import nearest_class_count, uniform_loss


@pytest.mark.parametrize("k", [2, 3, 10, 100])
def test_a_uniform_guess_pays_what_scikit_learn_says(k: int) -> None:
    """A uniform guess pays ln K: scikit-learn's log loss of equal probabilities."""
    labels = np.arange(k)
    assert uniform_loss(k) == pytest.approx(log_loss(labels, np.full((k, k), 1 / k), labels=labels))


@given(st.integers(2, 12))
def test_few_classes_are_found_again(k: int) -> None:
    """The logarithm of K gives K back for up to 12 classes."""
    assert nearest_class_count(math.log(k), tolerance=0.01) == k


@pytest.mark.parametrize("k", [100, 1000, 10_000])
def test_round_numbers_are_found_again(k: int) -> None:
    """Data sets have 100 or 1000 classes: these are believed, their neighbours are not."""
    assert nearest_class_count(math.log(k), tolerance=0.001) == k


@pytest.mark.parametrize("loss", [0.3, 0.55, 0.9, 1.25, 5.6, 20.0, math.nan])
def test_other_losses_match_no_guess(loss: float) -> None:
    """Between the logarithms, beyond the largest K, and NaN: none."""
    assert nearest_class_count(loss, tolerance=0.01) is None


@given(st.floats(0.5, 11), st.floats(0.0005, 0.02))
def test_a_match_lies_within_the_tolerance(loss: float, tolerance: float) -> None:
    """Whatever K is named, its logarithm is that near."""
    k = nearest_class_count(loss, tolerance=tolerance)
    assert k is None or abs(math.log(k) - loss) <= tolerance
