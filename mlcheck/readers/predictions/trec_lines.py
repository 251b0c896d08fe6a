"""Lines of TREC files as columns: found by their white space, a megabyte at once.

Fields are separated by blanks and tabs, however many; lines may end in CR LF, be blank, or be comments (#).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from mlcheck.errors import MlcheckError, NothingToRead
from mlcheck.readers.predictions import listing, numbers
from mlcheck.readers.predictions.listing import PAD, Listing

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from mlcheck.model.predictions import Codes
    from mlcheck.readers.predictions.listing import Bytes, Rows, Words
    from mlcheck.readers.source import Source

CHUNK = 1 << 20
LONGEST_LINE = 1 << 16
NEWLINE, HASH, BLANK = ord("\n"), ord("#"), ord(" ")
SPACE = np.zeros(256, dtype=np.bool_)
SPACE[list(b" \t\n\v\f\r")] = True
BOM = b"\xef\xbb\xbf"
MOST_RELEVANCE = 2**31 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The columns of a kind of file: how many, whether more may follow, and which holds the value."""

    kind: str
    columns: int
    more: bool
    value: int
    told: str

    @property
    def wanted(self) -> tuple[int, int, int]:
        """The columns of the query, the document and the value."""
        return 0, 2, self.value


QRELS = Layout(kind="qrels", columns=4, more=False, value=3, told="query iteration document relevance")
RUN = Layout(kind="run", columns=6, more=True, value=4, told="query Q0 document rank score tag")


class Fields(NamedTuple):
    """Where the fields of m lines stand in the text: (m,) each."""

    query: tuple[Rows, Rows]
    document: tuple[Rows, Rows]
    value: tuple[Rows, Rows]


class Columns(NamedTuple):
    """What is kept of m lines: (m,) each, as in a Listing."""

    query: Codes
    start: Rows
    length: Rows
    hash: Words
    value: npt.NDArray[Any]


def read(source: Source, layout: Layout) -> Listing:
    """Read a file of lines; raises MlcheckError with the line that is not as it should be."""
    text, begin = _text(source)
    codes: dict[bytes, int] = {}
    parts: list[Columns] = []
    for at, stop in _chunks(text, begin, source.name):
        fields = _fields(text, at, stop, layout, source.name, begin)
        if len(fields.query[0]):
            parts.append(_columns(text, fields, codes, layout, source.name, begin))
    if not parts:
        raise NothingToRead(
            source.name, f"expected lines of {layout.told}, found none", f"is this the {layout.kind}?"
        )
    start = np.concatenate([p.start for p in parts])
    return Listing(
        queries=tuple(codes),
        query=np.concatenate([p.query for p in parts]),
        text=text,
        start=start,
        length=np.concatenate([p.length for p in parts]),
        hash=np.concatenate([p.hash for p in parts]),
        value=np.concatenate([p.value for p in parts]),
        place=lambda row: f"{source.name}:{_line(text, begin, int(start[row]))}",
    )


def _text(source: Source) -> tuple[Bytes, int]:
    """Return the bytes of the file between padding, in UTF-8 or as they are, and where they begin."""
    if source.encoding.startswith("utf-16"):
        text = _padded(iter((source.read_text().encode("utf-8", "surrogatepass"),)))
    elif source.compressed:
        text = _padded(source.blocks(CHUNK))
    else:
        text = _filled(source)
    return text, PAD + len(BOM) * text[PAD : PAD + len(BOM)].tobytes().startswith(BOM)


def _padded(blocks: Iterator[bytes]) -> Bytes:
    return np.frombuffer(b"".join((b"\n" * PAD, *blocks, b"\n" * (PAD + 1))), dtype=np.uint8)


def _filled(source: Source) -> Bytes:
    """Return the padded bytes of a file that is not compressed, held once: its size is known beforehand."""
    blocks = source.blocks(CHUNK)
    first = next(blocks, b"")  # refuses a file that is too large
    text = np.empty(source.size + 2 * PAD + 1, dtype=np.uint8)
    text[:PAD] = NEWLINE
    stop = PAD
    for block in chain((first,), blocks):
        stop, start = min(stop + len(block), len(text) - PAD - 1), stop
        text[start:stop] = np.frombuffer(block, dtype=np.uint8)[: stop - start]
    text[stop:] = NEWLINE
    return text[: stop + PAD + 1]


def _chunks(text: Bytes, begin: int, name: str) -> Iterator[tuple[int, int]]:
    """Yield (start, stop) of pieces of some 2^20 bytes that end with a line."""
    end = len(text) - PAD
    while begin < end:
        stop = min(begin + CHUNK, end)
        if stop < end:
            back = np.flatnonzero(text[max(begin, stop - LONGEST_LINE) : stop] == NEWLINE)
            if not len(back):
                raise MlcheckError(
                    f"{name}:{_line(text, PAD, stop)}",
                    f"expected lines of at most {LONGEST_LINE:,} bytes, found a longer one",
                )
            stop = max(begin, stop - LONGEST_LINE) + int(back[-1]) + 1
        yield begin, stop
        begin = stop


def _line(text: Bytes, begin: int, at: int) -> int:
    """Return the number of the line, from 1, in which a byte stands."""
    return 1 + int(np.count_nonzero(text[begin:at] == NEWLINE))


