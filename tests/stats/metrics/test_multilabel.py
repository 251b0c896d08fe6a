"""Metrics of several labels a row against scikit-learn on generated cases, their traps, and what must not change them."""

from __future__ import annotations

import warnings

import numpy as np
import numpy.typing as npt
import pytest
import sklearn
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sk

from mlcheck.model import Floats, Table
from mlcheck.model.predictions import Bools, Multilabel, Predictions, Reals, Regression, ScoreKind
from mlcheck.registry import metrics
from mlcheck.stats.intervals import wilson
from mlcheck.stats.metrics.metric import Undefined, compare, estimate
from mlcheck.stats.metrics.multilabel import curves
from mlcheck.stats.metrics.multilabel.exhibits import exhibits
from mlcheck.stats.metrics.multilabel.view import MultilabelView, view
from mlcheck.stats.metrics.parameters import Parameters
from mlcheck.stats.metrics.resample import Sampling

METRICS = {metric.name: metric for metric in metrics("multilabel")}
FAST = Sampling(replicates=200)
AREAS = ("macro_roc_auc", "micro_roc_auc", "macro_average_precision", "micro_average_precision")


def made(
    truth: npt.NDArray[np.bool_],
    *,
    scores: Reals | None = None,
    predicted: Bools | None = None,
    weight: Floats | None = None,
    kind: ScoreKind = "probability",
    sampling: Sampling = FAST,
    parameters: Parameters | None = None,
) -> MultilabelView:
    """Return a view of these predictions."""
    labels = tuple(f"l{i}" for i in range(truth.shape[1]))
    content = Multilabel(labels=labels, truth=truth, predicted=predicted, scores=scores, kind=kind)
    whole = Predictions(
        id="a", source="a", reader="a", task="multilabel", content=content, rows=len(truth), weight=weight
    )
    return view(whole, sampling, parameters or Parameters())


def value(name: str, of: MultilabelView) -> float:
    """Return a metric's value."""
    return METRICS[name].value(of)


def generated(seed: int) -> tuple[Bools, Floats, Floats | None]:
    """Return truth, scores and weights of one case: ties, constant scores, labels all true, none, or empty rows."""
    random = np.random.default_rng(seed)
    n, size = int(random.integers(1, 50)), int(random.integers(2, 7))
    truth = random.random((n, size)) < random.uniform(0, 1, size) * random.choice([0.3, 1.0])
    z = random.normal(size=(n, size)) + 2 * truth - 1
    scores = 1 / (1 + np.exp(-z))
    if seed % 3 == 0:
        scores = np.round(scores, 1)
    if seed % 17 == 0:
        scores[:] = 0.5
    weight = random.choice([0.25, 1.0, 3.0], size=n) if seed % 2 else None
    return truth, scores, weight


def test_metrics_of_predicted_labels_are_scikit_learns() -> None:
    """Hundreds of cases, weighted and not, agree within 1e-12; micro and weighted averages of 0 / 0 are undefined."""
    undefined = 0
    with sklearn.config_context(assume_finite=True, skip_parameter_validation=True):
        for seed in range(120):
            truth, scores, weight = generated(seed)
            predicted = scores >= 0.5
            seen = made(truth, scores=scores, weight=weight)
            expected = {
                "subset_accuracy": sk.accuracy_score(truth, predicted, sample_weight=weight),
                "hamming_loss": sk.hamming_loss(truth, predicted, sample_weight=weight),
            }
            for average in ("macro", "micro", "weighted", "samples"):
                found = sk.precision_recall_fscore_support(
                    truth, predicted, average=average, sample_weight=weight, zero_division=0
                )
                kinds = (f"{average}_{kind}" for kind in ("precision", "recall", "f1"))
                expected |= dict(zip(kinds, found[:3], strict=True))
            for name, theirs in expected.items():
                try:
                    ours = value(name, seen)
                except Undefined:
                    undefined += 1
                    assert theirs == 0, (seed, name)
                else:
                    assert ours == pytest.approx(theirs, rel=0, abs=1e-12), (seed, name)
    assert 0 < undefined < 50


