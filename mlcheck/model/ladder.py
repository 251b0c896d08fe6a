"""The ladder of baselines as `baseline` sees it: the task, the splits, what rungs predict, how they score."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from mlcheck.model.common import EMPTY, Direction

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlcheck.model.common import Floats, Scalar
    from mlcheck.model.dataset import Codes, Column, Goal, Ints, Kind

Target: TypeAlias = npt.NDArray[np.int32] | npt.NDArray[np.float64]
"""What is to be predicted (n,): codes of classes from 0, or numbers."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Features:
    """The columns that a model learns from, raw, all of n rows: numbers, codes, texts, pixels, with what is missing."""

    columns: tuple[Column, ...]

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.columns[0])

    def rows(self, chosen: Ints) -> Features:
        """Return some of the rows, in the order in which they are named."""
        return Features(columns=tuple(_rows(column, chosen) for column in self.columns))

    def of(self, *kinds: Kind) -> tuple[Column, ...]:
        """Return the columns of these kinds, in their order."""
        return tuple(column for column in self.columns if column.kind in kinds)

    def without(self, names: frozenset[str]) -> Features:
        """Return the columns that have none of these names."""
        return Features(columns=tuple(column for column in self.columns if column.name not in names))


def _rows(column: Column, chosen: Ints) -> Column:
    values: dict[str, Any] = {
        name: None if (held := getattr(column, name)) is None else held[chosen]
        for name in ("numbers", "codes", "texts", "pixels")
    }
    return replace(column, odd={}, odd_rows=np.zeros(0, dtype=np.int64), **values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What is to be learnt. `labels` are the classes in the order of their codes, () for numbers.

    `metric` is what rungs are held against each other by, `direction` which of its values are better. `rows` counts
    those with a target to learn from (over all folds), `kinds` the feature columns of each kind; `pixels` is the shape (height, width, colours) of
    the images, None without.
    """

    goal: Goal
    metric: str
    direction: Direction
    labels: tuple[str, ...] = ()
    rows: int
    kinds: Mapping[Kind, int]
    pixels: tuple[int, int, int] | None = None

    @property
    def columns(self) -> int:
        """The number of feature columns."""
        return sum(self.kinds.values())

    @property
    def width(self) -> int:
        """About how many numbers a row is to a model: a text counts for `TEXT_WIDTH`, an image for its pixels."""
        pixels = math.prod(self.pixels) if self.pixels is not None else 0
        texts, images = self.kinds.get("text", 0), self.kinds.get("image", 0)
        return self.columns - texts - images + TEXT_WIDTH * texts + pixels * images

    @property
    def outputs(self) -> int:
        """How many functions are learnt: one for numbers and for two classes, else one a class."""
        return len(self.labels) if len(self.labels) > 2 else 1


TEXT_WIDTH = 200


class Estimator(Protocol):
    """A model of one rung. All that it learns, preprocessing too, it learns in `fit`: so nothing of the test rows leaks.

    It may have `told_`, a phrase on how the last fit went ("stopped after 200 epochs before it had converged").
    """

    def fit(self, features: Features, target: Target) -> Estimator:
        """Learn; a classifier is given codes 0..K-1, all of which occur."""
        ...

    def predict(self, features: Features) -> npt.NDArray[np.generic]:
        """Return the codes (n,) of the predicted classes, or the predicted numbers (n,)."""
        ...


class Classifier(Estimator, Protocol):
    """An estimator of classes that gives their probabilities: then the likeliest class is what it predicts, and `predict`
    is not called.
    """  # noqa: D205  (one sentence)

    def predict_proba(self, features: Features) -> Floats:
        """Return the probability of each class, shape (n, K)."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fold:
    """Rows to learn from and rows to be judged on, by position."""

    train: Ints
    test: Ints


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Splits:
    """How rows are divided. `folds` with the words for it (`told`); `held_out` says that it is a test set by itself."""

    folds: tuple[Fold, ...]
    told: str
    held_out: bool = False

    @property
    def ratio(self) -> float:
        """Test rows to training rows, the mean over the folds: how far folds overlap."""
        return float(np.mean([len(fold.test) / len(fold.train) for fold in self.folds]))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Predicted:
    """What a rung predicts for the test rows of one fold (m,).

    `labels` are codes of classes, `probabilities` (m, K) of all classes; `numbers` are those of a regression.
    `seconds` is what fitting and predicting took, None where nobody measured; `told` what the estimator says of its
    fit. `train` is the same for the training rows, where asked for.
    """

    labels: Codes | None = None
    probabilities: Floats | None = None
    numbers: Floats | None = None
    seconds: float | None = None
    told: str = ""
    train: Predicted | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gain:
    """By how much one score is better than another (positive is better whatever the metric), paired, with its interval.

    `over` names the other. `low` and `high` are None where the spread is not known. `above` is the probability (0..1)
    that it is positive.
    """

    over: str
    value: float
    low: float | None
    high: float | None
    above: float = 0.5


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rung:
    """How a rung did: `score` is the mean over the folds (or that on the test set), `folds` (J,) the single ones.

    `gain` is over the rung below, None for the lowest. `method` says how the interval was made, `told` how its fits
    went, `parameters` what was asked of it.
    """

    name: str
    score: float
    low: float | None
    high: float | None
    folds: Floats
    gain: Gain | None = None
    method: str = ""
    told: str = ""
    seconds: float | None = None
    parameters: Mapping[str, Scalar] = field(default_factory=lambda: EMPTY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """The user's own model: its score, where it was taken from, and its interval, None where nothing tells it."""

    score: float
    low: float | None
    high: float | None
    source: str
    method: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ladder:
    """What the rungs of a data set gave, the lowest first; what rules of `baseline` look at.

    `gains` holds by (name, other) how much better `name` is, for all pairs of rungs. `suffices` maps a rung above
    linear to how far linear is beyond `SUFFICIENT` of that rung's gain over the constant: positive where it reaches
    so much. `classes` counts rows by class. `best` is the score of perfection, None where the metric knows none.
    """

    task: Task
    rungs: tuple[Rung, ...]
    splits: Splits
    level: float
    gains: Mapping[tuple[str, str], Gain]
    suffices: Mapping[str, Gain]
    skipped: Mapping[str, str] = field(default_factory=dict)
    classes: Mapping[str, int] = field(default_factory=dict)
    best: float | None = None
    model: Given | None = None
    interrupted: bool = False

    def rung(self, name: str) -> Rung | None:
        """Return a rung that was climbed, by name."""
        return next((rung for rung in self.rungs if rung.name == name), None)

    def better(self, score: float, than: float) -> float:
        """Return by how much a score is better than another: positive is better whatever the metric."""
        return score - than if self.task.direction == "higher" else than - score


SUFFICIENT = 0.9
"""Share of a rung's gain over the constant from which on a simpler rung suffices."""
CHANCE: tuple[str, ...] = ("random", "constant")
"""Rungs that look at no feature."""
