"""What a task's columns become: its content, by the builders of this package and of the ranking and text readers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlcheck.errors import MlcheckError
from mlcheck.readers.predictions import amounts, classes, several

if TYPE_CHECKING:
    from mlcheck.model.predictions import Task
    from mlcheck.readers.predictions.built import Built, Rows
    from mlcheck.readers.predictions.wanted import Wanted


def build(task: Task, rows: Rows, wanted: Wanted) -> Built:
    """Return the content of a task. Raises MlcheckError where the columns cannot be of it."""
    if task == "binary":
        return classes.binary(rows, wanted.positive)
    if task == "multiclass":
        return classes.multiclass(rows)
    if task == "multilabel":
        return several.multilabel(rows)
    if task == "regression":
        return amounts.regression(rows)
    raise MlcheckError(
        rows.where, f"expected a task that is read from a table, found {task}", "give --task, or other files"
    )
