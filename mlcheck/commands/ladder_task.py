"""From a data set to what the rungs are given: features, target, the task with its metric, the splits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mlcheck import registry
from mlcheck.commands import ladder_scores
from mlcheck.config import suggestion
from mlcheck.errors import MlcheckError
from mlcheck.model.dataset import Column
from mlcheck.model.ladder import Features, Fold, Splits, Task
from mlcheck.stats import splits

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mlcheck.config import Settings
    from mlcheck.model.baseline import Asked
    from mlcheck.model.dataset import Codes, DataRead, Dataset
    from mlcheck.model.ladder import Target
    from mlcheck.stats.metrics.metric import Metric

RARE = 0.2
"""Share of the rarer of two classes below which accuracy says little: a constant answer reaches 80 %."""
UNEVEN = 3.0
"""Largest class over the mean class (or the mean over the smallest) from which on accuracy does not weigh classes alike."""
OF_POSITIVE = frozenset(("precision", "recall", "specificity", "f1", "average_precision"))
"""Metrics of two classes that are about one of them."""
MOST_CLASSES_OF_ROWS = 2
"""Rows that a class must have on average for classes to be learnt at all."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Setup:
    """All that is decided before a rung is fitted.

    `features` and `target` hold the rows of train and then those of the test set, those without a target left out;
    `folds` of `splits` point into them. `clusters` (n,) are the groups of rows, None without. `positive` is the code
    that binary metrics are about. `why_metric` ends the sentence "judged by accuracy: ...". `constant` names columns
    that were left out because they never vary. `digest` changes with the data.
    """

    task: Task
    features: Features
    target: Target
    splits: Splits
    metric: Metric
    why_metric: str
    clusters: Codes | None
    positive: int
    classes: Mapping[str, int]
    constant: tuple[str, ...]
    digest: str


def setup(read: DataRead, asked: Asked, settings: Settings) -> Setup:
    """Return what the rungs are given; raises MlcheckError for data that nothing can be learnt from."""
    train, test = read.train, read.test
    if train.target is None or train.goal is None:
        raise MlcheckError(
            train.source, f"expected a target, found none by its name among {_listed(train)}",
            "name it with --target",
        )  # fmt: skip
    parts = [train] if test is None else [train, test]
    if test is not None and test.target is None:
        raise MlcheckError(
            test.source, f"expected the target {train.target!r} in the test set, found none of that name",
            "leave out --test: folds of the training set are judged then",
        )  # fmt: skip
    rows = [_with_target(part) for part in parts]
    features, constant = _features(parts, rows)
    target, labels = _target(parts, rows)
    groups, times = (_joined(parts, rows, name) for name in (train.group, train.time))
    divided = _splits(target, labels, groups, times, [len(r) for r in rows], asked, settings.seed)
    positive = _positive(train.source, labels, asked.positive)
    counts = np.bincount(target.astype(np.int64), minlength=len(labels)) if labels else np.zeros(0, dtype=int)
    name, why = _metric_name(asked.metric, train.goal, labels, counts, positive)
    metric = _metric(name, train.goal, labels, target, positive)
    images = features.of("image")
    task = Task(
        goal=train.goal,
        metric=metric.name,
        direction=metric.better,
        labels=labels,
        rows=len(rows[0]),
        kinds={kind: len(features.of(kind)) for kind in dict.fromkeys(c.kind for c in features.columns)},
        pixels=images[0].pixels.shape[1:] if images and images[0].pixels is not None else None,
    )
    return Setup(
        task=task, features=features, target=target, splits=divided, metric=metric, why_metric=why,
        clusters=None if groups is None else _codes(groups), positive=positive,
        classes={label: int(n) for label, n in zip(labels, counts, strict=True)},
        constant=constant, digest=read.digest,
    )  # fmt: skip


def _listed(data: Dataset) -> str:
    names = [column.name for column in data.columns]
    return ", ".join(names[:6]) + (" …" if len(names) > 6 else "")


def _with_target(part: Dataset) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    assert part.target is not None  # noqa: S101  (asked before)
    return np.flatnonzero(~part.column(part.target).missing)


def _features(parts: list[Dataset], rows: list[np.ndarray]) -> tuple[Features, tuple[str, ...]]:
    """Return the feature columns of all parts, one below the other, without those that never vary in train."""
    names = [column.name for column in parts[0].features if all(_has(part, column.name) for part in parts)]
    constant = tuple(name for name in names if not _varies(parts[0].column(name)))
    kept = [name for name in names if name not in constant]
    if not kept:
        where = parts[0].source
        if not names:
            raise MlcheckError(where, "expected feature columns beside the target, found none")
        raise MlcheckError(
            where, f"expected a column that varies, found {len(names)} that hold one value each",
            "check how the file was written",
        )  # fmt: skip
    columns = []
    for name in kept:
        each = [
            Features(columns=(p.column(name),)).rows(r).columns[0] for p, r in zip(parts, rows, strict=True)
        ]
        columns.append(_below(each))
    return Features(columns=tuple(columns)), constant


