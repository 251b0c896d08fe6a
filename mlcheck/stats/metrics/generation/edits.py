"""Translation edits as sacreBLEU counts them (Snover et al. 2006), an order of magnitude faster on long texts.

A hypothesis is turned into its reference by moving blocks of words, one edit a move, as long as a move lowers the edit
distance by more than others, and then by insertions, deletions and replacements. Which moves are tried follows Tercom
and sacreBLEU's lib_ter.py step by step. Two things are done otherwise, with equal results:

- Distances come from bit vectors (Hyyrö 2003, A bit-vector algorithm for computing Levenshtein and Damerau edit
  distances). sacreBLEU fills a band of 25 words around the diagonal; a path found without a band that stays within it
  is the one found with it. One that leaves it is left to sacreBLEU's own class.
- Moves are ranked by rapidfuzz's distance first, which no band can undercut; the best is then measured exactly.
"""

from __future__ import annotations

import heapq
import math
from bisect import bisect_left, bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from mlcheck.stats.metrics.generation.extra import library

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

LONGEST_MOVE, FARTHEST_MOVE, MOST_TRIED = 10, 50, 1000
"""Tercom's limits on a move: words, distance; and sacreBLEU's on moves tried for one text."""
BAND = 25


class Alignment(NamedTuple):
    """How a text is rewritten into its reference.

    `distance` counts edits, `of` gives for each word of the reference the last word of the text that is used up by then
    (-1 for none), `own` and `theirs` the number of words in error before each position, one longer than the texts.
    """

    distance: int
    of: list[int]
    own: list[int]
    theirs: list[int]


class Move(NamedTuple):
    """A block of words put elsewhere, ordered as Tercom prefers, the best first: `change` of the distance (negative),
    words of the block (`less_length`, negated), where it starts and where it goes.
    """  # noqa: D205  (one sentence)

    change: int
    less_length: int
    start: int
    to: int
    text: str


def edits(own: Sequence[str], theirs: Sequence[str]) -> int:
    """Return how many edits turn the words `own` into `theirs`."""
    if not theirs:
        return len(own)
    if own == theirs:
        return 0
    text, reference = _characters(own, theirs)
    found = align(text, reference)
    moved = tried = 0
    while True:
        better, tried = _best_move(text, reference, found, tried)
        if better is None:
            return moved + found.distance
        moved += 1
        text = better.text
        found = align(text, reference)


def _characters(own: Sequence[str], theirs: Sequence[str]) -> tuple[str, str]:
    """Return both texts with a character for each word."""
    names: dict[str, str] = {}
    first, second = ([names.setdefault(word, chr(len(names))) for word in words] for words in (own, theirs))
    return "".join(first), "".join(second)


def align(text: str, reference: str) -> Alignment:
    """Return how sacreBLEU's BeamEditDistance rewrites a text into its reference."""
    trace = _trace(text, reference)
    if trace is None:
        beam = library("sacrebleu.metrics.lib_ter", "ter").BeamEditDistance(list(reference))
        trace = beam(list(text))[1]
    of: list[int] = []
    own, theirs = [0], [0]
    used = -1
    for step in trace:
        wrong = step != " "
        if step != "i":
            used += 1
            own.append(wrong)
        if step != "d":
            of.append(used)
            theirs.append(wrong)
    return Alignment(len(trace) - trace.count(" "), of, list(accumulate(own)), list(accumulate(theirs)))


def _trace(text: str, reference: str) -> str | None:
    """Return the steps from text to reference: " " kept, "s" replaced, "d" deleted, "i" inserted; None outside the band.

    Of equally short ways the one that, from the end, keeps or replaces rather than deletes, and deletes rather than
    inserts. Row i holds a bit for each j: whether the distance of text[:i] to reference[:j] equals that of both one word
    shorter, and whether it is that of text[:i - 1] plus 1.
    """
    rows = _rows(text, reference)
    band = _band(len(text), len(reference))
    steps: list[str] = []
    i, j = len(text), len(reference)
    while i > 0 and j > 0:
        low, high = band[i]
        if not low <= j < high:
            return None
        diagonal, below = rows[i]
        bit = 1 << (j - 1)
        if text[i - 1] == reference[j - 1] or not diagonal & bit:
            steps.append(" " if text[i - 1] == reference[j - 1] else "s")
            i, j = i - 1, j - 1
        elif below & bit:
            steps.append("d")
            i -= 1
        else:
            steps.append("i")
            j -= 1
    if i > 0 and band[i][0] > 0:
        return None
    steps.append("d" * i + "i" * j)
    return "".join(reversed(steps))


