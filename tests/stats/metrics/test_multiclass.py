"""Metrics of several classes against scikit-learn on generated cases, their traps, and what must not change them."""

from __future__ import annotations

import warnings
from dataclasses import replace
from itertools import pairwise, permutations

import numpy as np
import numpy.typing as npt
import pytest
import sklearn
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sk

from mlcheck.model import Floats, Matrix, Plot, Table
from mlcheck.model.predictions import Codes, Multiclass, Partition, Predictions, Regression, ScoreKind
from mlcheck.registry import metrics
from mlcheck.stats.intervals import wilson
from mlcheck.stats.metrics.metric import Metric, Undefined, compare, estimate
from mlcheck.stats.metrics.multiclass.exhibits import exhibits
from mlcheck.stats.metrics.multiclass.scores import chosen
from mlcheck.stats.metrics.multiclass.view import MulticlassView, view
from mlcheck.stats.metrics.parameters import Parameters
from mlcheck.stats.metrics.places import places, total
from mlcheck.stats.metrics.resample import Sampling, grouped

METRICS = {metric.name: metric for metric in metrics("multiclass")}
FAST = Sampling(replicates=200)


def made(
    truth: npt.NDArray[np.integer],
    *,
    scores: Floats | None = None,
    predicted: npt.NDArray[np.integer] | None = None,
    labels: tuple[str, ...] | None = None,
    weight: Floats | None = None,
    kind: ScoreKind = "probability",
    sampling: Sampling = FAST,
    parameters: Parameters | None = None,
) -> MulticlassView:
    """Return a view of these predictions."""
    if scores is not None:
        k = scores.shape[1]
    else:
        k = 1 + int(np.concatenate([truth, truth if predicted is None else predicted]).max())
    content = Multiclass(
        labels=labels or tuple(f"c{i:03d}" for i in range(k)),
        truth=truth.astype(np.int32),
        predicted=None if predicted is None else predicted.astype(np.int32),
        scores=scores,
        kind=kind,
    )
    whole = Predictions(
        id="a", source="a", reader="a", task="multiclass", content=content, rows=len(truth), weight=weight
    )
    return view(whole, sampling, parameters or Parameters())


def value(name: str, of: MulticlassView) -> float:
    """Return a metric's value."""
    return METRICS[name].value(of)


