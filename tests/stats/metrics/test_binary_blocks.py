"""Predictions read block by block give the numbers that they give in memory, in bounded memory."""

from __future__ import annotations

import dataclasses
import itertools
import tracemalloc
from typing import TYPE_CHECKING

import numpy as np
import pytest

from mlcheck.model.predictions import BinaryBlocks, ScoreKind
from mlcheck.registry import metrics
from mlcheck.stats.metrics.binary import ranges, state, sweep
from mlcheck.stats.metrics.binary.exhibits import exhibits
from mlcheck.stats.metrics.binary.view import view
from mlcheck.stats.metrics.metric import Undefined, compare, estimate
from mlcheck.stats.metrics.parameters import Parameters
from mlcheck.stats.metrics.resample import Sampling
from tests.stats.metrics.binary_cases import cases, predictions, viewed

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from mlcheck.model.predictions import Bools, Reals
    from mlcheck.stats.metrics.binary.rows import BinaryView


def in_blocks(
    truth: Bools,
    score: Reals,
    weight: npt.NDArray[np.float64] | None = None,
    *,
    size: int = 7,
    kind: ScoreKind = "probability",
) -> BinaryView:
    """Return the view of rows that come `size` at a time."""

    def blocks() -> Iterator[tuple[Bools, Reals, Reals | None]]:
        for at in range(0, len(truth), size):
            rows = slice(at, at + size)
            yield truth[rows], score[rows], None if weight is None else weight[rows]

    read = predictions(BinaryBlocks(blocks=blocks, kind=kind), len(truth))
    return view(read, Sampling(replicates=200), Parameters())


@pytest.fixture
def little_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Room for sixteen keys."""
    defaults = dict(state.ordered.__kwdefaults__ or {})
    assert not defaults
    monkeypatch.setattr(state.ordered, "__defaults__", (16,))


@pytest.mark.usefixtures("little_memory")
@pytest.mark.parametrize("seed", range(2))
def test_blocks_give_the_same_numbers_as_memory(seed: int) -> None:
    """Within 1e-12, though only sixteen keys are held: ties, weights, float32, constant scores."""
    for case in cases(48, seed=seed):
        whole, parts = viewed(case.truth, case.score, weight=case.weight), in_blocks(*case)
        for metric in metrics("binary"):
            try:
                expected = metric.value(whole)
            except Undefined as why:
                with pytest.raises(Undefined, match=str(why)):
                    metric.value(parts)
                continue
            assert metric.value(parts) == pytest.approx(expected, rel=1e-12, abs=1e-12), metric.name


@pytest.mark.usefixtures("little_memory")
def test_logits_of_both_signs_are_read_in_ranges() -> None:
    """Scores below and above zero, zero of both signs among them."""
    random = np.random.default_rng(0)
    score = np.round(random.normal(0, 3, 200), 1) * random.choice([-1.0, 1.0], 200)
    truth = random.random(200) < 0.4
    whole, parts = viewed(truth, score, kind="logit"), in_blocks(truth, score, kind="logit")
    assert parts.ranks == whole.ranks
    assert parts.area.variance == pytest.approx(whole.area.variance, rel=1e-12)
    assert parts.choice is not None
    assert whole.choice is not None
    assert parts.choice.threshold == whole.choice.threshold


@pytest.mark.usefixtures("little_memory")
def test_blocks_show_the_same_curves_and_thresholds() -> None:
    """The exhibits come from what was gathered."""
    case = next(cases(1, most=3000, seed=3))
    shown, expected = exhibits(in_blocks(case.truth, case.score)), exhibits(viewed(case.truth, case.score))
    assert len(shown) == len(expected)
    for one, other in zip(shown, expected, strict=True):
        for field in dataclasses.fields(one):
            if field.name not in {"counts", "lines"}:
                assert getattr(one, field.name) == getattr(other, field.name)


def test_blocks_have_intervals_without_rows() -> None:
    """Every metric of unweighted blocks has an interval around its value."""
    random = np.random.default_rng(1)
    score = random.random(500)
    view = in_blocks(random.random(500) < score, score, size=100)
    for metric in metrics("binary"):
        made = estimate(metric, view)
        assert made.value is not None
        assert made.low is not None, (metric.name, made.reason)
        assert made.high is not None
        assert made.low <= made.value <= made.high


def test_blocks_are_not_compared_row_by_row() -> None:
    """A paired test needs the rows; without them the reason is said."""
    score = np.linspace(0, 1, 50)
    view = in_blocks(score > 0.4, score)
    for metric in metrics("binary"):
        assert "to hold in memory" in compare(metric, view, view).reason, metric.name


def test_a_range_holds_no_more_rows_than_may_be_held() -> None:
    """Ranges follow each other, and none is larger than allowed unless its rows cannot be told apart."""
    counts = np.zeros(64, dtype=np.int64)
    counts[[0, 1, 2, 40]] = [5, 5, 30, 1]
    made = list(ranges.cut(ranges.Range(False, 0, 640, 41), counts, 10))
    assert [part.rows for part in made] == [10, 30, 1]
    assert all(one.high <= other.low for one, other in itertools.pairwise(made))
    assert made[-1].high == 640


@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize("weighted", [False, True])
def test_scores_alike_in_their_leading_bits_are_told_apart(kind: type, weighted: bool) -> None:
    """Many rows within a hair's breadth, some of one score: more readings, the same numbers, no more memory."""
    random = np.random.default_rng(0)
    score = (0.3 + random.integers(0, 40, 3000) * np.spacing(kind(0.3))).astype(kind)
    score[:1000] = 0.7
    truth = random.random(3000) < 0.5
    weight = random.random(3000) if weighted else None
    whole, parts = viewed(truth, score, weight=weight), in_blocks(truth, score, weight, size=500)
    first = parts._first  # type: ignore[attr-defined]
    found = list(ranges.segments(parts._blocks.blocks, first.histogram, first.width, 100))  # type: ignore[attr-defined]
    assert max(len(segment.keys) for segment in found) <= 100
    ranks = sweep.RankSums(whole.totals)
    sweep.sweep(iter(found), whole.totals, ranks)
    assert dataclasses.astuple(ranks.result) == pytest.approx(dataclasses.astuple(whole.ranks), rel=1e-12)


def test_blocks_that_change_between_readings_are_an_error() -> None:
    """What is read twice must be the same."""
    sizes = iter([50, 49])

    def blocks() -> Iterator[tuple[Bools, Reals, Reals | None]]:
        score = np.linspace(0, 1, next(sizes))
        yield score > 0.5, score, None

    read = predictions(BinaryBlocks(blocks=blocks), 50)
    with pytest.raises(ValueError, match="the same rows on every reading"):
        _ = view(read, Sampling(), Parameters()).ranks


def test_a_million_rows_need_the_memory_of_a_part() -> None:
    """Peak memory follows what may be held at once, not the rows."""

    def blocks() -> Iterator[tuple[Bools, Reals, Reals | None]]:
        for seed in range(10):
            random = np.random.default_rng(seed)
            score = random.random(100_000)
            yield random.random(100_000) < score, score, None

    content = BinaryBlocks(blocks=blocks)
    first = state.totalled(content, 0.5, 15)
    tracemalloc.start()
    found = state.ordered(content, first, 1.0, 0.1, None, 1 << 16)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found.ranks.distinct == 1_000_000
    assert peak < 12e6
