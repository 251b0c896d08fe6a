"""The metrics of two classes equal scikit-learn's on thousands of generated cases, and what no library defines is said."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sk

from mlcheck.registry import metrics
from mlcheck.stats.metrics.binary import keys
from mlcheck.stats.metrics.binary.confusion import f_beta
from mlcheck.stats.metrics.metric import Undefined, estimate
from tests.stats.metrics.binary_cases import Case, cases, viewed

if TYPE_CHECKING:
    import random as std_random
    from collections.abc import Callable

    from mlcheck.model.predictions import ScoreKind
    from mlcheck.stats.metrics.binary.rows import BinaryView
    from mlcheck.stats.metrics.metric import Metric

NAMED: dict[str, Metric] = {metric.name: metric for metric in metrics("binary")} | {
    "f2": f_beta(2),
    "f0.5": f_beta(0.5),
}
TOLERANCE = 1e-12


def calibration_error(truth: Any, score: Any, sample_weight: Any, bins: int = 15) -> float:
    """Return the ECE, written out bin by bin."""
    w = np.ones(len(truth)) if sample_weight is None else sample_weight
    total = 0.0
    for i in range(bins):
        low, high = np.linspace(0, 1, bins + 1)[[i, i + 1]]
        inside = ((score > low) | (i == 0)) & ((score <= high) | (i == bins - 1))
        total += abs((w * (score - truth))[inside].sum())
    return float(total / w.sum())


def lift(truth: Any, score: Any, sample_weight: Any, share: float = 0.1) -> float:
    """Return the recall of the highest tenth over a tenth, by interpolating recall over what is flagged."""
    w = np.ones(len(truth)) if sample_weight is None else sample_weight
    scores = np.unique(score)[::-1]
    flagged = [0.0, *(w[score >= s].sum() for s in scores)]
    found = [0.0, *(w[(score >= s) & truth].sum() for s in scores)]
    return float(np.interp(share * flagged[-1], flagged, found) / found[-1] / share)


ON_CLASSES: dict[str, Callable[..., float]] = {
    "accuracy": sk.accuracy_score,
    "balanced_accuracy": sk.balanced_accuracy_score,
    "precision": sk.precision_score,
    "recall": sk.recall_score,
    "specificity": lambda y, p, sample_weight: sk.recall_score(~y, ~p, sample_weight=sample_weight),
    "f1": sk.f1_score,
    "f2": lambda y, p, sample_weight: sk.fbeta_score(y, p, beta=2, sample_weight=sample_weight),
    "f0.5": lambda y, p, sample_weight: sk.fbeta_score(y, p, beta=0.5, sample_weight=sample_weight),
    "mcc": sk.matthews_corrcoef,
    "kappa": sk.cohen_kappa_score,
}
ON_SCORES: dict[str, Callable[..., float]] = {
    "roc_auc": sk.roc_auc_score,
    "average_precision": sk.average_precision_score,
    "log_loss": sk.log_loss,
    "brier": sk.brier_score_loss,
    "ece": calibration_error,
    "lift@10%": lift,
}


def disagreements(case: Case) -> list[str]:
    """Return the metrics whose value is not the reference's."""
    view = viewed(case.truth, case.score, weight=case.weight)
    found = []
    for name, reference in (ON_CLASSES | ON_SCORES).items():
        theirs_of = view.predicted if name in ON_CLASSES else case.score.astype(np.float64)
        try:
            ours = NAMED[name].value(view)
        except Undefined:
            undefined = {"precision": not view.predicted.any()}
            if not undefined.get(name, False):
                found.append(f"{name} is undefined")
            continue
        theirs = reference(case.truth, theirs_of, sample_weight=case.weight)
        if not abs(ours - theirs) <= TOLERANCE:
            found.append(f"{name}: {ours!r} for {theirs!r}")
    return found


@pytest.mark.parametrize("seed", range(3))
def test_every_metric_equals_scikit_learn(seed: int) -> None:
    """Within 1e-12 on cases of ties, constants, weights, float32 and probabilities of 0 and 1."""
    wrong = [found for case in cases(48, seed=seed) if (found := disagreements(case))]
    assert not wrong


def value(name: str, view: BinaryView) -> float:
    """Return a metric's value."""
    return NAMED[name].value(view)


def reason(name: str, view: BinaryView) -> str:
    """Return why a metric has no value."""
    made = estimate(NAMED[name], view)
    assert made.value is None
    return made.reason


@pytest.mark.parametrize("truth", [[True] * 5, [False] * 5])
@pytest.mark.parametrize("name", ["roc_auc", "average_precision", "mcc", "lift@10%"])
def test_one_class_leaves_ranking_undefined(truth: list[bool], name: str) -> None:
    """Neither 0 nor 1 nor a half: the reason is said."""
    view = viewed(truth, [0.1, 0.6, 0.3, 0.9, 0.2])
    assert reason(name, view) == "the truth holds one class only"
    assert value("log_loss", view) > 0
    assert value("accuracy", view) in {0.4, 0.6}


