"""How surprised a language model is by texts: perplexity by token and word, bits by token, byte and character.

All are one quantity, the mean of -log p, by another unit and base: perplexities are exp(nats per unit), bits are
nats / log 2. Per token it depends on the model's vocabulary; two models of different tokens are compared by byte,
character or word (Mielke 2019, Can you compare perplexity across different segmentations?).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mlcheck.stats.intervals import two_sided_z
from mlcheck.stats.metrics.metric import Difference, Interval, Metric, Undefined

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlcheck.model import Floats
    from mlcheck.stats.metrics.language_model.view import TokensView, Unit

RANK = 10
FEWEST_TEXTS = 30
"""From as many texts on a mean is taken to be normally distributed; below, samples are drawn."""


def perplexity(view: TokensView) -> float:
    """Perplexity per token, at least 1, lower is better: exp(-(sum of natural log p) / tokens), of all texts together.

    The number of equally likely tokens that would surprise as much (Jelinek et al. 1977); it does not depend on the base
    of the logarithm, but on the model's tokens. Undefined where a text has probability 0.
    """
    return _exponential(view.surprisal("token"))


def bits_per_byte(view: TokensView) -> float:
    """Bits per byte of UTF-8 text, lower is better: -(sum of log2 p) / bytes; the same for any vocabulary.

    What a perfect compressor built on the model would need. Undefined where the texts are not there.
    """
    return view.surprisal("byte") / math.log(2)


def bits_per_character(view: TokensView) -> float:
    """Bits per character (code point), lower is better: -(sum of log2 p) / characters.

    Undefined where the texts are not there.
    """
    return view.surprisal("character") / math.log(2)


def bits_per_token(view: TokensView) -> float:
    """Cross-entropy in bits per token, lower is better: -(sum of log2 p) / tokens, the log2 of the perplexity."""
    return view.surprisal("token") / math.log(2)


def word_perplexity(view: TokensView) -> float:
    """Perplexity per word (as white space parts them), at least 1, lower is better: exp(-(sum of log p) / words).

    The same for any vocabulary. Undefined where the texts are not there.
    """
    return _exponential(view.surprisal("word"))


def _exponential(nats: float) -> float:
    try:
        return math.exp(nats)
    except OverflowError:
        raise Undefined(f"it is exp({nats:.0f}), beyond any number") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """What a metric makes of nats per `unit`: nats / log 2, or with `exponential` exp(nats)."""

    unit: Unit
    exponential: bool

    def of(self, nats: Floats) -> Floats:
        """Return the metric at these nats per unit."""
        with np.errstate(over="ignore"):
            made: Floats = np.exp(nats) if self.exponential else nats / math.log(2)
        return made

    def slope(self, nats: float) -> float:
        """Return the derivative of `of`."""
        return _exponential(nats) if self.exponential else 1 / math.log(2)

    def interval(self, view: TokensView) -> Interval:
        """Return the interval of a ratio of sums over texts by the delta method, made in nats.

        Cochran 1977, Sampling techniques, section 6.4. Raises Undefined for few texts.
        """
        nats, moved = view.surprisal(self.unit), view.influence(self.unit)
        half = two_sided_z(view.sampling.level) * _spread(moved)
        low, high = self.of(np.array([max(0.0, nats - half), nats + half])).tolist()
        if not math.isfinite(high):
            raise Undefined("its upper end is beyond any number")
        return Interval(low=low, high=high, method="delta method over texts")

    def draws(self, view: TokensView) -> Floats:
        """Return the metric of each bootstrap sample of texts."""
        return self.of(view.drawn(self.unit))

    def test(self, a: TokensView, b: TokensView) -> Difference:
        """Return the paired difference over the same texts by the delta method; raise Undefined for few texts."""
        nats = [view.surprisal(self.unit) for view in (a, b)]
        first, second = (
            view.influence(self.unit) * self.slope(x) for view, x in zip((a, b), nats, strict=True)
        )
        one, other = self.of(np.array(nats)).tolist()
        spread = _spread(first - second)
        z = abs(one - other) / spread if spread > 0 else (math.inf if one != other else 0.0)
        half = two_sided_z(a.sampling.level) * spread
        return Difference(
            a=one,
            b=other,
            difference=one - other,
            low=one - other - half,
            high=one - other + half,
            p_value=math.erfc(z / math.sqrt(2)),
            method="paired delta method over texts",
        )


def _spread(moved: Floats) -> float:
    """Return the standard deviation of a sum of independent parts; raise Undefined for too few to be normal."""
    n = len(moved)
    if n < FEWEST_TEXTS:
        raise Undefined(f"the delta method is for {FEWEST_TEXTS} texts or more")
    return math.sqrt(float(np.square(moved).sum()) * n / (n - 1))


def _metric(name: str, value: Callable[[TokensView], float], unit: Unit, told: str) -> Metric:
    scale = Scale(unit=unit, exponential=not told.startswith("bits"))
    return Metric(
        name=name,
        better="lower",
        value=value,
        interval=scale.interval,
        draws=scale.draws,
        test=scale.test,
        low=1.0 if scale.exponential else 0.0,
        high=math.inf,
        unit=told,
    )


METRICS = (
    _metric("perplexity", perplexity, "token", "per token"),
    _metric("bits_per_byte", bits_per_byte, "byte", "bits per byte"),
    _metric("bits_per_character", bits_per_character, "character", "bits per character"),
    _metric("bits_per_token", bits_per_token, "token", "bits per token"),
    _metric("word_perplexity", word_perplexity, "word", "per word"),
)