def softmax(z: Floats) -> Floats:
    """Return probabilities (n, K) of logits."""
    raised = np.exp(z - z.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def generated(
    seed: int, *, every: bool = False, large: bool = False
) -> tuple[Codes, Floats, Floats | None, np.random.Generator]:
    """Return truth, probabilities and weights of one case: ties, constant scores, absent classes, one row.

    With `every` the truth holds every class.
    """
    random = np.random.default_rng(seed)
    k = int(random.integers(3, 9))
    n = int(random.integers(2 * k, 20 * k)) if every else int(random.integers(1, 60))
    n = 20 * n if large else n
    truth = random.integers(0, random.integers(1, k + 1), size=n).astype(np.int32)
    if every:
        truth = random.permutation(np.concatenate([np.arange(k), random.integers(0, k, n - k)])).astype(
            np.int32
        )
    z = random.normal(size=(n, k))
    z[np.arange(n), truth] += random.uniform(0, 4)
    if random.random() < 0.5:
        z = np.round(z)
    if random.random() < 0.05:
        z[:] = 0
    weight = random.choice([0.0, 0.25, 1.0, 3.0], size=n, p=[0.1, 0.3, 0.3, 0.3]) if seed % 2 else None
    if weight is not None and every:
        weight = weight + 0.5
    if weight is not None and weight.sum() == 0:
        weight = weight + 1
    return truth, softmax(z), weight, random


def of_classes(truth: Codes, predicted: Codes, weight: Floats | None) -> dict[str, float]:
    """Return scikit-learn's metrics of predicted classes, NaN where it warns that they are undefined."""
    found = {
        "accuracy": sk.accuracy_score(truth, predicted, sample_weight=weight),
        "balanced_accuracy": sk.balanced_accuracy_score(truth, predicted, sample_weight=weight),
        "mcc": sk.matthews_corrcoef(truth, predicted, sample_weight=weight),
    }
    for average in ("macro", "weighted"):
        precision, recall, f1, _ = sk.precision_recall_fscore_support(
            truth, predicted, average=average, sample_weight=weight, zero_division=0
        )
        found |= {f"{average}_precision": precision, f"{average}_recall": recall, f"{average}_f1": f1}
    found["micro_f1"] = sk.f1_score(truth, predicted, average="micro", sample_weight=weight)
    return found


def test_metrics_of_predicted_classes_are_scikit_learns() -> None:
    """Hundreds of generated cases, weighted and not, with absent classes, agree within 1e-12."""
    with (
        sklearn.config_context(assume_finite=True, skip_parameter_validation=True),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")
        for seed in range(180):
            truth, scores, weight, random = generated(seed)
            predicted = random.permutation(scores.argmax(axis=1)) if seed % 3 == 0 else scores.argmax(axis=1)
            seen = made(truth, scores=scores, predicted=predicted, weight=weight)
            expected = of_classes(truth, predicted, weight)
            counted = truth if weight is None else truth[weight > 0]
            if len(set(counted.tolist())) == 1:
                del expected["mcc"]
            for name, theirs in expected.items():
                assert value(name, seen) == pytest.approx(theirs, rel=0, abs=1e-12), (seed, name)


def test_kappa_is_scikit_learns_and_undefined_where_it_says_so() -> None:
    """Where truth and predictions are one and the same class, chance agrees wholly, and there is no kappa."""
    undefined = 0
    for seed in range(200):
        truth, scores, weight, _ = generated(seed)
        seen = made(truth, scores=scores, weight=weight)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            theirs = sk.cohen_kappa_score(truth, scores.argmax(axis=1), sample_weight=weight)
        if np.isnan(theirs):
            undefined += 1
            with pytest.raises(Undefined, match="one and the same class"):
                value("kappa", seen)
        else:
            assert value("kappa", seen) == pytest.approx(theirs, rel=0, abs=1e-12), seed
    assert undefined


def test_metrics_of_scores_are_scikit_learns() -> None:
    """Log-loss, Brier score and top-K accuracy, with ties and weights, agree within 1e-12."""
    with sklearn.config_context(assume_finite=True, skip_parameter_validation=True):
        for seed in range(200):
            truth, scores, weight, random = generated(seed)
            k, cutoff = scores.shape[1], int(random.integers(1, scores.shape[1]))
            seen = made(truth, scores=scores, weight=weight, parameters=Parameters(cutoffs=(cutoff,)))
            (top,) = chosen(Parameters(cutoffs=(cutoff,)))
            labels = np.arange(k)
            theirs = sk.top_k_accuracy_score(truth, scores, k=cutoff, labels=labels, sample_weight=weight)
            assert top.value(seen) == pytest.approx(theirs, rel=0, abs=1e-12), seed
            theirs = sk.log_loss(truth, scores.astype(np.float64), labels=labels, sample_weight=weight)
            assert value("log_loss", seen) == pytest.approx(theirs, rel=0, abs=1e-12), seed
            theirs = sk.brier_score_loss(truth, scores, labels=labels, sample_weight=weight)
            assert value("brier", seen) == pytest.approx(theirs, rel=0, abs=1e-12), seed


def test_areas_are_scikit_learns() -> None:
    """One against the rest and pairs of classes, with ties; the former with weights too."""
    with sklearn.config_context(assume_finite=True, skip_parameter_validation=True):
        for seed in range(60):
            truth, scores, weight, _ = generated(seed, every=True)
            seen = made(truth, scores=scores, weight=weight)
            theirs = sk.roc_auc_score(truth, scores, multi_class="ovr", sample_weight=weight)
            assert value("roc_auc_ovr", seen) == pytest.approx(theirs, rel=0, abs=1e-12), seed
            if weight is None:
                theirs = sk.roc_auc_score(truth, scores, multi_class="ovo")
                assert value("roc_auc_ovo", seen) == pytest.approx(theirs, rel=0, abs=1e-12), seed


def test_weighted_pairs_of_classes_are_binary_areas() -> None:
    """Hand & Till's M with weights is the mean of scikit-learn's weighted binary areas over ordered pairs."""
    for seed in range(1, 20, 2):
        truth, scores, weight, _ = generated(seed, every=True)
        assert weight is not None
        each = []
        for a, b in permutations(range(scores.shape[1]), 2):
            among = (truth == a) | (truth == b)
            each.append(sk.roc_auc_score(truth[among] == a, scores[among, a], sample_weight=weight[among]))
        seen = made(truth, scores=scores, weight=weight)
        assert value("roc_auc_ovo", seen) == pytest.approx(np.mean(each), rel=0, abs=1e-12)


@pytest.mark.parametrize("digits", [None, 2])
@pytest.mark.parametrize("kind", [np.float64, np.float32])
def test_the_area_of_many_rows_is_scikit_learns(kind: type, digits: int | None) -> None:
    """Tables in place of a search give the same area, with and without ties, in both precisions."""
    random = np.random.default_rng(0)
    truth = random.integers(0, 12, 50_000)
    z = random.normal(size=(50_000, 12))
    z[np.arange(50_000), truth] += 2
    scores: Floats = softmax(z).astype(kind)
    scores = scores if digits is None else np.round(scores, digits)
    each = [sk.roc_auc_score(truth == c, scores[:, c]) for c in range(12)]
    assert value("roc_auc_ovr", made(truth, scores=scores)) == pytest.approx(np.mean(each), rel=0, abs=1e-12)
    assert made(truth, scores=scores).areas.rest == pytest.approx(np.array(each), rel=0, abs=1e-12)


@given(
    spread=st.sampled_from([1e-300, 1e-3, 1.0, 1e6, 1e300]),
    steps=st.integers(1, 10_000),
    few=st.integers(1, 300),
    seed=st.integers(0, 1000),
)
@settings(max_examples=40, deadline=None)
def test_places_are_those_of_a_search(spread: float, steps: int, few: int, seed: int) -> None:
    """Whatever the scale, the sign and the number of equal values, the tables find what a binary search finds."""
    random = np.random.default_rng(seed)
    values = random.integers(-steps, steps + 1, 25_000) / steps * spread
    values[random.random(25_000) < 0.1] *= 1e-9
    ordered = np.sort(random.choice(values, few))
    left, right = places(values, ordered)
    assert np.array_equal(left, ordered.searchsorted(values, "left"))
    assert np.array_equal(right, ordered.searchsorted(values, "right"))
    assert total(values, ordered) == int(left.sum() + right.sum())


def test_negative_zero_is_zero() -> None:
    """-0.0 and 0.0 tie."""
    values = np.where(np.arange(30_000) % 2, 0.0, -0.0)
    left, right = places(values, np.array([-1.0, 0.0, 1.0]))
    assert set(left) == {1}
    assert set(right) == {2}


def test_ece_is_the_weighted_gap_of_its_bins() -> None:
    """The definition, bin by bin: open below, closed above, by the highest probability and whether its class is right."""
    for seed in range(60):
        truth, scores, weight, _ = generated(seed)
        w = np.ones(len(truth)) if weight is None else weight
        sure, right = scores.max(axis=1), scores.argmax(axis=1) == truth
        expected = 0.0
        for low, high in pairwise(np.linspace(0, 1, 16)):
            among = (sure > low) & (sure <= high)
            expected += abs(np.sum(w[among] * (right[among] - sure[among])))
        seen = made(truth, scores=scores, weight=weight)
        assert value("ece", seen) == pytest.approx(expected / w.sum(), rel=0, abs=1e-12)


def test_a_class_in_neither_truth_nor_predictions_is_not_averaged() -> None:
    """Macro F1 is over the classes that occur, though the scores have a column for another."""
    truth = np.array([0, 0, 1, 1])
    scores = np.array([[0.8, 0.2, 0.0], [0.6, 0.4, 0.0], [0.3, 0.7, 0.0], [0.9, 0.1, 0.0]])
    seen = made(truth, scores=scores)
    assert value("macro_f1", seen) == pytest.approx((0.8 + 2 / 3) / 2)
    assert [row[0] for row in table(seen, "classes").rows] == ["c000", "c001"]


def test_of_equal_scores_the_accuracy_takes_the_first_and_top_k_the_last() -> None:
    """As argmax and scikit-learn's top_k_accuracy_score do."""
    truth = np.array([0, 2])
    scores = np.ones((2, 3)) / 3
    seen = made(truth, scores=scores, parameters=Parameters(cutoffs=(1,)))
    (top,) = chosen(Parameters(cutoffs=(1,)))
    assert value("accuracy", seen) == 0.5
    assert seen.rows.before.tolist() == [2, 0]
    assert top.value(seen) == 0.5


def test_the_rank_of_the_truth_is_that_of_a_sort_for_very_many_classes() -> None:
    """Ranks of 3,000 classes, more than the bytes of a word can count, with ties."""
    random = np.random.default_rng(0)
    scores = softmax(np.round(random.normal(size=(40, 3000)), 1))
    truth = random.integers(0, 3000, 40)
    ranked = np.argsort(scores, axis=1, kind="stable")[:, ::-1]
    expected = np.argmax(ranked == truth[:, None], axis=1)
    assert made(truth, scores=scores).rows.before.tolist() == expected.tolist()
    few = softmax(np.round(random.normal(size=(400, 300)), 1))
    ranked = np.argsort(few, axis=1, kind="stable")[:, ::-1]
    expected = np.argmax(ranked == truth[:, None].repeat(10, axis=0) % 300, axis=1)
    assert made(truth.repeat(10) % 300, scores=few).rows.before.tolist() == expected.tolist()


def test_log_loss_of_certain_and_wrong_is_clipped_by_the_epsilon_of_float64() -> None:
    """A probability of 0 for the truth costs -log of 2.2e-16, whatever the type; never infinity."""
    truth = np.array([0, 1, 2])
    scores = np.array([[0.0, 1.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    assert value("log_loss", made(truth, scores=scores)) == pytest.approx(
        -np.log(np.finfo(np.float64).eps) / 3, abs=1e-12
    )
    narrow = made(truth, scores=scores.astype(np.float32))
    assert value("log_loss", narrow) == pytest.approx(-np.log(np.finfo(np.float64).eps) / 3, abs=1e-6)


def test_kinds_of_scores_give_the_same_metrics() -> None:
    """Probabilities, their logarithms and logits of any level are one model."""
    random = np.random.default_rng(3)
    truth = random.integers(0, 6, 300)
    z = random.normal(size=(300, 6))
    p = softmax(z)
    views = (
        made(truth, scores=p),
        made(truth, scores=np.log(p), kind="log-probability"),
        made(truth, scores=z + random.normal(size=(300, 1)) * 50, kind="logit"),
    )
    for name in ("log_loss", "brier", "ece", "roc_auc_ovr", "roc_auc_ovo", "top_k_accuracy@5", "macro_f1"):
        values = [value(name, seen) for seen in views]
        assert values == pytest.approx([values[0]] * 3, abs=1e-12), name


def test_large_logits_keep_their_order() -> None:
    """Where softmax rounds to 1, log-odds still rank the rows, and the log-loss stays finite."""
    truth = np.array([0, 0, 1, 1, 2, 2])
    scores = np.array([[900.0, 0, 0], [700, 0, 0], [150, 100, 0], [0, 800, 0], [0, 0, 600], [0, 0, 650]])
    seen = made(truth, scores=scores, kind="logit")
    assert value("roc_auc_ovr", seen) == 1.0
    assert value("log_loss", seen) == pytest.approx(50 / 6)


def test_zero_log_probability_is_clipped() -> None:
    """Minus infinity costs as much as a probability of 0; a finite logarithm what it says."""
    scores = np.array([[-np.inf, 0.0, -np.inf], [-50.0, -1e-22, -60.0]])
    seen = made(np.array([0, 0]), scores=scores, kind="log-probability")
    assert value("log_loss", seen) == pytest.approx((-np.log(np.finfo(np.float64).eps) + 50) / 2)


@pytest.mark.parametrize(
    ("name", "reason"),
    [("mcc", "one class only"), ("roc_auc_ovr", "one class only"), ("roc_auc_ovo", "one class only")],
)
def test_a_truth_of_one_class_is_undefined(name: str, reason: str) -> None:
    """Correlation and ranking need two classes; the reason is said."""
    seen = made(np.zeros(4, dtype=int), scores=softmax(np.arange(12.0).reshape(4, 3) % 5))
    found = estimate(METRICS[name], seen)
    assert found.value is None
    assert reason in found.reason


def test_a_class_without_rows_has_no_area_against_the_rest() -> None:
    """As in scikit-learn, of which the reason says the class; pairs are over the classes of the truth."""
    random = np.random.default_rng(0)
    truth, scores = random.integers(0, 3, 50), softmax(random.normal(size=(50, 5)))
    seen = made(truth, scores=scores)
    with pytest.raises(Undefined, match="no row of class c003 and 1 more"):
        value("roc_auc_ovr", seen)
    theirs = sk.roc_auc_score(truth, scores, multi_class="ovo", labels=np.arange(5))
    assert value("roc_auc_ovo", seen) == pytest.approx(theirs, abs=1e-12)


def test_top_k_of_as_many_classes_is_undefined() -> None:
    """The first five of four classes always hold the truth: scikit-learn warns, here it is said."""
    found = estimate(METRICS["top_k_accuracy@5"], made(np.arange(4), scores=np.eye(4)))
    assert found.value is None
    assert "of 4 classes the first 5" in found.reason


def test_predictions_alone_have_no_metrics_of_scores() -> None:
    """Without scores these are undefined, and the others are not."""
    seen = made(np.array([0, 1, 2, 2]), predicted=np.array([0, 1, 1, 2]))
    for metric in METRICS.values():
        found = estimate(metric, seen)
        assert (found.value is None) == (metric.name in SCORED), metric.name
        assert found.value is not None or "no scores per class" in found.reason


SCORED = {"top_k_accuracy@5", "log_loss", "brier", "ece", "roc_auc_ovr", "roc_auc_ovo"}


def test_no_rows_and_no_weight_are_undefined() -> None:
    """Nothing to count is said, never 0 or NaN."""
    empty = made(np.empty(0, dtype=int), scores=np.empty((0, 3)))
    weightless = made(np.array([0, 1, 2]), scores=np.eye(3), weight=np.zeros(3))
    for metric in METRICS.values():
        for seen in (empty, weightless):
            assert estimate(metric, seen).value is None, metric.name
    assert exhibits(empty) == ()


def test_a_view_is_of_several_classes() -> None:
    """Predictions of another task are refused."""
    content = Regression(targets=("y",), truth=np.zeros((1, 1)), predicted=np.zeros((1, 1)))
    other = Predictions(id="a", source="a", reader="a", task="regression", content=content, rows=1)
    with pytest.raises(TypeError, match="expected predictions of several classes"):
        view(other, Sampling(), Parameters())


@given(seed=st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_neither_the_order_of_rows_nor_the_names_of_classes_matter(seed: int) -> None:
    """Shuffled rows and renumbered classes give the same numbers (where no scores tie)."""
    random = np.random.default_rng(seed)
    truth = np.concatenate([np.arange(6), random.integers(0, 6, 60)])
    scores = softmax(random.normal(size=(66, 6)))
    weight = random.random(66)
    rows, names = random.permutation(66), random.permutation(6)
    there = np.argsort(names)
    moved = made(there[truth[rows]], scores=scores[rows][:, names], weight=weight[rows])
    seen = made(truth, scores=scores, weight=weight)
    for name in METRICS:
        assert value(name, moved) == pytest.approx(value(name, seen), abs=1e-12), name


def test_a_weight_is_a_number_of_copies() -> None:
    """Whole weights give what repeated rows give."""
    random = np.random.default_rng(5)
    truth, scores = np.arange(60) % 6, softmax(random.normal(size=(60, 6)))
    copies = random.integers(0, 4, 60) + (np.arange(60) < 6)
    repeated = made(truth.repeat(copies), scores=scores.repeat(copies, axis=0))
    weighted = made(truth, scores=scores, weight=copies.astype(np.float64))
    for name in METRICS:
        assert value(name, weighted) == pytest.approx(value(name, repeated), abs=1e-12), name


def pair(n: int = 400, *, seed: int = 0, **more: object) -> tuple[MulticlassView, MulticlassView]:
    """Return two models over the same rows, the first better."""
    random = np.random.default_rng(seed)
    truth = random.integers(0, 6, n)
    noise = random.normal(size=(n, 6))
    hint = np.eye(6)[truth]
    first = softmax(noise + 1.4 * hint)
    second = softmax(noise + 0.5 * random.normal(size=(n, 6)) + 0.6 * hint)
    return made(truth, scores=first, **more), made(truth, scores=second, **more)  # type: ignore[arg-type]


def clusters(n: int) -> Sampling:
    """Return sampling by groups of four rows."""
    return Sampling(replicates=200, clusters=(np.arange(n) // 4).astype(np.int32), cluster_name="user")


@pytest.mark.parametrize("case", ["plain", "weighted", "clustered", "many", "many clustered"])
def test_every_metric_has_an_interval_that_holds_it(case: str) -> None:
    """Plain, weighted, clustered and many rows: each number lies within its interval, and the method is named."""
    n = 60_000 if "many" in case else 400
    weight = np.random.default_rng(1).random(n) if case == "weighted" else None
    seen, _ = pair(n, weight=weight, sampling=clusters(n) if "clustered" in case else FAST)
    for metric in METRICS.values():
        found = estimate(metric, seen)
        assert found.value is not None, metric.name
        assert found.low is not None, metric.name
        assert found.high is not None, metric.name
        assert found.method, metric.name
        assert found.low <= found.value <= found.high, metric.name
        assert found.high - found.low < (0.02 if n > 400 else 0.35), metric.name


def test_clusters_of_copies_widen_the_intervals_as_fewer_rows_would() -> None:
    """Rows copied four times and said to belong together give the interval of the single rows."""
    truth, scores = pair(300)[0].truth, pair(300)[0].scores
    single = made(truth, scores=scores.astype(np.float64), sampling=Sampling(replicates=1000))
    copied = made(
        truth.repeat(4),
        scores=scores.repeat(4, axis=0).astype(np.float64),
        sampling=replace(clusters(1200), replicates=1000),
    )
    for metric in METRICS.values():
        one, four = estimate(metric, single), estimate(metric, copied)
        assert one.high is not None and one.low is not None and four.high is not None and four.low is not None  # noqa: PT018
        assert four.high - four.low == pytest.approx(one.high - one.low, rel=0.25), metric.name


def test_rows_that_are_all_right_still_leave_doubt() -> None:
    """Resampling shows no spread of an accuracy of 1: Wilson's interval of the clusters, or the effective rows, does."""
    truth, sure = np.arange(80) % 4, np.eye(4)[np.arange(80) % 4]
    by_cluster = estimate(METRICS["accuracy"], made(truth, scores=sure, sampling=clusters(80)))
    assert (by_cluster.low, by_cluster.high) == pytest.approx(wilson(1.0, 20))
    weight = np.where(np.arange(80) < 10, 100.0, 1e-6)
    weighted = estimate(METRICS["accuracy"], made(truth, scores=sure, weight=weight))
    assert (weighted.low, weighted.high) == pytest.approx(wilson(1.0, 10))


def test_one_row_or_one_cluster_has_no_spread() -> None:
    """Resampling the only unit shows nothing: no interval, and the reason."""
    single = made(np.array([0]), scores=softmax(np.array([[1.0, 0.4, 0.1]])))
    truth, scores = np.arange(12) % 3, softmax(np.random.default_rng(0).normal(size=(12, 3)))
    together = Sampling(replicates=50, clusters=np.zeros(12, dtype=np.int32))
    for metric in METRICS.values():
        if metric.name in {"accuracy", "micro_f1", "weighted_recall"}:
            continue
        for seen, unit in ((single, "row"), (made(truth, scores=scores, sampling=together), "cluster")):
            found = estimate(metric, seen)
            assert found.low is None, metric.name
            assert found.value is None or f"a single {unit} has no spread" in found.reason, metric.name


def test_draws_of_cells_spread_as_draws_of_rows() -> None:
    """The multinomial of the confusion matrix is the bootstrap of its rows."""
    seen, _ = pair(600, sampling=Sampling(replicates=1500))
    for name, draws in seen.drawn_cells.items():
        assert np.std(draws) == pytest.approx(np.std(seen.drawn[name]), rel=0.12), name
        assert np.mean(draws) == pytest.approx(np.mean(seen.drawn[name]), abs=0.003), name


def test_influences_are_derivatives_of_the_areas() -> None:
    """What a row moves an area by is its weight times the area's slope in that weight."""
    for seed in (1, 3):
        truth, scores, weight, _ = generated(seed, every=True)
        assert weight is not None
        seen = made(truth, scores=scores, weight=weight)
        for row in range(0, len(truth), 7):
            step = np.zeros(len(truth))
            step[row] = 1e-5 * weight[row]
            up, down = (made(truth, scores=scores, weight=weight + sign * step) for sign in (1, -1))
            for name, moved in (
                ("roc_auc_ovr", seen.areas.moved_rest),
                ("roc_auc_ovo", seen.areas.moved_pairs),
            ):
                slope = (value(name, up) - value(name, down)) / 2e-5
                assert moved[row] == pytest.approx(slope, abs=1e-7)


def test_the_spread_of_the_areas_is_that_of_the_bootstrap() -> None:
    """DeLong's components and resampled rows tell the same standard deviation."""
    seen, other = pair(900, sampling=Sampling(replicates=600))
    for name, moved, moved_other in (
        ("rest", seen.areas.moved_rest, other.areas.moved_rest),
        ("pairs", seen.areas.moved_pairs, other.areas.moved_pairs),
    ):
        drawn = seen.drawn_areas[name]
        assert np.sqrt(np.sum(moved**2)) == pytest.approx(drawn.std(), rel=0.1)
        apart = drawn - other.drawn_areas[name]
        assert np.sqrt(np.sum((moved - moved_other) ** 2)) == pytest.approx(apart.std(), rel=0.1)


@pytest.mark.parametrize("case", ["plain", "weighted", "clustered", "many", "many clustered"])
def test_a_model_against_itself_differs_by_nothing(case: str) -> None:
    """Draws are paired: the difference is 0 with no spread and p = 1."""
    n = 60_000 if "many" in case else 200
    weight = np.random.default_rng(1).random(n) if case == "weighted" else None
    seen, _ = pair(n, weight=weight, sampling=clusters(n) if "clustered" in case else FAST)
    again, _ = pair(n, weight=weight, sampling=clusters(n) if "clustered" in case else FAST)
    for metric in METRICS.values():
        found = compare(metric, seen, again)
        assert found.difference == 0, metric.name
        assert found.p_value == 1, metric.name
        assert found.low is not None, metric.name
        assert abs(found.low) < 0.01, metric.name


@pytest.mark.parametrize("n", [400, 60_000])
def test_the_better_model_is_told_by_every_metric(n: int) -> None:
    """A clear difference has its sign, an interval without 0 and a small p-value."""
    better, worse = pair(n)
    for metric in METRICS.values():
        if metric.name == "ece":
            continue
        found = compare(metric, better, worse)
        assert found.difference is not None, metric.name
        assert found.low is not None, metric.name
        assert found.high is not None, metric.name
        assert found.p_value is not None, metric.name
        assert (found.difference > 0) == (metric.better == "higher"), metric.name
        assert found.low <= found.difference <= found.high, metric.name
        assert found.low * found.high > 0, metric.name
        assert found.p_value < 0.05, metric.name


def test_many_rows_are_drawn_by_random_groups() -> None:
    """The groups are of equal size, the same for two models, and clusters stay whole in them."""
    dealt = grouped(100_001, Sampling(seed=4))
    assert dealt.clusters is not None
    assert np.ptp(np.bincount(dealt.clusters)) <= 1
    again = grouped(100_001, Sampling(seed=4)).clusters
    assert np.array_equal(dealt.clusters, np.asarray(again))
    assert "random groups of rows" in dealt.told
    users = np.random.default_rng(0).integers(0, 20_000, 60_000).astype(np.int32)
    whole = grouped(60_000, Sampling(clusters=users, cluster_name="user"))
    assert whole.clusters is not None
    assert len(np.unique(users * 10_000 + whole.clusters)) == len(np.unique(users))
    assert grouped(1000, Sampling()).clusters is None


def table(seen: MulticlassView, title: str) -> Table:
    """Return the table of that title."""
    (found,) = (e for e in exhibits(seen) if isinstance(e, Table) and e.title == title)
    return found


def test_the_table_of_classes_is_scikit_learns() -> None:
    """Precision, recall, F1 and support of each class, with Wilson's interval of the recall as a bar."""
    seen, _ = pair(300)
    theirs = sk.precision_recall_fscore_support(seen.truth, seen.predicted)
    found = table(seen, "classes")
    for column, expected in zip((1, 4, 7, 9), theirs, strict=True):
        assert [row[column] for row in found.rows] == pytest.approx(list(expected))
    areas = [sk.roc_auc_score(seen.truth == c, seen.scores[:, c]) for c in range(6)]
    assert [row[8] for row in found.rows] == pytest.approx(areas)
    assert all(bar is not None and bar.low is not None and bar.low < bar.value for bar in found.bars)


def test_the_confusion_matrix_is_scikit_learns() -> None:
    """Truth down, prediction across."""
    seen, _ = pair(300)
    (matrix,) = (e for e in exhibits(seen) if isinstance(e, Matrix))
    assert np.array_equal(matrix.counts, sk.confusion_matrix(seen.truth, seen.predicted))


def test_of_many_classes_the_most_confused_are_shown() -> None:
    """Fifty classes, all errors between two: both are in the matrix, their pair leads the table, which names the rest."""
    truth = np.arange(3000) % 60
    predicted = np.where((truth == 41) & (np.arange(3000) < 1500), 7, truth)
    seen = made(truth, predicted=predicted)
    (matrix,) = (e for e in exhibits(seen) if isinstance(e, Matrix))
    assert len(matrix.rows) == 20
    assert {"c007", "c041"} <= set(matrix.rows)
    assert table(seen, "most confused").rows[0][:3] == ("c041", "c007", 25.0)
    assert len(table(seen, "classes").rows) == 50
    assert "10 classes of better recall" in table(seen, "classes").note


def test_cells_of_very_many_classes_are_counted_without_a_matrix() -> None:
    """Five thousand classes: the cells that occur, and the macro F1 of scikit-learn."""
    random = np.random.default_rng(0)
    truth = random.integers(0, 5000, 2000)
    predicted = np.where(random.random(2000) < 0.5, truth, random.integers(0, 5000, 2000))
    seen = made(truth, predicted=predicted, labels=tuple(map(str, range(5000))))
    assert seen.cells[2].sum() == 2000
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert value("macro_f1", seen) == pytest.approx(sk.f1_score(truth, predicted, average="macro"))


def test_reliability_lies_on_the_bins_means() -> None:
    """Each point is a bin's mean probability and share right; their weighted gaps are the ECE."""
    seen, _ = pair(500)
    (plot,) = (e for e in exhibits(seen) if isinstance(e, Plot))
    assert seen.bin_of is not None
    counts = np.bincount(seen.bin_of)
    gaps = np.abs(plot.lines[0].y - plot.lines[0].x) * counts[counts > 0]
    assert gaps.sum() / 500 == pytest.approx(value("ece", seen))


def test_the_interval_of_good_calibration_reaches_zero() -> None:
    """A perfectly calibrated model's ECE is chance alone, which its interval says."""
    random = np.random.default_rng(2)
    scores = softmax(random.normal(size=(800, 4)))
    truth = (scores.cumsum(axis=1) < random.random((800, 1))).sum(axis=1).clip(max=3)
    found = estimate(METRICS["ece"], made(truth, scores=scores))
    assert found.value is not None
    assert found.value > 0.01
    assert found.low == 0


def test_probabilities_that_do_not_add_to_one_are_seen() -> None:
    """The pass over the scores says whether rows add to 1."""
    scores = softmax(np.random.default_rng(0).normal(size=(50, 4)))
    assert made(np.arange(50) % 4, scores=scores).rows.adds_up
    assert made(np.arange(50) % 4, scores=scores.astype(np.float32)).rows.adds_up
    assert not made(np.arange(50) % 4, scores=scores * 0.99).rows.adds_up


def test_chosen_cutoffs_name_their_metrics() -> None:
    """Each chosen K has its own metric."""
    parameters = Parameters(cutoffs=(1, 3))
    found: tuple[Metric, ...] = chosen(parameters)
    assert [metric.name for metric in found] == ["top_k_accuracy@1", "top_k_accuracy@3"]
    seen = made(np.arange(6), scores=np.eye(6), parameters=parameters)
    with pytest.raises(Undefined, match="not among the chosen"):
        value("top_k_accuracy@5", seen)


def test_partitions_do_not_matter_to_the_view() -> None:
    """Groups to be told apart are the command's; the view takes clusters from the sampling."""
    seen, _ = pair(40)
    by = Partition(column="site", code=np.zeros(40, dtype=np.int32), names=("x",))
    whole = Predictions(
        id="a", source="a", reader="a", task="multiclass", content=seen.content, rows=40, by=by, clusters=by
    )
    assert view(whole, FAST, Parameters()).plain
