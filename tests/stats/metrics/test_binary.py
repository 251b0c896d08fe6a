"""Metrics of two classes: equal to scikit-learn, with intervals that hold what they promise."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlcheck import registry
from mlcheck.model.predictions import Binary, Predictions
from mlcheck.stats.metrics.binary.rows import BinaryView
from mlcheck.stats.metrics.metric import Estimate, Undefined, compare, estimate
from mlcheck.stats.metrics.parameters import Parameters
from mlcheck.stats.metrics.resample import Sampling


def view(
    truth: Any,
    score: Any = None,
    *,
    sampling: Sampling | None = None,
    parameters: Parameters | None = None,
    **more: Any,
) -> BinaryView:
    """Return a view of labels (0 or 1) and scores."""
    content = Binary(
        truth=np.asarray(truth, dtype=bool),
        score=None if score is None else np.asarray(score),
        predicted=more.pop("predicted", None),
        kind=more.pop("kind", "probability"),
    )
    made = Predictions(
        id="a", source="a", reader="csv", task="binary", rows=len(content.truth), content=content, **more
    )
    found = registry.view(made, sampling or Sampling(replicates=50), parameters or Parameters())
    assert isinstance(found, BinaryView)
    return found


def value(name: str, v: BinaryView) -> float:
    """Return a metric's value."""
    return next(m for m in registry.metrics("binary", v) if m.name == name).value(v)


def estimated(name: str, v: BinaryView) -> Estimate:
    """Return a metric's value and interval."""
    return estimate(next(m for m in registry.metrics("binary", v) if m.name == name), v)


def of_scikit_learn(y: Any, s: Any, w: Any) -> dict[str, float]:
    """Return what scikit-learn says at a threshold of 0.5."""
    from sklearn import metrics

    said, wide = s >= 0.5, s.astype(np.float64)
    found = {
        "accuracy": metrics.accuracy_score(y, said, sample_weight=w),
        "balanced_accuracy": metrics.balanced_accuracy_score(y, said, sample_weight=w),
        "recall": metrics.recall_score(y, said, sample_weight=w),
        "specificity": metrics.recall_score(y, said, pos_label=0, sample_weight=w),
        "f1": metrics.f1_score(y, said, sample_weight=w, zero_division=0),
        "mcc": metrics.matthews_corrcoef(y, said, sample_weight=w),
        "kappa": metrics.cohen_kappa_score(y, said, sample_weight=w),
        "roc_auc": metrics.roc_auc_score(y, s, sample_weight=w),
        "average_precision": metrics.average_precision_score(y, s, sample_weight=w),
        "log_loss": metrics.log_loss(y, wide, sample_weight=w),
        "brier": metrics.brier_score_loss(y, wide, sample_weight=w),
    }
    return {
        **found,
        **({"precision": metrics.precision_score(y, said, sample_weight=w)} if said.any() else {}),
    }


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize("digits", [1, 2, 17])
def test_the_numbers_are_those_of_scikit_learn(weighted: bool, kind: type, digits: int) -> None:
    """Within 1e-12, with ties, weights and rare classes."""
    random = np.random.default_rng(digits)
    for _ in range(60):
        n = int(random.integers(4, 150))
        y = random.random(n) < random.uniform(0.05, 0.95)
        s: Any = np.round(random.random(n), digits).astype(kind)
        w = random.random(n) * 3 if weighted else None
        if y.all() or not y.any():
            continue
        v = view(y, s, weight=w)
        for name, expected in of_scikit_learn(y, s, w).items():
            assert value(name, v) == pytest.approx(expected, rel=1e-12, abs=1e-12), name


@given(st.lists(st.tuples(st.booleans(), st.floats(-1e6, 1e6, width=32)), min_size=2, max_size=60))
@settings(max_examples=200, deadline=None)
def test_areas_of_any_scores_are_those_of_all_pairs(rows: list[tuple[bool, float]]) -> None:
    """The AUC is the share of pairs in order, ties half, for negative scores and zeros of either sign, too."""
    y = np.array([a for a, _ in rows])
    s: Any = np.array([b for _, b in rows], dtype=np.float32)
    if y.all() or not y.any():
        return
    apart = s[y][:, None].astype(np.float64) - s[~y][None, :]
    expected = ((apart > 0) + 0.5 * (apart == 0)).mean()
    both: tuple[Any, ...] = (s, s.astype(np.float64))
    for scores in both:
        assert value("roc_auc", view(y, scores, kind="logit")) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("name", ["roc_auc", "average_precision", "mcc"])
def test_one_class_only_is_undefined_and_says_so(name: str) -> None:
    """Neither 0 nor NaN."""
    found = estimated(name, view([1, 1, 1], [0.2, 0.6, 0.9]))
    assert found.value is None
    assert "one class only" in found.reason


def test_precision_without_a_predicted_positive_is_undefined_and_f1_is_zero() -> None:
    """Nothing was predicted, so nothing was right or wrong about it."""
    v = view([0, 1, 1], [0.1, 0.2, 0.3])
    assert "nothing is predicted positive" in estimated("precision", v).reason
    assert value("f1", v) == 0


