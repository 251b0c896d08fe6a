"""The ladder: verdicts on data whose answer is known, the user's model, splits, what is kept, clear mistakes."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib import resources
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from jsonschema import Draft202012Validator

from mlcheck import registry
from mlcheck.commands import climb
from mlcheck.config import Settings
from mlcheck.engines import fitting
from mlcheck.errors import MlcheckError
from mlcheck.model.dataset import Column
from mlcheck.model.ladder import Task
from tests.commands import ladders

if TYPE_CHECKING:
    from pathlib import Path

FAST = ("random", "constant", "linear")


def parsed(report: Any) -> dict[str, Any]:
    """Return a report as JSON, held against the schema."""
    found: dict[str, Any] = json.loads(registry.renderer("json").render(report))
    schema = json.loads(
        resources.files("mlcheck.reports").joinpath("schema.json").read_text(encoding="utf-8")
    )
    Draft202012Validator(schema).validate(found)
    return found


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return a folder in which the tests of this file keep what they share."""
    return str(tmp_path_factory.mktemp("kept"))


@pytest.mark.parametrize(
    ("data", "verdict", "code"),
    [
        (ladders.linear(300), "linear-suffices", "BAS103"),
        (ladders.linear(60, regression=True), "linear-suffices", "BAS103"),
        (ladders.exclusive_or(200), "nonlinear-helps", ""),
        (ladders.noise(60), "inconclusive", "BAS001"),
        (ladders.leaked(60), "linear-suffices", "BAS104"),
    ],
    ids=["linear", "regression", "xor", "noise", "leak"],
)
def test_data_of_known_answer_get_their_verdict(data: Any, verdict: str, code: str, kept: str) -> None:
    """With the finding that says so, and severities in line with the verdict."""
    rungs = ladders.CORE if verdict == "nonlinear-helps" else (*FAST, "simple-nn")
    (subject,) = parsed(ladders.climbed(data, rungs=rungs, cache=kept))["subjects"]
    assert subject["verdict"] == verdict
    assert not code or code in {f["code"] for f in subject["findings"]}
    severities = {f["severity"] for f in subject["findings"]}
    assert "error" not in severities
    assert verdict != "linear-suffices" or "warning" in severities
    assert list(subject["measures"]) == list(rungs)
    assert {"score", "low", "high", "gain", "over"} <= set(subject["measures"]["linear"])


@pytest.mark.parametrize(
    ("score", "verdict", "code"),
    [(0.5, "broken", "BAS101"), (0.7, "linear-suffices", "BAS102"), (0.99, "complexity-justified", "")],
)
def test_a_score_is_placed_on_the_ladder(score: float, verdict: str, code: str, kept: str) -> None:
    """At chance it is broken; surely below linear it is told so; far above all it is worth its complexity."""
    (subject,) = parsed(
        ladders.climbed(ladders.linear(300), rungs=(*FAST, "simple-nn"), score=score, cache=kept)
    )["subjects"]
    found = {f["code"]: f["severity"] for f in subject["findings"]}
    assert subject["verdict"] == verdict
    assert not code or found[code] == ("error" if verdict == "broken" else "warning")
    assert subject["measures"]["model"]["score"] == score


def test_a_model_at_chance_on_noise_is_broken() -> None:
    """Where nothing is found, a model that finds nothing is no better than a guess."""
    report = ladders.climbed(ladders.noise(200), score=0.5, rungs=FAST)
    assert (report.verdict, report.exit_code) == ("broken", 1)


def test_predictions_are_scored_with_their_interval(tmp_path: Path) -> None:
    """By the ladder's metric, over the rows of the file."""
    data = ladders.linear(200)
    truth = data.column("y").codes
    assert truth is not None
    said = truth.copy()
    said[:20] = 1 - said[:20]
    file = tmp_path / "p.csv"
    names = ("no", "yes")
    lines = [f"{names[t]},{names[p]}" for t, p in zip(truth, said, strict=True)]
    file.write_text("\n".join(["y_true,y_pred", *lines, ""]))
    report = ladders.climbed(data, rungs=FAST, predictions=str(file))
    model = report.subjects[0].measures["model"]
    assert model["score"] == pytest.approx(0.9)
    assert model["low"] < 0.9 < model["high"]  # type: ignore[operator]  # numbers
    assert model["source"] == "p.csv"