def test_what_is_divided_by_nothing_is_undefined() -> None:
    """Precision without a predicted positive, recall without a positive; F1 only without both."""
    nothing_flagged = viewed([True, False], [0.1, 0.2])
    assert reason("precision", nothing_flagged) == "nothing is predicted positive"
    assert value("f1", nothing_flagged) == 0
    assert value("mcc", nothing_flagged) == 0
    nothing_there = viewed([False, False], [0.1, 0.2])
    assert reason("recall", nothing_there) == "the truth holds no positive"
    assert reason("f1", nothing_there) == "neither truth nor prediction holds a positive"
    assert reason("specificity", viewed([True], [0.1])) == "the truth holds no negative"
    assert reason("kappa", nothing_there).startswith("truth and prediction are one")


def test_large_logits_are_ranked_as_they_are() -> None:
    """1.0, where a sigmoid in float32 would make ties of them and say 0.75."""
    logit = np.array([20.0, 25.0, 90.0, 100.0], dtype=np.float32)
    assert value("roc_auc", viewed([False, False, True, True], logit, kind="logit")) == 1.0


def test_the_loss_of_a_logit_does_not_saturate() -> None:
    """ln(1 + exp(-z)) far beyond where 1 / (1 + exp(-z)) is 0 or 1."""
    view = viewed([True, False, True], [-800.0, 750.0, 40.0], kind="logit")
    assert value("log_loss", view) == pytest.approx((800 + 750 + np.exp(-40.0)) / 3, rel=1e-15)
    assert value("brier", view) == pytest.approx(2 / 3)


@pytest.mark.parametrize("kind", ["logit", "log-probability"])
def test_other_scales_give_the_numbers_of_their_probabilities(kind: ScoreKind) -> None:
    """Logits and logarithms of the same probabilities; their threshold moves with them."""
    random = np.random.default_rng(0)
    p = random.uniform(0.01, 0.99, 300)
    truth = random.random(300) < p
    score = np.log(p / (1 - p)) if kind == "logit" else np.log(p)
    plain, other = viewed(truth, p), viewed(truth, score, kind=kind)
    for name in NAMED:
        assert value(name, other) == pytest.approx(value(name, plain), rel=1e-12), name


def test_a_constant_score_has_the_share_of_positives_as_average_precision() -> None:
    """0.4 by steps; a trapezoid would say 0.7."""
    view = viewed([True, True, False, False, False], np.full(5, 0.5))
    assert value("average_precision", view) == pytest.approx(0.4)
    assert value("roc_auc", view) == 0.5
    assert view.ranks.distinct == 1


def test_a_certain_and_wrong_probability_costs_what_the_epsilon_allows() -> None:
    """Clipped by float64's epsilon for float32 too, and counted."""
    for kind in (np.float32, np.float64):
        view = viewed([True, False, True], np.array([0, 1, 1], dtype=kind))
        assert value("log_loss", view) == pytest.approx(2 / 3 * 36.04365338911715, rel=1e-12)
        assert view.chances.certain_and_wrong == 2


def test_infinite_logits_are_certain() -> None:
    """Ranked at the ends; a wrong one costs as much as a wrong probability of 0."""
    view = viewed([True, False, True], [np.inf, -np.inf, -np.inf], kind="logit")
    assert value("roc_auc", view) == 0.75
    assert value("log_loss", view) == pytest.approx(36.04365338911715 / 3)


def test_zeros_of_both_signs_are_one_score() -> None:
    """-0.0 ties with 0.0, whatever else there is."""
    assert value("roc_auc", viewed([True, False], [-0.0, 0.0])) == 0.5
    below = viewed([True, False, False], [-0.0, 0.0, -1.0], kind="logit")
    assert value("roc_auc", below) == 0.75


def test_the_least_differences_count() -> None:
    """Neighbouring floats, subnormal ones among them, are different scores."""
    for score in (
        [5e-324, 0.0],
        [np.nextafter(0.5, 1), 0.5],
        [-0.5, np.nextafter(-0.5, -1)],
        [3.0, 2.9999999999999996],
    ):
        assert value("roc_auc", viewed([True, False], score, kind="logit")) == 1.0


def test_a_row_at_the_threshold_is_predicted_positive() -> None:
    """Score >= threshold, 0.5 unless chosen; in the type of the scores."""
    assert viewed([True, True], [0.5, 0.49]).predicted.tolist() == [True, False]
    assert viewed([True, True], [0.5, 0.0], threshold=0.7).predicted.tolist() == [False, False]
    assert viewed([True], np.array([0.7], dtype=np.float32), threshold=0.7).predicted.tolist() == [True]
    assert viewed([True, True], [0.0, -0.1], kind="logit").predicted.tolist() == [True, False]


