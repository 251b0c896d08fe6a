"""The numbers in the cells of a table: as programs, spreadsheets and people write them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlcheck.model import Floats

Mask: TypeAlias = npt.NDArray[np.bool_]

MISSING = frozenset(
    ("", "-", "--", "_", "null", "none", "na", "n/a", "#n/a", "<na>", "nil", "nat", "missing")
)
NOT_A_NUMBER = frozenset(
    ("nan", "1.#qnan", "-1.#qnan", "-1.#ind", "1.#ind", "+nan", "-nan", "1.#snan", "nan(ind)", "-nan(ind)")
)
INFINITE = frozenset(("inf", "infinity", "1.#inf"))
NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
WRAPPED = re.compile(
    rf"(?:(?:torch\.)?tensor|(?:np\.|numpy\.)?array|np\.float\d+|Array|DeviceArray)?[(\[]\s*\[?\s*({NUMBER}|nan|[-+]?inf)\s*\]?(?:,.*)?[)\]]"
)
THOUSANDS = re.compile(r"[-+]?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d*)?")
DECIMAL_COMMA = re.compile(r"[-+]?(?:\d*|\d{1,3}(?:\.\d{3})+),\d+(?:[eE][-+]?\d+)?")
FRACTION = re.compile(r"(\d+)\s*/\s*(\d+)")


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """One column: `value` (n,) with NaN for NaN and for blanks, `present` (n,) False for blanks.

    `texts` is set where the cells are mostly not numbers; `bad` lists the rows whose cell should be a number.
    """

    value: Floats
    present: Mask
    texts: tuple[str, ...] | None = None
    bad: tuple[int, ...] = ()

    def __len__(self) -> int:
        return len(self.value)

    def rows(self, mask: Mask) -> Column:
        """Return the column with only the rows of the mask."""
        texts = tuple(t for t, keep in zip(self.texts, mask, strict=True) if keep) if self.texts else None
        place = np.cumsum(mask) - 1
        return Column(
            self.value[mask], self.present[mask], texts, tuple(int(place[i]) for i in self.bad if mask[i])
        )

    def between(self, low: int, high: int) -> Column:
        """Return the column with the rows from `low` to before `high`; the numbers are not copied."""
        part = slice(low, high)
        bad = tuple(i - low for i in self.bad if low <= i < high)
        return Column(self.value[part], self.present[part], self.texts[part] if self.texts else None, bad)

    def at(self, order: npt.NDArray[np.intp]) -> Column:
        """Return the column with its rows in another order."""
        texts = tuple(self.texts[i] for i in order) if self.texts else None
        place = {int(old): new for new, old in enumerate(order)} if self.bad else {}
        return Column(self.value[order], self.present[order], texts, tuple(place[i] for i in self.bad))


def number(text: str, *, decimal_comma: bool = False) -> float | None:
    """Return the number that a cell shows (percent as printed, thousands, `tensor(1.2)`, `3/40`), None for no number.

    >>> number("93.1 %"), number("1,234"), number("tensor(0.5, device='cuda:0')"), number("3/40"), number("0.3x")
    (93.1, 1234.0, 0.5, 3.0, None)
    """
    text = text.strip().strip("\"'").strip()
    lower = text.lower()
    if lower in NOT_A_NUMBER:
        return float("nan")
    if lower.lstrip("+-") in INFINITE:
        return float("-inf") if lower.startswith("-") else float("inf")
    text = text.removesuffix("%").rstrip()
    if "_" not in text:  # Python reads 2024_05 as a number; a log means a name
        try:
            return float(text)
        except ValueError:
            pass
    if decimal_comma and DECIMAL_COMMA.fullmatch(text):
        return float(text.replace(".", "").replace(",", "."))
    if THOUSANDS.fullmatch(text):
        return float(text.replace(",", ""))
    if (found := WRAPPED.fullmatch(text)) or (found := FRACTION.fullmatch(text)):
        return float(found.group(1))
    return None


def column(cells: Sequence[str], *, decimal_comma: bool = False) -> Column:
    """Turn the texts of one column into numbers; a column with mostly other texts keeps them.

    `decimal_comma` says how to read "1,234" where no other cell of the column tells.
    """
    nan = float("nan")
    try:
        if "" not in cells:
            return Column(
                np.array(list(map(float, cells)), dtype=np.float64), np.ones(len(cells), dtype=np.bool_)
            )
        value = np.array([float(c) if c else nan for c in cells], dtype=np.float64)
    except ValueError:
        return _odd_column(cells, decimal_comma=_has_decimal_comma(cells, default=decimal_comma))
    return Column(value, np.array([bool(c) for c in cells], dtype=np.bool_))


def _has_decimal_comma(cells: Sequence[str], *, default: bool) -> bool:
    """Whether the comma of a column cuts off decimals: 0,53 does, 1,234,567 and 1,234.5 do not, 1,234 may."""
    commas = [c.strip(" \t\"'%") for c in cells if "," in c]
    grouped = [bool(THOUSANDS.fullmatch(c)) for c in commas]
    if any(alone and c.count(",") + c.count(".") > 1 for c, alone in zip(commas, grouped, strict=True)):
        return False
    return default or any(
        not alone and DECIMAL_COMMA.fullmatch(c) for c, alone in zip(commas, grouped, strict=True)
    )


def _odd_column(cells: Sequence[str], *, decimal_comma: bool) -> Column:
    nan = float("nan")
    missing = [c.strip().lower() in MISSING for c in cells]
    found = [
        None if gone else number(c, decimal_comma=decimal_comma)
        for c, gone in zip(cells, missing, strict=True)
    ]
    filled = len(cells) - sum(missing)
    bad = tuple(i for i, (f, gone) in enumerate(zip(found, missing, strict=True)) if f is None and not gone)
    value = np.array([nan if f is None else f for f in found], dtype=np.float64)
    present = np.array([f is not None for f in found], dtype=np.bool_)
    if len(bad) > filled / 2:
        return Column(value, present, tuple(cells))
    return Column(value, present, None, bad)


def json_column(cells: Sequence[object]) -> Column:
    """Turn the values of one JSON column into numbers; None is a blank, a text is read as a cell is."""
    kinds = set(map(type, cells))
    if kinds <= {float, int, bool, type(None)}:
        try:
            value = np.array(cells, dtype=np.float64)  # None becomes NaN
        except OverflowError:
            value = np.array([float("nan") if c is None else _as_float(c) for c in cells], dtype=np.float64)
        if type(None) not in kinds:
            return Column(value, np.ones(len(cells), dtype=np.bool_))
        return Column(value, np.array([c is not None for c in cells], dtype=np.bool_))
    return _odd_column(["" if c is None else str(c) for c in cells], decimal_comma=False)


def _as_float(cell: object) -> float:
    try:
        return float(cell)  # type: ignore[arg-type]  # int or float, tested by the caller
    except OverflowError:  # an integer of over 308 digits
        return float("inf")


def without_filler(columns: Mapping[str, Column]) -> dict[str, Column]:
    """Take out the NaN that only fill the gaps of sparse columns; a NaN that was logged stays.

    A NaN fills a gap where it stands at all but every k-th row, or on rows that hold another column's values while
    the two never have a number in one row (train and evaluation rows of one table). A table that has blanks, too,
    needs no filler: all its NaN stay.
    """
    numbers = {n: c for n, c in columns.items() if not c.texts}
    suspects = {
        n: c for n, c in numbers.items() if np.isnan(c.value).any() and np.isnan(c.value[c.present]).any()
    }
    if not suspects or any(np.count_nonzero(~c.present) > len(c.bad) for c in numbers.values()):
        return dict(columns)
    finite = {n: np.isfinite(c.value) & c.present for n, c in numbers.items()}
    cleaned = dict(columns)
    for name, cells in suspects.items():
        mine = finite[name]
        filler = np.zeros(len(cells), dtype=np.bool_)
        for other, theirs in finite.items():
            if other != name and mine.any() and theirs.any() and not (mine & theirs).any():
                filler |= theirs
        if _is_every_kth(np.flatnonzero(mine), len(cells)):
            filler |= ~mine
        cleaned[name] = Column(
            cells.value, cells.present & ~(filler & np.isnan(cells.value)), None, cells.bad
        )
    return cleaned


def _is_every_kth(rows: npt.NDArray[np.intp], total: int) -> bool:
    """Whether the rows are every second (third, ...) one of the table from its start to its end."""
    if len(rows) < 2 or (len(rows) == 2 and rows[1] - rows[0] == 2):  # a NaN between two numbers is a NaN
        return False
    gaps = np.diff(rows)
    return bool(
        gaps[0] >= 2 and np.all(gaps == gaps[0]) and rows[0] < gaps[0] and total - rows[-1] <= gaps[0]
    )
