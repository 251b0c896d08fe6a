"""Tables in JSON that are neither rows nor lists: as pandas writes a frame, by number of the epoch, as triples.

`DataFrame.to_json` gives {"loss": {"0": 0.9, "1": 0.8}} or {"columns": [...], "index": [...], "data": [[...]]}; many
scripts keep {"1": {"loss": 0.9}, "2": {"loss": 0.8}}; TensorBoard downloads [[wall time, step, value], ...].
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence

from mlcheck.readers import cells, roles, tables
from mlcheck.readers.table import Table

NUMBERED = re.compile(
    r"(?:(?P<unit>epoch|ep|step|iter|iteration|round)s?[ _:-]?)?(?P<number>\d{1,15})", re.IGNORECASE
)
EPOCHS = ("epoch", "ep", "round", "")
FEWEST_TRIPLES = 2


def table(value: Mapping[str, object]) -> Table | None:
    """Return the table that a mapping is, None where it is none of these."""
    return _split(value) or _by_column(value) or _by_number(value)


def _split(value: Mapping[str, object]) -> Table | None:
    """Return a frame written with orient="split"."""
    names, data = value.get("columns"), value.get("data")
    if not isinstance(names, list) or not isinstance(data, list) or not data:
        return None
    if not all(isinstance(row, list) and len(row) == len(names) for row in data):
        return None
    return Table({str(name): cells.json_column([row[i] for row in data]) for i, name in enumerate(names)})


def _by_column(value: Mapping[str, object]) -> Table | None:
    """Return a frame written by column: every name holds numbers by row."""
    columns = {
        str(name): cellsof for name, cellsof in value.items() if isinstance(cellsof, Mapping) and cellsof
    }
    if not columns or len(columns) < len(value):
        return None
    keys = dict.fromkeys(key for column in columns.values() for key in column)
    if not all(re.fullmatch(r"\d{1,15}", key) for key in keys) or any(
        isinstance(cell, Mapping | list) for column in columns.values() for cell in column.values()
    ):
        return None
    order = sorted(keys, key=int)
    made = {name: cells.json_column([column.get(key) for key in order]) for name, column in columns.items()}
    numbers = [int(key) for key in order]
    is_counted = any(roles.guess(name).role.quantity in ("step", "epoch") for name in made)
    if not is_counted and numbers not in (list(range(len(order))), list(range(1, 1 + len(order)))):
        made = {"step": cells.json_column(numbers)} | made
    return Table(made)


def _by_number(value: Mapping[str, object]) -> Table | None:
    """Return the rows that a mapping holds by the number of their epoch or step."""
    found = {key: NUMBERED.fullmatch(str(key)) for key in value}
    rows = {key: row for key, row in value.items() if isinstance(row, Mapping)}
    if not value or len(rows) < len(value) or not all(found.values()) or not all(map(_is_row, rows.values())):
        return None
    numbered = sorted((int(m["number"]), m["unit"] or "", key) for key, m in found.items() if m)
    unit = "epoch" if numbered[0][1].lower() in EPOCHS else "step"
    names = {name for row in rows.values() for name, _ in tables.flatten(row)}
    if any(roles.guess(name).role.quantity in ("step", "epoch") for name in names):
        return tables.from_records([rows[key] for _, _, key in numbered])
    return tables.from_records([{unit: number, **rows[key]} for number, _, key in numbered])


def _is_row(row: Mapping[str, object]) -> bool:
    """Whether a mapping holds a loss or metric as single numbers, and no lists of numbers, which would be a history."""
    flat = dict(tables.flatten(row))
    if any(
        isinstance(v, list) and len(v) > 1 and all(isinstance(x, int | float) for x in v)
        for v in flat.values()
    ):
        return False
    return any(
        isinstance(v, int | float) and roles.guess(name).role.quantity in ("loss", "metric")
        for name, v in flat.items()
    )


def triples(value: Sequence[object]) -> list[list[float]] | None:
    """Return the rows of (wall time, step, value) that a list is, None where it is something else."""
    rows = [row for row in value if isinstance(row, list) and len(row) == 3]
    if len(rows) < max(FEWEST_TRIPLES, len(value)):
        return None
    numbers = all(
        isinstance(x, int | float) or x in ("NaN", "Infinity", "-Infinity") for row in rows for x in row
    )
    in_time = all(float(a[0]) <= float(b[0]) for a, b in itertools.pairwise(rows)) if numbers else False
    return rows if in_time and float(rows[0][0]) > 1e8 else None


def of_triples(name: str, rows: Sequence[Sequence[float]]) -> Table:
    """Return the table of a curve downloaded from TensorBoard."""
    return Table(
        {
            "step": cells.json_column([row[1] for row in rows]),
            name: cells.json_column([row[2] for row in rows]),
        }
    )
