"""The threshold that serves best, how sure it is, and how much of what it reaches is owed to having chosen it here.

A threshold chosen on a file flatters that file. The bootstrap shows by how much: it is chosen anew on every resample
and judged on the rows that the resample left out (Efron & Tibshirani 1997, J. Am. Stat. Assoc. 92, p. 548).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from mlcheck.stats.metrics.binary.areas import above
from mlcheck.stats.metrics.binary.draws import drawn_in_order
from mlcheck.stats.metrics.metric import Undefined, percentiles

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mlcheck.model import Floats
    from mlcheck.stats.metrics.binary.groups import Groups
    from mlcheck.stats.metrics.binary.rows import BinaryView
    from mlcheck.stats.metrics.binary.sweep import Totals
    from mlcheck.stats.metrics.parameters import Parameters

Array: TypeAlias = npt.NDArray[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What is sought: `worth` of (tp, fp, positives, total) is highest at the best threshold, -inf where not allowed.

    Times `sign` it is the number to tell, called `measure`. `highest` takes the highest of equal thresholds.
    """

    told: str
    measure: str
    worth: Callable[[Array, Array, Array, Array], Array]
    sign: float = 1.0
    highest: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The best threshold with its interval, and the `measure` it reaches (F, cost a row, recall, precision).

    `held_out` is what thresholds chosen on resamples reach on the rows left out, `optimism` by how much the value on
    the rows of the choice is better than that. None where rows are too many or too uniform to tell.
    """

    threshold: float
    chosen_by: str
    measure: str
    reached: float
    tp: float
    fp: float
    low: float | None = None
    high: float | None = None
    reached_low: float | None = None
    reached_high: float | None = None
    held_out: float | None = None
    optimism: float | None = None
    method: str = ""


def rule(parameters: Parameters) -> Rule | None:
    """Return the rule that the parameters ask for; None where the threshold is given."""
    if parameters.rule == "cost" and parameters.cost is not None:
        return _by_cost(*parameters.cost)
    if parameters.rule == "min-precision" and parameters.least is not None:
        return _by_least_precision(parameters.least)
    if parameters.rule == "min-recall" and parameters.least is not None:
        return _by_least_recall(parameters.least)
    return None if parameters.rule == "given" else _by_f(parameters.beta)


def _by_f(beta: float) -> Rule:
    square = beta * beta

    def worth(tp: Array, fp: Array, positives: Array, total: Array) -> Array:  # noqa: ARG001  (one signature)
        return _divided((1 + square) * tp, square * positives + tp + fp)

    return Rule(told=f"best F{beta:g}", measure=f"f{beta:g}", worth=worth)


def _by_cost(false_positive: float, false_negative: float) -> Rule:
    def worth(tp: Array, fp: Array, positives: Array, total: Array) -> Array:
        return -_divided(false_positive * fp + false_negative * (positives - tp), total)

    told = f"least cost at {false_positive:g}:{false_negative:g} (FP:FN)"
    return Rule(told=told, measure="cost a row", worth=worth, sign=-1.0)


def _by_least_precision(least: float) -> Rule:
    def worth(tp: Array, fp: Array, positives: Array, total: Array) -> Array:  # noqa: ARG001
        precise = (_divided(tp, tp + fp) >= least) & (tp + fp > 0)
        return np.where(precise, _divided(tp, positives + 0 * tp), -np.inf)

    return Rule(told=f"most recall at a precision of {least:g}", measure="recall", worth=worth, highest=True)


def _by_least_recall(least: float) -> Rule:
    def worth(tp: Array, fp: Array, positives: Array, total: Array) -> Array:  # noqa: ARG001
        return np.where(_divided(tp, positives + 0 * tp) >= least, _divided(tp, tp + fp), -np.inf)

    return Rule(told=f"best precision at a recall of {least:g}", measure="precision", worth=worth)


def _divided(top: Array, bottom: Array) -> Array:
    ratio: Array = np.divide(top, bottom, out=np.zeros(np.shape(top)), where=np.asarray(bottom) > 0)
    return ratio


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A threshold, what it is worth, and the weights it flags, rightly and wrongly."""

    threshold: float
    worth: float
    tp: float
    fp: float


class ChoiceSums:
    """The best threshold over every score of a sweep, and one above them all (nothing predicted positive)."""

    def __init__(self, totals: Totals, rule: Rule) -> None:
        self._rule = rule
        self._positives = np.array([totals.positive], dtype=np.float64)
        self._total = np.array([totals.positive + totals.negative], dtype=np.float64)
        self._best = Found(threshold=math.nan, worth=-math.inf, tp=0.0, fp=0.0)
        self._kind: type[np.floating[Any]] = np.float64
        self._top: np.floating[Any] = np.float64(math.nan)

    def add(self, piece: Groups) -> None:
        """Take in the next piece."""
        tp, fp = (x.astype(np.float64) for x in piece.at_or_above)
        worth = self._rule.worth(tp, fp, self._positives, self._total)
        at = int(_best_place(worth[None], highest=self._rule.highest)[0])
        if worth[at] > self._best.worth or (self._rule.highest and worth[at] == self._best.worth > -math.inf):
            self._best = Found(
                threshold=piece.score_at(int(piece.starts[at])),
                worth=float(worth[at]),
                tp=float(tp[at]),
                fp=float(fp[at]),
            )
        self._kind = np.float32 if piece.rows.keys.dtype == np.uint32 else np.float64
        self._top = self._kind(piece.score_at(-1))

    @property
    def result(self) -> Found:
        """The best threshold; raises Undefined where none is allowed."""
        nothing = np.zeros(1)
        none = self._rule.worth(nothing, nothing, self._positives, self._total)
        if none[0] > self._best.worth:
            beyond = float(np.nextafter(self._top, self._kind(np.inf)))
            return Found(threshold=beyond, worth=float(none[0]), tp=0.0, fp=0.0)
        if self._best.worth == -math.inf:
            raise Undefined(f"no threshold reaches it: {self._rule.told}")
        return self._best


