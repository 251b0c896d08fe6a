"""Which column is the target, and what it asks for: classes or numbers."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

import numpy as np

from mlcheck.errors import MlcheckError
from mlcheck.readers.listing import listed, short

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlcheck.model.dataset import Column, Goal

NAMES = frozenset(
    ("target", "targets", "label", "labels", "class", "classes", "y", "species", "outcome", "diagnosis", "category",
     "survived", "churn", "churned", "default", "is_fraud", "fraud", "response", "y_true", "sentiment", "saleprice")
)  # fmt: skip
"""Names (in lower case) of columns that are targets where only one of them is there."""
LAST = frozenset(
    ("price", "prices", "quality", "rating", "score", "amount", "charges", "cost", "sales", "revenue", "income", "salary",
     "demand", "count", "cnt", "mpg", "medv", "strength", "progression", "median_house_value", "medhouseval", "value",
     "exited", "attrition", "stroke", "result", "grade", "status", "loan_status", "type", "rings", "output", "heartdisease",
     "subscribed", "deposit", "approved", "clicked", "purchased", "cancelled", "is_canceled", "topic", "intent", "emotion")
)  # fmt: skip
"""Names of columns that are targets where they stand last, as a target does, and no other column is named as one."""
MOST_CLASSES = 20
ROWS_A_CLASS = 5


def named(where: str, option: str, name: str, columns: Sequence[str]) -> str:
    """Return the column of that name; in another case or with other blanks where only one is so.

    Raises MlcheckError with what is near, or with the columns.
    """
    if name in columns:
        return name
    folded = [column for column in columns if _folded(column) == _folded(name)]
    if len(folded) == 1:
        return folded[0]
    near = difflib.get_close_matches(_folded(name), [_folded(column) for column in columns], n=1, cutoff=0.6)
    close = next((column for column in columns if near and _folded(column) == near[0]), None)
    hint = f"did you mean {short(close)!r}?" if close is not None else f"its columns are {listed(columns)}"
    raise MlcheckError(
        where, f"expected a column {short(name)!r} for {option}, found none of that name", hint
    )


def _folded(name: str) -> str:
    return name.strip().casefold().replace("-", "_").replace(" ", "_")


def is_plain(name: str) -> bool:
    """Whether a column of that name is a target wherever it stands."""
    return _folded(name) in NAMES


def found(columns: Sequence[str], test: Sequence[str] | None) -> str | None:
    """Return the column that is the target; None where that is unclear.

    It is so by its name, by its name and because it stands last, or because only it is not in the test set.
    """
    likely = [name for name in columns if _folded(name) in NAMES]
    if {_folded(name) for name in columns} >= {"x", "y", "z"}:
        likely = [name for name in likely if _folded(name) != "y"]
    if len(likely) == 1:
        return likely[0]
    if not likely and len(columns) > 1 and _folded(columns[-1]) in LAST:
        return columns[-1]
    withheld = [name for name in columns if test is not None and name not in test]
    return withheld[0] if len(withheld) == 1 and len(columns) > 1 else None


def goal_of(where: str, column: Column, wanted: Goal | None) -> Goal:
    """Return what a target asks for.

    Classification: texts, categories, truth values; numbers of two values; and whole numbers of at most 20 values
    with at least five rows for each on average. Everything else is regression. Raises MlcheckError for a target
    without two values, and where numbers are wanted of a target that has none.
    """
    distinct = _distinct(column)
    if distinct < 2:
        rows = int(np.count_nonzero(~column.missing))
        told = (
            "only missing values"
            if not rows
            else f"one value in all of its {rows:,} rows"
            if rows > 1
            else "one row"
        )
        raise MlcheckError(
            where,
            f"expected at least two values in the target {short(column.name)!r}, found {told}",
            "name another --target",
        )
    if wanted == "regression" and column.kind not in ("number", "date", "boolean"):
        raise MlcheckError(
            where, f"expected numbers in the target {short(column.name)!r}, found {column.kind}",
            "leave out the goal, or name another --target",
        )  # fmt: skip
    if wanted is not None:
        return wanted
    if column.kind == "date":
        return "regression"
    if column.kind != "number" or distinct == 2:
        return "classification"
    few = distinct <= MOST_CLASSES and distinct * ROWS_A_CLASS <= np.count_nonzero(~column.missing)
    return "classification" if few and column.whole else "regression"


def _distinct(column: Column) -> int:
    """Return how many values stand in a column."""
    if column.codes is not None:
        return len(np.unique(column.codes[column.codes >= 0]))
    if column.texts is not None:
        return len({text for text in column.texts if text is not None})
    if column.numbers is not None:
        return len(np.unique(column.numbers[~np.isnan(column.numbers)]))
    return 0
