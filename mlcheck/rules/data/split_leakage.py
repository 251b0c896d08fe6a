"""Train and test share groups, the test set is older than train, or the number of a row tells its target.

What it finds
    Groups that train and test share (`--group`); test rows that are earlier than the latest train row (`--time`, or a
    column of dates that orders the rows); a row number or identifier that predicts the target.

Why it matters
    A model that has seen the patient, the shop or the next day remembers instead of predicting: the test score is too
    good, and falls in use. A row number that predicts the target is an accident of how the file was put together.

Example
    118 of 120 patients of the test set are in train too: 96 % of the test rows

What to do
    Split by group (GroupKFold) or by time (train before test), and leave identifiers out of the features.

False alarms
    A task whose groups are the same in use, such as known customers; an identifier given out in the order of time.

Measured
    `shared_groups` and `rows_in_shared_groups` (share of test rows), `earlier_rows` (share of test rows before the end
    of train), and `identifier`, `identifier_share`: the share of the target (0..1) that blocks of the identifier
    explain. Identifiers are judged on 50,000 rows at most.

References
    Kaufman, Rosset & Perlich 2012, Leakage in data mining: formulation, detection, and avoidance.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from mlcheck.model import Action, Finding, Severity, Skip
from mlcheck.model.dataset import Measured
from mlcheck.rules.data.facts import (
    LEAST_ROWS,
    NO_TEST,
    first_rows,
    in_both,
    is_identifier,
    known_target,
    listed,
    rows_in_all,
)
from mlcheck.stats.data import order
from mlcheck.stats.data.bins import sample

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlcheck.model import Floats, Scalar
    from mlcheck.model.dataset import Column, DataRead, Dataset, Ints

CODE = "DBG103"
NAME = "split-leakage"
SEVERITY: Severity = "error"
MOST_ROWS = 50_000


class Numbered(NamedTuple):
    """How well an identifier tells the target."""

    name: str
    found: order.Order


def check(
    data: DataRead, *, effect: float = 0.25, alpha: float = 1e-4, determined: float = 0.9
) -> Iterator[Finding | Skip | Measured]:
    """Yield findings; an identifier leaks where it explains `effect` of the target, with error rate `alpha`.

    From `determined` (0..1) of the target on it is an error, a warning before.
    """
    numbered = _identifiers(data)
    clock = _clock(data)
    if data.test is None and not numbered:
        yield Skip(code=CODE, reason=NO_TEST)
        return
    numbers: dict[str, Scalar] = {}
    found: list[Finding] = []
    leaked: list[Ints] = []
    there = {column.name for column in in_both(data)}
    absent = [name for name in (data.train.group, data.train.time) if name is not None and name not in there]
    if absent:
        yield Skip(code=CODE, reason=f"the test set has no column {listed(absent)}")
    if data.test is not None and data.train.group in there:
        rows, shared, groups = _shared(data.train, data.test, data.train.group)
        numbers |= {"shared_groups": shared, "groups": groups}
        numbers["rows_in_shared_groups"] = round(len(rows) / max(len(data.test), 1), 4)
        leaked.append(rows)
        if shared:
            found.append(_group_finding(data, rows, shared, groups))
    if data.test is not None and clock in there:
        rows = _earlier(data.train.column(clock), data.test.column(clock))
        numbers["earlier_rows"] = round(len(rows) / max(len(data.test), 1), 4)
        if len(rows):
            leaked.append(rows)
            found.append(_time_finding(data, clock, rows))
    best = max(numbered, key=lambda n: n.found.effect, default=None)
    if best is not None:
        numbers |= {"identifier": best.name, "identifier_share": round(best.found.effect, 4)}
        if best.found.effect >= effect and best.found.p_value < alpha / len(numbered):
            found.append(_identifier_finding(best, determined))
    if not numbers and not absent:
        yield Skip(code=CODE, reason="no --group or --time was named, and no column numbers the rows")
    if not numbers:
        return
    none = np.zeros(0, dtype=np.int64)
    yield Measured(numbers=numbers, test_rows=np.unique(np.concatenate([none, *leaked])))
    yield from found


def _clock(data: DataRead) -> str | None:
    """Return the column of time: the one that was named, or a column of dates that orders the rows of train and test."""
    if data.train.time is not None:
        column = data.train.column(data.train.time)
        return column.name if column.numbers is not None else None
    if data.test is None:
        return None
    for column in in_both(data):
        other = data.test.column(column.name)
        if column.kind == "date" and column.numbers is not None and other.numbers is not None:
            both = [values[~np.isnan(values)] for values in (column.numbers, other.numbers)]
            if min(map(len, both)) >= LEAST_ROWS and all(order.rising(v) >= 0.999 for v in both):
                return column.name
    return None


def _shared(train: Dataset, test: Dataset, group: str) -> tuple[Ints, int, int]:
    """Return the test rows whose group is in train, how many groups are shared, and how many test has."""
    here, there = train.column(group), test.column(group)
    if here.numbers is not None and there.numbers is not None:
        known = there.numbers[~np.isnan(there.numbers)]
        inside = np.isin(there.numbers, here.numbers[~np.isnan(here.numbers)])
        return np.flatnonzero(inside), len(np.unique(there.numbers[inside])), len(np.unique(known))
    if here.codes is not None and there.codes is not None:
        seen = np.zeros(len(here.names) + 1, dtype=np.bool_)
        seen[here.codes[here.codes >= 0]] = True
        inside = seen[there.codes] & (there.codes >= 0)
        groups = len(np.unique(there.codes[there.codes >= 0]))
        return np.flatnonzero(inside), len(np.unique(there.codes[inside])), groups
    if here.texts is None or there.texts is None:
        return np.zeros(0, dtype=np.int64), 0, 0
    names = {text for text in here.texts if text is not None}
    rows = np.flatnonzero(np.array([text in names for text in there.texts], dtype=np.bool_))
    present = {text for text in there.texts if text is not None}
    return rows, len(present & names), len(present)


def _earlier(train: Column, test: Column) -> Ints:
    """Return the test rows that are earlier than the latest train row, the earliest first."""
    if train.numbers is None or test.numbers is None or np.isnan(train.numbers).all():
        return np.zeros(0, dtype=np.int64)
    rows = np.flatnonzero(test.numbers < np.nanmax(train.numbers))
    return rows[np.argsort(test.numbers[rows], kind="stable")]


def _identifiers(data: DataRead) -> list[Numbered]:
    """Return how far the target follows each column that numbers the rows."""
    known = known_target(data.train)
    if known is None or len(known[0]) < LEAST_ROWS:
        return []
    rows, target = known
    chosen = sample(len(rows), MOST_ROWS)
    rows, target = rows[chosen], target[chosen]
    every = rows_in_all(data.train, data.test)
    numbered = []
    for column in data.train.features:
        if is_identifier(column, every):
            values = _counted(column, rows)
            present = ~np.isnan(values)
            if np.count_nonzero(present) >= LEAST_ROWS:
                ordered = target[present][np.argsort(values[present], kind="stable")]
                numbered.append(Numbered(column.name, _follows(ordered)))
    return numbered


def _follows(ordered: Floats | np.ndarray[tuple[int], np.dtype[np.int32]]) -> order.Order:
    if ordered.dtype == np.float64:
        return order.of_numbers(ordered.astype(np.float64))
    return order.of_classes(np.unique(ordered, return_inverse=True)[1])


def _counted(column: Column, rows: Ints) -> Floats:
    """Return a number for each row's identifier: itself, its last run of digits, or else its place in the alphabet."""
    if column.numbers is not None:
        return column.numbers[rows]
    if column.codes is not None:
        texts = [column.names[code] if code >= 0 else "" for code in column.codes[rows].tolist()]
    else:
        assert column.texts is not None  # noqa: S101  (an identifier is one of the three)
        texts = [text or "" for text in column.texts[rows]]
    ends = [re.search(r"(\d{1,15})\D*$", text[-40:]) for text in texts]
    if all(end is not None for end in ends):
        return np.array([float(end[1]) for end in ends if end is not None])
    return np.unique(np.array(texts, dtype=np.str_), return_inverse=True)[1].astype(np.float64)


