"""Is a model better than one that looks at nothing: a skill score for every task, 0 for the baseline, 1 for perfection.

Murphy 1988, Skill scores based on the mean square error, eq. 1: (score - baseline) / (perfect - baseline).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from mlcheck.model.predictions import Multilabel, Ranking, Regression, Texts, Tokens
from mlcheck.stats.intervals import two_sided_z
from mlcheck.stats.metrics.means import quantile_t
from mlcheck.stats.metrics.resample import Sampling, sums
from mlcheck.stats.metrics.scored import Skill

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlcheck.model import Floats
    from mlcheck.model.predictions import Predictions
    from mlcheck.stats.metrics.metric import Estimate

MOST_PAIRS = 5000
"""Texts that are held against the reference of another one: enough for a mean, few enough to be quick."""
BITS_OF_A_BYTE = 8.0
FEW = 50
"""Examples from which on Student's distribution is the normal one."""


def skill(predictions: Predictions, estimates: Mapping[str, Estimate], sampling: Sampling) -> Skill | None:
    """Return the skill of a model, None where the task has no baseline or the metric is undefined."""
    content = predictions.content
    if isinstance(content, Multilabel):
        return _of_labels(content, sampling)
    if isinstance(content, Regression):
        return _best(
            _rescaled(estimates.get("r2"), "r2", 0.0, 1.0, "the mean"), _of_deviations(content, sampling)
        )
    if isinstance(content, Ranking):
        return _of_order(content, sampling)
    if isinstance(content, Texts):
        return _of_texts(content, sampling)
    if isinstance(content, Tokens):
        return _rescaled(
            estimates.get("bits_per_byte"), "bits_per_byte", BITS_OF_A_BYTE, 0.0, "uniform bytes"
        )
    if _is_constant(content):  # the baseline itself, with nothing uncertain about it
        return Skill(value=0.0, low=0.0, high=0.0, metric="mcc", baseline="a constant answer")
    by_scores = _rescaled(estimates.get("roc_auc"), "roc_auc", 0.5, 1.0, "random scores")
    return by_scores or _rescaled(estimates.get("mcc"), "mcc", 0.0, 1.0, "a constant answer")


def _is_constant(content: object) -> bool:
    """Whether classes are predicted without scores, and always the same one, where the truth holds several."""
    said = getattr(content, "predicted", None)
    scored = any(getattr(content, name, None) is not None for name in ("score", "scores"))
    if said is None or scored or not len(said):
        return False
    truth = content.truth  # type: ignore[attr-defined]  # what has predictions has a truth
    return bool((said == said[0]).all()) and not bool((truth == truth[0]).all())


def _rescaled(
    estimate: Estimate | None, name: str, baseline: float, perfect: float, told: str
) -> Skill | None:
    """Return an estimate as a share of the way from the baseline's value to the perfect one."""
    if estimate is None or estimate.value is None or estimate.low is None or estimate.high is None:
        return None
    value, one, other = (
        (x - baseline) / (perfect - baseline) for x in (estimate.value, estimate.low, estimate.high)
    )
    return Skill(value=value, low=min(one, other), high=max(one, other), metric=name, baseline=told)


def _best(*found: Skill | None) -> Skill | None:
    return max((s for s in found if s is not None), key=lambda s: s.low, default=None)


def _of_deviations(content: Regression, sampling: Sampling) -> Skill | None:
    """Return 1 - MAE / MAE of the median, averaged over targets: what a few gross errors cannot turn around."""
    truth = content.truth.astype(np.float64)
    loss = np.abs(truth - content.predicted)
    guess = np.abs(truth - np.median(truth, axis=0))
    total = guess.sum(axis=0)
    if not len(truth) or not (total > 0).all():
        return None
    ratios = 1 - loss.sum(axis=0) / total
    # The standard error of a ratio of means, by its linear part (Cochran 1977, section 2.11).
    linear = ((loss - (1 - ratios) * guess) / (total / len(truth))).mean(axis=1)
    return _about(
        float(ratios.mean()), _standard_error(linear, sampling), len(linear), sampling, "mae", "the median"
    )


