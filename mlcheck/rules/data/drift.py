"""The test set was drawn differently from the train set.

What it finds
    A classifier that tells test rows from train rows, held out, surely better than chance (`alpha`) with an area under
    the ROC curve of at least `auc`; or a single column whose distribution differs surely (Bonferroni over columns) and
    by at least `size`. Of texts, their length, the length of words and kinds of signs are such columns, of images their
    brightness, contrast and colours. An error where the two are nearly separable. Dates, columns of time and
    identifiers are left out: a later test set is later.

Why it matters
    A score on the test set then speaks of another population than train, and a model chosen on one may fail on the
    other.

Example
    a classifier tells test from train: AUC 0.83 (0.5 is chance); most by income (+0.9 standard deviations)

What to do
    Find out how the rows were divided. Split at random (or by group, by time), or say that the test set is of another
    population and weight or retrain.

False alarms
    Splits by group, time or place, which differ on purpose.

Measured
    `auc` and `p_value` of the classifier, `columns` that differ, and the worst one with its `size` (largest difference
    of the distribution functions, or of shares). On 4,000 rows of each set for the classifier, 20,000 for columns.

References
    Rabanser, Günnemann & Lipton 2019, Failing loudly: an empirical study of methods for detecting dataset shift;
    Lopez-Paz & Oquab 2017, Revisiting classifier two-sample tests.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from mlcheck.model import Action, Finding, Severity, Skip
from mlcheck.model.dataset import Measured
from mlcheck.rules.data.facts import LEAST_ROWS, NO_TEST, in_both, is_identifier, rows_in_all
from mlcheck.rules.data.normalisation import other_units
from mlcheck.stats.data import separation, traits, two_sample
from mlcheck.stats.data.bins import of_numbers, sample

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mlcheck.model import Floats
    from mlcheck.model.dataset import Column, DataRead, Dataset, Ints

CODE = "DBG302"
NAME = "drift"
SEVERITY: Severity = "warning"
SHARED = {"least_factor": "DBG301", "least_offset": "DBG301"}
"""Limits that are those of another rule, where they are not set for this one."""
MOST_ROWS = 20_000
MOST_TOLD = 4_000
MOST_COLUMNS = 200
"""Columns that the classifier learns from: those that differ most by themselves."""


class Shift(NamedTuple):
    """How one column differs between train and test."""

    name: str
    found: two_sample.Difference
    psi: float | None


def check(
    data: DataRead,
    *,
    alpha: float = 5e-4,
    auc: float = 0.6,
    size: float = 0.15,
    separable: float = 0.95,
    least_factor: float = 1.6,
    least_offset: float = 3.0,
) -> Iterator[Finding | Skip | Measured]:
    """Yield a finding where test differs from train by `auc` or, in one column, by `size`, with error rate `alpha`.

    `least_factor` and `least_offset` are those of DBG301: a column that is in other units by them is told there only.
    """
    if data.test is None:
        yield Skip(code=CODE, reason=NO_TEST)
        return
    if min(len(data.train), len(data.test)) < LEAST_ROWS:
        yield Skip(code=CODE, reason=f"fewer than {LEAST_ROWS} rows in train or test")
        return
    columns = _compared(data, other_units(data, least_factor=least_factor, least_offset=least_offset))
    drawn = sample(len(data.train), MOST_TOLD, seed=2), sample(len(data.test), MOST_TOLD, seed=3)
    seen = dict(_traits(columns, data, drawn))
    shifts = [*_shifts(columns, data), *(_of_numbers(name, *values) for name, values in seen.items())]
    shifts.sort(key=lambda shift: -shift.found.size)
    differing = [s for s in shifts if s.found.p_value < alpha / max(len(shifts), 1)]
    told = _separated(columns, seen, [s.name for s in shifts], data, drawn)
    worst = differing[0] if differing else None
    yield Measured(
        numbers={
            "auc": round(told.auc, 4),
            "p_value": told.p_value,
            "columns": len(differing),
            "worst_column": worst.name if worst else None,
            "worst_size": round(worst.found.size, 4) if worst else 0.0,
        }
    )
    apart = told.p_value < alpha and told.auc >= auc
    if apart or (worst is not None and worst.found.size >= size):
        nearly = apart and told.auc >= separable
        yield _finding("error" if nearly else SEVERITY, told, differing, apart=apart)


def _compared(data: DataRead, rescaled: frozenset[str]) -> list[Column]:
    """Return the columns whose distribution should be the same on both sides, but those in other units."""
    assert data.test is not None  # noqa: S101  (asked by the caller)
    train, every = data.train, rows_in_all(data.train, data.test)
    return [
        column
        for column in in_both(data)
        if column.name not in (train.group, train.time, *rescaled)
        and column.kind != "date"
        and not is_identifier(column, every)
        and not is_identifier(data.test.column(column.name), every)
    ]


def _shifts(columns: list[Column], data: DataRead) -> Iterator[Shift]:
    """Yield how each column of numbers or categories differs, and how often it is missing where that differs."""
    assert data.test is not None  # noqa: S101  (asked by the caller)
    rows, test_rows = sample(len(data.train), MOST_ROWS), sample(len(data.test), MOST_ROWS, seed=1)
    for column in columns:
        other = data.test.column(column.name)
        if column.numbers is not None and other.numbers is not None:
            yield _of_numbers(column.name, column.numbers[rows], other.numbers[test_rows])
        elif column.codes is not None and other.codes is not None:
            first, second = column.codes[rows], other.codes[test_rows]
            count = len(column.names)
            if count <= len(rows) / 5:
                found = two_sample.categories(first, second, count)
                yield Shift(column.name, found, two_sample.stability(first, second, count))
        gone = [c.missing[r].astype(np.int32) for c, r in ((column, rows), (other, test_rows))]
        if gone[0].any() or gone[1].any():
            yield Shift(f"{column.name} (missing)", two_sample.categories(gone[0], gone[1], 2), None)


def _of_numbers(name: str, first: Floats, second: Floats) -> Shift:
    """Compare numbers by their distributions, whole numbers of few values as categories."""
    one, two = first[np.isfinite(first)], second[np.isfinite(second)]
    if min(len(one), len(two)) < LEAST_ROWS:
        return Shift(name, two_sample.Difference(0.0, 1.0, None), None)
    found = two_sample.numbers(one, two)
    codes, count = of_numbers(np.r_[one, two])
    if count > 10:
        return Shift(name, found, None)
    shares = two_sample.categories(codes[: len(one)], codes[len(one) :], count)
    return Shift(name, shares._replace(shift=found.shift), None)


def _traits(
    columns: list[Column], data: DataRead, drawn: tuple[Ints, Ints]
) -> Iterator[tuple[str, tuple[Floats, Floats]]]:
    """Yield what the drawn texts and images of train and test are like, by "column (trait)"."""
    assert data.test is not None  # noqa: S101  (asked by the caller)
    for column in columns:
        parts = [(c, rows) for c, rows in zip((column, data.test.column(column.name)), drawn, strict=True)]
        if column.texts is not None:
            found = [traits.of_texts(c.texts[rows].tolist()) for c, rows in parts if c.texts is not None]
        else:
            found = [traits.of_images(c.pixels[rows]) for c, rows in parts if c.pixels is not None]
        if len(found) == len(parts):
            first, second = found
            yield from ((f"{column.name} ({name})", (first[name], second[name])) for name in first)


def _separated(
    columns: list[Column],
    seen: Mapping[str, tuple[Floats, Floats]],
    order: list[str],
    data: DataRead,
    drawn: tuple[Ints, Ints],
) -> separation.Separation:
    """Return how well a classifier tells test from train, by the more telling of the table and each text (Bonferroni)."""
    assert data.test is not None  # noqa: S101  (asked by the caller)
    rows, test_rows = drawn
    second = np.r_[np.zeros(len(rows), dtype=np.bool_), np.ones(len(test_rows), dtype=np.bool_)]
    fold = separation.folds(second)
    table = {name: np.r_[values] for name, values in seen.items()}
    for column in columns:
        other = data.test.column(column.name)
        if column.numbers is not None or column.codes is not None:
            table[column.name] = np.r_[_values(column, rows), _values(other, test_rows)]
        elif column.pixels is not None and other.pixels is not None:
            light = np.r_[traits.fields(column.pixels[rows]), traits.fields(other.pixels[test_rows])]
            table |= {f"{column.name} {place}": values for place, values in enumerate(light.T)}
    rank = {name: place for place, name in enumerate(order)}
    chosen = sorted(table, key=lambda name: rank.get(name, len(rank)))[:MOST_COLUMNS]
    scores = []
    if chosen:
        scores.append(separation.by_trees(np.column_stack([table[name] for name in chosen]), second, fold))
    for column in [c for c in columns if c.kind == "text"][:3]:
        texts = _texts(data.train, column.name, rows) + _texts(data.test, column.name, test_rows)
        if any(text.strip() for text in texts):
            scores.append(separation.by_words(texts, second, fold))
    found = [separation.separation(score, second, fold) for score in scores]
    if not found:
        return separation.Separation(0.5, 1.0)
    best = min(found, key=lambda one: (one.p_value, -one.auc))
    return best._replace(p_value=min(1.0, best.p_value * len(found)))


def _values(column: Column, rows: Ints) -> Floats:
    """Return numbers or codes of some rows as float64 (n,), NaN where missing or not finite."""
    if column.numbers is not None:
        values = column.numbers[rows]
        return np.where(np.isfinite(values), values, np.nan)
    assert column.codes is not None  # noqa: S101  (asked by the caller)
    codes = column.codes[rows]
    return np.where(codes < 0, np.nan, codes.astype(np.float64))


def _texts(dataset: Dataset, name: str, rows: Ints) -> list[str]:
    texts = dataset.column(name).texts
    return [(text or "")[:5000] for text in texts[rows]] if texts is not None else [""] * len(rows)


def _finding(
    severity: Severity, told: separation.Separation, differing: list[Shift], *, apart: bool
) -> Finding:
    top = differing[:5]
    described = ", ".join(_described(shift) for shift in top[:3])
    if apart:
        message = f"a classifier tells test from train: AUC {told.auc:.2f} (0.5 is chance)"
        message += f"; most by {described}" if described else "; no single column shows it"
    else:
        message = f"test differs from train in {len(differing)} columns, most in {described}"
    return Finding(
        code=CODE,
        name=NAME,
        severity=severity,
        message=message,
        evidence={
            "auc": round(told.auc, 4),
            "p_value": told.p_value,
            "columns": tuple(shift.name for shift in top),
            "sizes": tuple(round(shift.found.size, 4) for shift in top),
            "count": len(differing),
        },
        actions=(Action(name="fix-split", why="find out how the test rows were chosen"),),
    )


def _described(shift: Shift) -> str:
    if shift.found.shift is not None:
        return f"{shift.name} ({shift.found.shift:+.2g} standard deviations)"
    if shift.psi is not None:
        return f"{shift.name} (population stability index {shift.psi:.2g})"
    return f"{shift.name} ({shift.found.size:.0%} of the rows)"
