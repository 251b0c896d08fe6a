"""The ladder climbed: every rung fitted on every fold, what is kept not again, within the budget."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from mlcheck import __version__
from mlcheck.engines import fitting, parallel
from mlcheck.engines.store import Store
from mlcheck.model.common import EMPTY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from mlcheck.commands.ladder_task import Setup
    from mlcheck.config import Settings
    from mlcheck.model import Scalar
    from mlcheck.model.ladder import Features, Predicted, Splits
    from mlcheck.registry import Rung

LIBRARIES = ("numpy", "scipy", "scikit-learn", "torch", "transformers")
"""What predictions depend on beside the data: kept ones of other versions are computed again."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Means:
    """How rungs are fitted. `clock` gives seconds (None: nothing is measured, and there is no budget).

    `progress(rung, done, total)` hears of every fold. `deadline` is the moment of the clock when the budget ends.
    """

    settings: Settings
    store: Store
    weights: str | None = None
    clock: Callable[[], float] | None = None
    deadline: float | None = None
    progress: Callable[[str, int, int], None] | None = None

    @property
    def left(self) -> float:
        """Seconds of the budget that are left."""
        return np.inf if self.deadline is None or self.clock is None else self.deadline - self.clock()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Climbed:
    """What the rungs predict, by name: a `Predicted` a fold. `skipped` says why others were not climbed."""

    predicted: Mapping[str, tuple[Predicted, ...]]
    skipped: Mapping[str, str] = field(default_factory=dict)
    interrupted: bool = False


class OutOfTime(Exception):
    """The budget ended after `done` folds."""

    def __init__(self, done: int) -> None:
        super().__init__(done)
        self.done = done


def store(folder: str | None) -> Store:
    """Return the store of kept predictions in a folder, None for none."""
    from importlib import metadata

    versions = {"mlcheck": __version__}
    for name in LIBRARIES:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return Store(folder=folder, versions=versions)


def climb(setup: Setup, rungs: Mapping[str, Rung], means: Means) -> Climbed:
    """Fit the rungs, the lowest first. Interrupted (KeyboardInterrupt), what was done is returned (and kept)."""
    predicted: dict[str, tuple[Predicted, ...]] = {}
    skipped: dict[str, str] = {}
    pace = 1.0
    try:
        for name, rung in rungs.items():
            reason = rung.fits(setup.task) or _beyond(rung, setup, means, pace)
            if reason:
                skipped[name] = reason
                continue
            try:
                predicted[name] = tuple(fitted(setup, rung, means))
            except OutOfTime as end:
                skipped[name] = f"the budget ended after {end.done} of {len(setup.splits.folds)} folds"
                continue
            pace = _pace(rung, setup, predicted[name], pace)
    except KeyboardInterrupt:
        return Climbed(predicted=predicted, skipped=skipped, interrupted=True)
    return Climbed(predicted=predicted, skipped=skipped)


def fitted(
    setup: Setup, rung: Rung, means: Means, *, features: Features | None = None, splits: Splits | None = None,
    parameters: Mapping[str, Scalar] = EMPTY, train_too: bool = False,
) -> Iterator[Predicted]:  # fmt: skip
    """Yield what a rung predicts on each fold, kept or fitted now; raises OutOfTime where the budget ends before.

    `features` (of the same rows) and `splits` stand in place of the setup's, `parameters` are the rung's own, and
    `train_too` asks for the predictions of the training rows.
    """
    used = splits or setup.splits
    alone = getattr(rung, "ALONE", False)
    work = fitting.Work(
        module=rung.__name__, task=setup.task, features=features or setup.features, target=setup.target,
        folds=used.folds, seed=means.settings.seed, jobs=(means.settings.jobs or parallel.cores()) if alone else 1,
        weights=means.weights, parameters=parameters, clock=means.clock, train_too=train_too,
    )  # fmt: skip
    keys = [_key(setup, rung, work, i, means) for i in range(len(used.folds))]
    kept = {i: found for i, key in enumerate(keys) if (found := means.store.get(key)) is not None}
    missing = [i for i in range(len(keys)) if i not in kept]
    jobs = 1 if alone else means.settings.jobs
    new = parallel.fan_out(
        partial(fitting.fitted, work), missing, seconds=_seconds(rung, setup) * len(missing), jobs=jobs
    )
    for i, key in enumerate(keys):
        if i not in kept and means.left <= 0:
            new.close()  # type: ignore[attr-defined]  # a generator
            raise OutOfTime(i)
        made = kept[i] if i in kept else next(new)
        if i not in kept:
            means.store.put(key, made)
        if means.progress is not None:
            means.progress(rung.NAME, i + 1, len(keys))
        yield made


def _key(setup: Setup, rung: Rung, work: fitting.Work, index: int, means: Means) -> str:
    """Return the name under which the predictions of a fold are kept: all that they depend on."""
    fold = work.folds[index]
    depends = getattr(rung, "depends", None)
    return means.store.key(
        data=setup.digest,
        target=[setup.task.goal, len(setup.target), setup.task.labels],
        columns=[column.name for column in work.features.columns],
        train=_digest(fold.train),
        test=_digest(fold.test),
        fold=index,
        rung=rung.NAME,
        metric=setup.task.metric if getattr(rung, "BY_METRIC", False) else "",
        parameters=dict(work.parameters),
        seed=work.seed,
        weights=depends(work.weights) if depends is not None else work.weights,
        train_too=work.train_too,
    )


def _digest(rows: np.ndarray) -> str:
    import hashlib

    return hashlib.sha256(np.ascontiguousarray(rows, dtype="<i8").tobytes()).hexdigest()[:16]


def _seconds(rung: Rung, setup: Setup) -> float:
    """Return a rough estimate of one fit on one core of a usual machine: 0 for a rung that gives none."""
    guess = getattr(rung, "seconds", None)
    return float(guess(setup.task)) if guess is not None else 0.0


def _beyond(rung: Rung, setup: Setup, means: Means, pace: float) -> str:
    """Say why a rung does not fit into what is left of the budget, "" where it does."""
    left = means.left
    if left == np.inf:
        return ""
    needed = _seconds(rung, setup) * len(setup.splits.folds) * pace
    if left <= 0:
        return "the budget is spent"
    if needed > left:
        return f"needs about {needed:.3g} s, {left:.3g} s of the budget are left"
    return ""


def _pace(rung: Rung, setup: Setup, made: tuple[Predicted, ...], pace: float) -> float:
    """Return how much slower this machine and data are than the estimates, by the rung that was just fitted."""
    guess = _seconds(rung, setup)
    took = [p.seconds for p in made if p.seconds is not None]
    if guess < 0.01 or not took:
        return pace
    return max(0.2, float(np.mean(took)) / guess)