def test_the_log_of_a_run_gives_its_best_validation_value(tmp_path: Path) -> None:
    """Of the metric of the same name; another one is a mistake that names what was logged."""
    file = tmp_path / "log.csv"
    file.write_text("epoch,train_loss,val_loss,val_accuracy\n1,.7,.7,.6\n2,.5,.5,.83\n3,.4,.45,.81\n")
    report = ladders.climbed(ladders.linear(200), rungs=FAST, run=str(file))
    assert report.subjects[0].measures["model"]["score"] == pytest.approx(0.83)
    with pytest.raises(MlcheckError, match="val_accuracy"):
        ladders.climbed(ladders.linear(200), rungs=FAST, run=str(file), metric="roc_auc")


def test_the_interval_is_the_corrected_one() -> None:
    """Recomputed from the folds' scores."""
    report = ladders.climbed(ladders.linear(100), rungs=FAST)
    linear = report.subjects[0].measures["linear"]
    assert linear["folds"] == 5
    half = (linear["high"] - linear["low"]) / 2  # type: ignore[operator]  # numbers
    assert 0 < half < 0.3


def test_a_test_set_takes_the_place_of_folds() -> None:
    """Scores are those of its rows, gains are paired over them."""
    report = ladders.climbed(ladders.read(ladders.linear(200), ladders.linear(300, seed=1)), rungs=FAST)
    linear = report.subjects[0].measures["linear"]
    assert linear["n"] == 300
    assert linear["folds"] == 1
    assert linear["gain_low"] > 0.2  # type: ignore[operator]  # a number
    assert any("test set of 300 rows" in fact for fact in report.subjects[0].facts)


def test_no_group_is_on_both_sides_of_a_split() -> None:
    """Each group has its own answer and columns that only name it: known groups would be told by heart."""
    random = np.random.default_rng(0)
    group = np.repeat(np.arange(30), 10)
    answer = random.random(30) < 0.5
    columns = (
        ladders.number("x", group + 0.01 * random.normal(size=300)),
        ladders.classes("y", answer[group]),
    )
    names = tuple(f"g{i:02}" for i in range(30))
    with_groups = ladders.of(*columns, ladders.classes("g", group, names), group="g")
    rungs = ("constant", "boosting")
    free = ladders.climbed(ladders.of(*columns), rungs=rungs).subjects[0].measures["boosting"]["score"]
    held = ladders.climbed(with_groups, rungs=rungs).subjects[0].measures["boosting"]["score"]
    assert free > 0.95  # type: ignore[operator]  # numbers
    assert held < 0.8  # type: ignore[operator]


def test_time_is_learnt_forward_only() -> None:
    """Folds are told, and the column is no feature."""
    data = ladders.linear(120)
    dated = replace(data, columns=(*data.columns, ladders.number("t", np.arange(120.0))), time="t")
    report = ladders.climbed(dated, rungs=FAST)
    assert "5 folds forward in t" in report.subjects[0].facts
    assert report.subjects[0].measures["linear"]["n"] == 100


def test_missing_values_and_rare_levels_are_no_obstacle() -> None:
    """Numbers, truth values, dates, categories and texts with holes, in one table."""
    random = np.random.default_rng(0)
    n = 120
    holes = random.random(n) < 0.2
    x = np.where(holes, np.nan, random.normal(size=n))
    levels = tuple(f"l{i}" for i in range(40))
    texts = np.array(
        [None if h else f"word{i % 7} of text number {i % 5}" for i, h in enumerate(holes)], dtype=object
    )
    data = ladders.of(
        ladders.number("x", x),
        Column(
            name="b", kind="boolean", numbers=np.where(holes, np.nan, (random.random(n) < 0.5).astype(float))
        ),
        Column(name="d", kind="date", numbers=np.where(holes, np.nan, 1.6e9 + 86400.0 * np.arange(n))),
        ladders.classes("c", np.where(holes, -1, random.integers(40, size=n)), levels),
        Column(name="t", kind="text", texts=texts),
        ladders.classes("y", np.nan_to_num(x) + 0.3 * random.normal(size=n) > 0),
    )
    report = ladders.climbed(data, folds=2)
    assert list(report.subjects[0].measures) == list(ladders.CORE)
    assert report.subjects[0].measures["linear"]["score"] > 0.6  # type: ignore[operator]  # a number


