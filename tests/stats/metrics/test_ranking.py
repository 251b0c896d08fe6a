"""Rankings: equal to trec_eval's own files to the last digit, and to pytrec_eval value by value on generated runs."""

from __future__ import annotations

import math
import os
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import pytrec_eval
from hypothesis import given, settings
from hypothesis import strategies as st

from mlcheck.model import Plot, Table
from mlcheck.model.predictions import Predictions, Regression
from mlcheck.readers.predictions import ranked, trec
from mlcheck.readers.source import Source
from mlcheck.stats.metrics.metric import Estimate, Undefined, compare, estimate
from mlcheck.stats.metrics.parameters import Parameters
from mlcheck.stats.metrics.ranking import cuts, gains, order
from mlcheck.stats.metrics.ranking.exhibits import exhibits, interpolated_precision, reordered
from mlcheck.stats.metrics.ranking.view import RankingView, view
from mlcheck.stats.metrics.resample import Sampling

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlcheck.model import Floats
    from mlcheck.stats.metrics.metric import Metric

Judged = dict[str, dict[str, int]]
Retrieved = dict[str, dict[str, float]]
CUTOFFS = (1, 3, 5, 10)


def metrics(seen: RankingView) -> dict[str, Metric]:
    """Return the metrics of a view by name."""
    found = (*gains.metrics_of(seen), *order.METRICS, *cuts.metrics_of(seen))
    assert len({m.name for m in found}) == len(found)
    return {m.name: m for m in found}


def value(seen: RankingView, name: str) -> float:
    """Return the value of a metric."""
    return metrics(seen)[name].value(seen)


def by_query(seen: RankingView) -> dict[str, Floats]:
    """Return the metrics of pytrec_eval by query (Q,), by its names."""
    found = {
        "map": order.average_precision(seen),
        "recip_rank": order.reciprocal_rank(seen),
        "bpref": order.bpref(seen),
        "Rprec": order.r_precision(seen),
        "ndcg": gains.ndcg_by_query(seen),
    }
    for cutoff in seen.cutoffs:
        found[f"ndcg_cut_{cutoff}"] = gains.ndcg_by_query(seen, cutoff)
        found[f"P_{cutoff}"] = cuts.precision(seen, cutoff)
        found[f"recall_{cutoff}"] = cuts.recall(seen, cutoff)
        found[f"success_{cutoff}"] = cuts.success(seen, cutoff)
    return found


def lines(judged: Judged, run: Retrieved) -> tuple[list[str], list[str]]:
    """Return qrels and run as TREC lines."""
    return (
        [f"{q} 0 {d} {grade}\n" for q, found in judged.items() for d, grade in found.items()],
        [f"{q} Q0 {d} 0 {score!r} tag\n" for q, found in run.items() for d, score in found.items()],
    )


def read(qrels: list[str], run: list[str], *, complete: bool = True) -> Predictions:
    """Read lines."""
    sources = (Source(name=n, content="".join(some).encode()) for n, some in (("q", qrels), ("r", run)))
    return trec.read_trec(*sources, complete=complete)


def made(
    judged: Judged, run: Retrieved, parameters: Parameters | None = None, sampling: Sampling | None = None
) -> RankingView:
    """Return the view of a run given as dictionaries."""
    parameters = parameters or Parameters(cutoffs=CUTOFFS)
    return view(read(*lines(judged, run)), sampling or Sampling(), parameters)


def of_grades(*queries: list[int], sampling: Sampling | None = None) -> RankingView:
    """Return the view of queries whose documents stand in the order of the grades given, all judged."""
    judged = {f"q{i}": {f"d{k:03d}": g for k, g in enumerate(grades)} for i, grades in enumerate(queries)}
    run = {f"q{i}": {f"d{k:03d}": -float(k) for k in range(len(g))} for i, g in enumerate(queries)}
    return made(judged, run, sampling=sampling)


# --- trec_eval's own files ---

NAMES = {
    "map": "map",
    "gm_map": "gm_map",
    "Rprec": "r_precision",
    "bpref": "bpref",
    "recip_rank": "mrr",
    "ndcg": "ndcg",
}
AT = {"P": "precision", "recall": "recall", "ndcg_cut": "ndcg", "success": "success"}


def files() -> Path:
    """Return trec_eval's test folder, or skip."""
    folder = os.environ.get("MLCHECK_BENCH")
    if not folder:
        pytest.skip("MLCHECK_BENCH does not name the folder of reference files")
    return Path(folder) / "vectors" / "trec_eval"


