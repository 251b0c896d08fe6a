"""Generated texts and references from the cells of a table: plain texts, lists of references, references by column."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING

import numpy as np

from mlcheck.errors import MlcheckError
from mlcheck.model.predictions import Bools, Texts

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TextsRead:
    """The texts that have a reference, and which rows (n,) of the table they are."""

    texts: Texts
    kept: Bools


def from_columns(
    hypotheses: Sequence[object], references: Sequence[Sequence[object]], *, where: str
) -> TextsRead:
    """Return the texts of a column of hypotheses and one or more columns of references, n cells each.

    A cell of references is a text, a list of texts, or such a list written as JSON (where all cells of the column are).
    A blank hypothesis is an empty text; a row without any reference is left out. `where` names the input in errors.
    Raises MlcheckError for columns of other lengths (references by text are not a column a text), for cells that are
    neither texts nor numbers, and where no row has a reference.
    """
    n = len(hypotheses)
    for column in references:
        if len(column) != n:
            problem = f"expected {n:,} references as there are hypotheses, found {len(column):,}"
            raise MlcheckError(
                where, problem, "try a list of references for each hypothesis, or a column each"
            )
    own = [_text(cell, where, row) or "" for row, cell in enumerate(hypotheses, 1)]
    parts = [_listed(column, where) for column in references]
    given = [[text for part in parts for text in part[i]] for i in range(n)]
    kept = np.array([bool(row) for row in given], dtype=np.bool_)
    if not kept.any():
        raise MlcheckError(where, f"expected references of {n:,} texts, found none")
    rows = [row for row in given if row]
    return TextsRead(
        texts=Texts(
            hypotheses=tuple(text for text, row in zip(own, given, strict=True) if row),
            references=tuple(zip_longest(*rows)),
        ),
        kept=kept,
    )


def _listed(column: Sequence[object], where: str) -> list[list[str]]:
    """Return the references of each row that one column holds."""
    cells = [_from_json(cell) for cell in column]
    if any(parsed is None for parsed in cells):
        cells = list(column)
    return [_texts(cell, where, row) for row, cell in enumerate(cells, 1)]


def _from_json(cell: object) -> object:
    """Return the list of texts that a cell holds as JSON, an empty list for a blank one, None for anything else."""
    if not isinstance(cell, str):
        return [] if _is_blank(cell) else None
    if not (cell.lstrip().startswith("[") and cell.rstrip().endswith("]")):
        return None if cell.strip() else []
    try:
        found = json.loads(cell)
    except (ValueError, RecursionError):
        return None
    return found if all(isinstance(text, str) for text in found) else None


def _texts(cell: object, where: str, row: int) -> list[str]:
    if isinstance(cell, (list, tuple, np.ndarray)):
        found = [_text(part, where, row) for part in cell]
    else:
        found = [_text(cell, where, row)]
    return [text for text in found if text is not None]


def _text(cell: object, where: str, row: int) -> str | None:
    """Return a cell as text, None where it is blank."""
    if isinstance(cell, str):
        return cell
    if _is_blank(cell):
        return None
    if isinstance(cell, (bool, int, float, np.bool_, np.integer, np.floating)):
        return str(cell)
    raise MlcheckError(where, f"row {row}: expected a text, found {_kind(cell)}")


def _is_blank(cell: object) -> bool:
    return cell is None or (isinstance(cell, (float, np.floating)) and bool(np.isnan(cell)))


def _kind(cell: object) -> str:
    if isinstance(cell, (list, tuple, np.ndarray)):
        return "a list"
    return "an object" if isinstance(cell, dict) else f"a value of type {type(cell).__name__}"
