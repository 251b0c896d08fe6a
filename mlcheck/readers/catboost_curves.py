"""The curves in CatBoost's JSON and tables, and which of them is the loss."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from mlcheck.model import Event, Floats, Role, Split
from mlcheck.readers import cells, roles
from mlcheck.readers.log import Channel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlcheck.model import Direction, Scalar

Curve: TypeAlias = tuple[str, Split, Floats, Floats]
"""Metric, split, iterations (n,) and values (n,)."""
ITERATIONS = re.compile(r'"iterations"\s*:\s*\[')
BEST: Mapping[object, Direction] = {"Min": "lower", "Max": "higher"}
OBJECTIVES = (1, 2, 3)
"""Ranks of the words for what is minimised (see roles.LOSSES): an error rate may be called a loss, too."""


def document(text: str) -> tuple[Mapping[str, object], tuple[Event, ...]]:
    """Parse the JSON; one cut in the middle gives its whole iterations. Raises ValueError for what is no JSON."""
    events: tuple[Event, ...] = ()
    try:
        found = json.loads(text)
    except json.JSONDecodeError:
        begin = ITERATIONS.search(text)
        if begin is None:
            raise
        found = _whole_iterations(text, begin.end())
        events = (Event(kind="truncated", message="the JSON ends within its iterations"),)
    return found if isinstance(found, Mapping) else {}, events


def _whole_iterations(text: str, begin: int) -> object:
    """Return the document up to its last iteration that can be read."""
    end = text.rfind("}")
    for _ in range(3):
        try:
            return json.loads(text[: end + 1] + "]}")
        except json.JSONDecodeError:
            end = text.rfind("}", begin, end)
            if end < 0:
                break
    return json.loads(text[:begin] + "]}")


def meta_of(head: str) -> Mapping[str, object]:
    """Return the part of the JSON before the iterations, empty where there is none."""
    begin = ITERATIONS.search(head)
    if begin is None:
        return {}
    try:
        found = json.loads(head[: begin.end()] + "]}")
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, Mapping) else {}


def directions(document: Mapping[str, object]) -> dict[str, Direction]:
    """Return which direction is better, by metric, as far as the JSON says."""
    found: dict[str, Direction] = {}
    for kind in ("test_metrics", "learn_metrics"):
        for metric in _list(_meta(document).get(kind)):
            if isinstance(metric, Mapping) and metric.get("best_value") in BEST:
                found[str(metric.get("name"))] = BEST[metric["best_value"]]
    return found


def config(document: Mapping[str, object]) -> dict[str, Scalar]:
    """Return the number of iterations that were planned."""
    planned = _meta(document).get("iteration_count")
    return {"iterations": planned} if isinstance(planned, int) else {}


def of_document(document: Mapping[str, object]) -> list[Curve]:
    """Return the curves of all sets: `learn` is the training set, every other a validation set."""
    meta = _meta(document)
    rows = [r for r in _list(document.get("iterations")) if isinstance(r, Mapping)]
    sets = [str(name) for name in (*_list(meta.get("learn_sets")), *_list(meta.get("test_sets")))]
    tests = [name for name in sets if not name.startswith("learn")]
    curves: list[Curve] = []
    for name in dict.fromkeys(sets):
        split: Split = "train" if name.startswith("learn") else "validation"
        metrics = _names(meta, "learn_metrics" if split == "train" else "test_metrics")
        suffix = f":{tests.index(name)}" if name in tests[:-1] else ""
        curves += [(m + suffix, split, step, value) for m, step, value in _of_set(rows, name, metrics)]
    return curves


def of_table(text: str) -> tuple[list[tuple[str, Floats, Floats]], tuple[Event, ...]]:
    """Return (metric, iterations, values) of a table's columns, and what could not be read of it."""
    lines = text.lstrip("\ufeff").split("\n")
    header = [name.strip() for name in lines[0].split("\t")]
    rows = [line.rstrip("\r").split("\t") for line in lines[1:] if line.strip()]
    events: list[Event] = []
    if rows and len(rows[-1]) < len(header) and lines[-1].strip():
        message = f"the last row has {len(rows[-1])} of {len(header)} cells and was left out"
        events.append(Event(kind="truncated", message=message, at=float(len(rows) + 1)))
    columns = [
        cells.column(list(column)) for column in zip(*(r for r in rows if len(r) == len(header)), strict=True)
    ]
    if not columns or columns[0].texts:
        return [], tuple(events)
    found = []
    for name, column in zip(header[1:], columns[1:], strict=True):
        keep = column.present & np.isfinite(columns[0].value)
        if column.texts or not keep.any():
            continue
        if column.bad:
            events.append(Event(kind="invalid", message=f"{len(column.bad)} of {len(column)} cells in column {name!r}", at=float(column.bad[0] + 2)))  # fmt: skip
        found.append((name, columns[0].value[keep], column.value[keep]))
    return found, tuple(events)


def channels(curves: Sequence[Curve], better: Mapping[str, Direction]) -> tuple[Channel, ...]:
    """Return the curves as channels, one metric as the loss and the others as metrics with their direction."""
    known = {
        name: better.get(name.partition(":")[0], better.get(name)) or _guess(name).better
        for name, *_ in curves
    }
    loss = _objective(known)
    return tuple(
        Channel(name=name, value=value, step=step, split=split, role=_role(name, split, known[name], loss))
        for name, split, step, value in curves
    )


def _objective(better: Mapping[str, Direction | None]) -> str | None:
    """Return what is minimised: of the metrics for which lower is better the first that is a loss by its name."""
    lower = [name for name, direction in better.items() if direction == "lower"]
    return min(
        lower,
        key=lambda name: (roles.guess(_plain(name)).rank not in OBJECTIVES, lower.index(name)),
        default=None,
    )


def _role(name: str, split: Split, better: Direction | None, loss: str | None) -> Role:
    if loss is not None and _plain(name) == _plain(loss):
        return Role(quantity="loss", split=split, measure="loss", better="lower")
    if better is None:
        return Role(quantity="other")
    measure = guess.measure if (guess := _guess(name)).quantity == "metric" else _plain(name).lower()
    return Role(quantity="metric", split=split, measure=measure, better=better)


def _plain(name: str) -> str:
    """Return a metric without its parameters, or the number of its set."""
    return name.partition(":")[0]


def _guess(name: str) -> Role:
    return roles.guess(_plain(name)).role


def _meta(document: Mapping[str, object]) -> Mapping[str, object]:
    meta = document.get("meta")
    return meta if isinstance(meta, Mapping) else {}


def _list(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else []


def _names(meta: Mapping[str, object], kind: str) -> list[str]:
    return [str(m.get("name")) for m in _list(meta.get(kind)) if isinstance(m, Mapping)]


def _of_set(
    rows: Sequence[Mapping[str, object]], name: str, metrics: Sequence[str]
) -> Iterator[tuple[str, Floats, Floats]]:
    """Yield (metric, iterations, values) of one set; a metric that was not computed on it has no value in the rows."""
    for i, metric in enumerate(metrics):
        points = [
            (at, value)
            for row in rows
            if isinstance(at := row.get("iteration"), int | float)
            and len(values := _list(row.get(name))) > i
            and (value := _number(values[i])) is not None
        ]
        if points:
            step, value = np.array(points, dtype=np.float64).T
            yield metric, step, value


def _number(value: object) -> float | None:
    if isinstance(value, str):
        return cells.number(value)
    if value is None:
        return float("nan")
    return float(value) if isinstance(value, int | float) else None
