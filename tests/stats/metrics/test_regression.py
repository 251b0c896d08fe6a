"""Metrics of predicted numbers against scikit-learn on generated cases, their traps, and what must not change them."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest
import sklearn
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn import metrics as sk

from mlcheck.model import Floats, Plot, Table
from mlcheck.model.predictions import Multiclass, Predictions, Reals, Regression
from mlcheck.registry import metrics
from mlcheck.stats.metrics import means
from mlcheck.stats.metrics.metric import Undefined, compare, estimate
from mlcheck.stats.metrics.parameters import Parameters
from mlcheck.stats.metrics.regression import median
from mlcheck.stats.metrics.regression.exhibits import exhibits
from mlcheck.stats.metrics.regression.view import RegressionView, view
from mlcheck.stats.metrics.resample import Sampling

METRICS = {metric.name: metric for metric in metrics("regression")}
FAST = Sampling(replicates=200)
PEERS = {
    "mse": sk.mean_squared_error,
    "rmse": sk.root_mean_squared_error,
    "mae": sk.mean_absolute_error,
    "median_ae": sk.median_absolute_error,
    "mape": sk.mean_absolute_percentage_error,
    "r2": sk.r2_score,
    "explained_variance": sk.explained_variance_score,
}


def made(
    truth: Reals,
    predicted: Reals,
    *,
    weight: Floats | None = None,
    quantile: float | None = None,
    sampling: Sampling = FAST,
) -> RegressionView:
    """Return a view of these predictions, (n,) or (n, T)."""
    columns = [part[:, None] if part.ndim == 1 else part for part in (truth, predicted)]
    names = tuple(f"y{i}" for i in range(columns[0].shape[1]))
    content = Regression(targets=names, truth=columns[0], predicted=columns[1], quantile=quantile)
    whole = Predictions(
        id="a", source="a", reader="a", task="regression", content=content, rows=len(truth), weight=weight
    )
    return view(whole, sampling, Parameters())


def value(name: str, of: RegressionView) -> float:
    """Return a metric's value."""
    return METRICS[name].value(of)


def generated(seed: int) -> tuple[Floats, Floats, Floats | None]:
    """Return truth and predictions (n, T) and weights of one case: ties, skew, one row, rows without weight."""
    random = np.random.default_rng(seed)
    n, t = int(random.integers(1, 60)), int(random.integers(1, 4))
    truth = random.normal(random.uniform(-5, 5), random.uniform(0.1, 5), size=(n, t))
    if seed % 3 == 0:
        truth = np.exp(truth.clip(max=5))
    predicted = truth + random.normal(size=(n, t)) * random.uniform(0.01, 3) + random.normal()
    if seed % 5 == 0:
        truth, predicted = np.round(truth) + 0.5, np.round(predicted) + 0.5
    weight = random.choice([0.0, 0.25, 1.0, 3.0], size=n, p=[0.1, 0.3, 0.3, 0.3]) if seed % 2 else None
    return truth, predicted, None if weight is None or weight.sum() == 0 else weight


