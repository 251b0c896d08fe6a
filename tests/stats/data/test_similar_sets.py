"""Sets of tokens, and the join of similar ones against every pair."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlcheck.stats.data import similar_sets, tokens

WORDS = st.lists(st.sampled_from("abcdefghijkl"), max_size=14).map(" ".join)


def by_every_pair(texts: list[str], threshold: float) -> set[tuple[int, int]]:
    """Return the similar pairs found by comparing each with each."""
    made = [set(text.split()) for text in texts]
    return {
        (i, j)
        for i in range(len(made))
        for j in range(i + 1, len(made))
        if made[i] and made[j] and len(made[i] & made[j]) >= threshold * len(made[i] | made[j]) - 1e-12
    }


def found(texts: list[str], threshold: float = 0.8) -> set[tuple[int, int]]:
    """Return the pairs that the join finds, equal sets joined through one of them only."""
    pairs = similar_sets.pairs(tokens.sets(texts, "words"), threshold)
    return set(zip(pairs.first.tolist(), pairs.second.tolist(), strict=True))


@settings(max_examples=60)
@given(st.lists(WORDS, min_size=1, max_size=30, unique_by=lambda text: frozenset(text.split())))
def test_different_sets_are_joined_exactly(texts: list[str]) -> None:
    """No similar pair is missed and none is made up."""
    assert found(texts) == by_every_pair(texts, 0.8)


def test_equal_sets_are_joined_to_the_first() -> None:
    """A thousand equal texts make no million pairs."""
    assert found(["a b c d e f"] * 5) == {(0, i) for i in range(1, 5)}


def test_long_sets_are_found_by_their_sketches() -> None:
    """At least 95 % of copies of 200 words with 15 replaced, and only those."""
    random = np.random.default_rng(0)
    texts = [" ".join(f"w{i}" for i in random.integers(0, 3000, 200)) for _ in range(150)]
    copies = []
    for text in texts:
        words = text.split()
        for place in random.integers(0, 200, 15):
            words[place] = f"w{random.integers(0, 3000)}"
        copies.append(" ".join(words))
    expected = by_every_pair(texts + copies, 0.8)
    assert len(expected) > 100
    pairs = found(texts + copies)
    assert pairs <= expected
    assert len(pairs) >= 0.95 * len(expected)


def test_sets_on_both_sides_of_long_meet() -> None:
    """30 tokens are joined exactly and 31 by a sketch; a pair of both is found."""
    words = [f"w{i}" for i in range(31)]
    assert found([" ".join(words), " ".join(words[:30]), "x y z"]) == {(0, 1)}


def test_a_million_sharing_a_template_end_soon() -> None:
    """Keys that too many sets have are not compared pair by pair (here 20,000 sets of one template)."""
    texts = [f"thank you for your order number {i} and see you soon" for i in range(20_000)]
    pairs = similar_sets.pairs(tokens.sets(texts))
    assert len(pairs.first) < 20_000


def test_measures_of_a_pair_by_hand() -> None:
    """Nine of eleven words; weights are -ln of the share of sets that hold a word."""
    texts = ["a b c d e f g h i x", "a b c d e f g h i y", "p q", "r s"]
    pairs = similar_sets.pairs(tokens.sets(texts, "words"))
    half, quarter = np.log(2), np.log(4)
    assert pairs.jaccard.tolist() == pytest.approx([9 / 11])
    assert pairs.shared.tolist() == pytest.approx([9 * half])
    assert pairs.weighted.tolist() == pytest.approx([9 * half / (9 * half + 2 * quarter)])


def test_sets_have_the_rarest_token_first() -> None:
    """And each token once."""
    sets = tokens.sets(["The cat, the CAT", "the dog", None, "the"], "words")
    assert sets.sizes.tolist() == [2, 2, 0, 1]
    assert sets.frequency.tolist() == [1, 1, 3]
    assert sets.ids[sets.starts[0]] < sets.ids[sets.starts[0] + 1] == 2


def test_short_texts_are_cut_into_shingles() -> None:
    """Names have too few words to share most of them."""
    sets = tokens.sets(["Anna-Lena", "Bob"])
    assert sets.unit == "shingles"
    assert sets.sizes.tolist() == [7, 1]
