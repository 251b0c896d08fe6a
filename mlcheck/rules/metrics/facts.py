"""What several rules ask of predictions: confusion counts, class sizes, probabilities of the truth."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from mlcheck.model.predictions import Binary, Multiclass, Multilabel
from mlcheck.stats.intervals import two_sided_z

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from mlcheck.model import Floats
    from mlcheck.model.predictions import Bools, Codes, Content
    from mlcheck.stats.metrics.metric import Estimate
    from mlcheck.stats.metrics.scored import Scored

MOST_LOOKED = 500_000
"""Rows that are looked at for what concerns a share of them."""
ROWS_AT_ONCE = 1 << 16
"""Rows that stay in the cache of one core."""
MOST_CLASSES = 1000
"""Classes up to which an assignment of labels is searched: the search takes the cube of their number."""


def commonest(scored: Scored) -> tuple[float, str]:
    """Return the share (0..1) of the commonest true class and its name; (0, "") where there are no classes."""
    sizes = class_sizes(scored)
    if not sizes or not sum(sizes.values()):
        return 0.0, ""
    label = max(sizes, key=lambda name: sizes[name])
    return sizes[label] / sum(sizes.values()), label


def class_sizes(scored: Scored) -> dict[str, int]:
    """Return the number of true examples of each class or label; a class that only has a score column is left out."""
    content = scored.predictions.content
    if isinstance(content, Binary):
        positives = int(np.count_nonzero(content.truth))
        return {content.negative: len(content.truth) - positives, content.positive: positives}
    if isinstance(content, Multiclass):
        counts = np.bincount(content.truth, minlength=len(content.labels))
        return {label: int(n) for label, n in zip(content.labels, counts, strict=True) if n}
    if isinstance(content, Multilabel):
        return dict(zip(content.labels, map(int, content.truth.sum(axis=0)), strict=True))
    return {}


def confusion(scored: Scored) -> tuple[Floats, tuple[str, ...]]:
    """Return the counts (K, K) of truth (down) and prediction (across), and the labels; empty without predictions."""
    content = scored.predictions.content
    labels: tuple[str, ...]
    truth: Codes
    said: Codes
    if isinstance(content, Binary):
        labels = (content.negative, content.positive)
        truth, said = content.truth.astype(np.int32), _decided(content).astype(np.int32)
    elif isinstance(content, Multiclass):
        labels, truth = content.labels, content.truth
        if content.predicted is not None:
            said = content.predicted
        else:
            assert content.scores is not None  # noqa: S101  (either is there)
            said = content.scores.argmax(axis=1).astype(np.int32)
    else:
        return np.zeros((0, 0)), ()
    k = len(labels)
    counts = np.bincount(truth.astype(np.int64) * k + said, minlength=k * k).reshape(k, k)
    return counts.astype(np.float64), labels


def _decided(content: Binary) -> Bools:
    if content.predicted is not None:
        return content.predicted
    assert content.score is not None  # noqa: S101  (either is there)
    limit = {"probability": 0.5, "logit": 0.0, "log-probability": math.log(0.5)}[content.kind]
    decided: Bools = content.score >= limit
    return decided


def best_assignment(counts: Floats) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Return (true, predicted) indices of the one-to-one assignment of labels with the most rows right."""
    if len(counts) == 2:
        rest = np.trace(counts[:, ::-1]) > np.trace(counts)
        return np.arange(2), np.array([1, 0]) if rest else np.arange(2)
    from scipy.optimize import linear_sum_assignment

    rows, columns = linear_sum_assignment(counts, maximize=True)
    return rows, columns


def spiegelhalter(truth: Bools, p: Floats) -> float:
    """Return the z of Spiegelhalter's test of calibration (1986, eq. 9), shapes (n,); 0 where it has no variance.

    Positive where the Brier score is worse than a calibrated forecast's would be: overconfident.
    """
    y = truth.astype(np.float64)
    spread = 1 - 2 * p
    variance = float(np.sum(spread * spread * p * (1 - p)))
    return float(np.sum((y - p) * spread)) / math.sqrt(variance) if variance > 0 else 0.0


def spread_out(n: int, most: int = MOST_LOOKED) -> slice:
    """Return every k-th of n rows, so that at most `most` remain: enough for what concerns a share of them."""
    return slice(None, None, max(1, -(-n // most)))


def may_be_certain(content: Content) -> bool:
    """Whether a probability of 0 for what is true may be found: a quick look at two classes; True where it takes more."""
    if not isinstance(content, Binary) or content.score is None or content.kind != "probability":
        return True
    score = content.score
    return bool(((score <= 0) & content.truth).any() or ((score >= 1) & ~content.truth).any())


def of_truth(content: Content) -> Iterator[Floats]:
    """Yield the probability given to the true class, shape (b,), some rows at a time; nothing without probabilities."""
    if isinstance(content, Binary) and content.score is not None and content.kind == "probability":
        for start in range(0, len(content.truth), ROWS_AT_ONCE):
            score = content.score[start : start + ROWS_AT_ONCE].astype(np.float64)
            yield np.where(content.truth[start : start + ROWS_AT_ONCE], score, 1 - score)
    if isinstance(content, Multiclass) and content.scores is not None and content.kind == "probability":
        yield content.scores[np.arange(len(content.truth)), content.truth].astype(np.float64)


def gap_of(low: Estimate, high: Estimate, *, pairs: int, level: float) -> tuple[float, tuple[float, float]]:
    """Return the difference of two independent estimates and its interval, corrected for `pairs` choices (Bonferroni).

    Standard errors are taken from the estimates' own intervals of the same `level`.
    """
    assert low.value is not None  # noqa: S101  (asked for by the caller)
    assert high.value is not None  # noqa: S101
    z = two_sided_z(level)
    errors = [((e.high or 0.0) - (e.low or 0.0)) / (2 * z) for e in (low, high)]
    half = two_sided_z(1 - (1 - level) / max(pairs, 1)) * math.hypot(*errors)
    difference = high.value - low.value
    return difference, (difference - half, difference + half)


def r2(truth: Floats, said: Floats) -> float | None:
    """Return the coefficient of determination, None where the truth does not vary."""
    around = float(np.sum((truth - truth.mean()) ** 2))
    return 1 - float(np.sum((truth - said) ** 2)) / around if around > 0 else None
