"""From predictions to the ladder: scores with intervals, gains of each rung over every other, paired by fold or row."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from mlcheck.commands import ladder_scores
from mlcheck.errors import MlcheckError
from mlcheck.model.ladder import CHANCE, SUFFICIENT, Gain, Ladder, Rung
from mlcheck.stats import resampled, standing
from mlcheck.stats.metrics.metric import Estimate, estimate
from mlcheck.stats.metrics.resample import Sampling

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlcheck.commands.climb import Climbed
    from mlcheck.commands.ladder_task import Setup
    from mlcheck.config import Settings
    from mlcheck.model import Floats
    from mlcheck.model.dataset import Ints
    from mlcheck.model.ladder import Predicted
    from mlcheck.stats.resampled import Mean

GROUPS = 40
"""Groups of test rows of the jackknife: Student's t of 39 degrees of freedom."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Measured:
    """The metric of one rung: `whole`, `folds` (J,) on single folds, `without` (G,) single groups of all judged rows."""

    whole: float
    folds: Floats
    without: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scale:
    """How combinations of scores get their intervals: by folds or by the test set; `sign` turns better into larger.

    The intervals over folds are those of the corrected resampled t; the standard error that decides borrows from the
    rows, for five folds agree (or disagree) by chance now and then. `factor` is what the overlap of the folds multiplies
    the variance over rows by.
    """

    held_out: bool
    ratio: float
    factor: float
    level: float
    sign: float

    def combined(self, *parts: tuple[Measured, float]) -> Mean:
        """Return a weighted sum of scores, turned so that more is better, with its interval; paired."""
        whole = self.sign * sum(weight * measured.whole for measured, weight in parts)
        rows = resampled.jackknifed(whole, self._sum(parts, "without"), self.level)
        if self.held_out:
            return rows
        folds = resampled.corrected(self._sum(parts, "folds"), self.ratio, self.level)
        return resampled.moderated(folds, rows, self.factor)

    def _sum(self, parts: Sequence[tuple[Measured, float]], name: str) -> Floats:
        values: Floats = self.sign * np.sum([weight * getattr(m, name) for m, weight in parts], axis=0)
        return values[np.isfinite(values)]


def ladder(setup: Setup, climbed: Climbed, settings: Settings) -> Ladder:
    """Return what the rungs gave."""
    task, metric = setup.task, setup.metric
    scale = scale_of(setup, settings)
    measured = {name: measure(setup, made, settings) for name, made in climbed.predicted.items()}
    names = list(measured)
    pairs = [(a, b) for a in names for b in names if a != b]
    gains = {(a, b): _gain(b, scale.combined((measured[a], 1.0), (measured[b], -1.0))) for a, b in pairs}
    below = {upper: lower for lower, upper in pairwise(names)}
    rungs = tuple(
        _rung(
            setup,
            name,
            climbed.predicted[name],
            measured[name],
            settings,
            gains.get((name, below.get(name, ""))),
        )
        for name in names
    )
    high = metric.high if task.direction == "higher" else metric.low
    found = Ladder(
        task=task, rungs=rungs, splits=setup.splits, level=settings.level, gains=gains,
        suffices={}, skipped=climbed.skipped, classes=setup.classes,
        best=float(high) if np.isfinite(high) else None, interrupted=climbed.interrupted,
    )  # fmt: skip
    base = standing.floor(found)
    return found if base is None else replace(found, suffices=_suffices(measured, scale, base.name))


def scale_of(setup: Setup, settings: Settings) -> Scale:
    """Return how scores of these splits are combined."""
    folds = setup.splits.folds
    judged = len(np.unique(np.concatenate([fold.test for fold in folds])))
    each = float(np.mean([len(fold.test) for fold in folds]))
    return Scale(
        held_out=setup.splits.held_out,
        ratio=setup.splits.ratio,
        factor=(1 / len(folds) + setup.splits.ratio) * judged / each,
        level=settings.level,
        sign=1.0 if setup.task.direction == "higher" else -1.0,
    )