def test_large_logits_do_not_saturate() -> None:
    """A sigmoid in float32 would make ties of them and give 0.75."""
    v = view([0, 1, 0, 1], np.array([50, 60, 20, 90], dtype=np.float32), kind="logit")
    assert value("roc_auc", v) == 1.0
    assert value("log_loss", view([1], [-60.0], kind="logit")) == pytest.approx(60.0)


def test_the_average_precision_of_a_constant_score_is_the_share_of_positives() -> None:
    """Steps, not trapezoids."""
    assert value("average_precision", view([1, 1, 0, 0, 0], [0.5] * 5)) == pytest.approx(0.4)


def test_the_log_loss_of_a_certain_error_is_clipped_at_the_step_of_float64() -> None:
    """As scikit-learn clips it: 36.04 for the row."""
    assert value("log_loss", view([1, 0], [0.0, 0.0])) == pytest.approx(-np.log(np.finfo(np.float64).eps) / 2)


def test_predictions_that_are_given_win_over_the_usual_threshold() -> None:
    """Unless a threshold is asked for."""
    given_labels = np.array([True, False])
    assert value("accuracy", view([1, 0], [0.4, 0.6], predicted=given_labels)) == 1.0
    asked = view([1, 0], [0.4, 0.6], predicted=given_labels, parameters=Parameters(threshold=0.5))
    assert value("accuracy", asked) == 0.0


def test_the_threshold_itself_is_positive() -> None:
    """Predicted positive where score >= threshold."""
    assert value("recall", view([1, 0], [0.5, 0.1])) == 1.0


@pytest.mark.parametrize("name", ["roc_auc", "f1", "average_precision", "log_loss"])
def test_intervals_cover_the_truth_about_as_often_as_they_say(name: str) -> None:
    """Of 120 samples of 300 rows, 0.95 intervals hold the value of 200,000 rows in at least 0.9."""

    def sample(n: int, seed: int) -> BinaryView:
        random = np.random.default_rng(seed)
        y = random.random(n) < 0.3
        logit = random.normal(y * 1.5 - 1.2, 1.0)
        return view(y, 1 / (1 + np.exp(-logit)), sampling=Sampling(replicates=150, seed=seed))

    truth = value(name, sample(200_000, 999))
    held = 0
    for seed in range(120):
        found = estimated(name, sample(300, seed))
        assert found.low is not None
        assert found.high is not None
        held += found.low <= truth <= found.high
    assert held >= 106


def test_clusters_are_drawn_whole() -> None:
    """Every row ten times, told as clusters, has the interval of the rows once; not told, a narrower one."""
    random = np.random.default_rng(1)
    y = random.random(200) < 0.4
    s = np.clip(random.normal(0.3 + 0.2 * y, 0.2), 0, 1)
    often_y, often_s = np.repeat(y, 10), np.repeat(s, 10)
    told = Sampling(
        replicates=400, clusters=np.repeat(np.arange(200), 10).astype(np.int32), cluster_name="user"
    )
    once, clustered = (
        estimated("f1", view(y, s, sampling=Sampling(replicates=400))),
        estimated("f1", view(often_y, often_s, sampling=told)),
    )
    naive = estimated("f1", view(often_y, often_s, sampling=Sampling(replicates=400)))

    def width(e: Estimate) -> float:
        assert e.low is not None
        assert e.high is not None
        return e.high - e.low

    assert width(clustered) == pytest.approx(width(once), rel=0.15)
    assert width(naive) < 0.5 * width(once)
    assert "by user" in clustered.method


def test_a_model_compared_with_itself_differs_by_nothing() -> None:
    """Zero, an interval of no width, p = 1."""
    random = np.random.default_rng(2)
    y = random.random(300) < 0.4
    s = random.random(300)
    a, b = view(y, s), view(y, s.copy())
    for metric in registry.metrics("binary", a):
        found = compare(metric, a, b)
        assert found.difference == 0
        assert found.p_value == 1


def test_pairing_sees_a_difference_that_either_interval_hides() -> None:
    """Two models with nearly the same errors: the difference's interval is far narrower than either one's."""
    random = np.random.default_rng(5)
    y = random.random(800) < 0.4
    s = np.clip(random.normal(0.3 + 0.2 * y, 0.2), 0, 1)
    t = np.clip(s + 0.02 * (y - 0.5) + random.normal(0, 0.01, 800), 0, 1)
    a, b = view(y, t), view(y, s)
    alone, paired = (
        estimated("roc_auc", a),
        compare(next(m for m in registry.metrics("binary", a) if m.name == "roc_auc"), a, b),
    )
    assert paired.p_value is not None
    assert paired.p_value < 1e-4
    assert paired.low is not None
    assert alone.low is not None
    assert paired.high - paired.low < 0.3 * (alone.high - alone.low)  # type: ignore[operator]


def test_the_order_of_rows_changes_nothing() -> None:
    """But for rounding."""
    random = np.random.default_rng(8)
    y, s = random.random(200) < 0.4, random.random(200)
    order = random.permutation(200)
    one, other = view(y, s), view(y[order], s[order])
    for metric in registry.metrics("binary", one):
        assert metric.value(one) == pytest.approx(metric.value(other), rel=1e-12)


def test_a_metric_without_rows_says_that_there_are_none() -> None:
    """An empty file is no zero."""
    v = view([], np.array([], dtype=np.float64))
    for metric in registry.metrics("binary", v):
        with pytest.raises(Undefined):
            metric.value(v)