def printed(name: str) -> dict[str, dict[str, str]]:
    """Return what trec_eval printed: query -> measure -> text."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for line in (files() / name).read_text(encoding="utf-8").splitlines():
        measure, query, text = line.split("\t")[:3]
        found[query][measure.strip()] = text.strip()
    return found


def ours_of(measure: str) -> str:
    """Return our name of a measure of trec_eval, "" where it is none of ours."""
    family, _, cutoff = measure.rpartition("_")
    if family in AT and cutoff.isdigit():
        return f"{AT[family]}@{cutoff}"
    return NAMES.get(measure, "")


CASES = [
    ("qrels.test", "results.test", {}, "out.test", 21),
    ("qrels.test", "results.test", {}, "out.test.aq", 198),
    ("qrels.test", "results.trunc", {"complete": True}, "out.test.aqc", 198),
    ("qrels.test", "results.trunc", {"complete": True, "depth": 100}, "out.test.aqcM", 198),
    ("qrels.rel_level", "results.test", {"level": 2}, "out.test.aql", 198),
    ("qrels.comment.test", "results.comment.test", {}, "out.comment.test", 21),
    ("qrels.test", "results.test", {}, "out.test.meas_params", 40),
]


def of_case(qrels: str, run: str, options: Mapping[str, int]) -> RankingView:
    """Read a case's files."""
    sources = (Source(name=name, path=files() / name) for name in (qrels, run))
    found = trec.read_trec(*sources, complete=bool(options.get("complete")), depth=options.get("depth"))
    parameters = Parameters(
        cutoffs=(1, 2, 3, 5, 7, 10, 15, 20, 23, 30, 100, 200, 500, 1000, 2000),
        relevant_from=options.get("level", 1),
    )
    return view(found, Sampling(), parameters)


def alone(seen: RankingView, query: str) -> RankingView:
    """Return the view of one query."""
    at = np.array([seen.content.queries.index(query)])
    return replace(seen, content=ranked.of_queries(seen.content, at), kept={})


@pytest.mark.parametrize(("qrels", "run", "options", "output", "least"), CASES)
def test_every_number_that_trec_eval_prints_is_ours_to_the_last_digit(
    qrels: str, run: str, options: Mapping[str, int], output: str, least: int
) -> None:
    """All queries and each of them; -c, -M100, -l2, comments, cutoffs of all kinds."""
    whole = of_case(qrels, run, options)
    compared = 0
    for query, wanted in printed(output).items():
        seen = whole if query == "all" else alone(whole, query)
        known = metrics(seen)
        for measure, text in wanted.items():
            name = ours_of(measure)
            if name:
                assert f"{value_or_zero(known[name], seen):.4f}" == text, (query, measure)
                compared += 1
        compared += counts_agree(seen, wanted)
    assert compared >= least


def value_or_zero(metric: Metric, seen: RankingView) -> float:
    """Return a metric's value; where no document is relevant trec_eval prints 0 and we say that it is undefined."""
    try:
        return metric.value(seen)
    except Undefined:
        return 0.0


def counts_agree(seen: RankingView, wanted: Mapping[str, str]) -> int:
    """Compare how many documents there are, and the interpolated precision; return how many numbers were compared."""
    found = {
        "num_q": seen.n,
        "num_ret": seen.retrieved.sum(),
        "num_rel": seen.relevant.sum(),
        "num_rel_ret": seen.hits.sum(),
    }
    texts = {name: str(number) for name, number in found.items()}
    for i, precision in enumerate(interpolated_precision(seen)):
        texts[f"iprec_at_recall_{i / 10:.2f}"] = f"{precision:.4f}"
    both = set(texts) & set(wanted)
    assert {name: texts[name] for name in both} == {name: wanted[name] for name in both}
    return len(both)


def test_gains_of_the_users_own_scale_the_ideal_too() -> None:
    """-mndcg.1=3 of a file with grades 0 and 1: the same number, as trec_eval prints."""
    text = printed("out.test.meas_params")["all"]["ndcg_1=3,2=9,4=4.5"]
    assert f"{value(of_case('qrels.test', 'results.test', {}), 'ndcg'):.4f}" == text


def test_comments_in_the_qrels_change_nothing() -> None:
    """trec_eval's qrels with comments (one id of a document that is not relevant holds a number sign)."""
    plain, commented = (of_case(n, "results.test", {}) for n in ("qrels.test", "qrels.test.with-comments"))
    assert plain.n == commented.n == 3
    for name in ("map", "ndcg", "ndcg@10", "recall@100", "mrr"):
        assert value(plain, name) == value(commented, name)


