"""Areas under the ROC curves: one class against the rest, and each pair of classes, with how each row moves them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mlcheck.stats.metrics import means
from mlcheck.stats.metrics.metric import Interval, Metric, Undefined, normal
from mlcheck.stats.metrics.multiclass.columns import columns
from mlcheck.stats.metrics.places import places, total
from mlcheck.stats.metrics.resample import row_counts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mlcheck.model import Floats
    from mlcheck.stats.metrics.metric import Difference
    from mlcheck.stats.metrics.multiclass.view import MulticlassView
    from mlcheck.stats.metrics.places import Places

RANK = 30
MOST_DRAWN_ROWS = 1000
MOST_DRAWN_SCORES = 50_000
"""Up to here the bootstrap is affordable, and the normal law of few rows not to be relied on."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Areas:
    """Area of each class (K,), NaN where the truth lacks it, against all others (`rest`) and the mean against each one
    (`pairs`); `moved_rest` and `moved_pairs` (n,) are what each row moves their means over classes by.
    """  # noqa: D205  (one sentence)

    rest: Floats
    pairs: Floats
    moved_rest: Floats
    moved_pairs: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Class:
    """One class's rows `at` (P,) in ascending order of its scores, and where all rows (n,) fall among them."""

    number: int
    at: Places
    left: Places
    right: Places


def _classes(view: MulticlassView, out: tuple[Places, Places] | None = None) -> Iterator[_Class]:
    """Yield each class of the truth; with `out`, its places lie in memory that the next one's overwrite."""
    of_class = np.argsort(view.truth, kind="stable")
    ends = np.cumsum(view.support).astype(np.intp)
    for number, column in enumerate(columns(view.scores, view.content.kind)):
        at = of_class[ends[number] - int(view.support[number]) : ends[number]]
        if len(at) and len(at) < view.n:
            mine = column[at]
            order = np.argsort(mine, kind="stable")
            left, right = places(column, mine[order], out)
            yield _Class(number=number, at=at[order], left=left, right=right)


def areas(view: MulticlassView) -> Areas:
    """Return the areas of all classes with what rows move them by, one pass over the columns of the scores.

    A row of another class that p of a class's P rows lie below and q lie at or below takes (p + q) / 2 P from the
    class's area, weighted as the row; the structural components of DeLong et al. 1988 (Biometrics 44, p. 837), for
    pairs those of Hand & Till 2001 (Machine Learning 45, p. 171).
    """
    n, weight = view.n, view.weight if view.weight is not None else np.ones(view.n)
    by_class = view.true
    alike = weight / np.where(by_class > 0, by_class, 1)[view.truth]
    present, whole = int(np.count_nonzero(by_class)), float(by_class.sum())
    rests, pairs = np.full(view.k, np.nan), np.full(view.k, np.nan)
    shift_rest, shift_pairs = np.zeros(n), np.zeros(n)
    kept, out = np.empty(n), (np.empty(n, dtype=np.intp), np.empty(n, dtype=np.intp))
    for one in _classes(view, out):
        mine, others = float(by_class[one.number]), whole - float(by_class[one.number])
        if mine <= 0 or others <= 0:
            continue
        below = _below(view, one, weight, kept)
        below_rows = float(np.dot(weight, below)) - mine / 2
        rests[one.number] = 1 - below_rows / others
        pairs[one.number] = 1 - (float(np.dot(alike, below)) - 0.5) / (present - 1)
        ranked = np.subtract(1, below, out=below)
        shift = (ranked - rests[one.number]) / others
        shift[one.at] = (_above(one, weight) / others - rests[one.number]) / mine
        shift_rest += shift
        ranked /= present - 1
        ranked[one.at] = _above(one, alike) / (present - 1)
        shift_pairs += ranked
    centre = np.bincount(view.truth, alike * shift_pairs, view.k)
    return Areas(
        rest=rests,
        pairs=pairs,
        moved_rest=weight * shift_rest / present,
        moved_pairs=alike * (shift_pairs - centre[view.truth]) / present,
    )


def rest(view: MulticlassView) -> Floats:
    """Return the area (K,) of each class against all others, without weights, at the least cost."""
    made = np.full(view.k, np.nan)
    for number, column in enumerate(columns(view.scores, view.content.kind)):
        mine = np.sort(column[view.truth == number])
        others = view.n - len(mine)
        if len(mine) and others:
            # The class's own rows are at or below each other len(mine)^2 times.
            made[number] = 1 - (total(column, mine) - len(mine) ** 2) / (2 * len(mine) * others)
    return made


def _below(view: MulticlassView, one: _Class, weight: Floats, out: Floats) -> Floats:
    """Fill `out` (n,) with the weighted share of the class's rows that lie below each row, those at it by half."""
    if view.weight is None:
        np.add(one.left, one.right, out=out)
        out *= 0.5 / len(one.at)
        return out
    reached = np.concatenate([[0.0], np.cumsum(weight[one.at])])
    np.add(reached[one.left], reached[one.right], out=out)
    out *= 0.5 / reached[-1]
    return out


def _above(one: _Class, weight: Floats) -> Floats:
    """Return (P,) the weight of the other classes' rows that lie below each of the class's rows, those at it by half.

    A row lies below the j-th where at most j of them are at it or below it.
    """
    size, at = len(one.at) + 1, one.at
    strictly = np.bincount(one.right, weight, size) - np.bincount(one.right[at], weight[at], size)
    tied = np.bincount(one.left, weight, size) - np.bincount(one.left[at], weight[at], size)
    found: Floats = np.cumsum(strictly + tied)[:-1] / 2
    return found


