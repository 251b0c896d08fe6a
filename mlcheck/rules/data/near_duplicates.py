"""Rows of the test set nearly equal rows of the train set, or the train set holds rows several times, slightly changed.

What it finds
    Pairs of rows that are not equal (DBG101 tells those) but nearer than chance puts them: texts that share at least
    `jaccard` of their words (the Jaccard similarity; short texts by three characters in a row), rows of a table that
    agree in every column but at most one (numbers within `tolerance` robust standard deviations), images whose pixels
    correlate by `correlation` whatever their size, encoding, brightness and contrast.

Why it matters
    A copy with one word changed, a number rounded or an image saved again is as good as the original to a model that
    remembers: the test score is too good by as much as the copies' share. Inside train they count double, and land on
    both sides of a cross-validation.

Example
    18 of 300 test texts are nearly equal to a train text

What to do
    Drop the near copies from one side, and split by what makes rows the same thing (user, document, image, original).

False alarms
    Texts written to a pattern, which differ in what matters: words that many texts share count little, texts like more
    than `crowd` others count as a pattern, and where more than `natural` of the train texts have a near copy, only
    test texts beyond that share count. Two visits of one patient who has hardly changed.

Measured
    `test_rows_near_train` and `share` of them, `near_train_rows` (that nearly repeat an earlier one), `crowded_rows`
    (like more than `crowd` others, not told), `looked_at` ("texts", "rows" or "images") and `rows` compared. A pair
    counts where fewer than `alpha` such pairs are expected in the whole data. Equal rows are compared once. Of more
    than 2,000,000 rows a sample is compared. Rotated and cropped images are not found.

References
    Broder 1997, On the resemblance and containment of documents; Bayardo, Ma & Srikant 2007, Scaling up all pairs
    similarity search; Xiao et al. 2008, Efficient similarity joins for near duplicate detection; Facco et al. 2017,
    Estimating the intrinsic dimension of datasets by a minimal neighborhood information; Barz & Denzler 2020, Do we
    train on test data?
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from mlcheck.model import Action, Finding, Severity, Skip
from mlcheck.model.dataset import Measured
from mlcheck.rules.data.facts import LEAST_ROWS, first_rows, is_identifier, rows_in_all
from mlcheck.stats.data import near, near_images, near_rows, near_texts
from mlcheck.stats.data.bins import sample
from mlcheck.stats.data.repeats import row_hashes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlcheck.model.dataset import Column, DataRead, Ints
    from mlcheck.stats.data.near import Pairs

CODE = "DBG102"
NAME = "near-duplicates"
SEVERITY: Severity = "error"
MOST_ROWS = 2_000_000
SHOWN = 5
"""Pairs that the evidence names."""
SURELY = 10
"""Test rows from which on near copies are an error in a test set of any size."""


class Near(NamedTuple):
    """What was compared and found: pairs of rows of train and test in a row, the closest first.

    `natural` is the share of the train rows that have near copies inside train, those in crowds among them.
    """

    what: str
    pairs: Pairs
    crowded: Ints
    natural: float
    rows: int


class Limits(NamedTuple):
    """Limits of what counts as near, by kind of column."""

    jaccard: float
    tolerance: float
    correlation: float
    crowd: int


def check(
    data: DataRead, *, alpha: float = 1e-3, jaccard: float = 0.8, tolerance: float = 0.05, correlation: float = 0.95,
    crowd: int = 20, natural: float = 0.3, many: float = 0.01, many_inside: float = 0.05,
) -> Iterator[Finding | Skip | Measured]:  # fmt: skip
    """Yield findings: near copies across (an error from a share `many` of the test rows on, else a warning) and inside
    train (a warning from `many_inside` on, else a note), where fewer than `alpha` pairs as near are expected by chance.
    """  # noqa: D205  (one sentence)
    parts = _columns(data)
    size, others = len(data.train), 0 if data.test is None else len(data.test)
    if not parts[0] or size + others < LEAST_ROWS:
        few = "there are no features but identifiers" if not parts[0] else f"fewer than {LEAST_ROWS} rows"
        yield Skip(code=CODE, reason=few)
        return
    found = _found(parts, size, alpha, crowd, Limits(jaccard, tolerance, correlation, crowd))
    if found is None:
        yield Skip(code=CODE, reason="there are no numbers, categories, texts or images to compare")
        return
    inside = found.pairs.only(found.pairs.second < size)
    across = found.pairs.only((found.pairs.first < size) & (found.pairs.second >= size))
    copies, copied = _first_of_each(across.second), _first_of_each(inside.second)
    yield Measured(
        numbers={
            "test_rows_near_train": len(copies) if data.test is not None else None,
            "share": round(len(copies) / others, 6) if others else None,
            "near_train_rows": len(copied),
            "crowded_rows": len(found.crowded),
            "looked_at": found.what,
            "rows": found.rows,
        },
        rows=_once(np.concatenate([across.first[copies], inside.second[copied]])),
        test_rows=across.second[copies] - size,
    )
    usual = found.natural > natural
    if len(copies) and not (usual and _as_inside(found, len(copies), others)):
        sure = (len(copies) >= min(many * others, SURELY)) and len(copies) > 1 and not usual
        yield _across(found.what, across, copies, size, others, "error" if sure else "warning")
    if len(copied) and not (usual and found.what == "texts"):
        often = len(copied) >= many_inside * size and len(copied) > 1
        yield _inside(found.what, inside, copied, size, "warning" if often else "note")


def _as_inside(found: Near, count: int, others: int) -> bool:
    """Whether texts of the test set are like those of train no more often than these are like each other."""
    from scipy.stats import binomtest

    if found.what != "texts":
        return False
    usual = min(1.25 * found.natural, 1.0)
    return bool(binomtest(count, others, usual, alternative="greater").pvalue >= 1e-4)


def _columns(data: DataRead) -> tuple[list[Column], list[Column] | None]:
    """Return the features of both sets but identifiers, those that both have."""
    every = rows_in_all(data.train, data.test)
    kept = [column for column in data.train.features if not is_identifier(column, every)]
    if data.test is None:
        return kept, None
    there = {column.name: column for column in data.test.columns}
    kept = [column for column in kept if column.name in there]
    return kept, [there[column.name] for column in kept]


def _found(
    parts: tuple[list[Column], list[Column] | None], size: int, alpha: float, crowd: int, limits: Limits
) -> Near | None:
    """Return the pairs that stand out, None where no column can be compared."""
    rows = _different(parts)
    met = _met(parts, rows, limits)
    if met is None:
        return None
    what, pairs = met
    total = size + (len(parts[1][0]) if parts[1] else 0)
    sure, crowded = near.without_crowds(pairs.only(pairs.expected < alpha), total, crowd)
    inside = sure.only(sure.second < size)
    held = np.unique(np.concatenate([inside.first, inside.second, crowded]))
    share = int(np.count_nonzero(held < size)) / max(int(np.count_nonzero(rows < size)), 1)
    return Near(what, near.closest_first(sure), crowded, share, len(rows))


def _different(parts: tuple[list[Column], list[Column] | None]) -> Ints:
    """Return the rows to compare: one of equal ones, that of train where there is one; at most MOST_ROWS."""
    hashes = row_hashes(*parts)
    order = np.argsort(hashes, kind="stable")
    first = np.ones(len(order), dtype=np.bool_)
    first[1:] = hashes[order[1:]] != hashes[order[:-1]]
    rows = np.sort(order[first]).astype(np.int64)
    return rows[sample(len(rows), MOST_ROWS)]


def _met(
    parts: tuple[list[Column], list[Column] | None], rows: Ints, limits: Limits
) -> tuple[str, Pairs] | None:
    """Return what is compared, images before texts before tables, and the near pairs."""
    columns, others = parts
    images = [i for i, column in enumerate(columns) if column.pixels is not None]
    if images:
        pixels = [p[images[0]].pixels for p in (columns, others) if p]
        joined = np.concatenate([p for p in pixels if p is not None])
        return "images", near_images.pairs(joined, rows, correlation=limits.correlation)
    texts = _joined_texts(parts, rows)
    if sum(text is not None for text in texts) >= len(rows) / 2 and texts:
        return "texts", near_texts.pairs(texts, rows, jaccard=limits.jaccard, crowd=limits.crowd)
    table = [i for i, column in enumerate(columns) if column.numbers is not None or column.codes is not None]
    if not table:
        return None
    chosen = [columns[i] for i in table], None if others is None else [others[i] for i in table]
    pairs = near_rows.pairs(*chosen, rows, tolerance=limits.tolerance)
    if texts:
        place = {row: text for row, text in zip(rows.tolist(), texts, strict=True) if text is not None}
        same = [
            place.get(a) == place.get(b)
            for a, b in zip(pairs.first.tolist(), pairs.second.tolist(), strict=True)
        ]
        pairs = pairs.only(np.array(same, dtype=np.bool_))
    return "rows", pairs


def _joined_texts(parts: tuple[list[Column], list[Column] | None], rows: Ints) -> list[str | None]:
    """Return all texts of each row in one, None for rows without any; [] without columns of text."""
    columns, others = parts
    joined: list[str | None] = []
    for i, column in enumerate(columns):
        if column.texts is None:
            continue
        other = others[i].texts if others is not None else None
        texts = (np.concatenate([column.texts, other]) if other is not None else column.texts)[rows].tolist()
        joined = (
            [f"{a} {b}" if a and b else a or b for a, b in zip(joined, texts, strict=True)]
            if joined
            else texts
        )
    return joined


def _first_of_each(rows: Ints) -> Ints:
    """Return the places of the first of equal rows, ascending."""
    return np.sort(np.unique(rows, return_index=True)[1]).astype(np.int64)


def _once(rows: Ints) -> Ints:
    return rows[_first_of_each(rows)]


def _told(pairs: Pairs, places: Ints, size: int) -> tuple[str, ...]:
    """Return the closest pairs as the evidence names them."""
    told = []
    for place in places[:SHOWN].tolist():
        second = int(pairs.second[place])
        name = f"test {second - size}" if second >= size else f"train {second}"
        told.append(f"train {int(pairs.first[place])} ~ {name}: {pairs.likeness[place]:.3g}")
    return tuple(told)


def _across(what: str, pairs: Pairs, places: Ints, size: int, others: int, severity: Severity) -> Finding:
    count = len(places)
    be, one = ("is", what[:-1]) if count == 1 else ("are", what[:-1])
    return Finding(
        code=CODE,
        name=NAME,
        severity=severity,
        message=f"{count:,} of {others:,} test {what} {be} nearly equal to a train {one}",
        evidence={
            "kind": what,
            "count": count,
            "share": round(count / others, 6),
            "expected_by_chance": float(f"{pairs.expected[places].max():.3g}"),
            "test_rows": first_rows(pairs.second[places] - size),
            "rows": first_rows(pairs.first[places]),
            "pairs": _told(pairs, places, size),
        },
        actions=(
            Action(
                name="drop-duplicates", why="drop the near copies from one side before anything is measured"
            ),
        ),
    )


def _inside(what: str, pairs: Pairs, places: Ints, size: int, severity: Severity) -> Finding:
    count = len(places)
    be = "is" if count == 1 else "are"
    return Finding(
        code=CODE,
        name=NAME,
        severity=severity,
        message=f"{count:,} of {size:,} train {what} {be} nearly equal to an earlier one",
        evidence={
            "kind": what,
            "count": count,
            "share": round(count / size, 6),
            "expected_by_chance": float(f"{pairs.expected[places].max():.3g}"),
            "rows": first_rows(pairs.second[places]),
            "pairs": _told(pairs, places, size),
        },
        actions=(Action(name="drop-duplicates", why="keep one of each, or keep all on one side of a split"),),
    )
