"""`mlcheck datacurve DATA --target COL`: a rung of the ladder trained on nested subsets of a data set.

Each repeat holds out another part of the rows and draws its own order of the others; its subsets are the beginnings of
that order, so that a larger one holds every smaller one. Classes keep their shares, rows of one group come together
(as they would be collected), and with a time the held-out rows are the latest.
"""

from __future__ import annotations

import math
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np

from mlcheck import registry
from mlcheck.commands import climb, datacurve_sizes, ladder_scores, ladder_task
from mlcheck.config import suggestion
from mlcheck.errors import MlcheckError
from mlcheck.model import Problem
from mlcheck.model.baseline import Asked
from mlcheck.model.curves import CurvesRead, DataCurve
from mlcheck.model.ladder import Fold, Splits

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from mlcheck.commands.ladder_task import Setup
    from mlcheck.config import Settings
    from mlcheck.model.dataset import Codes, DataRead, Ints
    from mlcheck.model.ladder import Predicted

FOLDS = 5
SMALLEST = 16
A_CLASS = 3
"""Examples of each class, on average, that the smallest subset holds."""
TIMES = 1.5
MOST_SIZES, FEWEST_SIZES = 10, 5
REPEATS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """What is trained. `sizes` None: geometric up to all rows. `metric` None: what `baseline` would judge by."""

    rung: str = "linear"
    metric: str | None = None
    positive: str | None = None
    sizes: tuple[int, ...] | None = None
    repeats: int = REPEATS
    weights: str | None = None


