"""BLEU, sacreBLEU's number: its tokeniser and its formula over n-gram counts of our own, which the bootstrap reuses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mlcheck.errors import MlcheckError
from mlcheck.stats.metrics.generation.extra import library
from mlcheck.stats.metrics.generation.ngrams import Ints, Vocabulary, matches, totals
from mlcheck.stats.metrics.metric import Metric

if TYPE_CHECKING:
    from mlcheck.model import Floats
    from mlcheck.model.predictions import Texts
    from mlcheck.stats.metrics.generation.view import TextsView

RANK = 10
ORDER = 4
TOKENIZERS = ("13a", "intl", "char", "zh", "none", "ja-mecab", "ko-mecab")
"""Those of sacreBLEU that need no download; the last two need a library that sacreBLEU names."""


def sacrebleu_metric(tokenizer: str, *, smoothing: str = "exp", order: int = ORDER) -> Any:
    """Return sacreBLEU's BLEU object; raise MlcheckError for a tokeniser that is none or not installed."""
    if tokenizer not in TOKENIZERS:
        raise MlcheckError("tokenizer", f"expected one of {', '.join(TOKENIZERS)}, found {tokenizer!r}")
    sacrebleu = library("sacrebleu", "bleu")
    try:
        return sacrebleu.BLEU(tokenize=tokenizer, smooth_method=smoothing, max_ngram_order=order)
    except (ImportError, RuntimeError) as error:
        problem = f"expected its library to be installed, found {str(error).splitlines()[0]!r}"
        raise MlcheckError(f"tokenizer {tokenizer}", problem, "try the tokenizer char") from error


def statistics(texts: Texts, tokenizer: str = "13a", order: int = ORDER) -> Floats:
    """Return (n, 2 + 2 order) a text: its tokens, those of the closest reference, matched n-grams, n-grams.

    Their sums over any choice of texts give BLEU. Of two references equally close in length the shorter one counts.
    """
    cut = sacrebleu_metric(tokenizer).tokenizer
    words = Vocabulary()
    hypothesis = words.side(cut(text.rstrip()).split() for text in texts.hypotheses)
    references = [
        words.side(cut((text or "").rstrip()).split() for text in reference) for reference in texts.references
    ]
    length = hypothesis.lengths
    found = matches(hypothesis, references, order, pooled=True)[0]
    closest = _closest(length, np.stack([side.lengths for side in references]), texts)
    return np.column_stack([length, closest, found, totals(length, order)]).astype(np.float64)


def _closest(length: Ints, lengths: Ints, texts: Texts) -> Ints:
    """Return (n,) of `lengths` (R, n) the one nearest to `length` (n,), leaving out references that are not there."""
    absent = np.array([[text is None for text in reference] for reference in texts.references])
    top = int(max(length.max(initial=0), lengths.max(initial=0))) + 1
    key = np.abs(lengths - length) * top + lengths
    nearest = np.where(absent, np.iinfo(np.int64).max, key).argmin(axis=0)
    closest: Ints = lengths[nearest, np.arange(len(length))]
    return closest


def scores(sums: Floats, order: int = ORDER, smoothing: str = "exp") -> Floats:
    """Return BLEU (0..100) of each row of summed `statistics`, as sacreBLEU's compute_bleu does for one.

    BLEU = min(1, exp(1 - r / h)) exp(mean over n of log p_n) (Papineni et al. 2002, section 2.3). Smoothing "exp"
    takes 1 / (2^k h_n) for the k-th order without a match (Chen & Cherry 2014, method 3), "none" gives 0 there. 0 where
    nothing matches and where no hypothesis is long enough for an n-gram of the highest order.
    """
    h, r = sums[:, 0], sums[:, 1]
    correct, total = sums[:, 2 : 2 + order], sums[:, 2 + order : 2 + 2 * order]
    halvings = np.cumsum(correct == 0, axis=1) if smoothing == "exp" else np.full(correct.shape, np.inf)
    with np.errstate(divide="ignore", invalid="ignore"):
        matched = np.where(correct > 0, correct, np.exp2(-halvings.astype(np.float64)))
        logarithm = np.log(100 * matched / total).mean(axis=1)
        brevity = np.where(h < r, np.exp(1 - r / h), 1.0)
        bleu = brevity * np.exp(logarithm)
    return np.where((total > 0).all(axis=1) & (correct > 0).any(axis=1), bleu, 0.0)


def bleu(view: TextsView) -> float:
    """BLEU of the corpus, 0..100, higher is better: n-grams up to 4 of the hypotheses that the references hold.

    sacreBLEU's number (Post 2018, A call for clarity in reporting BLEU scores) with its tokeniser 13a, case kept,
    exponential smoothing; its signature stands below the table of n-grams. It is made for corpora: where no hypothesis
    has four tokens it is 0 whatever the texts say. Undefined without references.
    """
    view.check()
    return float(scores(view.total(view.bleu_statistics)[None])[0])


def draws(view: TextsView) -> Floats:
    """Return BLEU of each bootstrap sample of texts."""
    return scores(view.drawn(view.bleu_statistics))


METRICS = (Metric(name="bleu", better="higher", value=bleu, draws=draws, high=100.0),)
