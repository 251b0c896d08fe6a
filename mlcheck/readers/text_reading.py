"""How printed text is read: by layouts learned from the file itself.

No list of frameworks: every line is cut at its numbers, what stands between them says what they are (a counter, a
value with a name), and only what recurs as a curve does is believed. So progress bars of Keras and tqdm, nanoGPT,
llm.c, Caffe, Flair, nnU-Net, dictionaries of the Hugging Face Trainer and home-made lines are read by the same code.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlcheck.errors import NothingToRead
from mlcheck.model import Event
from mlcheck.readers import text_events, text_runs
from mlcheck.readers.log import Log
from mlcheck.readers.text_columns import Columns, columns
from mlcheck.readers.text_layout import BORDERS, NUMBER, understand
from mlcheck.readers.text_lines import Screen, cleaned, listings, screen
from mlcheck.readers.text_names import counter
from mlcheck.readers.text_timeline import Group

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mlcheck.model import Scalar
    from mlcheck.readers.source import Source

READER = "text"
HEAD_LINES = 5000
"""How many lines before the first point of a curve are searched for hyperparameters."""
TELLING = re.compile(
    r"loss|acc|err|epoch|step|iter|batch|train|val|test|dev|eval|score|auc|f1|dice|iou|ppl|bleu|lr|grad|norm|\bs:|\be:|\bep|reward"
    r"|return|mse|mae|nll|perplex|metric|ap\b|^\W*\d",
    re.IGNORECASE,
)
LAYOUTS = 3000
"""How many layouts are understood at first sight; no program prints more."""
MAX_NUMBERS = 200
UNITS = frozenset(("", "ms", "s", "%", "}", ")", "]", "|", ","))


def read(source: Source) -> Iterator[Log]:
    """Yield one log per run in the text; one without channels where it holds nothing but the crash at its end.

    Raises NothingToRead where no value recurs under a name and no error ends the text.
    """
    seen = screen(source.read_text())
    reading = _Reading(seen)
    found = text_runs.parts(reading.groups(), seen.number, frozenset(source.columns.values()))
    ending = text_events.ending(seen, found[-1].last if found else -1)
    if not found and any(event.kind == "crash" for event in ending):
        found = [text_runs.Part(channels=(), events=(), first=len(seen.lines), last=len(seen.lines))]
    if not found:
        raise NothingToRead(
            source.name,
            "expected lines such as 'epoch 3: train loss 0.41 val loss 0.52', found no named value that recurs with a counter",
            "give a training log, or name a column with --column",
        )
    before = 0
    config: dict[str, Scalar] = {}
    for part in found:
        config = config | _config(seen, max(before, part.first - HEAD_LINES), part.first)
        last = reading.cut + ending if part is found[-1] else ()
        yield Log(
            source=source.name, reader=READER, key=source.name, channels=part.channels, config=config, events=part.events + last
        )  # fmt: skip
        before = part.last + 1


def _config(seen: Screen, first: int, last: int) -> dict[str, Scalar]:
    return text_events.settings(seen.lines[first : min(last, first + HEAD_LINES)])


class _Reading:
    """One pass over the lines, sorting them by layout. `cut` says that the last line ends in mid-record."""

    def __init__(self, seen: Screen) -> None:
        self.cut: tuple[Event, ...] = ()
        self._seen = seen
        self._known: dict[str, Group | _Glue | int | None] = {}
        self._columns: Columns | None = None

    def groups(self) -> list[Group]:
        """Return the lines that mean something, grouped by what they mean."""
        lines = self._seen.lines
        torn = len(lines) - 1 if not self._seen.whole else -1
        passed_over = {i for some in listings(lines) for i in some}
        passed_over |= self._seen.echoes
        for i, raw in enumerate(lines):
            if i in passed_over:
                continue
            parts = NUMBER.split(cleaned(raw if self._columns is None else self._columns.filled(raw)))
            if i == torn and self._is_cut(parts):
                message = "the text ends in the middle of a record, which is left out"
                self.cut = (Event(kind="truncated", message=message, at=float(self._seen.number[i])),)
                break
            self._take(i, parts)
        return [g for g in self._known.values() if isinstance(g, Group) and len(g.at)]

    def _take(self, i: int, parts: list[str]) -> None:
        key = "\0".join(parts[::2])
        group = self._known.get(key, -1)
        if group is None:
            return
        if isinstance(group, int):
            group = self._first_or_second(i, key, group)
        if isinstance(group, Group):
            group.add(i, parts)
            if group.layout.cells and not group.slots:
                self._columns = columns(self._seen.lines[i])
        elif group is not None:
            for record in group.records(parts):
                self._take(i, record)

    def _first_or_second(self, i: int, key: str, before: int) -> Group | _Glue | None:
        """Understand a layout; beyond the budget only one that recurs, so that prose costs little."""
        if before < 0 and len(self._known) > LAYOUTS:
            self._known[key] = i
            return None
        found = self._known[key] = _learn(key.split("\0"), self._seen.lines[i])
        if before >= 0 and isinstance(found, Group):
            found.add(before, NUMBER.split(cleaned(self._seen.lines[before])))
        return found

    def _is_cut(self, parts: list[str]) -> bool:
        """Whether a last line without line end is the beginning of a known layout, or its last number is too short."""
        key = "\0".join(parts[::2])
        group = self._known.get(key)
        if isinstance(group, Group) and len(parts) > 1 and not parts[-1]:
            before = {_decimals(NUMBER.split(cleaned(self._seen.lines[at]))[-2:][0]) for at in group.at[-5:]}
            return len(before) == 1 and _decimals(parts[-2]) < before.pop()
        if key in self._known or not key:
            return False
        return any(
            isinstance(g, Group) and g.layout.values and k.startswith(key) for k, g in self._known.items()
        )


@dataclass(frozen=True, slots=True)
class _Glue:
    """Several records printed on one line: where each but the first begins, and what ends the one before."""

    anchor: str
    cuts: tuple[tuple[int, str], ...]

    def records(self, parts: Sequence[str]) -> Iterator[list[str]]:
        """Cut a line into its records; a record's first piece is the anchor."""
        start, lead = 0, self.anchor
        for piece, unit in self.cuts:
            yield [lead, *parts[2 * start + 1 : 2 * piece], unit]
            start = piece
        yield [lead, *parts[2 * start + 1 :]]


def _learn(pieces: Sequence[str], raw: str) -> Group | _Glue | None:
    """Understand a line seen for the first time."""
    if len(pieces) < 3 and not pieces[0].startswith(BORDERS) and not any(map(TELLING.search, pieces)):
        return None
    if text_events.RAISED.match(pieces[0]):
        return None
    if glue := _glued(pieces):
        return glue
    layout = understand(pieces, raw) if len(pieces) <= MAX_NUMBERS else None
    return Group(layout, layout.slots()) if layout else None


def _glued(pieces: Sequence[str]) -> _Glue | None:
    anchor = pieces[0]
    if counter(anchor.strip(" :=[(")) is None:
        return None
    cuts = tuple(
        (i, piece[: -len(anchor)])
        for i, piece in enumerate(pieces[1:-1], 1)
        if piece.endswith(anchor) and piece[: -len(anchor)].strip() in UNITS
    )
    return _Glue(anchor, cuts) if cuts else None


def _decimals(text: str) -> int:
    return len(text.partition(".")[2])
