"""The verdict: scores add to 1, it agrees with its findings, and it says when it cannot tell."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlcheck.commands import verdict
from mlcheck.commands.verdict import CAUSES, DECISIVE
from mlcheck.model import Finding, Role, Run, Series, Severity, Split
from mlcheck.stats.features import NAMES, features

CAUSE_OF = {
    "DIA101": "optimization",
    "DIA107": "optimization",
    "DIA301": "overfit",
    "DIA201": "underfit",
    "DIA405": None,
    "DIA408": None,
}


def loss(split: Split, value: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Series:
    """Return a loss over epochs 1..n."""
    return Series(
        name=split, role=Role(quantity="loss", split=split), step=np.arange(1.0, 1 + len(value)), value=value
    )


def run(
    train: np.ndarray[tuple[int], np.dtype[np.float64]] | None,
    val: np.ndarray[tuple[int], np.dtype[np.float64]] | None,
) -> Run:
    """Return a run with one or both losses."""
    pairs: list[tuple[Split, np.ndarray[tuple[int], np.dtype[np.float64]] | None]] = [
        ("train", train),
        ("validation", val),
    ]
    return Run(id="r", source="r", reader="csv", series=tuple(loss(s, v) for s, v in pairs if v is not None))


def finding(code: str, severity: Severity = "error") -> Finding:
    """Return a finding of that code."""
    return Finding(code=code, name="x", severity=severity, message="m", evidence={})


AT = np.arange(1.0, 61.0)
GOOD = run(2.3 * np.exp(-AT / 6) + 0.05, 2.3 * np.exp(-AT / 6) + 0.06)
OVER = run(2.3 * np.exp(-AT / 8), 2.3 * np.exp(-AT / 5) + 0.5 + 0.03 * np.maximum(0, AT - 10))


@given(st.lists(st.floats(-5, 5), min_size=len(NAMES), max_size=len(NAMES)))
def test_scores_are_probabilities(numbers: list[float]) -> None:
    """Whatever the features, the scores lie in 0..1 and add to 1."""
    scores = verdict.scores_of_features(dict(zip(NAMES, numbers, strict=True)))
    assert tuple(scores) == CAUSES
    assert all(0 <= s <= 1 for s in scores.values())
    assert math.isclose(sum(scores.values()), 1.0, abs_tol=1e-9)


def test_the_model_is_scikit_learns() -> None:
    """Second witness: the same constants in scikit-learn's own logistic regression give the same probabilities."""
    from sklearn.linear_model import LogisticRegression

    c = verdict.constants()
    model = LogisticRegression()
    model.classes_ = np.array(CAUSES)
    model.coef_ = np.array([c.weights[k] for k in CAUSES])
    model.intercept_ = np.array([c.intercepts[k] for k in CAUSES])
    numbers = features(*OVER.series)
    assert numbers is not None
    z = (np.array([[numbers[n] for n in NAMES]]) - np.array(c.mean)) / np.array(c.scale)
    assert np.allclose(list(verdict.scores_of_features(numbers).values()), model.predict_proba(z)[0])


def test_confidence_rises_with_the_score() -> None:
    """The calibration is monotone and stays a probability."""
    values = [verdict.confidence(s) for s in (0.3, 0.5, 0.7, 0.9, 0.99)]
    assert values == sorted(values)
    assert 0 < values[0] < values[-1] < 1


@pytest.mark.parametrize("factor", [1e-3, 7.0, 1e4])
def test_the_unit_of_the_loss_does_not_matter(factor: float) -> None:
    """Nats or bits, mean or sum: features are shares of the start."""
    scaled = run(*(factor * s.value for s in OVER.series))
    a, b = features(*OVER.series), features(*scaled.series)
    assert a is not None
    assert b is not None
    assert np.allclose([a[n] for n in NAMES], [b[n] for n in NAMES], atol=1e-6)


def test_a_run_that_learned_well_is_healthy() -> None:
    """Both losses near 0 and together, no finding."""
    assert verdict.judge(GOOD, [], CAUSE_OF).name == "healthy"


def test_an_overfitted_run_needs_a_finding_that_says_so() -> None:
    """With DIA301 the verdict is overfit; without any finding of that cause, inconclusive."""
    assert verdict.judge(OVER, [finding("DIA301")], CAUSE_OF).name == "overfit"
    alone = verdict.judge(OVER, [], CAUSE_OF)
    assert (alone.name, alone.confidence) == ("inconclusive", None)
    assert "no rule confirms it" in alone.missing


def test_a_healthy_curve_with_an_error_is_inconclusive() -> None:
    """A rule and the curve that contradict each other: nobody can tell."""
    assert verdict.judge(GOOD, [finding("DIA107")], CAUSE_OF).name == "inconclusive"


@pytest.mark.parametrize("code", DECISIVE)
def test_a_decisive_error_settles_the_verdict(code: str) -> None:
    """A loss that is not finite, a crash, chance: optimization, whatever the curve looks like."""
    judged = verdict.judge(GOOD, [finding(code)], {**CAUSE_OF, code: "optimization"})
    assert judged.name == "optimization"
    assert judged.scores["optimization"] == pytest.approx(DECISIVE[code], abs=1e-3)
    assert math.isclose(sum(judged.scores.values()), 1.0)


@pytest.mark.parametrize(
    ("given_run", "told"),
    [
        (run(GOOD.series[0].value, None), "validation loss"),
        (run(None, GOOD.series[1].value), "training loss"),
    ],
)
def test_a_log_with_one_loss_is_inconclusive(given_run: Run, told: str) -> None:
    """What to log stands in the verdict."""
    judged = verdict.judge(given_run, [], CAUSE_OF)
    assert judged.name == "inconclusive"
    assert f"log {'a ' if 'val' in told else 'the '}{told}" in judged.missing


def test_too_few_points_are_inconclusive() -> None:
    """Two epochs tell nothing."""
    assert "more points" in verdict.judge(run(AT[:2], AT[:2]), [], CAUSE_OF).missing


@pytest.mark.parametrize("name", [*CAUSES, "inconclusive"])
def test_severities_follow_the_verdict(name: str) -> None:
    """An unhealthy verdict has at least one error of its cause; another cause, healthy and inconclusive have none."""
    said = [finding("DIA301"), finding("DIA107", "warning"), finding("DIA201", "warning"), finding("DIA405")]
    agreed = {f.code: f.severity for f in verdict.agreeing(said, name, CAUSE_OF)}
    errors = {code for code, severity in agreed.items() if severity == "error"}
    if name in ("healthy", "inconclusive"):
        assert errors == set()
    else:
        mine = {code for code, cause in CAUSE_OF.items() if cause == name}
        assert errors & mine
        assert errors - mine <= {"DIA405"}


def test_the_constants_say_how_they_were_made() -> None:
    """verdict.json names its script and the features in their order."""
    document = json.loads(Path(verdict.__file__).with_name("verdict.json").read_text(encoding="utf-8"))
    assert document["made_by"].startswith("benchmarks/fit_verdict.py")
    assert tuple(document["names"]) == NAMES
