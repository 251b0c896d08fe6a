"""Labels of any kind as codes: 1, 1.0, "1", True and "yes" as their files mean them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Array: TypeAlias = npt.NDArray[Any]
Codes: TypeAlias = npt.NDArray[np.int32]

POSITIVE = frozenset(
    [
        "1",
        "true",
        "yes",
        "y",
        "t",
        "pos",
        "positive",
        "spam",
        "fraud",
        "fraudulent",
        "malignant",
        "toxic",
        "hate",
        "sick",
        "disease",
        "diseased",
        "abnormal",
        "anomaly",
        "attack",
        "default",
        "churn",
        "churned",
        "survived",
        "success",
        "click",
        "clicked",
        "relevant",
        "present",
        "bad",
        "defective",
        "faulty",
        "case",
        "event",
        "1.0",
        "+1",
        "ill",
    ]
)
NEGATIVE = frozenset(
    [
        "0",
        "false",
        "no",
        "n",
        "f",
        "neg",
        "negative",
        "ham",
        "legit",
        "legitimate",
        "benign",
        "normal",
        "healthy",
        "-1",
        "none",
        "absent",
        "good",
        "control",
        "0.0",
        "irrelevant",
        "ok",
    ]
)
SEPARATED = re.compile(r"\s*[|;,]\s*")


def texts(column: Array) -> list[str]:
    """Return labels as texts: whole numbers without a point, booleans as 0 and 1 are kept as False and True."""
    if column.dtype.kind == "b":
        return ["True" if v else "False" for v in column.tolist()]
    if column.dtype.kind == "f":
        return [str(int(v)) if float(v).is_integer() else repr(float(v)) for v in column.tolist()]
    return [str(v) for v in column.tolist()]


def codes(columns: Sequence[Array], order: Sequence[str] = ()) -> tuple[list[Codes], tuple[str, ...]]:
    """Return each column as codes into the labels of all columns, sorted (numbers as numbers), after those in `order`.

    A boolean beside 0 and 1, or 1.0 beside 1, is the same label.
    """
    kinds = {c.dtype.kind for c in columns}
    if kinds <= set("iub"):
        wide = [c.astype(np.int64) for c in columns]
        if not order and (kinds != {"b"}):
            return _whole(wide)
        if kinds != {"b"}:
            columns = wide
    elif "b" in kinds:
        columns = [c.astype(np.int64) if c.dtype.kind == "b" and kinds & set("iuf") else c for c in columns]
    found = [texts(c) for c in columns]
    names = {name for some in found for name in some}
    labels = (*order, *sort(names - set(order)))
    place = {label: i for i, label in enumerate(labels)}
    return [np.array([place[t] for t in some], dtype=np.int32) for some in found], labels


def _whole(columns: list[npt.NDArray[np.int64]]) -> tuple[list[Codes], tuple[str, ...]]:
    """Return codes of whole numbers without going through texts: for millions of rows."""
    low, high = min(int(c.min()) for c in columns), max(int(c.max()) for c in columns)
    if high - low < 1 << 16:
        seen = np.zeros(high - low + 1, dtype=bool)
        for c in columns:
            seen[c - low] = True
        values = np.flatnonzero(seen) + low
        place = np.cumsum(seen) - 1
        return [place[c - low].astype(np.int32) for c in columns], tuple(str(v) for v in values.tolist())
    values = np.unique(np.concatenate([np.unique(c) for c in columns]))
    return [np.searchsorted(values, c).astype(np.int32) for c in columns], tuple(
        str(v) for v in values.tolist()
    )


def sort(names: Iterable[str]) -> tuple[str, ...]:
    """Return labels in order: as numbers where all are, else as texts.

    >>> sort({"10", "9", "1"}), sort({"b", "a", "10"})
    (('1', '9', '10'), ('10', 'a', 'b'))
    """
    some = list(names)
    try:
        return tuple(sorted(some, key=float))
    except ValueError:
        return tuple(sorted(some))


def positive(labels: Sequence[str], wanted: str | None) -> tuple[str, str | None]:
    """Return the positive one of two labels, and a doubt where only their order decided."""
    if wanted is not None:
        return wanted, None
    known = [label for label in labels if label.strip().lower() in POSITIVE]
    others = [label for label in labels if label.strip().lower() in NEGATIVE]
    if len(known) == 1:
        return known[0], None
    if len(others) == 1 and len(labels) == 2:
        return next(label for label in labels if label != others[0]), None
    return labels[-1], f"took {labels[-1]} for the positive class (--positive)"


def sets(column: Array) -> list[list[str]] | None:
    """Return the labels of each row of a column of lists or separated texts ("a|b"), None where it holds neither."""
    cells = column.tolist()
    if all(isinstance(c, list) or c is None for c in cells) and any(isinstance(c, list) for c in cells):
        return [[str(x) for x in c or []] for c in cells]
    filled = [c for c in cells if isinstance(c, str)]
    for mark in ("|", ";", ","):
        some = sum(mark in c for c in filled)
        if some > 0.05 * len(cells):
            names = {part.strip() for c in filled for part in c.split(mark)}
            if len(names) <= max(2, 0.5 * len(filled)) and all(len(name.split()) <= 3 for name in names):
                return [[p.strip() for p in (c or "").split(mark) if p.strip()] for c in cells]
    return None
