"""Some rows of predictions, as predictions: for groups, and to pair two files."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mlcheck.model.predictions import Partition, Predictions, Ranking, Texts

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

BY_ROW = (
    "truth",
    "predicted",
    "score",
    "scores",
    "log_probability",
    "tokens",
    "words",
    "characters",
    "bytes_",
)
"""What of a content has a value for each row."""


def rows_of(predictions: Predictions, rows: npt.NDArray[np.intp]) -> Predictions:
    """Return the predictions of some rows, given by position; not for rankings, whose rows are documents of a query.

    Raises ValueError for content that cannot be cut.
    """
    content = predictions.content
    if isinstance(content, Ranking) or hasattr(content, "blocks"):
        raise ValueError(f"expected content by row, found {type(content).__name__}")
    made: Any
    if isinstance(content, Texts):
        made = Texts(
            hypotheses=tuple(content.hypotheses[i] for i in rows),
            references=tuple(tuple(r[i] for i in rows) for r in content.references),
        )
    else:
        there = {n: getattr(content, n) for n in BY_ROW if getattr(content, n, None) is not None}
        made = replace(content, **{name: values[rows] for name, values in there.items()})
    return replace(
        predictions,
        content=made,
        rows=len(rows),
        keys=None if predictions.keys is None else predictions.keys[rows],
        weight=None if predictions.weight is None else predictions.weight[rows],
        clusters=_part(predictions.clusters, rows),
        by=_part(predictions.by, rows),
    )


def _part(partition: Partition | None, rows: npt.NDArray[np.intp]) -> Partition | None:
    return None if partition is None else replace(partition, code=partition.code[rows])
