"""JSON and JSON lines: histories (name -> list), rows of a log, several runs by name, tables as pandas writes them.

Keras History, XGBoost's and LightGBM's evals_result, OpenMMLab, Detectron2, DETR and most hand-made logs are this.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from mlcheck.errors import NothingToRead
from mlcheck.model import Role
from mlcheck.readers import cells, json_document, json_frames, roles, tables, wandb_names
from mlcheck.readers.json_document import Document
from mlcheck.readers.table import MOST_NAMES, Table, TooWide

if TYPE_CHECKING:
    from mlcheck.model import Scalar
    from mlcheck.readers.log import Log
    from mlcheck.readers.source import Source

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
BEGINS = re.compile(r"\{\s*[\"}]|\[\s*[\[{\]\"]|\[\s*-?\d[-+.\deE]*\s*(,|\]\s*$)|\{\s*$|\[\s*$")
OF_A_SUMMARY = re.compile(
    r"(best|final|min|max|last)[_/].*|(train|eval|test|predict)_(runtime|samples_per_second|steps_per_second)|peak_.*"
)
"""Names that stand in the summary of a run and in no row of its log."""
COCO = re.compile(r".*coco_eval_\w+")
"""DETR and its kin write COCO's twelve numbers in one list; the first is the average precision."""
AVERAGE_PRECISION = Role(quantity="metric", split="validation", measure="average_precision", better="higher")


def sniff(source: Source) -> bool:
    """Say whether the text begins as a JSON object or array does; a summary of W&B holds no curve."""
    if wandb_names.is_summary(source.name):
        return False
    return source.is_text and BEGINS.match(source.head_text.lstrip("\ufeff \t\r\n")) is not None


def read(source: Source) -> Iterator[Log]:
    """Yield the runs in the document; raise MlcheckError with line and column where it is no JSON."""
    try:
        yield from logs(source, NAME, json_document.read(source.name, source.read_text().lstrip("\ufeff")))
    except RecursionError as error:
        raise json_document.unreadable(source.name, error) from None


def logs(source: Source, reader: str, document: Document) -> Iterator[Log]:
    """Yield the runs in a document; raise NothingToRead where it holds none."""
    found = False
    for label, table in _tables(source, document):
        config: dict[str, Scalar] = {"run": label} if label else {}
        for log in tables.logs(source, reader, table):
            found = True
            channels = tuple(
                replace(c, role=AVERAGE_PRECISION) if COCO.fullmatch(c.name) else c for c in log.channels
            )
            yield replace(
                log, channels=channels, config={**log.config, **config}, events=log.events + document.events
            )
    if not found:
        is_summary = isinstance(document.value, Mapping) and _is_summary(document.value)
        raise NothingToRead(
            source.name,
            f"expected lists or rows of numbers, found {'the summary of a run' if is_summary else 'none in this JSON'}",
            "give the log of a training run",
        )


def parse(name: str, text: str) -> object:
    """Parse a JSON document or JSON lines; NaN and Infinity are taken as Python writes them."""
    return json_document.read(name, text).value


def _tables(source: Source, document: Document) -> Iterator[tuple[str, Table]]:
    """Find the tables in a document: rows, a history, or several histories by name."""
    value = document.value
    if isinstance(value, list):
        yield from _listed(source, value, document.lines)
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
    frame = json_frames.table(value)
    if frame is not None:
        yield "", frame
    elif _is_row(value):
        yield "", tables.from_records([value])
    else:
        yield from _histories(value)


def _listed(
    source: Source, value: Sequence[object], lines: Sequence[int] | None
) -> Iterator[tuple[str, Table]]:
    """Yield the table of a list: of rows, of (time, step, value) as TensorBoard gives them, or of plain numbers."""
    rows = [(i, row) for i, row in enumerate(value) if isinstance(row, Mapping) and row]
    if rows:
        curve = [(i, row) for i, row in rows if "train_runtime" not in row] or rows
        places = None if lines is None else [lines[i] for i, _ in curve]
        yield "", tables.from_records([_with_coco(row) for _, row in curve], places)
    elif (triples := json_frames.triples(value)) is not None:
        yield "", json_frames.of_triples(_stem(source).rpartition("-tag-")[2], triples)
    elif _is_numbers(value):
        yield "", _history({_stem(source): value})


