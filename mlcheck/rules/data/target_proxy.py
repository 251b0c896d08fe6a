"""One feature alone tells the target too well: a copy, or something that is known only after the target is.

What it finds
    A feature (its value, its category, its date, the first or last word of a text, or whether it is missing) that
    determines the target on rows that were held out: a copy of it (error), or nearly so while all other features
    together surely do not (warning). Columns that only name or number rows are told as notes.

Why it matters
    Such a feature is most often a result of the target, and is not there, or is empty, when the model is used. The
    test score is then near perfect and means nothing.

Example
    duration_paid alone tells churn: 99.8 % of what is possible, all other features together 31 %

What to do
    Ask when the feature is written. If it is not known at prediction time, leave it out.

False alarms
    A task that one measurement decides by definition. A strong feature whose two classes overlap is not told.

Measured
    `best` and `best_skill`: the most telling feature alone; `second_skill`; `in_two_parts`: how many features in two
    parts agree with a class. Skill is 1 - (mean recall error, or 1 - R
    squared) relative to a constant, on held-out rows of 10,000 at most.

References
    Kaufman, Rosset & Perlich 2012, Leakage in data mining: formulation, detection, and avoidance.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from mlcheck.model import Action, Finding, Severity, Skip
from mlcheck.model.dataset import Measured
from mlcheck.rules.data.facts import LEAST_ROWS, NO_TARGET, is_identifier, known_target, listed, rows_in_all
from mlcheck.stats.data import bins, clusters, proxy

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from mlcheck.model import Floats
    from mlcheck.model.dataset import Codes, Column, DataRead, Dataset, Ints

CODE = "DBG104"
NAME = "target-proxy"
SEVERITY: Severity = "error"
MOST_ROWS = 10_000
ADDS_NOTHING = 0.05
"""p-value from which other features are not said to add to a feature in two parts."""
MOST_CLASSES = 100
"""Classes up to which single features are judged: beyond them a sample holds too few rows of each."""


class Told(NamedTuple):
    """How well one view of a feature tells the target; `copy` where it is the target written differently."""

    name: str
    how: str
    skill: proxy.Skill
    copy: bool


class Parted(NamedTuple):
    """A feature in two parts that agree with a class `told` of the target but for a share `wrong` of the rows."""

    name: str
    how: str
    part: proxy.Bools
    told: int
    wrong: float


def check(
    data: DataRead,
    *,
    suspect: float = 0.95,
    numeric_suspect: float = 0.99,
    gap: float = 0.05,
    apart: float = 5.0,
    most_wrong: float = 0.2,
    alpha: float = 1e-3,
) -> Iterator[Finding | Skip | Measured]:
    """Yield findings: a feature from skill `suspect` on (`numeric_suspect` for regression), `gap` above all others.

    Two clusters are `apart` by Ashman's D, and disagree with the class in a share `most_wrong` of the rows at most; all
    other features are worse by a test of level `alpha`.
    """
    known = known_target(data.train)
    reason = _unfit(known)
    if known is None or reason:
        yield Skip(code=CODE, reason=reason)
        return
    chosen = bins.sample(len(known[0]), MOST_ROWS)
    rows, target = known[0][chosen], known[1][chosen]
    if target.dtype != np.float64:
        target = np.unique(target, return_inverse=True)[1].astype(np.int32)
    every = rows_in_all(data.train, data.test)
    named = [c.name for c in data.train.features if is_identifier(c, every)]
    fold = proxy.folds(target)
    told = sorted(_told(data.train, set(named), rows, target, fold), key=lambda t: -t.skill.skill)
    parted = _parted(data.train, set(named), rows, target, apart, most_wrong)
    yield Measured(
        numbers={
            "best": told[0].name if told else None,
            "best_skill": round(told[0].skill.skill, 4) if told else None,
            "second_skill": round(_second(told), 4),
            "in_two_parts": len(parted),
            "identifiers": len(named),
        }
    )
    limit = numeric_suspect if target.dtype == np.float64 else suspect
    suspects = _best_of_each([t for t in told if t.skill.skill >= limit or t.copy])
    if suspects:
        yield from _judged(data.train, suspects, set(named), rows, target, fold, gap)
    others = [one for one in parted if one.name not in {t.name for t in suspects}]
    yield from _parts_judged(data.train, others, set(named), rows, target, fold, alpha)
    if named:
        yield _identifier_finding(named)


def _unfit(known: tuple[Ints, Codes | Floats] | None) -> str:
    """Say why a target cannot be judged, "" where it can."""
    if known is None:
        return NO_TARGET
    rows, target = known
    if len(rows) < LEAST_ROWS:
        return f"{len(rows)} rows with a target are too few"
    count = len(np.unique(target))
    if count < 2:
        return "the target does not vary"
    if target.dtype != np.float64 and count > MOST_CLASSES:
        return f"the target has {count} classes, at most {MOST_CLASSES} are judged"
    return ""


def _second(told: list[Told]) -> float:
    return next((t.skill.skill for t in told[1:] if t.name != told[0].name), 0.0)


def _best_of_each(told: list[Told]) -> list[Told]:
    best: dict[str, Told] = {}
    for one in told:
        best.setdefault(one.name, one)
    return list(best.values())


def _told(
    train: Dataset, but: set[str], rows: Ints, target: Codes | Floats, fold: npt.NDArray[np.int8]
) -> Iterator[Told]:
    """Yield what each view of each feature tells."""
    for column in train.features:
        if column.name in but or column.kind == "image":
            continue
        missing = column.missing[rows]
        if column.kind == "text":
            yield from _words(column, rows, target, fold)
        elif column.numbers is not None:
            yield _of_numbers(column, column.numbers[rows], target, fold)
        else:
            codes = bins.levels(column, rows)[0]
            yield _of_codes(column.name, "its category", codes, target, fold)
        if 0.01 * len(rows) <= np.count_nonzero(missing) <= 0.99 * len(rows):
            flag = _of_codes(column.name, "whether it is missing", missing.astype(np.int32), target, fold)
            yield flag._replace(copy=False)


def _words(column: Column, rows: Ints, target: Codes | Floats, fold: npt.NDArray[np.int8]) -> Iterator[Told]:
    """Yield what the first and the last word of a text tell."""
    assert column.texts is not None  # noqa: S101  (asked by the caller)
    texts = [text.strip()[:200].split() if text else [] for text in column.texts[rows]]
    tails = [text.strip()[-200:].split() if text else [] for text in column.texts[rows]]
    for how, words in (
        ("its first word", [t[0] if t else "" for t in texts]),
        ("its last word", [t[-1] if t else "" for t in tails]),
    ):
        codes = np.unique(np.array(words, dtype=np.str_), return_inverse=True)[1].astype(np.int32)
        yield _of_codes(column.name, how, codes, target, fold)


def _of_codes(name: str, how: str, codes: Codes, target: Codes | Floats, fold: npt.NDArray[np.int8]) -> Told:
    if target.dtype == np.float64:
        return Told(name, how, proxy.of_level_means(codes, target.astype(np.float64), fold), copy=False)
    classes = target.astype(np.int32)
    skill = proxy.of_levels(codes, classes, fold)
    return Told(name, how, skill, _one_to_one(codes, classes) and skill.skill >= 0.98)


def _of_numbers(column: Column, values: Floats, target: Codes | Floats, fold: npt.NDArray[np.int8]) -> Told:
    how = "its date" if column.kind == "date" else "its value"
    known = np.isfinite(values)
    values = np.where(known, values, np.nan)
    if target.dtype == np.float64:
        skill = proxy.of_number(values, target.astype(np.float64), fold)
        return Told(column.name, how, skill, skill.skill >= 0.9999)
    classes = target.astype(np.int32)
    if np.count_nonzero(known) < LEAST_ROWS:
        return Told(column.name, how, proxy.Skill(0.0, 1.0), copy=False)
    middle = float(np.median(values[known]))
    skill = proxy.of_values(values - middle, classes, fold)
    codes, many = bins.of_numbers(values)
    if many <= 2 * (int(classes.max()) + 1):
        skill = max(skill, proxy.of_levels(codes, classes, fold))
    copy = skill.skill >= 0.98 and bool(known.all())
    copy = copy and (_one_to_one(codes, classes) or proxy.apart(values, classes))
    return Told(column.name, how, skill, copy)


def _one_to_one(codes: Codes, classes: Codes) -> bool:
    """Whether a category has one level for each class, and each row the level of its class."""
    if int(codes.min()) < 0 or len(np.unique(codes)) != len(np.unique(classes)):
        return False
    pairs = len(np.unique(codes.astype(np.int64) * (int(classes.max()) + 1) + classes))
    return pairs == len(np.unique(classes))


def _judged(
    train: Dataset,
    suspects: list[Told],
    but: set[str],
    rows: Ints,
    target: Codes | Floats,
    fold: npt.NDArray[np.int8],
    gap: float,
) -> Iterator[Finding]:
    """Yield a finding for copies, and for suspects that all other features together do not come near."""
    names = {suspect.name for suspect in suspects}
    others = _table([c for c in train.features if c.name not in names | but], rows)
    most = bins.sample(len(rows), MOST_ROWS // 2)
    rest = (
        proxy.together(others[most], target[most], fold[most]) if others.shape[1] else proxy.Skill(0.0, 1.0)
    )
    for suspect in suspects:
        clear = suspect.skill.skill - rest.skill >= gap
        sure = target.dtype == np.float64 or proxy.surely_better(suspect.skill.wrong, rest.wrong, len(most))
        if suspect.copy or (clear and sure):
            yield _finding(train, suspect, rest)


def _parted(
    train: Dataset, but: set[str], rows: Ints, target: Codes | Floats, apart: float, most_wrong: float
) -> list[Parted]:
    """Return the features in two parts that agree with a class of the target but for few rows, the surest first."""
    if target.dtype == np.float64:
        return []
    classes = target.astype(np.int32)
    found: dict[str, Parted] = {}
    for column in train.features:
        if column.name in but or column.kind == "image":
            continue
        for how, part in _parts(column, rows, apart):
            told, wrong = _agreeing(part, classes)
            share = float(np.mean(classes == told))
            limit = min(most_wrong, 0.5 * min(share, 1 - share))
            if wrong <= limit and (column.name not in found or wrong < found[column.name].wrong):
                found[column.name] = Parted(column.name, how, part, told, wrong)
    return sorted(found.values(), key=lambda one: one.wrong)


def _parts(column: Column, rows: Ints, apart: float) -> Iterator[tuple[str, proxy.Bools]]:
    """Yield the ways in which a feature falls into two parts."""
    missing = column.missing[rows]
    if clusters.LEAST_SHARE <= missing.mean() <= 1 - clusters.LEAST_SHARE:
        yield "whether it is missing", missing
    if column.numbers is None or column.kind == "boolean":
        return
    values = np.where(np.isfinite(column.numbers[rows]), column.numbers[rows], np.nan)
    spike = clusters.spike_or_not(values)
    if spike is not None:
        yield "whether it has its commonest value", spike
    if not np.isnan(values).any():
        found = clusters.two_clusters(values)
        if found is not None and found[1] >= apart:
            yield "its two clusters", found[0]


def _agreeing(part: proxy.Bools, classes: Codes) -> tuple[int, float]:
    """Return the class that agrees best with two parts, and the share of rows that do not agree."""
    k = int(classes.max()) + 1
    inside, sizes = np.bincount(classes[part], minlength=k), np.bincount(classes, minlength=k)
    differ = (int(part.sum()) - inside) + (sizes - inside)  # in the part and not the class, or the reverse
    wrong = np.minimum(differ, len(classes) - differ) / len(classes)
    return int(np.argmin(wrong)), float(wrong.min())


def _parts_judged(
    train: Dataset,
    parted: list[Parted],
    but: set[str],
    rows: Ints,
    target: Codes | Floats,
    fold: npt.NDArray[np.int8],
    alpha: float,
) -> Iterator[Finding]:
    """Yield a finding for each feature in two parts that all other features are worse than, and add nothing to."""
    names = {one.name for one in parted} | but
    table = _table([c for c in train.features if c.name not in names], rows)
    most = bins.sample(len(rows), MOST_ROWS // 2)
    for one in parted:
        told = (target[most] == one.told).astype(np.int32)
        if not table.shape[1] or min(np.bincount(told, minlength=2)) < 2 * proxy.FOLDS:
            continue
        rest, told_by_rest = proxy.told_together(table[most], told, fold[most])
        same = one.part == (target == one.told)
        agrees = (same if same.mean() >= 0.5 else ~same)[most]
        if proxy.fewer_wrong(agrees, told_by_rest == told) >= alpha:
            continue
        whole = np.column_stack([table[most], one.part[most].astype(np.float64)])
        _, told_by_all = proxy.told_together(whole, told, fold[most])
        if proxy.fewer_wrong(told_by_all == told, agrees) >= ADDS_NOTHING:
            yield _part_finding(train, one, rest)


def _part_finding(train: Dataset, one: Parted, rest: proxy.Skill) -> Finding:
    return Finding(
        code=CODE,
        name=NAME,
        severity="warning",
        message=f"{one.name} ({one.how}) alone tells {train.target} but for {100 * one.wrong:.1f} % of the rows, to which no other feature adds; all others together miss {100 * rest.wrong:.0f} %",
        evidence={
            "column": one.name,
            "by": one.how,
            "wrong": round(one.wrong, 5),
            "others_wrong": round(rest.wrong, 4),
        },
        actions=(Action(name="drop-column", why=f"leave {one.name} out unless it is known beforehand"),),
    )


def _table(columns: list[Column], rows: Ints) -> Floats:
    """Return the columns of numbers and categories as one table (rows, columns), NaN for missing."""
    table = []
    for column in columns:
        if column.numbers is not None:
            table.append(np.where(np.isfinite(column.numbers[rows]), column.numbers[rows], np.nan))
        elif column.codes is not None:
            codes = column.codes[rows]
            table.append(np.where(codes < 0, np.nan, codes.astype(np.float64)))
    return np.column_stack(table) if table else np.zeros((len(rows), 0))


def _finding(train: Dataset, suspect: Told, rest: proxy.Skill) -> Finding:
    severity: Severity = SEVERITY if suspect.copy else "warning"
    verb = "is a copy of" if suspect.copy else "alone tells"
    return Finding(
        code=CODE,
        name=NAME,
        severity=severity,
        message=f"{suspect.name} ({suspect.how}) {verb} {train.target}: skill {suspect.skill.skill:.3g} of 1, all other features together {max(rest.skill, 0):.2g}",
        evidence={
            "column": suspect.name,
            "by": suspect.how,
            "skill": round(suspect.skill.skill, 5),
            "others_skill": round(rest.skill, 4),
        },
        actions=(Action(name="drop-column", why=f"leave {suspect.name} out unless it is known beforehand"),),
    )


def _identifier_finding(names: list[str]) -> Finding:
    return Finding(
        code=CODE,
        name=NAME,
        severity="note",
        message=f"{listed(names)} {'identifies' if len(names) == 1 else 'identify'} rows: nothing to learn from",
        evidence={"columns": tuple(names[:20]), "count": len(names)},
        actions=(Action(name="drop-column", why=f"leave {listed(names)} out of the features"),),
    )