def _fields(text: Bytes, start: int, stop: int, layout: Layout, name: str, begin: int) -> Fields:
    """Return the fields of the lines between two bytes, without blank lines and comments."""
    gaps = np.flatnonzero(text[start:stop] <= BLANK)
    gaps += start
    if _has_controls(text[start:stop]):
        gaps = gaps[SPACE[text[gaps]]]
    before = np.empty_like(gaps)
    before[0], before[1:] = start - 1, gaps[:-1]
    starts, ends = before + 1, gaps
    lines = np.flatnonzero(text[gaps] == NEWLINE)
    last: Rows = lines + 1
    field = ends > starts  # else there is no field between two gaps
    if not field.all():
        starts, ends = starts[field], ends[field]
        last = np.cumsum(field, dtype=np.int64)[lines]
    counts = np.diff(last, prepend=0)
    if (counts == layout.columns).all() and not (text[starts[:: layout.columns]] == HASH).any():
        first_byte, end = (x.reshape(-1, layout.columns).T for x in (starts, ends))
        return Fields(*((first_byte[c].copy(), end[c] - first_byte[c]) for c in layout.wanted))
    first = _lines_of_fields(text, starts, last, layout, name, begin)
    return Fields(*((starts[first + c], ends[first + c] - starts[first + c]) for c in layout.wanted))


def _has_controls(piece: Bytes) -> bool:
    """Whether there are control characters that are no white space: they belong to the fields."""
    return bool((piece < ord("\t")).any() or (piece - np.uint8(ord("\r") + 1) < BLANK - ord("\r") - 1).any())


def _lines_of_fields(text: Bytes, starts: Rows, last: Rows, layout: Layout, name: str, begin: int) -> Rows:
    """Return which field is the first of each line that is no comment and not blank; `last` counts fields to its end."""
    counts = np.diff(last, prepend=0)
    first = last - counts
    kept = np.asarray(counts > 0)
    kept[kept] = text[starts[first[kept]]] != HASH
    wrong = kept & ((counts < layout.columns) if layout.more else (counts != layout.columns))
    if wrong.any():
        bad = int(np.argmax(wrong))
        at = _line(text, begin, int(starts[first[bad]]))
        raise _misfit(f"{name}:{at}", layout, int(counts[bad]))
    found: Rows = first[kept]
    return found


def _misfit(where: str, layout: Layout, found: int) -> MlcheckError:
    hint = ""
    if layout is RUN and found == QRELS.columns:
        hint = "this looks like qrels: give judgements to --qrels, ranked documents to --run"
    elif layout is QRELS and found >= RUN.columns:
        hint = "this looks like a run: give ranked documents to --run, judgements to --qrels"
    elif layout is QRELS and found == QRELS.columns + 1:
        hint = "judgements of preferences or of several judges are not read: one relevance a document"
    else:
        hint = "ids must not hold blanks; columns are separated by blanks or tabs"
    return MlcheckError(
        where,
        f"expected {layout.columns} columns of a {layout.kind} file ({layout.told}), found {found:,}",
        hint,
    )


def _columns(
    text: Bytes, fields: Fields, codes: dict[bytes, int], layout: Layout, name: str, begin: int
) -> Columns:
    """Return query codes, start, length and hash of the documents, and values of some lines."""
    value: npt.NDArray[Any]
    if layout is QRELS:
        value, wrong = _whole(text, *fields.value)
    else:
        value, wrong = numbers.decimals(text, *fields.value)
    if len(wrong):
        row = int(wrong[0])
        at, size = int(fields.value[0][row]), min(int(fields.value[1][row]), 40)
        written = text[at : at + size].tobytes().decode("utf-8", "backslashreplace")
        expected = "a whole number as relevance" if layout is QRELS else "a number as score"
        raise MlcheckError(
            f"{name}:{_line(text, begin, at)}",
            f"expected {expected} in column {layout.value + 1}, found {written!r}",
            "the columns are " + layout.told,
        )
    start, length = fields.document
    return Columns(
        _queries(text, fields.query, codes), start, length, listing.hashes(text, start, length), value
    )


def _whole(text: Bytes, start: Rows, length: Rows) -> tuple[Codes, Rows]:
    """Return relevances (m,) as int32, and the lines of which the relevance is no whole number."""
    if length.max(initial=0) == 1:
        digits = text[start] - np.uint8(ord("0"))
        return digits.astype(np.int32), np.flatnonzero(digits > 9)
    value: npt.NDArray[Any]
    value, wrong = numbers.decimals(text, start, length)
    if length.max(initial=0) > 7:  # float32 holds seven digits; longer ones are few
        exact = value.astype(np.float64)
        for row in np.flatnonzero(length > 7).tolist():
            written = text[start[row] : start[row] + min(int(length[row]), numbers.LONGEST)].tobytes()
            exact[row] = float(written) if numbers.NUMBER.fullmatch(written) else np.nan
        value = exact
    whole = (value == np.floor(value)) & (np.abs(value) <= MOST_RELEVANCE)
    whole[wrong] = False
    return np.where(whole, value, 0).astype(np.int32), np.flatnonzero(~whole)


def _queries(text: Bytes, field: tuple[Rows, Rows], codes: dict[bytes, int]) -> Codes:
    """Return the code (m,) of each line's query; new ones are added to `codes`. Lines of one query mostly adjoin."""
    start, length = field
    span = listing.words(text, start, length)
    changed = np.empty(len(start), dtype=np.bool_)
    changed[0] = True
    np.not_equal(length[1:], length[:-1], out=changed[1:])
    for k in range(span.shape[1]):
        changed[1:] |= span[1:, k] != span[:-1, k]
    changed |= length > listing.SPAN
    begins = np.flatnonzero(changed)
    sizes = np.diff(np.append(begins, len(start)))
    first = int(start[0])
    held = text[first : int(start[-1] + length[-1])].tobytes()
    found = [
        codes.setdefault(held[at : at + size], len(codes))
        for at, size in zip((start[begins] - first).tolist(), length[begins].tolist(), strict=True)
    ]
    return np.repeat(np.array(found, dtype=np.int32), sizes)