def _has(part: Dataset, name: str) -> bool:
    return any(column.name == name for column in part.columns)


def _varies(column: Column) -> bool:
    if column.pixels is not None:
        return bool((column.pixels != column.pixels[:1]).any())
    if column.texts is not None:
        return len(set(column.texts.tolist())) > 1
    missing = column.missing
    if missing.all():
        return False
    values = column.numbers if column.numbers is not None else column.codes
    assert values is not None  # noqa: S101  (by its kind)
    known = values[~missing]
    return bool(missing.any() or (known != known[0]).any())


def _below(columns: list[Column]) -> Column:
    """Return columns of one name as one, the rows of each below those before."""
    if len(columns) == 1:
        return columns[0]
    first = columns[0]
    values: dict[str, Any] = {
        name: None if getattr(first, name) is None else np.concatenate([getattr(c, name) for c in columns])
        for name in ("numbers", "codes", "texts", "pixels")
    }
    return Column(name=first.name, kind=first.kind, names=first.names, whole=first.whole, **values)


def _target(parts: list[Dataset], rows: list[np.ndarray]) -> tuple[Target, tuple[str, ...]]:
    """Return the target of all parts and the labels that occur in it; () for numbers."""
    assert parts[0].target is not None  # noqa: S101  (asked before)
    each = [part.column(parts[0].target) for part in parts]
    if parts[0].goal == "regression":
        numbers = np.concatenate(
            [c.numbers[r] for c, r in zip(each, rows, strict=True) if c.numbers is not None]
        )
        if not np.isfinite(numbers).all():
            raise MlcheckError(
                parts[0].source,
                f"expected finite numbers in the target {parts[0].target!r}, found infinite ones",
            )
        return numbers, ()
    codes = np.concatenate([c.codes[r] for c, r in zip(each, rows, strict=True) if c.codes is not None])
    present, place = np.unique(codes, return_inverse=True)
    names = each[0].names
    if len(present) * MOST_CLASSES_OF_ROWS > len(codes):
        raise MlcheckError(
            parts[0].source,
            f"expected at least {MOST_CLASSES_OF_ROWS} rows a class, found {len(present):,} classes in {len(codes):,} rows",
            "is the target a number (--task regression), or an identifier?",
        )
    return place.astype(np.int32), tuple(names[int(code)] for code in present)


def _joined(parts: list[Dataset], rows: list[np.ndarray], name: str | None) -> Column | None:
    """Return a column with a role, all parts below each other; None where the first part lacks it or another one does."""
    if name is None or not all(_has(part, name) for part in parts):
        return None
    return _below(
        [Features(columns=(p.column(name),)).rows(r).columns[0] for p, r in zip(parts, rows, strict=True)]
    )


def _codes(column: Column) -> Codes:
    """Return what rows belong together as codes (n,); a row without value is by itself."""
    if column.codes is not None:
        value: list[object] = column.codes.tolist()
    elif column.texts is not None:
        value = column.texts.tolist()
    else:
        assert column.numbers is not None  # noqa: S101  (images are no groups)
        value = column.numbers.tolist()
    place: dict[object, int] = {}
    missing = column.missing
    return np.array(
        [-1 if missing[i] else place.setdefault(v, len(place)) for i, v in enumerate(value)], dtype=np.int32
    )


def _splits(
    target: Target, labels: tuple[str, ...], groups: Column | None, times: Column | None, sizes: list[int],
    asked: Asked, seed: int,
) -> Splits:  # fmt: skip
    """Return the test set as the only fold, or folds of the training rows."""
    if len(sizes) > 1:
        first, whole = sizes[0], sum(sizes)
        if not first or whole == first:
            raise MlcheckError("--test", "expected rows with a target in both sets, found none in one")
        fold = Fold(train=np.arange(first), test=np.arange(first, whole))
        return Splits(folds=(fold,), told=f"test set of {whole - first:,} rows", held_out=True)
    if sizes[0] < 2 * asked.folds:
        raise MlcheckError(
            "--folds", f"expected at least {2 * asked.folds} rows with a target for {asked.folds} folds, found {sizes[0]}",
            "give more rows, or fewer folds",
        )  # fmt: skip
    if times is not None:
        return _forward(times, groups, asked.folds)
    folds = list(_folds(target, labels, groups, asked, seed))
    by = f" by {groups.name}" if groups is not None else ""
    repeated = f", {asked.repeats} times" if asked.repeats > 1 else ""
    return Splits(folds=tuple(folds), told=f"{asked.folds} folds{by}{repeated}")