def _with_coco(row: Mapping[str, object]) -> Mapping[str, object]:
    lists = {n: v[0] for n, v in row.items() if isinstance(v, list) and v and COCO.fullmatch(n)}
    return {**row, **lists} if lists else row


def _stem(source: Source) -> str:
    """Return the name of a list that has none: its file's."""
    return source.file_name.removesuffix(".gz").rpartition(".")[0] or source.file_name


def _histories(document: Mapping[str, object]) -> Iterator[tuple[str, Table]]:
    lists = {name: value for name, value in document.items() if _is_numbers(value)}
    inner = {name: value for name, value in document.items() if isinstance(value, Mapping) and value}
    rows = {
        name: cast("list[Mapping[str, object]]", value) for name, value in document.items() if _is_rows(value)
    }
    nested = _of_one_run(inner) if not rows else {}
    if lists and (not inner or nested or any(_is_curve(name) for name in lists)):
        yield "", _history(lists | nested | _single_values(document, lists))
        return
    if nested:
        yield "", _history(nested)
        return
    for name, value in inner.items():
        for label, table in _histories(value):
            yield f"{name}/{label}" if label else name, table
    yield from _rows_by_name(rows)


def _is_curve(name: str) -> bool:
    return roles.guess(name).role.quantity in ("loss", "metric")


def _of_one_run(inner: Mapping[str, Mapping[str, object]]) -> dict[str, object]:
    """Return the lists in nested mappings by their joined names, if they are of one run: by split, or by quantity and split."""
    by_split = all(_is_split(name) for name in inner)
    by_quantity = all(_is_curve(name) and all(map(_is_split, below)) for name, below in inner.items())
    if not inner or not (by_split or by_quantity):
        return {}
    return {name: value for name, value in tables.flatten(inner) if _is_numbers(value)}


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
            w.isdigit() or w in roles.SPLITS or w in ("metrics", "set", "history", "log", "reports")
            for w in words[1:]
        )
    )


def _is_row(document: Mapping[str, object]) -> bool:
    """Whether an object is one row of a log: a loss at a step or epoch, rather than the summary of a run."""
    if "_wandb" in document or any(isinstance(v, list | Mapping) for v in document.values()):
        return False
    if len(document) > MOST_NAMES:
        raise TooWide(len(document), 1)
    if _is_summary(document):
        return False
    quantities = {
        roles.guess(name).role.quantity for name, v in document.items() if isinstance(v, int | float)
    }
    return "loss" in quantities and bool(quantities & {"step", "epoch"})


def _is_summary(document: Mapping[str, object]) -> bool:
    """Whether an object says how a run ended: its best values, how long it took."""
    return any(OF_A_SUMMARY.fullmatch(str(name)) for name in document)


def _is_rows(value: object) -> bool:
    return isinstance(value, list) and len(value) > 0 and all(isinstance(row, Mapping) for row in value)


def _is_numbers(value: object) -> bool:
    if not isinstance(value, list) or not value:
        return False
    kinds = set(map(type, value))
    if kinds <= {int, float, bool, type(None)}:
        return kinds != {type(None)}
    return kinds <= {int, float, bool, type(None), str} and all(
        not isinstance(v, str) or cells.number(v) is not None for v in value
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
    columns = {name: value for name, value in lists.items() if isinstance(value, list)}
    length = max(len(v) for v in columns.values())
    return Table({name: cells.json_column(_spread(values, length)) for name, values in columns.items()})


def _spread(values: Sequence[object], length: int) -> Sequence[object]:
    if len(values) == length:
        return values
    spread: list[object] = [None] * length
    for i, value in enumerate(values):
        spread[round((i + 1) * length / len(values)) - 1] = value
    return spread