def test_metrics_are_scikit_learns() -> None:
    """Hundreds of cases of one to three targets, weighted and not, agree within 1e-12 of their size."""
    undefined = 0
    with (
        sklearn.config_context(assume_finite=True, skip_parameter_validation=True),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")
        for seed in range(200):
            truth, predicted, weight = generated(seed)
            seen = made(truth, predicted, weight=weight)
            for name, peer in PEERS.items():
                theirs = peer(truth, predicted, sample_weight=weight)
                try:
                    ours = value(name, seen)
                except Undefined:
                    undefined += 1
                    continue
                assert ours == pytest.approx(theirs, rel=1e-12, abs=1e-12), (seed, name)
    assert undefined < 40


def test_the_pinball_loss_is_scikit_learns() -> None:
    """At the quantile that the column says; undefined where it says none."""
    for seed in range(60):
        truth, predicted, weight = generated(seed)
        quantile = 0.05 + 0.9 * seed / 60
        theirs = sk.mean_pinball_loss(truth, predicted, alpha=quantile, sample_weight=weight)
        seen = made(truth, predicted, weight=weight, quantile=quantile)
        assert value("pinball", seen) == pytest.approx(theirs, rel=1e-12)
    with pytest.raises(Undefined, match="which quantile"):
        value("pinball", made(truth, predicted))


def test_bias_and_smape_are_their_definitions() -> None:
    """The mean error with its sign; the mean of twice the error over the sum of sizes, 0 where both are 0."""
    truth, predicted = np.array([0.0, 1.0, -2.0, 0.0]), np.array([0.0, 3.0, -1.0, 4.0])
    seen = made(truth, predicted)
    assert value("bias", seen) == pytest.approx((0 + 2 + 1 + 4) / 4)
    assert value("smape", seen) == pytest.approx((0 + 2 * 2 / 4 + 2 * 1 / 3 + 2) / 4)


def test_r2_of_float32_numbers_far_from_zero_is_not_lost() -> None:
    """About 10,000 with a spread of 1, sums in float32 lose everything: here R2 is that of float64."""
    random = np.random.default_rng(0)
    truth = (1e4 + random.normal(size=5000)).astype(np.float32)
    predicted = (truth + 0.35 * random.normal(size=5000)).astype(np.float32)
    expected = sk.r2_score(truth.astype(np.float64), predicted.astype(np.float64))
    assert expected == pytest.approx(0.88, abs=0.01)
    assert value("r2", made(truth, predicted)) == pytest.approx(expected, abs=1e-12)
    naive = 1 - np.sum((truth - predicted) ** 2) / (np.sum(truth**2) - np.float32(5000) * truth.mean() ** 2)
    assert abs(naive - expected) > 0.05


def test_truths_of_zero_leave_mape_undefined() -> None:
    """Where scikit-learn divides by 2.2e-16 the reason is said; near 0 its number is given."""
    truth, predicted = np.array([0.0, 1.0, 2.0]), np.array([1.0, 1.0, 1.0])
    assert sk.mean_absolute_percentage_error(truth, predicted) > 1e14
    found = estimate(METRICS["mape"], made(truth, predicted))
    assert found.value is None
    assert found.reason == "1 of 3 truths is 0"
    near = np.array([1e-8, 1.0, 2.0])
    assert value("mape", made(near, predicted)) == pytest.approx(
        sk.mean_absolute_percentage_error(near, predicted), rel=1e-12
    )


@pytest.mark.parametrize("name", ["r2", "explained_variance"])
def test_a_constant_truth_has_no_variance_to_explain(name: str) -> None:
    """Undefined with its reason, which names the target where there are several."""
    single = estimate(METRICS[name], made(np.full(5, 0.1), np.arange(5.0)))
    assert single.value is None
    assert single.reason == "the truth is constant"
    both = np.stack([np.arange(5.0), np.full(5, 0.1)], axis=1)
    assert estimate(METRICS[name], made(both, both + 1)).reason == "the truth is constant in y1"
    assert "fewer than two rows" in estimate(METRICS[name], made(np.ones(1), np.ones(1))).reason


def test_no_rows_and_no_weight_are_undefined() -> None:
    """Nothing to count is said, never 0 or NaN."""
    for metric in METRICS.values():
        for seen in (
            made(np.empty(0), np.empty(0), quantile=0.5),
            made(np.arange(3.0) + 1, np.arange(3.0), weight=np.zeros(3), quantile=0.5),
        ):
            assert estimate(metric, seen).value is None, metric.name
    assert exhibits(made(np.empty(0), np.empty(0))) == ()


def test_a_view_is_of_numbers() -> None:
    """Predictions of another task are refused."""
    content = Multiclass(labels=("a",), truth=np.zeros(1, np.int32), predicted=None, scores=np.ones((1, 1)))
    other = Predictions(id="a", source="a", reader="a", task="multiclass", content=content, rows=1)
    with pytest.raises(TypeError, match="expected predicted numbers"):
        view(other, Sampling(), Parameters())


@given(seed=st.integers(0, 10_000), scale=st.floats(0.01, 100), shift=st.floats(-1e6, 1e6))
@settings(max_examples=40, deadline=None)
def test_shift_and_scale_change_only_what_they_should(seed: int, scale: float, shift: float) -> None:
    """R2 and explained variance keep, errors scale with the target, whatever the order of rows."""
    random = np.random.default_rng(seed)
    truth = random.normal(size=50)
    predicted = truth + random.normal(size=50)
    rows = random.permutation(50)
    moved = made(truth[rows] * scale + shift, predicted[rows] * scale + shift)
    seen = made(truth, predicted)
    for name, power in (
        ("r2", 0),
        ("explained_variance", 0),
        ("mae", 1),
        ("rmse", 1),
        ("mse", 2),
        ("median_ae", 1),
    ):
        assert value(name, moved) == pytest.approx(value(name, seen) * scale**power, rel=1e-5), name


def test_a_weight_is_a_number_of_copies() -> None:
    """Whole weights give what repeated rows give."""
    random = np.random.default_rng(5)
    truth = random.normal(3, 1, size=(60, 2))
    predicted = truth + random.normal(size=(60, 2))
    copies = random.integers(0, 4, 60)
    repeated = made(truth.repeat(copies, axis=0), predicted.repeat(copies, axis=0), quantile=0.3)
    weighted = made(truth, predicted, weight=copies.astype(np.float64), quantile=0.3)
    for name in METRICS:
        assert value(name, weighted) == pytest.approx(value(name, repeated), abs=1e-12), name


def pair(
    n: int = 400, targets: int = 1, *, weight: Floats | None = None, sampling: Sampling = FAST
) -> tuple[RegressionView, RegressionView]:
    """Return two models over the same rows, the first better."""
    random = np.random.default_rng(1)
    truth = random.normal(20, 3, size=(n, targets))
    noise = random.normal(size=(n, targets))
    more = noise + random.normal(size=(n, targets))
    models = (truth + noise - 0.3, truth + 1.1 * more + 0.5)
    first, second = (made(truth, m, weight=weight, sampling=sampling, quantile=0.5) for m in models)
    return first, second


def clusters(n: int) -> Sampling:
    """Return sampling by groups of four rows."""
    return Sampling(replicates=200, clusters=(np.arange(n) // 4).astype(np.int32), cluster_name="user")


CASES = [
    "plain",
    "targets",
    "weighted",
    "clustered",
    "many",
    "many targets",
    "many clustered",
    "many weighted",
]


def of_case(case: str) -> tuple[RegressionView, RegressionView]:
    """Return two models of a case."""
    n = 60_000 if "many" in case else 400
    weight = np.random.default_rng(1).random(n) if "weighted" in case else None
    sampling = clusters(n) if "clustered" in case else FAST
    return pair(n, 2 if "targets" in case else 1, weight=weight, sampling=sampling)


@pytest.mark.parametrize("case", CASES)
def test_every_metric_has_an_interval_that_holds_it(case: str) -> None:
    """Plain, weighted, clustered and many rows, one target and two: the number lies within, and the method is named."""
    seen, _ = of_case(case)
    for metric in METRICS.values():
        found = estimate(metric, seen)
        assert found.value is not None, metric.name
        assert found.low is not None, metric.name
        assert found.high is not None, metric.name
        assert found.method, metric.name
        assert found.low < found.value < found.high, metric.name
        assert found.high - found.low < (0.05 if "many" in case else 0.6), metric.name


@pytest.mark.parametrize("case", CASES)
def test_the_better_model_is_told_by_every_metric(case: str) -> None:
    """A clear difference has its sign, an interval without 0 and a small p-value; against itself there is none."""
    better, worse = of_case(case)
    again, _ = of_case(case)
    for metric in METRICS.values():
        found = compare(metric, better, worse)
        assert found.difference is not None, metric.name
        assert found.low is not None, metric.name
        assert found.high is not None, metric.name
        assert found.p_value is not None, metric.name
        assert (found.difference > 0) == (metric.better == "higher"), metric.name
        assert found.low <= found.difference <= found.high, metric.name
        assert found.low * found.high > 0, metric.name
        assert found.p_value < 0.05, metric.name
        same = compare(metric, better, again)
        assert (same.difference, same.low, same.high, same.p_value) == (0, 0, 0, 1), metric.name


def test_one_row_or_one_cluster_has_no_spread() -> None:
    """Resampling the only unit shows nothing: no interval, and the reason."""
    together = Sampling(replicates=50, clusters=np.zeros(12, dtype=np.int32))
    whole, _ = pair(12, sampling=together)
    for metric in METRICS.values():
        for seen, unit in ((made(np.ones(1), np.zeros(1), quantile=0.2), "row"), (whole, "cluster")):
            found = estimate(metric, seen)
            assert found.low is None, metric.name
            assert found.value is None or f"a single {unit} has no spread" in found.reason, metric.name


def test_the_interval_of_a_mean_of_skewed_losses_covers_it() -> None:
    """Of exponential losses, thirty at a time, it holds the mean nearly as often as it says; mean ± t s does not."""
    random = np.random.default_rng(0)
    ours = students = 0
    for _ in range(1000):
        losses = random.exponential(size=30)
        found = means.skewed(losses, 0.95, (0.0, math.inf))
        ours += found.low <= 1 <= found.high
        low, high = stats.t.interval(0.95, 29, loc=losses.mean(), scale=stats.sem(losses))
        students += low <= 1 <= high
    assert 0.93 < ours / 1000 < 0.97
    assert students / 1000 < ours / 1000


def test_without_skewness_the_interval_is_students() -> None:
    """Symmetric values have mean ± t s / sqrt(n)."""
    values = np.array([-3.0, -1.0, 0.0, 1.0, 3.0])
    found = means.skewed(values, 0.9, (-math.inf, math.inf))
    expected = stats.t.interval(0.9, 4, loc=0, scale=stats.sem(values))
    assert (found.low, found.high) == pytest.approx(expected)


def test_the_paired_t_test_is_that_of_scipy() -> None:
    """Difference, interval and p-value of the mean of differences."""
    a, b = pair()
    theirs = stats.ttest_rel(a.losses["mae"], b.losses["mae"])
    found = compare(METRICS["mae"], a, b)
    assert found.p_value == pytest.approx(theirs.pvalue, rel=1e-9)
    ends = theirs.confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((ends.low, ends.high))


def test_mcnemars_p_is_the_binomials() -> None:
    """The exact test of the discordant pairs, and its normal limit beyond a thousand of them."""
    for b, c in ((0, 0), (0, 5), (3, 9), (10, 10), (400, 500)):
        expected = stats.binomtest(b, b + c).pvalue if b + c else 1.0
        assert means.discordant(b, c) == pytest.approx(expected)
    assert means.discordant(5000, 5200) == pytest.approx(stats.binomtest(5000, 10_200).pvalue, rel=0.01)


def test_the_interval_of_the_median_is_that_of_order_statistics() -> None:
    """SciPy's distribution-free interval of the median has the same ends."""
    seen, _ = pair(101)
    found = estimate(METRICS["median_ae"], seen)
    theirs = stats.quantile_test(np.abs(seen.error[:, 0]), p=0.5).confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((theirs.low, theirs.high))


def test_the_density_at_the_median_tells_the_bootstraps_spread() -> None:
    """The normal interval of many rows is as wide as that of drawn ones."""
    seen, _ = pair(4000, weight=np.random.default_rng(0).random(4000), sampling=Sampling(replicates=500))
    drawn = METRICS["median_ae"].draws
    assert drawn is not None
    assert means.spread(median.influences(seen)) == pytest.approx(np.std(drawn(seen)), rel=0.15)


def test_a_table_tells_the_targets_apart() -> None:
    """Each target has its own numbers; the metric is their mean."""
    seen, _ = pair(100, 3)
    (table,) = (e for e in exhibits(seen) if isinstance(e, Table))
    assert [row[0] for row in table.rows] == ["y0", "y1", "y2"]
    for name in ("rmse", "mae", "median_ae", "bias", "r2"):
        column = [row[table.columns.index(name)] for row in table.rows]
        assert np.mean(np.array(column, dtype=float)) == pytest.approx(value(name, seen))


def test_plots_are_thinned_and_keep_the_largest_errors() -> None:
    """Two hundred of many rows are drawn, the worst among them."""
    seen, _ = pair(5000)
    against, residuals = (e for e in exhibits(seen) if isinstance(e, Plot))
    assert len(against.lines[0].x) <= 200
    assert np.abs(residuals.lines[0].y).max() == np.abs(seen.error).max()
    assert against.reference


def test_a_constant_target_can_be_drawn() -> None:
    """One number throughout has a plot, without a range to give."""
    against, _ = (e for e in exhibits(made(np.full(3, 2.0), np.full(3, 2.0))) if isinstance(e, Plot))
    assert against.x_range is None