def test_areas_are_scikit_learns() -> None:
    """Of labels with two classes, macro; of all decisions, micro; weighted and not, with ties."""
    compared = 0
    with sklearn.config_context(assume_finite=True, skip_parameter_validation=True):
        for seed in range(80):
            truth, scores, weight = generated(seed)
            both = truth.any(axis=0) & ~truth.all(axis=0)
            if not both.any():
                continue
            compared += 1
            seen = made(truth, scores=scores, weight=weight)
            for kind, peer in (
                ("roc_auc", sk.roc_auc_score),
                ("average_precision", sk.average_precision_score),
            ):
                macro = peer(truth[:, both], scores[:, both], average="macro", sample_weight=weight)
                assert value(f"macro_{kind}", seen) == pytest.approx(macro, rel=0, abs=1e-12), seed
                repeated = None if weight is None else weight.repeat(truth.shape[1])
                micro = peer(truth.ravel(), scores.ravel(), sample_weight=repeated)
                assert value(f"micro_{kind}", seen) == pytest.approx(micro, rel=0, abs=1e-12), seed
    assert compared > 60


def test_log_loss_is_the_mean_of_the_labels() -> None:
    """Scikit-learn's binary log-loss of each label, weighted and not, with certain and wrong scores."""
    for seed in range(40):
        truth, scores, weight = generated(seed)
        scores = np.where(scores > 0.9, 1.0, scores)
        each = [
            sk.log_loss(
                truth[:, i], scores[:, i].astype(np.float64), sample_weight=weight, labels=[False, True]
            )
            for i in range(truth.shape[1])
        ]
        seen = made(truth, scores=scores, weight=weight)
        assert value("log_loss", seen) == pytest.approx(np.mean(each), rel=1e-12)


def test_labels_of_one_class_are_left_out_of_macro_areas_and_said() -> None:
    """Where scikit-learn gives NaN: the mean of the others, a note that counts them, and a dash in the table."""
    truth, scores, _ = generated(4)
    truth[:, 0], truth[:, 1:] = False, np.arange(len(truth))[:, None] % 2 == 0
    seen = made(truth, scores=scores)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert np.isnan(sk.roc_auc_score(truth, scores, average="macro"))
    each = [sk.roc_auc_score(truth[:, i], scores[:, i]) for i in range(1, truth.shape[1])]
    assert value("macro_roc_auc", seen) == pytest.approx(np.mean(each))
    (table,) = exhibits(seen)
    assert isinstance(table, Table)
    assert f"left out of the macro areas: 1 of {truth.shape[1]}" in table.note
    assert table.rows[0][table.columns.index("roc_auc")] is None


@pytest.mark.parametrize("name", AREAS)
def test_labels_of_one_class_alone_have_no_area(name: str) -> None:
    """Undefined, with the reason."""
    truth = np.zeros((5, 2), dtype=bool)
    with pytest.raises(Undefined, match="one class only"):
        value(name, made(truth, scores=np.full((5, 2), 0.2)))


def test_a_label_neither_true_nor_predicted_counts_zero_in_macro_f1() -> None:
    """As in scikit-learn, and the table says so."""
    truth = np.array([[True, False], [False, False]])
    seen = made(truth, predicted=truth)
    assert value("macro_f1", seen) == 0.5
    (table,) = exhibits(seen)
    assert isinstance(table, Table)
    assert "0 in macro F1: 1 of 2" in table.note


def test_the_threshold_is_a_half_unless_chosen() -> None:
    """A score at the threshold is positive; logits are cut at 0; the file's own predictions go first."""
    truth = np.array([[True, False, True]])
    scores = np.array([[0.5, 0.49, 0.2]])
    assert made(truth, scores=scores).predicted.tolist() == [[True, False, False]]
    lower = made(truth, scores=scores, parameters=Parameters(threshold=0.2))
    assert lower.predicted.tolist() == [[True, True, True]]
    logits = np.log(scores / (1 - scores))
    assert made(truth, scores=logits, kind="logit").predicted.tolist() == [[True, False, False]]
    assert made(truth, scores=np.log(scores), kind="log-probability").predicted.tolist() == [
        [True, False, False]
    ]
    given_ = np.array([[False, True, False]])
    assert made(truth, scores=scores, predicted=given_).predicted is given_


