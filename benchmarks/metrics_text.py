"""Metrics of generated texts against the libraries that define them, in processor seconds of one run.

usage: python benchmarks/metrics_text.py [--repeats N]

ROUGE-1, ROUGE-2 and ROUGE-L of 5,000 pairs against rouge-score: at most 1/8. BLEU with the interval of 1,000 bootstrap
samples of 10,000 pairs against sacreBLEU's corpus_score(n_bootstrap=1000): at most 1. Beside them, without a limit: chrF
with its interval, and TER of 1,000 pairs. The texts are made up: words by Zipf's law, the hypothesis a damaged copy of
its reference. Values are compared before times. Runs alternate; medians are taken; OPENBLAS_NUM_THREADS=1. Exits with 1
where a limit is not reached or a value differs.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from typing import TYPE_CHECKING

import numpy as np
import sacrebleu
from rouge_score import rouge_scorer

from mlcheck.model.predictions import Predictions, Texts
from mlcheck.stats.metrics.generation import bleu, chrf, rouge, ter, view
from mlcheck.stats.metrics.metric import estimate
from mlcheck.stats.metrics.parameters import Parameters
from mlcheck.stats.metrics.resample import Sampling

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlcheck.stats.metrics.metric import Metric

MOST_ROUGE = 1 / 8
MOST_BLEU = 1.0
VOCABULARY = 20_000
DAMAGE = 0.3
"""Share of a reference's words that the hypothesis replaces, and half of it that it leaves out."""


def made_up(n: int, words: tuple[int, int]) -> Texts:
    """Return n pairs of sentences of some number of words."""
    chance = np.random.default_rng(0)
    names = np.array(["".join(chance.choice(list("etaoinshrdlu"), 2 + i % 9)) for i in range(VOCABULARY)])
    weight = 1 / np.arange(1, VOCABULARY + 1)
    pool = chance.choice(VOCABULARY, size=n * words[1] * 2, p=weight / weight.sum())
    own, reference = [], []
    for i in range(n):
        length = int(chance.integers(*words))
        start = i * words[1] * 2
        line, other = names[pool[start : start + length]], names[pool[start + length : start + 2 * length]]
        changed = np.where(chance.random(length) < DAMAGE, other, line)[chance.random(length) > DAMAGE / 2]
        reference.append(" ".join(line).capitalize() + ".")
        own.append(" ".join(changed).capitalize() + ".")
    return Texts(hypotheses=tuple(own), references=(tuple(reference),))


def seconds(work: Callable[[], float]) -> tuple[float, float]:
    """Return the processor seconds of a piece of work, and what it gave."""
    start = time.process_time()
    value = work()
    return time.process_time() - start, value


def compared(
    work: str, ours: Callable[[], float], peer: Callable[[], float], limit: float | None, repeats: int
) -> bool:
    """Time both in turn, print a line, and return whether values agree and the limit is kept."""
    pairs = [(seconds(ours), seconds(peer)) for _ in range(repeats)]
    own, theirs = (statistics.median(pair[i][0] for pair in pairs) for i in (0, 1))
    (_, value), (_, expected) = pairs[0]
    same = abs(value - expected) <= 1e-9 * abs(expected)
    kept = same and (limit is None or own / theirs <= limit)
    told = "ok" if kept else ("NOT REACHED" if same else f"VALUES DIFFER: {value!r} {expected!r}")
    bound = "-" if limit is None else f"{limit:.3f}"
    print(f"{work} | {own:.3f} s | {theirs:.3f} s | {own / theirs:.3f} | {bound} | {told}", flush=True)
    return kept


def with_interval(metric: Metric, texts: Texts) -> float:
    """Return a metric of texts, its interval worked out too."""
    predictions = Predictions(
        id="a", source="a", reader="made up", task="generation", content=texts, rows=len(texts.hypotheses)
    )
    found = estimate(metric, view.view(predictions, Sampling(replicates=1000), Parameters()))
    assert found.value is not None  # noqa: S101  (texts with references)
    assert found.low is not None  # noqa: S101
    return found.value


def rouge_score(texts: Texts) -> float:
    """Return the mean of ROUGE-1, ROUGE-2 and ROUGE-L by rouge-score."""
    scorer = rouge_scorer.RougeScorer(["rouge1", "rouge2", "rougeL"])
    found = [
        sum(score.fmeasure for score in scorer.score(target, text).values())
        for text, target in zip(texts.hypotheses, texts.references[0], strict=True)
    ]
    return float(np.mean(found)) / 3


def main() -> int:
    """Run all comparisons."""
    if os.environ.get("OPENBLAS_NUM_THREADS") != "1":
        os.execve(sys.executable, [sys.executable, *sys.argv], os.environ | {"OPENBLAS_NUM_THREADS": "1"})  # noqa: S606  (itself)
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--repeats", type=int, default=5)
    repeats = parser.parse_args().repeats
    summaries, pairs = made_up(5000, (20, 80)), made_up(10_000, (5, 45))
    few = Texts(hypotheses=pairs.hypotheses[:1000], references=(pairs.references[0][:1000],))
    own, theirs = list(pairs.hypotheses), [text or "" for text in pairs.references[0]]
    print("work | ours | peer | ratio | limit | reached")
    passed = [
        compared(
            "ROUGE-1/2/L, 5,000 pairs, against rouge-score",
            lambda: float(rouge.rouge(summaries).f[:, :3].mean()),
            lambda: rouge_score(summaries),
            MOST_ROUGE,
            repeats,
        ),
        compared(
            "BLEU with 1,000 bootstrap samples, 10,000 pairs, against sacrebleu",
            lambda: with_interval(bleu.METRICS[0], pairs),
            lambda: float(sacrebleu.BLEU().corpus_score(own, [theirs], n_bootstrap=1000).score),
            MOST_BLEU,
            repeats,
        ),
        compared(
            "chrF with 1,000 bootstrap samples, 10,000 pairs, against sacrebleu",
            lambda: with_interval(chrf.METRICS[0], pairs),
            lambda: float(sacrebleu.CHRF().corpus_score(own, [theirs], n_bootstrap=1000).score),
            None,
            repeats,
        ),
        compared(
            "TER, 1,000 pairs, against sacrebleu",
            lambda: float(ter.scores(ter.statistics(few).sum(axis=0)[None])[0]),
            lambda: float(sacrebleu.TER().corpus_score(own[:1000], [theirs[:1000]]).score),
            None,
            repeats,
        ),
    ]
    return 0 if all(passed) else 1


if __name__ == "__main__":
    raise SystemExit(main())
