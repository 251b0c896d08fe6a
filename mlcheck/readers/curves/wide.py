"""Wide tables as long ones: repeats side by side, sizes as the names of columns, a column for each curve."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from mlcheck.errors import MlcheckError
from mlcheck.readers.curves import names
from mlcheck.readers.datasets import raw
from mlcheck.readers.datasets.target import named
from mlcheck.readers.predictions import frame

if TYPE_CHECKING:
    from mlcheck.model.curves import CurvesWanted
    from mlcheck.readers.datasets.raw import Raw, Table

REPEAT = re.compile(r"^(?:(.*?)_)?(?:seed|fold|run|rep|repeat|trial|replicate|split|cv)?_?(\d+)(?:_(.+))?$")
SIZE = re.compile(r"(?:n[\s_=]*)?(\d+(?:\.0+)?(?:e\+?\d+)?)", re.IGNORECASE)
LEAST_SIZES = 4
CURVE = "curve"


def long(table: Table, wanted: CurvesWanted) -> tuple[Table, CurvesWanted]:
    """Return the table with one score in a row, and what is wanted of it; a long one as it is."""
    if wanted.score is not None and "," in wanted.score and wanted.score not in table.columns:
        return _curves(table, wanted)
    if wanted.score in table.columns:
        return table, wanted
    sizes = _sizes(table)
    if wanted.n is None and len(sizes) >= LEAST_SIZES:
        return _by_size(table, wanted, sizes)
    return _repeats(table), wanted


def _curves(table: Table, wanted: CurvesWanted) -> tuple[Table, CurvesWanted]:
    """Return a table whose scores A, B and C, named by the user, are curves by name under each other."""
    parts = [name.strip() for name in (wanted.score or "").split(",") if name.strip()]
    scores = [named(table.name, "--score", name, list(table.columns)) for name in parts]
    ways = {name: names.direction(name) for name in scores}
    known = {way for way in ways.values() if way is not None}
    if wanted.better is None and len(known) > 1:
        told = ", ".join(f"{name} ({way})" for name, way in ways.items() if way is not None)
        raise MlcheckError(table.name, f"expected scores with one better direction, found {told}", "ask for them one by one")  # fmt: skip
    better = wanted.better or next(iter(known), None)
    others = {n: column for n, column in table.columns.items() if n not in scores}
    code = np.repeat(np.arange(len(scores), dtype=np.int32), table.size)
    made = _stacked(table, others, {"score": scores})
    made[CURVE] = raw.Raw(words=frame.Words(code, tuple(scores)))
    melted = replace(table, columns=made, size=table.size * len(scores))
    if better is None:
        raise MlcheckError(
            table.name, f"expected scores whose names tell which way is better, found {', '.join(scores)}",
            "say --higher-is-better or --lower-is-better",
        )  # fmt: skip
    return melted, replace(wanted, score="score", by=(*wanted.by, CURVE), better=better)


def _by_size(table: Table, wanted: CurvesWanted, sizes: dict[str, float]) -> tuple[Table, CurvesWanted]:
    """Return a table whose columns were sizes: each row was a repeat or a curve."""
    score = wanted.score or "value"
    others = {n: column for n, column in table.columns.items() if n not in sizes}
    made = _stacked(table, others, {score: list(sizes)})
    made["n"] = raw.of_numbers(np.repeat(list(sizes.values()), table.size))
    return replace(table, columns=made, size=table.size * len(sizes)), replace(wanted, n="n", score=score)


def _sizes(table: Table) -> dict[str, float]:
    found = {}
    for name, column in table.columns.items():
        match = SIZE.fullmatch(name.strip())
        if match and column.numbers is not None:
            found[name] = float(match[1])
    return found if len(set(found.values())) == len(found) else {}


def _repeats(table: Table) -> Table:
    """Return a table where columns that differ by the number of a repeat stand under each other."""
    families: dict[str, list[str]] = {}
    for name, column in table.columns.items():
        match = REPEAT.fullmatch(names.folded(name))
        if match and column.numbers is not None:
            base = "_".join(part for part in (match[1], match[3]) if part) or "value"
            families.setdefault(base, []).append(name)
    held = [base for base in families if base == "value" or names.is_score(base)]
    count = max((len(families[base]) for base in held), default=1)
    taken = {
        base: families[base] for base in held if len(families[base]) == count and base not in table.columns
    }
    if count < 2 or not taken:
        return table
    melted = {name for some in taken.values() for name in some}
    others = {n: column for n, column in table.columns.items() if n not in melted}
    return replace(table, columns=_stacked(table, others, taken), size=table.size * count)


def _stacked(table: Table, others: dict[str, Raw], parts: dict[str, list[str]]) -> dict[str, Raw]:
    """Return `others` repeated as often as a part has columns, and each part as one column."""
    count = len(next(iter(parts.values())))
    made = {name: raw.joined([column] * count) for name, column in others.items()}
    made |= {base: raw.joined([table.columns[name] for name in some]) for base, some in parts.items()}
    mixed = [name for name, column in made.items() if column is None]
    if mixed:
        raise MlcheckError(
            table.name, f"expected numbers in every column of {mixed[0]!r}, found texts in some"
        )
    return {name: column for name, column in made.items() if column is not None}
