"""Wrong labels from probabilities: right where the answer is known by hand, silent where classes only overlap."""

from __future__ import annotations

import numpy as np
import pytest

from mlcheck.stats.data.label_noise import gain, label_noise, matching, suspected


def clean(seed: int, error: float, rows: int = 2000) -> tuple[np.ndarray, np.ndarray]:
    """Return the true probabilities of two normal classes with this Bayes error, and labels drawn from them."""
    from scipy.special import expit
    from scipy.stats import norm

    draw = np.random.default_rng(seed)
    gap = -2 * float(norm.ppf(error))
    classes = draw.integers(0, 2, rows)
    p = expit(gap * (draw.normal(size=rows) + gap * (classes - 0.5)))
    return np.column_stack([1 - p, p]), classes


def sure(
    seed: int, rate: float, rows: int = 2000, classes: int = 4
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return probabilities of a model that knows each class nearly for sure, noisy labels, and which are wrong."""
    draw = np.random.default_rng(seed)
    true = draw.integers(0, classes, rows)
    logs = draw.normal(0, 1, (rows, classes))
    logs[np.arange(rows), true] += 7
    p = np.exp(logs)
    given = np.where(draw.uniform(size=rows) < rate, (true + draw.integers(1, classes, rows)) % classes, true)
    return p / p.sum(axis=1, keepdims=True), given, given != true


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("error", [0.05, 0.1, 0.2, 0.3])
def test_classes_that_overlap_are_no_wrong_labels(error: float, seed: int) -> None:
    """Probabilities that are right explain the labels as well as any noise does."""
    assert gain(*clean(seed, error)) < 4


@pytest.mark.parametrize("seed", range(5))
def test_a_balanced_model_on_uneven_classes_is_no_wrong_labels(seed: int) -> None:
    """A model fitted with balanced weights is off by the prior only, which is matched."""
    p, classes = clean(seed, 0.2, 6000)
    kept = (classes == 0) | (np.random.default_rng(seed).uniform(size=len(classes)) < 0.1)
    assert gain(p[kept], classes[kept]) < 6


@pytest.mark.parametrize("rate", [0.03, 0.1, 0.3])
def test_the_number_of_wrong_labels_is_found(rate: float) -> None:
    """Where a model is sure, what contradicts it is wrong."""
    p, given, wrong = sure(0, rate)
    noise = label_noise(p, given)
    assert noise.count == pytest.approx(wrong.sum(), rel=0.15)
    assert noise.gain > 40
    assert noise.matrix.sum(axis=1) == pytest.approx(1)
    assert np.diag(noise.matrix) == pytest.approx(1 - rate, abs=0.05)


def test_rows_said_at_a_probability_are_wrong_as_often() -> None:
    """Labels of two overlapping normal classes, flipped in one of ten rows: bins of the probability agree."""
    told, true = [], []
    for seed in range(4):
        p, classes = clean(seed, 0.08, 5000)
        flip = np.random.default_rng(seed + 100).uniform(size=len(classes)) < 0.1
        noisy = np.where(flip, 1 - classes, classes)
        told.append(label_noise(p, noisy).wrong)
        true.append(flip)
    said, was = np.concatenate(told), np.concatenate(true)
    for low, high in ((0.0, 0.1), (0.6, 0.8), (0.8, 1.01)):
        own = (said >= low) & (said < high)
        assert own.sum() > 100
        assert float(was[own].mean()) == pytest.approx(float(said[own].mean()), abs=0.16)


def test_order_of_rows_and_names_of_classes_do_not_matter() -> None:
    """Each row keeps its probability."""
    p, given, _ = sure(1, 0.1, rows=300)
    wrong = label_noise(p, given).wrong
    rows = np.random.default_rng(0).permutation(300)
    assert label_noise(p[rows], given[rows]).wrong == pytest.approx(wrong[rows])
    names = np.array([2, 0, 3, 1])
    renamed = np.empty_like(p)
    renamed[:, names] = p
    assert label_noise(renamed, names[given]).wrong == pytest.approx(wrong, abs=1e-9)


def test_the_list_has_the_largest_expected_f1() -> None:
    """By hand: w = .9 .8 .1, sum 1.8; F1 of the first 1, 2, 3 rows: 1.8/2.8, 3.4/3.8, 3.6/4.8."""
    assert suspected(np.array([0.1, 0.9, 0.8])).tolist() == [1, 2]
    assert suspected(np.zeros(3)).tolist() == []


def test_classes_are_matched_to_their_shares() -> None:
    """Predictions of one half each of labels that are 3 of 4 of the first class need log odds of ln 3."""
    bias = matching(np.log(np.full((400, 2), 0.5)), np.repeat([0, 1], [300, 100]))
    assert bias[0] - bias[1] == pytest.approx(np.log(3), abs=0.02)


def test_probabilities_of_0_and_1_are_taken() -> None:
    """Nothing is infinite, and the one row that is contradicted comes first."""
    given = np.tile([0, 1], 50)
    p = np.eye(2)[given]
    given[7] = 0
    noise = label_noise(p, given)
    assert np.isfinite(noise.wrong).all()
    assert int(np.argmax(noise.wrong)) == 7
