"""Lists of (query, document, value), as judgements and runs are: ids stay bytes of the text they were read from.

Ids are compared by 64-bit hashes made from words of 8 bytes, whole columns at once, and then byte by byte: the hash
only decides who is compared, never the answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Bytes: TypeAlias = npt.NDArray[np.uint8]
Rows: TypeAlias = npt.NDArray[np.int64]
Words: TypeAlias = npt.NDArray[np.uint64]

WORD = 8
SPAN = 32
"""Bytes of an id that are taken at once."""
PAD = SPAN + WORD
"""Bytes that must follow the last id of a text, so that a span of it may be taken from anywhere."""
MIX: tuple[int, ...] = (
    0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93, 0xA0761D6478BD642F,
)  # fmt: skip
"""Odd constants: each makes a bijection of 64-bit words (those of xxHash, splitmix and wyhash)."""
ROWS_AT_ONCE = 1 << 15
MASKS: Words = np.array(
    [[(1 << 8 * min(max(n - WORD * k, 0), WORD)) - 1 for k in range(SPAN // WORD)] for n in range(SPAN + 1)],
    dtype=np.uint64,
)
"""Row n keeps the first n bytes of a span."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Listing:
    """n rows: `query` (n,) indexes `queries` (in the order of their first row), `value` (n,) is a score or a relevance.

    The document's id is `length` (n,) bytes of `text` from `start` (n,); at least PAD bytes follow the last one.
    `hash` (n,) is that of the id. `place(i)` says where row i stands, such as "run.txt:17".
    """

    queries: tuple[bytes, ...]
    query: npt.NDArray[np.int32]
    text: Bytes
    start: Rows
    length: Rows
    hash: Words
    value: npt.NDArray[np.float32] | npt.NDArray[np.int32]
    place: Callable[[int], str]

    def document(self, row: int) -> bytes:
        """Return the document's id in a row."""
        return self.text[self.start[row] : self.start[row] + self.length[row]].tobytes()


def words(text: Bytes, start: Rows, length: Rows) -> Words:
    """Return (n, k <= 4): the first 32 bytes of each id as little-endian words, 0 beyond its end."""
    longest = int(length.max(initial=1))
    width = WORD * min(max(-(-longest // WORD), 1), SPAN // WORD)
    spans: npt.NDArray[np.void] = np.ndarray((len(text) - width + 1,), f"V{width}", text, strides=(1,))
    taken = spans[start].view("<u8").reshape(-1, width // WORD)
    if length.min(initial=longest) == longest:
        taken &= MASKS[min(longest, width), : width // WORD]
        return taken
    kept = np.minimum(length, width)
    for k in range(width // WORD):
        taken[:, k] &= MASKS[:, k][kept]
    return taken


def hashes(text: Bytes, start: Rows, length: Rows) -> Words:
    """Return (n,): a hash of each id and its length."""
    made = np.empty(len(start), dtype=np.uint64)
    for first in range(0, len(start), ROWS_AT_ONCE):
        some = slice(first, first + ROWS_AT_ONCE)
        made[some] = _hashes(text, start[some], length[some])
    return made


def _hashes(text: Bytes, start: Rows, length: Rows) -> Words:
    made = length.astype(np.uint64)
    made *= np.uint64(MIX[4])
    made += _folded(words(text, start, length))
    offset, longer = SPAN, np.flatnonzero(length > SPAN)
    while len(longer):
        before = made[longer]
        before ^= before >> np.uint64(29)
        before *= np.uint64(MIX[4])
        made[longer] = before + _folded(words(text, start[longer] + offset, length[longer] - offset))
        offset += SPAN
        longer = longer[length[longer] > offset]
    made ^= made >> np.uint64(32)
    made *= np.uint64(MIX[0])
    return made


def _folded(span: Words) -> Words:
    total: Words = span[:, 0] * np.uint64(MIX[0])
    for k in range(1, span.shape[1]):
        total += span[:, k] * np.uint64(MIX[k])
    return total


def same(a: Listing, i: Rows, b: Listing, j: Rows) -> npt.NDArray[np.bool_]:
    """Return (m,): whether the documents of rows `i` (m,) of a and `j` (m,) of b have the same id, byte by byte."""
    equal: npt.NDArray[np.bool_] = a.length[i] == b.length[j]
    left = np.flatnonzero(equal)
    offset = 0
    while len(left):
        rest = a.length[i[left]] - offset
        one = words(a.text, a.start[i[left]] + offset, rest)
        other = words(b.text, b.start[j[left]] + offset, rest)
        differ = one[:, 0] != other[:, 0]
        for k in range(1, one.shape[1]):
            differ |= one[:, k] != other[:, k]
        equal[left[differ]] = False
        offset += SPAN
        left = left[~differ & (rest > SPAN)]
    return equal


def descending(listing: Listing, rows: Rows, group: Rows) -> npt.NDArray[np.intp]:
    """Return the order (m,) of `rows` by `group` (m,) and, within one, by descending id, bytes as unsigned numbers."""
    length = listing.length[rows]
    if length.max(initial=0) > 4 * SPAN:
        ids = [listing.document(int(r)) for r in rows]
        found = sorted(range(len(ids)), key=lambda k: ids[k], reverse=True)
        order = np.array(found, dtype=np.intp)
        return order[np.argsort(group[order], kind="stable")]
    keys: list[npt.NDArray[np.generic]] = [group]
    for offset in range(0, int(length.max(initial=0)), SPAN):
        rest = np.maximum(length - offset, 0)
        span = words(listing.text, listing.start[rows] + np.minimum(offset, length), rest)
        keys += [~span[:, k].byteswap() for k in range(span.shape[1])]
    return np.lexsort((-length, *keys[::-1]))


def radix(keys: Words | npt.NDArray[np.uint32], bits: Sequence[int]) -> npt.NDArray[np.intp]:
    """Return the stable order (n,) of the keys by the 16 bits from each of `bits` upward, the last the most significant.

    NumPy sorts 16-bit numbers by counting: two passes cost a third of sorting 64-bit words.
    """
    order: npt.NDArray[np.intp] = np.argsort(
        (keys >> keys.dtype.type(bits[0])).astype(np.uint16), kind="stable"
    )
    for low in bits[1:]:
        part = (keys >> keys.dtype.type(low)).astype(np.uint16)
        order = order[np.argsort(part[order], kind="stable")]
    return order
