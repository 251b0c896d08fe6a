"""Predictions of two classes as their metrics read them: what several share, computed once and when asked for."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, cast

import numpy as np

from mlcheck.stats.metrics.binary import cells, chances, delong, keys, state, sweep, thresholds
from mlcheck.stats.metrics.binary import order as ordering
from mlcheck.stats.metrics.binary.draws import drawn_one_by_one, group_draws, row_draws, units_of
from mlcheck.stats.metrics.binary.paired import confusion_draws
from mlcheck.stats.metrics.metric import Undefined

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from mlcheck.model import Floats
    from mlcheck.model.predictions import Binary, Bools, Predictions, Reals, ScoreKind
    from mlcheck.stats.metrics.parameters import Parameters
    from mlcheck.stats.metrics.resample import Sampling

ONE_CLASS = "the truth holds one class only"
NO_SCORES = "there are predicted classes but no scores"
ROWS_AT_ONCE = 1 << 16
LIFT_SHARE = 0.1


def usual_threshold(kind: ScoreKind) -> float:
    """Return the score from which on the positive class is the likelier one."""
    return {"probability": 0.5, "logit": 0.0, "log-probability": math.log(0.5)}[kind]


@dataclass(frozen=True, slots=True, kw_only=True)
class Confusion:
    """Weights (counts without weights) of rows by truth and predicted class."""

    tp: float
    fp: float
    fn: float
    tn: float

    @property
    def cells(self) -> tuple[float, float, float, float]:
        """The four in the order in which they are resampled: tp, fp, fn, tn."""
        return self.tp, self.fp, self.fn, self.tn


class BinaryView:
    """Rows of two classes in memory. Properties that need scores raise Undefined where there are none."""

    def __init__(
        self,
        content: Binary,
        predictions: Predictions,
        sampling: Sampling,
        parameters: Parameters,
        *,
        whole: bool = False,
    ) -> None:
        """With `whole` one passage over the sorted rows adds up what any metric asks of them."""
        self.whole = whole
        self.sampling = sampling
        self.parameters = parameters
        self.kind: ScoreKind = content.kind
        self.positive, self.negative = content.positive, content.negative
        self.truth: Bools = content.truth
        self.weight: Floats | None = (
            None if predictions.weight is None else np.asarray(predictions.weight, dtype=np.float64)
        )
        self._score = content.score
        self._predicted = content.predicted

    @property
    def n(self) -> int:
        """Rows."""
        return len(self.truth)

    @property
    def plain(self) -> bool:
        """Whether rows are independent and count alike, so that analytic intervals hold."""
        return self.weight is None and self.sampling.clusters is None

    @property
    def in_memory(self) -> bool:
        """Whether the rows themselves can be asked for, not only what was gathered of them."""
        return True

    @property
    def one_by_one(self) -> bool:
        """Whether resamples are drawn row by row (cluster by cluster)."""
        return self.in_memory and drawn_one_by_one(units_of(self.n, self.sampling), self.sampling)

    @property
    def has_scores(self) -> bool:
        """Whether there are scores."""
        return self._score is not None

    @property
    def score(self) -> Reals:
        """Scores (n,); raises Undefined without them."""
        if self._score is None:
            raise Undefined(NO_SCORES)
        return self._score

    @property
    def threshold(self) -> float | None:
        """The score from which on a row is predicted positive; None where the file's own predictions are taken."""
        chosen = self.parameters.threshold
        if self._score is None or (self._predicted is not None and chosen is None):
            return None
        return usual_threshold(self.kind) if chosen is None else chosen

    @cached_property
    def predicted(self) -> Bools:
        """The predicted class (n,), True for the positive one."""
        if self.threshold is None:
            return cast("Bools", self._predicted)
        return self.score >= self.threshold

    @cached_property
    def positives(self) -> int:
        """Rows of the positive class."""
        return int(np.count_nonzero(self.truth))

    @property
    def negatives(self) -> int:
        """Rows of the negative class."""
        return self.n - self.positives

    @cached_property
    def totals(self) -> sweep.Totals:
        """Weights of the classes."""
        if self.weight is None:
            return sweep.Totals(positive=self.positives, negative=self.negatives)
        of_positives = float(self.weight[self.truth].sum())
        return sweep.Totals(positive=of_positives, negative=float(self.weight[~self.truth].sum()))

    @property
    def one_class(self) -> bool:
        """Whether a class is missing from the truth, or has no weight."""
        return not (self.totals.positive > 0 and self.totals.negative > 0)

    def need_both(self) -> None:
        """Raise Undefined where the truth holds one class only."""
        if self.one_class:
            raise Undefined(ONE_CLASS)

    @cached_property
    def confusion(self) -> Confusion:
        """Weights by truth and predicted class."""
        return _confusion(self.truth, self.predicted, self.weight)

    @cached_property
    def segments(self) -> tuple[keys.Segment, ...]:
        """The rows sorted by score, as keys."""
        return keys.segments(self.score, self.truth, self.weight)

    def walked(self) -> Iterator[keys.Segment]:
        """Yield the rows in ascending order of their score, some at a time."""
        return keys.walk(self.segments)

    def swept(self, *sums: sweep.Sums) -> None:
        """Show the rows in ascending order of their score to `sums`."""
        sweep.sweep(self.walked(), self.totals, *sums)

    @cached_property
    def _ordered(self) -> state.Ordered:
        """What every metric asks of the rows in the order of their scores."""
        wanted = thresholds.rule(self.parameters)
        return state.swept(self.walked(), self.totals, self.parameters.beta, LIFT_SHARE, wanted)

    @cached_property
    def ranks(self) -> sweep.Ranks:
        """Areas and the best threshold."""
        if self.whole:
            return self._ordered.ranks
        sums = sweep.RankSums(self.totals, self.parameters.beta)
        self.swept(sums)
        return sums.result

    @cached_property
    def chances(self) -> chances.Chances:
        """Sums of the losses of the probabilities."""
        squares = self.whole and self.plain and not self.one_by_one
        sums = chances.ChanceSums(self.kind, self.parameters.bins, squares=squares)
        for rows in self.walked():
            sums.add(rows)
        return sums.result

    @cached_property
    def area(self) -> delong.Area:
        """The AUC with DeLong's variance, for independent rows without weights."""
        if self.whole and self._ordered.area is not None:
            return self._ordered.area
        sums = delong.AreaSums(self.totals)
        sorted_already = "segments" in self.__dict__
        order = None if sorted_already else ordering.order(self.score, self.truth)
        if order is None:
            self.swept(sums)
        else:
            for piece, below, above in order.pieces(self.positives):
                sums.add_order(piece, below, above)
        return sums.result

    @cached_property
    def cells(self) -> cells.Cells:
        """The rows in at most some thousand groups of neighbouring scores."""
        if self.whole:
            return self._ordered.cells
        sums = cells.CellSums(self.totals)
        self.swept(sums)
        return sums.result

    @cached_property
    def lift(self) -> float:
        """Share of positives among the highest LIFT_SHARE of the rows, over that among all."""
        if self.whole:
            return self._ordered.lift
        sums = sweep.LiftSums(self.totals, LIFT_SHARE)
        self.swept(sums)
        return sums.result

    def best_threshold(self, rule: thresholds.Rule) -> thresholds.Found:
        """Return the best threshold by the rule of the parameters, over every score."""
        if self.whole and self._ordered.choice is not None:
            return self._ordered.choice.result
        sums = thresholds.ChoiceSums(self.totals, rule)
        self.swept(sums)
        return sums.result

    @cached_property
    def choice(self) -> thresholds.Choice | None:
        """The best threshold by the rule of the parameters, None where that is "given"."""
        return thresholds.best(self)

    @cached_property
    def loss_moments(self) -> tuple[Floats, Floats]:
        """Sums over rows of log-loss and (p - y)^2, (2,), and of their squares, (2,), without weights."""
        sums = self.chances
        if sums.loss_squares is None:
            adding = chances.ChanceSums(self.kind, self.parameters.bins, squares=True)
            for rows in self.walked():
                adding.add(rows)
            sums = adding.result
        return np.array([sums.loss, sums.square]), np.array([sums.loss_squares, sums.square_squares])

    @cached_property
    def confusion_draws(self) -> Floats:
        """Resampled tp, fp, fn, tn, (replicates, 4)."""
        return confusion_draws(self)

    @cached_property
    def group_draws(self) -> tuple[Floats, Floats]:
        """Resampled counts of both classes in the cells, (replicates, c) each; for independent rows without weights."""
        return group_draws(self.cells.positive, self.cells.negative, self.sampling)

    @cached_property
    def ordered(self) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
        """The order (n,) of the rows by score, and where groups of one score begin in it, (g,)."""
        order = np.argsort(self.score)
        sorted_scores = self.score[order]
        starts = np.flatnonzero(np.concatenate([[True], sorted_scores[1:] != sorted_scores[:-1]]))
        return order, starts

    @cached_property
    def ordered_groups(self) -> tuple[Floats, Floats]:
        """Weights of the positives and of the negatives that have each distinct score, (g,) each, ascending."""
        order, starts = self.ordered
        truth = self.truth[order]
        if self.weight is None:
            positive = np.add.reduceat(truth, starts, dtype=np.float64)
            return positive, np.diff(starts, append=self.n) - positive
        weight = self.weight[order]
        return np.add.reduceat(weight * truth, starts), np.add.reduceat(weight * ~truth, starts)

    def row_draws(self, *, left_out: bool = False) -> Iterator[tuple[Floats, Floats, Floats, Floats]]:
        """Yield resampled weights of both classes by distinct score, rows drawn in their own order.

        With `left_out` those of the rows not drawn follow, else zeros.
        """
        order, starts = self.ordered
        return row_draws(self.truth, order, starts, self.weight, self.sampling, left_out=left_out)

    def slices(self) -> Iterator[tuple[slice, Floats]]:
        """Yield places of rows in their own order, some at a time, with their weights."""
        for start in range(0, self.n, ROWS_AT_ONCE):
            rows = slice(start, min(start + ROWS_AT_ONCE, self.n))
            yield rows, np.ones(rows.stop - start) if self.weight is None else self.weight[rows]

    def loss_pieces(self) -> Iterator[Floats]:
        """Yield log-loss and (p - y)^2 of rows in their own order, (b, 2), without weights."""
        for rows, _ in self.slices():
            score = self.score[rows].astype(np.float64)
            truth = self.truth[rows]
            error = chances.probabilities(score, self.kind) - truth
            yield np.stack([chances.losses(score, truth, self.kind), error * error], axis=1)


def _confusion(truth: Bools, predicted: Bools, weight: Floats | None) -> Confusion:
    if weight is None:
        tp, flagged, positives = (int(np.count_nonzero(x)) for x in (truth & predicted, predicted, truth))
        return Confusion(tp=tp, fp=flagged - tp, fn=positives - tp, tn=len(truth) - flagged - positives + tp)
    code = truth * np.int8(2) + predicted
    tn, fp, fn, tp = np.bincount(code, weight, 4).tolist()
    return Confusion(tp=tp, fp=fp, fn=fn, tn=tn)
