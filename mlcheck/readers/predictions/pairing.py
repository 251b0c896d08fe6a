"""Two models over the same rows: put into one order by their identifiers where both have them, else taken as they stand."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from mlcheck.errors import MlcheckError
from mlcheck.model import Problem
from mlcheck.model.predictions import (
    Binary,
    BinaryBlocks,
    Multiclass,
    Multilabel,
    Predictions,
    Ranking,
    Regression,
    Texts,
)
from mlcheck.model.selection import rows_of

if TYPE_CHECKING:
    import numpy.typing as npt

LEAST_COMMON = 0.5
"""Share of the rows that two files must have in common to be compared on those."""
SAME = 1e-6
"""By how much, of itself, an amount may differ between two files that print it with other digits."""


def paired(a: Predictions, b: Predictions) -> tuple[tuple[Predictions, Predictions], tuple[Problem, ...]]:
    """Return both over the same rows in one order, and the problem that some rows are in one file only.

    Raises MlcheckError where they are not of the same examples.
    """
    problems: tuple[Problem, ...] = ()
    if a.task != b.task:
        raise MlcheckError(
            b.source,
            f"expected predictions of the task of {a.source} ({a.task}), found {b.task}",
            "name it: --task",
        )
    if isinstance(a.content, Ranking):
        return (a, b), ()
    if isinstance(a.content, BinaryBlocks) or isinstance(b.content, BinaryBlocks):
        raise MlcheckError(
            b.source,
            "expected tables that fit into memory to compare them, found larger ones",
            "compare parts of them",
        )
    if a.keys is not None and b.keys is not None:
        a, b, problems = _by_keys(a, b)
    elif a.rows != b.rows:
        raise MlcheckError(
            b.source,
            f"expected the {a.rows:,} rows of {a.source}, found {b.rows:,}",
            "give both a column that identifies the rows (--id COL)",
        )
    a, b = _same_labels(a, b)
    _demand_same_truth(a, b)
    return (a, b), problems


def _by_keys(a: Predictions, b: Predictions) -> tuple[Predictions, Predictions, tuple[Problem, ...]]:
    """Take the rows whose identifier both have, in the order of the first; say how many others there are."""
    assert a.keys is not None  # noqa: S101  (tested by the caller)
    assert b.keys is not None  # noqa: S101
    mine, theirs = (
        keys.tolist() if a.keys.dtype == b.keys.dtype else list(map(str, keys.tolist()))
        for keys in (a.keys, b.keys)
    )
    place = {key: i for i, key in enumerate(theirs)}
    at = np.array([place.get(key, -1) for key in mine], dtype=np.intp)
    both = np.flatnonzero(at >= 0)
    alone = len(mine) + len(theirs) - 2 * len(both)
    if not alone and (at == np.arange(len(at))).all():
        return a, b, ()
    known = set(mine) if alone else set()
    strange = next((key for key in theirs if key not in known), None) if alone else None
    strange = next((key for key in mine if key not in place), None) if alone and strange is None else strange
    if len(both) < LEAST_COMMON * max(a.rows, b.rows):
        raise MlcheckError(
            b.source,
            f"expected the rows of {a.source}, found {len(both):,} of {a.rows:,} by {_id(b)!r}, the first strange one {strange!r}",
            "name what identifies the rows: --id COL",
        )
    if not alone:
        return rows_of(a, both), rows_of(b, at[both]), ()
    problem = Problem(
        source=b.source,
        message=f"expected the {a.rows:,} rows of {a.source}, found {len(both):,} of them by {_id(b)!r} and {alone:,} in one file only, the first {strange!r}",
        hint="compared on the rows in both; predict the same examples with both models",
    )
    doubt = f"compared on the {len(both):,} rows in both files"
    return replace(rows_of(a, both), doubts=(*a.doubts, doubt)), rows_of(b, at[both]), (problem,)


def _id(p: Predictions) -> str:
    return p.columns.get("id", ("id",))[0]


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
    one, other = _truth(a), _truth(b)
    if one is None or other is None:
        return
    if one.shape != other.shape:
        raise MlcheckError(
            b.source,
            f"expected {one.shape[1]} targets as in {a.source}, found {other.shape[1]}",
            "name them: --true COL,COL",
        )
    differ = ~np.isclose(one, other, rtol=SAME, atol=0) if isinstance(a.content, Regression) else one != other
    rows = differ.any(axis=1) if differ.ndim == 2 else differ
    if rows.any():
        row = int(np.argmax(rows))
        where = f" ({_id(a)} {a.keys[row]!r})" if a.keys is not None and b.keys is not None else ""
        raise MlcheckError(
            b.source,
            f"expected the truth of {a.source}, found another in {int(rows.sum()):,} of {a.rows:,} rows, the first is row {row + 1}{where}",
            "sort both alike, or name what identifies the rows: --id COL",
        )


def _truth(p: Predictions) -> npt.NDArray[Any] | None:
    """Return what both files must agree on: the truth, or the first references."""
    if isinstance(p.content, Texts):
        return np.array([text or "" for text in p.content.references[0]], dtype=object)
    found: npt.NDArray[Any] | None = getattr(p.content, "truth", None)
    return found
