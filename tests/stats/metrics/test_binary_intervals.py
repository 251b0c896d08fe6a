"""Intervals of binary metrics: against the definition, other packages, and each other."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from mlcheck.registry import metrics
from mlcheck.stats.metrics.binary import areas, delong, draws, influence, keys, paired, resampled
from mlcheck.stats.metrics.binary.ranking import auc_interval
from mlcheck.stats.metrics.metric import estimate
from mlcheck.stats.metrics.resample import Sampling
from tests.stats.metrics.binary_cases import cases, viewed

NAMED = {metric.name: metric for metric in metrics("binary")}


def rows(n: int, seed: int = 0, digits: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Return truth and probabilities, rounded so that some tie."""
    random = np.random.default_rng(seed)
    p = random.beta(1, 2, n)
    return random.random(n) < p, np.round(np.clip(p + random.normal(0, 0.1, n), 0, 1), digits)


def brute_variance(truth: np.ndarray, score: np.ndarray) -> float:
    """Return DeLong's variance from the matrix of all pairs."""
    gaps = score[truth].astype(np.float64)[:, None] - score[~truth].astype(np.float64)[None, :]
    pairs = np.sign(gaps) / 2 + 0.5
    parts = (pairs.mean(axis=1), pairs.mean(axis=0))
    return float(sum(part.var(ddof=1) / len(part) for part in parts if len(part) > 1))


def test_delong_is_the_variance_of_placements() -> None:
    """Equal to the definition over all pairs, whatever ties, and to the general formula by influences."""
    for case in cases(60, seed=1):
        view = viewed(case.truth, case.score)
        expected = brute_variance(case.truth, case.score)
        assert view.area.variance == pytest.approx(expected, rel=1e-9, abs=1e-15)
        assert view.area.auc == pytest.approx(view.ranks.auc, rel=1e-15)
        if min(view.positives, view.negatives) > 1:
            assert influence.deviation(influence.auc(view), view) ** 2 == pytest.approx(expected, abs=1e-13)


def test_delong_equals_confidenceinterval() -> None:
    """Another package's fast algorithm finds the same variance."""
    other = pytest.importorskip("confidenceinterval.delong")
    truth, score = rows(3000)
    assert viewed(truth, score).area.variance == pytest.approx(
        other.delong_roc_variance(truth, score)[1], rel=1e-9
    )


def test_a_perfect_ranking_has_an_interval_below_one() -> None:
    """DeLong's variance is zero there; the score interval knows how few rows there are."""
    few, many = (auc_interval(viewed([False] * n + [True] * n, np.linspace(0, 1, 2 * n))) for n in (5, 500))
    assert few.low < many.low < few.high == many.high == 1
    assert few.method == "Newcombe's score interval"


def test_the_score_interval_covers_a_simulation() -> None:
    """Bounds satisfy their equation: the squared distance is z^2 times the variance at the bound."""
    made = delong.score_interval(0.9, 20, 30, 0.95)
    for bound in (made.low, made.high):
        tails = (1 + 24 * (1 - bound) / (2 - bound)) + 24 * bound / (1 + bound)
        assert (0.9 - bound) ** 2 == pytest.approx(1.959964**2 * bound * (1 - bound) * tails / 600, rel=1e-5)


