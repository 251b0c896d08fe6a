"""TER: edits that turn the hypothesis into the reference, sacreBLEU's number."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from mlcheck.stats.metrics.generation.edits import edits
from mlcheck.stats.metrics.generation.extra import library
from mlcheck.stats.metrics.metric import Metric, Undefined

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlcheck.model import Floats
    from mlcheck.model.predictions import Texts
    from mlcheck.stats.metrics.generation.view import TextsView

RANK = 12
MOST_CELLS = 1 << 24
"""Pairs of words of two texts: some 4,000 words each. Where the band decides, each pair takes a word of memory."""


def statistics(texts: Texts) -> Floats:
    """Return (n, 2) a text: the edits to the nearest reference, and the mean length of its references in words."""
    cut = library("sacrebleu", "ter").TER().tokenizer

    def rows() -> Iterator[tuple[float, float]]:
        for i, text in enumerate(texts.hypotheses):
            own = cut(text.rstrip()).split()
            given = [reference[i] for reference in texts.references]
            words = [cut(reference.rstrip()).split() for reference in given if reference is not None]
            needed = min((_edits(own, theirs) for theirs in words), default=len(own))
            yield float(needed), sum(map(len, words)) / max(1, len(words))

    return np.array(list(rows())).reshape(-1, 2)


def _edits(own: list[str], theirs: list[str]) -> float:
    return edits(own, theirs) if len(own) * len(theirs) <= MOST_CELLS else math.nan


def scores(sums: Floats) -> Floats:
    """Return TER in percent of each row of `statistics` or their sums; 100 for any text against an empty reference."""
    edits, words = sums.T
    either = np.where(edits > 0, 1.0, 0.0)
    rate: Floats = 100 * np.divide(edits, words, out=either, where=words > 0)
    return rate


def ter(view: TextsView) -> float:
    """Return the translation edit rate of the corpus in percent, lower is better, 0 for equal texts, without an upper bound.

    Words inserted, deleted, replaced and shifted, over the words of the reference (Snover et al. 2006, A study of
    translation edit rate with targeted human annotation); lower-cased, sacreBLEU's number. Undefined without references.
    """
    view.check()
    if np.isnan(view.ter_statistics).any():
        raise Undefined(f"text {int(np.isnan(view.ter_statistics).any(axis=1).argmax()) + 1} is too long")
    return float(scores(view.total(view.ter_statistics)[None])[0])


def draws(view: TextsView) -> Floats:
    """Return TER of each bootstrap sample of texts."""
    return scores(view.drawn(view.ter_statistics))


METRICS = (Metric(name="ter", better="lower", value=ter, draws=draws, high=math.inf, unit="percent"),)
