"""Rankings: documents put in order, with their judgements.

As trec_eval does it: documents of a query by descending score, compared as float32, ties by descending document id
(compared as bytes); the rank column of a run is not looked at. Judgements below 0 count as none.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from mlcheck.errors import MlcheckError
from mlcheck.model.predictions import Codes, Ranking
from mlcheck.readers.predictions import listing
from mlcheck.readers.predictions.listing import PAD, Listing, Rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlcheck.readers.predictions.listing import Words

QUERIES_AT_ONCE = 500
"""Queries of which all documents are sorted and joined at once: their keys stay in the processor's cache."""
UNJUDGED = -1
MOST_COUNTED = 64
"""Grades below which judgements are counted rather than sorted."""
Singles: TypeAlias = npt.NDArray[np.float32]
NO_SCORES: Singles = np.zeros(0, dtype=np.float32)
NO_CODES: Codes = np.zeros(0, dtype=np.int32)


class Block(NamedTuple):
    """Documents of some queries: rows of the run and of the judgements, each with the query's number in the block."""

    queries: int
    rows: Rows
    query: Rows
    judged: Rows
    judged_query: Rows


class Part(NamedTuple):
    """What a block gives to a ranking; counts are by query."""

    retrieved: Rows
    score: Singles
    relevance: Codes
    judged_counts: Rows
    judged: Codes
    tied: Codes


def rank(judged: Listing, run: Listing, *, complete: bool = True, depth: int | None = None) -> Ranking:
    """Return the run's documents in ranked order with their relevance, for the judged queries in the judgements' order.

    A judged query that the run lacks is kept without documents, or left out where not `complete`. Only the first
    `depth` documents of a query are kept. Raises MlcheckError where a document comes twice in a query.
    """
    mine, theirs = _Grouped(judged), _Grouped(run)
    number = {name: i for i, name in enumerate(run.queries)}
    found = np.array([number.get(name, -1) for name in judged.queries], dtype=np.int64)
    known = frozenset(judged.queries)
    chosen = np.arange(len(found)) if complete else np.flatnonzero(found >= 0)
    parts = []
    for first in range(0, len(chosen), QUERIES_AT_ONCE):
        some = chosen[first : first + QUERIES_AT_ONCE]
        rows, query = theirs.rows(found[some])
        block = Block(len(some), rows, query, *mine.rows(some))
        parts.append(_ranked(judged, run, block, depth))
    return Ranking(
        queries=tuple(_shown(judged.queries[i]) for i in chosen.tolist()),
        starts=_offsets([p.retrieved for p in parts]),
        score=np.concatenate([NO_SCORES, *(p.score for p in parts)]),
        relevance=np.concatenate([NO_CODES, *(p.relevance for p in parts)]),
        judged_starts=_offsets([p.judged_counts for p in parts]),
        judged=np.concatenate([NO_CODES, *(p.judged for p in parts)]),
        tied=np.concatenate([NO_CODES, *(p.tied for p in parts)]),
        missing=tuple(_shown(judged.queries[i]) for i in np.flatnonzero(found < 0).tolist()),
        unjudged=tuple(_shown(name) for name in run.queries if name not in known),
    )


def from_columns(
    query: Sequence[object],
    document: Sequence[object] | None,
    relevance: npt.ArrayLike,
    score: npt.ArrayLike,
    *,
    source: str = "table",
) -> Ranking:
    """Return the ranking of a table's rows: (n,) each, every row a judged document of a query.

    A row without a score (NaN) was judged but not retrieved; one without a relevance (NaN, or below 0) was retrieved
    but not judged. Without `document`, of equal scores the later row ranks first. Raises MlcheckError where columns
    differ in length, relevance is no whole number, or a document comes twice in a query.
    """
    levels, scores = np.asarray(relevance, dtype=np.float64), np.asarray(score, dtype=np.float64)
    n = len(query)
    if not len(levels) == len(scores) == n or (document is not None and len(document) != n):
        raise MlcheckError(source, "expected columns of equal length, found different ones")
    ids = [f"{i:012d}" for i in range(n)] if document is None else [str(name) for name in document]
    there, judged = ~np.isnan(scores), ~np.isnan(levels)
    with np.errstate(over="ignore", invalid="ignore"):
        bad = np.flatnonzero(judged & ((levels != np.floor(levels)) | (np.abs(levels) >= 2**31)))
        if len(bad):
            raise MlcheckError(
                f"{source}, row {bad[0] + 1}",
                f"expected a whole number as relevance, found {levels[bad[0]]:g}",
                "grades are 0, 1, 2, ...",
            )
        single = scores.astype(np.float32)
    grades = np.where(judged, levels, UNJUDGED).astype(np.int32)
    whole = listed([str(name) for name in query], ids, grades, source)
    return rank(whole, _rows_of(whole, np.flatnonzero(there), single[there]))


