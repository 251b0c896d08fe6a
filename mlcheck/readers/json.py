"""JSON and JSON lines: histories (name -> list), rows of a log, several runs by name, evaluation results of boosters.

Keras History, XGBoost's and LightGBM's evals_result, OpenMMLab, Detectron2, DETR and most hand-made logs are this.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from mlcheck.errors import MlcheckError, NothingToRead
from mlcheck.model import Event, Scalar
from mlcheck.readers import cells, roles, tables, wandb_names

if TYPE_CHECKING:
    from mlcheck.readers.log import Log
    from mlcheck.readers.source import Source
    from mlcheck.readers.table import Table

NAME = "json"
ORDER = 50
WRAPPERS = (
    "history",
    "log_history",
    "logs",
    "log",
    "metrics",
    "results",
    "epochs",
    "records",
    "training_history",
    "data",
    "train_log",
)
BEGINS = re.compile(r"\{\s*[\"}]|\[\s*[\[{\]\"]|\[\s*-?\d[-+.\deE]*\s*(,|\]\s*$)|\{\s*$")
BROKEN_SHARE = 0.2
"""Up to this share of the lines of JSON lines may be something else (a warning, a line cut by a restart)."""


@dataclass(frozen=True, slots=True)
class Document:
    """What a file holds: one JSON value, or the values of its lines with the lines they stand on and what went wrong."""

    value: object
    lines: tuple[int, ...] | None = None
    events: tuple[Event, ...] = ()


def sniff(source: Source) -> bool:
    """Say whether the text begins as a JSON object or array does; a summary of W&B holds no curve."""
    if wandb_names.is_summary(source.name):
        return False
    return source.is_text and BEGINS.match(source.head_text.lstrip("\ufeff \t\r\n")) is not None


def read(source: Source) -> Iterator[Log]:
    """Yield the runs in the document; raise MlcheckError with line and column where it is no JSON."""
    document = _document(source.name, source.read_text().lstrip("\ufeff"))
    found = False
    for label, table in _tables(source, document):
        config: dict[str, Scalar] = {"run": label} if label else {}
        for log in tables.logs(source, NAME, table):
            found = True
            yield replace(log, config={**log.config, **config}, events=log.events + document.events)
    if not found:
        raise NothingToRead(
            source.name,
            "expected lists or rows of numbers, found none in this JSON",
            "give the log of a training run",
        )


def parse(name: str, text: str) -> object:
    """Parse a JSON document or JSON lines; NaN and Infinity are taken as Python writes them."""
    return _document(name, text).value


def _document(name: str, text: str) -> Document:
    try:
        return Document(json.loads(text))
    except json.JSONDecodeError as error:
        whole = error
    except (RecursionError, ValueError) as error:
        raise MlcheckError(
            name, f"expected JSON, found what cannot be read ({error})", "is this a log?"
        ) from None
    lines = [(i, line) for i, line in enumerate(text.split("\n"), 1) if line.strip()]
    if len(lines) < 2 or not lines[0][1].strip().endswith("}"):
        raise _malformed(name, whole.lineno, whole)
    return _records(name, lines)


def _records(name: str, lines: Sequence[tuple[int, str]]) -> Document:
    """Parse JSON lines. A last line cut short and a few lines that are none are left out, with an event."""
    records: list[tuple[int, object]] = []
    broken: list[tuple[int, json.JSONDecodeError]] = []
    for at, line in lines:
        try:
            records.append((at, json.loads(line)))
        except json.JSONDecodeError as error:
            broken.append((at, error))
        except (RecursionError, ValueError) as error:
            raise MlcheckError(
                f"{name}:{at}", f"expected JSON, found what cannot be read ({error})", "is this a log?"
            ) from None
    inside = [pair for pair in broken if pair[0] != lines[-1][0]]
    if not records:
        raise _malformed(name, *broken[0])
    if len(inside) > BROKEN_SHARE * len(lines):
        raise NothingToRead(
            f"{name}:{inside[0][0]}:{inside[0][1].colno}",
            f"expected JSON on every line, found other text on {len(inside)}",
        )
    events = tuple(
        Event(kind="truncated", message="the last line is cut and was left out", at=float(at))
        if at == lines[-1][0]
        else Event(kind="invalid", message="a line is no JSON and was left out", at=float(at))
        for at, _ in broken[-3:]
    )
    return Document([record for _, record in records], tuple(at for at, _ in records), events)


def _malformed(name: str, line: int, error: json.JSONDecodeError) -> MlcheckError:
    found = error.doc[error.pos : error.pos + 12].splitlines()[:1]
    what = (
        f"{error.msg[0].lower()}{error.msg[1:]}, found {found[0]!r}"
        if found and found[0]
        else "more, found the end"
    )
    return MlcheckError(
        f"{name}:{line}:{error.colno}",
        f"expected valid JSON: {what}",
        "was the file cut while it was written?",
    )


def _tables(source: Source, document: Document) -> Iterator[tuple[str, Table]]:
    """Find the tables in a document: rows, a history, or several histories by name."""
    value = document.value
    if isinstance(value, list):
        rows = [(i, row) for i, row in enumerate(value) if isinstance(row, Mapping) and row]
        if rows:
            lines = None if document.lines is None else [document.lines[i] for i, _ in rows]
            yield "", tables.from_records([row for _, row in rows], lines)
        elif _is_numbers(value):
            yield "", _history({_stem(source): value})
        return
    if not isinstance(value, Mapping):
        return
    for wrapper in WRAPPERS:
        inner = value.get(wrapper)
        if (isinstance(inner, Mapping) and inner) or (
            isinstance(inner, list) and inner and isinstance(inner[0], Mapping)
        ):
            yield from _tables(source, Document(inner))
            return
    if _is_row(value):
        yield "", tables.from_records([value])
    else:
        yield from _histories(value)


def _stem(source: Source) -> str:
    """Return the name of a list that has none: its file's."""
    return source.file_name.removesuffix(".gz").rpartition(".")[0] or source.file_name