def _check(view: MulticlassView, name: str) -> None:
    """Raise Undefined where an area has no value."""
    _ = view.scores
    by_class = view.true
    absent = np.flatnonzero(by_class == 0)
    if view.k - len(absent) < 2:
        raise Undefined("the truth holds one class only" if len(absent) < view.k else "there are no rows")
    if name == "rest" and len(absent):
        first = view.content.labels[int(absent[0])]
        more = f" and {len(absent) - 1:,} more" if len(absent) > 1 else ""
        raise Undefined(f"the truth holds no row of class {first}{more}")


def _value(view: MulticlassView, name: str) -> float:
    _check(view, name)
    found = view.rest if name == "rest" else view.areas.pairs
    return float(np.nanmean(found))


def roc_auc_ovr(view: MulticlassView) -> float:
    """Return the mean over classes of the area under the ROC curve of the class against all others; 0..1, 0.5 by chance.

    Ties count by half. Classes of logits are ranked by their log-odds, which do not saturate. Undefined where the truth
    lacks a class that has scores, as in scikit-learn.
    """
    return _value(view, "rest")


def roc_auc_ovo(view: MulticlassView) -> float:
    """Return Hand & Till's M: the mean over ordered pairs of classes a, b of P(an a scores higher for a than a b).

    0..1, 0.5 by chance, whatever the class shares; over the classes of the truth, ties by half (Hand & Till 2001, eq. 7).
    """
    return _value(view, "pairs")


def _interval(name: str) -> Callable[[MulticlassView], Interval]:
    def interval(view: MulticlassView) -> Interval:
        if _drawable(view):
            raise Undefined("the bootstrap holds for fewer rows")
        value, moved = _value(view, name), getattr(view.areas, f"moved_{name}")
        sd = means.spread(moved, view.clusters)
        if sd <= 0:
            raise Undefined("no pair of rows is ranked wrongly")
        by = f" by {view.sampling.cluster_name or 'cluster'}" if view.clustered else ""
        return normal(value, sd, view.sampling.level, f"DeLong{by}", bounds=(0.0, 1.0))

    return interval


def _test(name: str) -> Callable[[MulticlassView, MulticlassView], Difference]:
    def test(a: MulticlassView, b: MulticlassView) -> Difference:
        if _drawable(a):
            raise Undefined("the bootstrap holds for fewer rows")
        moved = getattr(a.areas, f"moved_{name}") - getattr(b.areas, f"moved_{name}")
        return means.from_influences(_value(a, name), _value(b, name), moved, a.sampling, "paired DeLong")

    return test


def _drawable(view: MulticlassView) -> bool:
    return view.n <= MOST_DRAWN_ROWS and view.n * view.k <= MOST_DRAWN_SCORES


def drawn(view: MulticlassView) -> dict[str, Floats]:
    """Return (replicates,) draws of both areas, each class keeping its number of rows (clusters are drawn whole).

    NaN where a replicate lacks a class. Raises Undefined for more rows than `MOST_DRAWN_ROWS`.
    """
    means.check_units(view.n, view.clusters)
    if not _drawable(view):
        raise Undefined("no pair of rows is ranked wrongly")
    found: list[Floats] = []
    classes = list(_classes(view))
    for block in row_counts(view.n, view.sampling, strata=view.truth):
        weighed = block if view.weight is None else block * view.weight
        found.append(_replicates(view, classes, weighed))
    return dict(zip(("rest", "pairs"), np.concatenate(found, axis=1), strict=True))


def _replicates(view: MulticlassView, classes: list[_Class], weight: Floats) -> Floats:
    """Return (2, replicates): both means over classes with the rows weighted by each of (replicates, n)."""
    by_class = np.stack([weight[:, view.truth == c].sum(axis=1) for c in range(view.k)], axis=1)
    whole, present = by_class.sum(axis=1), np.count_nonzero(by_class, axis=1)
    rests, pairs = np.zeros(len(weight)), np.zeros(len(weight))
    with np.errstate(invalid="ignore", divide="ignore"):
        alike = weight / np.where(by_class > 0, by_class, 1)[:, view.truth]
        for one in classes:
            mine = by_class[:, one.number]
            reached = np.pad(np.cumsum(weight[:, one.at], axis=1), ((0, 0), (1, 0)))
            below = (reached[:, one.left] + reached[:, one.right]) / (2 * mine[:, None])
            area = 1 - ((weight * below).sum(axis=1) - mine / 2) / (whole - mine)
            rests += area
            pairs += np.nan_to_num(1 - ((alike * below).sum(axis=1) - 0.5) / (present - 1))
        means_over = (rests / view.k, np.where(present > 1, pairs / present, math.nan))
        return np.stack(means_over).astype(np.float64, copy=False)


METRICS: tuple[Metric, ...] = (
    Metric(
        name="roc_auc_ovr",
        better="higher",
        value=roc_auc_ovr,
        interval=_interval("rest"),
        draws=lambda view: view.drawn_areas["rest"],
        test=_test("rest"),
    ),
    Metric(
        name="roc_auc_ovo",
        better="higher",
        value=roc_auc_ovo,
        interval=_interval("pairs"),
        draws=lambda view: view.drawn_areas["pairs"],
        test=_test("pairs"),
    ),
)
