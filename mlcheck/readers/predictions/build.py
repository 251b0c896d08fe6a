"""From a table to predictions: which task, which rows can be used, what was guessed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from mlcheck.errors import MlcheckError
from mlcheck.model.predictions import Partition, Predictions
from mlcheck.readers.predictions import classes, columns, contents, labels, tasks
from mlcheck.readers.predictions.columns import CLUSTERS, demand, listed, words

if TYPE_CHECKING:
    import numpy.typing as npt

    from mlcheck.model.predictions import Content, Task, Wanted
    from mlcheck.readers.predictions.columns import Found
    from mlcheck.readers.predictions.frames import Array, Frame

MOST_HASHED = 2_000_000
"""Rows up to which copies are looked for."""


@dataclass(slots=True, kw_only=True)
class Draft:
    """Predictions in the making: what is used of a frame, and what is to be told of it."""

    frame: Frame
    wanted: Wanted
    found: Found
    used: dict[str, tuple[str, ...]] = field(default_factory=dict)
    doubts: list[str] = field(default_factory=list)
    dropped: dict[str, int] = field(default_factory=dict)
    rows: npt.NDArray[np.intp] | None = None
    unscaled: bool = False

    def column(self, name: str) -> Array:
        """Return the used rows of a column."""
        whole = self.frame.columns[name]
        return whole if self.rows is None else whole[self.rows]

    def use(self, part: str, *names: str) -> None:
        """Note from which columns a part was taken."""
        self.used[part] = names

    def keep(self, **needed: tuple[str, ...]) -> None:
        """Keep the rows in which every needed column holds a value; count the others by the first part they lack."""
        rows = np.ones(len(self.frame), dtype=bool)
        for part, names in needed.items():
            before = rows.copy()
            for name in names:
                rows &= columns.is_finite(self.frame.columns[name])
            lost = int(np.count_nonzero(before & ~rows))
            if lost:
                self.dropped[f"without a {part}"] = lost
        if not rows.any():
            lacking = next(iter(self.dropped), "without a value")
            raise MlcheckError(
                self.frame.source,
                f"expected rows with truth and prediction, found all {len(rows):,} {lacking}",
            )
        if not rows.all():
            self.rows = np.flatnonzero(rows)


def predictions(frame: Frame, wanted: Wanted) -> Predictions:
    """Return the predictions in a table; raises MlcheckError where truth or prediction cannot be found."""
    if columns.looks_like_log(frame) and not wanted.true:
        raise MlcheckError(
            frame.source,
            f"expected predictions, found the log of a training run ({listed(frame.columns)})",
            f"try mlcheck diagnose {frame.source}",
        )
    found = columns.find(frame, wanted)
    draft = Draft(frame=frame, wanted=wanted, found=found, doubts=list(found.doubts))
    task = wanted.task or tasks.task(frame, found, draft.doubts)
    content = _content(draft, task)
    task = contents.task_of(content)
    weight = _weight(draft)
    rows = len(frame) if draft.rows is None else len(draft.rows)
    return Predictions(
        id=frame.source.removesuffix(".gz").rpartition(".")[0] or frame.source,
        source=frame.source,
        reader=frame.reader,
        task=task,
        content=content,
        rows=rows,
        columns=draft.used,
        keys=_keys(draft, task),
        weight=weight,
        clusters=_clusters(draft, task),
        by=_partition(draft, wanted.by, "--by") if wanted.by else None,
        dropped=draft.dropped,
        repeated=_repeated(draft),
        unscaled=draft.unscaled,
        doubts=tuple(draft.doubts),
    )


def _content(draft: Draft, task: Task) -> Content:
    if task == "ranking":
        return contents.ranking(draft)
    if task == "generation":
        return contents.texts(draft)
    if task == "language-model":
        return contents.tokens(draft)
    if task == "multilabel":
        return classes.multilabel(draft)
    if task == "regression":
        return contents.regression(draft)
    return classes.classification(draft, task)


def _weight(draft: Draft) -> Any:
    name = draft.found.one.get("weight")
    if name is None:
        return None
    column = draft.column(name)
    if column.dtype.kind not in "ifb":
        raise MlcheckError(draft.frame.source, f"expected numbers in the weights {name!r}, found texts")
    weight = column.astype(np.float64)
    bad = ~np.isfinite(weight) | (weight < 0)
    if bad.any():
        row = int(np.argmax(bad))
        raise MlcheckError(
            draft.frame.source,
            f"expected weights of at least 0 in {name!r}, found {weight[row]:g} in row {row + 1}",
        )
    if not weight.any():
        raise MlcheckError(draft.frame.source, f"expected weights above 0 in {name!r}, found only zeros")
    draft.use("weight", name)
    return weight


def _keys(draft: Draft, task: Task) -> Any:
    """Return what identifies the rows, None where no column does or its values come again."""
    name = draft.found.one.get("id")
    if name is None or task == "ranking" or name in [n for names in draft.used.values() for n in names]:
        return None
    column = draft.column(name)
    if column.ndim != 1 or column.dtype.kind == "f":
        return None
    keys = column if column.dtype.kind in "iu" else np.array([str(v) for v in column.tolist()])
    if len(np.unique(keys)) < len(keys):
        if draft.wanted.identifier:
            raise MlcheckError(
                draft.frame.source,
                f"expected a value of its own in each row of {name!r}, found some that come again",
            )
        return None
    draft.use("id", name)
    return keys


def _clusters(draft: Draft, task: Task) -> Partition | None:
    if task == "ranking":
        return None
    if draft.wanted.group:
        return _partition(draft, draft.wanted.group, "--group")
    taken = {n for names in draft.used.values() for n in names} | {draft.wanted.by}
    name = next((n for n in draft.frame.columns if words(n) in CLUSTERS and n not in taken), None)
    if name is None:
        return None
    partition = _partition(draft, name, "--group")
    rows, groups = len(partition.code), len(partition.names)
    if not 10 <= groups < 0.9 * rows:  # a handful of groups, or one a row, is no clustering
        return None
    draft.doubts.append(f"rows of one {name} are taken to belong together (intervals draw them whole)")
    return partition


def _partition(draft: Draft, name: str, option: str) -> Partition:
    column = draft.column(demand(draft.frame, name, option))
    if column.ndim != 1:
        raise MlcheckError(draft.frame.source, f"expected one value a row in {name!r}, found several")
    present = columns.is_finite(column)
    code = np.full(len(column), -1, dtype=np.int32)
    names: tuple[str, ...] = ()
    if present.any():
        (found,), names = labels.codes([column[present]])
        code[present] = found
    draft.use("by" if option == "--by" else "group", name)
    return Partition(column=name, code=code, names=names)


def _repeated(draft: Draft) -> int:
    """Return how many rows are copies of an earlier one in every column; only where a column tells rows apart."""
    frame = draft.frame
    if len(frame) > MOST_HASHED or len(frame) < 2:
        return 0
    telling = [c for c in frame.columns.values() if c.ndim == 1]
    if len(telling) < len(frame.columns) or not _tells_rows_apart(telling):
        return 0
    coded = []
    for column in telling:
        if column.dtype == object:
            names = {v: i for i, v in enumerate(dict.fromkeys(map(repr, column.tolist())))}
            coded.append(np.array([names[repr(v)] for v in column.tolist()], dtype=np.int64))
        else:
            coded.append(np.ascontiguousarray(column.astype(np.float64)).view(np.int64))
    mixed = np.zeros(len(frame), dtype=np.uint64)
    for part in coded:  # a mixing of 64 bits: two different rows agree once in 10^19
        mixed = (mixed ^ part.view(np.uint64)) * np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(29)
    return len(mixed) - len(np.unique(mixed))


def _tells_rows_apart(telling: list[Array]) -> bool:
    """Whether a column has nearly as many values as there are rows: labels and rounded scores repeat by chance."""
    n = len(telling[0])
    return any(
        (c.dtype == object and len(set(map(repr, c.tolist()))) > 0.5 * n)
        or (c.dtype.kind in "fi" and len(np.unique(c)) > 0.5 * n)
        for c in telling
    )
