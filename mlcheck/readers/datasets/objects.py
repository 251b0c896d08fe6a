"""Values of JSON (or of nested Parquet) as columns: numbers, texts, truth values, and lists of numbers side by side."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from mlcheck.readers.datasets import raw
from mlcheck.readers.datasets.raw import Raw
from mlcheck.readers.predictions.frame import Words

if TYPE_CHECKING:
    from collections.abc import Sequence

WIDEST = 4096
"""Numbers of a list that become columns of their own; longer lists are texts."""


def columns(name: str, values: Sequence[object]) -> dict[str, Raw]:
    """Return the values of one column; lists of as many numbers each become `name[0]`, `name[1]` and so on."""
    kinds = set(map(type, values)) - {type(None)}
    if kinds and kinds <= {list, tuple}:
        block = _block(cast("Sequence[Sequence[object] | None]", values))
        if block is not None:
            return {f"{name}[{i}]": raw.of_numbers(block[:, i]) for i in range(block.shape[1])}
    return {name: _column(values, kinds)}


def _column(values: Sequence[object], kinds: set[type]) -> Raw:
    if kinds == {bool}:
        return Raw(numbers=np.array(values, dtype=np.float64), is_flag=True)
    if kinds <= {int, float}:
        try:
            value = np.array(values, dtype=np.float64)  # None becomes NaN
        except OverflowError:  # a number of more digits than any type holds
            return Raw(words=_words([_text(cell) for cell in values]))
        whole = kinds == {int} and len(value) and np.nanmax(np.abs(value)) >= raw.LONGEST_EXACT
        return Raw(words=_words([_text(cell) for cell in values])) if whole else raw.of_numbers(value)
    return Raw(words=_words([_text(cell) for cell in values]))


def _text(cell: object) -> str:
    """Return a value as a cell of a table: "" for none, a list of words in one line, others as JSON."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, (list, tuple)) and all(isinstance(word, str) for word in cell):
        return " ".join(cast("Sequence[str]", cell))
    try:
        return json.dumps(cell, ensure_ascii=False, sort_keys=True)
    except (TypeError, ValueError):
        return str(cell)


def _words(texts: Sequence[str]) -> Words:
    place: dict[str, int] = {}
    code = np.fromiter((place.setdefault(t, len(place)) for t in texts), dtype=np.int32, count=len(texts))
    return raw.tidied(Words(code, tuple(place)))


def _block(values: Sequence[Sequence[object] | None]) -> np.ndarray[Any, np.dtype[np.float64]] | None:
    """Return lists of as many numbers each as (n, k), a missing list as NaN; None where they are something else."""
    widths = {len(row) for row in values if row is not None}
    if len(widths) != 1 or not 0 < (width := widths.pop()) <= WIDEST:
        return None
    if not {type(cell) for row in values if row is not None for cell in row} <= {int, float, type(None)}:
        return None
    try:
        return np.array([[None] * width if row is None else row for row in values], dtype=np.float64)
    except OverflowError:
        return None