def curves(
    read: DataRead, training: Training, settings: Settings, *, cache: str | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> CurvesRead:  # fmt: skip
    """Train and return the curve; results are kept in the folder `cache` by content (None keeps none).

    Interrupted (KeyboardInterrupt), the curve holds what was done. Raises MlcheckError for data that cannot be learnt.
    """
    with np.errstate(all="ignore"):  # what overflows is infinite, and no score
        asked = Asked(
            metric=training.metric,
            positive=training.positive,
            folds=FOLDS,
            repeats=-(-training.repeats // FOLDS),
        )
        setup = ladder_task.setup(read, asked, settings)
        rung = _rung(training.rung, setup)
        folds = list(_subsets(read, setup, training, settings.seed))
        means = climb.Means(
            settings=settings, store=climb.store(cache), weights=training.weights, progress=progress
        )
        splits = Splits(folds=tuple(folds), told=setup.splits.told, held_out=setup.splits.held_out)
        rows: list[tuple[int, float, float]] = []
        fitted = cast("Generator[Predicted]", climb.fitted(setup, rung, means, splits=splits, train_too=True))
        interrupted = False
        try:
            with closing(fitted):
                for fold, said in zip(folds, fitted, strict=True):
                    rows.append((len(fold.train), *_scores(setup, fold, said)))
        except KeyboardInterrupt:
            interrupted = True
    return _told(read, setup, training, rows, len(folds), interrupted=interrupted)


def _rung(name: str, setup: Setup) -> registry.Rung:
    known = registry.rungs()
    if name not in known:
        raise MlcheckError(
            "--rung", f"expected the name of a rung, found {name!r}", suggestion(name, list(known))
        )
    reason = known[name].fits(setup.task)
    if reason:
        raise MlcheckError("--rung", f"expected a rung that can be trained here, found that {name} {reason}")
    return known[name]


def _subsets(read: DataRead, setup: Setup, training: Training, seed: int) -> list[Fold]:
    """Return the subsets of every repeat with what they are judged on: repeat by repeat, the smallest first."""
    held = setup.splits.folds
    if setup.splits.held_out or read.train.time is not None:
        held = (held[-1],) * training.repeats
    else:
        held = held[: training.repeats]
    most = min(len(fold.train) for fold in held)
    sizes = training.sizes or _default_sizes(most, len(setup.task.labels))
    kept = [n for n in sizes if n <= most]
    if len(kept) < datacurve_sizes.LEAST:
        raise MlcheckError(
            read.train.source, f"expected {datacurve_sizes.LEAST} sizes to train on of at most {most:,} rows, found {len(kept)}",
            "name smaller --sizes" if training.sizes else "give more rows",
        )  # fmt: skip
    return [
        Fold(train=np.sort(order[:n]), test=fold.test)
        for repeat, fold in enumerate(held)
        for order in [_order(setup, fold.train, np.random.default_rng((seed, repeat, 1)))]
        for n in kept
    ]


def _default_sizes(most: int, classes: int) -> tuple[int, ...]:
    least = min(max(SMALLEST, A_CLASS * classes), max(2, most // 4))
    if most < 2 * datacurve_sizes.LEAST:
        return ()
    number = min(MOST_SIZES, max(FEWEST_SIZES, datacurve_sizes.count(least, most, TIMES)))
    return datacurve_sizes.geometric(least, most, number)


def _order(setup: Setup, rows: Ints, random: np.random.Generator) -> Ints:
    """Return rows in the order in which they are added: groups whole, else classes in their shares, else at random."""
    shuffled = rows[random.permutation(len(rows))]
    if setup.clusters is not None:
        return _by_group(shuffled, setup.clusters[shuffled])
    if not setup.task.labels:
        return shuffled
    target = setup.target[shuffled].astype(np.int64)
    place = np.empty(len(rows))
    for label in np.unique(target):
        own = np.flatnonzero(target == label)
        place[own] = (np.arange(len(own)) + random.random()) / len(own)
    return shuffled[np.argsort(place, kind="stable")]


def _by_group(rows: Ints, group: Codes) -> Ints:
    """Return shuffled rows with those of a group after one another, groups in the order of their first row."""
    alone = np.where(group < 0, group.max(initial=0) + 1 + np.arange(len(group)), group)
    _, first, inverse = np.unique(alone, return_index=True, return_inverse=True)
    return rows[np.argsort(first[inverse.reshape(-1)], kind="stable")]


def _scores(setup: Setup, fold: Fold, said: Predicted) -> tuple[float, float]:
    """Return the held-out score and that on the subset itself, NaN where it has none (one class only)."""

    def score(rows: Ints, made: Predicted) -> float:
        return ladder_scores.score(setup.metric, setup.task.labels, setup.target[rows], made, setup.positive)

    train = math.nan if said.train is None else score(fold.train, said.train)
    return score(fold.test, said), train


def _told(
    read: DataRead, setup: Setup, training: Training, rows: list[tuple[int, float, float]], whole: int, *, interrupted: bool
) -> CurvesRead:  # fmt: skip
    name = setup.metric.name
    if not rows and interrupted:
        problem = Problem(source="interrupted", message="no training was done", hint="call again")
        return CurvesRead(curves=(), problems=(*read.problems, problem), digest=read.digest, interrupted=True)
    n, score, train = (np.array(column, dtype=np.float64) for column in zip(*rows, strict=True))
    known = np.isfinite(score)
    if not known.any():
        raise MlcheckError(
            "--metric",
            f"expected a metric with a value on the held-out rows, {name} has none",
            "choose another --metric",
        )
    held = (
        "test set"
        if setup.splits.held_out
        else "latest rows"
        if read.train.time is not None
        else "other rows"
    )
    curve = DataCurve(
        id=read.train.id, source=read.train.source, reader=read.train.reader, metric=name, better=setup.metric.better,
        n=n[known], score=score[known], train=train[known],
        columns=(("target", str(read.train.target)), ("rung", training.rung), ("judged on", held)),
    )  # fmt: skip
    problems = read.problems
    if interrupted:
        told = f"{len(rows)} of {whole} trainings done and kept"
        problems += (Problem(source="interrupted", message=told, hint="call again for the others"),)
    return CurvesRead(curves=(curve,), problems=problems, digest=read.digest, interrupted=interrupted)
