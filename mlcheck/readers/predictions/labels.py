"""Labels of truth and prediction under one numbering, however each column writes them: 1 and "1.0", True and yes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mlcheck.readers.predictions.frame import Column, Lists, Words, as_words, number, spelled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import numpy.typing as npt

    from mlcheck.model.predictions import Codes

WIDEST_COUNT = 1 << 20
"""Whole numbers over a range up to this are told apart by counting, not by sorting."""
POSITIVE = (
    "1", "true", "yes", "positive", "pos", "y", "t", "spam", "fraud", "fraudulent", "hate", "toxic", "abnormal", "anomaly",
    "disease", "diseased", "malignant", "sick", "churn", "churned", "default", "defaulted", "click", "clicked", "attack",
    "fake", "phishing", "bad", "event", "case", "relevant", "duplicate", "entailment", "match", "present", "failure", "fail",
    "offensive", "sarcastic", "pneumonia", "cancer", "covid", "tumor", "ai", "generated", "acceptable", "good", "win", "won",
)  # fmt: skip
NEGATIVE = (
    "0", "false", "no", "negative", "neg", "n", "f", "-1", "ham", "normal", "healthy", "benign", "legit", "legitimate",
    "genuine", "real", "human", "control", "absent", "not_duplicate", "none", "other", "nothate", "non-toxic", "unacceptable",
    "irrelevant", "loss", "lost", "lose", "retained", "stayed",
)  # fmt: skip
TRUTH_VALUES = {"true": "1", "yes": "1", "t": "1", "y": "1", "false": "0", "no": "0", "f": "0", "n": "0"}


@dataclass(frozen=True, slots=True, eq=False)
class Labelled:
    """Columns of labels under one numbering: `names` in sorted order (numbers as numbers), `codes` a column each, -1 blank."""

    names: tuple[str, ...]
    codes: tuple[Codes, ...]
    doubts: tuple[str, ...] = ()


def coded(columns: Sequence[Column], more: Iterable[str] = ()) -> Labelled:
    """Return columns of labels under one numbering that also holds the labels of `more`.

    The first column is the truth. Where another has labels that the truth lacks, both are compared as numbers, then
    without capitals, then as truth values; the first way that leaves no stranger, or fewest, is taken.
    """
    found = [distinct(column) for column in columns]
    names = [set(part) for part, _ in found]
    more = tuple(more)
    way, told = _way(names)
    spelling: dict[str, str] = {}
    for part, _ in found:
        for name in part:
            spelling.setdefault(way(name), name)
    for name in more:
        spelling.setdefault(way(name), name)
    ordered = in_order(spelling.values())
    place = {way(name): i for i, name in enumerate(ordered)}
    codes = []
    for part, code in found:
        table = np.array([*(place[way(name)] for name in part), -1], dtype=np.int32)
        same = np.array_equal(table[:-1], np.arange(len(part)))
        codes.append(code if same else table[code])
    return Labelled(tuple(ordered), tuple(codes), (told,) if told else ())


def _plain(name: str) -> str:
    return name


def _as_number(name: str) -> str:
    value = number(name)
    return name if value is None else spelled(value)


def _folded(name: str) -> str:
    return _as_number(name.casefold())


def _truth_value(name: str) -> str:
    return TRUTH_VALUES.get(_folded(name), _folded(name))


def _numbered(name: str) -> str:
    """Take the number of LABEL_1, as pipelines name classes that have no names."""
    return _as_number(name.removeprefix("LABEL_").removeprefix("label_").removeprefix("class_"))


def _way(names: Sequence[set[str]]) -> tuple[Callable[[str], str], str]:
    """Return how labels of different columns are compared, and what is to be said of it."""
    truth, others = names[0], set().union(*names[1:])
    ways: tuple[tuple[Callable[[str], str], str], ...] = (
        (_plain, ""),
        (_as_number, ""),
        (_folded, "labels were compared without regard to capitals"),
        (_truth_value, "labels such as yes and 1 were taken for the same"),
        (_numbered, "labels such as LABEL_1 and 1 were taken for the same"),
    )
    best: Callable[[str], str] = _plain
    told, fewest = "", len(others - truth)
    for way, doubt in ways[1:]:
        if not fewest:
            break
        known = {way(name) for name in truth}
        if len(known) < len(truth):
            break
        strangers = len({way(name) for name in others} - known)
        if strangers < fewest:
            best, told, fewest = way, doubt, strangers
    return best, told


def in_order(names: Iterable[str]) -> list[str]:
    """Return labels in sorted order: numbers as numbers and before words.

    >>> in_order(["10", "9", "b", "a"])
    ['9', '10', 'a', 'b']
    """

    def rank(name: str) -> tuple[bool, float, str]:
        value = number(name)
        return (value is None, value if value is not None and value == value else 0.0, name)

    return sorted(names, key=rank)


def distinct(column: Column) -> tuple[list[str], Codes]:
    """Return the labels of a column and the place (n,) of each row's among them, -1 for a blank."""
    if isinstance(column, Lists):
        column = as_words(column)
    if isinstance(column, Words):
        counts = np.bincount(column.code + 1, minlength=len(column.names) + 1)[1:]
        if counts.all():
            return list(column.names), column.code
        kept = np.flatnonzero(counts)
        place = np.full(len(column.names) + 1, -1, dtype=np.int32)
        place[kept] = np.arange(len(kept))
        return [column.names[i] for i in kept], place[column.code]
    counted = _counted(column.value)
    if counted is not None:
        return counted
    made = as_words(column)
    return list(made.names), made.code


