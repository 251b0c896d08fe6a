"""A column as a file holds it, before its kind is known: numbers with a few odd cells, points in time, texts, images.

n is the number of rows. Texts are held once each, so that a word on a million rows takes four bytes a row.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from mlcheck.readers import cells
from mlcheck.readers.predictions import frame
from mlcheck.readers.predictions.frame import Numbers, Words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    from mlcheck.model.dataset import Ints, Pixels
    from mlcheck.model.report import Problem

BLANK = frozenset(("", "nan", "NaN", "NAN", "-nan", "NA", "<NA>", "null", "NULL", "NaT"))
"""Cells that programs write for a missing value; "N/A", "?" or "unknown" are people's words and are told as odd."""
NO_NUMBER = cells.MISSING | frozenset(
    ("nan", "?", "??", ".", "..", "...", "*", "unknown", "unk", "undefined", "not available", "not applicable",
     "not known", "no data", "nodata", "empty", "blank", "tbd", "n.a.", "n.a", "n/d", "nd", "#value!", "#div/0!",
     "#ref!", "#name?", "#num!", "#null!", "inf", "-inf", "+inf", "infinity", "-infinity")
)  # fmt: skip
"""Texts (in lower case) that stand for no number in a column of numbers, however many of them there are."""
ODD_SHARE = 0.05
MOST_ODD = 100
"""Of other texts a column of numbers holds at most this share of its cells, and this many different ones."""
LONGEST_EXACT = float(1 << 53)
"""From here on a float does not tell whole numbers apart: they are read as identifiers."""
LONGEST_DIGITS = 15


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Raw:
    """A column of n rows: `numbers` float64 (n,) with NaN for no number, or `words`, or `pixels` (n, height, width, 3).

    `is_date` says that the numbers are seconds since 1970 (UTC), `is_flag` that they are truth values. Cells that are
    no numbers among numbers stand at `odd_rows` and hold the texts `odd`.
    """

    numbers: npt.NDArray[np.float64] | None = None
    words: Words | None = None
    pixels: Pixels | None = None
    is_date: bool = False
    is_flag: bool = False
    odd: Words = field(default_factory=lambda: Words(np.zeros(0, dtype=np.int32), ()))
    odd_rows: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    def __len__(self) -> int:
        for values in (self.numbers, self.words, self.pixels):
            if values is not None:
                return len(values)
        return 0

    @property
    def odd_counts(self) -> Mapping[str, int]:
        """How often each odd text stands, the most frequent first."""
        counts = np.bincount(self.odd.code, minlength=len(self.odd.names))
        order = np.argsort(-counts, kind="stable")
        return {self.odd.names[i]: int(counts[i]) for i in order.tolist() if counts[i]}

    def as_words(self) -> Words:
        """Return the column as texts; odd cells are texts again."""
        if self.words is not None:
            return self.words
        assert self.numbers is not None  # noqa: S101  (images are never mixed with texts)
        spelled = frame.as_words(Numbers(self.numbers))
        if not len(self.odd_rows):
            return spelled
        code = spelled.code.copy()
        code[self.odd_rows] = self.odd.code + len(spelled.names)
        return Words(code, (*spelled.names, *self.odd.names))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Table:
    """What one input holds: columns by name, each of `size` rows, in the order of the file.

    `name` is the input as reports show it, `reader` the format. `problems` are parts that could not be read.
    """

    name: str
    reader: str
    columns: Mapping[str, Raw]
    size: int
    problems: tuple[Problem, ...] = ()


def of_numbers(value: npt.NDArray[Any]) -> Raw:
    """Return numbers as a column; an infinite one is an odd cell.

    >>> made = of_numbers(np.array([1.0, np.inf]))
    >>> made.numbers.tolist(), dict(made.odd_counts)
    ([1.0, nan], {'inf': 1})
    """
    held = np.ascontiguousarray(value, dtype=np.float64)
    with np.errstate(invalid="ignore", over="ignore"):
        total = held.sum()  # a quick look: finite only where every term is
    if np.isfinite(total):
        return Raw(numbers=held)
    rows = np.flatnonzero(np.isinf(held))
    if not len(rows):
        return Raw(numbers=held)
    code = np.asarray(held[rows] < 0, dtype=np.int32)
    held = held.copy()
    held[rows] = np.nan
    return Raw(numbers=held, odd=Words(code, ("inf", "-inf")), odd_rows=rows.astype(np.int64))


