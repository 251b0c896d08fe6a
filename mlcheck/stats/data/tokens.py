"""Texts as sets of words or of character shingles, the rarest first."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from itertools import chain, count
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from mlcheck.stats.data.hashing import distinct

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from mlcheck.model.common import Floats
    from mlcheck.model.dataset import Codes, Ints

Unit: TypeAlias = Literal["words", "shingles"]
WIDTH = 3
"""Characters of a shingle."""
FEW_WORDS = 6
"""Texts of fewer words at the median (names, titles, scripts without blanks) are compared by shingles."""
LONGEST = 10_000
"""Characters of a text that are looked at."""
_AT_ONCE = 50_000
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sets:
    """n sets of tokens: those of row i are `ids[starts[i]:starts[i + 1]]`, ascending, which is the rarest first.

    `frequency` (tokens,) is the number of sets that hold each token. `unit` says what a token is.
    """

    ids: Codes
    starts: Ints
    frequency: Ints
    unit: Unit

    def __len__(self) -> int:
        """Return the number of sets."""
        return len(self.starts) - 1

    @property
    def sizes(self) -> Ints:
        """Tokens of each set, shape (n,)."""
        return np.diff(self.starts)

    @property
    def information(self) -> Floats:
        """What a token tells, -ln of the share of sets that hold it (Shannon 1948), shape (tokens,), in nats."""
        return -np.log(self.frequency / max(len(self), 1))


def sets(texts: Sequence[str | None], unit: Unit | None = None) -> Sets:
    """Return the distinct words (runs of letters and digits, in lower case) of each text, or its shingles.

    Shingles are WIDTH characters in a row of the words joined by one blank. The unit is chosen by the median number of
    words unless given. A missing text is an empty set.
    """
    if unit is None:
        unit = _unit(texts)
    cut = _words if unit == "words" else _shingles
    vocabulary: defaultdict[str, int] = defaultdict(count().__next__)
    ids: list[Codes] = []
    sizes: list[Ints] = []
    for start in range(0, len(texts), _AT_ONCE):
        made, lengths = _numbered(texts[start : start + _AT_ONCE], cut, vocabulary)
        ids.append(made)
        sizes.append(lengths)
    return _arranged(
        np.concatenate(ids) if ids else np.zeros(0, dtype=np.int32),
        np.concatenate(sizes) if sizes else np.zeros(0, dtype=np.int64),
        len(vocabulary),
        unit,
    )


def _unit(texts: Sequence[str | None]) -> Unit:
    step = max(1, len(texts) // 1000)
    lengths = [len(_words(text)) for text in texts[::step] if text]
    return "words" if lengths and float(np.median(lengths)) >= FEW_WORDS else "shingles"


def _words(text: str | None) -> list[str]:
    return _WORD.findall(text[:LONGEST].lower()) if text else []


def _shingles(text: str | None) -> list[str]:
    joined = " ".join(_words(text))
    return [joined[i : i + WIDTH] for i in range(max(len(joined) - WIDTH + 1, min(len(joined), 1)))]


def _numbered(
    texts: Iterable[str | None], cut: Callable[[str | None], list[str]], vocabulary: defaultdict[str, int]
) -> tuple[Codes, Ints]:
    """Return the tokens of the texts in a row as numbers, and how many each text has."""
    found = [cut(text) for text in texts]
    lengths = np.fromiter(map(len, found), dtype=np.int64, count=len(found))
    every = chain.from_iterable(found)
    made = np.fromiter(map(vocabulary.__getitem__, every), dtype=np.int32, count=int(lengths.sum()))
    return made, lengths


def _arranged(ids: Codes, sizes: Ints, many: int, unit: Unit) -> Sets:
    """Drop repeats inside each set, number tokens by how many sets hold them, and sort."""
    bits = np.uint64(max(many - 1, 1).bit_length())
    row = np.repeat(np.arange(len(sizes), dtype=np.uint64), sizes) << bits
    keys = distinct(row | ids.astype(np.uint64))
    mask = (np.uint64(1) << bits) - np.uint64(1)
    frequency = np.bincount((keys & mask).astype(np.int64), minlength=many)
    order = np.argsort(frequency, kind="stable")
    rank = np.empty(many, dtype=np.uint64)
    rank[order] = np.arange(many, dtype=np.uint64)
    row = keys & ~mask
    keys = row | rank[(keys & mask).astype(np.int64)]
    keys.sort()
    kept = np.bincount((keys >> bits).astype(np.int64), minlength=len(sizes))
    return Sets(
        ids=(keys & mask).astype(np.int32),
        starts=np.concatenate([[0], np.cumsum(kept)]).astype(np.int64),
        frequency=frequency[order].astype(np.int64),
        unit=unit,
    )
