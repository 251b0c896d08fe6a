"""JSON that a logger printed behind a prefix, one object a line, between other lines.

fairseq (`2020-04-22 07:41:45 | INFO | train | {"epoch": 1, "train_loss": "1.607", ...}`, numbers as texts), NVIDIA's
DLLogger (`DLLL {"type": "LOG", "step": [0, 100], "data": {"train_loss": 2.3}}`), and scripts that print their metrics so.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from mlcheck.errors import NothingToRead
from mlcheck.readers import roles, tables

if TYPE_CHECKING:
    from mlcheck.readers.log import Log
    from mlcheck.readers.source import Source

NAME = "logged_json"
ORDER = 80
LINE = re.compile(r"[^{\n]{1,200}?(\{\"[^\n]*\})\s*", re.MULTILINE)
FEWEST = 2
COUNTERS = ("num_updates", "train_num_updates", "valid_num_updates", "test_num_updates")
UNCOUNTED = frozenset(("update", "wall", "train_wall", "valid_wall"))
"""fairseq's `update` is the epoch with its fraction, beside the number of updates."""
DLLOGGER = ("epoch", "iteration", "validation iteration")


def sniff(source: Source) -> bool:
    """Say whether lines of the head end in objects that hold a loss and what counts it, behind a prefix."""
    if not source.is_text or '{"' not in source.head_text:
        return False
    found = 0
    for line in source.head_text.splitlines():
        row = _row(line)
        found += row is not None and _is_counted_loss(row)
        if found >= FEWEST:
            return True
    return False


def _is_counted_loss(row: Mapping[str, object]) -> bool:
    known = [roles.guess(name).role for name in row]
    return any(r.quantity == "loss" or r.measure == "return" for r in known) and any(
        r.quantity in ("step", "epoch") for r in known
    )


def read(source: Source) -> Iterator[Log]:
    """Yield the runs of the file."""
    found = [(i, row) for i, line in enumerate(source.read_text().splitlines(), 1) if (row := _row(line))]
    if not found:
        raise NothingToRead(source.name, "expected lines that end in a JSON object, found none")
    yield from tables.logs(
        source, NAME, tables.from_records([row for _, row in found], [i for i, _ in found])
    )


def _row(line: str) -> dict[str, object] | None:
    """Return the object at the end of a line, its counters by their common names; None where there is none."""
    matched = LINE.fullmatch(line)
    if matched is None:
        return None
    try:
        row = json.loads(matched[1])
    except (ValueError, RecursionError):
        return None
    if not isinstance(row, dict):
        return None
    return _of_dllogger(row) if isinstance(row.get("data"), Mapping) and "step" in row else _counted(row)


def _of_dllogger(row: Mapping[str, object]) -> dict[str, object] | None:
    """Return the values of a DLLogger line, with the epoch and iteration of its step; a summary has none."""
    step, data = row["step"], row["data"]
    places = step if isinstance(step, list) else [step]
    numbers = [p for p in places if isinstance(p, int | float) and not isinstance(p, bool)]
    if not numbers or len(numbers) != len(places) or not isinstance(data, Mapping):
        return None
    names = ("step",) if len(numbers) == 1 else DLLOGGER
    return {**dict(zip(names[:2], numbers, strict=False)), **data}


def _counted(row: Mapping[str, object]) -> dict[str, object]:
    """Name fairseq's counter of updates alike in rows of training and validation."""
    counter = next((name for name in COUNTERS if name in row), None)
    if counter is None:
        return dict(row)
    kept = {name: value for name, value in row.items() if name not in COUNTERS and name not in UNCOUNTED}
    return {"num_updates": row[counter], **kept}
