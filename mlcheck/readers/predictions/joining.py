"""The truth in one file and the prediction in another: `y_true.npy` and `y_pred.npy` are one model's predictions."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from mlcheck.errors import MlcheckError
from mlcheck.readers.predictions import frame, labels
from mlcheck.readers.predictions.frame import Frame
from mlcheck.readers.predictions.inputs import Opened

if TYPE_CHECKING:
    from mlcheck.readers.predictions.assigned import Assigned
    from mlcheck.readers.predictions.frame import Column


def is_half(truth: Assigned, other: Assigned) -> bool:
    """Whether one table holds the truth only and the other predictions only."""
    return (
        bool(truth.true)
        and not truth.pred
        and not truth.score
        and not other.true
        and bool(other.pred or other.score)
    )


def joined(truth: Opened, true_roles: Assigned, other: Opened, other_roles: Assigned) -> Opened:
    """Return the truth beside the predictions as one table, by the identifier where both have one, else by order.

    Raises MlcheckError where they are not of the same rows.
    """
    one, two = (opened.read(tuple(opened.head.columns)) for opened in (truth, other))
    if true_roles.id is not None and other_roles.id is not None:
        one = one.rows(_order(truth, one.columns[true_roles.id], other, two.columns[other_roles.id]))
    elif one.size != two.size:
        raise MlcheckError(
            other.name,
            f"expected {one.size:,} rows as in the truth {truth.name}, found {two.size:,}",
            "write both from the same examples in the same order",
        )
    columns = {name: one.columns[name] for name in true_roles.true}
    clash = {name: name if name not in columns else f"{name} of {other.name}" for name in two.columns}
    made = Frame({**columns, **{clash[name]: column for name, column in two.columns.items()}}, two.size)
    part = replace(other.parts[0], head=made, whole=True, keys=())
    return Opened(other.name, (part,), made, truth.passed_over + other.passed_over)


def _order(truth: Opened, mine: Column, other: Opened, theirs: Column) -> Any:
    """Return which row of the truth each row of the predictions is."""
    found = labels.coded([mine, theirs])
    place = np.full(len(found.names) + 1, -1, dtype=np.intp)
    place[found.codes[0]] = np.arange(len(found.codes[0]))
    order = place[found.codes[1]]
    missing = np.flatnonzero((order < 0) | (found.codes[1] < 0))
    if len(missing):
        first = frame.objects(theirs.rows(missing[:1]))[0]
        raise MlcheckError(
            other.name,
            f"expected rows of the truth {truth.name} by their id, found {len(missing):,} of {len(order):,} that it lacks, first {first!r}",
            "name what identifies the rows with --id",
        )
    return order
