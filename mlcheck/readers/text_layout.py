"""How a printed line is laid out: which of its numbers are counters, which are values, and what they are called.

A line is cut at its numbers. What stands between them is the layout, the same for all lines that one print statement
wrote; it is understood once, however often it recurs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mlcheck.readers import roles
from mlcheck.readers.text_lines import BAR
from mlcheck.readers.text_names import (
    ABSOLUTE,
    MENTIONS,
    NO_HEADING,
    SCOPES,
    STOP_WORDS,
    WORD,
    counter,
    heading,
    is_measure,
    is_result,
    may_be_curve,
    named,
    scope,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mlcheck.model import Split

NUMBER = re.compile(
    r"((?=[-+.\dnNiI])(?:(?<![\w.@#-])|(?<=poch-))"
    r"[+-]?(?:\d\.#(?:QNAN|SNAN|IND|INF)\d*|(?:[1-9]\d{0,2}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?"
    r"|(?:nan|NaN|NAN|inf|Inf|INF|[Ii]nfinity)(?!\w)))"
)
UNIT = re.compile(r"[^\W\d]|_|µ|\.\S|[-/]\d")
"""What directly behind a number makes it a time, a size, a version or a date."""
UNIT_WORD = re.compile(r"^[^\W\d][^\s,;|)\]]*")
TABLE_GAP = re.compile(r"\t|\s{2,}|[|│┃]")
BORDERS = ("|", "│", "┃")
ONE_BORDER = str.maketrans("│┃", "||")
FIELD = re.compile(r"[|│┃] ?([^|│┃]{1,60}?) ?[|│┃] ?$")
SECTION = re.compile(r"[|│┃] ?([\w .-]{1,40}/) ?[|│┃](?: ?[|│┃])?$")
"""A box of names and values: `| ep_rew_mean | 28.2 |` in a section `| rollout/ | |`."""
NAME_BEHIND = re.compile(r" ?([A-Za-z][\w ]{0,40}?)(?:[,;|]|$)")
EPOCH_BEHIND = re.compile(r"\s*\*?\s*[Ee]poch\b")
AVERAGED = re.compile(r"\(\s*(?:avg|average|mean)?\s*[:=]?\s*")
SHORT_COUNTERS = {"s": "step", "i": "step", "it": "step", "e": "epoch", "ep": "epoch"}
"""One-letter counters, believed only as the very first word of a line."""
MAX_STRAY_WORDS = 10
"""A line with more words beside its names (and two more a number) is prose."""
MAX_HEADING_WORDS = 5
MAX_HEAD = 300
MAX_CELL = 60
"""Longer lines head no table, longer cells name no column."""
MAX_RAW = 2000


@dataclass(frozen=True, slots=True)
class Value:
    """A number that is a point of a curve: its place in the line, its name, and the split if said outside the name.

    `over` is the place of the whole that it is a share of (`Accuracy: 9824/10000`).
    """

    slot: int
    name: str
    split: Split | None
    over: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """What the numbers of a line mean, by their place in the line.

    `inner` marks a `done/total` that counts within the epoch or bar; `bar` names the progress bar whose states
    overwrite each other. `heading` is the split that a line without values announces; `cells` are those of a line
    that may be a row (int: a number's place) or the head of a table. `announces` marks a counter without values that
    holds for the lines below. `part` says that the line tells of a part of an epoch, `field` names the row of a box
    and `section` what names of the rows below it begin with.
    """

    epoch: int | None = None
    step: int | None = None
    total: int | None = None
    inner: bool = False
    batches: bool = False
    bar: str | None = None
    values: tuple[Value, ...] = ()
    heading: Split | None = None
    cells: tuple[str | int, ...] = ()
    announces: bool = False
    part: bool = False
    field: str = ""
    section: str = ""

    @property
    def counts(self) -> bool:
        """Whether the line itself says where in the run it stands."""
        return self.epoch is not None or self.step is not None

    def slots(self) -> tuple[int, ...]:
        """Return the places of all numbers that matter, in ascending order."""
        used = {self.epoch, self.step, self.total}.union(*((v.slot, v.over) for v in self.values))
        return tuple(
            sorted({u for u in used if u is not None}.union(c for c in self.cells if isinstance(c, int)))
        )


@dataclass(slots=True)
class _Slot:
    name: str
    outside: str
    total: bool
    unit: bool
    gap: str


def number(text: str) -> float:
    """Return the number as Python, C or Windows print it."""
    try:
        return float(text)
    except ValueError:
        if "#" in text:
            return float("nan") if "INF" not in text else float("-inf" if text[0] == "-" else "inf")
        return float(text.replace(",", ""))


def understand(pieces: Sequence[str], raw: str) -> Layout | None:
    """Return what a line means that is cut into `pieces` at its numbers; None where it means nothing to a curve.

    `raw` is the line with its blanks, which alone show the columns of a table's head.
    """
    if len(pieces) == 1:
        return _without_numbers(pieces[0], raw)
    if len(pieces) == 2 and pieces[1].strip(" %") in BORDERS and (row := FIELD.match(pieces[0])):
        return Layout(field=row[1], values=(Value(0, row[1], None),))
    if pieces[0].startswith(BORDERS) and (cells := _row(pieces)):
        return cells
    found = _Reading(list(_slots(pieces)), pieces, raw).layout()
    speaks = any(len(w) > 1 for piece in pieces for w in WORD.findall(piece))
    if found and (found.values or found.heading or (found.counts and speaks)):
        return found
    return _row(pieces) or found


def _slots(pieces: Sequence[str]) -> Iterator[_Slot]:
    for i, before in enumerate(pieces[:-1]):
        name, outside = named(UNIT_WORD.sub("", before) if i else before)
        gap = before.strip()
        total = i > 0 and gap in ("/", "of", "out of")
        if (
            not name
            and gap in ("", ",", ";")
            and i
            and (behind := NAME_BEHIND.match(pieces[i + 1]))
            and is_result(behind[1])
        ):
            name = behind[1]  # 4259: 0.534, 0.945 avg loss, 0.001 rate
        yield _Slot(name=name, outside=outside, total=total, unit=bool(UNIT.match(pieces[i + 1])), gap=gap)


class _Reading:
    """One pass over the numbers of a line, from left to right."""

    def __init__(self, slots: Sequence[_Slot], pieces: Sequence[str], raw: str) -> None:
        self.slots = slots
        self.raw = raw[:MAX_RAW]
        self.pieces = pieces
        self.words = [w.lower() for piece in pieces for w in WORD.findall(piece) if len(w) > 1]
        self.epoch: int | None = None
        self.step: int | None = None
        self.total: int | None = None
        self.inner = False
        self.plural = False
        self.batches = False
        self.part = False
        self.guessed = False
        self.split: Split | None = None
        self.named: Split | None = None
        self.values: list[Value] = []

    def layout(self) -> Layout | None:
        """Read the line; None for prose and for closing summaries."""
        for i, slot in enumerate(self.slots):
            self.split = scope(slot.outside) or self.split
            if slot.total:
                if i - 1 == self.step:
                    self.total = i
            elif not slot.unit:
                self._take(i, slot)
        stray = len(self.words) - sum(len(WORD.findall(v.name)) for v in self.values)
        # the Trainer's last word: a mean over the run
        sums_up = any(slot.name == "train_runtime" for slot in self.slots)
        if sums_up or MENTIONS.intersection(self.words[:1]) or stray > MAX_STRAY_WORDS + 2 * len(self.slots):
            return None
        if self.guessed and self.values and not any(is_measure(v.name) for v in self.values):
            return None
        return Layout(
            epoch=self.epoch, step=self.step, total=self.total, inner=self.inner, batches=self.batches, bar=self._bar(),
            values=tuple(self._as_printed(v) for v in self._results()), heading=self._heading(), announces=self._announces(), part=self.part,
        )  # fmt: skip

    def _as_printed(self, value: Value) -> Value:
        """Return the value with the blanks that the file has in its name: `DEV  : loss`."""
        if ":" not in value.name:
            return value
        printed = re.search(r"\s*".join(map(re.escape, value.name.replace(":", " : ").split())), self.raw)
        return replace(value, name=printed[0]) if printed else value

    def _results(self) -> Iterator[Value]:
        """Yield the values; where the line sums up, the mean in brackets stands for the value: `loss: 0.379 (0.425)`."""
        means = self.words[:1] == ["averaged"] or (
            self._bar() is not None and self.split in ("validation", "test")
        )
        for value in self.values:
            behind = value.slot + 1
            averaged = behind < len(self.slots) and AVERAGED.fullmatch(self.slots[behind].gap)
            closed = averaged and self.pieces[behind + 1].lstrip().startswith(")")
            yield replace(value, slot=behind) if means and closed else value

    def _take(self, i: int, slot: _Slot) -> None:
        if slot.name.lower() in SCOPES and self._has_total(i):  # Test: [10/98]
            self.split, slot.name = scope(slot.name), ""
        kind = counter(slot.name) if slot.name else self._nameless(i, slot)
        self.guessed = self.guessed or bool(kind and not slot.name and not self._has_total(i))
        if i == 0 and not kind and self.pieces[0].strip(" :=") in SHORT_COUNTERS:
            kind = SHORT_COUNTERS[self.pieces[0].strip(" :=")]
        if i == 0 and not kind and slot.name.lower() in SCOPES and self._is_counted_next(i + 1):
            kind = "epoch"
        if kind == "epoch" and self.epoch is None:
            self.epoch = i
        elif kind == "step" and (self.step is None or not ABSOLUTE.isdisjoint(roles.words(slot.name))):
            self.part = self.step is not None
            self.step, self.total, self.inner = i, None, not slot.name
            self.batches = roles.words(slot.name)[-1:] in (("batch",), ("minibatch",))
        elif (
            not kind
            and slot.name
            and may_be_curve(slot.name)
            and not (roles.guess(slot.name).bare and self._has_total(i))
        ):
            self._add(i, slot.name)
        if kind:
            self.split = scope(slot.name) or self.split
            self.plural = self.plural or slot.name.lower().endswith("s")

    def _nameless(self, i: int, slot: _Slot) -> str | None:
        """Say what counts a number without a name: `[640/60000]`, `[2, 2000]`, a leading `10/100`, `[10]`, `10:`."""
        after = self.pieces[i + 1]
        if (
            i == 0 and slot.gap[-1:] == "[" and self._has_total(0) and self._is_counted_next(2)
        ):  # [0/5][50/1583]
            return "epoch"
        if (
            i == 0 and self._has_total(0) and EPOCH_BEHIND.match(self.pieces[2])
        ):  # 1/3 * Epoch (train): loss=0.5
            return "epoch"
        if self._has_total(i) and self.step is None and (i == 0 or self.epoch is not None or BAR in slot.gap):
            return "step"
        if i == 1 and self.epoch == 0 and slot.gap == "," and self.pieces[0].strip() == "[":
            return "step"
        if (
            i < 2
            and after.startswith("|")
            and [p.strip() for p in self.pieces[: i + 1]] == ["", "|"][: i + 1]
        ):
            return (
                "epoch" if i == 0 and len(self.pieces) > 3 and self.pieces[2][:1] == "|" else "step"
            )  # 1|20|Loss:
        if i or slot.gap not in ("", "[", "("):
            return None
        if slot.gap == "[" and after.strip() == "," and len(self.pieces) > 3:
            return "epoch"
        word = after.strip(" :=")
        leads = (after[:1] == ":" and word[:1].isalpha()) or after.startswith("] ")
        # `250 val 6.31`
        alone = len(self.pieces) == 3 and after == f" {word} " and not self.pieces[2].strip()
        counted = (
            slot.gap == "" and after == ": " and any(s.name and is_result(s.name) for s in self.slots[1:3])
        )
        return (
            "step"
            if leads or counted or (alone and is_measure(word) and not STOP_WORDS.intersection(word.split()))
            else None
        )

    def _has_total(self, i: int) -> bool:
        return i + 1 < len(self.slots) and self.slots[i + 1].total

    def _is_counted_next(self, i: int) -> bool:
        return i < len(self.slots) and self.slots[i].gap in ("[", "][", "] [") and self._has_total(i)

    def _add(self, i: int, name: str) -> None:
        said = scope(name)
        self.named = said or self.named
        metric = roles.guess(name).role.quantity == "metric"
        split = None if said else self.split or (self.named if metric else None)  # train loss 0.4 acc 0.9
        taken = {(v.name, v.split) for v in self.values}
        if (name, split) in taken and not said:
            split = self.named
        if (name, split) not in taken:
            self.values.append(Value(i, name, split, i + 1 if metric and self._has_total(i) else None))

    def _announces(self) -> bool:
        """Whether a line without values heads the lines that follow: `Epoch 3/40`, `---- epoch 3`."""
        assigned = "=" in self.pieces[0] and "==" not in self.pieces[0]
        quiet = len(self.words) <= MAX_HEADING_WORDS and not NO_HEADING.intersection(self.words)
        return not self.values and quiet and not assigned and not self.plural

    def _heading(self) -> Split | None:
        says_more = self.values or self.epoch is not None or self.step is not None
        return None if says_more else heading(" ".join(self.pieces))

    def _bar(self) -> str | None:
        """Name the bar whose states overwrite each other; the running averages of an evaluation are such a bar too."""
        drawn = any(BAR in piece for piece in self.pieces)
        leading = self.step == 0 and self.inner and self.total == 1 and self.pieces[0] == ""
        evaluating = self.inner and self.split in ("validation", "test")
        if self.total is None or not (drawn or leading or evaluating):
            return None
        label = self.pieces[0].split(BAR)[0]
        return f"{self.split or ''}:{' '.join(WORD.findall(label.split(':')[0]))}"


def _without_numbers(text: str, raw: str) -> Layout | None:
    if len(text) > MAX_HEAD:
        return None
    if section := SECTION.match(text):
        return Layout(section=section[1].strip())
    raw = raw[max(raw.find(text.split(" ", 1)[0]), 0) :]
    cells = tuple(c.strip(" #") for c in TABLE_GAP.split(raw.strip()) if c.strip())
    if len(cells) < 2:
        cells = tuple(c.strip("#") for c in text.split())
    if len(cells) < 2 or not any(counter(c) or is_measure(c) for c in cells if len(c) < MAX_CELL):
        cells = ()
    told = heading(text) if len(text) < MAX_CELL else None
    return Layout(heading=told, cells=cells) if told or cells else None


def _row(pieces: Sequence[str]) -> Layout | None:
    """Return the cells of a line that is nothing but numbers, or numbers behind one label."""
    line = "".join(f"{piece}\0{i}\0" for i, piece in enumerate(pieces[:-1])) + pieces[-1]
    line = line.split(BAR)[0].strip()
    line = line.translate(ONE_BORDER)
    texts = [c.strip() for c in line.strip("|").split("|")] if "|" in line else line.split()
    cells: list[str | int] = []
    for text in texts:
        parts = text.split("\0")
        counted = len(parts) == 5 and parts[2] == "/"
        lone = counted or (len(parts) == 3 and not parts[0] and parts[2] in ("", "%"))
        cells.append(int(parts[1]) if lone else text if len(parts) == 1 else "")
    numbers = sum(isinstance(c, int) for c in cells)
    words = sum(isinstance(c, str) and c[:1].isalpha() for c in cells)
    return Layout(cells=tuple(cells)) if numbers and words <= 1 and len(cells) >= 2 else None
