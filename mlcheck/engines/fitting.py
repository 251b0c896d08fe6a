"""One rung fitted on one fold: the unit of work that travels to other processes and is kept."""

from __future__ import annotations

import importlib
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from mlcheck.model.common import EMPTY
from mlcheck.model.ladder import Predicted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import numpy.typing as npt

    from mlcheck.model import Floats, Scalar
    from mlcheck.model.ladder import Features, Fold, Target, Task


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Work:
    """A rung (`module`, by its full name) to be fitted on folds of rows.

    `parameters` go to the rung's `made`; `clock` gives seconds, None where nobody asks; `train_too` asks for the
    predictions of the training rows as well.
    """

    module: str
    task: Task
    features: Features
    target: Target
    folds: tuple[Fold, ...]
    seed: int
    jobs: int = 1
    weights: str | None = None
    parameters: Mapping[str, Scalar] = field(default_factory=lambda: EMPTY)
    clock: Callable[[], float] | None = None
    train_too: bool = False


def fitted(work: Work, index: int) -> Predicted:
    """Return what the rung predicts for the test rows of fold `index` (from 0), having seen its training rows only."""
    started = work.clock() if work.clock is not None else None
    with threads(work.jobs):
        target = work.target[work.folds[index].train]
        made = (
            _regressed(work, index, target)
            if work.task.goal == "regression"
            else _classified(work, index, target)
        )
    if work.clock is None or started is None:
        return made
    return replace(made, seconds=work.clock() - started)


@contextmanager
def threads(jobs: int) -> Iterator[None]:
    """Let linear algebra run on `jobs` threads: on one, sums have one order, and folds share the cores instead."""
    import sklearn  # noqa: F401  (loads what is to be limited)
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=jobs):
        yield


def _estimator(work: Work, task: Task, index: int) -> Any:
    rung: Any = importlib.import_module(work.module)
    seed = int(np.random.SeedSequence((work.seed, index)).generate_state(1)[0])
    return rung.made(task, seed=seed, jobs=work.jobs, weights=work.weights, **work.parameters)


def _regressed(work: Work, index: int, target: Target) -> Predicted:
    fold = work.folds[index]
    model = _estimator(work, work.task, index).fit(work.features.rows(fold.train), target)

    def said(rows: npt.NDArray[np.int64]) -> Floats:
        return np.asarray(model.predict(work.features.rows(rows)), dtype=np.float64)

    train = Predicted(numbers=said(fold.train)) if work.train_too else None
    return Predicted(numbers=said(fold.test), told=getattr(model, "told_", ""), train=train)


def _classified(work: Work, index: int, target: Target) -> Predicted:
    """Fit on the classes that occur in the training rows; the others get the probability 0."""
    fold = work.folds[index]
    present, codes = np.unique(target, return_inverse=True)
    count = len(work.task.labels)
    if len(present) == 1:
        return _only(int(present[0]), len(fold.test), count)
    labels = tuple(work.task.labels[int(code)] for code in present)
    estimator = _estimator(work, replace(work.task, labels=labels), index)
    model = estimator.fit(work.features.rows(fold.train), codes.astype(np.int32))

    def said(rows: npt.NDArray[np.int64]) -> Predicted:
        features = work.features.rows(rows)
        if not hasattr(model, "predict_proba"):
            chosen = present[np.asarray(model.predict(features), dtype=np.int64)]
            return Predicted(labels=chosen.astype(np.int32))
        shares = np.zeros((len(rows), count))
        shares[:, present] = model.predict_proba(features)
        return Predicted(labels=shares.argmax(axis=1).astype(np.int32), probabilities=shares)

    train = said(fold.train) if work.train_too else None
    return replace(said(fold.test), told=getattr(model, "told_", ""), train=train)


def _only(code: int, rows: int, count: int) -> Predicted:
    """Return the predictions where only one class was seen."""
    shares = np.zeros((rows, count))
    shares[:, code] = 1.0
    return Predicted(labels=np.full(rows, code, dtype=np.int32), probabilities=shares)
