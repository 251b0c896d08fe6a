"""Several labels an example: a column of 0 and 1 a label, or cells that hold lists of labels."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

import numpy as np

from mlcheck.errors import MlcheckError
from mlcheck.model.predictions import Multilabel
from mlcheck.readers.listing import listed
from mlcheck.readers.predictions import classes, labels, scores, tasks
from mlcheck.readers.predictions.built import Built, Keeping, Rows
from mlcheck.readers.predictions.frame import Column, Numbers, Words, are_whole, objects, spelled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlcheck.model.predictions import Bools, Reals

LONGEST_PRINTED = 100_000
MOST_CELLS = 500_000_000


def multilabel(rows: Rows) -> Built:
    """Return the labels of each row. Raises MlcheckError where truth, prediction and scores are not of the same labels."""
    if len(rows.roles.true) > 1 or _is_block(rows.column(rows.roles.true[0])):
        return _indicators(rows)
    return _sets(rows)


def _is_block(column: Column) -> bool:
    return isinstance(column, Numbers) and column.value.ndim == 2


def _indicators(rows: Rows) -> Built:
    """Read a column of 0 and 1 for each label."""
    roles = rows.roles
    truth = _block(rows, roles.true)
    predicted = _block(rows, roles.pred) if roles.pred else None
    score = _block(rows, roles.score) if roles.score else None
    for told, block in ((roles.pred, predicted), (roles.score, score)):
        if block is not None and block.shape != truth.shape:
            raise MlcheckError(
                rows.where,
                f"expected {truth.shape[1]} labels as in the truth, found {block.shape[1]} in {listed(told, 5)}",
                "name them in the same order with --true, --pred and --score",
            )
    names = (
        tuple(roles.parts.get(n, n) for n in roles.true)
        if len(roles.true) > 1
        else tuple(str(i) for i in range(truth.shape[1]))
    )
    keeping = Keeping(len(truth))
    keeping.leave_out(np.isnan(truth).any(axis=1), classes.TRUTH_BLANK)
    if predicted is not None:
        keeping.leave_out(np.isnan(predicted).any(axis=1), classes.PREDICTION_BLANK)
        if not np.isin(predicted[~np.isnan(predicted)], (0, 1)).all():
            score, predicted = predicted if score is None else score, None
    if score is not None:
        keeping.leave_out(np.isnan(score).any(axis=1), classes.SCORE_BLANK)
    keeping.demand(rows.where)
    _demand_indicators(rows, roles.true, keeping.of(truth))
    kept, kind = (
        (None, "probability")
        if score is None
        else scores.kind_of(rows.where, (roles.score or roles.pred)[0], keeping.of(score))
    )
    content = Multilabel(
        labels=names, truth=keeping.of(truth) == 1, predicted=None if predicted is None else keeping.of(predicted) == 1,
        scores=kept, kind=kind,  # type: ignore[arg-type]  # one of the kinds
    )  # fmt: skip
    return Built(content=content, kept=keeping.kept, dropped=keeping.dropped)


def _block(rows: Rows, names: Sequence[str]) -> Reals:
    columns = [scores.reals(rows.numbers(name)) for name in names]
    if len(columns) == 1:
        return columns[0].reshape(len(columns[0]), -1)
    return scores.one_block(list(columns))


def _demand_indicators(rows: Rows, names: Sequence[str], truth: Reals) -> None:
    if not np.isin(truth, (0, 1)).all():
        other = truth[~np.isin(truth, (0, 1))][0]
        raise MlcheckError(
            rows.where,
            f"expected 0 and 1 in the true columns {listed(names, 5)}, found {other:g}",
            "try --task regression",
        )


def _sets(rows: Rows) -> Built:
    """Read cells that hold the labels of a row."""
    roles = rows.roles
    columns = [rows.column(roles.true[0])] + ([rows.column(roles.pred[0])] if roles.pred else [])
    for name, column in zip((*roles.true[:1], *roles.pred[:1]), columns, strict=True):
        if isinstance(column, Numbers) and not are_whole(column.value[~column.blank]):
            raise MlcheckError(
                rows.where, f"expected labels in {name!r}, found fractions", "name the scores with --score"
            )
    mark = _mark(columns)
    cells = [[_labels_of(cell, mark) for cell in objects(column)] for column in columns]
    parts = [roles.parts.get(name, name) for name in roles.score] if len(roles.score) > 1 else []
    names = tuple(
        labels.in_order({name for column in cells for cell in column for name in cell or ()} | set(parts))
    )
    if len(names) * len(columns[0]) > MOST_CELLS:
        raise MlcheckError(
            rows.where,
            f"expected at most {MOST_CELLS:,} rows times labels, found more",
            "is this multi-label?",
        )
    keeping = Keeping(len(columns[0]))
    keeping.leave_out(np.array([cell is None for cell in cells[0]], dtype=np.bool_), classes.TRUTH_BLANK)
    keeping.demand(rows.where)
    marked = [keeping.of(_marked(column, names)) for column in cells]
    score, kind = None, "probability"
    if parts:
        if set(parts) != set(names):
            raise MlcheckError(
                rows.where, f"expected a score for each label, found columns for {listed(parts, 6)} and labels {listed(names, 6)}",
                "name the scores' columns for the labels",
            )  # fmt: skip
        block = scores.one_block(
            [scores.reals(rows.numbers(roles.score[parts.index(name)])) for name in names]
        )
        keeping.leave_out(np.isnan(block).any(axis=1), classes.SCORE_BLANK)
        score, kind = scores.kind_of(rows.where, roles.score[0], keeping.of(block))
    if len(marked) < 2 and score is None:
        raise MlcheckError(
            rows.where, "expected predicted labels or scores, found none", "name them with --pred or --score"
        )
    content = Multilabel(
        labels=names, truth=marked[0], predicted=marked[1] if len(marked) > 1 else None, scores=score,
        kind=kind,  # type: ignore[arg-type]  # one of the kinds
    )  # fmt: skip
    return Built(content=content, kept=keeping.kept, dropped=keeping.dropped)


def _mark(columns: Sequence[Column]) -> str:
    """Return what stands between the labels of a cell, "" where the cells are lists."""
    words = [column for column in columns if isinstance(column, Words)]
    for mark in (*tasks.SEPARATORS, ","):
        if any(mark in name and name[:1] not in "[{(" for column in words for name in column.names):
            return mark
    return ""


def _labels_of(cell: object, mark: str) -> tuple[str, ...] | None:
    """Return the labels that a cell holds, None for a blank one. A list without labels is none."""
    if cell is None:
        return None
    if isinstance(cell, str):
        if cell[:1] in ("[", "(", "{") and len(cell) <= LONGEST_PRINTED:
            return _printed(cell)
        return tuple(part.strip() for part in cell.split(mark) if part.strip()) if mark else (cell,)
    if isinstance(cell, (list, tuple)):
        return tuple(spelled(item) if isinstance(item, float) else str(item) for item in cell)
    if isinstance(cell, (int, float)):
        return (spelled(cell),)
    return (str(cell),)


def _printed(cell: str) -> tuple[str, ...]:
    """Return the items of a printed list: ['a', 'b'], [a, b], ["a"]."""
    try:
        value = ast.literal_eval(cell)
    except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
        value = [part.strip(" '\"") for part in cell[1:-1].replace("\n", " ").split(",")]
    items = list(value) if isinstance(value, (list, tuple, set, dict)) else [value]
    return tuple(str(item) for item in items if str(item))


def _marked(cells: Sequence[tuple[str, ...] | None], names: Sequence[str]) -> Bools:
    """Return (n, labels) with True where a row holds a label."""
    place = {name: i for i, name in enumerate(names)}
    marked = np.zeros((len(cells), len(names)), dtype=np.bool_)
    at: list[Any] = [(row, place[name]) for row, cell in enumerate(cells) for name in cell or ()]
    if at:
        rows, columns = np.array(at).T
        marked[rows, columns] = True
    return marked
