"""OpenMMLab's JSON lines: `<time>.log.json` of the older libraries, `vis_data/scalars.json` and `<time>.json` of MMEngine.

Training rows count iterations; evaluation rows count their own batches or the epoch. The lines stand in the order of
time, so an evaluation belongs to the training row before it. MMEngine writes every row into both of its files.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from mlcheck.readers import json, json_document

if TYPE_CHECKING:
    from mlcheck.readers.log import Log
    from mlcheck.readers.source import Source

NAME = "openmmlab"
ORDER = 40
FIRST = re.compile(
    r'\{\s*\}|\{"(hook_msgs|env_info|mode)"\s*:|\{[^{}\n]*"(data_time|time)"\s*:[^{}\n]*"(iter|step)"\s*:'
)
ROW = re.compile(r'"mode"\s*:\s*"train"|"iter"\s*:\s*\d+[^{}\n]*"step"\s*:\s*\d')
FIRST_VALUES = 8


def sniff(source: Source) -> bool:
    """Say whether the lines are those of the logger: a first line of its own kind, and rows that count iterations."""
    text = source.head_text.lstrip("\ufeff \t\r\n")
    return FIRST.match(text) is not None and ROW.search(text) is not None


def read(source: Source) -> Iterator[Log]:
    """Yield the run of the file."""
    document = json_document.read(source.name, source.read_text().lstrip("\ufeff"))
    rows = document.value if isinstance(document.value, list) else [document.value]
    placed = replace(document, value=list(_placed(rows)))
    trained = {name for row in rows if isinstance(row, Mapping) and _is_training(row) for name in row}
    for log in json.logs(source, NAME, placed):
        channels = tuple(replace(c, split="validation") if c.name not in trained else c for c in log.channels)
        length = max(len(c.value) for c in channels)
        yield replace(log, key=_key(source, log), order=float(length), replaces=True, channels=channels)


def _key(source: Source, log: Log) -> str:
    """Return the run: the folder (that above `vis_data`) and the values that were logged first.

    A folder may hold several runs, and `scalars.json` all of them one after the other.
    """
    if not source.folder:
        return source.name
    above, _, last = source.folder.rpartition("/")
    first = "|".join(f"{c.name}={float(c.value[0])!r}" for c in log.channels[:FIRST_VALUES])
    return f"openmmlab:{above if last == 'vis_data' else source.folder}:{first}"


def _placed(rows: list[object]) -> Iterator[object]:
    """Give evaluation rows the count of the training row before them; what counts nothing is emptied."""
    last: dict[str, object] = {}
    for row in rows:
        if not isinstance(row, Mapping) or not row.keys() & {"iter", "step", "epoch"}:
            yield {}
        elif _is_training(row):
            last = {name: row[name] for name in ("iter", "step") if name in row}
            yield row
        elif "mode" in row or _is_behind(row.get("step"), last.get("step")):
            yield {**row, **last}
        else:
            yield row


def _is_training(row: Mapping[str, object]) -> bool:
    return row.get("mode") == "train" or ("mode" not in row and "iter" in row)


def _is_behind(step: object, last: object) -> bool:
    return isinstance(step, int | float) and isinstance(last, int | float) and step < last
