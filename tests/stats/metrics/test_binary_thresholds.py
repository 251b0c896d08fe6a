"""The best threshold against trying all of them, what choosing it is worth, and what is shown of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from mlcheck.model import Matrix, Plot, Table
from mlcheck.stats.metrics.binary.exhibits import MOST_POINTS, exhibits, thinned
from mlcheck.stats.metrics.metric import Undefined
from mlcheck.stats.metrics.resample import Sampling
from tests.stats.metrics.binary_cases import Case, cases, viewed

if TYPE_CHECKING:
    from mlcheck.stats.metrics.binary.thresholds import Choice

RULES: dict[str, dict[str, Any]] = {
    "f": {"rule": "f-beta"},
    "f2": {"rule": "f-beta", "beta": 2.0},
    "cost": {"rule": "cost", "cost": (1.0, 5.0)},
    "dear alarms": {"rule": "cost", "cost": (30.0, 1.0)},
    "precision": {"rule": "min-precision", "least": 0.7},
    "recall": {"rule": "min-recall", "least": 0.8},
}


def worth(case: Case, threshold: float, name: str) -> float:
    """Return what a threshold is worth by the rule, from its confusion; -inf where it is not allowed."""
    weight = np.ones(len(case.truth)) if case.weight is None else case.weight
    flagged = case.score >= threshold
    tp, fp = weight[flagged & case.truth].sum(), weight[flagged & ~case.truth].sum()
    fn, total = weight[~flagged & case.truth].sum(), weight.sum()
    precision = tp / (tp + fp) if tp + fp > 0 else 0.0
    recall = tp / (tp + fn)
    values = {
        "f": 2 * tp / (2 * tp + fp + fn),
        "f2": 5 * tp / (5 * tp + 4 * fn + fp),
        "cost": -(fp + 5 * fn) / total,
        "dear alarms": -(30 * fp + fn) / total,
        "precision": recall if precision >= 0.7 - 1e-12 else -np.inf,
        "recall": precision if recall >= 0.8 - 1e-12 else -np.inf,
    }
    return float(values[name])


def chosen(case: Case, name: str, **more: Any) -> Choice:
    """Return the best threshold of a case."""
    made = viewed(case.truth, case.score, weight=case.weight, **RULES[name], **more).choice
    assert made is not None
    return made


@pytest.mark.parametrize("name", sorted(RULES))
def test_no_threshold_is_better(name: str) -> None:
    """Of all scores, and of one above them all."""
    for case in cases(40, seed=2):
        tried = [worth(case, t, name) for t in [*np.unique(case.score), np.inf]]
        if max(tried) == -np.inf:
            with pytest.raises(Undefined, match="no threshold reaches it"):
                chosen(case, name)
            continue
        made = chosen(case, name, sampling=Sampling(replicates=2))
        sign = -1 if RULES[name]["rule"] == "cost" else 1
        assert sign * made.reached == pytest.approx(max(tried), abs=1e-12)
        assert worth(case, made.threshold, name) == pytest.approx(max(tried), abs=1e-12)


def test_the_best_f_is_the_sweeps() -> None:
    """The same threshold as the one the sweep keeps."""
    for case in cases(30, seed=4):
        view = viewed(case.truth, case.score, weight=case.weight, sampling=Sampling(replicates=2))
        assert view.choice is not None
        assert view.choice.reached == pytest.approx(view.ranks.best_f, rel=1e-12)


def test_a_threshold_chosen_on_noise_flatters() -> None:
    """Scores that know nothing reach more F here than on the rows left out; many good rows hardly do."""
    random = np.random.default_rng(0)
    noise = Case(random.random(60) < 0.3, random.random(60), None)
    flattered = chosen(noise, "f")
    assert flattered.optimism is not None
    assert flattered.held_out is not None
    assert flattered.optimism > 0.01
    assert flattered.optimism == pytest.approx(flattered.reached - flattered.held_out)
    truth = random.random(20_000) < 0.3
    good = Case(truth, np.clip(0.5 * truth + random.random(20_000) / 2, 0, 1), None)
    assert abs(chosen(good, "f").optimism or 0) < 0.01


def test_what_is_left_out_of_cells_is_what_is_left_out_of_rows() -> None:
    """Drawn by cells or row by row, the value on the rows left out is the same on average."""
    random = np.random.default_rng(3)
    truth = random.random(150) < 0.4
    case = Case(truth, np.round(0.4 * truth + 0.6 * random.random(150), 2), None)
    sampling = Sampling(replicates=600)
    alone = Sampling(replicates=600, clusters=np.arange(150, dtype=np.int32), cluster_name="row")
    cells, by_row = (chosen(case, "f", sampling=s) for s in (sampling, alone))
    assert cells.held_out == pytest.approx(by_row.held_out, abs=0.01)
    assert cells.reached_low == pytest.approx(by_row.reached_low, abs=0.03)
    assert cells.threshold == by_row.threshold


def test_the_interval_holds_the_threshold() -> None:
    """For every rule; the cost's interval runs from the lower to the higher."""
    for name in RULES:
        for case in cases(6, seed=5):
            try:
                made = chosen(case, name)
            except Undefined:
                continue
            if made.low is not None and made.high is not None:
                assert made.low <= made.threshold <= made.high
                assert made.reached_low is not None
                assert made.reached_high is not None
                assert made.reached_low <= made.reached_high