def paired(a: Ranking, b: Ranking) -> tuple[Ranking, Ranking]:
    """Return both rankings on the queries that they share, in the order of a."""
    where = {name: i for i, name in enumerate(b.queries)}
    common = [(i, where[name]) for i, name in enumerate(a.queries) if name in where]
    mine, theirs = np.array(common, dtype=np.int64).reshape(-1, 2).T
    return of_queries(a, mine), of_queries(b, theirs)


def of_queries(whole: Ranking, chosen: Rows) -> Ranking:
    """Return some queries of a ranking, by position; what the run lacks or nobody judged is told as before."""
    rows, retrieved = _stretches(whole.starts, chosen)
    judged, counts = _stretches(whole.judged_starts, chosen)
    return replace(
        whole,
        queries=tuple(whole.queries[i] for i in chosen.tolist()),
        starts=_offsets([retrieved]),
        score=whole.score[rows],
        relevance=whole.relevance[rows],
        judged_starts=_offsets([counts]),
        judged=whole.judged[judged],
        tied=whole.tied[chosen],
    )


def _stretches(starts: Rows, chosen: Rows) -> tuple[Rows, Rows]:
    """Return the rows that some owners of rows starts[i] .. starts[i + 1] have, one after the other, and how many."""
    first = starts[chosen]
    counts = starts[chosen + 1] - first
    ends = np.cumsum(counts)
    return np.arange(counts.sum()) + np.repeat(first - ends + counts, counts), counts


def listed(
    query: Sequence[str],
    document: Sequence[str],
    value: Singles | Codes,
    source: str,
) -> Listing:
    """Return columns (n,) as a listing; its rows are numbered from 1."""
    names = [name.encode("utf-8", "surrogatepass") for name in document]
    codes: dict[str, int] = {}
    found = np.array([codes.setdefault(name, len(codes)) for name in query], dtype=np.int32)
    length = np.array([len(name) for name in names], dtype=np.int64)
    text = np.frombuffer(b"".join((*names, bytes(PAD))), dtype=np.uint8)
    start = np.cumsum(length) - length
    return Listing(
        queries=tuple(name.encode("utf-8", "surrogatepass") for name in codes),
        query=found,
        text=text,
        start=start,
        length=length,
        hash=listing.hashes(text, start, length),
        value=value,
        place=lambda row: f"{source}, row {row + 1}",
    )


def _rows_of(whole: Listing, rows: Rows, value: Singles) -> Listing:
    """Return some rows of a listing, with values of their own."""
    return Listing(
        queries=whole.queries,
        query=whole.query[rows],
        text=whole.text,
        start=whole.start[rows],
        length=whole.length[rows],
        hash=whole.hash[rows],
        value=value,
        place=lambda row: whole.place(int(rows[row])),
    )


class _Grouped:
    """The rows of a listing by query."""

    def __init__(self, whole: Listing) -> None:
        code = whole.query
        self.order = np.argsort(code, kind="stable") if (code[1:] < code[:-1]).any() else None
        ordered = code if self.order is None else code[self.order]
        self.starts: Rows = np.searchsorted(ordered, np.arange(len(whole.queries) + 1, dtype=np.int32))

    def rows(self, queries: Rows) -> tuple[Rows, Rows]:
        """Return the rows of some queries, one query after the other (none for a query of -1), and which they are of."""
        there = np.flatnonzero(queries >= 0)
        rows, counts = _stretches(self.starts, queries[there])
        return (rows if self.order is None else self.order[rows]), np.repeat(there, counts)


def _ranked(judged: Listing, run: Listing, block: Block, depth: int | None) -> Part:
    """Return counts, scores and relevance in ranked order, judged counts and relevance, and counts of ties."""
    score = run.value[block.rows].astype(np.float32, copy=False)
    order, tied = _by_score(run, block, score)
    relevance = np.full(len(score), UNJUDGED, dtype=np.int32)
    at, of = _joint(judged, run, block)
    relevance[at] = np.maximum(judged.value[block.judged[of]], UNJUDGED)
    counts = np.bincount(block.query, minlength=block.queries)
    if depth is not None:
        position = np.arange(len(order)) - np.repeat(np.cumsum(counts) - counts, counts)
        order, counts = order[position < depth], np.minimum(counts, depth)
    grades, judged_counts = _falling(judged.value[block.judged].astype(np.int32, copy=False), block)
    return Part(
        counts,
        score[order],
        relevance[order],
        judged_counts,
        grades,
        tied,
    )


def _falling(levels: Codes, block: Block) -> tuple[Codes, Rows]:
    """Return the judgements of each query in falling order, without those below 0, and their counts by query."""
    query = block.judged_query
    if levels.min(initial=0) < 0:
        query, levels = query[levels >= 0], levels[levels >= 0]
    highest = int(levels.max(initial=0))
    if highest >= MOST_COUNTED:
        order = np.lexsort((-levels, query))
        return levels[order], np.bincount(query, minlength=block.queries)
    cells = query * (highest + 1) + (highest - levels)
    counts = np.bincount(cells, minlength=block.queries * (highest + 1)).reshape(block.queries, -1)
    falling = np.tile(np.arange(highest, -1, -1, dtype=np.int32), block.queries)
    return np.repeat(falling, counts.ravel()), counts.sum(axis=1)


