"""Named columns of one length as any format gives them: numbers, words, or lists.

n is the number of rows. Words are held once each: a label that stands on ten million rows takes four bytes a row.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from mlcheck.readers import cells

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from mlcheck.readers.cells import Mask

BLANK_WORDS = frozenset(("", "nan", "NaN", "NAN", "null", "NULL", "NA", "N/A", "<NA>", "#N/A"))
"""Cells that hold no label. `None` and `none` may be the name of a class and are kept."""
CUT = "cut at the end of the file"
LONGEST_EXACT = 1 << 53


@dataclass(frozen=True, slots=True, eq=False)
class Numbers:
    """A column of numbers: (n,), or (n, k) where the file holds a block of k columns under one name. NaN is a blank."""

    value: npt.NDArray[Any]

    def __len__(self) -> int:
        return len(self.value)

    def rows(self, keep: Any) -> Numbers:
        """Return the rows of a mask, a slice or an order."""
        return Numbers(self.value[keep])

    @property
    def blank(self) -> Mask:
        """Which rows (n,) hold no number."""
        if self.value.dtype.kind != "f":
            return np.zeros(len(self.value), dtype=np.bool_)
        blank: Mask = np.isnan(self.value)
        return blank if blank.ndim == 1 else np.asarray(blank.any(axis=1), dtype=np.bool_)


@dataclass(frozen=True, slots=True, eq=False)
class Words:
    """A column of texts: `code` (n,) indexes `names`, all different, in the order of their first row; -1 is a blank."""

    code: npt.NDArray[np.int32]
    names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.code)

    def rows(self, keep: Any) -> Words:
        """Return the rows of a mask, a slice or an order."""
        return Words(self.code[keep], self.names)

    @property
    def blank(self) -> Mask:
        """Which rows (n,) hold no text."""
        return self.code < 0

    def texts(self) -> list[str]:
        """Return the text of each row, "" for a blank."""
        names = (*self.names, "")
        return [names[code] for code in self.code.tolist()]


@dataclass(frozen=True, slots=True, eq=False)
class Lists:
    """A column of lists or objects, as JSON holds them; None is a blank."""

    items: tuple[object, ...]

    def __len__(self) -> int:
        return len(self.items)

    def rows(self, keep: Any) -> Lists:
        """Return the rows of a mask, a slice or an order."""
        return Lists(tuple(self.items[i] for i in np.arange(len(self.items))[keep]))

    @property
    def blank(self) -> Mask:
        """Which rows (n,) hold nothing."""
        return np.array([item is None for item in self.items], dtype=np.bool_)


Column: TypeAlias = Numbers | Words | Lists


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """Columns by name, each of `size` rows. `named` says that the file names them; otherwise they are numbered.

    `dropped` counts rows of the file that could not be read, by reason.
    """

    columns: Mapping[str, Column]
    size: int
    named: bool = True
    dropped: Mapping[str, int] = field(default_factory=dict)

    def rows(self, keep: Any) -> Frame:
        """Return the rows of a mask, a slice or an order."""
        columns = {name: column.rows(keep) for name, column in self.columns.items()}
        size = len(next(iter(columns.values()))) if columns else len(np.arange(self.size)[keep])
        return replace(self, columns=columns, size=size)

    def only(self, names: Iterable[str]) -> Frame:
        """Return the frame with only these columns, in this order."""
        return replace(self, columns={name: self.columns[name] for name in names})


def are_whole(value: npt.NDArray[Any]) -> bool:
    """Whether all numbers are whole ones that a float tells apart."""
    if value.dtype.kind != "f":
        return True
    with np.errstate(invalid="ignore"):
        return bool(((value == np.rint(value)) & (np.abs(value) < LONGEST_EXACT)).all())


def words(texts: Sequence[str]) -> Words:
    """Return texts as a column; blanks around them do not count."""
    place: dict[str, int] = {}
    known: dict[str, int] = {}
    for text in dict.fromkeys(texts):
        stripped = text.strip()
        known[text] = -1 if stripped in BLANK_WORDS else place.setdefault(stripped, len(place))
    code = np.fromiter(map(known.__getitem__, texts), dtype=np.int32, count=len(texts))
    return Words(code, tuple(place))


def from_texts(texts: Sequence[str], *, decimal_comma: bool = False) -> Numbers | Words:
    """Return cells as numbers where all that are not blank are plain numbers, else as words.

    Whole numbers stay whole (int64) where no cell is blank. "0,5" is a number where `decimal_comma`.

    >>> from_texts(["1", "2"]).value.tolist(), from_texts(["1", "", "nan"]).value.tolist(), from_texts(["a", "1"]).names
    ([1, 2], [1.0, nan, nan], ('a', '1'))
    """
    value = _numbers(texts)
    if value is not None:
        return Numbers(value)
    column = words(texts)
    value = named_numbers(column, decimal_comma=decimal_comma)
    return column if value is None else Numbers(value)


def _numbers(texts: Sequence[str]) -> npt.NDArray[Any] | None:
    if any("_" in text for text in texts):  # Python reads 2024_05 as a number
        return None
    try:
        return np.array(list(map(int, texts)), dtype=np.int64)
    except (ValueError, OverflowError):
        pass
    try:
        value = np.array(list(map(float, texts)), dtype=np.float64)
    except ValueError:
        return None
    return None if _too_long(texts) else value


def _too_long(texts: Sequence[str]) -> bool:
    """Whether there are whole numbers that a float does not tell apart: identifiers."""
    return any(len(text) > 15 and text.strip().lstrip("-").isdigit() for text in texts)


def named_numbers(column: Words, *, decimal_comma: bool = False) -> npt.NDArray[np.float64] | None:
    """Return the numbers (n,) that a column of words spells, NaN for blanks and `None`; None where a word is no number."""
    if not column.names:
        return np.full(len(column), np.nan)
    found = [number(name, decimal_comma=decimal_comma) for name in column.names]
    gone = [
        value is None and name.lower() in cells.MISSING
        for name, value in zip(column.names, found, strict=True)
    ]
    if all(gone) or any(v is None and not blank for v, blank in zip(found, gone, strict=True)):
        return None
    if _too_long(column.names):
        return None
    spelled = [np.nan if value is None else value for value in found]
    return np.array([*spelled, np.nan], dtype=np.float64)[column.code]


def number(text: str, *, decimal_comma: bool = False) -> float | None:
    """Return the number that a text spells: a plain one, or one with a decimal comma where that may be; else None."""
    if "_" in text:
        return None
    try:
        return float(text)
    except ValueError:
        pass
    if decimal_comma and cells.DECIMAL_COMMA.fullmatch(text):
        return float(text.replace(".", "").replace(",", "."))
    return None


def from_objects(values: Sequence[object]) -> Column:
    """Return the values of one JSON column: numbers, words (truth values are words), a block, or lists."""
    kinds = set(map(type, values))
    if kinds <= {int, float, type(None)}:
        return _json_numbers(values, kinds)
    if kinds <= {str, type(None)}:
        return from_texts(["" if value is None else str(value) for value in values])
    if kinds <= {str, int, float, bool, type(None)}:
        return words(["" if value is None else str(value) for value in values])
    if kinds <= {list, type(None)} and all(value is None or len(value) == 1 for value in values):  # type: ignore[arg-type]  # lists
        return from_objects([value if value is None else value[0] for value in values])  # type: ignore[index]  # lists
    if kinds <= {list}:
        block = _block(_first_of_pairs(values))
        if block is not None:
            return Numbers(block)
    return Lists(tuple(values))


def _json_numbers(values: Sequence[object], kinds: set[type]) -> Numbers | Words:
    try:
        if kinds == {int}:
            return Numbers(np.array(values, dtype=np.int64))
        return Numbers(np.array(values, dtype=np.float64))  # None becomes NaN
    except OverflowError:  # a number of more digits than any type holds
        return words(["" if value is None else str(value) for value in values])


def _first_of_pairs(values: Sequence[Any]) -> Sequence[Any]:
    """Return lists of numbers for lists of [log-likelihood, whether it is the greedy choice], as harnesses write them."""
    if not all(isinstance(cell, list) and len(cell) == 2 for row in values for cell in row):
        return values
    if not all(str(cell[1]) in ("True", "False") for row in values for cell in row):
        return values
    found = [[number(str(cell[0])) for cell in row] for row in values]
    return found if all(cell is not None for row in found for cell in row) else values


def _block(values: Sequence[Any]) -> npt.NDArray[Any] | None:
    """Return lists of as many numbers each as (n, k); None where they are something else."""
    width = len(values[0]) if values else 0
    if not width or any(len(row) != width for row in values):
        return None
    inner = {type(cell) for row in values for cell in row}
    if not inner <= {int, float}:
        return None
    try:
        return np.array(values, dtype=np.int64 if inner == {int} else np.float64)
    except OverflowError:
        return None


def from_array(value: npt.NDArray[Any]) -> Column | None:
    """Return an array of one or two dimensions as a column; None for a type that is neither number nor text."""
    if value.ndim == 2 and value.shape[1] == 1:
        value = value[:, 0]
    if value.dtype.kind in "fiu":
        return Numbers(_held(value))
    if value.dtype.kind == "b":
        if value.ndim == 2:
            return Numbers(value)
        return Words(value.astype(np.int32), ("False", "True"))
    if value.dtype.kind in "US" and value.ndim == 1:
        texts = value.tolist()
        return from_texts([t.decode("utf-8", "replace") if isinstance(t, bytes) else t for t in texts])
    return None


def _held(value: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return numbers in the machine's byte order; half precision as single, extended as double."""
    kind = {"f2": "f4", "f16": "f8"}.get(value.dtype.str[1:], value.dtype.str[1:])
    return np.ascontiguousarray(value.astype(np.dtype(kind), copy=False))


