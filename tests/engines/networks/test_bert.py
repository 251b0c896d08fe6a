"""The BERT from scratch: learns the order of words, with words of its training texts alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mlcheck.engines.networks import bert, text_network
from mlcheck.engines.networks.vocabulary import END, START, UNKNOWN, Vocabulary, padded, words

torch = pytest.importorskip("torch", reason="networks are trained by torch, the extra `nn`")
pytest.importorskip("transformers", reason="BERT is built by transformers, the extra `nn`")
OTHERS = ["river", "house", "road", "train", "garden", "letter", "window", "coffee"]


def network_of(goal: Any, seed: int = 0) -> Any:
    """Return a network of texts; a test knows whether it tells classes or numbers."""
    return text_network(goal, seed=seed)


def orders(count: int, seed: int) -> tuple[list[str], Any]:
    """Return texts that hold the same two words among others, and which of the two comes first."""
    draw = np.random.default_rng(seed)
    texts, names = [], []
    for _ in range(count):
        said = list(draw.choice(OTHERS, int(draw.integers(3, 6))))
        first, second = sorted(draw.choice(len(said) + 1, 2, replace=False))
        storm = bool(draw.integers(2))
        said.insert(first, "storm" if storm else "rescue")
        said.insert(second + 1, "rescue" if storm else "storm")
        texts.append(" ".join(said))
        names.append("storm first" if storm else "rescue first")
    return texts, np.array(names)


@pytest.fixture(scope="module")
def trained() -> Any:
    """Return a network that learned 300 texts."""
    return network_of("classification", seed=0).fit(*orders(300, 0))


def test_the_order_of_words_is_learned_where_counting_words_tells_nothing(trained: Any) -> None:
    """Every text holds both words once: TF-IDF of words sees no difference."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    texts, names = orders(300, 0)
    others, truth = orders(300, 1)
    linear = make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(texts, names)
    assert linear.score(others, truth) < 0.65
    assert np.mean(trained.predict(others) == truth) > 0.9


def test_what_is_said_of_a_text_does_not_depend_on_the_others(trained: Any) -> None:
    """Whatever stands beside it and in whatever order, up to the last bits of sums."""
    texts, _ = orders(40, 2)
    together = trained.predict_proba(texts)
    np.testing.assert_allclose(trained.predict_proba(texts[::-1])[::-1], together, atol=1e-5)
    np.testing.assert_allclose(
        trained.predict_proba([*texts[:3], "river " * 500])[:3], together[:3], atol=1e-5
    )


def test_missing_unknown_and_endless_texts_are_taken(trained: Any) -> None:
    """Nothing, words never seen, signs, half a surrogate, and more than any network reads."""
    shares = trained.predict_proba(["", "zxy qqq", "?!", "\ud800", "storm " * 5000])
    assert np.isfinite(shares).all()
    np.testing.assert_allclose(shares.sum(axis=1), 1)


def test_the_description_says_from_scratch_and_how_large(trained: Any) -> None:
    """One line for the report; ten words were learned, and four numbers are reserved."""
    assert trained.description.startswith("BERT of 2 layers from scratch, 109 k parameters, 14 words, ")


def test_the_same_rows_and_seed_give_the_same_network_and_leave_torch_as_it_was(
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Random state and threads are the caller's; nothing is printed."""
    texts, names = orders(16, 3)
    state, threads = torch.get_rng_state(), torch.get_num_threads()
    first, again = (network_of("classification", seed=5).fit(texts, names).predict_proba(texts) for _ in "ab")
    assert (first == again).all()
    assert (torch.get_rng_state() == state).all()
    assert torch.get_num_threads() == threads
    assert capfd.readouterr() == ("", "")


def test_numbers_are_learned_in_their_own_units() -> None:
    """One word adds a thousand."""
    draw = np.random.default_rng(0)
    with_it = draw.integers(0, 2, 44)
    texts = [f"{draw.choice(OTHERS)} {'much' if one else 'little'} {draw.choice(OTHERS)}" for one in with_it]
    values = -5e4 + 1000.0 * with_it
    found = network_of("regression").fit(texts[:32], values[:32]).predict(texts[32:])
    assert np.abs(found - values[32:]).max() < 400


def test_words_are_divided_as_bert_divides_them() -> None:
    """Checked against the tokenizer of transformers, without its word pieces."""
    from tokenizers import normalizers, pre_tokenizers

    normalizer, divider = normalizers.BertNormalizer(), pre_tokenizers.BertPreTokenizer()
    for text in ("Café isn't 2 bad!", "C++ & a.b@c.de", "東京に行く", "ÀÉÎ õü", "  \t", "x-1/2"):
        expected = [piece for piece, _ in divider.pre_tokenize_str(normalizer.normalize_str(text))]
        kana = [part for piece in expected for part in (piece if "に" in piece or "く" in piece else [piece])]
        assert words(text) == kana


def test_words_of_the_training_texts_alone_have_numbers() -> None:
    """Those that occur twice, by how often, then by the alphabet; the order of the texts changes nothing."""
    first, turned = Vocabulary(["b a a", "c b a once"]), Vocabulary(["c b a once", "b a a"])
    assert first.coded("a b once other", 9).tolist() == [START, END + 1, END + 2, UNKNOWN, UNKNOWN, END]
    assert turned.coded("a b once other", 9).tolist() == first.coded("a b once other", 9).tolist()
    assert len(first) == END + 3


def test_a_long_text_is_cut_and_a_short_one_filled_up() -> None:
    """The end mark stays."""
    known = Vocabulary(["a a b b"])
    assert known.coded("a b a b a b", 4).tolist() == [START, 4, 5, END]
    assert padded([known.coded("a b", 4), known.coded("", 4)]).tolist() == [
        [START, 4, 5, END],
        [START, END, 0, 0],
    ]


def test_reserved_numbers_are_never_hidden() -> None:
    """A tenth of the words is, about."""
    numbers = np.tile(np.array([START, *range(10, 30), END, 0, 0]), (200, 1))
    made = bert.hidden(numbers, np.random.default_rng(0))
    assert (made[:, [0, -3, -2, -1]] == numbers[:, [0, -3, -2, -1]]).all()
    assert 0.07 < np.mean(made[:, 1:21] == UNKNOWN) < 0.13


def test_more_and_longer_texts_cost_more() -> None:
    """An estimate for the budget."""
    assert bert.seconds(500) < bert.seconds(10_000) < bert.seconds(100_000)
    assert bert.seconds(500, 10) < bert.seconds(500, 100)
