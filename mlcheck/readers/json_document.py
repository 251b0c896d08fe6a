"""JSON as programs leave it: one value, a value on each line, values one after the other, a file cut while it was written."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlcheck.errors import MlcheckError, NothingToRead
from mlcheck.model import Event

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

BROKEN_SHARE = 0.2
"""Up to this share of the lines of JSON lines may be something else (a warning, a line cut by a restart)."""
BRACKETS = frozenset(("[", "]", "],"))


@dataclass(frozen=True, slots=True)
class Document:
    """What a file holds: one JSON value, or the values of its lines with the lines they stand on and what went wrong."""

    value: object
    lines: tuple[int, ...] | None = None
    events: tuple[Event, ...] = ()


def read(name: str, text: str) -> Document:
    """Read a text. Raises MlcheckError with line and column where it is no JSON, NothingToRead where little of it is."""
    try:
        return Document(json.loads(text))
    except json.JSONDecodeError as error:
        whole = error
    except (RecursionError, ValueError) as error:
        raise unreadable(name, error) from None
    lines = [(i, line) for i, line in enumerate(text.split("\n"), 1) if line.strip()]
    if whole.msg == "Extra data" and "\n" in text[: whole.pos].strip():
        return _one_after_the_other(name, text, whole)
    if len(lines) < 2 or not _are_records(lines):
        if whole.msg == "Extra data":
            return _one_after_the_other(name, text, whole)
        raise _malformed(name, whole.lineno, whole)
    return _records(name, lines)


def unreadable(name: str, error: Exception) -> MlcheckError:
    """Return what to say of JSON that is too deep or holds numbers that are too long."""
    return MlcheckError(name, f"expected JSON, found what cannot be read ({error})", "is this a log?")


def _are_records(lines: Sequence[tuple[int, str]]) -> bool:
    """Whether each line seems to hold whole values; of an array the first may hold only its bracket."""
    first, second = (line.strip() for _, line in lines[:2])
    if first == "[":
        return second.startswith("{") and second.removesuffix(",").endswith("}")
    return first.endswith("}") or (first.startswith("{") and first.endswith("},"))


def _one_after_the_other(name: str, text: str, whole: json.JSONDecodeError) -> Document:
    """Read values that follow each other without more than blanks or commas between them; the last may be cut."""
    values: list[object] = []
    lines: list[int] = []
    at, line, counted = 0, 1, 0
    try:
        for value, start in _values(text):
            line, counted = line + text.count("\n", counted, start), start
            values.append(value)
            lines.append(line)
            at = start
    except json.JSONDecodeError as error:
        if len(values) < 2 or text.find("{", at + 1, error.pos) < 0:
            raise _malformed(name, whole.lineno, whole) from None
        cut = Event(
            kind="truncated", message="the last value is cut and was left out", at=float(error.lineno)
        )
        return Document(values, tuple(lines), (cut,))
    except (RecursionError, ValueError) as error:
        raise unreadable(name, error) from None
    return Document(values, tuple(lines))


def _values(text: str) -> Iterator[tuple[object, int]]:
    """Yield each value with where it begins."""
    decoder = json.JSONDecoder()
    at = 0
    while True:
        while at < len(text) and text[at] in " \t\r\n,":
            at += 1
        if at == len(text):
            return
        value, end = decoder.raw_decode(text, at)
        yield value, at
        at = end


def _records(name: str, lines: Sequence[tuple[int, str]]) -> Document:
    """Parse JSON lines. A last line cut short and a few lines that are none are left out, with an event."""
    quick = _all_at_once([line for _, line in lines])
    if quick is not None:
        return Document(quick, tuple(at for at, _ in lines))
    records: list[tuple[int, object]] = []
    broken: list[tuple[int, json.JSONDecodeError]] = []
    for at, line in lines:
        if line.strip() in BRACKETS:
            continue
        try:
            records += [(at, value) for value, _ in _values(line)]
        except json.JSONDecodeError as error:
            broken.append((at, error))
        except (RecursionError, ValueError) as error:
            raise unreadable(f"{name}:{at}", error) from None
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


def _all_at_once(lines: Sequence[str]) -> list[object] | None:
    """Parse lines of one value each in one go, which is faster; None where one of them is something else."""
    try:
        values = json.loads(f"[{','.join(lines)}]")
    except (ValueError, RecursionError):
        return None
    return values if len(values) == len(lines) else None


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
