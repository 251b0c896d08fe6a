"""Columns that are scaled differently in the test set, hold codes for missing values, mix types, or never vary.

What it finds
    A column whose test values have the same shape as the train values in other units or around another centre (error);
    several test values far outside all of train; columns that the test set lacks;
    a column that varies in train and is constant in test; cells of another type than the rest; one exact value,
    repeated, far outside the rest or written for "missing" (-999, 9999, 0 among large numbers, 1970-01-01, "?"); single
    values far outside all others; constant columns (note).

Why it matters
    A model reads a test set in other units as if it were another world: its scores say nothing. A code for a missing
    value is learned as a measurement and wrecks means, scales and distances.

Example
    test values of height are 0.01 times those of train, the shape is the same

What to do
    Fit the scaler on train once and apply it to both. Read codes as missing. Fix units and types at the source.

False alarms
    A code that the model is meant to see, such as a zero for "none"; a test set from another place or instrument.

Measured
    Columns by what was found in them. Test and train are compared on 20,000 rows each, the spread of a column is taken
    from 20,000; ends of columns and counts of codes are exact.

References
    Tukey 1977, Exploratory Data Analysis (fences); Smirnov 1948, Table for estimating the goodness of fit.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from mlcheck.model import Action, Finding, Severity
from mlcheck.model.dataset import Measured
from mlcheck.rules.data.facts import LEAST_ROWS, first_rows, in_both, is_identifier, listed, rows_in_all
from mlcheck.stats.data import scaling, spikes, two_sample
from mlcheck.stats.data.bins import sample

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mlcheck.model import Floats
    from mlcheck.model.dataset import Column, DataRead, Dataset, Ints, Texts

CODE = "DBG301"
NAME = "normalisation"
SEVERITY: Severity = "error"
MOST_ROWS = 20_000


class Rescaled(NamedTuple):
    """One column of the test set in other units."""

    name: str
    found: scaling.Rescaling
    train_standard: bool
    test_standard: bool


class Hidden(NamedTuple):
    """One code for missing values: the column, the value as it is written, how often, its rows, what the rest is."""

    name: str
    value: str
    repeats: int
    rows: Ints
    rest: str


def check(
    data: DataRead,
    *,
    least_factor: float = 1.6,
    least_offset: float = 3.0,
    alpha: float = 1e-3,
    times: float = 10.0,
) -> Iterator[Finding | Measured]:
    """Yield findings; a test column counts as rescaled by `least_factor` or shifted by `least_offset` deviations.

    `alpha` is the error rate over all columns, `times` the distance of an outlier in ranges of all other values.
    """
    train, test = data.train, data.test
    columns = [c for c in train.columns if c.name not in (train.group, train.time)]
    shared = [c for c in in_both(data) if c.name not in (train.group, train.time)]
    rescaled, frozen = (
        _against_test(shared, data, least_factor, least_offset, alpha) if test is not None else ([], [])
    )
    hidden = [found for column in columns for found in _hidden(column, train)]
    outliers = _outliers(columns, times, {h.name for h in hidden})
    odd = [column for column in columns if column.odd]
    constant = [column.name for column in columns if column.name != train.target and _constant(column)]
    yield Measured(
        numbers={
            "columns": len(columns),
            "rescaled": len(rescaled),
            "constant_in_test": len(frozen),
            "mixed_types": len(odd),
            "codes_for_missing": len(hidden),
            "outliers": len(outliers),
            "constant": len(constant),
        },
        rows=np.unique(np.concatenate([np.zeros(0, np.int64), *(h.rows for h in hidden)])),
    )
    roles = (train.target, train.group, train.time)
    train_only = [name for name in data.train_only if name not in roles]
    if train_only or data.test_only:
        yield _lonely_finding(train_only, data.test_only)
    if rescaled:
        yield _rescaled_finding(rescaled, len(columns))
    known = {found.name for found in rescaled}
    yield from (_far_finding(*far) for far in _far(shared, data, times) if far[0].name not in known)
    if frozen:
        yield _named("warning", frozen, "constant in the test set, not in train", "fix-preprocessing")
    yield from map(_odd_finding, odd)
    yield from map(_hidden_finding, hidden)
    yield from (_outlier_finding(name, found) for name, found in outliers)
    if constant:
        yield _named("note", constant, "constant", "drop-column")


def other_units(
    data: DataRead, *, least_factor: float = 1.6, least_offset: float = 3.0, alpha: float = 1e-3
) -> frozenset[str]:
    """Return the columns whose test values are those of train in other units: what they differ by is told here only."""
    if data.test is None:
        return frozenset()
    columns = [c for c in in_both(data) if c.name not in (data.train.group, data.train.time)]
    rescaled, _ = _against_test(columns, data, least_factor, least_offset, alpha)
    return frozenset(found.name for found in rescaled)


def _against_test(
    columns: list[Column], data: DataRead, least_factor: float, least_offset: float, alpha: float
) -> tuple[list[Rescaled], list[str]]:
    """Return the columns of the test set in other units, and those that are constant there only."""
    assert data.test is not None  # noqa: S101  (asked by the caller)
    rows, test_rows = sample(len(data.train), MOST_ROWS), sample(len(data.test), MOST_ROWS, seed=1)
    every = rows_in_all(data.train, data.test)
    rescaled, frozen = [], []
    numeric = [c for c in columns if c.kind == "number" and c.numbers is not None]
    for column in numeric:
        assert column.numbers is not None  # noqa: S101  (chosen so)
        other = data.test.column(column.name).numbers
        if other is None or is_identifier(column, every):
            continue
        first, second = _known(column.numbers[rows]), _known(other[test_rows])
        if min(len(first), len(second)) < LEAST_ROWS:
            continue
        if _stands_still(first, second):
            frozen.append(column.name)
        elif len(np.unique(first[:1000])) > 2 and two_sample.numbers(first, second).p_value < alpha / len(
            numeric
        ):
            found = scaling.rescaling(first, second)
            if found is not None and _matters(found, least_factor, least_offset):
                rescaled.append(
                    Rescaled(column.name, found, scaling.standardised(first), scaling.standardised(second))
                )
    return rescaled, frozen


def _far(columns: list[Column], data: DataRead, times: float) -> Iterator[tuple[Column, Floats, Ints]]:
    """Yield columns of which several test values lie more than `times` the whole range of train away from it, with them."""
    for column in columns if data.test is not None else ():
        other = data.test.column(column.name).numbers if data.test is not None else None
        if column.kind != "number" or column.numbers is None or other is None or column.missing.all():
            continue
        low, high = float(np.nanmin(column.numbers)), float(np.nanmax(column.numbers))
        reach = times * (high - low)
        rows = np.flatnonzero((other < low - reach) | (other > high + reach)) if reach > 0 else ()
        if len(rows) >= spikes.LEAST_REPEATS:
            yield column, other[rows], np.asarray(rows)


def _matters(found: scaling.Rescaling, least_factor: float, least_offset: float) -> bool:
    factor = max(found.scale, 1 / found.scale)
    return found.same_shape and (factor >= least_factor or abs(found.offset) >= least_offset)


def _stands_still(first: Floats, second: Floats) -> bool:
    """Whether a column that varies in train is constant in test although that would be a rare draw (under 1 in 10^6)."""
    if second.min() != second.max():
        return False
    share = float(np.mean(first == second[0]))
    return share < 1 and len(second) * np.log(max(share, 1e-12)) < np.log(1e-6)


def _known(values: Floats) -> Floats:
    return values[np.isfinite(values)]


def _constant(column: Column) -> bool:
    values = column.numbers if column.numbers is not None else column.codes
    if values is None or len(values) < 2 or column.missing.any():
        return False
    return bool((values == values[0]).all())


def _hidden(column: Column, train: Dataset) -> Iterator[Hidden]:
    """Yield codes for missing values in a column: numbers that stand apart, names that say so."""
    if column.codes is not None:
        yield from _placeholders(column)
    elif column.texts is not None:
        yield from _no_texts(column.name, column.texts)
    if column.kind not in ("number", "date") or column.numbers is None or len(train) < LEAST_ROWS:
        return
    known = _known(column.numbers[sample(len(train), MOST_ROWS)])
    found = spikes.spike(column.numbers, known, column.whole)
    if found is None:
        return
    rows = np.flatnonzero(column.numbers == found.value)
    told = _date if column.kind == "date" else _number
    rest = f"{told(found.low)} to {told(found.high)}"
    yield Hidden(column.name, told(found.value), found.repeats, rows, rest)


def _placeholders(column: Column) -> Iterator[Hidden]:
    assert column.codes is not None  # noqa: S101  (asked by the caller)
    short = sum(len(name) <= 2 for name in column.names) > len(column.names) / 2
    for code, name in enumerate(column.names):
        plain = name.strip().lower()
        if plain not in spikes.PLACEHOLDERS or (plain == "na" and short) or len(column.names) < 3:
            continue
        rows = np.flatnonzero(column.codes == code)
        if len(rows) and len(rows) < len(column.codes) / 2:
            yield Hidden(
                column.name, repr(name), len(rows), rows, f"{len(column.names) - 1} other categories"
            )


def _no_texts(name: str, texts: Texts) -> Iterator[Hidden]:
    """Yield words for "nothing" that stand in place of several texts."""
    counts = Counter(text for text in texts if text is not None and len(text) <= spikes.LONGEST_NOTHING)
    for text, count in counts.items():
        if text.strip().lower() in spikes.NOTHING and spikes.LEAST_REPEATS <= count < len(texts) / 2:
            rows = np.flatnonzero(texts == text)
            yield Hidden(name, repr(text), count, rows, f"{len(texts) - count} texts")


def _outliers(columns: list[Column], times: float, but: set[str]) -> list[tuple[str, spikes.Outlier]]:
    found = []
    for column in columns:
        if column.kind != "number" or column.numbers is None or column.name in but:
            continue
        known = _known(column.numbers[sample(len(column), MOST_ROWS)])
        outlier = spikes.outlier(column.numbers, known, times) if len(known) >= LEAST_ROWS else None
        if outlier is not None:
            found.append((column.name, outlier))
    return found


def _rescaled_finding(rescaled: list[Rescaled], count: int) -> Finding:
    worst = max(rescaled, key=lambda r: abs(np.log(r.found.scale)) + abs(r.found.offset))
    found = worst.found
    if worst.test_standard != worst.train_standard and found.shift:
        one, other = ("test", "train") if worst.test_standard else ("train", "test")
        told = f"{worst.name} looks standardised in {one} but not in {other}"
    elif max(found.scale, 1 / found.scale) >= 1.2:
        told = f"test values of {worst.name} are {_rounded(found.scale)} times those of train"
    else:
        told = f"test values of {worst.name} are shifted by {found.offset:.2g} standard deviations"
    also = f" ({len(rescaled)} of {count} columns so)" if len(rescaled) > 1 else ""
    return Finding(
        code=CODE,
        name=NAME,
        severity=SEVERITY,
        message=f"{told}, the shape is the same{also}",
        evidence={
            "columns": tuple(r.name for r in rescaled[:20]),
            "scale": tuple(float(f"{r.found.scale:.4g}") for r in rescaled[:20]),
            "shift": tuple(float(f"{r.found.shift:.4g}") for r in rescaled[:20]),
            "count": len(rescaled),
        },
        actions=(
            Action(name="fix-preprocessing", why="fit the scaling on train and apply the same to test"),
        ),
    )


def _lonely_finding(train_only: Sequence[str], test_only: Sequence[str]) -> Finding:
    """Tell columns that only one side has: a model of train cannot be asked for a test set that lacks some."""
    sides = (("train", train_only), ("the test set", test_only))
    told = [f"only {side} has {listed(names)}" for side, names in sides if names]
    return Finding(
        code=CODE,
        name=NAME,
        severity="warning" if train_only else "note",
        message="; ".join(told),
        evidence={"train_only": tuple(train_only[:20]), "test_only": tuple(test_only[:20])},
        actions=(Action(name="fix-preprocessing", why="give train and test the same columns"),),
    )


def _named(severity: Severity, names: list[str], what: str, action: str) -> Finding:
    return Finding(
        code=CODE,
        name=NAME,
        severity=severity,
        message=f"{listed(names)} {'is' if len(names) == 1 else 'are'} {what}",
        evidence={"columns": tuple(names[:20]), "count": len(names)},
        actions=(Action(name=action, why=f"{listed(names)} cannot tell rows apart"),),
    )


def _odd_finding(column: Column) -> Finding:
    cells = sum(column.odd.values())
    examples = listed([repr(text[:30]) for text in column.odd])
    return Finding(
        code=CODE,
        name=NAME,
        severity="warning",
        message=f"{cells} of {len(column)} cells of {column.name} are no {column.kind}: {examples}",
        evidence={
            "column": column.name,
            "cells": cells,
            "texts": tuple(text[:100] for text in list(column.odd)[:20]),
            "rows": first_rows(column.odd_rows),
        },
        actions=(Action(name="fix-types", why=f"write {column.name} as one type, missing cells empty"),),
    )


def _hidden_finding(hidden: Hidden) -> Finding:
    return Finding(
        code=CODE,
        name=NAME,
        severity="warning",
        message=f"{hidden.value} stands {hidden.repeats} times in {hidden.name} and reads as a missing value (the rest: {hidden.rest})",
        evidence={
            "column": hidden.name,
            "value": hidden.value,
            "count": hidden.repeats,
            "rows": first_rows(hidden.rows),
        },
        actions=(Action(name="mark-missing", why=f"read {hidden.value} in {hidden.name} as missing"),),
    )


def _outlier_finding(name: str, found: spikes.Outlier) -> Finding:
    return Finding(
        code=CODE,
        name=NAME,
        severity="note" if found.heavy else "warning",
        message=f"{found.value:.6g} in {name} lies {found.times:.3g} times the range of all other values away from them",
        evidence={"column": name, "value": found.value, "times": round(found.times, 2), "rows": (found.row,)},
        actions=(Action(name="check-units", why=f"look at row {found.row} of {name}"),),
    )


def _rounded(value: float) -> str:
    """Write an estimated factor, never as a power of ten: about 1000 (within its error of one), 2.54, 0.00102.

    >>> [_rounded(value) for value in (959.0, 2.541, 412.3, 0.00102)]
    ['about 1000', '2.54', '412', 'about 0.001']
    """
    power = 10.0 ** round(float(np.log10(value)))
    if power != 1 and 0.88 <= value / power <= 1.12:
        return f"about {power:.0f}" if power > 1 else f"about {np.format_float_positional(power, trim='-')}"
    return (
        f"{value:.0f}" if value >= 1000 else np.format_float_positional(value, 3, fractional=False, trim="-")
    )


def _far_finding(column: Column, values: Floats, rows: Ints) -> Finding:
    assert column.numbers is not None  # noqa: S101  (chosen so)
    low, high = _number(float(np.nanmin(column.numbers))), _number(float(np.nanmax(column.numbers)))
    worst = _number(float(values[np.argmax(np.abs(values))]))
    return Finding(
        code=CODE,
        name=NAME,
        severity="warning",
        message=f"{len(values)} test values of {column.name} lie far outside those of train ({low} to {high}), up to {worst}",
        evidence={"column": column.name, "count": len(values), "test_rows": first_rows(rows)},
        actions=(Action(name="check-units", why=f"look at {column.name} in the test set"),),
    )


def _number(value: float) -> str:
    return f"{value:.10g}"


def _date(value: float) -> str:
    if not -6e10 < value < 2.5e11:
        return f"{value:.10g} s"
    return str(np.datetime64(int(value), "s").astype("datetime64[D]"))
