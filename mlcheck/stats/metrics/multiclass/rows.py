"""What the metrics need of each row of a score matrix, from one pass over it in blocks that fit a cache."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from mlcheck.model import Floats
    from mlcheck.model.predictions import Bools, Codes, Reals, ScoreKind

BLOCK_NUMBERS = 1 << 17
"""Scores handled at once: 1 MiB as float64."""
MOST_FOLDED = 2040
"""Up to so many classes the counts of a row fit the bytes of a 64-bit word."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rows:
    """Of each row (n,): the class of the highest score, its probability, the truth's rank and the row's losses.

    `top` is the first of equal scores, as argmax. `before` counts the classes ranked before the true one: those of a
    higher score, and those of an equal score that stand further right (scikit-learn's top_k_accuracy_score). `loss` is
    -log p of the truth, `brier` the sum over classes of (p - truth)^2. `adds_up` is False where probabilities of some
    row do not add to 1 within the square root of their type's epsilon.
    """

    top: Codes
    confidence: Floats
    before: Codes
    loss: Floats
    brier: Floats
    adds_up: bool


def rows(scores: Reals, truth: Codes, kind: ScoreKind) -> Rows:
    """Read (n, K) scores once; `truth` (n,) numbers their columns."""
    n, classes = scores.shape
    made = Rows(
        top=np.empty(n, dtype=np.int32),
        confidence=np.empty(n),
        before=np.empty(n, dtype=np.int32),
        loss=np.empty(n),
        brier=np.empty(n),
        adds_up=True,
    )
    at_once = max(1, BLOCK_NUMBERS // classes)
    adds_up = True
    for start in range(0, n, at_once):
        span = slice(start, start + at_once)
        adds_up &= _fill(made, span, scores[span], truth[span], kind)
    return Rows(
        top=made.top,
        confidence=made.confidence,
        before=made.before,
        loss=made.loss,
        brier=made.brier,
        adds_up=adds_up,
    )


def _fill(made: Rows, span: slice, block: Reals, truth: Codes, kind: ScoreKind) -> bool:
    """Fill the rows of one block; say whether their probabilities add to 1."""
    at = np.arange(len(block))
    of_truth = block[at, truth]
    top = block.argmax(axis=1)
    made.top[span] = top
    made.before[span] = ranked_before(block, of_truth, truth)
    p = probabilities(block, kind)
    p_truth = of_truth.astype(np.float64) if p is block else p[at, truth]
    made.confidence[span] = p[at, top]
    made.loss[span] = _losses(block, of_truth, p_truth, kind)
    wide = p.astype(np.float64, copy=False)
    made.brier[span] = np.einsum("ij,ij->i", wide, wide) + (1 - 2 * p_truth)
    return bool(
        np.abs(wide @ np.ones(wide.shape[1]) - 1).max(initial=0) <= np.sqrt(np.finfo(block.dtype).eps)
    )


def probabilities(block: Reals, kind: ScoreKind) -> Reals:
    """Return (rows, K) probabilities: the scores themselves, their exponentials, or the softmax of logits (float64)."""
    if kind == "probability":
        return block
    if kind == "log-probability":
        return np.exp(block.astype(np.float64, copy=False))
    raised = block.astype(np.float64)
    raised -= raised.max(axis=1, keepdims=True)
    np.exp(raised, out=raised)
    raised /= raised.sum(axis=1, keepdims=True)
    return raised


def _losses(block: Reals, of_truth: Reals, p_truth: Reals, kind: ScoreKind) -> Floats:
    """Return -log p of the truth: probabilities clipped by the epsilon of float64, logits by a stable log-softmax."""
    eps = float(np.finfo(np.float64).eps)
    if kind == "probability":
        clipped: Floats = np.clip(p_truth.astype(np.float64), eps, 1 - eps)
        return -np.log(clipped)
    if kind == "log-probability":
        floored = np.where(np.isneginf(of_truth), np.log(eps), of_truth)
        return -floored.astype(np.float64)
    wide = block.astype(np.float64, copy=False)
    highest = wide.max(axis=1)
    beyond: Floats = np.log(np.exp(wide - highest[:, None]).sum(axis=1)) + highest - of_truth
    return beyond


def ranked_before(block: Reals, of_truth: Reals, truth: Codes) -> Codes:
    """Return (rows,) how many classes stand before the true one, whose score is `of_truth` (rows,)."""
    level = of_truth[:, None]
    before = _count(block >= level) - 1
    # Only an equal score of a class further left stands behind; most rows have none, and a row of rank 0 needs none.
    asked = np.flatnonzero(before)
    equal = block[asked] == level[asked]
    tied = np.flatnonzero(_count(equal) > 1)
    left = np.arange(block.shape[1]) < truth[asked[tied], None]
    before[asked[tied]] -= np.count_nonzero(equal[tied] & left, axis=1).astype(np.int32)
    return before


def _count(mask: Bools) -> Codes:
    """Return (rows,) the number of True in each row of (rows, K): eight at a time, as bytes of a word."""
    length, classes = mask.shape
    if classes > MOST_FOLDED:
        whole: Codes = np.count_nonzero(mask, axis=1).astype(np.int32)
        return whole
    padded = np.zeros((length, -(-classes // 8) * 8), dtype=np.bool_)
    padded[:, :classes] = mask
    words = padded.view(np.uint64).sum(axis=1)
    low = np.uint64(0x00FF00FF00FF00FF)
    pairs = (words & low) + ((words >> np.uint64(8)) & low)
    folded: Codes = ((pairs * np.uint64(0x0001000100010001)) >> np.uint64(48)).astype(np.int32)
    return folded