def _best_place(worth: Array, *, highest: bool) -> npt.NDArray[np.intp]:
    """Return the place (b,) of the greatest worth in each row of (b, g), the first or the last of equals."""
    if highest:
        return np.asarray(worth.shape[1] - 1 - np.argmax(worth[:, ::-1], axis=1))
    return np.asarray(np.argmax(worth, axis=1))


def best(view: BinaryView) -> Choice | None:
    """Return the best threshold with its intervals; None where it is given.

    Raises Undefined where the truth holds one class only or no threshold satisfies the rule.
    """
    wanted = rule(view.parameters)
    if wanted is None:
        return None
    view.need_both()
    found = view.best_threshold(wanted)
    plain = Choice(
        threshold=found.threshold,
        chosen_by=wanted.told,
        measure=wanted.measure,
        reached=wanted.sign * found.worth,
        tp=found.tp,
        fp=found.fp,
    )
    samples = _samples(view)
    if samples is None:
        return plain
    score, drawn = samples
    chosen, reached, left_out = (np.concatenate(x) for x in zip(*_chosen(wanted, score, drawn), strict=True))
    return _with_spread(plain, wanted, view, chosen, reached, left_out)


def _with_spread(
    plain: Choice, wanted: Rule, view: BinaryView, chosen: Floats, reached: Floats, left_out: Floats
) -> Choice:
    try:
        low, high = percentiles(chosen, view.sampling.level)
        ends = sorted(wanted.sign * end for end in percentiles(reached, view.sampling.level))
    except Undefined:
        return plain
    good = np.isfinite(left_out)
    held_out = wanted.sign * float(left_out[good].mean()) if good.any() else None
    return replace(
        plain,
        low=min(low, plain.threshold),
        high=max(high, plain.threshold),
        reached_low=ends[0],
        reached_high=ends[1],
        held_out=held_out,
        optimism=None if held_out is None else wanted.sign * (plain.reached - held_out),
        method=view.sampling.told,
    )


Samples: TypeAlias = "Iterator[tuple[Floats, Floats, Floats, Floats]]"


def _samples(view: BinaryView) -> tuple[Floats, Samples] | None:
    """Return the scores (g,) and blocks of samples: weights (b, g) of both classes drawn, and of both left out."""
    if view.plain:
        return view.cells.score, _cell_samples(view)
    if view.in_memory and drawn_in_order(view.n, view.sampling):
        order, starts = view.ordered
        return view.score[order][starts].astype(np.float64), view.row_draws(left_out=True)
    return None


def _cell_samples(view: BinaryView) -> Samples:
    """Yield what is drawn of each cell, and how many of its rows that leaves out on average (exact for single rows)."""
    positive, negative = view.group_draws
    for at in range(0, len(positive), 100):
        one, other = positive[at : at + 100], negative[at : at + 100]
        yield one, other, _left_out(view.cells.positive, one), _left_out(view.cells.negative, other)


def _left_out(rows: Floats, drawn: Floats) -> Floats:
    missed: Floats = rows * np.power(1 - 1 / np.maximum(rows, 1), drawn)
    return missed


def _chosen(wanted: Rule, score: Floats, samples: Samples) -> Iterator[tuple[Floats, Floats, Floats]]:
    """Yield thresholds chosen on samples, what they are worth there, and on the rows left out."""
    for positive, negative, other_positive, other_negative in samples:
        worth = _worth(wanted, positive, negative)
        at = _best_place(worth, highest=wanted.highest)
        rows = np.arange(len(at))
        reached = worth[rows, at]
        allowed = np.isfinite(reached) & (positive.sum(axis=1) > 0)
        reached[~allowed] = np.nan
        left_out = _unbounded(wanted, other_positive, other_negative)[rows, at]
        left_out[~allowed | (other_positive.sum(axis=1) <= 0)] = np.nan
        yield np.where(allowed, score[at], np.nan), reached, left_out


def _worth(wanted: Rule, positive: Floats, negative: Floats) -> Floats:
    tp, fp = above(positive), above(negative)
    positives = positive.sum(axis=1, keepdims=True)
    return wanted.worth(tp, fp, positives, positives + negative.sum(axis=1, keepdims=True) + 0 * tp)


def _unbounded(wanted: Rule, positive: Floats, negative: Floats) -> Floats:
    """Return the worth of rows on which a threshold was not chosen: they need not satisfy what the rule demands."""
    tp, fp = above(positive), above(negative)
    positives = positive.sum(axis=1, keepdims=True)
    if wanted.measure == "recall":
        return _divided(tp, positives + 0 * tp)
    if wanted.measure == "precision":
        return _divided(tp, tp + fp)
    return _worth(wanted, positive, negative)
