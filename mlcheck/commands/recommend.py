"""Which metric to trust: the one that fits the task, its balance and what errors cost, with the reason in a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from mlcheck.model.predictions import Binary, Multiclass, Ranking, Regression, Texts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlcheck.model.predictions import Predictions
    from mlcheck.stats.metrics.metric import Estimate
    from mlcheck.stats.metrics.parameters import Parameters

RARE = 0.2
"""Share of the rarer class below which accuracy says little: a constant answer reaches 80 %."""
UNEVEN = 3.0
"""Largest class over the mean class from which on classes are not weighed alike by accuracy."""
SHORT_ANSWER = 5
"""Words of a typical reference up to which an answer is right or wrong rather than well or badly put."""
OUTLIER_SHARE, OF_ROWS, LEAST_ROWS = 0.5, 0.01, 30
"""The squared error belongs to few rows where that share of it comes from that share of them."""


class Advice(NamedTuple):
    """The name of a metric and why it is the one, as the end of a sentence."""

    metric: str
    why: str


def recommend(predictions: Predictions, estimates: Mapping[str, Estimate], parameters: Parameters) -> Advice:
    """Return the metric to trust of those that have a value."""
    for advice in _candidates(predictions, parameters):
        found = estimates.get(advice.metric)
        if found is not None and found.value is not None:
            return advice
    first = next((name for name, e in estimates.items() if e.value is not None), next(iter(estimates), ""))
    return Advice(first, "no other metric of the task has a value here")


def _candidates(predictions: Predictions, parameters: Parameters) -> tuple[Advice, ...]:
    content = predictions.content
    if predictions.task == "binary":
        return (
            _binary(content, parameters)
            if isinstance(content, Binary)
            else (Advice("roc_auc", "it needs no threshold"),)
        )
    if isinstance(content, Multiclass):
        counts = np.bincount(content.truth, minlength=len(content.labels))
        present = counts[counts > 0]
        if present.max() > UNEVEN * present.mean() or present.min() < present.mean() / UNEVEN:
            told = f"the classes are uneven ({present.min():,} to {present.max():,} examples), and it weighs them alike"
            return (Advice("macro_f1", told), Advice("accuracy", told))
        return (Advice("accuracy", "the classes are about equally frequent"),)
    if predictions.task == "multilabel":
        return (
            Advice("macro_f1", "every label counts alike, rare ones too"),
            Advice("micro_f1", "it counts every decision alike"),
        )
    if isinstance(content, Regression):
        return _regression(content)
    if isinstance(content, Ranking):
        graded = int(content.judged.max(initial=0)) > 1
        told = "relevance is graded" if graded else "relevance is yes or no"
        return (
            (Advice("ndcg@10", told), Advice("ndcg", told), Advice("map", told))
            if graded
            else (Advice("map", told),)
        )
    if isinstance(content, Texts):
        return _texts(content)
    return (
        Advice("bits_per_byte", "it does not depend on the tokeniser"),
        Advice("perplexity", "the text itself is not there; compare only models with the same tokeniser"),
    )


def _binary(content: Binary, parameters: Parameters) -> tuple[Advice, ...]:
    share = float(content.truth.mean()) if len(content.truth) else 0.0
    f_score = "f1" if parameters.beta == 1 else f"f{parameters.beta:g}"
    if min(share, 1 - share) < RARE:
        told = (
            f"the positive class is {share:.2g} of the rows"
            if share < 0.5
            else f"the negative class is {1 - share:.2g} of the rows"
        )
        return (
            Advice("average_precision", f"{told}, and it looks at how well that class is found")
            if share < 0.5
            else Advice("balanced_accuracy", f"{told}, and it weighs both alike"),
            Advice(f_score, f"{told}, and it ignores the easy negatives"),
            Advice("mcc", told),
            Advice("balanced_accuracy", told),
        )
    if content.score is not None:
        return (
            Advice("roc_auc", "both classes are frequent, and it needs no threshold"),
            Advice("accuracy", "both classes are frequent"),
        )
    return (Advice("accuracy", "both classes are frequent"),)


def _regression(content: Regression) -> tuple[Advice, ...]:
    if content.quantile is not None and content.quantile != 0.5:
        return (Advice("pinball", f"the prediction aims at the quantile {content.quantile:g}"),)
    share = outlier_share(content)
    if share > OUTLIER_SHARE:
        told = f"{100 * share:.0f} % of the squared error comes from 1 % of the rows"
        return (Advice("mae", told), Advice("rmse", told))
    return (
        Advice("rmse", "no few rows dominate the squared error, and it has the unit of the target"),
        Advice("mae", ""),
    )


def outlier_share(content: Regression) -> float:
    """Return the share (0..1) of the squared error that the worst 1 % of the rows (one at least) carry; 0 for a handful of rows."""
    squared = np.square(content.truth.astype(np.float64) - content.predicted).sum(axis=1)
    if len(squared) < LEAST_ROWS:
        return 0.0
    total = float(squared.sum())
    worst = max(1, int(np.ceil(OF_ROWS * len(squared))))
    return (
        float(np.partition(squared, -worst)[-worst:].sum()) / total
        if total > 0 and len(squared) > worst
        else 0.0
    )


def _texts(content: Texts) -> tuple[Advice, ...]:
    references = [r for r in content.references[0] if r is not None]
    lengths = [len(r.split()) for r in references] or [0]
    middle = float(np.median(lengths))
    if middle <= SHORT_ANSWER:
        told = f"answers are short ({middle:g} words)"
        return (Advice("exact_match", told), Advice("token_f1", told))
    if sum("\n" in r for r in references) > len(references) / 2:
        told = "references have several lines, as summaries do"
        return (Advice("rougeLsum", told), Advice("chrf", told), Advice("token_f1", told))
    told = "it agrees with people better than BLEU does, and does not depend on a tokeniser"
    return (Advice("chrf", told), Advice("token_f1", "no library for chrF is installed"))