def measure(setup: Setup, made: Sequence[Predicted], settings: Settings) -> Measured:
    """Return the metric of a rung's predictions; raises MlcheckError where it has no value on any fold."""
    labels, positive, metric = setup.task.labels, setup.positive, setup.metric
    folds = setup.splits.folds
    scores = np.array(
        [
            ladder_scores.score(metric, labels, setup.target[fold.test], said, positive)
            for fold, said in zip(folds, made, strict=True)
        ]
    )
    if not np.isfinite(scores).any():
        raise MlcheckError(
            "--metric", f"expected a metric with a value on these rows, {metric.name} has none",
            "the test rows hold one class only, or the rung gives no probabilities",
        )  # fmt: skip
    rows, said = _judged(setup, made)
    clusters = None if setup.clusters is None else setup.clusters[rows]
    group = resampled.dealt(len(rows), GROUPS, settings.seed, clusters)
    without = ladder_scores.without_groups(metric, labels, setup.target[rows], said, positive, group)
    return Measured(whole=float(np.nanmean(scores)), folds=scores, without=without)


def _judged(setup: Setup, made: Sequence[Predicted]) -> tuple[Ints, Predicted]:
    """Return the judged rows, each once, and what was predicted for them."""
    rows = np.concatenate([fold.test for fold in setup.splits.folds])
    _, first = np.unique(rows, return_index=True)
    return rows[first], ladder_scores.chosen(ladder_scores.joined(made), first)


def _gain(over: str, mean: Mean) -> Gain:
    above = resampled.probability_above(mean, 0.0)
    return Gain(over=over, value=mean.value, low=mean.low, high=mean.high, above=above)


def _suffices(measured: Mapping[str, Measured], scale: Scale, base: str) -> dict[str, Gain]:
    """Return for each learning rung above linear how far linear is beyond the share of its gain that suffices."""
    if "linear" not in measured:
        return {}
    linear, floor = measured["linear"], measured[base]
    return {
        name: _gain(name, scale.combined((linear, 1.0), (floor, SUFFICIENT - 1.0), (other, -SUFFICIENT)))
        for name, other in measured.items()
        if name not in (*CHANCE, "linear")
    }


def _rung(
    setup: Setup, name: str, made: Sequence[Predicted], measured: Measured, settings: Settings, gain: Gain | None
) -> Rung:  # fmt: skip
    metric = setup.metric
    if setup.splits.held_out:
        found = _of_rows(setup, made, settings)
        low, high, method = found.low, found.high, found.method
    else:
        scale = scale_of(setup, settings)
        mean = scale.combined((measured, scale.sign))  # the score itself, whichever of its ends is better
        low, high = mean.low, mean.high
        method = "corrected resampled t"
        if low is None or high is None or not high > low:  # all folds alike: what as many rows allow
            found = _of_rows(setup, made, settings)
            low, high = found.low, found.high
    seconds = [p.seconds for p in made if p.seconds is not None]
    told = [p.told for p in made if p.told]
    return Rung(
        name=name,
        score=measured.whole,
        low=None if low is None else max(low, metric.low),
        high=None if high is None else min(high, metric.high),
        folds=measured.folds,
        gain=gain,
        method=method,
        told=_often(told, len(made)),
        seconds=float(sum(seconds)) if len(seconds) == len(made) else None,
    )


def _of_rows(setup: Setup, made: Sequence[Predicted], settings: Settings) -> Estimate:
    """Return the metric of all judged rows with its interval over rows."""
    rows, said = _judged(setup, made)
    clusters = None if setup.clusters is None else resampled.numbered(setup.clusters[rows])
    sampling = Sampling(level=settings.level, seed=settings.seed, clusters=clusters, cluster_name="group")
    found = ladder_scores.content(setup.task.labels, setup.target[rows], said, setup.positive)
    return estimate(setup.metric, ladder_scores.view(found, sampling))


def _often(told: Sequence[str], folds: int) -> str:
    if not told:
        return ""
    return told[0] if len(told) == folds else f"{told[0]} ({len(told)} of {folds} folds)"