def test_a_given_threshold_is_not_looked_for() -> None:
    """The rule "given" has no choice."""
    assert viewed([True, False], [0.9, 0.1], rule="given").choice is None


def test_one_class_has_no_best_threshold() -> None:
    """The reason is that of the ranking metrics."""
    with pytest.raises(Undefined, match="one class"):
        _ = viewed([True, True], [0.9, 0.1]).choice


def shown(n: int, **chosen: Any) -> dict[str, Matrix | Table | Plot]:
    """Return the exhibits of n rows by title."""
    random = np.random.default_rng(0)
    truth = random.random(n) < 0.2
    score = np.clip(0.3 * truth + 0.7 * random.random(n), 0, 1)
    return {made.title: made for made in exhibits(viewed(truth, score, **chosen))}


def test_recall_rises_as_the_threshold_falls() -> None:
    """Some nine rows, the used and the best one marked, all numbers those of the threshold."""
    table = shown(5000)["Thresholds"]
    assert isinstance(table, Table)
    assert not table.detail
    thresholds, _, recall, _, share, marks = zip(*table.rows, strict=True)
    assert 8 <= len(table.rows) <= 11
    assert list(thresholds) == sorted(thresholds, reverse=True)
    assert list(recall) == sorted(recall)
    assert list(share) == sorted(share)
    assert {mark for mark in marks if mark} == {"◀ used", "◀ best F1"}
    assert recall[-1] == 1


def test_the_used_threshold_may_be_the_best_one() -> None:
    """Then one row says both."""
    made = exhibits(viewed([False, True, True], [0.2, 0.5, 0.7]))[1]
    assert isinstance(made, Table)
    assert [row[-1] for row in made.rows if row[-1]] == ["◀ best F1 and used"]


def test_curves_are_thin_and_whole() -> None:
    """At most two hundred points, from corner to corner, each a point of the full curve."""
    plots = shown(20_000)
    roc = plots["ROC curve"]
    assert isinstance(roc, Plot)
    line = roc.lines[0]
    assert 100 < len(line.x) <= MOST_POINTS
    assert (line.x[0], line.y[0], line.x[-1], line.y[-1]) == (0, 0, 1, 1)
    assert (np.diff(line.x) >= 0).all()
    assert (np.diff(line.y) >= 0).all()
    assert all(isinstance(made, Matrix | Table) or made.detail for made in plots.values())


def test_a_thinned_curve_keeps_its_ends() -> None:
    """Whatever the steps."""
    x = np.sort(np.random.default_rng(0).random(999))
    kept = thinned(x, x**3, most=50)
    assert len(kept) <= 51
    assert kept[0] == 0
    assert kept[-1] == 998


def test_the_confusion_matrix_counts_truth_down() -> None:
    """Rows are the truth, columns the prediction, the negative class first; the threshold is said."""
    made = exhibits(viewed([False, False, False, True], [0.9, 0.1, 0.2, 0.8]))[0]
    assert isinstance(made, Matrix)
    assert made.counts.tolist() == [[2, 1], [0, 1]]
    assert made.title == "Confusion at a threshold of 0.5"


def test_without_scores_there_is_only_the_confusion_matrix() -> None:
    """Nothing to sweep."""
    assert [made.title for made in exhibits(viewed([True, False], predicted=[True, True]))] == ["Confusion"]


def test_the_reliability_diagram_shows_filled_bins() -> None:
    """Mean probability against the share of positives."""
    made = exhibits(viewed([False, True, True, True], [0.1, 0.1, 0.9, 0.95]))[-1]
    assert isinstance(made, Plot)
    assert made.lines[0].x == pytest.approx([0.1, 0.9, 0.95])
    assert made.lines[0].y == pytest.approx([0.5, 1, 1])
