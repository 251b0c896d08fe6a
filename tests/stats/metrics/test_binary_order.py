"""Classes in the order of 64-bit scores, sorted as 32 bits: the same as sorting the scores themselves."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlcheck.stats.metrics.binary import order
from mlcheck.stats.metrics.binary.packed import Packed, Ties
from tests.stats.metrics.binary_cases import viewed

ROWS = order.FEWEST + 5
CASES = ("spread", "neighbours", "ties", "both", "logits", "signed zeros", "one far away")


def made(case: str) -> tuple[np.ndarray, np.ndarray]:
    """Return a truth and scores of which some share a point of the line, are equal, or neither."""
    random = np.random.default_rng(len(case))
    score = random.random(ROWS)
    truth = random.random(ROWS) < score
    some = random.permutation(ROWS)[:900].reshape(3, -1)
    if case in {"neighbours", "both"}:
        score[some[1]] = np.nextafter(score[some[0]], 0)
        score[some[2]] = np.nextafter(score[some[0]], 1)
    if case in {"ties", "both"}:
        score[some[2, :150]] = score[some[1, :150]] = score[some[0, :150]]
    if case == "logits":
        score = np.log(score / (1 - score))
    if case == "signed zeros":
        score = score - 0.5
        score[some[0, :1]], score[some[1, :1]] = 0.0, -0.0
    if case == "one far away":
        score[0] = 100
    return truth, score


def sorted_by_scores(truth: np.ndarray, score: np.ndarray) -> tuple[np.ndarray, list[tuple[int, int, int]]]:
    """Return classes and shared scores as NumPy's sort by two keys gives them."""
    at = np.lexsort((~truth, score))
    starts = np.flatnonzero(np.diff(score[at], prepend=np.nan) != 0)
    ends = [*starts[1:].tolist(), len(at)]
    ties = []
    for start, end in zip(starts.tolist(), ends, strict=True):
        positive = int(truth[at[start:end]].sum()) if end > start + 1 else 0
        if 0 < positive < end - start:
            ties.append((start + positive, positive, end - start - positive))
    return ~truth[at], ties


@pytest.mark.parametrize("case", CASES)
def test_the_order_is_that_of_the_scores(case: str) -> None:
    """Neighbouring floats on one point are told apart, equal ones are ties."""
    truth, score = made(case)
    found = order.order(score, truth)
    assert found is not None
    of_negatives, ties = sorted_by_scores(truth, score)
    assert np.array_equal(found.of_negatives, of_negatives)
    assert [*zip(found.ties.at, found.ties.positive, found.ties.negative, strict=True)] == ties


@pytest.mark.parametrize("case", CASES)
def test_the_area_is_that_of_sorted_scores(case: str) -> None:
    """Asked before the scores are sorted or after: equal, the variance but for the last digits."""
    truth, score = made(case)
    short, full = (viewed(truth, score, kind="logit", whole=False) for _ in range(2))
    assert len(full.segments) in {1, 2}
    assert short.area.auc == full.area.auc == full.ranks.auc
    assert "segments" not in vars(short)
    assert short.area.variance == pytest.approx(full.area.variance, rel=1e-13)


@pytest.mark.parametrize(
    "score",
    [
        np.full(ROWS, 0.5),
        np.round(np.random.default_rng(0).random(ROWS), 4),
        np.random.default_rng(0).random(ROWS) ** 40,
        np.random.default_rng(0).random(ROWS).astype(np.float32),
        np.random.default_rng(0).random(1000),
        np.concatenate([[-np.inf], np.random.default_rng(0).random(ROWS)]),
        np.random.default_rng(0).random(ROWS) * 5e-324,
        (np.random.default_rng(0).random(ROWS) - 0.5) * 3.5e308,
    ],
    ids=["constant", "rounded", "crowded", "32 bits", "few", "infinite", "denormal", "huge"],
)
def test_other_scores_are_sorted_as_they_are(score: np.ndarray) -> None:
    """Where points would be shared by many rows, or there is no line to place them on."""
    truth = np.arange(len(score)) % 3 == 0
    assert order.order(score, truth) is None
    assert 0 <= viewed(truth, score, kind="logit", whole=False).area.auc <= 1