# --- pytrec_eval on generated runs ---


def generated(seed: int) -> tuple[Judged, Retrieved]:
    """Return queries with ties, negative and missing judgements, queries on one side only, ids of many lengths."""
    chance = np.random.default_rng(seed)
    judged: Judged = {}
    run: Retrieved = {}
    long = "L" * int(chance.choice([0, 0, 3, 30, 70]))
    for q in range(40):
        pool = [f"{long}d{i}{'z' * int(chance.integers(12))}" for i in range(chance.integers(1, 60))]
        grades = {d: int(chance.choice([-1, 0, 0, 0, 1, 2, 3])) for d in pool if chance.random() < 0.6}
        if chance.random() < 0.9 and grades and max(grades.values()) >= 0:
            judged[f"q{q}"] = grades
        digits = int(chance.integers(9))
        scores = {d: float(np.round(chance.normal(), digits)) for d in pool if chance.random() < 0.7}
        if chance.random() < 0.9 and scores:
            run[f"q{q}"] = scores
    return judged, run


@pytest.mark.parametrize("seed", range(50))
def test_generated_runs_agree_with_pytrec_eval_query_by_query(seed: int) -> None:
    """17 measures of 2,000 queries, at relevance levels 1 and 2, in any order of lines."""
    judged, run = generated(seed)
    level = 1 + seed % 2
    qrels_lines, run_lines = lines(judged, run)
    if seed % 3:
        chance = np.random.default_rng(seed)
        qrels_lines, run_lines = (
            [some[i] for i in chance.permutation(len(some))] for some in (qrels_lines, run_lines)
        )
    seen = view(read(qrels_lines, run_lines), Sampling(), Parameters(cutoffs=CUTOFFS, relevant_from=level))
    at = ",".join(map(str, CUTOFFS))
    asked = {"map", "ndcg", "recip_rank", "bpref", "Rprec"}
    asked |= {f"{family}.{at}" for family in ("ndcg_cut", "P", "recall", "success")}
    peer = pytrec_eval.RelevanceEvaluator(judged, asked, relevance_level=level).evaluate(run)
    assert set(seen.content.queries) == set(judged)
    assert set(seen.content.missing) == set(judged) - set(run)
    assert set(seen.content.unjudged) == set(run) - set(judged)
    for name, found in by_query(seen).items():
        wanted = [peer.get(q, {}).get(name, 0.0) for q in seen.content.queries]
        np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-14, err_msg=name)


def test_the_geometric_mean_is_that_of_pytrec_eval() -> None:
    """Queries without any precision count 0.00001."""
    judged, run = generated(3)
    seen = made(judged, {q: run.get(q, {"none": 0.0}) for q in judged})
    peer = pytrec_eval.RelevanceEvaluator(judged, {"gm_map"}).evaluate(
        {q: run.get(q, {"none": 0.0}) for q in judged}
    )
    wanted = pytrec_eval.compute_aggregated_measure("gm_map", [q["gm_map"] for q in peer.values()])
    assert value(seen, "gm_map") == pytest.approx(wanted, abs=1e-14)


# --- traps ---


def test_relevant_documents_never_retrieved_lower_the_average_precision() -> None:
    """One of three retrieved, at rank 1: 1/3, not 1."""
    seen = made({"q": {"a": 1, "b": 1, "c": 1}}, {"q": {"a": 2.0, "x": 1.0}})
    assert value(seen, "map") == pytest.approx(1 / 3)


def test_tied_scores_are_ranked_by_descending_id_in_ndcg() -> None:
    """Grades 10, 0, 0, 1, 5, all scores tied: 0.696 by the order of ids; not 0.906, that of the file."""
    judged = {"q": {"a": 10, "b": 0, "c": 0, "d": 1, "e": 5}}
    seen = made(judged, {"q": dict.fromkeys("abcde", 0.5)})
    assert round(value(seen, "ndcg"), 3) == 0.696
    assert round(value(of_grades([10, 0, 0, 1, 5]), "ndcg"), 3) == 0.906
    assert seen.content.tied.tolist() == [5]
    assert value(reordered(seen, best=True), "ndcg") == pytest.approx(1.0)
    assert value(reordered(seen, best=False), "ndcg") == pytest.approx(
        value(of_grades([0, 0, 1, 5, 10]), "ndcg")
    )


