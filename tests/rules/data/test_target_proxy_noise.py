"""DBG104 where some labels are wrong: a feature in two parts that tells the target, and strong features that do not."""

from __future__ import annotations

import numpy as np
import pytest

from mlcheck.model import Finding
from mlcheck.rules.data import target_proxy
from tests.rules.data.made import read


def said(table: np.ndarray, classes: np.ndarray) -> list[Finding]:
    """Return the findings."""
    return [x for x in target_proxy.check(read(table, classes)) if isinstance(x, Finding)]


def task(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return features, the classes that they tell nearly always, and labels of which 8 % are wrong."""
    draw = np.random.default_rng(seed)
    table = draw.normal(size=(500, 5))
    true = (table[:, 1] + table[:, 2] + 0.3 * draw.normal(size=500) > 0).astype(int)
    return table, true, true ^ (draw.uniform(size=500) < 0.08)


def fee(true: np.ndarray, kind: str) -> np.ndarray:
    """Return what is known only once the class is: a fee in two clusters, of 0 for one class, or missing for it."""
    draw = np.random.default_rng(9)
    if kind == "clusters":
        return np.where(true == 1, draw.normal(30, 3, len(true)), draw.normal(2, 1, len(true)))
    return np.where(true == 1, draw.gamma(2, 20, len(true)), 0.0 if kind == "zero" else np.nan)


@pytest.mark.parametrize("kind", ["clusters", "zero", "missing"])
def test_a_proxy_is_told_though_labels_are_wrong(kind: str) -> None:
    """It agrees with 92 % of the labels, more than all other features do, which add nothing to it."""
    table, true, given = task(0)
    table[:, 0] = fee(true, kind)
    (finding,) = said(table, given)
    assert (finding.severity, finding.evidence["column"]) == ("warning", "x0")
    assert float(str(finding.evidence["wrong"])) == pytest.approx(0.09, abs=0.03)


def test_a_proxy_of_one_of_three_classes_is_told() -> None:
    """An amount that is 0 but for the third class."""
    draw = np.random.default_rng(1)
    true = draw.integers(0, 3, 500)
    table = draw.normal(size=(500, 4))
    table[:, 1] += true
    table[:, 0] = np.where(true == 2, draw.gamma(2, 20, 500), 0)
    given = np.where(draw.uniform(size=500) < 0.08, draw.integers(0, 3, 500), true)
    assert [f.evidence["column"] for f in said(table, given)] == ["x0"]


@pytest.mark.parametrize("seed", range(3))
def test_one_strong_feature_of_one_heap_is_not_told(seed: int) -> None:
    """It decides nearly alone, with noise in the feature or in the label."""
    draw = np.random.default_rng(seed)
    table = draw.normal(size=(500, 5))
    assert not said(table, (table[:, 0] + 0.4 * draw.normal(size=500) > 0).astype(int))
    assert not said(table, (table[:, 0] > 0) ^ (draw.uniform(size=500) < 0.08))


def test_a_feature_of_many_zeros_that_others_add_to_is_not_told() -> None:
    """Whether there is an amount weighs much, and so does another feature."""
    draw = np.random.default_rng(4)
    table = draw.normal(size=(500, 5))
    table[:, 0] = np.where(draw.uniform(size=500) < 0.5, 0, draw.gamma(2, 20, 500))
    assert not said(
        table, ((table[:, 0] > 0) * 1.5 - 0.75 + table[:, 1] + 0.5 * draw.normal(size=500) > 0).astype(int)
    )


def test_real_data_sets_are_silent() -> None:
    """Petals tell one iris from the others, and so do the other leaves."""
    from sklearn.datasets import load_breast_cancer, load_iris, load_wine

    for load in (load_iris, load_wine, load_breast_cancer):
        made = load()
        assert not said(made.data, made.target), load.__name__