def _histories(document: Mapping[str, object]) -> Iterator[tuple[str, Table]]:
    lists = {name: value for name, value in document.items() if _is_numbers(value)}
    if lists:
        yield "", _history(lists | _single_values(document, lists))
        return
    inner = {name: value for name, value in document.items() if isinstance(value, Mapping) and value}
    rows = {
        name: cast("list[Mapping[str, object]]", value) for name, value in document.items() if _is_rows(value)
    }
    if inner and all(_is_split(name) for name in inner) and not rows:
        flat = dict(tables.flatten(inner))
        numbers = {name: value for name, value in flat.items() if _is_numbers(value)}
        if numbers:
            yield "", _history(numbers)
            return
    for name, value in inner.items():
        for label, table in _histories(value):
            yield f"{name}/{label}" if label else name, table
    yield from _rows_by_name(rows)


def _rows_by_name(rows: Mapping[str, Sequence[Mapping[str, object]]]) -> Iterator[tuple[str, Table]]:
    """Yield the tables of lists of rows by name: the splits of one run, or runs."""
    if rows and all(_is_split(name) for name in rows):
        yield (
            "",
            tables.from_records(
                [{"split": roles.words(name)[0], **row} for name, some in rows.items() for row in some]
            ),
        )
        return
    for name, some in rows.items():
        yield name, tables.from_records(some)


def _is_split(name: str) -> bool:
    """Whether a name is a split, perhaps with a number (XGBoost: train, eval; LightGBM: training, valid_1)."""
    words = roles.words(name)
    return (
        bool(words)
        and words[0] in roles.SPLITS
        and all(
            w.isdigit() or w in roles.SPLITS or w in ("metrics", "set", "history", "log") for w in words[1:]
        )
    )


def _is_row(document: Mapping[str, object]) -> bool:
    """Whether an object is one row of a log: a loss at a step or epoch, rather than the summary of a run."""
    if "_wandb" in document or any(isinstance(v, list | Mapping) for v in document.values()):
        return False
    quantities = {
        roles.guess(name).role.quantity for name, v in document.items() if isinstance(v, int | float)
    }
    return "loss" in quantities and bool(quantities & {"step", "epoch"})


def _is_rows(value: object) -> bool:
    return isinstance(value, list) and len(value) > 0 and all(isinstance(row, Mapping) for row in value)


def _is_numbers(value: object) -> bool:
    if (
        not isinstance(value, Sequence)
        or isinstance(value, str)
        or not value
        or all(v is None for v in value)
    ):
        return False
    return all(
        v is None or isinstance(v, int | float) or (isinstance(v, str) and cells.number(v) is not None)
        for v in value
    )


def _single_values(document: Mapping[str, object], lists: Mapping[str, object]) -> dict[str, object]:
    """Scalars beside the lists are hyperparameters or summaries, kept as constant columns where they have a name."""
    length = max(len(v) for v in lists.values() if isinstance(v, Sequence))
    return {
        name: [value] * length
        for name, value in document.items()
        if isinstance(value, int | float | str)
        and not isinstance(value, bool)
        and roles.guess(name).role.quantity == "other"
    }


def _history(lists: Mapping[str, object]) -> Table:
    """Columns from lists that may differ in length: the shorter ones are spread over the run evenly.

    A list with one value per evaluation beside one with one value per step keeps its place in time.
    """
    columns = {name: list(value) for name, value in lists.items() if isinstance(value, Sequence)}
    length = max(len(v) for v in columns.values())
    rows: list[dict[str, object]] = [{} for _ in range(length)]
    for name, values in columns.items():
        for i, value in enumerate(values):
            rows[round((i + 1) * length / len(values)) - 1][name] = value
    return tables.from_records(rows)