def joined(parts: Sequence[Column]) -> Column:
    """Return the rows of several parts of one column under each other."""
    if len(parts) == 1:
        return parts[0]
    if all(isinstance(part, Numbers) for part in parts):
        blocks = [part.value for part in parts if isinstance(part, Numbers)]
        if len({block.shape[1:] for block in blocks}) == 1:
            return Numbers(np.concatenate(blocks))
    if any(isinstance(part, Lists) or (isinstance(part, Numbers) and part.value.ndim > 1) for part in parts):
        return Lists(tuple(item for part in parts for item in objects(part)))
    return _joined_words([as_words(part) for part in parts])


def _joined_words(parts: Sequence[Words]) -> Words:
    place: dict[str, int] = {}
    codes = []
    for part in parts:
        new = [place.setdefault(name, len(place)) for name in part.names]
        codes.append(np.array([*new, -1], dtype=np.int32)[part.code])
    return Words(np.concatenate(codes), tuple(place))


def objects(column: Column) -> list[object]:
    """Return the cells as plain objects, None for blanks."""
    if isinstance(column, Lists):
        return list(column.items)
    if isinstance(column, Words):
        names = (*column.names, None)
        return [names[code] for code in column.code.tolist()]
    return list(column.value.tolist())


def as_words(column: Column) -> Words:
    """Return a column as texts; a whole number is written without a fraction, a list as it prints."""
    if isinstance(column, Words):
        return column
    if isinstance(column, Lists):
        return words(["" if item is None else str(item) for item in column.items])
    value = column.value if column.value.ndim == 1 else column.value[:, 0]
    distinct, code = np.unique(value, return_inverse=True)
    names = [spelled(number) for number in distinct.tolist()]
    coded = code.astype(np.int32)
    blank = column.blank
    if blank.any():
        coded[blank] = -1
        names = names[: int(np.count_nonzero(~np.isnan(distinct)))]
    return Words(coded, tuple(names))


def spelled(value: int | float) -> str:  # noqa: PYI041  (the two are written differently)
    """Return a number as a label is written: 3.0 as 3.

    >>> spelled(3.0), spelled(0.5), spelled(-1)
    ('3', '0.5', '-1')
    """
    if isinstance(value, float) and value.is_integer() and abs(value) < LONGEST_EXACT:
        return str(int(value))
    return str(value)
