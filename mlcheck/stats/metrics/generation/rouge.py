"""ROUGE-1, ROUGE-2, ROUGE-L and ROUGE-Lsum: F-measures as rouge-score defines them, means over texts."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from mlcheck.stats.metrics.generation.extra import library
from mlcheck.stats.metrics.generation.lcs import positions
from mlcheck.stats.metrics.generation.ngrams import Ints, Side, Vocabulary, blocks, matches, totals
from mlcheck.stats.metrics.generation.words import words
from mlcheck.stats.metrics.metric import Metric, Undefined

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mlcheck.model import Floats
    from mlcheck.model.predictions import Texts
    from mlcheck.stats.metrics.generation.view import TextsView

RANK = 20
NAMES = ("rouge1", "rouge2", "rougeL", "rougeLsum")
MOST_CELLS = 1 << 30
"""Pairs of words of two sentences: their table of bits takes 128 MiB at most."""
MOST_CELLS_LENGTH = 1 << 40
"""Pairs of words of two texts of which only the length is asked for: some 20 seconds at most."""
MOST_CODE_POINTS = 0x110000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rouge:
    """Of each text, for its best reference by F: `precision`, `recall` and `f`, shape (n, 4) in the order of NAMES."""

    precision: Floats
    recall: Floats
    f: Floats


def rouge(texts: Texts, *, stemmer: bool = False) -> Rouge:
    """Return ROUGE of each text; of several references that with the highest F counts, for each kind by itself."""
    cut = partial(words, stemmer=stemmer)
    vocabulary = Vocabulary()
    hypothesis = vocabulary.side(cut(text) for text in texts.hypotheses)
    references = [
        vocabulary.side(cut(text) if text else () for text in reference) for reference in texts.references
    ]
    grams = matches(hypothesis, references, 2)
    each: list[Floats] = []
    for side, given, shared in zip(references, texts.references, grams, strict=True):
        longest = _longest(hypothesis, side)
        hits = np.column_stack([shared, longest, longest]).astype(np.float64)
        for i, pair in enumerate(zip(texts.hypotheses, given, strict=True)):
            if pair[1] is not None and ("\n" in pair[0] or "\n" in pair[1]):
                hits[i, 3] = _union_hits(*(_sentences(text, cut) for text in pair if text is not None))
        each.append(_measures(hits, hypothesis.lengths, side.lengths, given))
    made = np.stack(each)
    best = made[..., 2].argmax(axis=0)
    chosen = np.take_along_axis(made, best[None, :, :, None], axis=0)[0]
    return Rouge(precision=chosen[..., 0], recall=chosen[..., 1], f=chosen[..., 2])


def _measures(hits: Floats, own: Ints, theirs: Ints, given: Sequence[str | None]) -> Floats:
    """Return (n, 4, 3): precision, recall and F of `hits` (n, 4); F is -1 where the reference is not there."""
    of_own, of_theirs = (_possible(lengths) for lengths in (own, theirs))
    precision, recall = hits / np.maximum(of_own, 1), hits / np.maximum(of_theirs, 1)
    both = precision + recall
    f = np.divide(2 * precision * recall, both, out=np.zeros_like(both), where=both != 0)
    f[[text is None for text in given]] = -1.0
    return np.stack([precision, recall, f], axis=2)


def _possible(lengths: Ints) -> Ints:
    """Return (n, 4): what could be hit of texts of these lengths, by kind."""
    return np.column_stack([totals(lengths, 2), lengths, lengths])


def _longest(hypothesis: Side, reference: Side) -> Floats:
    """Return (n,) the length of the longest common subsequence of each pair, NaN where the two are too long."""
    found = np.full(len(hypothesis.lengths), np.nan)
    small = hypothesis.lengths * reference.lengths <= MOST_CELLS_LENGTH
    process, lcs = library("rapidfuzz.process", "rouge"), library("rapidfuzz.distance", "rouge").LCSseq
    for start, stop in blocks((hypothesis, reference)):
        first, second = _strings(hypothesis.cut(start, stop), reference.cut(start, stop))
        kept = np.flatnonzero(small[start:stop])
        if len(kept):
            pairs = [first[i] for i in kept], [second[i] for i in kept]
            found[start + kept] = process.cpdist(*pairs, scorer=lcs.similarity, dtype=np.int64)
    return found


def _strings(first: Side, second: Side) -> tuple[list[str], list[str]]:
    """Return the texts of both sides with a character for each token: what rapidfuzz compares fastest, and exactly."""
    ids = np.concatenate([first.ids, second.ids])
    if ids.max(initial=0) >= MOST_CODE_POINTS:
        names, ids = np.unique(ids, return_inverse=True)
        if len(names) > MOST_CODE_POINTS:
            raise Undefined(f"one text holds more than {MOST_CODE_POINTS:,} different words")
    made: list[list[str]] = []
    for side, codes in zip((first, second), np.split(ids, [len(first.ids)]), strict=True):
        whole = codes.astype("<u4").tobytes().decode("utf-32-le", "surrogatepass")
        ends = side.ends.tolist()
        made.append([whole[start:stop] for start, stop in pairwise(ends)])
    return made[0], made[1]


def _sentences(text: str, cut: Callable[[str], list[str]]) -> list[list[str]]:
    return [cut(line) for line in text.split("\n") if line]


def _union_hits(own: list[list[str]], theirs: list[list[str]]) -> float:
    """Return how many words of the reference's sentences lie in the union of their common subsequences with each
    sentence of the hypothesis, no word counted more often than either text has it (Lin 2004, section 3.2); NaN where
    sentences are too long.
    """  # noqa: D205  (one sentence)
    if max(map(len, own), default=0) * max(map(len, theirs), default=0) > MOST_CELLS:
        return math.nan
    left = [Counter(word for sentence in side for word in sentence) for side in (own, theirs)]
    hits = 0
    for sentence in theirs:
        union: set[int] = set().union(*(positions(sentence, other) for other in own))
        for word in (sentence[i] for i in union):
            if all(side[word] > 0 for side in left):
                hits += 1
                for side in left:
                    side[word] -= 1
    return float(hits)


def _value(view: TextsView, kind: int) -> float:
    view.check()
    f = view.rouge.f[:, kind]
    if np.isnan(f).any():
        raise Undefined(f"text {int(np.isnan(f).argmax()) + 1} is too long")
    return view.mean(f)


def rouge1(view: TextsView) -> float:
    """ROUGE-1, 0..1, higher is better: mean over texts of the F-measure of shared words.

    F = 2 P R / (P + R), P the share of the hypothesis' words that the reference has, R the share of the reference's
    words that the hypothesis has (Lin 2004, ROUGE: a package for automatic evaluation of summaries). rouge-score's
    number on ASCII text, where it stems words only if asked to; letters of other scripts count here and not there.
    0 for a text without words. Undefined without references.
    """
    return _value(view, 0)


def rouge2(view: TextsView) -> float:
    """ROUGE-2, 0..1, higher is better: as ROUGE-1 with pairs of neighbouring words. 0 for a text of one word."""
    return _value(view, 1)


def rouge_l(view: TextsView) -> float:
    """ROUGE-L, 0..1, higher is better: as ROUGE-1 with the longest common subsequence of words."""
    return _value(view, 2)


def rouge_lsum(view: TextsView) -> float:
    """ROUGE-Lsum, 0..1, higher is better: as ROUGE-L by the union over sentences, which line breaks part.

    Equal to ROUGE-L for texts of one line.
    """
    return _value(view, 3)


def _draws(view: TextsView, kind: int) -> Floats:
    return view.drawn_means("rouge")[:, kind]


METRICS = tuple(
    Metric(name=name, better="higher", value=value, draws=partial(_draws, kind=kind))
    for kind, (name, value) in enumerate(zip(NAMES, (rouge1, rouge2, rouge_l, rouge_lsum), strict=True))
)