def test_scores_that_differ_in_the_ninth_digit_tie() -> None:
    """0.1 and 0.1 + 1e-9 are one float32: the id decides."""
    seen = made({"q": {"a": 1, "b": 0}}, {"q": {"a": 0.1 + 1e-9, "b": 0.1}})
    assert value(seen, "mrr") == 0.5
    assert seen.content.tied.tolist() == [2]


def test_a_judged_query_missing_from_the_run_counts_0() -> None:
    """The mean is over both queries, and the missing one is named."""
    judged, run = {"q": {"a": 1}, "r": {"a": 1}}, {"q": {"a": 1.0}}
    seen = made(judged, run)
    assert value(seen, "map") == value(seen, "ndcg@10") == value(seen, "recall@1") == 0.5
    assert seen.content.missing == ("r",)
    short = view(read(*lines(judged, run), complete=False), Sampling(), Parameters())
    assert value(short, "map") == 1.0


def test_the_gain_is_linear_unless_asked_for() -> None:
    """Grades 1, 5, 10 in the run's order: 0.670 by grades, 0.510 by 2^grade - 1."""
    seen = of_grades([1, 5, 10])
    assert round(value(seen, "ndcg"), 3) == 0.670
    steep = view(
        Predictions(id="", source="", reader="", task="ranking", content=seen.content, rows=1),
        Sampling(),
        Parameters(gain="exponential"),
    )
    assert round(value(steep, "ndcg"), 3) == round(value(steep, "ndcg@10"), 3) == 0.510


def test_a_grade_too_high_for_an_exponential_gain_is_told() -> None:
    """2^2000 is no number."""
    seen = replace(of_grades([2000, 1]), exponential=True, kept={})
    with pytest.raises(Undefined, match="2\\^2000"):
        value(seen, "ndcg")


def test_a_query_without_relevant_documents_counts_0() -> None:
    """As trec_eval has it; where no query has any, the metrics are undefined, and say so."""
    seen = of_grades([1, 0], [0, 0])
    assert value(seen, "map") == value(seen, "ndcg") == value(seen, "bpref") == 0.5
    none = of_grades([0, 0], [0])
    for name, metric in metrics(none).items():
        if not name.startswith("judged"):
            found = estimate(metric, none)
            assert (found.value, found.reason[:8]) == (None, "no query"), name
    assert value(none, "judged@10") == 1.0


def test_fewer_documents_than_the_cutoff_are_divided_by_the_cutoff() -> None:
    """Precision@5 of one relevant document alone is 1/5; what is judged is a share of what there is."""
    seen = made({"q": {"a": 1}}, {"q": {"a": 2.0, "x": 1.0}})
    assert value(seen, "precision@5") == 0.2
    assert value(seen, "judged@5") == 0.5
    assert value(seen, "judged@1") == 1.0


# --- intervals and two runs ---


def test_the_interval_of_a_mean_covers_it() -> None:
    """Between 0 and 1, around the value, narrower at a lower level; Wilson's where queries are hit or missed."""
    judged, run = generated(1)
    seen = made(judged, run)
    for name, metric in metrics(seen).items():
        found = estimate(metric, seen)
        low, mean, high = bounds(found)
        assert 0 <= low < mean < high <= 1, name
        narrow = bounds(estimate(metric, replace(seen, sampling=Sampling(level=0.5))))
        assert low < narrow[0] < mean < narrow[2] < high, name
        shares = name.startswith("success") or name in ("precision@1", "judged@1")
        assert "Wilson" in found.method or not shares, name


def bounds(found: Estimate) -> tuple[float, float, float]:
    """Return low, value and high."""
    assert found.low is not None, found.reason
    assert found.value is not None
    assert found.high is not None
    return found.low, found.value, found.high


def test_drawn_queries_spread_as_the_interval_says() -> None:
    """Bootstrap where it is asked for: about the same interval, from 1,000 resamples of the queries."""
    chance = np.random.default_rng(0)
    seen = of_grades(*(chance.integers(0, 2, 20).tolist() for _ in range(150)))
    forced = replace(seen, sampling=Sampling(forced=True))
    for name, metric in metrics(seen).items():
        if name.startswith(("judged", "success")):
            continue
        ours, drawn = estimate(metric, seen), estimate(metric, forced)
        assert "bootstrap" in drawn.method
        low, _, high = bounds(ours)
        np.testing.assert_allclose(bounds(drawn), bounds(ours), atol=0.2 * (high - low), err_msg=name)


