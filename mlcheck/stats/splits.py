"""Rows divided for judging a model: stratified folds, folds that keep groups whole, forward chaining in time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlcheck.model.ladder import Fold
from mlcheck.stats.resampled import numbered

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from mlcheck.model import Floats
    from mlcheck.model.dataset import Codes, Ints


def stratified(strata: Codes, folds: int, random: np.random.Generator) -> npt.NDArray[np.int64]:
    """Return the fold (n,) of each row: every stratum (n,) is spread over the folds as evenly as can be.

    Rows of one stratum after another are dealt in turn, shuffled within the stratum, so that fold sizes differ by one
    at most (Kohavi 1995, A study of cross-validation and bootstrap for accuracy estimation, section 2.2).
    """
    order = random.permutation(len(strata))
    order = order[np.argsort(strata[order], kind="stable")]
    fold = np.empty(len(strata), dtype=np.int64)
    fold[order] = (np.arange(len(strata)) + int(random.integers(folds))) % folds
    return fold


def whole_groups(groups: Codes, folds: int, random: np.random.Generator, strata: Codes | None = None) -> Ints:
    """Return the fold (n,) of each row such that no group (n,) is in two folds; a row without group (-1) is its own.

    The largest group first, each goes where classes (`strata`) and then rows become most even (a greedy rule, as
    scikit-learn's StratifiedGroupKFold). Ties are broken at random.
    """
    code = numbered(groups)
    kind = np.zeros(len(code), dtype=np.int64) if strata is None else strata.astype(np.int64)
    held = np.zeros((int(code.max(initial=-1)) + 1, int(kind.max(initial=0)) + 1))
    np.add.at(held, (code, kind), 1)
    shares = np.maximum(held.sum(axis=0), 1)
    order = random.permutation(len(held))
    order = order[np.argsort(-held.sum(axis=1)[order], kind="stable")]
    filled = np.zeros((folds, held.shape[1]))
    place = np.empty(len(held), dtype=np.int64)
    for group in order:
        after = ((filled + held[group]) / shares) ** 2 - (filled / shares) ** 2
        cost = after.sum(axis=1) + 1e-9 * filled.sum(axis=1)
        place[group] = int(np.argmin(cost))
        filled[place[group]] += held[group]
    return place[code]


def forward(time: Floats, folds: int) -> Iterator[Fold]:
    """Yield forward chaining over time (n,): each fold is judged on a block of rows later than all that it learns from.

    Rows in the order of their time are cut into `folds` + 1 blocks; rows of one moment stay together. Rows without time
    are left out. (Tashman 2000, Out-of-sample tests of forecasting accuracy, section 4: rolling origin.) A block that
    would be empty is passed over.
    """
    rows = np.flatnonzero(np.isfinite(time))
    rows = rows[np.argsort(time[rows], kind="stable")]
    moment = time[rows]
    ends = np.linspace(0, len(rows), folds + 2)[1:].round().astype(np.int64)
    cuts = [int(np.searchsorted(moment, moment[min(end, len(rows) - 1)], side="left")) for end in ends[:-1]]
    for start, stop in zip(cuts, [*cuts[1:], len(rows)], strict=True):
        if start > 0 and stop > start:
            yield Fold(train=np.sort(rows[:start]), test=np.sort(rows[start:stop]))


def of_assignment(place: npt.NDArray[np.int64], folds: int) -> Iterator[Fold]:
    """Yield the folds of an assignment (n,) of rows to folds; an empty one is passed over."""
    for fold in range(folds):
        test = np.flatnonzero(place == fold)
        if 0 < len(test) < len(place):
            yield Fold(train=np.flatnonzero(place != fold), test=test)