def test_kinds_of_scores_give_the_same_log_loss() -> None:
    """Probabilities, their logarithms and log-odds are one model; large logits stay finite."""
    truth, p, _ = generated(1)
    views = (
        made(truth, scores=p),
        made(truth, scores=np.log(p), kind="log-probability"),
        made(truth, scores=np.log(p / (1 - p)), kind="logit"),
    )
    losses = [value("log_loss", seen) for seen in views]
    assert losses == pytest.approx([losses[0]] * 3, rel=1e-12)
    large = made(np.array([[True, False]]), scores=np.array([[-800.0, -800.0]]), kind="logit")
    assert value("log_loss", large) == 400


def test_predictions_alone_have_no_metrics_of_scores() -> None:
    """Without scores these are undefined, and the others are not."""
    truth = np.array([[True, False], [False, True], [True, True]])
    seen = made(truth, predicted=~truth)
    for metric in METRICS.values():
        found = estimate(metric, seen)
        assert (found.value is None) == (metric.name in {*AREAS, "log_loss"}), metric.name
        assert found.value is not None or found.reason == "there are no scores", metric.name
    assert len(exhibits(seen)) == 1


def test_no_rows_and_no_weight_are_undefined() -> None:
    """Nothing to count is said, never 0 or NaN."""
    truth, scores, _ = generated(1)
    for metric in METRICS.values():
        for seen in (
            made(truth[:0], scores=scores[:0]),
            made(truth, scores=scores, weight=np.zeros(len(truth))),
        ):
            assert estimate(metric, seen).value is None, metric.name
    assert exhibits(made(truth[:0], scores=scores[:0])) == ()


def test_a_view_is_of_labels() -> None:
    """Predictions of another task are refused."""
    content = Regression(targets=("y",), truth=np.zeros((1, 1)), predicted=np.zeros((1, 1)))
    other = Predictions(id="a", source="a", reader="a", task="regression", content=content, rows=1)
    with pytest.raises(TypeError, match="expected predictions of labels"):
        view(other, Sampling(), Parameters())