def _of_labels(content: Multilabel, sampling: Sampling) -> Skill | None:
    """Return the mean over labels of the correlation of truth and prediction (MCC), with its bootstrap interval."""
    said = content.predicted
    if said is None:
        assert content.scores is not None  # noqa: S101  (either is there)
        said = content.scores >= (0.5 if content.kind == "probability" else 0.0)
    both = np.concatenate([content.truth, said, content.truth & said], axis=1).astype(np.float64)
    value = _mean_phi(both.sum(axis=0)[None], len(both))[0]
    if not math.isfinite(value):
        return None
    fewer = Sampling(
        level=sampling.level,
        replicates=min(sampling.replicates, 300),
        seed=sampling.seed,
        clusters=sampling.clusters,
    )
    draws = _mean_phi(sums(both, fewer), len(both))
    low, high = np.nanquantile(draws, ((1 - sampling.level) / 2, (1 + sampling.level) / 2))
    return Skill(
        value=float(value), low=float(low), high=float(high), metric="mcc", baseline="constant answers"
    )


def _mean_phi(counts: Floats, n: int) -> Floats:
    """Return the mean phi coefficient of L labels from counts (replicates, 3 L) of truth, prediction, both."""
    true, said, both = np.split(counts / max(n, 1), 3, axis=1)
    spread = np.sqrt(true * (1 - true) * said * (1 - said))
    phi = np.divide(both - true * said, spread, out=np.zeros_like(both), where=spread > 0)
    mean: Floats = phi.mean(axis=1)
    return mean


def _of_order(content: Ranking, sampling: Sampling) -> Skill | None:
    """Return how far nDCG lies above that of the same documents in random order, over the queries where order matters."""
    shares = []
    for start, stop, first, last in zip(
        content.starts[:-1],
        content.starts[1:],
        content.judged_starts[:-1],
        content.judged_starts[1:],
        strict=True,
    ):
        gains = np.maximum(content.relevance[start:stop], 0).astype(np.float64)
        ideal = np.maximum(content.judged[first:last], 0).astype(np.float64)
        best = float(ideal @ _discounts(len(ideal)))
        if best <= 0 or not len(gains) or np.ptp(gains) == 0:
            continue
        weights = _discounts(len(gains))
        chance = float(gains.mean() * weights.sum()) / best
        reached = float(gains @ weights) / best
        top = float(np.sort(gains)[::-1] @ weights) / best
        shares.append((reached - chance) / (top - chance))
    if not shares:
        return None
    values = np.array(shares)
    return _about(
        float(values.mean()),
        _standard_error(values, Sampling()),
        len(values),
        sampling,
        "ndcg",
        "random order",
    )


def _discounts(n: int) -> Floats:
    discounts: Floats = 1 / np.log2(np.arange(2, n + 2))
    return discounts


def _of_texts(content: Texts, sampling: Sampling) -> Skill | None:
    """Return how far the words shared with the own reference exceed those shared with that of another text."""
    pairs = [(h, r) for h, r in zip(content.hypotheses, content.references[0], strict=True) if r is not None]
    pairs = pairs[:MOST_PAIRS]
    if len(pairs) < 2:
        return None
    said, wanted = [set(h.lower().split()) for h, _ in pairs], [set(r.lower().split()) for _, r in pairs]
    own = np.array([_overlap(a, b) for a, b in zip(said, wanted, strict=True)])
    other = np.array([_overlap(a, b) for a, b in zip(said, wanted[1:] + wanted[:1], strict=True)])
    best = 1 - float(other.mean())
    if best <= 0:
        return None
    gain = (own - other) / best
    error = _standard_error(gain, Sampling())
    return _about(
        float(gain.mean()), error, len(gain), sampling, "word overlap", "the reference of another text"
    )


def _overlap(a: set[str], b: set[str]) -> float:
    return 2 * len(a & b) / (len(a) + len(b)) if a or b else 1.0


def _standard_error(values: Floats, sampling: Sampling) -> float:
    """Return the standard error of a mean; rows of one cluster count as one observation."""
    n = len(values)
    if sampling.clusters is not None and n:
        totals = np.bincount(sampling.clusters, values - values.mean())
        return float(np.sqrt(len(totals) / max(len(totals) - 1, 1) * np.sum(totals**2))) / n
    return float(values.std(ddof=1)) / math.sqrt(n) if n > 1 else math.inf


def _about(
    value: float, error: float, n: int, sampling: Sampling, metric: str, baseline: str
) -> Skill | None:
    """Return the skill with its interval: Student's while the n examples are few."""
    if not math.isfinite(error):
        return None
    half = (quantile_t(sampling.level, n - 1) if n < FEW else two_sided_z(sampling.level)) * error
    return Skill(value=value, low=value - half, high=min(1.0, value + half), metric=metric, baseline=baseline)