def _rows(text: str, reference: str) -> list[tuple[int, int]]:
    """Return the two bit vectors of each row of the table of distances; row 0 has none."""
    where: dict[str, int] = {}
    for j, word in enumerate(reference):
        where[word] = where.get(word, 0) | (1 << j)
    full = (1 << len(reference)) - 1
    up, down = full, 0
    rows = [(0, 0)]
    for word in text:
        hit = where.get(word, 0) | down
        diagonal = (((hit & up) + up) ^ up) | hit
        more, less = down | (full & ~(diagonal | up)), up & diagonal
        rows.append((diagonal, more))
        right = (more << 1) | 1
        up = ((less << 1) | ~(diagonal | right)) & full
        down = right & diagonal & full
    return rows


def _band(own: int, theirs: int) -> list[tuple[int, int]]:
    """Return for each row which columns (from, to) sacreBLEU's beam fills."""
    ratio = theirs / own if own else 1
    width = math.ceil(ratio / 2 + BAND) if ratio / 2 > BAND else BAND
    middle = [math.floor(i * ratio) for i in range(own + 1)]
    band = [(max(0, at - width), min(theirs + 1, at + width)) for at in middle]
    band[0] = (0, theirs + 1)
    band[-1] = (band[-1][0], theirs + 1)
    return band


def _best_move(text: str, reference: str, found: Alignment, tried: int) -> tuple[Move | None, int]:
    """Return the move that lowers the distance most, None where none does, and how many were tried by now."""
    moves: dict[tuple[int, int, int], str] = {}
    for start, at, length in _blocks(text, reference):
        if _is_settled(found, start, at, length):
            continue
        block, rest = text[start : start + length], text[:start] + text[start + length :]
        for to in _targets(found, at, length):
            put = to - length if to > start + length else to
            moves[length, start, to] = rest[:put] + block + rest[put:]
            tried += 1
        if tried >= MOST_TRIED:
            break
    if not moves or tried >= MOST_TRIED:
        return None, tried
    return _measured(moves, reference, found.distance), tried


def _is_settled(found: Alignment, start: int, at: int, length: int) -> bool:
    """Whether a block needs no move: it is right, its place is right, or it would move within itself."""
    right = found.own[start + length] == found.own[start]
    place_right = found.theirs[at + length] == found.theirs[at]
    return right or place_right or start <= found.of[at] < start + length


def _targets(found: Alignment, at: int, length: int) -> Iterator[int]:
    """Yield the positions before which a block that the reference has at `at` may go."""
    before = -1
    for place in range(at - 1, at + length):
        to = 0 if place == -1 else found.of[place] + 1
        if to != before:
            before = to
            yield to


def _blocks(text: str, reference: str) -> Iterator[tuple[int, int, int]]:
    """Yield (start, at, length) of every block of words that both have, `at` being where the reference has it."""
    places: dict[str, list[int]] = {}
    for j, word in enumerate(reference):
        places.setdefault(word, []).append(j)
    for start, word in enumerate(text):
        near = places.get(word, [])
        for at in near[bisect_left(near, start - FARTHEST_MOVE) : bisect_right(near, start + FARTHEST_MOVE)]:
            most = min(LONGEST_MOVE, len(text) - start, len(reference) - at)
            length = 1
            yield start, at, length
            while length < most and text[start + length] == reference[at + length]:
                length += 1
                yield start, at, length


def _measured(moves: dict[tuple[int, int, int], str], reference: str, before: int) -> Move | None:
    """Return the best move that lowers the distance `before`."""
    process, distance = library("rapidfuzz.process", "ter"), library("rapidfuzz.distance", "ter").Levenshtein
    texts = list(moves.values())
    left = process.cdist(
        [reference], texts, scorer=distance.distance, score_cutoff=before - 1, dtype=np.int32
    )[0].tolist()
    heap = [
        Move(least - before, -length, start, to, text)
        for (length, start, to), text, least in zip(moves, texts, left, strict=True)
        if least < before
    ]
    heapq.heapify(heap)
    while heap:
        best = heap[0]
        change = align(best.text, reference).distance - before
        if change == best.change:
            return best
        heapq.heappop(heap)
        if change < 0:
            heapq.heappush(heap, best._replace(change=change))
    return None
