"""Columns of numbers within a text, read at once: plain decimals by whole words, all others one by one.

A double holds eight digits before and eight after the point exactly; one division rounds it as `float` would.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from mlcheck.readers.predictions.listing import WORD

if TYPE_CHECKING:
    from mlcheck.model import Floats
    from mlcheck.readers.predictions.listing import Bytes, Rows, Words

NUMBER = re.compile(rb"[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|inf(?:inity)?)", re.IGNORECASE)
LONGEST = 400
"""Bytes of a number; a longer one is none."""
KEPT = np.array([(1 << 8 * n) - 1 for n in range(WORD)] + [2**64 - 1], dtype=np.uint64)
"""Number n keeps the first n bytes of a word."""
DOTS = np.uint64(0x2E2E2E2E2E2E2E2E)
ZEROS = np.uint64(0x3030303030303030)
ONES = np.uint64(0x0101010101010101)
HIGH = np.uint64(0x8080808080808080)
NEARLY = 2.0**-50
"""Relative error of a double put together from three exact parts, and some more."""


def decimals(text: Bytes, start: Rows, length: Rows) -> tuple[npt.NDArray[np.float32], Rows]:
    """Return the numbers (n,), each the float32 nearest to the double that is nearest to what is written, and the rows
    that hold no number. A WORD of bytes must precede the first number, and two follow the last.
    """  # noqa: D205  (one sentence)
    first = text[start]
    signed = (first == ord("-")) | (first == ord("+"))
    begin, size = start + signed, length - signed
    dot = _dot(text, begin, size)
    after = np.maximum(size - dot - 1, 0)
    plain = (dot <= WORD - 1) & (after <= 2 * WORD) & (dot + after > 0)
    whole, good = _digits_before(text, begin + dot, np.minimum(dot, WORD))
    plain &= good
    high, good = _digits_from(text, begin + dot + 1, np.minimum(after, WORD))
    plain &= good
    value = (whole * 1e8 + high) / 1e8
    sure = plain.copy()
    if (after > WORD).any():
        low, good = _digits_from(text, begin + dot + 1 + WORD, np.clip(after - WORD, 0, WORD))
        plain &= good
        value += low / 1e16
        with np.errstate(over="ignore"):
            near = (value * (1 - NEARLY)).astype(np.float32) == (value * (1 + NEARLY)).astype(np.float32)
        sure = plain & ((after <= WORD) | near)
    np.negative(value, out=value, where=first == ord("-"))
    with np.errstate(over="ignore"):
        made = value.astype(np.float32)
    return made, _one_by_one(text, start, length, np.flatnonzero(~sure), made)


def _one_by_one(
    text: Bytes, start: Rows, length: Rows, rows: Rows, made: npt.NDArray[np.float32]
) -> npt.NDArray[np.int64]:
    """Fill in the numbers of `rows`; return those which hold none."""
    wrong = []
    for row in rows.tolist():
        written = text[start[row] : start[row] + min(int(length[row]), LONGEST + 1)].tobytes()
        if len(written) <= LONGEST and NUMBER.fullmatch(written):
            with np.errstate(over="ignore"):
                made[row] = np.float64(float(written))
        else:
            wrong.append(row)
    return np.array(wrong, dtype=np.int64)


def _taken(text: Bytes, start: Rows) -> Words:
    """Return the word (n,) of eight bytes from each `start`."""
    every: npt.NDArray[np.void] = np.ndarray((len(text) - WORD + 1,), f"V{WORD}", text, strides=(1,))
    found: Words = every[start].view("<u8")
    return found


def _dot(text: Bytes, start: Rows, length: Rows) -> Rows:
    """Return where in each number (n,) its point stands, among the first eight bytes; else its length."""
    marked = _taken(text, start) ^ DOTS
    marked = (marked - ONES) & ~marked & HIGH
    lowest = marked & (~marked + np.uint64(1))
    # The exponent of a power of two is the place of its bit; that of 0 is far off.
    place = ((lowest.astype(np.float64).view(np.int64) >> 52) - 1023) >> 3
    return np.where((lowest == 0) | (place >= length), length, place)


def _digits_before(text: Bytes, stop: Rows, count: Rows) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Return the number (n,) that the last `count` <= 8 bytes before `stop` spell, and whether all are digits."""
    keep = ~KEPT[WORD - count]
    return _spelt((_taken(text, stop - WORD) & keep) | (ZEROS & ~keep))


def _digits_from(text: Bytes, start: Rows, count: Rows) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Return the number (n,) that `count` <= 8 bytes from `start`, filled up with zeros to eight, spell; and whether
    all are digits.
    """  # noqa: D205  (one sentence)
    keep = KEPT[count]
    return _spelt((_taken(text, start) & keep) | (ZEROS & ~keep))


def _spelt(word: Words) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Return the eight digits of each word (n,) as a number: pairs, then fours, then all of them."""
    word = word ^ ZEROS
    good = ((word + np.uint64(0x7676767676767676)) | word) & HIGH == 0
    word = (word * np.uint64(2561)) >> np.uint64(8) & np.uint64(0x00FF00FF00FF00FF)
    word = (word * np.uint64(6553601)) >> np.uint64(16) & np.uint64(0x0000FFFF0000FFFF)
    word = (word * np.uint64(42949672960001)) >> np.uint64(32)
    return word.astype(np.float64), good
