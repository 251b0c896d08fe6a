"""The view of binary predictions that are too many to hold: the same numbers, from what passes over them gathered."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from mlcheck.model.predictions import Binary, BinaryBlocks, Predictions
from mlcheck.stats.metrics.binary import state
from mlcheck.stats.metrics.binary.rows import LIFT_SHARE, ONE_CLASS, BinaryView, Confusion, usual_threshold
from mlcheck.stats.metrics.binary.thresholds import Found, Rule, rule
from mlcheck.stats.metrics.metric import Undefined

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlcheck.model import Floats
    from mlcheck.model.predictions import Bools, Reals
    from mlcheck.stats.metrics.binary import cells, chances, delong, sweep
    from mlcheck.stats.metrics.parameters import Parameters
    from mlcheck.stats.metrics.resample import Sampling

NOT_HELD = "the rows are too many to hold in memory"


class GatheredView(BinaryView):
    """Rows that can only be read block by block. What needs the rows themselves raises Undefined."""

    def __init__(
        self, content: BinaryBlocks, predictions: Predictions, sampling: Sampling, parameters: Parameters
    ) -> None:
        nothing = Binary(
            truth=np.zeros(0, dtype=bool),
            score=None,
            predicted=None,
            kind=content.kind,
            positive=content.positive,
            negative=content.negative,
        )
        super().__init__(nothing, predictions, sampling, parameters)
        self._blocks = content

    @cached_property
    def _first(self) -> state.Totalled:
        return state.totalled(self._blocks, self.threshold, self.parameters.bins)

    @cached_property
    def _ordered(self) -> state.Ordered:
        rule_ = rule(self.parameters)
        return state.ordered(self._blocks, self._first, self.parameters.beta, LIFT_SHARE, rule_)

    @property
    def n(self) -> int:
        """Rows."""
        return self._first.rows

    @property
    def plain(self) -> bool:
        """Whether rows count alike; there are no clusters here."""
        return not self._first.weighted

    @property
    def in_memory(self) -> bool:
        """No."""
        return False

    @property
    def has_scores(self) -> bool:
        """Yes."""
        return True

    @property
    def score(self) -> Reals:
        """Not held: raises Undefined."""
        raise Undefined(NOT_HELD)

    @property
    def predicted(self) -> Bools:
        """Not held: raises Undefined."""
        raise Undefined(NOT_HELD)

    @property
    def threshold(self) -> float:
        """The score from which on a row is predicted positive."""
        chosen = self.parameters.threshold
        return usual_threshold(self.kind) if chosen is None else chosen

    @property
    def positives(self) -> int:
        """Rows of the positive class."""
        return self._first.positives

    @property
    def totals(self) -> sweep.Totals:
        """Weights of the classes."""
        return self._first.totals

    @property
    def confusion(self) -> Confusion:
        """Weights by truth and predicted class."""
        tp, fp, fn, tn = self._first.confusion.tolist()
        return Confusion(tp=tp, fp=fp, fn=fn, tn=tn)

    @property
    def ranks(self) -> sweep.Ranks:
        """Areas and the best threshold."""
        return self._ordered.ranks

    @property
    def chances(self) -> chances.Chances:
        """Sums of the losses of the probabilities."""
        return self._first.chances

    @property
    def area(self) -> delong.Area:
        """The AUC with DeLong's variance."""
        if self._ordered.area is None:
            raise Undefined(ONE_CLASS)
        return self._ordered.area

    @property
    def cells(self) -> cells.Cells:
        """The rows in at most some thousand groups of neighbouring scores."""
        return self._ordered.cells

    @property
    def lift(self) -> float:
        """Share of positives among the highest of the rows, over that among all."""
        return self._ordered.lift

    def best_threshold(self, rule: Rule) -> Found:  # noqa: ARG002  (it is the parameters' own)
        """Return the best threshold by the rule of the parameters, over every score."""
        if self._ordered.choice is None:
            raise Undefined("no threshold is looked for")
        return self._ordered.choice.result

    def slices(self) -> Iterator[tuple[slice, Floats]]:
        """Not held: raises Undefined."""
        raise Undefined(NOT_HELD)