def test_queries_drawn_in_clusters_spread_more_widely() -> None:
    """Queries of one user that are all alike count as one."""
    chance = np.random.default_rng(0)
    each = [chance.permutation([1, 0, 0, 0, 0, 0]).tolist() for _ in range(30)]
    clusters = np.repeat(np.arange(30, dtype=np.int32), 4)
    alike = of_grades(*(grades for grades in each for _ in range(4)))
    together = replace(alike, sampling=Sampling(clusters=clusters, cluster_name="user"))
    widths = []
    for seen in (alike, together):
        low, _, high = bounds(estimate(metrics(seen)["map"], seen))
        widths.append(high - low)
    assert widths[1] == pytest.approx(2 * widths[0], rel=0.25)


def test_a_single_query_has_no_interval() -> None:
    """Neither by a formula nor by resampling."""
    for sampling in (Sampling(), Sampling(forced=True)):
        seen = of_grades([1, 0, 1], sampling=sampling)
        for metric in metrics(seen).values():
            found = estimate(metric, seen)
            assert found.value is not None
            assert found.low is None
            assert "single query" in found.reason


def test_two_runs_are_compared_by_the_differences_of_their_queries() -> None:
    """The paired t-test, as SciPy has it."""
    from scipy.stats import ttest_rel

    judged, run = generated(7)
    other = {q: {d: s + 0.3 * len(d) % 1 for d, s in found.items()} for q, found in run.items()}
    a, b = made(judged, run), made(judged, other)
    first, second = by_query(a), by_query(b)
    names = {
        "map": "map",
        "ndcg@10": "ndcg_cut_10",
        "mrr": "recip_rank",
        "bpref": "bpref",
        "recall@5": "recall_5",
    }
    for name, theirs in names.items():
        found = compare(metrics(a)[name], a, b)
        peer = ttest_rel(first[theirs], second[theirs])
        assert found.p_value == pytest.approx(peer.pvalue, rel=1e-9)
        interval = peer.confidence_interval(0.95)
        assert (found.low, found.high) == pytest.approx((interval.low, interval.high), rel=1e-9)


def test_a_run_against_itself_does_not_differ() -> None:
    """No difference, p-value 1, by every metric."""
    judged, run = generated(2)
    a, b = made(judged, run), made(judged, run)
    for name, metric in metrics(a).items():
        found = compare(metric, a, b)
        assert (found.difference, found.p_value) == (0.0, 1.0), name


def test_runs_over_other_queries_are_not_compared_by_query() -> None:
    """The reason is said."""
    a, b = of_grades([1, 0], [0, 1]), of_grades([1, 0], [0, 1], [1])
    test = metrics(a)["map"].test
    assert test is not None
    with pytest.raises(Undefined, match="same queries"):
        test(a, b)


def test_a_run_better_by_the_same_in_every_query_is_better_for_certain() -> None:
    """No spread of differences: resampling tells it, without dividing by 0."""
    a, b = of_grades(*[[1, 0]] * 20), of_grades(*[[0, 1]] * 20)
    found = compare(metrics(a)["mrr"], a, b)
    assert found.difference == 0.5
    assert found.p_value is not None
    assert 0 < found.p_value < 0.01


# --- what must not change a number ---

GRADED = st.lists(
    st.lists(st.tuples(st.integers(-1, 3), st.integers(0, 4)), min_size=1, max_size=12),
    min_size=1,
    max_size=5,
)


@settings(max_examples=40, deadline=None)
@given(GRADED, st.randoms(use_true_random=False))
def test_names_of_queries_order_of_rows_and_scale_of_scores_change_nothing(
    queries: object, shuffle: object
) -> None:
    """Only the order of scores and of ids counts."""
    assert isinstance(queries, list)
    rows = [
        (f"q{i}", f"d{k}", grade, float(score))
        for i, found in enumerate(queries)
        for k, (grade, score) in enumerate(found)
    ]
    moved = [(f"other {q}", d, grade, math.exp(score / 3) - 9) for q, d, grade, score in rows]
    shuffle.shuffle(moved)  # type: ignore[attr-defined]  # a Random of Hypothesis
    first, second = (of_rows(some) for some in (rows, moved))
    for name, metric in metrics(first).items():
        assert value_or_nan(metric, first) == pytest.approx(
            value_or_nan(metric, second), abs=1e-12, nan_ok=True
        ), name


