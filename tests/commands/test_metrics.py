"""`mlcheck metrics`: verdicts, the metric to trust, groups and comparisons, from predictions made on purpose."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from mlcheck.commands.metrics import judge, metrics
from mlcheck.config import Settings
from mlcheck.model.predictions import (
    Binary,
    Multiclass,
    Partition,
    Predictions,
    PredictionsRead,
    Regression,
    Texts,
)
from mlcheck.stats.metrics.parameters import Parameters
from tests.rules import metric_cases as cases

if TYPE_CHECKING:
    from mlcheck.model import Report, Subject

QUICK = Settings(bootstrap=200)


def judged(p: Predictions, settings: Settings = QUICK) -> Subject:
    """Judge the predictions of one model."""
    return judge(p, settings, Parameters())


def reported(*some: Predictions, settings: Settings = QUICK) -> Report:
    """Return the report on one or two models."""
    return metrics(PredictionsRead(predictions=some, digest="0"), settings, Parameters())


@pytest.mark.parametrize(
    ("make", "verdict"),
    [
        (cases.binary, "useful"),
        (cases.multiclass, "useful"),
        (cases.regression, "useful"),
        (cases.random_scores, "no-better-than-baseline"),
        (cases.inverted, "no-better-than-baseline"),
        (lambda: cases.multiclass(right=0.0, rows=4000), "no-better-than-baseline"),
        (lambda: cases.binary(share=0.03, strength=0.8, rows=5000), "misleading-metric"),
        (lambda: cases.binary(rows=25, strength=0.6), "inconclusive"),
    ],
)
def test_the_verdict_is_that_of_how_they_were_made(make: Any, verdict: str) -> None:
    """And its severity follows: bad verdicts have an error, good ones none, open ones say what is missing."""
    found = judged(make())
    severities = {f.severity for f in found.findings}
    assert found.verdict == verdict
    if verdict in ("useful", "inconclusive"):
        assert "error" not in severities
    else:
        assert "error" in severities
    assert (found.confidence is None) == (verdict == "inconclusive")
    if verdict == "inconclusive":
        assert [f.code for f in found.findings if f.severity == "note"] == ["MET001"]


def test_constant_answers_on_imbalanced_rows_are_no_better_than_the_baseline() -> None:
    """A constant has no skill, however good its accuracy looks."""
    truth = np.arange(2000) % 50 == 0
    content = Binary(truth=truth, score=None, predicted=np.zeros(2000, dtype=bool))
    found = judged(cases.predictions(content, 2000))
    assert found.verdict == "no-better-than-baseline"
    assert {"MET101", "MET102"} <= {f.code for f in found.findings}


@pytest.mark.parametrize(
    ("make", "metric"),
    [
        (cases.binary, "roc_auc"),
        (lambda: cases.binary(share=0.05), "average_precision"),
        (lambda: cases.binary(share=0.95), "balanced_accuracy"),
        (cases.multiclass, "accuracy"),
        (cases.regression, "rmse"),
        (lambda: cases.regression(outliers=4), "mae"),
    ],
)
def test_the_metric_to_trust_fits_the_data(make: Any, metric: str) -> None:
    """By balance and outliers; it is marked in the measures and said in the actions."""
    found = judged(make())
    assert [n for n, m in found.measures.items() if m.get("recommended")] == [metric]
    assert any(metric in a.why for a in found.actions if a.name == "report-metric")


def test_uneven_classes_are_judged_by_macro_f1() -> None:
    """Accuracy would weigh the largest class most."""
    random = np.random.default_rng(0)
    truth = random.choice(4, 2000, p=[0.85, 0.05, 0.05, 0.05]).astype(np.int32)
    said = np.where(random.random(2000) < 0.9, truth, 0).astype(np.int32)
    content = Multiclass(labels=("a", "b", "c", "d"), truth=truth, predicted=said, scores=None)
    found = judged(cases.predictions(content, 2000))
    assert found.measures["macro_f1"].get("recommended") is True


def test_measures_have_the_keys_of_the_contract() -> None:
    """Value, interval, level, direction and size; undefined is null with a reason."""
    found = judged(cases.binary(rows=200))
    for name, m in found.measures.items():
        if name == "threshold":
            assert {"value", "chosen_by"} <= set(m)
            continue
        assert {"value", "low", "high", "level", "direction", "n"} <= set(m)
        assert m["low"] <= m["value"] <= m["high"]  # type: ignore[operator]
    truth = np.ones(30, dtype=bool)
    one = judged(cases.predictions(Binary(truth=truth, score=np.linspace(0, 1, 30), predicted=None), 30))
    assert one.measures["roc_auc"]["value"] is None
    assert "one class only" in str(one.measures["roc_auc"]["reason"])
    assert one.verdict == "inconclusive"


def test_groups_are_told_apart_the_worst_first() -> None:
    """With a table, and a finding where they differ."""
    found = judged(cases.by_group(gap=True))
    table = found.exhibits[0]
    assert table.title.endswith("by channel")
    assert [row[0] for row in table.rows] == ["phone", "web"]  # type: ignore[union-attr]
    assert "MET108" in {f.code for f in found.findings}


def test_a_level_of_confidence_widens_every_interval() -> None:
    """0.99 holds 0.8."""
    narrow, wide = (judged(cases.binary(rows=500), replace(QUICK, level=x)) for x in (0.8, 0.99))
    for name, m in narrow.measures.items():
        if name != "threshold":
            assert wide.measures[name]["low"] <= m["low"]  # type: ignore[operator]
            assert wide.measures[name]["high"] > m["high"]  # type: ignore[operator]


def test_the_same_call_gives_the_same_numbers() -> None:
    """And another seed others, where rows are drawn."""
    first, again = judged(cases.binary(rows=300)), judged(cases.binary(rows=300))
    assert first.measures == again.measures
    other = judged(cases.binary(rows=300), replace(QUICK, seed=1))
    assert other.measures["f1"]["low"] != first.measures["f1"]["low"]


def _pair(better: float) -> tuple[Predictions, Predictions]:
    random = np.random.default_rng(0)
    truth = random.random(1500) < 0.4
    x = random.normal(truth * 1.2, 1.0)
    y = x + better * truth + random.normal(0, 0.3, 1500)
    made = [1 / (1 + np.exp(-(v - 0.6))) for v in (y, x + random.normal(0, 0.3, 1500))]
    first, second = (cases.predictions(Binary(truth=truth, score=s, predicted=None), 1500) for s in made)
    return first, second


@pytest.mark.parametrize(
    ("better", "verdict"), [(0.6, "a-better"), (-0.6, "b-better"), (0.0, "indistinguishable")]
)
def test_two_models_are_told_apart_if_the_rows_tell(better: float, verdict: str) -> None:
    """With a note that holds the numbers, and no error."""
    report = reported(*_pair(better))
    (found,) = report.subjects
    assert found.verdict == report.verdict == verdict
    assert [f.severity for f in found.findings] == ["note"]
    for m in found.measures.values():
        assert {"a", "b", "difference", "low", "high", "p_value"} <= set(m)
    assert report.exit_code == 0


def test_models_that_cannot_be_told_apart_say_how_many_rows_would() -> None:
    """At 80 % power."""
    (found,) = reported(*_pair(0.01)).subjects
    assert found.verdict == "indistinguishable"
    assert "examples to show (80% power)" in found.findings[0].message
    assert any(a.name == "more-examples" for a in found.actions)


def test_codes_can_be_left_out_without_changing_the_verdict() -> None:
    """They no longer count for the exit code."""
    bad = cases.binary(share=0.03, strength=0.8, rows=5000)
    assert reported(bad).exit_code == 1
    spared = reported(bad, settings=replace(QUICK, ignore=("MET1",)))
    assert spared.exit_code == 0
    assert spared.verdict == "misleading-metric"


def test_a_constant_target_is_inconclusive() -> None:
    """Nothing can be better than its mean."""
    content = Regression(targets=("y",), truth=np.ones((40, 1)), predicted=np.full((40, 1), 1.1))
    assert judged(cases.predictions(content, 40)).verdict == "inconclusive"


def test_rows_of_one_cluster_make_intervals_wider() -> None:
    """Ten copies of every row know no more than one."""
    p = cases.binary(rows=200)
    assert isinstance(p.content, Binary)
    assert p.content.score is not None
    score: Any = np.repeat(p.content.score, 10)
    content = Binary(truth=np.repeat(p.content.truth, 10), score=score, predicted=None)
    whole = Partition(
        column="user", code=np.repeat(np.arange(200), 10).astype(np.int32), names=tuple(map(str, range(200)))
    )
    alone = judged(cases.predictions(content, 2000))
    together = judged(cases.predictions(content, 2000, clusters=whole))

    def width(s: Subject) -> float:
        return float(s.measures["roc_auc"]["high"]) - float(s.measures["roc_auc"]["low"])  # type: ignore[arg-type]

    assert width(together) > 2 * width(alone)


def test_a_missing_library_is_a_problem_and_the_rest_is_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit code 2 with the command that installs it; chrF and exact match need none."""
    import sys

    for name in ("sacrebleu", "rapidfuzz"):
        monkeypatch.setitem(sys.modules, name, None)
    texts = tuple(f"the cat sat on mat {i}" for i in range(30))
    content = Texts(hypotheses=texts, references=(texts[:20] + tuple(f"dogs ran {i}" for i in range(10)),))
    p = Predictions(id="a", source="a", reader="csv", task="generation", content=content, rows=30)
    report = reported(p)
    assert report.exit_code == 2
    assert all('pip install "mlcheck-runs[text]"' in problem.hint for problem in report.problems)
    assert report.problems
    (subject,) = report.subjects
    assert subject.measures["bleu"]["value"] is None
    assert subject.measures["exact_match"]["value"] == pytest.approx(2 / 3)
