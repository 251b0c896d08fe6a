"""Log-probabilities of texts as their metrics read them, and ratios of their sums with what these may be off by."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np

from mlcheck.model.predictions import Tokens
from mlcheck.stats.metrics.metric import Undefined
from mlcheck.stats.metrics.resample import sums

if TYPE_CHECKING:
    from mlcheck.model import Floats
    from mlcheck.model.predictions import Predictions, Reals
    from mlcheck.stats.metrics.parameters import Parameters
    from mlcheck.stats.metrics.resample import Sampling

Unit = Literal["token", "word", "character", "byte"]


@dataclass(frozen=True, kw_only=True, eq=False)
class TokensView:
    """The summed log-probabilities of n texts; `weight` (n,) is None where all count alike."""

    tokens: Tokens
    sampling: Sampling
    weight: Reals | None = None
    keys: tuple[str, ...] | None = None

    @property
    def n(self) -> int:
        """How many texts there are."""
        return len(self.tokens.log_probability)

    def counts(self, unit: Unit) -> Floats:
        """Return (n,) how many of a unit each text has; raise Undefined where that is not known or nothing is there."""
        held = {
            "token": self.tokens.tokens,
            "word": self.tokens.words,
            "character": self.tokens.characters,
            "byte": self.tokens.bytes_,
        }[unit]
        if held is None:
            raise Undefined(f"the texts themselves are not there, so their {unit}s are not counted")
        return held

    def surprisal(self, unit: Unit) -> float:
        """Return -(sum of log p) / (sum of the unit), in nats; raise Undefined where it is none or infinite."""
        counts = self.counts(unit)
        endless = np.flatnonzero(~np.isfinite(self.tokens.log_probability))
        if len(endless):
            raise Undefined(f"text {int(endless[0]) + 1} has probability 0: its surprisal is infinite")
        total, of = self._clustered(counts).sum(axis=0)
        if not of > 0:
            raise Undefined(f"there are no {unit}s")
        return float(-total / of)

    def influence(self, unit: Unit) -> Floats:
        """Return (n,) or by cluster: how far each text moves `surprisal`, the linear part of a ratio of sums."""
        by_text = self._clustered(self.counts(unit))
        center = self.surprisal(unit)
        moved: Floats = -(by_text[:, 0] + center * by_text[:, 1]) / by_text[:, 1].sum()
        return moved

    def drawn(self, unit: Unit) -> Floats:
        """Return (replicates,) the surprisal of bootstrap samples of texts; raise Undefined where nothing can vary."""
        self.surprisal(unit)
        if len(self._clustered(self.tokens.tokens)) < 2:
            raise Undefined("one text alone does not tell how texts vary")
        drawn = sums(self._weighted(self.counts(unit)), self.sampling)
        with np.errstate(divide="ignore", invalid="ignore"):
            surprisal: Floats = -drawn[:, 0] / drawn[:, 1]
        return np.where(drawn[:, 1] > 0, surprisal, math.nan)

    @cached_property
    def _weights(self) -> Floats:
        return np.ones(self.n) if self.weight is None else self.weight.astype(np.float64)

    def _weighted(self, counts: Floats) -> Floats:
        """Return (n, 2): log-probability and count of each text by its weight."""
        return np.column_stack([self.tokens.log_probability, counts]) * self._weights[:, None]

    def _clustered(self, counts: Floats) -> Floats:
        """Return the same, summed by cluster where texts belong together."""
        weighted, clusters = self._weighted(counts), self.sampling.clusters
        if clusters is None:
            return weighted
        groups = int(clusters.max(initial=-1)) + 1
        return np.stack([np.bincount(clusters, column, groups) for column in weighted.T], axis=1)


def view(predictions: Predictions, sampling: Sampling, parameters: Parameters) -> TokensView:  # noqa: ARG001 (of the protocol)
    """Return the log-probabilities of predictions as their metrics read them."""
    content = predictions.content
    if not isinstance(content, Tokens):
        raise TypeError(f"expected Tokens, found {type(content).__name__}")
    keys = None if predictions.keys is None else tuple(str(key) for key in predictions.keys)
    return TokensView(tokens=content, sampling=sampling, weight=predictions.weight, keys=keys)
