"""Rows with the same inputs have different labels.

What it finds
    Rows that are equal in every feature (identifiers left out; texts compared without case, spaces and signs) but not
    in their label, where chance does not make rows equal: images, texts of 4 words or more, or values that would make
    fewer than `natural` equal pairs if the columns were independent.

Why it matters
    At most one of the labels is right, or what tells them apart is not in the data. No model can be right on both, and
    both count as errors of every model.

Example
    12 rows in 5 groups have the same inputs and different labels of intent

What to do
    Look at the groups (`--rows FILE` lists them): correct the labels, or add the column that tells the rows apart.

False alarms
    Rows of a few categories are equal by nature and may differ in their label: they are counted, not told. Where more
    than half of the rows repeat others (trials repeated on purpose) it is a note.

Measured
    `equal_rows`, `conflicting_rows` of them, the share that `conflicting` is of the equal ones, what it would be if
    labels did not depend on the inputs (`by_chance`), and `told` rows, whose equality is no chance.

References
    Northcutt, Athalye & Mueller 2021, Pervasive label errors in test sets destabilize machine learning benchmarks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlcheck.model import Action, Finding, Severity, Skip
from mlcheck.model.dataset import Measured
from mlcheck.rules.data.facts import NO_TARGET, first_rows, is_identifier, known_target, rows_in_all
from mlcheck.stats.data.conflicts import conflicting, equals

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from mlcheck.model.dataset import DataRead, Ints

CODE = "DBG202"
NAME = "conflicting-labels"
SEVERITY: Severity = "warning"


def check(
    data: DataRead, *, natural: float = 1e-3, replicates: float = 0.5
) -> Iterator[Finding | Skip | Measured]:
    """Yield a finding for rows of equal inputs and other labels, which chance (`natural` pairs) does not make equal.

    A note where a share `replicates` of all rows repeats others.
    """
    known = known_target(data.train)
    if known is None or known[1].dtype == np.float64:
        reason = NO_TARGET if known is None else "the target is a number, not a label"
        yield Skip(code=CODE, reason=reason)
        return
    every = rows_in_all(data.train, data.test)
    columns = [column for column in data.train.features if not is_identifier(column, every)]
    if not columns:
        yield Skip(code=CODE, reason="there are no features but identifiers")
        return
    classes = np.full(len(data.train), -1, dtype=np.int32)
    classes[known[0]] = known[1]
    found = equals(columns)
    labelled = classes[found.rows] >= 0
    rows, group, chance = found.rows[labelled], found.group[labelled], found.chance[labelled]
    mixed = conflicting(group, classes[rows])
    told = _in_order(rows, group, mixed & (chance < natural))
    yield Measured(
        numbers={
            "equal_rows": len(rows),
            "conflicting_rows": int(mixed.sum()),
            "conflicting": round(float(mixed.mean()), 4) if len(rows) else 0.0,
            "by_chance": round(_by_chance(group, classes[rows], classes[known[0]]), 4),
            "told": len(told),
        },
        rows=told,
    )
    if len(told):
        groups = len(np.unique(group[mixed & (chance < natural)]))
        repeated = len(rows) >= replicates * len(data.train)
        yield _finding(data.train.target or "", told, groups, "note" if repeated else SEVERITY)


def _in_order(rows: Ints, group: npt.NDArray[np.int64], chosen: npt.NDArray[np.bool_]) -> Ints:
    """Return the chosen rows, those of a group beside each other, in the order of each group's first row."""
    if not chosen.any():
        return rows[:0]
    first = np.full(int(group.max()) + 1, np.iinfo(np.int64).max)
    np.minimum.at(first, group, rows)
    order = np.lexsort((rows[chosen], first[group[chosen]]))
    return rows[chosen][order]


def _by_chance(
    group: npt.NDArray[np.int64], labels: npt.NDArray[np.int32], all_labels: npt.NDArray[np.int32]
) -> float:
    """Return the share of these rows that would conflict if labels were drawn whatever the inputs."""
    if not len(labels):
        return 0.0
    shares = np.bincount(all_labels) / len(all_labels)
    sizes = np.bincount(group)[group]
    agree = np.power(shares[:, None], np.unique(sizes)[None, :]).sum(axis=0)
    return float(1 - agree[np.searchsorted(np.unique(sizes), sizes)].mean())


def _finding(target: str, told: Ints, groups: int, severity: Severity) -> Finding:
    return Finding(
        code=CODE,
        name=NAME,
        severity=severity,
        message=f"{len(told):,} rows in {groups:,} {'group' if groups == 1 else 'groups'} have the same inputs and different labels of {target}",
        evidence={"count": len(told), "groups": groups, "rows": first_rows(told)},
        actions=(
            Action(
                name="correct-labels", why="correct the labels, or add the column that tells the rows apart"
            ),
        ),
    )