def _by_score(run: Listing, block: Block, score: Singles) -> tuple[Rows, Codes]:
    """Return the ranked order of a block's documents, and how many of each query share their score with another one."""
    bits = (score + np.float32(0)).view(np.int32)  # + 0 makes 0 of -0
    ascending = (bits ^ ((bits >> 31) & np.int32(0x7FFFFFFF))).astype(np.int64)
    keys = (block.query << 32) - ascending
    order = np.arange(len(keys))
    if (keys[1:] < keys[:-1]).any():
        down = (-ascending + (1 << 31)).astype(np.uint64)
        by_score = listing.radix(down, (0, 16, 32))
        order = by_score[np.argsort(block.query[by_score].astype(np.uint16), kind="stable")]
        keys = keys[order]
    equal = keys[1:] == keys[:-1]
    if not equal.any():
        return order, np.zeros(block.queries, dtype=np.int32)
    tied = np.zeros(len(keys), dtype=np.bool_)
    tied[1:] |= equal
    tied[:-1] |= equal
    places = np.flatnonzero(tied)
    among = order[places]
    order[places] = among[listing.descending(run, block.rows[among], keys[places])]
    return order, np.bincount(block.query[places], minlength=block.queries).astype(np.int32)


def _joint(judged: Listing, run: Listing, block: Block) -> tuple[Rows, Rows]:
    """Return which documents of the block's run are which of its judgements, by position in the block."""
    n = len(block.rows)
    keys = np.concatenate([run.hash[block.rows], judged.hash[block.judged]])
    query = np.concatenate([block.query, block.judged_query])
    keys += query.astype(np.uint64) * np.uint64(listing.MIX[1])
    order = _order(keys)
    ordered = keys[order]
    pair = np.flatnonzero(ordered[1:] == ordered[:-1])
    i, j = order[pair], order[pair + 1]
    crossed = (i < n) & (j >= n) & (query[i] == query[j])
    if not crossed.all():
        return _one_by_one(judged, run, block)
    found = np.full(n, -1)
    found[i] = j - n
    at = np.flatnonzero(found >= 0)  # in the order of the run: the bytes of neighbours are near each other
    of = found[at]
    if not listing.same(run, block.rows[at], judged, block.judged[of]).all():
        return _one_by_one(judged, run, block)
    return at, of


def _order(keys: Words) -> Rows:
    """Return the stable order of 64-bit keys: by their upper half, the few that agree in that by the whole."""
    order = listing.radix(keys, (32, 48))
    ordered = keys[order]
    half = ordered >> np.uint64(32)
    alike = half[1:] == half[:-1]
    if not (alike & (ordered[1:] != ordered[:-1])).any():
        return order
    group = np.concatenate(([0], np.cumsum(~alike)))
    mixed = np.zeros(group[-1] + 1, dtype=np.bool_)
    mixed[group[1:][ordered[1:] != ordered[:-1]][alike[ordered[1:] != ordered[:-1]]]] = True
    places = np.flatnonzero(mixed[group])
    order[places] = order[places][np.lexsort((order[places], ordered[places]))]
    return order


def _one_by_one(judged: Listing, run: Listing, block: Block) -> tuple[Rows, Rows]:
    """Join a block in which ids come twice, or hashes agree by chance; raises MlcheckError for the former."""
    seen: dict[tuple[int, bytes], int] = {}
    _collect(judged, block.judged, block.judged_query, seen)
    retrieved: dict[tuple[int, bytes], int] = {}
    _collect(run, block.rows, block.query, retrieved)
    both = [(row, seen[key]) for key, row in retrieved.items() if key in seen]
    at, of = np.array(both, dtype=np.int64).reshape(-1, 2).T
    return at, of


def _collect(whole: Listing, rows: Rows, query: Rows, seen: dict[tuple[int, bytes], int]) -> None:
    for position, (row, number) in enumerate(zip(rows.tolist(), query.tolist(), strict=True)):
        document = whole.document(row)
        before = seen.setdefault((number, document), position)
        if before != position:
            first, again = sorted((int(rows[before]), row))
            raise MlcheckError(
                whole.place(again),
                f"expected each document once a query, found {_shown(document)!r} of query "
                f"{_shown(whole.queries[whole.query[row]])!r} again (first: {whole.place(first)})",
                "remove one of the lines",
            )


def _shown(name: bytes) -> str:
    return name.decode("utf-8", "backslashreplace")


def _offsets(counts: Sequence[Rows]) -> Rows:
    return np.cumsum(np.concatenate([np.zeros(1, dtype=np.int64), *counts]))
