"""The target follows the order of the rows.

What it finds
    Neighbouring rows, or rows of the same block of the file, share their class or have a similar target: at least
    `effect` of what perfectly sorted rows would show, surely (`alpha`) more than shuffled rows do. Where a time column
    orders the rows that is expected and told as a note.

Why it matters
    Batches taken in file order then hold one class or one range of the target: the loss saws, batch statistics are
    off. A split by position trains on some classes and tests on others.

Example
    the target species follows the order of the rows: 98 % of neighbours share their class, 33 % would when shuffled

What to do
    Shuffle before training and before any split (for time series: split by time, shuffle within the training part).

False alarms
    A loader that shuffles makes the order of the file harmless. Folders of images are not judged.

Measured
    `neighbours` and `blocks` (shares, at most 1, of what perfect order would show), `p_value` of the order of the
    target, and `ordered_features`. Features are judged on 20,000 neighbouring rows at most.

References
    Mood 1940, The distribution theory of runs; Wald & Wolfowitz 1943, An exact test for randomness in the
    non-parametric case based on serial correlation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlcheck.model import Action, Finding, Severity, Skip
from mlcheck.model.dataset import Measured
from mlcheck.rules.data.facts import LEAST_ROWS, NO_TARGET, is_identifier, known_target, listed
from mlcheck.stats.data import order

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlcheck.model.common import Floats
    from mlcheck.model.dataset import Codes, DataRead, Dataset, Ints

CODE = "DBG303"
NAME = "not-shuffled"
SEVERITY: Severity = "warning"
MOST_ROWS = 20_000
"""Rows of a feature that are looked at."""
ORDERED = 0.999
"""Share of steps in one direction from which a column is said to order the rows."""


def check(
    data: DataRead, *, effect: float = 0.25, alpha: float = 1e-4, feature_effect: float = 0.5
) -> Iterator[Finding | Skip | Measured]:
    """Yield a finding where the target follows the rows by at least `effect` (0..1), with error rate `alpha`."""
    if any(column.pixels is not None for column in data.train.columns):
        yield Skip(code=CODE, reason="images in folders have no order of their own: they are read by name")
        return
    known = known_target(data.train)
    if known is None:
        yield Skip(code=CODE, reason=NO_TARGET)
        return
    rows, target = _one_a_group(data.train, *known)
    if len(rows) < LEAST_ROWS:
        yield Skip(code=CODE, reason=f"{len(rows)} rows are too few to judge their order")
        return
    found = _order(target)
    clocks = time_columns(data.train)
    follows = _ordered_features(data.train, feature_effect, alpha)
    yield Measured(
        numbers={
            "neighbours": round(found.neighbours, 4),
            "blocks": round(found.blocks, 4),
            "p_value": found.p_value,
            "ordered_features": len(follows),
            "ordered_by": clocks[0] if clocks else None,
        }
    )
    if found.effect >= effect and found.p_value < alpha:
        yield _target_ordered(data.train.target or "", target, found, clocks)
    elif follows and not clocks:
        yield _features_ordered(follows)


def time_columns(dataset: Dataset) -> tuple[str, ...]:
    """Return the names of the columns of time that order the rows: the one named as time, or dates."""
    names = []
    for column in dataset.columns:
        timely = column.kind == "date" or column.name == dataset.time
        if timely and column.numbers is not None:
            values = column.numbers[~np.isnan(column.numbers)]
            if len(values) >= LEAST_ROWS and order.rising(values) >= ORDERED:
                names.append(column.name)
    return tuple(names)


def _one_a_group(dataset: Dataset, rows: Ints, target: Codes | Floats) -> tuple[Ints, Codes | Floats]:
    """Keep the first of neighbouring rows of one group: rows of one person beside each other are no order of its own."""
    if dataset.group is None:
        return rows, target
    from mlcheck.stats.data.bins import levels

    groups = levels(dataset.column(dataset.group))[0][rows]
    first = np.r_[True, (groups[1:] != groups[:-1]) | (groups[1:] < 0)]
    return rows[first], target[first]


def _order(target: Codes | Floats) -> order.Order:
    if target.dtype == np.float64:
        return order.of_numbers(target.astype(np.float64))
    return order.of_classes(np.unique(target, return_inverse=True)[1])


def _ordered_features(dataset: Dataset, effect: float, alpha: float) -> list[str]:
    """Name the features of numbers that follow the rows, beside those that only count them; Bonferroni over features."""
    features = [c for c in dataset.features if c.kind in ("number", "boolean") and c.numbers is not None]
    names = []
    for column in features:
        assert column.numbers is not None  # noqa: S101  (chosen so)
        values = column.numbers[_stretches(len(dataset))]
        values = values[~np.isnan(values)]
        if len(values) < LEAST_ROWS or is_identifier(column, len(dataset)):
            continue
        found = order.of_numbers(values)
        if found.effect >= effect and found.p_value < alpha / len(features):
            names.append(column.name)
    return names


def _stretches(rows: int) -> Ints:
    """Return MOST_ROWS rows as 20 evenly spaced stretches of neighbours; all rows where they fit."""
    if rows <= MOST_ROWS:
        return np.arange(rows)
    length = MOST_ROWS // order.BLOCKS
    starts = np.linspace(0, rows - length, order.BLOCKS).astype(np.int64)
    return (starts[:, None] + np.arange(length)).ravel()


def _target_ordered(
    name: str, target: Codes | Floats, found: order.Order, clocks: tuple[str, ...]
) -> Finding:
    if target.dtype == np.float64:
        told = f"neighbouring rows correlate by {found.neighbours:.2f}, 0 would be shuffled"
    else:
        equal = float(np.mean(target[1:] == target[:-1]))
        shares = np.bincount(target.astype(np.int64)) / len(target)
        told = (
            f"{equal:.0%} of neighbours share their class, {float(np.sum(shares**2)):.0%} would when shuffled"
        )
    severity: Severity = "note" if clocks else SEVERITY
    why = f"; {clocks[0]} orders the rows" if clocks else ""
    advice = (
        "split by time, shuffle within the training part" if clocks else "shuffle the rows before training"
    )
    return Finding(
        code=CODE,
        name=NAME,
        severity=severity,
        message=f"the target {name} follows the order of the rows: {told}{why}",
        evidence={
            "column": name,
            "neighbours": round(found.neighbours, 4),
            "blocks": round(found.blocks, 4),
            "p_value": found.p_value,
            "ordered_by": clocks[0] if clocks else None,
        },
        actions=(Action(name="shuffle", why=advice),),
    )


def _features_ordered(names: list[str]) -> Finding:
    return Finding(
        code=CODE,
        name=NAME,
        severity="note",
        message=f"{listed(names)} {'follows' if len(names) == 1 else 'follow'} the order of the rows, the target does not",
        evidence={"columns": tuple(names[:20]), "count": len(names)},
        actions=(Action(name="shuffle", why="shuffle the rows before training"),),
    )
