"""`mlcheck datacurve`: verdicts, measures, the examples a score needs, gain against cost; strange and large input."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from mlcheck.commands import datacurve as core
from mlcheck.commands.datacurve_asked import Asked, asked
from mlcheck.config import Settings
from mlcheck.errors import MlcheckError
from mlcheck.model.curves import CurvesRead, DataCurve
from mlcheck.reports import json as as_json

if TYPE_CHECKING:
    from mlcheck.model import Report, Subject
    from mlcheck.model.curves import Better

SIZES = 32 * 2 ** np.arange(8.0)
STEEP = 1.6 * SIZES**-0.35
FLAT = 0.1 + 0.3 * np.exp(-np.arange(8.0))
BETWEEN = 0.1 + 0.2 * 2 ** (-0.4 * np.arange(8.0))
SETTINGS = Settings(level=0.9)


def curve(
    error: np.ndarray,
    *,
    repeats: int = 5,
    noise: float = 0.003,
    metric: str = "accuracy",
    better: Better = "higher",
    factor: float = 1.0,
    name: str = "a",
) -> DataCurve:
    """Return `repeats` noisy rows at each size."""
    random = np.random.default_rng(0)
    n = np.repeat(SIZES[: len(error)], repeats)
    errors = np.repeat(error, repeats) + random.normal(0, noise, len(n))
    score = factor * (1 - errors if better == "higher" else errors)
    return DataCurve(
        id=name,
        source="a.csv",
        reader="csv",
        metric=metric,
        better=better,
        n=n,
        score=score,
        train=np.full(len(n), np.nan),
    )


def judged(*curves: DataCurve, questions: Asked | None = None, settings: Settings = SETTINGS) -> Report:
    """Return the report on some curves."""
    return core.datacurve(CurvesRead(curves=curves, digest="0"), settings, questions or Asked())


def only(made: DataCurve, **questions: object) -> Subject:
    """Return the one subject of a curve."""
    (subject,) = judged(made, questions=Asked(**questions)).subjects  # type: ignore[arg-type]  # by name
    return subject


def number(subject: Subject, measure: str, key: str) -> float:
    """Return one number of the measures."""
    value = subject.measures[measure][key]
    assert isinstance(value, int | float)
    return float(value)


@pytest.mark.parametrize(
    ("error", "noise", "verdict", "severity"),
    [
        (STEEP, 0.003, "more-data-helps", "warning"),
        (FLAT, 0.001, "plateaued", "warning"),
        (BETWEEN, 0.002, "inconclusive", "note"),
    ],
)
def test_verdicts_and_their_severities(error: np.ndarray, noise: float, verdict: str, severity: str) -> None:
    """A climbing curve, a flat one, one in between; each carries what its verdict promises."""
    report = judged(curve(error, noise=noise))
    (subject,) = report.subjects
    assert subject.verdict == verdict
    assert severity in {f.severity for f in subject.findings}
    assert "error" not in {f.severity for f in subject.findings}
    assert report.exit_code == 0
    assert sum(subject.scores.values()) == pytest.approx(1.0)
    assert (subject.confidence is None) == (verdict == "inconclusive")


def test_measures_hold_what_was_seen_and_what_is_foretold() -> None:
    """Keys are numbers of examples; intervals hold the score."""
    subject = only(curve(STEEP), predict=(("times", 4.0), ("n", 10000.0)))
    seen = [k for k, m in subject.measures.items() if m["kind"] == "observed"]
    ahead = [k for k, m in subject.measures.items() if m["kind"] == "predicted"]
    assert seen == [str(int(n)) for n in SIZES]
    assert ahead == ["10000", str(int(4 * SIZES[-1]))]
    for n in (*seen, *ahead):
        assert number(subject, n, "low") <= number(subject, n, "score") <= number(subject, n, "high")


def test_observed_means_are_the_means() -> None:
    """Of the rows at that size."""
    made = curve(STEEP)
    subject = only(made)
    for n in SIZES:
        assert number(subject, str(int(n)), "score") == pytest.approx(made.score[made.n == n].mean())


def test_percent_and_share_are_the_same_curve() -> None:
    """The verdict and every number, times a hundred."""
    share, percent = only(curve(STEEP)), only(curve(STEEP, factor=100.0))
    assert share.verdict == percent.verdict
    n = str(int(4 * SIZES[-1]))
    for key in ("score", "low", "high"):
        assert number(percent, n, key) == pytest.approx(100 * number(share, n, key))


def test_the_unit_of_a_loss_does_not_matter() -> None:
    """A loss times a thousand is the same curve."""
    one, other = (
        only(curve(5 * STEEP, metric="loss", better="lower", factor=factor)) for factor in (1.0, 1000.0)
    )
    assert (one.verdict, one.confidence) == (other.verdict, other.confidence)
    n = str(int(4 * SIZES[-1]))
    assert number(other, n, "score") == pytest.approx(1000 * number(one, n, "score"), rel=1e-6)


def test_a_negated_loss_is_that_loss() -> None:
    """As scikit-learn scores it."""
    loss = curve(5 * STEEP, metric="mse", better="lower")
    negated = replace(loss, metric="neg_mean_squared_error", better="higher", score=-loss.score)
    one, other = only(loss), only(negated)
    assert one.verdict == other.verdict
    n = str(int(4 * SIZES[-1]))
    assert number(other, n, "score") == pytest.approx(-number(one, n, "score"))


def test_the_order_of_rows_does_not_matter() -> None:
    """The same bytes but for the digest of the input."""
    made = curve(STEEP)
    order = np.random.default_rng(1).permutation(len(made.n))
    mixed = replace(made, n=made.n[order], score=made.score[order])
    one, other = (as_json.render(judged(c)) for c in (made, mixed))
    assert one == other


@pytest.mark.parametrize(
    ("reach", "reachable"), [(0.5, "already"), (0.93, "yes"), (0.99999, "no"), (0.965, "unsure")]
)
def test_what_a_score_needs_is_a_range(reach: float, reachable: str) -> None:
    """With the chance that it is reached at all; null where it is not."""
    needed = only(curve(STEEP), reach=reach).measures["needed"]
    assert needed["reachable"] == reachable
    if reachable == "no":
        assert needed["low"] is needed["high"] is None
    else:
        assert 0 < number(only(curve(STEEP), reach=reach), "needed", "low") <= float(str(needed["high"]))


def test_a_higher_score_needs_more() -> None:
    """And is less likely."""
    found = [only(curve(STEEP), reach=reach) for reach in (0.92, 0.93, 0.94, 0.95)]
    assert np.all(np.diff([number(s, "needed", "median") for s in found]) > 0)
    assert np.all(np.diff([number(s, "needed", "chance") for s in found]) <= 0)


def test_gain_is_weighed_against_cost() -> None:
    """Dear data and cheap points: no round pays; cheap data: the largest round does."""
    dear = only(curve(STEEP), cost=100.0, value=1.0).exhibits[-1]
    cheap = only(curve(STEEP), cost=1e-6, value=1000.0).exhibits[-1]
    assert "no round pays" in str(dear)
    assert "next round: 16,384 examples" in str(cheap)


@pytest.mark.parametrize(
    "error", [np.zeros(6), np.ones(6), np.full(6, 0.4)], ids=["all right", "all wrong", "flat"]
)
def test_a_curve_that_does_not_move_is_plateaued_or_open(error: np.ndarray) -> None:
    """No division by its range; never "more data helps"."""
    subject = only(curve(error, noise=0.0))
    assert subject.verdict in ("plateaued", "inconclusive")
    for metric, better in (("loss", "lower"), ("r2", "higher")):
        made = curve(error, noise=0.0, metric=metric, better=better)  # type: ignore[arg-type]  # both are directions
        assert only(made).verdict in ("plateaued", "inconclusive")


def test_curves_that_cannot_be_judged_leave_the_others_alone() -> None:
    """Too few sizes, a score that cannot be; each is one problem, and the exit code says that not all was judged."""
    wrong = curve(STEEP, name="wrong")
    wrong = replace(wrong, score=wrong.score - 2)
    report = judged(curve(STEEP), curve(STEEP[:3], name="short"), curve(STEEP[:1], name="point"), wrong)
    assert [s.id for s in report.subjects] == ["a"]
    assert report.exit_code == 2
    told = [p.message for p in report.problems]
    assert "at least 4 numbers of examples, found 3: 32, 64, 128" in told[0]
    assert "found 1: 32" in told[1]
    assert "accuracy within 0 and 1" in told[2]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"predict_at": "many"}, "--predict-at"),
        ({"predict_at": "0.5x"}, "more than 1x"),
        ({"predict_at": "1000x"}, "at most 256x"),
        ({"cost": 2.0}, "--value-per-point"),
        ({"cost": -1.0, "value": 1.0}, "above 0"),
        ({"reach": float("nan")}, "--reach"),
    ],
)
def test_questions_that_make_no_sense_are_told(options: dict[str, object], told: str) -> None:
    """One clear line."""
    given: dict[str, object] = {"predict_at": None, "reach": None, "cost": None, "value": None, "level": 0.9}
    with pytest.raises(MlcheckError, match=told):
        asked(**(given | options))  # type: ignore[arg-type]  # by name


def test_the_range_of_examples_means_what_it_says() -> None:
    """Of noisy power laws whose course is known, most reach the score within the range."""
    random = np.random.default_rng(5)
    inside = []
    for _ in range(60):
        slope, floor = random.uniform(0.25, 0.8), random.uniform(0.02, 0.2)
        height = random.uniform(0.4, 0.7) / SIZES[0] ** -slope
        made = curve(floor + height * SIZES**-slope, noise=0.01, repeats=5)
        octaves = random.uniform(0.5, 3.0)
        target = 1 - floor - height * (SIZES[-1] * 2**octaves) ** -slope
        needed = only(made, reach=float(target)).measures["needed"]
        if needed["low"] is not None and needed["reachable"] != "already":
            n = SIZES[-1] * 2**octaves
            inside.append(float(str(needed["low"])) <= n <= float(str(needed["high"])))
    assert len(inside) > 40
    assert np.mean(inside) > 0.6


def test_a_million_rows_are_one_curve() -> None:
    """In well under a second beyond what a small curve takes."""
    made = curve(STEEP, repeats=125_000)
    started = time.process_time()
    (subject,) = judged(made).subjects
    assert time.process_time() - started < 2.0
    assert subject.verdict == "more-data-helps"


def test_time_grows_no_faster_than_the_number_of_curves() -> None:
    """Four times as many take about four times as long."""
    spent = []
    for count in (60, 240):
        made = [curve(STEEP, name=str(i)) for i in range(count)]
        started = time.process_time()
        report = judged(*made)
        spent.append(time.process_time() - started)
        assert len(report.subjects) == count
    assert spent[1] < 8 * spent[0]