def _folds(
    target: Target, labels: tuple[str, ...], groups: Column | None, asked: Asked, seed: int
) -> Iterator[Fold]:
    strata = target.astype(np.int32) if labels else np.zeros(len(target), dtype=np.int32)
    codes = None if groups is None else _codes(groups)
    if codes is not None and groups is not None and len(np.unique(codes[codes >= 0])) < asked.folds:
        raise MlcheckError(
            "--group", f"expected at least {asked.folds} groups in {groups.name!r} for {asked.folds} folds,"
            f" found {len(np.unique(codes[codes >= 0]))}", "name fewer --folds",
        )  # fmt: skip
    for repeat in range(asked.repeats):
        random = np.random.default_rng((seed, repeat, 0))
        if codes is None:
            place = splits.stratified(strata, asked.folds, random)
        else:
            place = splits.whole_groups(codes, asked.folds, random, strata if labels else None)
        yield from splits.of_assignment(place, asked.folds)


def _forward(times: Column, groups: Column | None, folds: int) -> Splits:
    """Return forward chaining; rows of a group that is judged are not learnt from."""
    value = times.numbers if times.numbers is not None else times.codes
    if value is None:
        raise MlcheckError("--time", f"expected dates or numbers in {times.name!r}, found {times.kind}")
    moment = np.where(times.missing, np.nan, value.astype(np.float64))
    found = list(splits.forward(moment, folds))
    if groups is not None:
        codes = _codes(groups)
        found = [
            Fold(train=f.train[~np.isin(codes[f.train], codes[f.test][codes[f.test] >= 0])], test=f.test)
            for f in found
        ]
        found = [f for f in found if len(f.train)]
    if len(found) < 2:
        raise MlcheckError(
            "--time", f"expected at least two moments to divide at in {times.name!r}, found {len(found)}",
            "leave out --time",
        )  # fmt: skip
    return Splits(folds=tuple(found), told=f"{len(found)} folds forward in {times.name}")


def _positive(where: str, labels: tuple[str, ...], wanted: str | None) -> int:
    if wanted is None:
        return len(labels) - 1
    if wanted not in labels:
        raise MlcheckError(
            "--positive", f"expected a label of the target of {where}, found {wanted!r}",
            suggestion(wanted, list(labels[:20])) if labels else "the target is a number",
        )  # fmt: skip
    return labels.index(wanted)


def _metric_name(
    wanted: str | None, goal: str, labels: tuple[str, ...], counts: np.ndarray, positive: int
) -> tuple[str, str]:  # fmt: skip
    """Return the metric that rungs are judged by and why, as `mlcheck metrics` chooses it."""
    if wanted is not None:
        return wanted, "as asked for"
    if goal == "regression":
        return "r2", "0 is the mean, 1 is perfect"
    share = counts / counts.sum()
    if len(labels) == 2:
        if share.min() >= RARE:
            return "accuracy", "both classes are frequent"
        told = f"{labels[int(share.argmin())]} is {share.min():.2g} of the rows"
        return ("average_precision" if int(share.argmin()) == positive else "balanced_accuracy"), told
    if share.max() > UNEVEN * share.mean() or share.min() < share.mean() / UNEVEN:
        return (
            "macro_f1",
            f"classes are uneven ({counts.min():,} to {counts.max():,} rows), it weighs them alike",
        )
    return "accuracy", "the classes are about equally frequent"


def _metric(name: str, goal: str, labels: tuple[str, ...], target: Target, positive: int) -> Metric:
    known = {m.name: m for m in ladder_scores.metrics_of(goal, labels, target[:1], positive)}
    if name not in known:
        kind = "numbers" if goal == "regression" else f"{len(labels)} classes"
        raise MlcheckError(
            "--metric", f"expected a metric of {kind}, found {name!r}", suggestion(name, list(known))
        )
    return known[name]


def rungs_wanted(asked: Asked) -> dict[str, registry.Rung]:
    """Return the rungs that were asked for, the lowest first; raises MlcheckError for a name that is none."""
    known = registry.rungs()
    for name in asked.rungs:
        if name not in known:
            raise MlcheckError(
                "--rungs", f"expected names of rungs, found {name!r}", suggestion(name, list(known))
            )
    return {name: rung for name, rung in known.items() if not asked.rungs or name in asked.rungs}
