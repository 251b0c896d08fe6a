"""Longest common subsequences, by bits (Hyyrö 2004, Bit-parallel LCS-length computation revisited)."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence


Token = TypeVar("Token", bound="Hashable")


def positions(reference: Sequence[Token], other: Sequence[Token]) -> set[int]:
    """Return the positions in `reference` of one longest common subsequence: of several the one that rouge-score finds.

    Row j holds a bit for each i, clear where the common subsequence of reference[: i + 1] and other[:j] is longer than
    that of reference[:i]. Walking back from the end, a clear bit says that the reference's token at i can still be
    matched further left in `other`.

    >>> sorted(positions("the cat sat".split(), "a cat sat".split()))
    [1, 2]
    """
    where: dict[Token, int] = {}
    for i, token in enumerate(reference):
        where[token] = where.get(token, 0) | (1 << i)
    full = (1 << len(reference)) - 1
    row, rows = full, [full]
    for token in other:
        hit = row & where.get(token, 0)
        row = ((row + hit) | (row - hit)) & full
        rows.append(row)
    found: set[int] = set()
    i, j = len(reference) - 1, len(other)
    while i >= 0 and j > 0:
        if reference[i] == other[j - 1]:
            found.add(i)
            i, j = i - 1, j - 1
        elif rows[j] >> i & 1:
            i -= 1
        else:
            j -= 1
    return found
