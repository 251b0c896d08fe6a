"""What the ladder says of the problem and of the user's model: the verdict, how sure it is, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlcheck.model.ladder import SUFFICIENT
from mlcheck.stats import standing
from mlcheck.stats.standing import MODEL, surely

if TYPE_CHECKING:
    from mlcheck.model.ladder import Gain, Ladder, Rung

FEW_ROWS = 5000
"""Rows up to which more of them might show a signal that is too weak for so few."""


class Verdict(NamedTuple):
    """The verdict, the probability (0..1) that it is right (None for an inconclusive one), the reason in a sentence."""

    name: str
    confidence: float | None
    why: str


def verdict(ladder: Ladder) -> Verdict:
    """Return the verdict of a ladder."""
    base = standing.floor(ladder)
    if base is None or not standing.learning(ladder):
        return _open("climb constant and linear at least: nothing can be held against anything else")
    if ladder.model is not None and standing.barely_beats_chance(ladder):
        return _broken(ladder, base)
    if not standing.signals(ladder) and ladder.model is None:
        return _no_signal(ladder, base)
    above = standing.linear_reaches(ladder)
    if above is None:
        missing = "linear" if ladder.rung("linear") is None else "a rung above linear"
        return _open(f"{missing} was not climbed: it takes both to tell what the problem needs")
    if standing.linear_suffices(ladder):
        return _linear(ladder, above)
    if ladder.model is not None and not standing.signals(ladder):
        return _only_the_model(ladder, base)
    return _beyond_linear(ladder, above)


def _open(why: str) -> Verdict:
    return Verdict("inconclusive", None, why)


def _broken(ladder: Ladder, base: Rung) -> Verdict:
    model = ladder.model
    assert model is not None  # noqa: S101  (asked by the caller)
    gain = standing.over(ladder, model, base)
    best = max(standing.signals(ladder), key=lambda r: ladder.better(r.score, 0.0), default=None)
    told = (
        f"the model ({_n(model.score)}) barely beats {base.name} ({_n(base.score)}) by {ladder.task.metric}"
    )
    if best is None:
        return Verdict("broken", round(1 - gain.above, 4), f"{told}, and no rung found more")
    short = standing.over(ladder, model, best, standing.BARELY)
    return Verdict("broken", round(1 - short.above, 4), f"{told}; {best.name} reaches {_n(best.score)}")


def _no_signal(ladder: Ladder, base: Rung) -> Verdict:
    best = standing.best(ladder)
    assert best is not None  # noqa: S101  (asked by the caller)
    gain = ladder.gains[best.name, base.name]
    few = "" if ladder.task.rows > FEW_ROWS else f" in {ladder.task.rows:,} rows"
    return _open(
        f"no rung surely beats {base.name}{few}: the best, {best.name}, is {_signed(gain)} by {ladder.task.metric};"
        " the columns may tell nothing of the target, or it takes more rows"
    )


def _linear(ladder: Ladder, above: standing.Standing) -> Verdict:
    linear, base = ladder.rung("linear"), standing.floor(ladder)
    assert linear is not None  # noqa: S101  (asked by the caller)
    assert base is not None  # noqa: S101
    share = standing.reached(ladder, linear.score, above.score)
    name = _named(above.name)
    lead = standing.ahead(ladder, above.name, linear)
    told = (
        f"linear is at least as good as {name}: {_n(linear.score)} against {_n(above.score)}"
        if share >= 1
        else f"linear reaches {share:.0%} of the gain of {name} over {base.name}: {_n(linear.score)} against {_n(above.score)}"
    )
    if above.gain.value < 0:
        told = f"the lead of {name} over linear is within its noise: {_signed(lead)} {ladder.task.metric}"
    return Verdict("linear-suffices", round(above.gain.above, 4), told)


def _only_the_model(ladder: Ladder, base: Rung) -> Verdict:
    """Say that the model has what no rung found: rows that it has seen, or knowledge that the columns lack."""
    model = ladder.model
    assert model is not None  # noqa: S101  (asked by the caller)
    gain = standing.over(ladder, model, base)
    return Verdict(
        "complexity-justified",
        round(gain.above, 4),
        f"no rung surely beats {base.name}, the model does: {_n(model.score)} against {_n(base.score)}",
    )


def _beyond_linear(ladder: Ladder, above: standing.Standing) -> Verdict:
    """Say whether what is above linear is surely better, and whether it takes more than a simple network."""
    linear = ladder.rung("linear")
    assert linear is not None  # noqa: S101  (asked by the caller)
    ahead = standing.ahead(ladder, above.name, linear)
    looks = len(standing.above_linear(ladder)) + (ladder.model is not None)
    if not surely(ahead, ladder.level, looks):
        return _open(
            f"{_named(above.name)} is ahead of linear by {_signed(ahead)} {ladder.task.metric}: too few rows to tell"
        )
    simple = ladder.rung("simple-nn")
    if above.name != "simple-nn" and simple is not None:
        more = standing.ahead(ladder, above.name, simple)
        share = standing.reached(ladder, simple.score, above.score)
        if share < SUFFICIENT and surely(more, ladder.level, looks):
            told = f"{_named(above.name)} is ahead of simple-nn by {_signed(more)} {ladder.task.metric}, which has {share:.0%} of its gain"
            return Verdict("complexity-justified", round(more.above, 4), told)
    return Verdict(
        "nonlinear-helps",
        round(ahead.above, 4),
        f"{_named(above.name)} is ahead of linear by {_signed(ahead)} {ladder.task.metric}: {_n(above.score)} against {_n(linear.score)}",
    )


def _named(name: str) -> str:
    return "the model" if name == MODEL else name


def _n(value: float) -> str:
    return f"{value:.3g}"


def _signed(gain: Gain) -> str:
    told = f"{gain.value:+.3g}"
    return told if gain.low is None else f"{told} ({gain.low:+.3g} to {gain.high:+.3g})"
