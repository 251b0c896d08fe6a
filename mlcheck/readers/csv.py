"""Tables as text: CSV, TSV, semicolons, bars or blanks between the cells, with a header that names the columns.

Keras CSVLogger, Lightning's CSVLogger, fastai, timm and most hand-made logs are this.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence

from mlcheck.errors import NothingToRead
from mlcheck.model import Event
from mlcheck.readers import roles, tables
from mlcheck.readers.log import Log
from mlcheck.readers.source import Source

NAME = "csv"
ORDER = 60
DELIMITERS = (",", ";", "\t", "|", " ")
LINE_END = re.compile(r"\r\r\n|\r\n|\n|\r")


def sniff(source: Source) -> bool:
    """Say whether the first lines are rows of the same number of cells under a row of names."""
    if not source.is_text or source.head_text.lstrip("\ufeff \t\r\n")[:1] in ("{", "["):
        return False
    lines = _content_lines(LINE_END.split(source.head_text)[:40])
    return bool(lines) and _delimiter(lines) is not None


def read(source: Source) -> Iterator[Log]:
    """Yield the runs of the table; raise NothingToRead where it has no numbers or no row of names."""
    lines = LINE_END.split(source.read_text().lstrip("\ufeff"))
    first = next((i for i, line in enumerate(lines) if _is_content(line, lines)), 0)
    delimiter = _delimiter(_content_lines(lines[:40])) or ","
    rows = list(_rows(lines[first:], delimiter))
    header = [name.strip() for name in rows[0]]
    if all(tables.number(name) is not None for name in header if name):
        raise NothingToRead(
            source.name, "expected a first row with the names of the columns, found only numbers", "add one, such as epoch,train_loss,val_loss"
        )
    body = [row for row in rows[1:] if row and [cell.strip() for cell in row] != header]
    body, events = _whole_rows(body, len(header), ended=lines[-1] == "")
    table = _table(header, body, delimiter)
    if not any(c.present.any() for c in table.values() if not c.texts):
        raise NothingToRead(source.name, f"expected a column of numbers, found none in {_names(header)}")
    yield from _with_events(tables.logs(source, _flavour(header), table, key=_key(source, header), first_line=first + 2), events)


def _flavour(header: Sequence[str]) -> str:
    """Name the writer where the columns give it away; the reading is the same."""
    names = set(header)
    if {"epoch", "step"} <= names and any(n.endswith(("_epoch", "_step")) or n.startswith("lr-") for n in names):
        return "lightning"
    if {"epoch", "loss", "val_loss"} <= names and header[0] == "epoch":
        return "keras"
    if {"epoch", "train_loss", "valid_loss", "time"} <= names:
        return "fastai"
    return NAME


def _key(source: Source, header: Sequence[str]) -> str:
    """Lightning's folder is the run (its event files tell the same again); elsewhere the file is."""
    is_lightning = source.file_name == "metrics.csv" and source.folder and {"epoch", "step"} <= set(header)
    return f"tensorboard:{source.folder}" if is_lightning else source.name


def _is_content(line: str, lines: Sequence[str]) -> bool:
    """Whether a line belongs to the table: not blank, and no comment (unless the comment is the header)."""
    text = line.strip()
    if not text.startswith("#"):
        return bool(text)
    following = next((other for other in lines[lines.index(line) + 1 :] if other.strip()), "")
    return not text.startswith("#{") and "," not in text and len(text.split()) == len(following.split()) > 1


def _content_lines(lines: Sequence[str]) -> list[str]:
    return [line for line in lines if _is_content(line, lines)]


def _delimiter(lines: Sequence[str]) -> str | None:
    """Return what separates the cells: the mark that cuts the first lines into the same number of cells, over 1.

    A single column of numbers under a telling name needs none. None where no mark fits.
    """
    best: tuple[float, str] | None = None
    for mark in DELIMITERS:
        counts = [len(row) for row in _rows(lines[:25], mark) if row]
        width = counts[0] if counts else 0
        same = sum(abs(c - width) <= 1 for c in counts[:-1] or counts) / max(1, len(counts[:-1] or counts))
        if width > 1 and same >= 0.8 and (mark != " " or _is_spaced_table(lines)):
            best = max(best or (0.0, mark), (same + width / 1000, mark), key=lambda pair: pair[0])
    if best is None and lines and roles.guess(lines[0]).role.quantity in ("loss", "metric"):
        numbers = [tables.number(line) for line in lines[1:]]
        return "," if numbers and all(n is not None for n in numbers) else None
    return best[1] if best else None


def _is_spaced_table(lines: Sequence[str]) -> bool:
    """Blanks separate cells only under known names and above numbers: prose has blanks, too."""
    names, first = lines[0].lstrip("# ").split(), (lines[1].split() if len(lines) > 1 else [])
    known = sum(roles.guess(n).role.quantity != "other" for n in names)
    return known >= 2 and len(first) == len(names) and sum(tables.number(c) is not None for c in first) >= len(first) / 2


def _rows(lines: Sequence[str], delimiter: str) -> Iterator[list[str]]:
    if delimiter == " ":
        yield from (line.lstrip("# ").split() for line in lines if line.strip())
        return
    text = io.StringIO("\n".join(line.replace("\0", "") for line in lines))
    csv.field_size_limit(1 << 24)
    yield from (row for row in csv.reader(text, delimiter=delimiter, skipinitialspace=True) if any(c.strip() for c in row))


def _whole_rows(body: list[list[str]], width: int, *, ended: bool) -> tuple[list[list[str]], tuple[Event, ...]]:
    """Drop a last row that was cut in the middle; fill rows that are short."""
    events: tuple[Event, ...] = ()
    if body and not ended and len(body[-1]) < width and len(body) > 1 and len(body[-2]) >= width:
        events = (Event(kind="truncated", message=f"the last row has {len(body[-1])} of {width} cells and was left out"),)
        body = body[:-1]
    return [row + [""] * (width - len(row)) for row in body], events


def _table(header: Sequence[str], body: Sequence[Sequence[str]], delimiter: str) -> dict[str, tables.Column]:
    """Columns by name; a name that stands twice gets a number, so that nothing is lost."""
    found: dict[str, tables.Column] = {}
    cells = list(zip(*body, strict=False)) if body else [()] * len(header)
    for name, column in zip(header, cells, strict=False):
        unique, again = name, 2
        while unique in found:
            unique, again = f"{name}.{again}", again + 1
        found[unique] = tables.column([c.strip() for c in column], decimal_comma=delimiter != ",")
    return found


def _with_events(logs: Iterator[Log], events: tuple[Event, ...]) -> Iterator[Log]:
    import dataclasses

    for log in logs:
        yield dataclasses.replace(log, events=log.events + events) if events else log


def _names(header: Sequence[str]) -> str:
    shown = ", ".join(header[:12])
    return f"{shown}, ... ({len(header)} columns)" if len(header) > 12 else shown
