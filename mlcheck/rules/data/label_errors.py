"""Labels that are likely wrong: the given class is contradicted where a model that did not see the row is sure.

What it finds
    Each row's probability that its label is wrong, from probabilities of the classes out of sample: those given with
    `--probabilities`, else those of a logistic regression, boosted trees, a forest or their mean (the best) in 4 folds. The rows are
    listed, the most suspicious first, as far as the list has the largest expected F1; its expected precision and the
    number of wrong labels in all are told.

Why it matters
    Wrong labels cost accuracy, and in a test set they rank models wrongly: 3.3 % of the labels of ten much used test
    sets are wrong (Northcutt, Athalye & Mueller 2021).

Example
    about 49 of 600 labels (8.2 %) are wrong; the 52 most suspicious rows are wrong with probability 0.83 in the mean

What to do
    Look at the rows in the order of the list (`--rows FILE` writes it with the probabilities), correct them or leave
    them out, and look for the cause: one source, one annotator, a shifted column.

False alarms
    Classes that overlap are no label errors: nothing is told unless the labels are surely (`gain`, in nats) likelier
    with label noise than under classes that overlap, which a model notices itself: it errs less the surer it is. (With
    `--probabilities` the list is told then, too, as a note, where its rows are more likely wrong than right.) Labels
    that follow from something that no column holds, the same for easy and hard rows, look like noise.

Measured
    `estimated` wrong labels, `share` of them, `listed` rows, `expected_precision` of the list, `gain` in nats,
    `judged` rows and the `model`. Models are fitted on 20,000 rows at most (fewer where columns or classes are many).

References
    Northcutt, Jiang & Chuang 2021, Confident learning; Dawid & Skene 1979; Copas 1988, Binary regression models for
    contaminated data; Northcutt, Athalye & Mueller 2021, Pervasive label errors in test sets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from mlcheck.model import Action, Finding, Severity, Skip
from mlcheck.model.dataset import Measured
from mlcheck.rules.data.facts import (
    LEAST_ROWS,
    NO_TARGET,
    first_rows,
    is_identifier,
    known_target,
    rows_in_all,
)
from mlcheck.stats.data.label_noise import gain as gain_of
from mlcheck.stats.data.label_noise import label_noise, suspected
from mlcheck.stats.data.out_of_fold import out_of_fold

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlcheck.model.common import Floats
    from mlcheck.model.dataset import Codes, DataRead, Ints

CODE = "DBG201"
NAME = "label-errors"
SEVERITY: Severity = "warning"
GIVEN = "given"
"""Name of the model whose probabilities the user gave."""
MOST_CLASSES = 100
"""Classes up to which a model is fitted here; given probabilities may have any number."""
LEAST_OF_A_CLASS = 8
"""Rows of a class under which its labels are not doubted: the folds hold hardly any to learn it from."""


class Judged(NamedTuple):
    """Rows (m,), their probabilities (m, K) out of sample, their classes (m,), and who gave the probabilities.

    `gain` is the mean over models but the largest, None where there is one model; `fitted` rows were learned from.
    """

    rows: Ints
    probabilities: Floats
    classes: Codes
    model: str
    fitted: int
    gain: float | None = None


def check(
    data: DataRead,
    *,
    gain: float = 3.0,
    gain_per_row: float = 0.002,
    precision: float = 0.45,
    many: float = 0.03,
    sure: float = 0.7,
) -> Iterator[Finding | Skip | Measured]:
    """Yield a finding where labels are `gain` nats (and `gain_per_row` a row) likelier with noise than without.

    That is the mean over several models without the one most in favour, whose own errors may look like noise; of one
    model alone five times as much is asked, of given probabilities twice as much.
    The list has an expected `precision` (0..1) at least. An error from a share `many` of wrong labels on, where the
    list's precision is at least `sure`, else a warning.
    """
    judged = _judged(data)
    if isinstance(judged, Skip):
        yield judged
        return
    noise = label_noise(judged.probabilities, judged.classes)
    wrong = np.where(np.bincount(judged.classes)[judged.classes] < LEAST_OF_A_CLASS, 0.0, noise.wrong)
    evidence = noise.gain if judged.gain is None else judged.gain
    listed = suspected(wrong)
    expected = float(wrong[listed].mean()) if len(listed) else 0.0
    yield Measured(
        numbers={
            "estimated": round(float(wrong.sum()), 1),
            "share": round(float(wrong.mean()), 4),
            "listed": len(listed),
            "expected_precision": round(expected, 3),
            "gain": round(evidence, 2),
            "judged": len(judged.rows),
            "model": judged.model,
        },
        rows=judged.rows[listed],
        score=wrong[listed],
    )
    least = max(gain, gain_per_row * judged.fitted) * _strictness(judged)
    if not len(listed) or expected < precision:
        return
    if evidence >= least:
        severity: Severity = "error" if wrong.mean() >= many and expected >= sure else SEVERITY
        yield _finding(data, judged, evidence, wrong, listed, severity)
    elif judged.model == GIVEN and expected >= 0.5:
        yield _finding(data, judged, evidence, wrong, listed, "note")


def _strictness(judged: Judged) -> int:
    """Return how many times the usual gain is asked where no other model bears it out."""
    if judged.gain is not None:
        return 1
    return 2 if judged.model == GIVEN else 5


def _judged(data: DataRead) -> Judged | Skip:
    """Return probabilities out of sample for rows with a class, or why there are none."""
    known = known_target(data.train)
    if known is None:
        return Skip(code=CODE, reason=NO_TARGET)
    rows, target = known
    if target.dtype == np.float64:
        return Skip(code=CODE, reason="the target is a number, not a label")
    codes = target.astype(np.int32)
    present = np.unique(codes)
    if len(rows) < LEAST_ROWS or len(present) < 2:
        return Skip(code=CODE, reason=f"{len(rows)} rows of {len(present)} classes are too few")
    if data.probabilities is not None:
        return Judged(rows, data.probabilities[rows], codes, GIVEN, len(rows))
    if len(present) > MOST_CLASSES:
        return Skip(
            code=CODE,
            reason=f"{len(present)} classes, at most {MOST_CLASSES} are fitted here: give --probabilities",
        )
    if np.partition(np.bincount(codes)[present], -2)[-2] < LEAST_OF_A_CLASS:
        return Skip(code=CODE, reason=f"only one class has {LEAST_OF_A_CLASS} rows or more")
    every = rows_in_all(data.train, data.test)
    columns = [column for column in data.train.features if not is_identifier(column, every)]
    classes = np.searchsorted(present, codes).astype(np.int32)
    found = out_of_fold(columns, rows, classes)
    if found is None:
        return Skip(code=CODE, reason="there are no features but identifiers that could tell a wrong label")
    own = classes[found.rows]
    gains = sorted(gain_of(view, own[found.learned]) for view in found.views)
    mean = float(np.mean(gains[:-1])) if len(gains) > 1 else None  # one model's own errors must not decide
    return Judged(rows[found.rows], found.probabilities, own, found.model, len(found.learned), mean)


def _finding(
    data: DataRead, judged: Judged, evidence: float, wrong: Floats, listed: Ints, severity: Severity
) -> Finding:
    count, expected = float(wrong.sum()), float(wrong[listed].mean())
    names = ("most suspicious row is", "most suspicious rows are")[len(listed) > 1]
    told = f"about {count:,.0f} of {len(judged.rows):,} labels of {data.train.target} ({100 * wrong.mean():.1f} %) are wrong"
    if severity == "note":
        told = f"classes of {data.train.target} that overlap explain these probabilities as well as wrong labels do"
    return Finding(
        code=CODE,
        name=NAME,
        severity=severity,
        message=f"{told}; the {len(listed):,} {names} wrong with probability {expected:.2f} in the mean",
        evidence={
            "estimated": round(count, 1),
            "share": round(float(wrong.mean()), 4),
            "listed": len(listed),
            "expected_precision": round(expected, 3),
            "gain": round(evidence, 2),
            "model": judged.model,
            "rows": first_rows(judged.rows[listed]),
            "probability_wrong": tuple(round(float(p), 3) for p in wrong[listed[:20]]),
        },
        actions=(
            Action(
                name="correct-labels",
                why="look at the listed rows (--rows FILE), correct them or leave them out",
            ),
        ),
    )
