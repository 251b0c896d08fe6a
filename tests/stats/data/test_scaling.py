"""A sample in other units is mapped back by its factor; other shapes are no other units."""

from __future__ import annotations

import numpy as np
import pytest

from mlcheck.stats.data.scaling import rescaling


@pytest.mark.parametrize("factor", [1000.0, 2.54, 0.3])
@pytest.mark.parametrize("kind", ["gamma", "long tail", "few steps", "both signs"])
def test_the_factor_is_found(kind: str, factor: float) -> None:
    """Within what the sample tells; the shape is the same once mapped back."""
    random = np.random.default_rng(3)

    def drawn(n: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        return {
            "gamma": random.gamma(3, 2, n),
            "long tail": random.lognormal(5, 1.6, n),
            "few steps": random.choice([0.0, 1, 7, 15, 16], n, p=[0.3, 0.1, 0.1, 0.2, 0.3]),
            "both signs": random.normal(0.2, 1, n),
        }[kind]

    found = rescaling(drawn(800), factor * drawn(500))
    assert found is not None
    assert found.same_shape
    assert found.scale == pytest.approx(factor, rel=0.15)


def test_standardised_values_are_mapped_back() -> None:
    """With their shift."""
    random = np.random.default_rng(0)
    found = rescaling(random.normal(50, 10, 500), random.normal(0, 1, 400))
    assert found is not None
    assert found.same_shape
    assert found.scale == pytest.approx(0.1, rel=0.1)
    assert found.shift == pytest.approx(-5, rel=0.1)


def test_another_shape_is_not_the_same_in_other_units() -> None:
    """Two humps are no bell."""
    random = np.random.default_rng(0)
    humps = np.r_[random.normal(0, 1, 250), random.normal(30, 1, 250)]
    found = rescaling(random.normal(5, 1, 500), humps)
    assert found is None or not found.same_shape
