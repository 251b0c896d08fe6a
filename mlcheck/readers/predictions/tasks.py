"""Which task a table is of: by the parts that it has, then by what the truth looks like."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlcheck.errors import MlcheckError
from mlcheck.readers.predictions import labels
from mlcheck.readers.predictions.columns import listed

if TYPE_CHECKING:
    from mlcheck.model.predictions import Task
    from mlcheck.readers.predictions.columns import Found
    from mlcheck.readers.predictions.frames import Array, Frame

MOST_CLASSES = 50
"""Different whole numbers up to which a truth is taken for classes without a look at how often they repeat."""
REPEATS = 0.02
"""Different values as a share of the rows, under which whole numbers or texts are still classes."""
FREE_WORDS = 1.5
"""Words of a text on average above which many different ones are answers rather than classes."""


def task(frame: Frame, found: Found, doubts: list[str]) -> Task:
    """Return the task of a table; raises MlcheckError where no truth can be found."""
    one, several = found.one, found.several
    if "query" in one and "relevance" in one and ("score" in one or "pred" in one):
        return "ranking"
    if "hypothesis" in one and "reference" in one:
        return "generation"
    if "logprob" in one and "true" not in one:
        return "language-model"
    _settle_texts(frame, found)
    if "hypothesis" in one and "reference" in one:
        return "generation"
    if len(several.get("true", {})) > 1 and not ("true" in one and _is_label(frame.columns[one["true"]])):
        return "multilabel" if _are_indicators(frame, found) else "regression"
    if "true" not in one:
        raise _no_truth(frame)
    return _of_truth(frame, found, doubts)


def _settle_texts(frame: Frame, found: Found) -> None:
    """Take a truth or a prediction of free text for what it is beside a hypothesis or a reference."""
    one = found.one
    if "hypothesis" in one and "reference" not in one and "true" in one:
        if _is_free(frame.columns[one["true"]]):
            one["reference"] = one["true"]
        elif "pred" not in one and frame.columns[one["hypothesis"]].dtype == object:
            one["pred"] = one["hypothesis"]
    if (
        "reference" in one
        and "hypothesis" not in one
        and "pred" in one
        and frame.columns[one["pred"]].dtype == object
    ):
        one["hypothesis"] = one["pred"]
    if "reference" in one and "true" not in one and "hypothesis" not in one:
        one["true"] = one["reference"]


def _no_truth(frame: Frame) -> MlcheckError:
    hint = "name it: --true COL"
    if len(frame.columns) == 1 or not frame.named:
        hint = "the file needs both, such as label,score; name the columns in a first row"
    return MlcheckError(
        frame.source,
        f"expected a column of the truth (label, y_true, target, ...), found {listed(frame.columns)}",
        hint,
    )


def _of_truth(frame: Frame, found: Found, doubts: list[str]) -> Task:
    truth = frame.columns[found.one["true"]]
    if truth.ndim == 2:
        return "multilabel" if _is_binary_matrix(truth) else "regression"
    scores = _classes_scored(frame, found)
    if truth.dtype == object:
        if labels.sets(truth) is not None and not _is_scored_per_class(scores):
            return "multilabel"
        if _is_free(truth) and "pred" in found.one and not scores:
            found.one["reference"], found.one["hypothesis"] = found.one["true"], found.one["pred"]
            return "generation"
        distinct = len({v for v in truth.tolist() if v is not None})
        return "binary" if distinct <= 2 and scores <= 2 and _pred_fits(frame, found, 2) else "multiclass"
    return _of_numbers(frame, found, truth, scores, doubts)


def _of_numbers(frame: Frame, found: Found, truth: Array, scores: int, doubts: list[str]) -> Task:
    finite = truth[np.isfinite(truth)] if truth.dtype.kind == "f" else truth
    if not len(finite):
        raise MlcheckError(frame.source, f"expected a truth in {found.one['true']!r}, found only blanks")
    if scores > 2:
        return "multiclass"
    whole = truth.dtype.kind in "ib" or bool(np.all(finite == np.round(finite)))
    if not whole:
        return "regression"
    low, high = int(finite.min()), int(finite.max())
    distinct = len(np.unique(finite)) if high - low > 1 else high - low + 1
    if distinct <= 2 and scores <= 2:
        if _pred_fits(frame, found, 2):
            return "binary"
        return (
            "regression"
            if "score" not in found.one and distinct == 2 and not _within_unit(frame, found)
            else "binary"
        )
    if _has_fractions(frame, found) and "score" not in found.one and not found.several.get("score"):
        return "regression"
    if (distinct <= MOST_CLASSES and distinct <= max(10, 0.2 * len(finite))) or distinct <= REPEATS * len(
        finite
    ):
        if distinct > 20:
            doubts.append(
                f"{distinct} whole numbers taken for classes (--task regression if they are amounts)"
            )
        return "multiclass"
    doubts.append(
        f"{distinct:,} different whole numbers taken for amounts (--task multiclass if they are classes)"
    )
    return "regression"


def _classes_scored(frame: Frame, found: Found) -> int:
    """Return for how many classes there are scores: columns of their own, or columns of one array."""
    if several := found.several.get("score"):
        return len(several)
    name = found.one.get("score")
    if name is not None and frame.columns[name].ndim == 2:
        return int(frame.columns[name].shape[1])
    name = found.one.get("pred")
    if name is not None and frame.columns[name].ndim == 2 and frame.columns[found.one["true"]].ndim == 1:
        return int(frame.columns[name].shape[1])
    return 1 if name is not None or "score" in found.one else 0


def _is_scored_per_class(scores: int) -> bool:
    return scores > 2


def _is_label(column: Array) -> bool:
    return column.ndim == 1 and column.dtype == object


def _is_free(column: Array) -> bool:
    """Whether a column holds free text: many different ones, of several words."""
    if column.dtype != object or column.ndim != 1:
        return False
    some = [v for v in column.tolist() if isinstance(v, str)]
    if not some or len(some) < 0.5 * len(column):
        return False
    distinct = len(set(some))
    long = sum(len(v.split()) for v in some) / len(some) > FREE_WORDS
    return distinct > max(20, 0.05 * len(some)) or (long and distinct > max(2, 0.3 * len(some)))


def _pred_fits(frame: Frame, found: Found, classes: int) -> bool:
    """Whether the prediction holds no more labels than the truth: else it is no prediction of one of two classes."""
    name = found.one.get("pred")
    if name is None:
        return True
    column = frame.columns[name]
    if column.ndim == 2:
        return int(column.shape[1]) <= classes
    if column.dtype == object:
        truth = {v for v in frame.columns[found.one["true"]].tolist() if v is not None}
        return len(truth | {v for v in column.tolist() if v is not None}) <= classes
    finite = column[np.isfinite(column)] if column.dtype.kind == "f" else column
    return len(finite) > 0 and len(np.unique(finite)) <= classes


def _has_fractions(frame: Frame, found: Found) -> bool:
    name = found.one.get("pred")
    if name is None or frame.columns[name].dtype.kind != "f":
        return False
    column = frame.columns[name]
    finite = column[np.isfinite(column)]
    return bool(np.any(finite != np.round(finite)))


def _within_unit(frame: Frame, found: Found) -> bool:
    name = found.one.get("pred")
    if name is None or frame.columns[name].dtype.kind not in "ifb":
        return False
    column = frame.columns[name].astype(np.float64)
    return bool(np.nanmin(column) >= 0 and np.nanmax(column) <= 1)


def _are_indicators(frame: Frame, found: Found) -> bool:
    return all(
        frame.columns[name].dtype.kind in "ifb" and _is_binary_matrix(frame.columns[name])
        for name in found.several["true"].values()
    )


def _is_binary_matrix(column: Array) -> bool:
    if column.dtype.kind not in "ifb":
        return False
    finite = column[np.isfinite(column)] if column.dtype.kind == "f" else column
    return bool(np.all((finite == 0) | (finite == 1)))
