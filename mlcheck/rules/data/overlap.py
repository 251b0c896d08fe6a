"""Rows of the test set are in the train set too, or the train set holds rows several times.

What it finds
    Test rows that equal a train row in every feature, where chance would not make them equal; train rows that repeat
    others.

Why it matters
    What a model has seen it may remember: the test score is too good by as much as the copies' share. Copies inside
    train count double in every fold, and land on both sides of a cross-validation.

Example
    24 of 300 test rows are in train too

What to do
    Drop the copies from one side, and split by what makes rows the same thing (user, image, document).

False alarms
    Data of a few categories or small whole numbers, whose rows are equal by nature: where independent columns would
    make `natural` equal pairs or more, only an overlap beyond the repeats inside train counts. Texts of five words and
    more and images of more than one colour are never equal by chance: templates that people fill in are told.

Measured
    `test_rows_in_train` and `share` of them, `repeated_train_rows`, `expected_by_chance`: pairs that would be equal if
    the columns were independent.

References
    Barz & Denzler 2020, Do we train on test data? Purging CIFAR of near-duplicates, Journal of Imaging 6, 41.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlcheck.model import Action, Finding, Severity, Skip
from mlcheck.model.dataset import Measured
from mlcheck.rules.data.facts import first_rows, is_identifier, rows_in_all
from mlcheck.stats.data.repeats import repeats

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlcheck.model.dataset import DataRead
    from mlcheck.stats.data.repeats import Repeats

CODE = "DBG101"
NAME = "overlap"
SEVERITY: Severity = "error"


def check(
    data: DataRead, *, natural: float = 1e-3, alpha: float = 1e-4, many: float = 0.01
) -> Iterator[Finding | Skip | Measured]:
    """Yield findings: any copy in the test set where chance makes fewer than `natural` equal pairs (columns independent),
    else copies beyond the repeats inside train by a binomial test of level `alpha`; repeats of `many` (share) of train.
    """  # noqa: D205  (one sentence)
    every = rows_in_all(data.train, data.test)
    kept = [column.name for column in data.train.features if not is_identifier(column, every)]
    if data.test is not None:
        there = {column.name for column in data.test.columns}
        kept = [name for name in kept if name in there]
    if not kept:
        yield Skip(code=CODE, reason="there are no features but identifiers")
        return
    test = None if data.test is None else [data.test.column(name) for name in kept]
    found = repeats([data.train.column(name) for name in kept], test)
    size, others = len(data.train), 0 if data.test is None else len(data.test)
    yield Measured(
        numbers={
            "test_rows_in_train": len(found.across) if data.test is not None else None,
            "share": round(len(found.across) / others, 6) if others else None,
            "repeated_train_rows": len(found.inside),
            "expected_by_chance": float(f"{found.by_chance if others else found.by_chance_inside:.3g}"),
        },
        rows=np.unique(np.concatenate([found.inside, found.sources])),
        test_rows=found.across,
    )
    if len(found.across) and _is_beyond_chance(found, size, others, natural, alpha):
        yield _across(found, others)
    if found.by_chance_inside < natural and len(found.inside) >= many * size:
        yield _inside(found, size)


def _is_beyond_chance(found: Repeats, size: int, others: int, natural: float, alpha: float) -> bool:
    """Whether test rows are in train that no chance explains: neither that of columns nor that of repeats inside train."""
    if found.by_chance < natural:
        return True
    from scipy.stats import binomtest

    usual = (
        max(2 * len(found.inside), 1) / size
    )  # a row that has an equal one in train, twice over for its own chance
    return usual < 1 and binomtest(len(found.across), others, usual, alternative="greater").pvalue < alpha


def _across(found: Repeats, others: int) -> Finding:
    return Finding(
        code=CODE,
        name=NAME,
        severity=SEVERITY,
        message=f"{len(found.across):,} of {others:,} test rows are in train too",
        evidence={
            "count": len(found.across),
            "share": round(len(found.across) / others, 6),
            "expected_by_chance": float(f"{found.by_chance:.3g}"),
            "test_rows": first_rows(found.across),
            "rows": first_rows(found.sources),
        },
        actions=(
            Action(name="drop-duplicates", why="drop the copies from one side before anything is measured"),
        ),
    )


def _inside(found: Repeats, size: int) -> Finding:
    return Finding(
        code=CODE,
        name=NAME,
        severity="warning",
        message=f"{len(found.inside):,} of {size:,} train rows repeat others",
        evidence={
            "count": len(found.inside),
            "share": round(len(found.inside) / size, 6),
            "rows": first_rows(found.inside),
        },
        actions=(Action(name="drop-duplicates", why="keep one of each, or keep all on one side of a split"),),
    )
