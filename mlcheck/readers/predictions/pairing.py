"""Two models over the same rows: paired by identifier where both have one, else by order."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from mlcheck.errors import MlcheckError
from mlcheck.model.predictions import Binary, Multiclass, Multilabel, Partition, Predictions, Regression

if TYPE_CHECKING:
    import numpy.typing as npt

Table = Binary | Multiclass | Multilabel | Regression


def paired(a: Predictions, b: Predictions) -> tuple[Predictions, Predictions]:
    """Return both with the same rows in one order. Raises MlcheckError where they are not of the same examples."""
    if a.task != b.task:
        raise MlcheckError(
            b.source,
            f"expected predictions of the same task as {a.source} ({a.task}), found {b.task}",
            "give --task",
        )
    if not isinstance(a.content, Table) or not isinstance(b.content, Table):
        return a, b
    if _can_key(a) and _can_key(b):
        a, b = _by_key(a, b)
    elif a.rows != b.rows:
        raise MlcheckError(
            b.source,
            f"expected {a.rows:,} rows as in {a.source}, found {b.rows:,}",
            "write a column that identifies the rows in both, and name it with --id",
        )
    a, b = _same_labels(a, b)
    _demand_same_truth(a, b)
    return a, b


def _can_key(p: Predictions) -> bool:
    return p.keys is not None and not p.repeated


def _by_key(a: Predictions, b: Predictions) -> tuple[Predictions, Predictions]:
    """Take the rows whose identifier both have, in the order of the first."""
    assert a.keys is not None  # noqa: S101  (tested by the caller)
    assert b.keys is not None  # noqa: S101
    place = {key: i for i, key in enumerate(b.keys.tolist())}
    at = np.array([place.get(key, -1) for key in a.keys.tolist()], dtype=np.intp)
    mine = np.flatnonzero(at >= 0)
    if not len(mine):
        raise MlcheckError(
            b.source,
            f"expected rows of {a.source} by {_id(b)!r}, found none in common: {a.keys[0]!r} there, {b.keys[0]!r} here",
            "name the column that identifies the rows with --id",
        )
    if len(mine) == a.rows == b.rows and (at == np.arange(len(at))).all():
        return a, b
    doubt = ""
    if len(mine) < max(a.rows, b.rows):
        first = next((key for key, i in zip(a.keys.tolist(), at.tolist(), strict=True) if i < 0), None)
        if first is None:
            known = set(a.keys.tolist())
            first = next(key for key in b.keys.tolist() if key not in known)
        doubt = (
            f"{len(mine):,} rows are in both files and were compared; {a.rows - len(mine):,} are only in {a.source}, "
            f"{b.rows - len(mine):,} only in {b.source}, first {_id(b)} {first!r}"
        )
    return _rows(a, mine, doubt), _rows(b, at[mine], doubt)


def _id(p: Predictions) -> str:
    return p.columns.get("id", ("id",))[0]


def _rows(p: Predictions, order: npt.NDArray[np.intp], doubt: str) -> Predictions:
    """Return predictions with some of their rows, in an order."""
    content: Any = p.content
    cut = {
        f.name: getattr(content, f.name)[order]
        for f in fields(content)
        if isinstance(getattr(content, f.name), np.ndarray)
    }
    return replace(
        p,
        content=replace(content, **cut),
        rows=len(order),
        keys=None if p.keys is None else p.keys[order],
        weight=None if p.weight is None else p.weight[order],
        clusters=_part(p.clusters, order),
        by=_part(p.by, order),
        doubts=(*p.doubts, doubt) if doubt else p.doubts,
    )


def _part(part: Partition | None, order: npt.NDArray[np.intp]) -> Partition | None:
    return None if part is None else Partition(column=part.column, code=part.code[order], names=part.names)


def _same_labels(a: Predictions, b: Predictions) -> tuple[Predictions, Predictions]:
    """Give both the same labels in the same order, and the same positive class."""
    one, other = a.content, b.content
    if isinstance(one, Multiclass) and isinstance(other, Multiclass) and one.labels != other.labels:
        from mlcheck.readers.predictions.labels import in_order

        names = tuple(in_order({*one.labels, *other.labels}))
        for p, content in ((a, one), (b, other)):
            if content.scores is not None and len(content.labels) < len(names):
                extra = [name for name in names if name not in content.labels]
                raise MlcheckError(
                    p.source,
                    f"expected scores for the labels of both files, found none for {extra[0]!r}",
                    "write a column for each label",
                )
        return replace(a, content=_relabelled(one, names)), replace(b, content=_relabelled(other, names))
    if (
        isinstance(one, Binary)
        and isinstance(other, Binary)
        and {one.positive, one.negative} != {other.positive, other.negative}
    ):
        raise MlcheckError(
            b.source,
            f"expected the labels {one.negative!r} and {one.positive!r} as in {a.source}, found {other.negative!r} and {other.positive!r}",
            "write both files with the same labels",
        )
    if isinstance(one, Binary) and isinstance(other, Binary) and one.positive != other.positive:
        raise MlcheckError(
            b.source,
            f"expected {one.positive!r} as the positive class, found {other.positive!r}",
            "give --positive LABEL",
        )
    if isinstance(one, Multilabel) and isinstance(other, Multilabel) and one.labels != other.labels:
        raise MlcheckError(
            b.source,
            f"expected the labels of {a.source} ({len(one.labels)}), found others ({len(other.labels)})",
            "write both with the same labels",
        )
    return a, b


def _relabelled(content: Multiclass, names: tuple[str, ...]) -> Multiclass:
    table = np.array([names.index(name) for name in content.labels], dtype=np.int32)
    score = content.scores
    if score is not None:
        score = score.take([content.labels.index(name) for name in names], axis=1)
    return replace(
        content, labels=names, truth=table[content.truth],
        predicted=None if content.predicted is None else table[content.predicted], scores=score,
    )  # fmt: skip


def _demand_same_truth(a: Predictions, b: Predictions) -> None:
    """Raise MlcheckError where the two files tell different truths of a row."""
    one: Any = a.content
    other: Any = b.content
    if one.truth.shape != other.truth.shape:
        raise MlcheckError(
            b.source,
            f"expected {one.truth.shape[1]} targets as in {a.source}, found {other.truth.shape[1]}",
            "name them with --true",
        )
    if isinstance(a.content, Regression):
        differ = ~np.isclose(one.truth, other.truth, rtol=1e-6, atol=0)
    else:
        differ = one.truth != other.truth
    rows = differ.any(axis=1) if differ.ndim == 2 else differ
    if rows.any():
        row = int(np.argmax(rows))
        where = f"{_id(a)} {a.keys[row]!r}" if a.keys is not None and _can_key(a) else f"row {row}"
        raise MlcheckError(
            b.source,
            f"expected the truth of {a.source}, found another in {int(rows.sum()):,} of {a.rows:,} rows, first {where}",
            "sort both files alike, or write a column that identifies the rows and name it with --id",
        )
