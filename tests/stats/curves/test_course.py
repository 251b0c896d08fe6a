"""A curve as the statistics see it: its noise, its yardstick, what it shows, where it rises."""

from __future__ import annotations

import numpy as np
import pytest

from mlcheck.stats.curves.behaved import above_best, surest_rise
from mlcheck.stats.curves.course import variance
from mlcheck.stats.curves.evidence import NAMES, evidence
from mlcheck.stats.curves.looked import course_of
from mlcheck.stats.curves.scale import scale
from tests.stats.curves.curves import course, power


def test_means_and_deviations_are_those_of_pandas() -> None:
    """By size, over repeats, in any order."""
    import pandas as pd

    random = np.random.default_rng(0)
    table = pd.DataFrame({"n": random.choice([10.0, 20.0, 40.0], 50), "score": random.random(50)})
    made = course_of(
        table.n.to_numpy(),
        table.score.to_numpy(),
        np.full(50, np.nan),
        scale("accuracy", table.score.to_numpy(), higher=True),
    )
    by_size = table.groupby("n").score
    assert made.error == pytest.approx(1 - by_size.mean().to_numpy())
    assert made.sd == pytest.approx(by_size.std().to_numpy())
    assert made.repeats.tolist() == by_size.count().tolist()


def test_the_noise_of_a_curve_without_repeats_is_read_from_its_scatter() -> None:
    """Over many curves its median is near the variance that was put in."""
    random = np.random.default_rng(1)
    found = [
        np.median(variance(course(power(12) + random.normal(0, 0.02, 12), repeats=1))) for _ in range(300)
    ]
    assert float(np.median(found)) == pytest.approx(0.02**2, rel=0.35)


def test_the_noise_of_a_mean_falls_with_its_repeats() -> None:
    """The variance of the mean of n is that of one, over n."""
    few, many = (variance(course(power(), sd=0.02, repeats=r)) for r in (2, 8))
    assert few / many == pytest.approx(np.full(10, 4.0), rel=0.02)


def test_a_rise_is_found_where_it_is() -> None:
    """From the third size to the fifth, in standard errors of both means."""
    error = np.array([0.5, 0.4, 0.2, 0.3, 0.35, 0.3, 0.25])
    found = surest_rise(course(error, sd=0.02, repeats=4))
    assert (found.start, found.end) == (2, 4)
    assert found.rise == pytest.approx(0.15)
    assert found.z == pytest.approx(0.15 / np.sqrt(2 * 0.02**2 * 1.04 / 4), rel=0.01)
    assert above_best(course(error)) == pytest.approx(0.05)


def test_a_falling_curve_has_no_rise() -> None:
    """Z is at most 0."""
    assert surest_rise(course(power())).z <= 0


def test_what_is_seen_of_a_loss_has_no_unit() -> None:
    """All numbers but the sizes are the same for a loss a thousand times larger."""
    loss = power(height=20.0)
    one, other = (evidence(course(f * loss, sd=0.01 * f, bounded=False), np.array([2.0])) for f in (1.0, 1e3))
    assert one == pytest.approx(other, rel=1e-6, nan_ok=True)
    assert one.shape == (1, len(NAMES))
