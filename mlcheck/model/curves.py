"""Data curves as commands see them: scores of a model trained on ever more examples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from mlcheck.model.common import Floats
    from mlcheck.model.report import Problem

Better: TypeAlias = Literal["higher", "lower"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DataCurve:
    """One curve of k rows: `n` examples gave `score`. Several rows at one n are repeats. All arrays have shape (k,).

    `train` is the score on the training examples, NaN where unknown. `metric` is the column of the scores, `columns`
    what was taken for n, score and train. `better` says which way is better. `left_out` counts rows without n or score.
    """

    id: str
    source: str
    reader: str
    metric: str
    better: Better
    n: Floats
    score: Floats
    train: Floats
    columns: tuple[tuple[str, str], ...] = ()
    left_out: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CurvesWanted:
    """What the user asked to read. None and () mean: find out. `take` is what counts of a run: its best score, or the last."""

    path: str
    n: str | None = None
    score: str | None = None
    train: str | None = None
    seed: str | None = None
    by: tuple[str, ...] = ()
    better: Better | None = None
    take: Literal["best", "last"] = "best"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one training run came to: `value` of `metric`, held out, and `train`, the same of the training examples or NaN."""

    metric: str
    better: Better
    value: float
    train: float
    source: str
    reader: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CurvesRead:
    """The curves of one input, and those that could not be read while others could. `digest` changes with the content.

    `interrupted` says that the user ended it early: the curves hold what had been done until then.
    """

    curves: tuple[DataCurve, ...]
    problems: tuple[Problem, ...] = ()
    digest: str = ""
    interrupted: bool = False
