"""DBG303: sorted targets are told, shuffled ones not; folders of images have no order."""

from __future__ import annotations

import numpy as np
import pytest

from mlcheck.rules.data import not_shuffled
from tests.rules.data.sets import pair, said


def test_rows_sorted_by_class_are_told() -> None:
    """With how many neighbours share their class."""
    labels = np.repeat(["a", "b", "c"], 40)
    (finding,), *_ = said(not_shuffled.check(pair({"x": np.zeros(120), "y": labels}, target="y")))
    assert finding.severity == "warning"
    assert "98% of neighbours" in finding.message


@pytest.mark.parametrize("seed", range(10))
def test_shuffled_rows_are_not(seed: int) -> None:
    """Classes or numbers."""
    random = np.random.default_rng(seed)
    for target in (random.choice(["a", "b"], 100), random.normal(size=100)):
        assert not said(not_shuffled.check(pair({"x": random.normal(size=100), "y": target}, target="y")))[0]


def test_folders_of_images_have_no_order() -> None:
    """They are read by name, class after class."""
    read = pair({"image": np.zeros((60, 4, 4, 3)), "label": np.repeat(["a", "b"], 30)}, target="label")
    findings, (skip,), _ = said(not_shuffled.check(read))
    assert not findings
    assert "images" in skip.reason
