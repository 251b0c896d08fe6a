"""The scores of one class after another: columns of a matrix that lies row by row, a few at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlcheck.model import Floats
    from mlcheck.model.predictions import Reals, ScoreKind

AT_ONCE = 8
"""Columns copied together: a row's neighbours lie in one cache line."""
BLOCK_ROWS = 2048


def columns(scores: Reals, kind: ScoreKind) -> Iterator[Reals]:
    """Yield (n,) numbers for each class of (n, K) scores, in the order of its probability over the rows.

    What is yielded lies in memory that later columns overwrite.
    """
    odds = _Odds(scores) if kind == "logit" else None
    held = np.empty((min(AT_ONCE, scores.shape[1]), len(scores)), dtype=scores.dtype)
    for first in range(0, scores.shape[1], AT_ONCE):
        for start in range(0, len(scores), BLOCK_ROWS):
            block = scores[start : start + BLOCK_ROWS, first : first + AT_ONCE]
            held[: block.shape[1], start : start + BLOCK_ROWS] = block.T
        for number, column in enumerate(held[: scores.shape[1] - first], first):
            yield column if odds is None else odds.of(number, column)


class _Odds:
    """Log-odds log p / (1 - p) of softmax probabilities, exact where p is so near 1 that it rounds to it."""

    def __init__(self, scores: Reals) -> None:
        """Take from each row of logits (n, K) its highest, and the logarithm of the sum of the others."""
        n, classes = scores.shape
        self.top = np.empty(n, dtype=np.int32)
        self.highest, self.total, self.others = np.empty(n), np.empty(n), np.empty(n)
        at_once = max(1, (1 << 16) // classes)
        for start in range(0, n, at_once):
            rows = slice(start, start + at_once)
            wide = scores[rows].astype(np.float64)
            top = wide.argmax(axis=1)
            highest = wide[np.arange(len(wide)), top]
            wide[np.arange(len(wide)), top] = -np.inf
            second = wide.max(axis=1)
            among = np.log(np.exp(wide - second[:, None]).sum(axis=1)) + second
            self.top[rows], self.highest[rows], self.others[rows] = top, highest, among
            self.total[rows] = 1 + np.exp(among - highest)

    def of(self, number: int, column: Reals) -> Floats:
        """Return the log-odds (n,) of one class."""
        apart = column - self.highest
        with np.errstate(divide="ignore"):
            below = apart - np.log(self.total - np.exp(apart))
        return np.where(self.top == number, self.highest - self.others, below)