def tidied(words: Words) -> Words:
    """Return texts without the blanks around them and without those that say that a value is missing."""
    place: dict[str, int] = {}
    new: list[int] = []
    for name in words.names:
        stripped = name.strip()
        new.append(-1 if stripped in BLANK else place.setdefault(stripped, len(place)))
    if len(place) == len(words.names) and tuple(place) == words.names:
        return words
    return Words(np.array([*new, -1], dtype=np.int32)[words.code], tuple(place))


def as_numbers(words: Words, *, decimal_comma: bool = False) -> Raw | None:
    """Return tidy texts as numbers with odd cells, None where they are no column of numbers.

    Odd are texts that stand for no number (any share of the cells), and others: at most 5 % of the cells.

    >>> made = as_numbers(frame.words(["1", "2", "?", "4"]))
    >>> made.numbers.tolist(), dict(made.odd_counts), made.odd_rows.tolist()
    ([1.0, 2.0, nan, 4.0], {'?': 1}, [2])
    """
    value = np.array([_number(name, decimal_comma) for name in words.names], dtype=np.float64)
    is_odd = ~np.isfinite(value)
    counts = np.bincount(words.code + 1, minlength=len(words.names) + 1)[1:]
    if not counts[~is_odd].sum():
        return None
    places = np.flatnonzero(is_odd).tolist()
    strange = [i for i in places if words.names[i].lower() not in NO_NUMBER]
    if len(strange) > MOST_ODD or counts[strange].sum() > ODD_SHARE * counts.sum():
        return None
    value[is_odd] = np.nan
    numbers = np.append(value, np.nan)[words.code]
    if not places:
        return Raw(numbers=numbers)
    rows = np.flatnonzero(np.append(is_odd, False)[words.code])
    order = np.cumsum(is_odd, dtype=np.int32) - 1
    return Raw(
        numbers=numbers,
        odd=Words(order[words.code[rows]], tuple(words.names[i] for i in places)),
        odd_rows=rows.astype(np.int64),
    )


def _number(text: str, decimal_comma: bool) -> float:
    """Return the number that a cell spells, NaN for none: plain, in thousands, with a decimal comma, in percent."""
    try:
        value = float(text)
    except ValueError:
        return _spelled(text.removesuffix("%").rstrip(), decimal_comma)
    if "_" in text or (len(text) > LONGEST_DIGITS and text.lstrip("-").isdigit()):
        return float("nan")
    return value


def _spelled(text: str, decimal_comma: bool) -> float:
    if text[:1] in ("$", "€", "£"):
        text = text[1:].lstrip()
    if "_" in text or (not text[:1].isdigit() and text[:1] not in ("-", "+", ".")):
        return float("nan")
    if decimal_comma and cells.DECIMAL_COMMA.fullmatch(text):
        return float(text.replace(".", "").replace(",", "."))
    if cells.THOUSANDS.fullmatch(text):
        return float(text.replace(",", ""))
    try:
        return float(text)
    except ValueError:
        return float("nan")


def joined(parts: Sequence[Raw]) -> Raw | None:
    """Return parts of one column under each other; None where some are numbers and some are texts."""
    if len(parts) == 1:
        return parts[0]
    values = [part.numbers for part in parts if part.numbers is not None]
    if len(values) == len(parts):
        starts = np.cumsum([0, *(len(value) for value in values)])
        rows = [part.odd_rows + start for part, start in zip(parts, starts.tolist(), strict=False)]
        return Raw(
            numbers=np.concatenate(values),
            is_date=all(part.is_date for part in parts),
            is_flag=all(part.is_flag for part in parts),
            odd=joined_words([part.odd for part in parts]),
            odd_rows=np.concatenate(rows),
        )
    texts = [part.words for part in parts if part.words is not None]
    return Raw(words=joined_words(texts)) if len(texts) == len(parts) else None


def joined_words(parts: Sequence[Words]) -> Words:
    """Return parts of a column of texts under each other; each text is held once."""
    place: dict[str, int] = {}
    codes = []
    for part in parts:
        new = [place.setdefault(name, len(place)) for name in part.names]
        codes.append(np.array([*new, -1], dtype=np.int32)[part.code])
    return Words(np.concatenate(codes), tuple(place))