def test_points_shared_by_too_many_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sample may miss them; the count of them all does not."""
    truth, score = made("neighbours")
    monkeypatch.setattr(order, "MOST_SHARED", 50)
    assert order.order(score, truth) is None


@pytest.mark.parametrize("digits", [1, 2, 9])
@pytest.mark.parametrize("weighted", [False, True])
def test_one_passage_gives_what_many_do(digits: int, weighted: bool) -> None:
    """Whatever shares of the rows are tied: areas, cells, lift, threshold, losses."""
    random = np.random.default_rng(digits)
    score = np.round(random.random(3000), digits)
    truth = random.random(3000) < score
    weight = random.uniform(0.5, 2, 3000) if weighted else None
    one, many = (viewed(truth, score, weight=weight, whole=whole) for whole in (True, False))
    assert one.ranks == many.ranks
    assert (one.area.auc, one.lift) == (many.area.auc, many.lift)
    assert one.area.variance == pytest.approx(many.area.variance, rel=1e-13)
    assert np.array_equal(one.cells.positive, many.cells.positive)
    assert np.array_equal(one.cells.score, many.cells.score)
    assert one.choice == many.choice
    assert one.loss_moments[0] == pytest.approx(many.loss_moments[0], rel=1e-13)
    assert one.loss_moments[1] == pytest.approx(many.loss_moments[1], rel=1e-13)


@pytest.mark.parametrize("digits", [1, 2, 9])
def test_rows_counted_together_lose_what_each_would(digits: int) -> None:
    """Losses of many rows of one score, calibration and certain errors: against sums over the rows."""
    random = np.random.default_rng(digits)
    p = np.round(random.random(4000), digits)
    truth = random.random(4000) < p
    truth[:2], p[:2] = (True, False), (0.0, 1.0)
    view = viewed(truth, p)
    given = np.clip(np.where(truth, p, 1 - p), np.finfo(float).eps, 1)
    error = p - truth
    loss, square = view.loss_moments
    assert loss == pytest.approx([-np.log(given).sum(), (error**2).sum()], rel=1e-12)
    assert square == pytest.approx([(np.log(given) ** 2).sum(), (error**4).sum()], rel=1e-12)
    bins = np.clip(np.ceil(p * 15) - 1, 0, 14).astype(int)
    assert view.chances.bin_weight == pytest.approx(np.bincount(bins, minlength=15))
    assert view.chances.bin_variance == pytest.approx(np.bincount(bins, p * (1 - p), 15))
    assert view.chances.bin_square == pytest.approx(np.bincount(bins, error**2, 15))
    assert view.chances.certain_and_wrong == np.count_nonzero(np.abs(error) == 1)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 6), st.booleans()), min_size=1, max_size=40), st.integers(0, 9))
def test_packed_classes_count_as_the_definition_does(rows: list[tuple[int, bool]], outside: int) -> None:
    """Every pair compared one by one, with rows of other pieces below and above."""
    rows = sorted(rows, key=lambda row: (row[0], not row[1]))
    positive = [score for score, truth in rows if truth]
    negative = [score for score, truth in rows if not truth]
    ties = []
    for score in sorted({*positive} & {*negative}):
        first = next(i for i, row in enumerate(rows) if row == (score, False))
        ties.append((first, positive.count(score), negative.count(score)))
    at, p, n = np.array(ties, dtype=np.intp).reshape(-1, 3).T
    packed = Packed(np.array([not truth for _, truth in rows]), Ties(at=at, positive=p, negative=n))
    wins = [outside + sum((a > b) + (a == b) / 2 for b in negative) for a in positive]
    losses = [2 + sum((a > b) + (a == b) / 2 for a in positive) for b in negative]
    assert packed.count == (len(positive), len(negative))
    assert packed.twice_above(outside) == 2 * sum(wins)
    for found, placed, centre in zip(
        packed.moments(outside, 2, (3.5, 1.25)), (wins, losses), (3.5, 1.25), strict=True
    ):
        off = np.array(placed) - centre
        assert found == pytest.approx((off.sum(), (off * off).sum()), abs=1e-9)