def value_or_nan(metric: Metric, seen: RankingView) -> float:
    """Return a metric's value, NaN where it is undefined."""
    try:
        return metric.value(seen)
    except Undefined:
        return math.nan


def of_rows(rows: list[tuple[str, str, int, float]]) -> RankingView:
    """Return the view of rows of query, document, grade and score."""
    query, document, grade, score = zip(*rows, strict=True)
    content = ranked.from_columns(query, document, grade, score)
    found = Predictions(
        id="", source="", reader="", task="ranking", content=content, rows=len(content.queries)
    )
    return view(found, Sampling(), Parameters(cutoffs=CUTOFFS))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(st.integers(0, 3), min_size=1, max_size=15), min_size=1, max_size=4))
def test_the_best_order_has_the_highest_numbers(queries: list[list[int]]) -> None:
    """Sorted by grade: nDCG is 1 where there is a gain, and no metric is lower than that of another order."""
    given_order, best = of_grades(*queries), of_grades(*(sorted(g, reverse=True) for g in queries))
    for name, metric in metrics(best).items():
        found, other = value_or_nan(metric, best), value_or_nan(metric, given_order)
        if math.isnan(found):
            assert math.isnan(other)
            continue
        assert found >= other - 1e-12, name
        if name.startswith("ndcg"):
            assert found == pytest.approx(np.mean([any(g) for g in queries]))


# --- what is shown ---


def test_the_hardest_queries_come_first() -> None:
    """By average precision; a query without relevant documents is no hard one, but counted below."""
    seen = of_grades([1, 0, 0], [0, 0, 1], [0, 0, 0], [0, 1, 0])
    table = next(e for e in exhibits(seen) if isinstance(e, Table))
    assert table.title == "hardest queries"
    assert [row[0] for row in table.rows] == ["q1", "q3", "q0"]
    assert table.rows[0][1:4] == (1, 3, 1)
    assert list(table.rows[0][4:]) == pytest.approx([1 / 3, 0.5])
    assert table.detail
    assert "1 queries have no relevant document" in table.note


def test_interpolated_precision_falls_with_recall() -> None:
    """Hits at ranks 1 and 4 of two relevant documents: precision 1 up to the recall that rounds to one of them."""
    seen = of_grades([1, 0, 0, 1])
    plot = next(e for e in exhibits(seen) if isinstance(e, Plot))
    np.testing.assert_allclose(plot.lines[0].x, np.linspace(0, 1, 11))
    np.testing.assert_allclose(plot.lines[0].y, [1] * 8 + [0.5] * 3)


def test_ties_and_missing_queries_are_told_in_a_table() -> None:
    """How many there are, and what the metrics would be by another order of ties."""
    judged = {"q": {"a": 1, "b": 0, "c": 0}, "gone": {"a": 1}}
    seen = made(judged, {"q": {"a": 1.0, "b": 1.0, "c": 0.5}, "new": {"a": 1.0}})
    table = exhibits(seen)[0]
    assert isinstance(table, Table)
    cells = {str(name): found for name, found in table.rows}
    assert cells["judged queries not in the run, count 0"] == 1
    assert cells["queries of the run not judged, left out"] == 1
    assert cells["documents tied with another of their query"] == 2
    assert (cells["map, ties in the worst order"], cells["map, ties in the best order"]) == (
        0.25,
        0.5,
    )
    assert "missing: gone; not judged: new" in table.note
    assert not [e for e in exhibits(of_grades([1, 0])) if isinstance(e, Table) and e.title == "gaps and ties"]


def test_ties_that_do_not_matter_are_counted_only() -> None:
    """Tied documents of one grade: no other order changes a number."""
    table = exhibits(made({"q": {"a": 1, "b": 0, "c": 0}}, {"q": {"a": 2.0, "b": 1.0, "c": 1.0}}))[0]
    assert isinstance(table, Table)
    assert table.rows == (("documents tied with another of their query", 2),)
    assert "no other order" in table.note


def test_nothing_relevant_shows_nothing() -> None:
    """No table of hard queries, no curve."""
    assert exhibits(of_grades([0, 0])) == ()


def test_predictions_of_another_task_are_no_ranking() -> None:
    """A mistake of the caller's."""
    other = Regression(targets=("y",), truth=np.zeros((1, 1)), predicted=np.zeros((1, 1)))
    found = Predictions(id="", source="", reader="", task="regression", content=other, rows=1)
    with pytest.raises(TypeError, match="expected a ranking"):
        view(found, Sampling(), Parameters())
