"""What a column holds, decided on train and test set together: number, boolean, date, category or text.

A category's names are those of both, in one order, so that a code means the same in both.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from mlcheck.model.dataset import Column
from mlcheck.readers.datasets import dates, raw
from mlcheck.readers.datasets.raw import Raw
from mlcheck.readers.predictions import frame
from mlcheck.readers.predictions.frame import Words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlcheck.model.dataset import Kind

FLAGS = (("false", "true"), ("no", "yes"), ("n", "y"), ("f", "t"))
ALONE = 2
"""Of the first so many pairs one word alone is a truth value, too: a column of only "no"."""
SAMPLE = 500
WORD = re.compile(r"[぀-鿿가-힯]|\w+")
"""A run of letters or digits; each sign of a script that writes no blanks."""
MANY_WORDS, LONG = 4, 30
FEW_WORDS = 2
REPEATED = 5
PROSE = frozenset(
    ("text", "texts", "sentence", "sentences", "review", "comment", "comments", "message", "title", "headline", "body",
     "description", "question", "answer", "document", "content", "tweet", "abstract", "summary", "prompt", "utterance")
)  # fmt: skip
"""Names of columns that hold text even where it is short."""


def decided(name: str, parts: Sequence[Raw]) -> tuple[Column, ...]:
    """Return one column of one or two sets of rows as columns of one kind."""
    if any(part.pixels is not None for part in parts):
        return tuple(Column(name=name, kind="image", pixels=part.pixels) for part in parts)
    read = [_as_numbers(part) for part in parts]
    numbers = [part for part in read if part is not None]
    if len(numbers) == len(parts) and len({part.is_date for part in numbers}) == 1 and _few_odd(numbers):
        return tuple(_number(name, part) for part in numbers)
    texts = [raw.tidied(part.as_words()) for part in parts]
    joint = raw.joined_words(texts)
    flags = _flags(joint.names)
    if flags is not None:
        return tuple(_boolean(name, words) for words in texts)
    if is_prose(name, joint):
        return tuple(Column(name=name, kind="text", texts=_texts(words)) for words in texts)
    return categories(name, texts)


def _as_numbers(part: Raw) -> Raw | None:
    """Return a column as numbers or points in time, None where it is neither."""
    if part.words is None:
        return part
    words = raw.tidied(part.words)
    if not words.names or (words.code < 0).all():
        return Raw(numbers=np.full(len(words), np.nan))
    return raw.as_numbers(words) or dates.as_dates(words)


def _few_odd(parts: Sequence[Raw]) -> bool:
    """Whether there is a number at all, or nothing."""
    empty = all(part.numbers is not None and not np.isfinite(part.numbers).any() for part in parts)
    return not empty or not any(len(part.odd_rows) for part in parts)


def _number(name: str, part: Raw) -> Column:
    assert part.numbers is not None  # noqa: S101  (told by the caller)
    kind: Kind = "date" if part.is_date else "boolean" if part.is_flag else "number"
    return Column(
        name=name, kind=kind, numbers=part.numbers, whole=kind == "number" and _are_whole(part),
        odd=part.odd_counts, odd_rows=part.odd_rows,
    )  # fmt: skip


def _are_whole(part: Raw) -> bool:
    """Whether every number is an integer and there is one; looked at in pieces, so that the first fraction ends it."""
    value = part.numbers
    assert value is not None  # noqa: S101  (told by the caller)
    some = False
    for start in range(0, len(value), 1 << 16):
        piece = value[start : start + (1 << 16)]
        blank = np.isnan(piece)
        if not ((np.rint(piece) == piece) | blank).all():
            return False
        some = some or not blank.all()
    return some


def _flags(names: Sequence[str]) -> tuple[str, str] | None:
    """Return the pair of words that the names are, in any case, None where they are no truth values."""
    found = {name.lower() for name in names}
    for rank, pair in enumerate(FLAGS):
        if found and found <= set(pair) and (len(found) == len(pair) or rank < ALONE):
            return pair
    return None


def _boolean(name: str, words: Words) -> Column:
    true = {pair[1] for pair in FLAGS}
    value = np.array([float(text.lower() in true) for text in words.names] + [np.nan])
    return Column(name=name, kind="boolean", numbers=value[words.code])


def is_prose(name: str, words: Words) -> bool:
    """Whether texts are prose: mostly different, of at least four words and thirty signs on average (two words in a
    column that is named so). Names, addresses and identifiers are categories.
    """  # noqa: D205  (one sentence)
    if not words.names:
        return False
    rows = int(np.count_nonzero(words.code >= 0))
    if len(words.names) * REPEATED < rows and len(words.names) <= SAMPLE:
        return False
    step = max(1, len(words.names) // SAMPLE)
    sample = words.names[::step][:SAMPLE]
    mean = sum(len(WORD.findall(text[:2000])) for text in sample) / len(sample)
    signs = sum(map(len, sample)) / len(sample)
    if name.lower().rpartition(".")[2] in PROSE:
        return mean >= FEW_WORDS
    return mean >= MANY_WORDS and (signs >= LONG or mean * 1.5 >= signs)


def _texts(words: Words) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    names = np.empty(len(words.names) + 1, dtype=np.object_)
    names[:-1] = words.names
    return names[words.code]


def categories(name: str, parts: Sequence[Words]) -> tuple[Column, ...]:
    """Return columns of texts as categories with one list of names: sorted, by value where all are numbers."""
    distinct = list(dict.fromkeys(text for words in parts for text in words.names))
    value = [_value(text) for text in distinct]
    if all(number is not None for number in value):
        order = sorted(range(len(distinct)), key=lambda i: (value[i], distinct[i]))
    else:
        order = sorted(range(len(distinct)), key=distinct.__getitem__)
    names = tuple(distinct[i] for i in order)
    place = {text: code for code, text in enumerate(names)}
    return tuple(
        Column(name=name, kind="category", names=names, codes=_recoded(words, place)) for words in parts
    )


def _recoded(words: Words, place: dict[str, int]) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    return np.array([*(place[text] for text in words.names), -1], dtype=np.int32)[words.code]


def _value(text: str) -> float | int | None:
    return int(text) if text.lstrip("-").isdecimal() else frame.number(text)


def as_labels(name: str, columns: Sequence[Column]) -> tuple[Column, ...]:
    """Return a column of numbers, truth values or texts as categories: what a classifier predicts."""
    if all(column.codes is not None for column in columns):
        return tuple(columns)
    made = categories(name, [_label_words(column) for column in columns])
    return tuple(
        replace(new, odd=old.odd, odd_rows=old.odd_rows) for new, old in zip(made, columns, strict=True)
    )


def _label_words(column: Column) -> Words:
    if column.texts is not None:
        return frame.words(["" if text is None else str(text) for text in column.texts])
    assert column.numbers is not None  # noqa: S101  (images are no labels)
    if column.kind == "boolean":
        return Words(
            np.where(np.isnan(column.numbers), -1, column.numbers).astype(np.int32), ("false", "true")
        )
    return frame.as_words(frame.Numbers(column.numbers))
