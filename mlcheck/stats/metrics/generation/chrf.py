"""chrF: character n-grams, sacreBLEU's number."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np

from mlcheck.stats.metrics.generation.ngrams import characters, matches, totals
from mlcheck.stats.metrics.metric import Metric

if TYPE_CHECKING:
    from mlcheck.model import Floats
    from mlcheck.model.predictions import Texts
    from mlcheck.stats.metrics.generation.view import TextsView

RANK = 11
ORDER = 6
BETA = 2.0


def statistics(texts: Texts, *, beta: float = BETA, eps_smoothing: bool = False) -> Floats:
    """Return (n, 3 x 6) a text: its n-grams, those of the reference and those matched, for n = 1 .. 6.

    Of several references that of the highest chrF counts, the first of equal ones.
    """
    hypothesis = characters(texts.hypotheses)
    references = [characters(text or "" for text in reference) for reference in texts.references]
    found = matches(hypothesis, references, ORDER)
    own = totals(hypothesis.lengths, ORDER)
    each: list[Floats] = []
    score: list[Floats] = []
    for side, match, given in zip(references, found, texts.references, strict=True):
        theirs = totals(side.lengths, ORDER)
        counts = np.stack([np.where(theirs > 0, own, 0), theirs, match], axis=2).reshape(len(own), 3 * ORDER)
        each.append(counts.astype(np.float64))
        absent = np.array([text is None for text in given])
        score.append(np.where(absent, -1.0, scores(each[-1], beta=beta, eps_smoothing=eps_smoothing)))
    best = np.stack(score).argmax(axis=0)
    chosen: Floats = np.stack(each)[best, np.arange(len(own))]
    return chosen


def scores(sums: Floats, *, beta: float = BETA, eps_smoothing: bool = False) -> Floats:
    """Return chrF (0..100) of each row of `statistics` or their sums: F-beta of mean precision and mean recall.

    The means are over the orders that hypothesis and reference both have; `eps_smoothing` averages the F of all orders
    instead, as Moses and NLTK do (Popović 2015, chrF: character n-gram F-score for automatic MT evaluation).
    """
    tiny, factor = 1e-16, beta**2
    precisions, recalls, measures, orders = (np.zeros(len(sums)) for _ in range(4))
    for k in range(sums.shape[1] // 3):
        own, theirs, match = sums[:, 3 * k : 3 * k + 3].T
        precision = np.divide(match, own, out=np.full(len(sums), tiny), where=own > 0)
        recall = np.divide(match, theirs, out=np.full(len(sums), tiny), where=theirs > 0)
        both = (own > 0) & (theirs > 0)
        precisions += np.where(both, precision, 0.0)
        recalls += np.where(both, recall, 0.0)
        orders += both
        measures += _f(precision, recall, factor, tiny)
    if eps_smoothing:
        return cast("Floats", 100 * measures / (sums.shape[1] // 3))
    at_least = np.maximum(orders, 1)
    return 100 * _f(precisions / at_least, recalls / at_least, factor, 0.0)


def _f(precision: Floats, recall: Floats, factor: float, otherwise: float) -> Floats:
    denominator = factor * precision + recall
    whole = (1 + factor) * precision * recall
    f: Floats = np.divide(whole, denominator, out=np.full(len(whole), otherwise), where=denominator > 0)
    return f


def chrf(view: TextsView) -> float:
    """Return chrF of the corpus, 0..100, higher is better: F2 of character n-grams up to 6, white space left out.

    sacreBLEU's chrF2: no word n-grams (so not chrF++), case kept (Popović 2015). It needs no tokeniser, which makes it
    fit for any language. Undefined without references.
    """
    view.check()
    return float(scores(view.total(view.chrf_statistics)[None])[0])


def draws(view: TextsView) -> Floats:
    """Return chrF of each bootstrap sample of texts."""
    return scores(view.drawn(view.chrf_statistics))


METRICS = (Metric(name="chrf", better="higher", value=chrf, draws=draws, high=100.0),)