@given(seed=st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_the_order_of_rows_and_labels_does_not_matter(seed: int) -> None:
    """Shuffled rows and columns give the same numbers, and whole weights what copies give."""
    random = np.random.default_rng(seed)
    truth, scores = random.random((40, 4)) < 0.4, np.round(random.random((40, 4)), 2)
    truth[0], truth[1] = True, False
    copies = random.integers(1, 4, 40)
    rows, columns = random.permutation(copies.sum()), random.permutation(4)
    many = truth.repeat(copies, axis=0)[rows][:, columns]
    moved = made(many, scores=scores.repeat(copies, axis=0)[rows][:, columns])
    seen = made(truth, scores=scores, weight=copies.astype(np.float64))
    for name in METRICS:
        assert value(name, moved) == pytest.approx(value(name, seen), abs=1e-12), name


def pair(
    n: int = 300, *, weight: Floats | None = None, sampling: Sampling = FAST
) -> tuple[MultilabelView, MultilabelView]:
    """Return two models over the same rows, the first better."""
    random = np.random.default_rng(1)
    truth = random.random((n, 5)) < np.linspace(0.2, 0.6, 5)
    noise = random.normal(size=(n, 5))
    good = 1 / (1 + np.exp(-(noise + 4 * truth - 2)))
    poor = 1 / (1 + np.exp(-(noise + 1.5 * random.normal(size=(n, 5)) + 2 * truth - 1)))
    first, second = (made(truth, scores=s, weight=weight, sampling=sampling) for s in (good, poor))
    return first, second


def of_case(case: str) -> tuple[MultilabelView, MultilabelView]:
    """Return two models of a case."""
    n = 60_000 if "many" in case else 300
    weight = np.random.default_rng(1).random(n) if "weighted" in case else None
    groups = Sampling(replicates=200, clusters=(np.arange(n) // 4).astype(np.int32), cluster_name="user")
    return pair(n, weight=weight, sampling=groups if "clustered" in case else FAST)


@pytest.mark.parametrize("case", ["plain", "weighted", "clustered", "many", "many weighted clustered"])
def test_every_metric_has_an_interval_and_tells_the_better_model(case: str) -> None:
    """The number lies within; a clear difference has its sign and an interval without 0; against itself there is none."""
    better, worse = of_case(case)
    again, _ = of_case(case)
    for metric in METRICS.values():
        alone = estimate(metric, better)
        assert alone.value is not None, metric.name
        assert alone.low is not None, metric.name
        assert alone.high is not None, metric.name
        assert alone.method, metric.name
        assert alone.low < alone.value < alone.high, metric.name
        assert alone.high - alone.low < (0.02 if "many" in case else 0.15), metric.name
        found = compare(metric, better, worse)
        assert found.difference is not None, metric.name
        assert found.low is not None, metric.name
        assert found.high is not None, metric.name
        assert found.p_value is not None, metric.name
        assert (found.difference > 0) == (metric.better == "higher"), metric.name
        assert found.low * found.high > 0, metric.name
        assert found.p_value < 0.05, metric.name
        same = compare(metric, better, again)
        assert (same.difference, same.p_value) == (0, 1), metric.name


def test_the_spread_of_the_areas_is_that_of_the_bootstrap() -> None:
    """What rows move the areas by, and resampled rows, tell the same standard deviation."""
    seen, _ = pair(780, sampling=Sampling(replicates=500))
    for name in AREAS:
        average, kind = name.split("_", 1)
        moved = getattr(seen.by_label if average == "macro" else seen.pooled, f"moved_{kind}")
        assert np.sqrt(np.sum(moved**2)) == pytest.approx(seen.drawn_curves[name].std(), rel=0.12), name


def test_influences_are_derivatives_of_the_areas() -> None:
    """What a row moves an area by is its weight times the area's slope in that weight, ties included."""
    random = np.random.default_rng(3)
    truth, scores = random.random((30, 3)) < 0.4, np.round(random.random((30, 3)), 1)
    weight = random.random(30) + 0.2
    seen = made(truth, scores=scores, weight=weight)
    for row in range(0, 30, 5):
        step = np.zeros(30)
        step[row] = 1e-5 * weight[row]
        up, down = (made(truth, scores=scores, weight=weight + sign * step) for sign in (1, -1))
        for name in AREAS:
            average, kind = name.split("_", 1)
            moved = getattr(seen.by_label if average == "macro" else seen.pooled, f"moved_{kind}")
            assert moved[row] == pytest.approx((value(name, up) - value(name, down)) / 2e-5, abs=1e-7), name


def test_too_many_decisions_are_not_ranked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pooled ranking says that it was not made; the labels' areas are."""
    monkeypatch.setattr(curves, "MOST_POOLED", 1000)
    seen, _ = pair(300)
    assert estimate(METRICS["micro_roc_auc"], seen).reason.startswith("more than 1,000 decisions")
    assert estimate(METRICS["macro_roc_auc"], seen).value is not None


def test_the_table_of_labels_is_scikit_learns() -> None:
    """Each label's precision, recall, F1, areas and support, with Wilson's interval of the recall."""
    seen, _ = pair()
    (table,) = exhibits(seen)
    assert isinstance(table, Table)
    theirs = sk.precision_recall_fscore_support(seen.truth, seen.predicted)
    for column, expected in zip((1, 4, 7, 10), theirs, strict=True):
        assert [row[column] for row in table.rows] == pytest.approx(list(expected))
    areas = [sk.roc_auc_score(seen.truth[:, i], seen.scores[:, i]) for i in range(5)]
    assert [row[8] for row in table.rows] == pytest.approx(areas)
    assert table.rows[0][5:7] == pytest.approx(wilson(theirs[1][0], int(theirs[3][0])))


def test_of_many_labels_those_of_lowest_f1_are_shown() -> None:
    """Fifty of seventy, the worst among them, and a note that counts the others."""
    truth = np.arange(140)[:, None] % 2 == np.arange(70) % 2
    predicted = truth.copy()
    predicted[:, 66] = ~truth[:, 66]
    (table,) = exhibits(made(truth, predicted=predicted))
    assert isinstance(table, Table)
    assert len(table.rows) == 50
    assert "l66" in [row[0] for row in table.rows]
    assert table.note.endswith("not shown: 20")
