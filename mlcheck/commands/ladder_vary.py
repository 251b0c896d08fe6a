"""Train and validation error against the width of a network, or its penalty: where a data set turns from underfit to overfit."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias, get_args

import numpy as np

from mlcheck.commands import climb, ladder_scores, ladder_told
from mlcheck.commands.ladder_told import Measured
from mlcheck.config import suggestion
from mlcheck.engines import settled
from mlcheck.errors import MlcheckError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlcheck.commands.climb import Means
    from mlcheck.commands.ladder_task import Setup
    from mlcheck.model import Scalar
    from mlcheck.model.ladder import Predicted
    from mlcheck.stats.resampled import Mean

What: TypeAlias = Literal["capacity", "regularization"]
LEARNS_AS_WELL = 0.02
"""Change of the training error, as a share of its range, that is none: a network that is worse without it fits as well."""


class Dial(NamedTuple):
    """What is varied: a parameter of the rung, its values on a scale of `base`, and the words for less and more of it."""

    parameter: str
    values: tuple[float, ...]
    base: float
    word: str
    less: str
    more: str


DIALS: Mapping[What, Dial] = {
    "capacity": Dial("width", tuple(2.0**k for k in range(9)), 2.0, "width", "narrower", "wider"),
    "regularization": Dial(
        "penalty", tuple(10.0**k for k in range(-4, 4)), 10.0, "penalty", "weaker", "stronger"
    ),
}
"""Widths of the first hidden layer from 1 to 256; weight decay from 1e-4 to 1000 (alpha of scikit-learn)."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Setting:
    """One value of the dial: errors (less is better) with intervals, the validation score with its interval.

    `gap` is validation minus training error, `behind` the validation error minus the lowest one, both paired by fold; the
    interval of `behind` allows for two comparisons, one at each end of the dial (Bonferroni).
    """

    value: float
    train: Mean
    validation: Mean
    gap: Mean
    behind: Mean
    score: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Varied:
    """What varying gave. `error` names the error, `best` is the place of the lowest validation error, and all
    settings before `first` and all behind `last` are surely worse. `skipped` says why settings are missing.
    """  # noqa: D205  (one sentence)

    what: What
    error: str
    settings: tuple[Setting, ...]
    best: int
    first: int
    last: int
    skipped: str = ""

    @property
    def dial(self) -> Dial:
        """What was varied."""
        return DIALS[self.what]


def wanted(name: str) -> What:
    """Return what is to be varied; raises MlcheckError for another word."""
    found: Mapping[str, What] = {what: what for what in get_args(What)}
    if name not in found:
        raise MlcheckError(
            "--vary", f"expected {' or '.join(found)}, found {name!r}", suggestion(name, list(found))
        )
    return found[name]


def varied(what: What, setup: Setup, means: Means) -> Varied | str:
    """Fit the network at every value of the dial on every fold, until its training loss stands still.

    What does not fit into the budget is left out; without two settings the reason is returned in place of a result.
    """
    dial = DIALS[what]
    held: list[tuple[Measured, Measured]] = []
    skipped = ""
    for value in dial.values:
        given: dict[str, Scalar] = {dial.parameter: int(value) if what == "capacity" else value}
        try:
            made = tuple(climb.fitted(setup, settled, means, parameters=given, train_too=True))
        except climb.OutOfTime:
            skipped = f"the budget ended before {dial.word} {shown(value)}"
            break
        held.append(_measured(setup, made, means))
    if len(held) < 2:
        return skipped
    return _varied(what, held, setup, means, skipped)


def shown(value: float) -> str:
    """Return a value of a dial as it is told."""
    return f"{value:g}"


def _measured(setup: Setup, made: Sequence[Predicted], means: Means) -> tuple[Measured, Measured]:
    """Return the metric on the rows learnt from and on those held out, paired by fold (or group of test rows)."""
    validation = ladder_told.measure(setup, made, means.settings)
    scores = np.array(
        [
            ladder_scores.score(
                setup.metric, setup.task.labels, setup.target[fold.train], said.train, setup.positive
            )
            for fold, said in zip(setup.splits.folds, made, strict=True)
            if said.train is not None
        ]
    )
    whole = float(np.nanmean(scores))  # the spread by single test rows is that of the validation alone
    return Measured(whole=whole, folds=scores, without=np.full(len(validation.without), whole)), validation