def test_predictions_of_the_file_win_over_scores() -> None:
    """Unless a threshold is chosen."""
    score, predicted = [0.9, 0.1], [False, True]
    told = viewed([True, False], score, predicted=predicted)
    assert value("accuracy", told) == 0
    assert told.threshold is None
    assert value("accuracy", viewed([True, False], score, predicted=predicted, threshold=0.5)) == 1


def test_without_scores_only_predictions_are_judged() -> None:
    """What needs scores says so."""
    view = viewed([True, False, True], predicted=[True, False, False])
    assert value("recall", view) == 0.5
    for name in ("roc_auc", "average_precision", "log_loss", "brier", "ece", "lift@10%"):
        assert reason(name, view) == "there are predicted classes but no scores"


def scores_and_truth() -> st.SearchStrategy[tuple[list[float], list[bool]]]:
    """Return rows of both classes whose scores often tie."""
    row = st.tuples(st.integers(-40, 40).map(lambda x: x / 8), st.booleans())
    rows = st.lists(row, min_size=2, max_size=40).filter(lambda made: len({label for _, label in made}) == 2)
    return rows.map(lambda made: ([score for score, _ in made], [label for _, label in made]))


@settings(max_examples=60, deadline=None)
@given(scores_and_truth(), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(
    rows: tuple[list[float], list[bool]], random: std_random.Random
) -> None:
    """Shuffled rows have the same values."""
    score, truth = rows
    order = list(range(len(score)))
    random.shuffle(order)
    one = viewed(truth, score, kind="logit")
    other = viewed([truth[i] for i in order], [score[i] for i in order], kind="logit")
    assert one.ranks == other.ranks
    assert one.confusion == other.confusion
    assert value("log_loss", one) == pytest.approx(value("log_loss", other), rel=1e-12)


@settings(max_examples=60, deadline=None)
@given(scores_and_truth())
def test_ranking_sees_the_order_of_scores_only(rows: tuple[list[float], list[bool]]) -> None:
    """Shift and scale change nothing; turning scores and labels round leaves the AUC."""
    score, truth = np.array(rows[0]), np.array(rows[1])
    here = viewed(truth, score, kind="logit").ranks
    moved = viewed(truth, 4 * score + 64, kind="logit").ranks
    assert dataclasses.astuple(here)[:3] == pytest.approx(dataclasses.astuple(moved)[:3], rel=1e-14)
    assert viewed(~truth, -score, kind="logit").ranks.auc == pytest.approx(here.auc, rel=1e-13)
    assert viewed(truth, -score, kind="logit").ranks.auc == pytest.approx(1 - here.auc, abs=1e-13)


@settings(max_examples=40, deadline=None)
@given(scores_and_truth(), st.data())
def test_a_weight_is_a_number_of_copies(rows: tuple[list[float], list[bool]], data: st.DataObject) -> None:
    """Weights 1..3 give what repeated rows give."""
    score, truth = np.array(rows[0]), np.array(rows[1])
    copies = np.array(data.draw(st.lists(st.integers(1, 3), min_size=len(score), max_size=len(score))))
    weighed = viewed(truth, score, weight=copies, kind="logit")
    repeated = viewed(np.repeat(truth, copies), np.repeat(score, copies), kind="logit")
    for name, metric in NAMED.items():
        made, expected = (estimate(metric, view).value for view in (weighed, repeated))
        assert (made is None) == (expected is None), name
        assert made is None or made == pytest.approx(expected, rel=1e-12, abs=1e-13), name


def test_pieces_of_a_sweep_join_without_a_seam(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut into pieces of three rows, with runs of one score across them, the numbers are the same."""
    made = [(viewed(*case[:2], weight=case.weight), case) for case in cases(36, seed=7)]
    whole = [(view.ranks, view.lift, view.cells.positive.tolist(), view.choice) for view, _ in made]
    monkeypatch.setattr(keys.walk, "__kwdefaults__", {"chunk": 3})
    for (_, case), (ranks, lift, positive, choice) in zip(made, whole, strict=True):
        view = viewed(*case[:2], weight=case.weight)
        assert dataclasses.astuple(view.ranks) == pytest.approx(dataclasses.astuple(ranks), rel=1e-12)
        assert view.lift == pytest.approx(lift, rel=1e-12)
        assert view.cells.positive == pytest.approx(positive, rel=1e-9)
        assert view.choice is not None
        assert choice is not None
        assert view.choice.threshold == choice.threshold
