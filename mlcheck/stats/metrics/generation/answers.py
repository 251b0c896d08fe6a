"""Short answers against their references: exact match and F1 of words, as SQuAD scores them."""

from __future__ import annotations

import re
import string
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from mlcheck.stats.intervals import wilson
from mlcheck.stats.metrics.generation.ngrams import Vocabulary, matches
from mlcheck.stats.metrics.metric import Interval, Metric, Undefined

if TYPE_CHECKING:
    from mlcheck.model import Floats
    from mlcheck.model.predictions import Texts
    from mlcheck.stats.metrics.generation.view import TextsView

RANK = 30
ARTICLES = re.compile(r"\b(a|an|the)\b")
NO_PUNCTUATION = str.maketrans("", "", string.punctuation)


def normalised(text: str) -> str:
    """Return an answer in lower case without punctuation (ASCII), articles and spare white space, as SQuAD compares it.

    >>> normalised("The  Eiffel Tower!")
    'eiffel tower'
    """
    return " ".join(ARTICLES.sub(" ", text.lower().translate(NO_PUNCTUATION)).split())


def answers(texts: Texts) -> Floats:
    """Return (n, 2) a text: exact match (0 or 1) and F1 (0..1), each for its best reference.

    Two answers without words are equal; one without words and one with share nothing.
    """
    own = [normalised(text) for text in texts.hypotheses]
    vocabulary = Vocabulary()
    hypothesis = vocabulary.side(text.split() for text in own)
    best = np.zeros((len(own), 2))
    for reference in texts.references:
        theirs = [None if text is None else normalised(text) for text in reference]
        side = vocabulary.side((text or "").split() for text in theirs)
        equal = np.array([a == b for a, b in zip(own, theirs, strict=True)])
        shared = matches(hypothesis, [side], 1)[0, :, 0]
        words = hypothesis.lengths + side.lengths
        f1 = np.divide(2.0 * shared, words, out=equal.astype(np.float64), where=words > 0)
        best = np.maximum(best, np.column_stack([equal, f1]))
    return best


def exact_match(view: TextsView) -> float:
    """Share of texts that equal a reference, 0..1, higher is better.

    Compared in lower case without punctuation and articles (Rajpurkar et al. 2016, SQuAD, section 6.1). Fit for short
    answers, such as those of question answering. Undefined without references.
    """
    view.check()
    return view.mean(view.answers[:, 0])


def token_f1(view: TextsView) -> float:
    """Mean over texts of the F1 of words shared with the best reference, 0..1, higher is better.

    F1 = 2 shared / (words of the answer + words of the reference), after the same normalisation as exact_match
    (Rajpurkar et al. 2016, section 6.1). Words end at white space. Undefined without references.
    """
    view.check()
    return view.mean(view.answers[:, 1])


def share_interval(view: TextsView) -> Interval:
    """Return Wilson's interval of the share that matches; for texts drawn one by one and weighing alike."""
    if view.weight is not None or view.sampling.clusters is not None:
        raise Undefined("Wilson's interval is for texts drawn one by one")
    low, high = wilson(exact_match(view), view.n, level=view.sampling.level)
    return Interval(low=low, high=high, method="Wilson")


def _draws(view: TextsView, kind: int) -> Floats:
    return view.drawn_means("answers")[:, kind]


METRICS = (
    Metric(
        name="exact_match",
        better="higher",
        value=exact_match,
        interval=share_interval,
        draws=partial(_draws, kind=0),
    ),
    Metric(name="token_f1", better="higher", value=token_f1, draws=partial(_draws, kind=1)),
)
