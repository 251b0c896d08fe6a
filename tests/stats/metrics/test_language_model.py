"""Perplexity and bits: worked by hand, one quantity by several units, intervals that hold what they promise."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlcheck import registry
from mlcheck.model import Floats, Table
from mlcheck.model.predictions import Predictions, Tokens
from mlcheck.stats.metrics.language_model import exhibits, view
from mlcheck.stats.metrics.metric import Metric, compare, estimate
from mlcheck.stats.metrics.parameters import Parameters
from mlcheck.stats.metrics.resample import Sampling

METRICS = {metric.name: metric for metric in registry.metrics("language-model")}
LOGS = st.lists(st.tuples(st.floats(-500, 0), st.integers(1, 200)), min_size=1, max_size=40)


def tokens(log_probability: Any, counts: Any, **more: Any) -> Tokens:
    """Return texts by their summed log-probabilities and counts of tokens."""
    return Tokens(
        log_probability=np.array(log_probability, dtype=np.float64),
        tokens=np.array(counts, dtype=np.float64),
        **more,
    )


def viewed(
    content: Tokens, sampling: Sampling | None = None, weight: Floats | None = None, keys: Any = None
) -> view.TokensView:
    """Return the view of log-probabilities."""
    predictions = Predictions(
        id="a",
        source="a",
        reader="test",
        task="language-model",
        content=content,
        rows=len(content.tokens),
        weight=weight,
        keys=None if keys is None else np.array(keys),
    )
    return view.view(predictions, sampling or Sampling(), Parameters())


def model(seed: int, n: int, scale: float = 3.0) -> Tokens:
    """Return n random texts with words, characters and bytes."""
    chance = np.random.default_rng(seed)
    counts = chance.integers(5, 60, n).astype(np.float64)
    return tokens(
        -chance.gamma(counts * 2, scale / 2),
        counts,
        words=np.ceil(counts * 0.7),
        characters=counts * 4,
        bytes_=counts * 5,
    )


def test_a_model_that_guesses_among_k_tokens_has_perplexity_k() -> None:
    """Uniform log-probabilities: perplexity k, log2 k bits per token, by any other unit the same bits in all."""
    n = np.array([3.0, 7.0, 10.0])
    content = tokens(n * math.log(1 / 50), n, words=n / 2, characters=n * 4, bytes_=n * 5)
    found = {name: metric.value(viewed(content)) for name, metric in METRICS.items()}
    assert found == pytest.approx(
        {
            "perplexity": 50,
            "bits_per_byte": math.log2(50) / 5,
            "bits_per_character": math.log2(50) / 4,
            "bits_per_token": math.log2(50),
            "word_perplexity": 2500,
        }
    )


def test_every_metric_names_its_unit() -> None:
    """A perplexity without "per what" is no number."""
    assert {name: metric.unit for name, metric in METRICS.items()} == {
        "perplexity": "per token",
        "bits_per_byte": "bits per byte",
        "bits_per_character": "bits per character",
        "bits_per_token": "bits per token",
        "word_perplexity": "per word",
    }


@given(LOGS)
def test_perplexity_is_over_all_tokens_and_not_a_mean_of_texts(rows: list[tuple[float, int]]) -> None:
    """A long text counts by its tokens; the order of texts does not matter."""
    logs, counts = zip(*rows, strict=True)
    expected = math.exp(-math.fsum(logs) / sum(counts))
    assert METRICS["perplexity"].value(viewed(tokens(logs, counts))) == pytest.approx(expected)
    assert METRICS["perplexity"].value(viewed(tokens(logs[::-1], counts[::-1]))) == pytest.approx(expected)


def test_without_the_texts_bits_per_byte_is_undefined_and_says_why() -> None:
    """Null with a reason; the perplexity by token stands."""
    found = estimate(METRICS["bits_per_byte"], viewed(tokens([-3.0], [2])))
    assert found.value is None
    assert "bytes are not counted" in found.reason
    assert METRICS["perplexity"].value(viewed(tokens([-3.0], [2]))) == pytest.approx(math.exp(1.5))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (tokens([-1.0, -math.inf], [1, 1]), "text 2 has probability 0"),
        (tokens([], []), "there are no tokens"),
        (tokens([0.0], [0]), "there are no tokens"),
        (tokens([-1e6], [2]), "beyond any number"),
    ],
)
def test_an_infinite_or_empty_perplexity_is_undefined(content: Tokens, reason: str) -> None:
    """Never infinity, never NaN, never 0."""
    found = estimate(METRICS["perplexity"], viewed(content))
    assert found.value is None
    assert reason in found.reason


@pytest.mark.parametrize("metric", METRICS.values(), ids=lambda metric: metric.name)
def test_the_analytic_interval_is_near_the_bootstraps(metric: Metric) -> None:
    """The delta method and 2,000 samples agree within a tenth of the width."""
    content = viewed(model(1, 300), Sampling(replicates=2000))
    assert metric.interval is not None
    assert metric.draws is not None
    made = metric.interval(content)
    low, high = np.quantile(metric.draws(content), (0.025, 0.975))
    assert made.low == pytest.approx(low, abs=(high - low) / 10)
    assert made.high == pytest.approx(high, abs=(high - low) / 10)
    assert made.low < metric.value(content) < made.high


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    """Of 400 samples of 40 texts about 95 % of the intervals hold the perplexity of the process."""
    truth = math.exp(3.0)
    held = 0
    for seed in range(400):
        found = estimate(METRICS["perplexity"], viewed(model(seed, 40)))
        assert found.low is not None
        assert found.high is not None
        held += found.low <= truth <= found.high
    assert 0.90 < held / 400 < 0.98


def test_few_texts_get_a_bootstrap_and_one_text_no_interval() -> None:
    """The normal approximation is not stretched."""
    assert estimate(METRICS["perplexity"], viewed(model(1, 40))).method == "delta method over texts"
    assert "bootstrap" in estimate(METRICS["perplexity"], viewed(model(1, 8))).method
    alone = estimate(METRICS["perplexity"], viewed(model(1, 1)))
    assert (alone.low, alone.high) == (None, None)
    assert "one text alone" in alone.reason


def test_copies_within_a_cluster_do_not_narrow_the_interval() -> None:
    """Ten copies of each text in one cluster: the interval of the texts without copies."""
    alone = estimate(METRICS["perplexity"], viewed(model(1, 50)))
    base = model(1, 50)
    copies = tokens(np.repeat(base.log_probability, 10), np.repeat(base.tokens, 10))
    sampling = Sampling(clusters=np.repeat(np.arange(50, dtype=np.int32), 10), cluster_name="book")
    together = estimate(METRICS["perplexity"], viewed(copies, sampling))
    assert together.low == pytest.approx(alone.low)
    assert together.high == pytest.approx(alone.high)


def test_a_text_of_weight_two_counts_like_two() -> None:
    """Whole weights repeat texts."""
    base = model(1, 5)
    twice = tokens(
        np.append(base.log_probability, base.log_probability[0]), np.append(base.tokens, base.tokens[0])
    )
    weighted = viewed(base, weight=np.array([2.0, 1, 1, 1, 1]))
    assert METRICS["perplexity"].value(weighted) == pytest.approx(METRICS["perplexity"].value(viewed(twice)))


@pytest.mark.parametrize("metric", METRICS.values(), ids=lambda metric: metric.name)
def test_paired_models_are_compared_text_by_text(metric: Metric) -> None:
    """A model a little worse on every text differs clearly, though the intervals of both overlap widely."""
    a = model(1, 200)
    b = tokens(a.log_probability * 1.02, a.tokens, words=a.words, characters=a.characters, bytes_=a.bytes_)
    found = compare(metric, viewed(a), viewed(b))
    one, other = estimate(metric, viewed(a)), estimate(metric, viewed(b))
    assert one.high is not None
    assert other.low is not None
    assert other.low < one.high
    assert found.high is not None
    assert found.high < 0
    assert found.p_value is not None
    assert found.p_value < 1e-6


def test_the_paired_test_is_near_the_paired_bootstrap() -> None:
    """Interval and p-value of the delta method against those of 2,000 paired samples."""
    a, b = model(1, 200), model(2, 200, 3.05)
    b = tokens(b.log_probability * a.tokens / b.tokens, a.tokens)
    sampling = Sampling(replicates=2000)
    metric = METRICS["perplexity"]
    found = compare(metric, viewed(a, sampling), viewed(b, sampling))
    drawn = compare(
        Metric(name="drawn", better="lower", value=metric.value, draws=metric.draws),
        viewed(a, sampling),
        viewed(b, sampling),
    )
    assert (found.low, found.high, drawn.low, drawn.high).count(None) == 0
    width = (drawn.high or 0) - (drawn.low or 0)
    assert found.low == pytest.approx(drawn.low, abs=width / 8)
    assert found.high == pytest.approx(drawn.high, abs=width / 8)
    assert found.p_value == pytest.approx(drawn.p_value, abs=0.06)


def test_equal_models_do_not_differ() -> None:
    """No difference, p-value 1."""
    found = compare(METRICS["perplexity"], viewed(model(1, 50)), viewed(model(1, 50)))
    assert (found.difference, found.p_value) == (0, 1)


def test_the_base_is_named_and_where_guessed_the_other_bases_are_worked_out() -> None:
    """Perplexity e if natural, 2 if base 2, 10 if base 10."""
    guessed = exhibits.base_told(viewed(tokens([-10.0], [10])))
    assert "taken as natural: the input does not say" in guessed
    assert "2 if they are base 2" in guessed
    assert "10 if they are base 10" in guessed
    told = exhibits.base_told(viewed(tokens([-10.0], [10], base="2", base_told=True)))
    assert told == "The logarithms are base 2, as the input says."


def test_what_was_counted_and_the_worst_texts_are_shown() -> None:
    """A row a unit that is there; the texts of the highest perplexity by their key, empty ones left out."""
    content = tokens([-1.0, -8.0, 0.0, -4.0], [1, 2, 0, 4], bytes_=np.array([4.0, 4, 0, 4]))
    counted, worst = exhibits.exhibits(viewed(content, keys=["a", "b", "c", "d"]))
    assert isinstance(counted, Table)
    assert [row[0] for row in counted.rows] == ["tokens", "bytes"]
    assert counted.rows[1][1:] == pytest.approx((12, 13 / 12, 13 / 12 / math.log(2), math.exp(13 / 12)))
    assert isinstance(worst, Table)
    assert [row[:2] for row in worst.rows] == [("b", 2), ("a", 1), ("d", 4)]
    assert worst.rows[0][2] == pytest.approx(math.exp(4))
    _, numbered = exhibits.exhibits(viewed(content))
    assert isinstance(numbered, Table)
    assert [row[0] for row in numbered.rows] == [2, 1, 4]
    assert len(exhibits.exhibits(viewed(tokens([], [])))) == 1


def test_a_view_of_other_predictions_is_refused() -> None:
    """Texts are no log-probabilities."""
    content: Any = None
    with pytest.raises(TypeError, match="expected Tokens"):
        view.view(
            Predictions(id="a", source="a", reader="t", task="binary", content=content, rows=0),
            Sampling(),
            Parameters(),
        )
