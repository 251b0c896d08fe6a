"""What simple models reached on the data of a run: the report of `mlcheck baseline`, as `diagnose` sees it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

CONSTANT, LINEAR = "constant", "linear"
BLIND = frozenset(("random", CONSTANT))
"""Rungs that look at no feature."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """A mean score over folds, with its interval `low` to `high` (None where there is none), in units of the measure."""

    value: float
    low: float | None = None
    high: float | None = None

    @property
    def half_width(self) -> float:
        """Half the width of the interval, 0 without one."""
        return 0.0 if self.low is None or self.high is None else (self.high - self.low) / 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """The rungs of one data set, in their order: name -> measure (accuracy, log_loss, r2, mse, ...) -> level.

    `source` is the report they were read from. There is a constant rung, and one that looks at the features.
    """

    source: str
    rungs: Mapping[str, Mapping[str, Level]]
