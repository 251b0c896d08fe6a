"""Columns of a table as arrays: numbers where all cells are numbers, else texts with None for blanks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from mlcheck.readers import cells as log_cells

if TYPE_CHECKING:
    from collections.abc import Sequence

Array: TypeAlias = npt.NDArray[Any]
BLANK = frozenset(("", "nan", "na", "n/a", "null", "none", "<na>", "#n/a"))
"""Texts that stand for a missing number. Among texts only an empty cell is blank: "None" may be a class."""


def of_texts(texts: Sequence[str], *, decimal_comma: bool = False) -> Array:
    """Return a column of a text table: int64, float64 (NaN for blanks) or objects (str, None for blanks)."""
    try:
        whole = np.array(list(map(int, texts)), dtype=np.int64)
        if not any("_" in text or (text[:1] == "0" and len(text) > 1 and text.strip("0")) for text in texts):
            return whole
    except (ValueError, OverflowError):
        pass
    found = _numbers(texts, decimal_comma=decimal_comma)
    if found is not None:
        return found
    return np.array([text.strip() or None for text in texts], dtype=object)


def _numbers(texts: Sequence[str], *, decimal_comma: bool) -> npt.NDArray[np.float64] | None:
    """Return the numbers, NaN for blanks; None where a cell is neither."""
    made = np.empty(len(texts))
    for i, text in enumerate(texts):
        if "_" in text:
            return None
        try:
            made[i] = float(text)
            continue
        except ValueError:
            pass
        if text.strip().lower() in BLANK:
            made[i] = np.nan
            continue
        number = log_cells.number(text, decimal_comma=decimal_comma)
        if number is None or text.strip()[:1] in "([":
            return None
        made[i] = number
    return made


def of_objects(values: Sequence[Any]) -> Array:
    """Return a column of JSON or Arrow: booleans, numbers, rows of numbers of one length (n, k), else objects."""
    kinds = set(map(type, values))
    if kinds == {bool}:
        return np.array(values, dtype=bool)
    if kinds == {int}:
        try:
            return np.array(values, dtype=np.int64)
        except OverflowError:
            return np.array([str(v) for v in values], dtype=object)
    if kinds <= {int, float, type(None)} and kinds != {type(None)}:
        return np.array([np.nan if v is None else float(v) for v in values])
    if kinds == {list} and _is_rectangle(values):
        return np.array(values, dtype=np.float64)
    made = np.empty(len(values), dtype=object)
    made[:] = [v if v is None or isinstance(v, str | list | bool) else str(v) for v in values]
    if kinds <= {str, type(None)}:
        made[:] = [v.strip() or None if isinstance(v, str) else None for v in values]
    return made


def _is_rectangle(values: Sequence[Any]) -> bool:
    """Whether all lists hold as many numbers."""
    width = len(values[0])
    return width > 0 and all(
        len(row) == width and all(type(x) in (int, float, bool) for x in row) for row in values
    )


def of_pandas(series: Any) -> Array:
    """Return a column that pandas read."""
    if series.dtype.kind in "ifb":
        found: Array = series.to_numpy()
        return found
    return np.array([None if v != v or v is None else str(v) for v in series.tolist()], dtype=object)


def joined(parts: Sequence[Array]) -> Array:
    """Return the parts of one column as one array; numbers among texts become texts."""
    if len(parts) == 1:
        return parts[0]
    if any(part.dtype == object for part in parts) and not all(part.dtype == object for part in parts):
        return np.concatenate(
            [part.astype(str).astype(object) if part.dtype != object else part for part in parts]
        )
    return np.concatenate(parts)