def test_a_class_that_a_fold_has_not_seen_gets_no_probability() -> None:
    """Three classes, one of two rows: nothing fails."""
    random = np.random.default_rng(0)
    codes = np.r_[np.zeros(40), np.ones(40), [2, 2]]
    data = ladders.of(
        ladders.number("x", codes + random.normal(size=82)), ladders.classes("y", codes, ("a", "b", "c"))
    )
    report = ladders.climbed(data, rungs=(*FAST, "simple-nn"), metric="log_loss", folds=2)
    assert report.subjects[0].measures["linear"]["score"] < 2  # type: ignore[operator]  # a number


def test_the_same_call_gives_the_same_bytes(tmp_path: Path) -> None:
    """Kept or computed, with one process or two."""
    render = registry.renderer("json").render
    rungs = ("constant", "linear")
    first = render(ladders.climbed(ladders.linear(60), rungs=rungs, cache=str(tmp_path)))
    assert render(ladders.climbed(ladders.linear(60), rungs=rungs, cache=str(tmp_path))) == first
    assert render(ladders.climbed(ladders.linear(60), rungs=rungs)) == first


def test_a_second_call_computes_only_the_new_rung(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is kept is not fitted again; other data, or another seed, is."""
    fitted: list[str] = []
    whole = fitting.fitted

    def noted(work: fitting.Work, index: int) -> Any:
        fitted.append(work.module.rpartition(".")[2])
        return whole(work, index)

    monkeypatch.setattr(fitting, "fitted", noted)
    data = ladders.read(ladders.linear(100))
    ladders.climbed(data, rungs=("constant", "linear"), cache=str(tmp_path))
    assert set(fitted) == {"constant", "linear"}
    fitted.clear()
    ladders.climbed(data, rungs=("constant", "linear", "random"), cache=str(tmp_path))
    assert set(fitted) == {"chance"}
    fitted.clear()
    ladders.climbed(replace(data, digest="other"), rungs=("constant",), cache=str(tmp_path))
    ladders.climbed(data, Settings(jobs=1, seed=1), rungs=("constant",), cache=str(tmp_path))
    assert fitted == ["constant"] * 10
    fitted.clear()
    for file in tmp_path.rglob("*.json"):
        file.write_text("{")
    ladders.climbed(data, rungs=("constant",), cache=str(tmp_path))
    assert fitted == ["constant"] * 5


def test_a_rung_beyond_the_budget_is_skipped_with_its_reason() -> None:
    """A running one stops at the next fold."""
    ticks = iter(np.arange(0.0, 1000.0, 1.0))
    report = climbed_with_clock(lambda: float(next(ticks)), budget=9.0)
    reasons = [s.reason for s in report.subjects[0].skips if s.code == "BAS002"]
    assert any("random: the budget ended after" in reason for reason in reasons)
    assert any("linear: the budget is spent" in reason for reason in reasons)


def climbed_with_clock(clock: Any, **asked: Any) -> Any:
    """Return a report whose fits are timed by a clock."""
    from mlcheck.commands import baseline as core
    from mlcheck.model.baseline import Asked

    return core.baseline(
        ladders.read(ladders.linear(60)),
        Asked(rungs=FAST, **asked),
        Settings(jobs=1),
        clock=clock,
        timings=True,
    )


def test_fit_times_are_told_only_when_asked_for() -> None:
    """Under the names of the rungs."""
    report = climbed_with_clock(iter(np.arange(1e4)).__next__)
    assert report.timings is not None
    assert set(report.timings) == {"fit random", "fit constant", "fit linear"}
    assert ladders.climbed(ladders.linear(60), rungs=FAST).timings is None


def test_what_was_done_before_an_interrupt_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """With exit code 130."""
    whole = climb.fitted

    def stopped(setup: Any, rung: Any, means: Any) -> Any:
        if rung.NAME == "linear":
            raise KeyboardInterrupt
        return whole(setup, rung, means)

    monkeypatch.setattr(climb, "fitted", stopped)
    report = ladders.climbed(ladders.linear(60), rungs=FAST)
    assert report.exit_code == 130
    assert report.problems[-1].message == "random, constant done and kept"


def mistaken() -> list[Any]:
    """Return data and options that are mistakes, with what is said."""
    line = ladders.linear(60)
    blank = replace(line, target=None, goal=None)
    flat = ladders.of(ladders.number("x", np.ones(60)), ladders.classes("y", np.arange(60) % 2))
    many = ladders.of(
        ladders.number("x", np.arange(30.0)),
        ladders.classes("y", np.arange(30), tuple(f"c{i}" for i in range(30))),
    )
    alone = ladders.of(ladders.classes("y", np.arange(60) % 2))
    return [
        (blank, {}, "expected a target"),
        (flat, {}, "expected a column that varies"),
        (many, {}, "rows a class"),
        (alone, {}, "expected feature columns"),
        (line, {"folds": 40}, "for 40 folds, found 60"),
        (line, {"metric": "acuracy"}, "did you mean accuracy"),
        (line, {"metric": "r2"}, "expected a metric of 2 classes"),
        (line, {"rungs": ("lineal",)}, "did you mean linear"),
        (line, {"score": 93.0}, "divide it by 100"),
        (line, {"positive": "yess"}, "did you mean yes"),
    ]


@pytest.mark.parametrize(("data", "asked", "told"), mistaken())
def test_a_mistake_is_one_clear_line(data: Any, asked: dict[str, Any], told: str) -> None:
    """It says what was expected, what was found and what to try."""
    with pytest.raises(MlcheckError, match=told):
        ladders.climbed(data, **{"rungs": FAST, **asked})


def test_rare_classes_are_judged_by_what_sees_them() -> None:
    """And the report says why; asked for accuracy all the same, it warns."""
    random = np.random.default_rng(0)
    y = random.random(200) < 0.1
    data = ladders.of(ladders.number("x", random.normal(size=200) + 2 * y), ladders.classes("y", y))
    (subject,) = ladders.climbed(data, rungs=FAST).subjects
    assert subject.measures["linear"]["metric"] == "average_precision"
    (subject,) = ladders.climbed(data, rungs=FAST, metric="accuracy").subjects
    assert next(f.severity for f in subject.findings if f.code == "BAS105") == "warning"


def test_lower_metrics_gain_by_falling() -> None:
    """A gain is positive where a rung is better, whatever the metric."""
    (subject,) = ladders.climbed(ladders.linear(150, regression=True), rungs=FAST, metric="mae").subjects
    assert subject.measures["linear"]["score"] < subject.measures["constant"]["score"]  # type: ignore[operator]  # numbers
    assert subject.measures["linear"]["gain"] > 0  # type: ignore[operator]


def test_a_rung_that_would_take_longer_than_what_is_left_is_not_begun() -> None:
    """The estimate grows with rows, columns and classes, and follows the pace of the rungs below."""
    rung = registry.rungs()["boosting"]
    assert rung.seconds(task(1000, 10)) < rung.seconds(task(100_000, 10)) < rung.seconds(task(100_000, 50))  # type: ignore[attr-defined]  # optional
    report = climbed_with_clock(lambda: 0.0, budget=0.3)
    assert [s.reason for s in report.subjects[0].skips if s.code == "BAS002"] == [
        "linear: needs about 0.5 s, 0.3 s of the budget are left"
    ]


def task(rows: int, columns: int) -> Task:
    """Return a task of two classes on numbers."""
    return Task(
        goal="classification", metric="accuracy", direction="higher", labels=("a", "b"), rows=rows,
        kinds={"number": columns},
    )  # fmt: skip


def test_a_class_of_few_rows_is_told() -> None:
    """Whatever is said of it rests on few."""
    report = ladders.climbed(ladders.linear(40), rungs=FAST)
    assert any("rests on few" in f.message for f in report.subjects[0].findings if f.code == "BAS106")
