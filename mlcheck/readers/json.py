"""JSON and JSON lines: histories (name -> list), rows of a log, several runs by name, evaluation results of boosters.

Keras History, XGBoost's and LightGBM's evals_result, OpenMMLab, Detectron2, DETR and most hand-made logs are this.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from mlcheck.errors import MlcheckError, NothingToRead
from mlcheck.readers import roles, tables
from mlcheck.readers.log import Log
from mlcheck.readers.source import Source

NAME = "json"
ORDER = 50
WRAPPERS = ("history", "log_history", "logs", "log", "metrics", "results", "epochs", "records", "training_history", "data", "train_log")


def sniff(source: Source) -> bool:
    """Say whether the text begins as a JSON object or array does."""
    text = source.head_text.lstrip("\ufeff \t\r\n") if source.is_text else ""
    return text.startswith(("{", "[{", "[ {", "[\n", "[\r", "[]"))


def read(source: Source) -> Iterator[Log]:
    """Yield the runs in the document; raise MlcheckError with line and column where it is no JSON."""
    text = source.read_text().lstrip("\ufeff")
    found = False
    for label, table in _tables(source, parse(source.name, text)):
        for log in tables.logs(source, NAME, table, first_line=1):
            found = True
            yield log if not label else _labelled(log, label)
    if not found:
        raise NothingToRead(source.name, "expected lists or rows of numbers, found none in this JSON")


def parse(name: str, text: str) -> object:
    """Parse a JSON document or JSON lines; NaN and Infinity are taken as Python writes them."""
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        whole = error
    lines = [(i, line) for i, line in enumerate(text.splitlines(), 1) if line.strip()]
    if "\n" not in text.strip() or not lines[0][1].strip().endswith("}"):
        raise _malformed(name, whole.lineno, whole)
    records: list[object] = []
    for at, line in lines:
        try:
            records.append(json.loads(line))
        except json.JSONDecodeError as error:
            if at == lines[-1][0] and records:  # a last line cut short: what is whole is read
                break
            raise _malformed(name, at, error) from None
    return records


def _malformed(name: str, line: int, error: json.JSONDecodeError) -> MlcheckError:
    found = error.doc[error.pos : error.pos + 12].splitlines()[:1]
    what = f"{error.msg[0].lower()}{error.msg[1:]}, found {found[0]!r}" if found and found[0] else "more, found the end"
    return MlcheckError(f"{name}:{line}:{error.colno}", f"expected valid JSON: {what}", "was the file cut while it was written?")


def _labelled(log: Log, label: str) -> Log:
    import dataclasses

    return dataclasses.replace(log, config={**log.config, "run": label})


def _tables(source: Source, document: object) -> Iterator[tuple[str, tables.Table]]:
    """Find the tables in a document: rows, a history, or several histories by name."""
    if isinstance(document, list):
        rows = [row for row in document if isinstance(row, Mapping) and row]
        if rows:
            yield "", tables.from_records(rows)
        return
    if not isinstance(document, Mapping):
        return
    for wrapper in WRAPPERS:
        inner = document.get(wrapper)
        if isinstance(inner, Mapping | list) and inner and (isinstance(inner, Mapping) or isinstance(inner[0], Mapping)):
            yield from _tables(source, inner)
            return
    yield from _histories(document)


def _histories(document: Mapping[str, object]) -> Iterator[tuple[str, tables.Table]]:
    lists = {name: value for name, value in document.items() if _is_numbers(value)}
    if lists:
        yield "", _history(lists | _single_values(document, lists))
        return
    inner = {name: value for name, value in document.items() if isinstance(value, Mapping)}
    if not inner:
        if any(roles.guess(name).role.quantity == "loss" for name, v in document.items() if isinstance(v, int | float)):
            yield "", tables.from_records([document])
        return
    if all(roles.words(name)[:1] and roles.words(name)[0] in roles.SPLITS for name in inner):
        flat = dict(tables._flatten(inner))  # noqa: SLF001  (the same flattening as for rows)
        yield "", _history({name: value for name, value in flat.items() if _is_numbers(value)})
        return
    for name, value in inner.items():
        for label, table in _histories(value):
            yield f"{name}/{label}" if label else name, table


def _is_numbers(value: object) -> bool:
    if not isinstance(value, Sequence) or isinstance(value, str) or not value:
        return False
    return all(v is None or isinstance(v, int | float) or (isinstance(v, str) and tables.number(v) is not None) for v in value)


def _single_values(document: Mapping[str, object], lists: Mapping[str, object]) -> dict[str, object]:
    """Scalars beside the lists are hyperparameters or summaries, kept as constant columns where they have a name."""
    length = max(len(v) for v in lists.values() if isinstance(v, Sequence))
    return {
        name: [value] * length
        for name, value in document.items()
        if isinstance(value, int | float | str) and not isinstance(value, bool) and roles.guess(name).role.quantity == "other"
    }


def _history(lists: Mapping[str, object]) -> tables.Table:
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
