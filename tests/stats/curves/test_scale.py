"""Scores of any metric as errors, and back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlcheck.stats.curves.scale import out_of_range, scale

METRICS = [
    ("accuracy", [0.4, 0.8], True, True),
    ("val_acc", [40.0, 80.0], True, True),
    ("r2", [-0.5, 0.8], True, False),
    ("neg_mean_squared_error", [-90.0, -4.0], True, False),
    ("rmse", [90.0, 4.0], False, False),
    ("error_rate", [0.9, 0.1], False, True),
    ("reward", [-30.0, 200.0], True, False),
    ("perplexity", [80.0, 20.0], False, False),
]


@pytest.mark.parametrize(("metric", "scores", "higher", "bounded"), METRICS)
def test_better_is_a_lower_error_and_the_way_back_is_exact(
    metric: str, scores: list[float], higher: bool, bounded: bool
) -> None:
    """Whatever the metric: the second score is the better one."""
    found = scale(metric, np.array(scores), higher=higher)
    error = found.error(np.array(scores))
    assert error[1] < error[0]
    assert (error > 0).all()
    assert found.bounded is bounded
    assert [found.score(e) for e in error] == pytest.approx(scores)


def test_percent_and_share_are_the_same_curve() -> None:
    """40 % is .4."""
    share, percent = np.array([0.4, 0.6, 0.75]), np.array([40.0, 60.0, 75.0])
    one, other = (scale("accuracy", s, higher=True) for s in (share, percent))
    assert one.error(share) == pytest.approx(other.error(percent))
    assert (one.point, other.point) == (0.01, 1.0)


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=8), st.booleans())
def test_there_and_back_for_any_scores(scores: list[float], higher: bool) -> None:
    """No metric is known, no score is lost."""
    values = np.array(scores)
    found = scale("quality", values, higher=higher)
    back = [found.score(e) for e in found.error(values)]
    assert back == pytest.approx(scores, rel=1e-9, abs=1e-6)


@pytest.mark.parametrize(
    ("metric", "scores", "wrong"),
    [
        ("accuracy", [0.5, -0.2], -0.2),
        ("val_f1", [50.0, 140.0], 140.0),
        ("acc", [0.5, 0.6, 1.7], 1.7),
        ("accuracy", [50.0, 70.0], None),
        ("loss", [5.0, 140.0], None),
    ],
)
def test_scores_that_cannot_be_are_named(metric: str, scores: list[float], wrong: float | None) -> None:
    """An accuracy lies within 0 and 1, or 0 and 100."""
    assert out_of_range(metric, np.array(scores)) == wrong
