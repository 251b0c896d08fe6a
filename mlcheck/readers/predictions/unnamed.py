"""Tables without names, such as `np.savetxt` writes: roles by what the columns hold."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from mlcheck.errors import MlcheckError
from mlcheck.readers.predictions.frame import Column, Frame, Numbers, Words, are_whole
from mlcheck.readers.predictions.names import guess

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlcheck.readers.predictions.assigned import Assigned

ADDS_TO_ONE = 0.02
MOST_LABELS = 200


def assign(where: str, head: Frame, made: Assigned) -> Assigned:
    """Return roles by content. Raises MlcheckError where they cannot be told."""
    names = [name for name in head.columns if name not in made.columns]
    if len(names) == 1:
        return _single(head, names[0], made)
    if len(names) > 2 and _counts(head.columns[names[0]]):
        made, names = replace(made, id=names[0]), names[1:]
    labels = [name for name in names if _is_label(head.columns[name])]
    rest = [name for name in names if name not in labels]
    if len(rest) > 1 and _adds_to_one([head.columns[name] for name in rest]) and len(labels) in (1, 2):
        parts = {name: str(place) for place, name in enumerate(rest)}
        made = replace(made, score=tuple(rest), parts=parts, true=(labels[0],), pred=tuple(labels[1:]))
        return made.doubting("the file names no columns: they were told apart by what they hold")
    if len(names) == 2:
        first, second = (labels[0], rest[0]) if len(labels) == 1 else (names[0], names[1])
        return replace(made, true=(first,), pred=(second,)).doubting(
            f"the file names no columns: column {names.index(first)} was taken for the truth, the other for the prediction"
        )
    if _adds_to_one([head.columns[name] for name in names]):
        return replace(made, score=tuple(names), parts={name: str(place) for place, name in enumerate(names)})
    raise MlcheckError(
        where,
        f"expected columns with names, found {len(names)} without any",
        "add a first row such as y_true,y_pred, or give their numbers: --true 0 --pred 1",
    )


def _single(head: Frame, name: str, made: Assigned) -> Assigned:
    """Take the one column for what the file's name says it is; what is missing is told later."""
    role = guess(name).role
    if role in ("pred", "hypothesis"):
        return replace(made, pred=(name,))
    if role == "score" or (isinstance(column := head.columns[name], Numbers) and column.value.ndim == 2):
        return replace(made, score=(name,))
    if role in ("true", "reference"):
        return replace(made, true=(name,))
    return replace(made, score=(name,)) if not _is_label(head.columns[name]) else replace(made, pred=(name,))


def _counts(column: Column) -> bool:
    """Whether a column numbers the rows."""
    if (
        not isinstance(column, Numbers)
        or column.value.ndim != 1
        or column.value.dtype.kind not in "iu"
        or len(column) < 3
    ):
        return False
    return bool(np.all(np.diff(column.value) == 1))


def _is_label(column: Column) -> bool:
    """Whether a column holds labels: words, or few whole numbers."""
    if isinstance(column, Words):
        return True
    if not isinstance(column, Numbers) or column.value.ndim != 1:
        return False
    return are_whole(column.value) and len(np.unique(column.value)) <= MOST_LABELS


def _adds_to_one(columns: Sequence[Column]) -> bool:
    blocks = [c.value for c in columns if isinstance(c, Numbers) and c.value.ndim == 1]
    if len(blocks) < max(2, len(columns)):
        return False
    total = np.sum(blocks, axis=0)
    return bool(np.all(np.abs(total - 1) <= ADDS_TO_ONE)) and bool(np.min(blocks) >= 0)