@pytest.mark.parametrize("name", sorted(NAMED))
@pytest.mark.parametrize("how", ["plain", "weights", "clusters", "both"])
def test_every_metric_has_an_interval_around_its_value(name: str, how: str) -> None:
    """With and without weights and clusters."""
    truth, score = rows(400)
    random = np.random.default_rng(0)
    weight = random.uniform(0.5, 2, 400) if how in {"weights", "both"} else None
    clusters = (np.arange(400) // 4).astype(np.int32) if how in {"clusters", "both"} else None
    sampling = Sampling(replicates=200, clusters=clusters, cluster_name="user")
    made = estimate(NAMED[name], viewed(truth, score, weight=weight, sampling=sampling))
    assert made.value is not None
    assert made.low is not None
    assert made.high is not None
    assert made.low <= made.value <= made.high
    assert made.low < made.high
    if clusters is not None:
        assert "user" in made.method


@pytest.mark.parametrize("name", sorted(NAMED))
def test_copies_of_rows_in_clusters_tell_nothing_new(name: str) -> None:
    """Four copies of every row, each four a cluster, have the interval of the rows themselves, not half of it."""
    truth, score = rows(300, digits=6)
    one = Sampling(replicates=400, clusters=np.arange(300, dtype=np.int32), cluster_name="row")
    four = dataclasses.replace(one, clusters=np.repeat(np.arange(300, dtype=np.int32), 4))
    alone = estimate(NAMED[name], viewed(truth, score, sampling=one))
    copied = estimate(NAMED[name], viewed(np.repeat(truth, 4), np.repeat(score, 4), sampling=four))
    assert copied.low == pytest.approx(alone.low, rel=1e-9)
    assert copied.high == pytest.approx(alone.high, rel=1e-9)


@pytest.mark.parametrize("slopes", [influence.auc, influence.average_precision])
def test_an_influence_is_the_derivative_to_a_weight(slopes: object) -> None:
    """Against the difference that a slightly larger weight makes."""
    truth, score = rows(25, digits=1)
    weight = np.random.default_rng(0).uniform(0.5, 2, 25)
    statistic = "auc" if slopes is influence.auc else "average_precision"
    found = slopes(viewed(truth, score, weight=weight))  # type: ignore[operator]
    step = 1e-6
    for row in range(25):
        more, less = weight.copy(), weight.copy()
        more[row] += step
        less[row] -= step
        high, low = (getattr(viewed(truth, score, weight=w).ranks, statistic) for w in (more, less))
        assert found[row] == pytest.approx(weight[row] * (high - low) / (2 * step), abs=1e-7)


@pytest.mark.parametrize(
    ("statistic", "slopes"),
    [
        (areas.auc, influence.auc),
        (areas.average_precision, influence.average_precision),
        (lambda p, n: areas.lift(p, n, 0.1), influence.lift),
    ],
)
def test_influences_and_cells_spread_as_rows_do(statistic: object, slopes: object) -> None:
    """The standard deviation of bootstrap samples of rows, of cells, and by influences agree within a tenth."""
    truth, score = rows(3000, digits=8)
    view = viewed(truth, score, sampling=Sampling(replicates=500))
    drawn = np.concatenate([statistic(p, n) for p, n, _, _ in view.row_draws()])  # type: ignore[operator]
    cells = statistic(*view.group_draws)  # type: ignore[operator]
    assert cells.std() == pytest.approx(drawn.std(), rel=0.12)
    assert influence.deviation(slopes(view), view) == pytest.approx(drawn.std(), rel=0.12)  # type: ignore[operator]


@pytest.mark.parametrize("name", sorted(NAMED))
@pytest.mark.parametrize("clustered", [False, True])
def test_many_rows_have_the_interval_of_few_drawn_one_by_one(
    name: str, clustered: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The normal law, from which sums of many rows are drawn, gives the width of the bootstrap."""
    truth, score = rows(1500, digits=8)
    weight = np.random.default_rng(0).uniform(0.5, 2, 1500)
    clusters = (np.arange(1500) // 3).astype(np.int32) if clustered else None
    sampling = Sampling(replicates=500, clusters=clusters, cluster_name="user")
    drawn = estimate(NAMED[name], viewed(truth, score, weight=weight, sampling=sampling))
    monkeypatch.setattr(draws, "MOST_DRAWN", 0)
    monkeypatch.setattr(draws, "MOST_SORTED", 0)
    made = estimate(NAMED[name], viewed(truth, score, weight=weight, sampling=sampling))
    assert "normal" in made.method
    assert None not in {made.low, made.high, drawn.low, drawn.high}
    assert made.high - made.low == pytest.approx(drawn.high - drawn.low, rel=0.25)  # type: ignore[operator]


@pytest.mark.parametrize("name", ["log_loss", "brier", "ece"])
def test_plain_rows_too_many_to_draw_have_the_same_interval(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From sums of squares instead of samples."""
    truth, score = rows(1500, digits=8)
    drawn = estimate(NAMED[name], viewed(truth, score, sampling=Sampling(replicates=500)))
    monkeypatch.setattr(draws, "MOST_DRAWN", 0)
    made = estimate(NAMED[name], viewed(truth, score, sampling=Sampling(replicates=500)))
    assert "normal" in made.method
    assert made.low == pytest.approx(drawn.low, rel=0.05)
    assert made.high == pytest.approx(drawn.high, rel=0.05)


def test_probabilities_that_may_be_right_have_an_interval_down_to_zero() -> None:
    """The ECE of a sample is never 0, though that of a calibrated model is."""
    random = np.random.default_rng(0)
    p = random.random(500)
    truth = random.random(500) < p
    right, wrong = (estimate(NAMED["ece"], viewed(truth, score)) for score in (p, np.sqrt(p)))
    assert right.value is not None
    assert right.value > 0
    assert right.low == 0
    assert wrong.low is not None
    assert wrong.low > 0.05


def test_an_empty_cell_does_not_make_an_error_impossible() -> None:
    """Twenty rows without an error have an interval of F1 and MCC below 1, narrower for more rows."""
    for name in ("f1", "mcc", "kappa", "balanced_accuracy"):
        few, many = (estimate(NAMED[name], viewed([True, False] * n, [0.9, 0.1] * n)) for n in (10, 1000))
        assert few.value == many.value == few.high == many.high == 1
        assert few.low is not None
        assert many.low is not None
        assert few.low < 0.95 < 0.99 < many.low


def test_smoothed_draws_keep_the_classes() -> None:
    """The counts of a sample add to the rows."""
    view = viewed([True] * 5 + [False] * 15, [0.9] * 20)
    drawn = paired.confusion_draws(view)
    assert drawn.sum(axis=1) == pytest.approx(np.full(200, 20.0))
    assert (drawn >= 0).all()


@pytest.mark.parametrize("digits", [8, 2, 0])
@pytest.mark.parametrize("stratified", [False, True])
def test_exact_samples_of_the_auc_spread_as_delong_says(
    digits: int, stratified: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In many small blocks, with and without ties, with and without fixed classes."""
    monkeypatch.setattr(keys.walk, "__kwdefaults__", {"chunk": 64})
    monkeypatch.setattr(resampled, "BLOCK", 50)
    truth, score = rows(600, digits=digits)
    view = viewed(truth, score, sampling=Sampling(replicates=800))
    drawn = resampled.auc_draws(view, stratified=stratified)
    spread = np.sqrt(view.area.variance)
    assert drawn.std() == pytest.approx(spread, rel=0.1)
    assert drawn.mean() == pytest.approx(view.ranks.auc, abs=4 * spread / np.sqrt(800))


def test_an_exact_sample_is_that_of_its_rows() -> None:
    """The area of a block's draws is that of the rows, each as often as it was drawn."""
    truth, score = rows(80, digits=1)
    order = np.lexsort((~truth, score))
    truth, score = truth[order], score[order]
    counts = np.random.default_rng(0).integers(0, 3, 80)
    starts = np.flatnonzero(np.diff(score, prepend=-1))
    block = resampled.Block(rows=80, negative=(~truth).astype(np.int64), starts=starts)
    twice, positives, negatives = resampled._inner(block, counts)
    expected = viewed(np.repeat(truth, counts), np.repeat(score, counts)).ranks.auc
    assert twice / (2 * positives * negatives) == pytest.approx(expected, rel=1e-14)


def test_the_same_seed_draws_the_same_intervals() -> None:
    """Twice the same; another seed differs."""
    truth, score = rows(200)
    made = [
        [
            estimate(metric, viewed(truth, score, sampling=Sampling(replicates=100, seed=seed)))
            for metric in NAMED.values()
        ]
        for seed in (0, 0, 1)
    ]
    assert made[0] == made[1]
    assert made[0] != made[2]
