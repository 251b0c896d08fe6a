"""Two models over the same rows: put into one order by their identifiers, else taken as they stand."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from mlcheck.errors import MlcheckError
from mlcheck.model.predictions import Binary, Multiclass, Multilabel, Ranking, Texts
from mlcheck.model.selection import rows_of

if TYPE_CHECKING:
    import numpy.typing as npt

    from mlcheck.model.predictions import Predictions

LEAST_COMMON = 0.5
"""Share of the rows that two files must have in common to be compared on those."""


def paired(a: Predictions, b: Predictions) -> tuple[Predictions, Predictions]:
    """Return both over the same rows in one order; raises MlcheckError where they do not fit."""
    if {type(a.content), type(b.content)} == {Binary, Multiclass}:
        raise MlcheckError(
            b.source,
            f"expected predictions of the task of {a.source} ({a.task}), found {b.task}",
            "name it: --task",
        )
    if a.task != b.task:
        raise MlcheckError(
            b.source,
            f"expected predictions of the task of {a.source} ({a.task}), found {b.task}",
            "name it: --task",
        )
    if isinstance(a.content, Ranking):
        return a, b
    if a.keys is not None and b.keys is not None:
        a, b = _by_keys(a, b)
    elif a.rows != b.rows:
        raise MlcheckError(
            b.source,
            f"expected the {a.rows:,} rows of {a.source}, found {b.rows:,}",
            "give both a column that identifies the rows (--id COL)",
        )
    a, b = _same_labels(a, b)
    _demand_same_truth(a, b)
    return a, b


def _by_keys(a: Predictions, b: Predictions) -> tuple[Predictions, Predictions]:
    assert a.keys is not None  # noqa: S101  (asked for by the caller)
    assert b.keys is not None  # noqa: S101
    first, second = (k.astype(str) if a.keys.dtype != b.keys.dtype else k for k in (a.keys, b.keys))
    _, left, right = np.intersect1d(first, second, assume_unique=True, return_indices=True)
    if len(left) < LEAST_COMMON * max(a.rows, b.rows):
        strange = sorted(set(map(str, second.tolist())) - set(map(str, first.tolist())))
        told = f", the first strange one {strange[0]!r}" if strange else ""
        raise MlcheckError(
            b.source,
            f"expected the rows of {a.source}, found {len(left):,} of {a.rows:,} by their id{told}",
            "name it: --id COL",
        )
    order = np.argsort(left, kind="stable")
    left, right = left[order], right[order]
    alone = a.rows + b.rows - 2 * len(left)
    doubts = (
        (f"compared on the {len(left):,} rows in both files; {alone:,} are in one only",) if alone else ()
    )
    return replace(rows_of(a, left), doubts=a.doubts + doubts), rows_of(b, right)


def _same_labels(a: Predictions, b: Predictions) -> tuple[Predictions, Predictions]:
    """Give both the same list of classes."""
    first, second = a.content, b.content
    if not isinstance(first, Multiclass | Multilabel) or not isinstance(second, Multiclass | Multilabel):
        return a, b
    if first.labels == second.labels:
        return a, b
    if (
        isinstance(first, Multilabel)
        or isinstance(second, Multilabel)
        or not (first.scores is second.scores is None)
    ):
        odd = sorted(set(first.labels) ^ set(second.labels))[:3]
        raise MlcheckError(b.source, f"expected the labels of {a.source}, found others: {', '.join(odd)}")
    from mlcheck.readers.predictions.labels import sort

    names = sort({*first.labels, *second.labels})
    return tuple(  # type: ignore[return-value]  # of two
        replace(p, content=_recoded(c, names)) for p, c in ((a, first), (b, second))
    )


def _recoded(content: Multiclass, names: tuple[str, ...]) -> Multiclass:
    place = np.array([names.index(label) for label in content.labels], dtype=np.int32)
    said = None if content.predicted is None else place[content.predicted]
    return replace(content, labels=names, truth=place[content.truth], predicted=said)


def _demand_same_truth(a: Predictions, b: Predictions) -> None:
    first, second = _truth(a), _truth(b)
    if first is None or second is None:
        return
    differs = first != second
    if differs.ndim > 1:
        differs = differs.any(axis=1)
    count = int(np.count_nonzero(differs))
    if count:
        row = int(np.argmax(differs))
        raise MlcheckError(
            b.source,
            f"expected the truth of {a.source}, found another in {count:,} of {len(differs):,} rows, the first is row {row + 1}",
            "name what identifies the rows: --id COL",
        )


def _truth(p: Predictions) -> npt.NDArray[Any] | None:
    content: Any = p.content
    if isinstance(content, Texts):
        return np.array([r or "" for r in content.references[0]], dtype=object)
    return getattr(content, "truth", None)
