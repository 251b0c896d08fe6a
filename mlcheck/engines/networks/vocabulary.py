"""Words of training texts as numbers: the commonest ones, in lower case and without accents, the rest as one unknown."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlcheck.model.dataset import Ints

PADDING, UNKNOWN, START, END = range(4)
"""The first four numbers, as BERT's [PAD], [UNK], [CLS] and [SEP]."""
MOST_WORDS = 20_000
MOST_CHARACTERS = 10_000
"""Characters of a text that are read; more would be cut off by any length a network takes."""
WORD = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af]|[^\W_]+|[^\w\s]|_")
"""A character of a script that puts no spaces between words, a run of letters and digits, or a sign."""


def words(text: str) -> list[str]:
    """Return the words and signs of a text, as BERT's basic tokenizer divides it: lower case, accents dropped.

    >>> words("Café isn't 2 bad!")
    ['cafe', 'isn', "'", 't', '2', 'bad', '!']
    """
    plain = unicodedata.normalize("NFD", text[:MOST_CHARACTERS].lower())
    return WORD.findall("".join(c for c in plain if unicodedata.category(c) != "Mn"))


class Vocabulary:
    """Numbers for the words that occur at least twice in the training texts, the commonest 20,000 at most.

    Equally common words go by the alphabet, so that the order of the texts changes nothing. Where no word occurs twice,
    all words count.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        counts: Counter[str] = Counter()
        for text in texts:
            counts.update(words(text))
        repeated = {word: n for word, n in counts.items() if n > 1} or dict(counts)
        ordered = sorted(repeated, key=lambda word: (-repeated[word], word))[:MOST_WORDS]
        self._number = {word: number for number, word in enumerate(ordered, start=END + 1)}

    def __len__(self) -> int:
        """Return the number of numbers, the four reserved ones among them."""
        return END + 1 + len(self._number)

    def coded(self, text: str, longest: int) -> Ints:
        """Return START, the numbers of the first words, END: int64, `longest` at most in all."""
        found = [self._number.get(word, UNKNOWN) for word in words(text)[: max(longest - 2, 0)]]
        return np.array([START, *found, END], dtype=np.int64)


def padded(texts: Sequence[Ints]) -> Ints:
    """Return coded texts as one array int64 (n, longest), filled up with PADDING."""
    made = np.full((len(texts), max(map(len, texts), default=1)), PADDING, dtype=np.int64)
    for row, text in zip(made, texts, strict=True):
        row[: len(text)] = text
    return made
