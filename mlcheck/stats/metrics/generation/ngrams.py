"""The n-grams that texts share, counted for a whole corpus at once.

An n-gram is named by (the (n-1)-gram that it begins with, its last token); both are small integers, so that sorting
their pairs numbers the n-grams of all texts exactly, without a dictionary a text. An n-gram is only looked at where the
(n-1)-gram that it begins with is shared: no other can be.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

Ints: TypeAlias = npt.NDArray[np.int64]
BLOCK_TOKENS = 1 << 18
"""Tokens of all sides sorted at once: what stays in a processor's cache."""
MOST_BITS = 62
"""Of a number and its position packed into one signed integer."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Side:
    """The tokens of n texts as numbers, end to end: `ids` (tokens,), `ends` (n + 1,) where texts begin and end."""

    ids: Ints
    ends: Ints

    @property
    def lengths(self) -> Ints:
        """How many tokens each text has, (n,)."""
        return np.diff(self.ends)

    def cut(self, start: int, stop: int) -> Side:
        """Return the texts start .. stop."""
        ends = self.ends[start : stop + 1]
        return Side(ids=self.ids[ends[0] : ends[-1]], ends=ends - ends[0])


class Vocabulary:
    """Numbers tokens in the order in which they are first seen; sides that are compared share one."""

    def __init__(self) -> None:
        self._number: defaultdict[str, int] = defaultdict(count().__next__)

    def __len__(self) -> int:
        return len(self._number)

    def side(self, texts: Iterable[Sequence[str]]) -> Side:
        """Return texts of tokens as numbers."""
        numbers: list[int] = []
        ends = [0]
        number = self._number.__getitem__
        for tokens in texts:
            numbers.extend(map(number, tokens))
            ends.append(len(numbers))
        return Side(ids=np.array(numbers, dtype=np.int64), ends=np.array(ends, dtype=np.int64))


def characters(texts: Iterable[str]) -> Side:
    """Return the code points of texts, white space left out."""
    bare = ["".join(text.split()) for text in texts]
    ends = np.zeros(len(bare) + 1, dtype=np.int64)
    np.cumsum([len(text) for text in bare], out=ends[1:])
    points = np.frombuffer("".join(bare).encode("utf-32-le", "surrogatepass"), dtype="<u4")
    return Side(ids=points.astype(np.int64), ends=ends)


def totals(lengths: Ints, order: int) -> Ints:
    """Return (n, order): how many 1-grams .. `order`-grams texts of these lengths have."""
    possible: Ints = np.maximum(lengths[:, None] - np.arange(order), 0)
    return possible


def matches(hypothesis: Side, references: Sequence[Side], order: int, *, pooled: bool = False) -> Ints:
    """Return how many n-grams of each hypothesis are matched, (R, n, order), each as often as the reference has it.

    `pooled` takes an n-gram as often as any of the references has it (Papineni et al. 2002, BLEU, section 2.1): R is 1
    then. A text is compared with its own references only.
    """
    n = len(hypothesis.lengths)
    sides = (hypothesis, *references)
    found = np.zeros((1 if pooled else len(references), n, order), dtype=np.int64)
    for start, stop in blocks(sides):
        cut = [side.cut(start, stop) for side in sides]
        for k, matched in enumerate(_shared(cut, order, pooled=pooled)):
            found[:, start:stop, k] = matched
    return found


def blocks(sides: Sequence[Side]) -> Iterator[tuple[int, int]]:
    """Yield (start, stop) of texts with about BLOCK_TOKENS tokens in all sides."""
    tokens = np.sum([side.ends for side in sides], axis=0)
    start, n = 0, len(tokens) - 1
    while start < n:
        stop = int(np.searchsorted(tokens, tokens[start] + BLOCK_TOKENS, side="right")) - 1
        stop = min(max(stop, start + 1), n)
        yield start, stop
        start = stop


def _shared(sides: Sequence[Side], order: int, *, pooled: bool) -> Iterator[Ints]:
    """Yield for 1-grams, 2-grams .. the matches (R, n) of one block."""
    n = len(sides[0].lengths)
    tokens = np.concatenate([side.ids for side in sides])
    width = int(tokens.max(initial=0)) + 1
    gram = np.concatenate([np.repeat(np.arange(n), side.lengths) for side in sides])
    owner = np.repeat(np.arange(len(sides)), [len(side.ids) for side in sides])
    left = np.concatenate(
        [np.repeat(side.ends[1:], side.lengths) - np.arange(len(side.ids)) for side in sides]
    )
    text, at = gram, np.arange(len(tokens))
    for k in range(order):
        inside = left[at] > k
        at, gram = at[inside], gram[inside]
        names, gram = _ranks(gram * width + tokens[at + k])
        table = np.bincount(owner[at] * names + gram, minlength=len(sides) * names)
        table = table.reshape(len(sides), names)
        of_text = np.zeros(names, dtype=np.int64)
        of_text[gram] = text[at]
        others = table[1:].max(axis=0, keepdims=True) if pooled else table[1:]
        matched = np.minimum(table[:1], others)
        yield np.stack([np.bincount(of_text, row, minlength=n) for row in matched]).astype(np.int64)
        kept = np.any(matched, axis=0)[gram]
        at, gram = at[kept], gram[kept]


def _ranks(key: Ints) -> tuple[int, Ints]:
    """Return how many different numbers (from 0 up) `key` (m,) holds, and the rank of each among them, (m,).

    A number and its position are sorted as one integer where both fit, which takes a third of the time of an argsort.
    """
    bits = len(key).bit_length()
    if int(key.max(initial=0)).bit_length() + bits > MOST_BITS:
        values, ranks = np.unique(key, return_inverse=True)
        return len(values), ranks
    ordered = key << bits | np.arange(len(key))
    ordered.sort()
    value, at = ordered >> bits, ordered & ((1 << bits) - 1)
    steps = np.zeros(len(key), dtype=np.int64)
    np.cumsum(value[1:] != value[:-1], out=steps[1:])
    ranks = np.empty(len(key), dtype=np.int64)
    ranks[at] = steps
    return int(steps[-1]) + 1 if len(steps) else 0, ranks
