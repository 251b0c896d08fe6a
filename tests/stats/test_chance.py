"""The loss of a guess."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import log_loss

from mlcheck.stats.chance import uniform_loss


@pytest.mark.parametrize("k", [2, 3, 10, 100])
def test_a_uniform_guess_pays_what_scikit_learn_says(k: int) -> None:
    """A uniform guess pays ln K: scikit-learn's log loss of equal probabilities."""
    labels = np.arange(k)
    assert uniform_loss(k) == pytest.approx(log_loss(labels, np.full((k, k), 1 / k), labels=labels))
