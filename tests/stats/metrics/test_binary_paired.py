"""Two models on the same rows: paired tests against their definitions."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from mlcheck.registry import metrics
from mlcheck.stats.metrics.binary import draws, mcnemar
from mlcheck.stats.metrics.metric import compare
from mlcheck.stats.metrics.resample import Sampling
from tests.stats.metrics.binary_cases import viewed

NAMED = {metric.name: metric for metric in metrics("binary")}


def two(n: int, seed: int = 0, gap: float = 0.5) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return truth, good scores, and the same with noise."""
    random = np.random.default_rng(seed)
    truth = random.random(n) < 0.4
    good = truth + random.normal(0, 1, n)
    return truth, 1 / (1 + np.exp(-good)), 1 / (1 + np.exp(-good - random.normal(0, gap, n)))


@pytest.mark.parametrize("only_a", range(12))
def test_mcnemar_is_the_binomial_test_of_the_discordant_rows(only_a: int) -> None:
    """Exact, two-sided."""
    for only_b in range(12):
        n = only_a + only_b
        expected = stats.binomtest(only_a, n).pvalue if n else 1.0
        assert mcnemar.p_value(only_a, only_b) == pytest.approx(expected, rel=1e-12)


def test_many_discordant_rows_are_judged_by_chi_squared() -> None:
    """With continuity correction; close to the exact law where it takes over."""
    expected = stats.chi2.sf((abs(5200 - 5000) - 1) ** 2 / 10200, 1)
    assert mcnemar.p_value(5200, 5000) == pytest.approx(expected, rel=1e-9)
    assert mcnemar.p_value(530, 471) == pytest.approx(stats.binomtest(530, 1001).pvalue, rel=0.02)


@pytest.mark.parametrize("name", ["accuracy", "recall", "specificity"])
def test_shares_are_compared_on_their_own_rows(name: str) -> None:
    """Recall on positives, specificity on negatives, accuracy on all."""
    truth, a, b = two(300)
    kept = {"accuracy": truth | True, "recall": truth, "specificity": ~truth}[name]
    right, other = ((score >= 0.5)[kept] == truth[kept] for score in (a, b))
    made = compare(NAMED[name], viewed(truth, a), viewed(truth, b))
    n, only_a, only_b = kept.sum(), (right & ~other).sum(), (other & ~right).sum()
    assert made.difference == pytest.approx((only_a - only_b) / n)
    assert made.p_value == pytest.approx(stats.binomtest(int(only_a), int(only_a + only_b)).pvalue)


def test_delong_compares_two_areas_by_their_covariance() -> None:
    """Against the covariance matrix of the placements over all pairs (DeLong et al. 1988, equation 5)."""
    truth, a, b = two(150)
    a, b = np.round(a, 1), np.round(b, 1)
    pairs = [np.sign(s[truth][:, None] - s[~truth][None, :]) / 2 + 0.5 for s in (a, b)]
    s10 = np.cov([p.mean(axis=1) for p in pairs])
    s01 = np.cov([p.mean(axis=0) for p in pairs])
    covariance = s10 / truth.sum() + s01 / (~truth).sum()
    spread = np.sqrt(covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1])
    made = compare(NAMED["roc_auc"], viewed(truth, a), viewed(truth, b))
    assert made.difference == pytest.approx(pairs[0].mean() - pairs[1].mean(), rel=1e-12)
    assert made.p_value == pytest.approx(
        2 * stats.norm.sf(abs(pairs[0].mean() - pairs[1].mean()) / spread), rel=1e-9
    )
    assert made.method == "DeLong"


@pytest.mark.parametrize("name", sorted(NAMED))
@pytest.mark.parametrize("how", ["plain", "weights", "clusters"])
def test_a_model_does_not_differ_from_itself(name: str, how: str) -> None:
    """No difference, an interval of it that holds zero, and a p-value of 1."""
    truth, score, _ = two(120)
    weight = np.linspace(0.5, 2, 120) if how == "weights" else None
    clusters = (np.arange(120) // 3).astype(np.int32) if how == "clusters" else None
    sampling = Sampling(replicates=100, clusters=clusters, cluster_name="user")
    view = viewed(truth, score, weight=weight, sampling=sampling)
    again = viewed(truth, score, weight=weight, sampling=sampling)
    made = compare(NAMED[name], view, again)
    assert made.difference == 0
    assert made.p_value == 1
    assert made.low is not None
    assert made.high is not None
    assert made.low <= 0 <= made.high


@pytest.mark.parametrize("name", sorted(NAMED))
def test_a_difference_turns_round_with_the_models(name: str) -> None:
    """B against A is A against B with the other sign."""
    truth, a, b = two(200, gap=1.0)
    one = compare(NAMED[name], viewed(truth, a), viewed(truth, b))
    other = compare(NAMED[name], viewed(truth, b), viewed(truth, a))
    assert one.difference is not None
    assert one.low is not None
    assert other.difference == pytest.approx(-one.difference, abs=1e-12)
    assert other.high == pytest.approx(-one.low, abs=1e-12)
    assert other.p_value == pytest.approx(one.p_value, rel=1e-9)
    assert one.low <= one.difference <= (one.high or 0)


@pytest.mark.parametrize("name", sorted(NAMED))
@pytest.mark.parametrize("weighted", [False, True])
def test_draws_of_two_models_are_of_the_same_rows(name: str, weighted: bool) -> None:
    """Scores that order and split the rows alike have the same draws, though they are other numbers."""
    truth, score, _ = two(150)
    weight = np.linspace(0.5, 2, 150) if weighted else None
    metric = NAMED[name]
    assert metric.draws is not None
    sampling = Sampling(replicates=50)
    one = metric.draws(viewed(truth, score, weight=weight, sampling=sampling))
    same = 0.5 + np.arctan(8 * (score - 0.5)) / np.pi if name not in {"log_loss", "brier", "ece"} else score
    other = metric.draws(viewed(truth, same, weight=weight, sampling=sampling))
    np.testing.assert_allclose(one, other, rtol=1e-12)
    independent = metric.draws(viewed(truth, score, weight=weight, sampling=Sampling(replicates=50, seed=1)))
    assert (one != independent).any()


@pytest.mark.parametrize("name", sorted(NAMED))
def test_many_rows_are_compared_as_few_are(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The interval of a difference has the same width when rows are too many to be drawn."""
    truth, a, b = two(2000, gap=1.0)
    views = [viewed(truth, score, sampling=Sampling(replicates=400)) for score in (a, b)]
    drawn = compare(NAMED[name], *views)
    monkeypatch.setattr(draws, "MOST_DRAWN", 0)
    monkeypatch.setattr(draws, "MOST_SORTED", 0)
    made = compare(NAMED[name], *views)
    assert None not in {made.low, made.high, drawn.low, drawn.high}
    assert made.high - made.low == pytest.approx(drawn.high - drawn.low, rel=0.25)  # type: ignore[operator]


def test_other_rows_are_not_compared() -> None:
    """Truths that differ belong to other rows."""
    truth, a, b = two(50)
    for metric in NAMED.values():
        with pytest.raises(ValueError, match="same rows"):
            compare(metric, viewed(truth, a), viewed(~truth, b))