def _group_finding(data: DataRead, rows: Ints, shared: int, groups: int) -> Finding:
    share = len(rows) / len(data.test or ())
    return Finding(
        code=CODE,
        name=NAME,
        severity=SEVERITY,
        message=f"{shared} of {groups} groups ({data.train.group}) of the test set are in train too: {share:.0%} of the test rows",
        evidence={
            "kind": "group",
            "column": data.train.group,
            "shared_groups": shared,
            "groups": groups,
            "share": round(share, 4),
            "test_rows": first_rows(rows),
        },
        actions=(Action(name="split-by-group", why=f"keep each {data.train.group} on one side"),),
    )


def _time_finding(data: DataRead, clock: str, rows: Ints) -> Finding:
    share = len(rows) / len(data.test or ())
    named = data.train.time is not None
    return Finding(
        code=CODE,
        name=NAME,
        severity="error" if named and share >= 0.01 else "warning",
        message=f"{len(rows)} test rows ({share:.1%}) are earlier than the latest train row by {clock}",
        evidence={
            "kind": "time",
            "column": clock,
            "count": len(rows),
            "share": round(share, 4),
            "test_rows": first_rows(rows),
        },
        actions=(
            Action(name="split-by-time", why="train on what was known before, test on what came after"),
        ),
    )


def _identifier_finding(best: Numbered, determined: float) -> Finding:
    share = best.found.effect
    return Finding(
        code=CODE,
        name=NAME,
        severity="error" if share >= determined else "warning",
        message=f"{best.name} numbers the rows and explains {share:.0%} of the target",
        evidence={
            "kind": "index",
            "column": best.name,
            "share": round(share, 4),
            "p_value": best.found.p_value,
        },
        actions=(Action(name="drop-column", why=f"leave {best.name} out of the features"),),
    )