def _varied(
    what: What, held: Sequence[tuple[Measured, Measured]], setup: Setup, means: Means, skipped: str
) -> Varied:
    scale = ladder_told.scale_of(setup, means.settings)
    strict = replace(scale, level=1 - (1 - scale.level) / 2)
    at_best, told = _zero(setup)
    errors = [_shifted(scale.combined((validation, -1.0)), at_best) for _, validation in held]
    best = int(np.argmin([error.value for error in errors]))
    found = []
    for (train, validation), error, value in zip(held, errors, DIALS[what].values, strict=False):
        ends = sorted(scale.sign * (at_best - end) for end in (error.low, error.high) if end is not None)
        found.append(
            Setting(
                value=value,
                train=_shifted(scale.combined((train, -1.0)), at_best),
                validation=error,
                gap=scale.combined((train, 1.0), (validation, -1.0)),
                behind=strict.combined((held[best][1], 1.0), (validation, -1.0)),
                score=validation.whole,
                low=ends[0] if len(ends) == 2 else None,
                high=ends[1] if len(ends) == 2 else None,
            )
        )
    first, last = _as_good(found, best)
    return Varied(
        what=what, error=told, settings=tuple(found), best=best, first=first, last=last, skipped=skipped
    )


def _zero(setup: Setup) -> tuple[float, str]:
    """Return the score of perfection that errors are measured from, and the name of the error."""
    name = setup.metric.name
    if setup.task.direction == "lower":
        return 0.0, name
    if np.isfinite(setup.metric.high):
        return float(setup.metric.high), f"{setup.metric.high:g} − {name}"
    return 0.0, f"−{name}"


def _shifted(mean: Mean, by: float) -> Mean:
    low, high = (None if end is None else end + by for end in (mean.low, mean.high))
    return mean._replace(value=mean.value + by, low=low, high=high)


def _as_good(found: Sequence[Setting], best: int) -> tuple[int, int]:
    """Return the first and the last place before and behind which all settings, to that end, are surely worse."""
    first, last = 0, len(found) - 1
    while first < best and _is_worse(found[first]):
        first += 1
    while last > best and _is_worse(found[last]):
        last -= 1
    return first, last


def _is_worse(setting: Setting) -> bool:
    return setting.behind.low is not None and setting.behind.low > 0


def sentence(varied: Varied) -> str:
    """Return where the data set turns from underfit to overfit, or that it does not turn in the range."""
    dial, every = varied.dial, varied.settings
    best, low, high = every[varied.best], every[0], every[-1]
    said = [f"validation error is lowest at {dial.word} {shown(best.value)} ({best.validation.value:.3g})"]
    faults = []
    if varied.first > 0:
        faults.append(_fault(varied, low))
        said.append(f"{dial.less} than {shown(every[varied.first].value)} {faults[-1]}")
    if varied.last < len(every) - 1:
        faults.append(_fault(varied, high))
        said.append(f"{dial.more} than {shown(every[varied.last].value)} {faults[-1]}")
    if not faults:
        return f"validation error does not turn between {dial.word} {shown(low.value)} and {shown(high.value)}: no difference is beyond chance"
    if len(set(faults)) == 1:
        other = "underfits" if faults[0] == "overfits" else "overfits"
        said.append(f"nothing from {dial.word} {shown(low.value)} to {shown(high.value)} {other}")
    return "; ".join(said)


def _fault(varied: Varied, end: Setting) -> str:
    """Say what is wrong at one end of the dial: a training error that is higher than at the best setting is underfit."""
    best = varied.settings[varied.best]
    errors = [s.train.value for s in varied.settings]
    margin = LEARNS_AS_WELL * max(max(errors) - min(errors), best.validation.value)
    return "underfits" if end.train.value > best.train.value + margin else "overfits"
