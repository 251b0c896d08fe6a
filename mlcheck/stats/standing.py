"""Where rungs and the user's model stand on the ladder: what surely beats what, and what suffices.

`surely` allows for the number of rungs that are looked at (Bonferroni), so that the best of several noises is no gain.
"""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import TYPE_CHECKING, NamedTuple

from mlcheck.model.ladder import CHANCE, SUFFICIENT, Gain
from mlcheck.stats.intervals import two_sided_z

if TYPE_CHECKING:
    from mlcheck.model.ladder import Given, Ladder, Rung

MODEL = "model"
SIMPLE = ("linear", "simple-nn")
"""Learning rungs that are simple; those above are known architectures."""
BARELY = 0.1
"""Share of the best rung's gain over the constant up to which a model barely beats it."""

ONE_ERROR = 0.84
"""The probability that a normal number lies above minus one standard deviation."""


class Standing(NamedTuple):
    """A rung or the user's model (`name`): its score, and how much better it is than another, with its interval."""

    name: str
    score: float
    gain: Gain


def floor(ladder: Ladder) -> Rung | None:
    """Return the constant, or random where it surely is the better of the two (macro_f1) or alone; None without both."""
    constant, random = ladder.rung("constant"), ladder.rung("random")
    if constant is None or random is None:
        return constant or random
    return random if surely(ladder.gains["random", "constant"], ladder.level) else constant


def learning(ladder: Ladder) -> tuple[Rung, ...]:
    """Return the rungs that learn from features, the lowest first."""
    return tuple(rung for rung in ladder.rungs if rung.name not in CHANCE)


def best(ladder: Ladder, *names: str) -> Rung | None:
    """Return the best of the learning rungs (of these names), the lowest of equal ones; None where there is none."""
    found = [rung for rung in learning(ladder) if not names or rung.name in names]
    return max(found, key=lambda rung: ladder.better(rung.score, 0.0), default=None)


def above_linear(ladder: Ladder) -> tuple[Rung, ...]:
    """Return the learning rungs above linear."""
    return tuple(rung for rung in learning(ladder) if rung.name != "linear")


def architectures(ladder: Ladder) -> tuple[Rung, ...]:
    """Return the known architectures that were climbed."""
    return tuple(rung for rung in learning(ladder) if rung.name not in SIMPLE)


def surely(gain: Gain, level: float, looks: int = 1) -> bool:
    """Whether a gain is positive beyond noise, where it is the best of `looks`."""
    return gain.low is not None and gain.above >= 1 - (1 - level) / (2 * max(looks, 1)) and gain.value > 0


def signals(ladder: Ladder) -> tuple[Rung, ...]:
    """Return the learning rungs that surely beat the rung that looks at nothing."""
    base = floor(ladder)
    if base is None:
        return ()
    found = learning(ladder)
    return tuple(r for r in found if surely(ladder.gains[r.name, base.name], ladder.level, len(found)))


def reached(ladder: Ladder, score: float, of: float) -> float:
    """Return the share of the way from the floor to the score `of` that `score` reaches; 0 where there is no way."""
    base = floor(ladder)
    if base is None:
        return 0.0
    whole = ladder.better(of, base.score)
    return ladder.better(score, base.score) / whole if whole > 0 else 0.0


def over(ladder: Ladder, model: Given, rung: Rung, share: float = 1.0) -> Gain:
    """Return by how much the model is better than a rung (than `share` of the rung's gain over the floor).

    They were not judged on the same rows, as far as is known: the spreads of both add up.
    """
    base = floor(ladder)
    start = base.score if base is not None else 0.0
    wanted = start + share * (rung.score - start)
    return _gain(
        rung.name, ladder.better(model.score, wanted),
        math.hypot(_deviation(model.low, model.high, ladder.level), share * _deviation(rung.low, rung.high, ladder.level)),
        ladder.level,
    )  # fmt: skip


def short_of(ladder: Ladder, rung: Rung, model: Given) -> Gain:
    """Return by how much a rung is beyond `SUFFICIENT` of the model's gain over the floor."""
    base = floor(ladder)
    start = base.score if base is not None else 0.0
    wanted = start + SUFFICIENT * (model.score - start)
    deviation = math.hypot(
        _deviation(rung.low, rung.high, ladder.level),
        SUFFICIENT * _deviation(model.low, model.high, ladder.level),
    )
    return _gain(MODEL, ladder.better(rung.score, wanted), deviation, ladder.level)


def _deviation(low: float | None, high: float | None, level: float) -> float:
    """Return the standard deviation that an interval stands for; infinite without one."""
    return math.inf if low is None or high is None else (high - low) / (2 * two_sided_z(level))


def _gain(name: str, value: float, deviation: float, level: float) -> Gain:
    if not math.isfinite(deviation):
        return Gain(over=name, value=value, low=None, high=None)
    half = two_sided_z(level) * deviation
    above = NormalDist().cdf(value / deviation) if deviation > 0 else float(value > 0)
    return Gain(over=name, value=value, low=value - half, high=value + half, above=above)


def barely_beats_chance(ladder: Ladder) -> bool:
    """Whether the model has hardly more than a rung that looks at nothing.

    Where a rung surely found something, the model has at most `BARELY` of the best one's gain; where none did, the model
    is not surely above the floor either.
    """
    base, model = floor(ladder), ladder.model
    if base is None or model is None:
        return False
    top = max(signals(ladder), key=lambda rung: ladder.better(rung.score, 0.0), default=None)
    if top is None:
        return not surely(over(ladder, model, base), ladder.level)
    return reached(ladder, model.score, top.score) <= BARELY


def linear_reaches(ladder: Ladder) -> Standing | None:
    """Return the best of all above linear (the model too), with how far linear is beyond `SUFFICIENT` of its gain.

    None where linear, the constant or everything above linear was not climbed.
    """
    linear = ladder.rung("linear")
    if linear is None or floor(ladder) is None:
        return None
    found = [
        Standing(rung.name, rung.score, ladder.suffices[rung.name])
        for rung in above_linear(ladder)
        if rung.name in ladder.suffices
    ]
    if ladder.model is not None:
        found.append(Standing(MODEL, ladder.model.score, short_of(ladder, linear, ladder.model)))
    return max(found, key=lambda s: ladder.better(s.score, 0.0), default=None)


def linear_suffices(ladder: Ladder) -> bool:
    """Whether linear surely found something and reaches `SUFFICIENT` of the gain of the best above it.

    What is short of that by less than one standard error of the lead is no reason for something larger either: the
    simplest model within one standard error of the best (Breiman et al. 1984, Classification and regression trees,
    section 3.4.3).
    """
    standing, linear = linear_reaches(ladder), ladder.rung("linear")
    if standing is None or linear is None or "linear" not in {r.name for r in signals(ladder)}:
        return False
    return standing.gain.value >= 0 or ahead(ladder, standing.name, linear).above < ONE_ERROR


def ahead(ladder: Ladder, name: str, rung: Rung) -> Gain:
    """Return by how much a rung, or the model by the name MODEL, is better than a rung."""
    if name == MODEL and ladder.model is not None:
        return over(ladder, ladder.model, rung)
    return ladder.gains[name, rung.name]


def simplest(ladder: Ladder) -> Rung | None:
    """Return the lowest learning rung with `SUFFICIENT` of the best rung's gain over the floor; None without a signal."""
    top = best(ladder)
    if top is None or not signals(ladder):
        return None
    enough = (r for r in learning(ladder) if reached(ladder, r.score, top.score) >= SUFFICIENT)
    return next(enough, top)
