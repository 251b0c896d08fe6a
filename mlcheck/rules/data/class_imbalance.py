"""One class is rare, or train and test do not have the same classes.

What it finds
    Test rows of a class that train does not hold (error); a class of train that is missing in test where chance would
    hardly leave it out (note); a class so rare that it is hard to learn and to measure: below `rare` of an equal share
    (note), below `severe` of it or with fewer than `few` rows (warning).

Why it matters
    No model can predict a class that it has never seen. With rare classes accuracy says little, and what is said of a
    class of five rows rests on five rows.

Example
    3 test rows are of 1 class of species that train does not hold: orchid

What to do
    Split by class (stratified). For rare classes: balanced accuracy, average precision or recall by class instead of
    accuracy, more rows of the class, class weights.

False alarms
    Rare classes are often so in use, too: fraud is rare. Leave the shares as they are and choose the metric by them.

Measured
    `classes`, `rarest` and its `rows` and `share`, `of_equal_share` (1 where all classes are equally common, 0 none),
    `unseen_in_train` and `missing_in_test` classes.

References
    He & Garcia 2009, Learning from imbalanced data.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from mlcheck.model import Action, Finding, Severity, Skip
from mlcheck.model.dataset import Measured
from mlcheck.rules.data.facts import LEAST_ROWS, NO_TARGET, first_rows, known_target, listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlcheck.model.dataset import DataRead, Dataset, Ints

CODE = "DBG203"
NAME = "class-imbalance"
SEVERITY: Severity = "error"


class Labels(NamedTuple):
    """The known labels (m,) of a data set as text or numbers, and their rows (m,)."""

    rows: Ints
    values: np.ndarray[tuple[int], np.dtype[np.generic]]


def check(
    data: DataRead, *, rare: float = 0.1, severe: float = 0.02, few: int = 5, alpha: float = 0.01
) -> Iterator[Finding | Skip | Measured]:
    """Yield findings: classes that test has and train lacks, the reverse (p under `alpha`), classes that are rare."""
    known = known_target(data.train)
    if known is None or known[1].dtype == np.float64:
        reason = NO_TARGET if known is None else "the target is a number, not a label"
        yield Skip(code=CODE, reason=reason)
        return
    train = _labels(data.train, data.train.target or "")
    if len(train.rows) < LEAST_ROWS:
        yield Skip(code=CODE, reason=f"{len(train.rows)} rows with a label are too few")
        return
    test = _labels(data.test, data.train.target or "") if data.test is not None else None
    names, counts = np.unique(train.values, return_counts=True)
    unseen = test.rows[~np.isin(test.values, names)] if test is not None else np.zeros(0, dtype=np.int64)
    missing = _missing(names, counts, test, alpha)
    place = int(np.argmin(counts))
    share = float(counts[place]) / len(train.rows)
    yield Measured(
        numbers={
            "classes": len(names),
            "rarest": str(names[place]),
            "rows": int(counts[place]),
            "share": round(share, 6),
            "of_equal_share": round(share * len(names), 4),
            "unseen_in_train": None if test is None else len(np.setdiff1d(test.values, names)),
            "missing_in_test": None if test is None else len(missing),
        },
        test_rows=unseen,
    )
    if test is not None and len(unseen):
        yield _unseen(data.train.target or "", test, unseen, names)
    if missing:
        yield _absent(data.train.target or "", missing)
    if len(names) > 1 and (share * len(names) < rare or counts[place] < few):
        hard = share * len(names) < severe or counts[place] < few
        yield _rare(
            data.train.target or "",
            str(names[place]),
            int(counts[place]),
            share,
            "warning" if hard else "note",
        )


def _labels(dataset: Dataset, target: str) -> Labels:
    """Return the known labels of a data set; none where it lacks the target."""
    if target not in {column.name for column in dataset.columns}:
        return Labels(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.str_))
    column = dataset.column(target)
    rows = np.flatnonzero(~column.missing)
    if column.codes is not None:
        return Labels(rows, np.array(column.names, dtype=np.str_)[column.codes[rows]])
    if column.numbers is not None:
        return Labels(rows, column.numbers[rows])
    assert column.texts is not None  # noqa: S101  (images are no target)
    return Labels(rows, np.array([str(text) for text in column.texts[rows]], dtype=np.str_))


def _missing(
    names: np.ndarray[tuple[int], np.dtype[np.generic]],
    counts: np.ndarray[tuple[int], np.dtype[np.integer]],
    test: Labels | None,
    alpha: float,
) -> list[str]:
    """Return the classes of train that test lacks though chance hardly leaves them out (Bonferroni over classes)."""
    if test is None or not len(test.rows):
        return []
    left_out = (1 - counts / counts.sum()) ** len(test.rows)
    gone = ~np.isin(names, test.values) & (left_out < alpha / len(names))
    return [str(name) for name in names[gone]]


def _unseen(
    target: str, test: Labels, unseen: Ints, names: np.ndarray[tuple[int], np.dtype[np.generic]]
) -> Finding:
    classes = [str(name) for name in np.setdiff1d(test.values, names)]
    return Finding(
        code=CODE,
        name=NAME,
        severity=SEVERITY,
        message=f"{len(unseen):,} test rows are of {len(classes)} {'class' if len(classes) == 1 else 'classes'} of {target} that train does not hold: {listed(classes)}",
        evidence={
            "kind": "unseen",
            "classes": tuple(classes[:20]),
            "count": len(unseen),
            "test_rows": first_rows(unseen),
        },
        actions=(
            Action(
                name="split-by-class",
                why="give train rows of every class, or leave these out of the test set",
            ),
        ),
    )


def _absent(target: str, missing: list[str]) -> Finding:
    return Finding(
        code=CODE,
        name=NAME,
        severity="note",
        message=f"the test set has no row of {listed(missing)}, {'a class' if len(missing) == 1 else 'classes'} of {target} in train: nothing is measured of {'it' if len(missing) == 1 else 'them'}",
        evidence={"kind": "absent", "classes": tuple(missing[:20]), "count": len(missing)},
        actions=(Action(name="split-by-class", why="draw the test set with a share of every class"),),
    )


def _rare(target: str, name: str, count: int, share: float, severity: Severity) -> Finding:
    return Finding(
        code=CODE,
        name=NAME,
        severity=severity,
        message=f"the rarest class of {target}, {name}, has {count:,} rows ({100 * share:.2g} %)",
        evidence={"kind": "rare", "class": name, "count": count, "share": round(share, 6)},
        actions=(
            Action(
                name="choose-metric", why="judge by average precision or recall by class, not by accuracy"
            ),
        ),
    )