def surplus(column: Column) -> int:
    """Return how many cells of a column hold what an earlier one holds; blanks do not count."""
    names, code = distinct(column)
    return int(np.count_nonzero(code >= 0)) - len(names)


def _counted(value: npt.NDArray[Any]) -> tuple[list[str], Codes] | None:
    """Return the labels of whole numbers over a small range by counting them; None for others."""
    if value.ndim != 1 or not len(value):
        return None
    if value.dtype.kind == "f":
        whole = _whole(value)
        if whole is None:
            return None
        value = whole
    low, high = int(value.min()), int(value.max())
    if high - low >= WIDEST_COUNT:
        return None
    shifted = value.astype(np.int32) - np.int32(low) if low or value.dtype != np.int8 else value
    present = np.zeros(high - low + 1, dtype=np.bool_)
    present[[0, -1]] = True
    for start in range(0, len(shifted) if high - low > 1 else 0, 1 << 20):
        present |= np.bincount(shifted[start : start + (1 << 20)], minlength=len(present)).astype(np.bool_)
    found = np.flatnonzero(present)
    if len(found) == len(present):
        return [str(low + int(i)) for i in found], shifted.astype(np.int32)
    place = np.cumsum(present, dtype=np.int32) - 1
    return [str(low + int(i)) for i in found], place[shifted].astype(np.int32)


def _whole(value: npt.NDArray[Any]) -> npt.NDArray[Any] | None:
    """Return numbers as whole ones, None where one is not, or is no number."""
    with np.errstate(invalid="ignore"):
        if not np.isfinite(value).all() or np.abs(value).max() >= WIDEST_COUNT:
            return None
        whole = value.astype(np.int32)
    return whole if np.array_equal(whole, value) else None


def same_label(name: str, among: Sequence[str]) -> int | None:
    """Return which of the labels a name means: itself, as a number, without capitals, as a truth value; None for none."""
    for way in (_plain, _as_number, _folded, _truth_value, _numbered):
        found = [i for i, other in enumerate(among) if way(other) == way(name)]
        if len(found) == 1:
            return found[0]
    return None


def positive_of(names: Sequence[str], counts: Sequence[int]) -> tuple[int, str]:
    """Return which of two labels is the positive one, and what is to be said of the choice where the labels do not tell.

    Of two numbers the greater one is; True, yes, spam and their kin are; against False, no and ham the other one is; else
    the rarer.
    """
    values = [number(name) for name in names]
    if values[0] is not None and values[1] is not None:
        place = 0 if values[0] > values[1] else 1
        usual = values[place] == 1
        return (
            place,
            ""
            if usual
            else f"{names[place]!r} was taken for the positive class: the greater one; choose with --positive",
        )
    lower = [_as_number(name.casefold()) for name in names]
    for word in POSITIVE:
        if word in lower:
            return lower.index(word), "" if word in POSITIVE[
                :6
            ] else f"{names[lower.index(word)]!r} was taken for the positive class"
    for word in NEGATIVE:
        if word in lower:
            place = 1 - lower.index(word)
            return place, f"{names[place]!r} was taken for the positive class, against {names[1 - place]!r}"
    place = 0 if counts[0] < counts[1] else 1
    return place, f"{names[place]!r} was taken for the positive class: the rarer one; choose with --positive"
