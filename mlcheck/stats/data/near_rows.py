"""Rows of a table that nearly equal each other: candidates by hashing several roundings, judged against random pairs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from mlcheck.stats.data.bins import sample
from mlcheck.stats.data.hashing import Keys, bucketed, distinct, mixed
from mlcheck.stats.data.near import Pairs, none
from mlcheck.stats.data.nearness import expected_pairs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlcheck.model.common import Floats
    from mlcheck.model.dataset import Column, Ints

FEW = 1500
"""Rows up to which every pair is compared."""
ROUNDS = 10
CELL = 0.4
"""Width of a rounding, in robust standard deviations."""
CROWDED = 24
"""Rows in one cell beyond which more columns are needed to tell them apart."""
LEAST = 30
"""Rows from which on distances say what is usual."""
MEASURED = 5000
MOST_PAIRS = 4_000_000
LEAST_COLUMNS = 3
"""Columns from which on one may disagree."""
LEVELS = 20
"""Different values of a column from which on its distances are measured."""
SAMPLE = 20_000
"""Rows that scales and shares are taken from; random pairs of rows that make the null distribution."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Field:
    """One column of all rows, numbers (n,) or codes (n,), and what a sample of it says.

    `ordered` are the sorted finite numbers of the sample or None; `shares` those of each code from -1 (missing) on;
    `grain` is the usual distance between neighbouring values, 0 where they are too few to be measured by distance.
    """

    numbers: Floats | None
    codes: npt.NDArray[np.int32] | None
    scale: float
    ordered: Floats
    shares: Floats
    missing: float
    grain: float = 0.0


def pairs(
    columns: Sequence[Column],
    others: Sequence[Column] | None,
    rows: Ints,
    *,
    tolerance: float = 0.05,
    seed: int = 0,
) -> Pairs:
    """Return pairs among `rows` that agree in all columns but at most one; `likeness` is the share that agrees.

    Numbers agree within `tolerance` robust standard deviations, categories where they are equal, missing with missing.
    Rows number those of `columns`, then those of `others`. The evidence of a pair is the sum over columns of
    -ln P(a random value agrees as closely with the first row's); under independence it is a gamma variable. Its scale
    and shape are fitted to random pairs of rows (Brown 1975, A method for combining non-independent tests) and to
    neighbouring rows, so that columns that follow each other and series count for what they are. Up to FEW rows all
    pairs are compared; beyond, those that fall into one cell of a random rounding of some columns (Indyk & Motwani
    1998), ROUNDS times.
    """
    made = [_field(column, None if others is None else others[i], rows) for i, column in enumerate(columns)]
    fields = [field for field in made if field is not None]
    n = len(rows)
    if n < 3 or not fields:
        return none()
    if n <= FEW:
        first, second = (part.astype(np.int64) for part in np.triu_indices(n, 1))
    else:
        first, second = _candidates(fields, n, seed)
    wrong = _disagreeing(fields, first, second, tolerance)
    near = wrong <= (1 if len(fields) >= LEAST_COLUMNS else 0)
    first, second, likeness = first[near], second[near], 1 - wrong[near] / len(fields)
    if not len(first):
        return none()
    by_values = _by_values(fields, n, first, second, seed)
    expected = np.minimum(by_values, _by_distance(fields, n, first, second, tolerance, seed))
    return Pairs(first=rows[first], second=rows[second], likeness=likeness, expected=expected)


def _field(column: Column, other: Column | None, rows: Ints) -> Field | None:
    """Return a column of the chosen rows, None where it holds one value only or no numbers and categories."""
    if column.numbers is not None:
        parts = [column.numbers] + (
            [other.numbers] if other is not None and other.numbers is not None else []
        )
        return _of_numbers(np.concatenate(parts)[rows])
    if column.codes is None:
        return None
    codes = np.concatenate(
        [column.codes] + ([other.codes] if other is not None and other.codes is not None else [])
    )
    codes = codes[rows]
    shares = np.bincount(codes[sample(len(codes), SAMPLE)] + 1, minlength=len(column.names) + 1) + 0.5
    shares = shares / shares.sum()
    if codes.min() == codes.max():
        return None
    return Field(
        numbers=None, codes=codes, scale=1.0, ordered=np.zeros(0), shares=shares, missing=float(shares[0])
    )


def _of_numbers(values: Floats) -> Field | None:
    some = values[sample(len(values), SAMPLE)]
    ordered = np.sort(some[np.isfinite(some)])
    if len(ordered) < 2 or ordered[0] == ordered[-1]:
        return None
    low, high = np.quantile(ordered, [0.25, 0.75])
    scale = float(high - low) / 1.349 or float(ordered.std())
    distinct_values = np.unique(ordered)
    grain = float(np.median(np.diff(distinct_values))) if len(distinct_values) >= LEVELS else 0.0
    missing = (np.count_nonzero(np.isnan(some)) + 0.5) / (len(some) + 1)
    return Field(
        numbers=values,
        codes=None,
        scale=scale,
        ordered=ordered,
        shares=np.zeros(0),
        missing=float(missing),
        grain=grain,
    )


def _candidates(fields: Sequence[Field], n: int, seed: int) -> tuple[Ints, Ints]:
    """Return pairs of rows that fall into one cell in some round; each round leaves other columns out."""
    random = np.random.default_rng(seed)
    telling = [_entropy(field) for field in fields]
    found: list[Keys] = []
    size = len(fields)
    rounds = max(ROUNDS, min(size, 2 * ROUNDS))
    for turn in range(rounds):
        order = random.permutation(size)
        order = np.append(order[order != turn % size], turn % size)  # the last one is left out
        met, crowded = _met(fields, telling, order, np.arange(n), n, random)
        found.append(met)
        if len(crowded):
            found.append(_met(fields, telling, order, crowded, n, random)[0])
        if sum(map(len, found)) > MOST_PAIRS:
            found = [distinct(np.concatenate(found))]
            if len(found[0]) > MOST_PAIRS:
                break
    first, second = np.divmod(distinct(np.concatenate(found)), np.uint64(n))
    return first.astype(np.int64), second.astype(np.int64)


def _entropy(field: Field) -> float:
    """Return -ln of the chance that two rows fall into one cell (Rényi's entropy of order 2), in nats."""
    if field.numbers is None:
        return -float(np.log(np.sum(field.shares**2)))
    cells = np.floor(field.ordered / (CELL * field.scale))
    shares = np.unique(cells, return_counts=True)[1] / len(cells)
    return -float(np.log(np.sum(shares**2)))


def _met(
    fields: Sequence[Field], telling: Sequence[float], order: npt.NDArray[np.int64], rows: Ints, n: int,
    random: np.random.Generator,
) -> tuple[Keys, Ints]:  # fmt: skip
    """Return coded pairs of rows in one cell of the first columns in `order`, and rows of crowded cells.

    Columns are taken until `n` rows (twice as many where `rows` are few of them) would be alone in their cells were columns
    independent, all but the last at most.
    """
    key = np.zeros(len(rows), dtype=np.uint64)
    told = 0.0
    for place in order[: max(len(order) - 1, 1)].tolist():
        key = mixed(key ^ _cells(fields[place], rows, float(random.random())))
        told += telling[place]
        if told >= (2 if len(rows) == n else 4) * np.log(n) + 2:
            break
    return bucketed(key, rows, n, CROWDED)


def _cells(field: Field, rows: Ints, offset: float) -> Keys:
    """Return the cell of each row: the category, or the number rounded to CELL after a shift."""
    if field.codes is not None:
        return mixed(field.codes[rows].astype(np.int64).view(np.uint64))
    assert field.numbers is not None  # noqa: S101  (one of both is given)
    cells = np.floor(field.numbers[rows] / (CELL * field.scale) + offset)
    return mixed(np.where(np.isnan(cells), np.nan, cells + 0.0).view(np.uint64))


def _disagreeing(
    fields: Sequence[Field], first: Ints, second: Ints, tolerance: float
) -> npt.NDArray[np.int64]:
    """Return in how many columns each pair does not agree, counted up to 2."""
    wrong = np.zeros(len(first), dtype=np.int64)
    alive = np.arange(len(first))
    for field in fields:
        wrong[alive] += ~_agree(field, first[alive], second[alive], tolerance)
        alive = alive[wrong[alive] < 2]
    return wrong


def _agree(field: Field, first: Ints, second: Ints, tolerance: float) -> npt.NDArray[np.bool_]:
    if field.codes is not None:
        return np.asarray(field.codes[first] == field.codes[second])
    assert field.numbers is not None  # noqa: S101  (one of both is given)
    one, two = field.numbers[first], field.numbers[second]
    return np.asarray(
        (np.abs(one - two) <= tolerance * field.scale) | (one == two) | (np.isnan(one) & np.isnan(two))
    )


def evidence(fields: Sequence[Field], first: Ints, second: Ints) -> Floats:
    """Return the sum over columns of -ln P(a random value agrees as closely with that of the first row), (m,)."""
    total = np.zeros(len(first))
    for field in fields:
        if field.codes is not None:
            code = field.codes[first]
            total -= np.where(code == field.codes[second], np.log(field.shares[code + 1]), 0.0)
            continue
        assert field.numbers is not None  # noqa: S101  (one of both is given)
        one, two = field.numbers[first], field.numbers[second]
        gap = np.abs(one - two)
        inside = np.searchsorted(field.ordered, one + gap, side="right") - np.searchsorted(
            field.ordered, one - gap, side="left"
        )
        share = (1 - field.missing) * (inside + 0.5) / (len(field.ordered) + 1)
        both = np.isnan(one) & np.isnan(two)
        share = np.where(both, field.missing, np.where(np.isnan(gap), 1.0, share))
        total -= np.log(np.minimum(share, 1.0))
    return total


def _by_values(fields: Sequence[Field], n: int, first: Ints, second: Ints, seed: int) -> Floats:
    """Return how many pairs of so much evidence chance makes: the larger of all pairs and of neighbouring rows."""
    from scipy.special import gammaincc

    random = np.random.default_rng(seed)
    one = random.integers(0, n, SAMPLE)
    two = (one + random.integers(1, n, SAMPLE)) % n
    usual = evidence(fields, one, two)
    mean, variance = float(usual.mean()), max(float(usual.var()), 1e-12)
    at = sample(n - 1, SAMPLE, seed)
    beside = evidence(fields, at, at + 1)
    middle = float(np.median(beside))
    spread = (1.4826 * float(np.median(np.abs(beside - middle)))) ** 2
    told = evidence(fields, first, second)
    by_all = n * (n - 1) / 2 * gammaincc(mean**2 / variance, told * mean / variance)
    mean, variance = max(mean, middle), max(variance, spread)
    by_order = n * gammaincc(mean**2 / variance, told * mean / variance)
    return np.asarray(np.maximum(by_all, by_order), dtype=np.float64)


def _by_distance(
    fields: Sequence[Field], n: int, first: Ints, second: Ints, tolerance: float, seed: int
) -> Floats:
    """Return how many pairs chance puts so near, by the distances that the data itself has; infinite where none is known.

    A pair whose numbers agree is measured over all of them, another without the one that does not.
    """
    fine = [field for field in fields if field.numbers is not None and field.grain > 0]
    made = np.full(len(first), np.inf)
    if len(fine) < 2 or n < LEAST:
        return made
    rows = np.unique(np.concatenate([first, second, sample(n, MEASURED, seed)]))
    one, two = np.searchsorted(rows, first), np.searchsorted(rows, second)
    table = np.column_stack([_scaled(field, rows) for field in fine])
    grain = np.array([field.grain / field.scale for field in fine])
    whole = np.all([_agree(field, first, second, tolerance) for field in fine], axis=0)
    for trim in (False, True):
        asked = np.flatnonzero(whole != trim)
        if len(asked) and len(fine) - trim >= 2:
            told = expected_pairs(table, one[asked], two[asked], grain, trim=trim, seed=seed)
            made[asked] = 2 * told * (n / len(rows)) ** 2  # two looks at the data
    return np.where(_nearer_than_neighbours(fine, n, first, second, seed), made, np.inf)


def _scaled(field: Field, rows: Ints) -> npt.NDArray[np.float32]:
    """Return numbers from their median in robust standard deviations, (rows,), at most 10 away; missing ones as the median."""
    assert field.numbers is not None  # noqa: S101  (asked by the caller)
    middle = float(np.median(field.ordered))
    made = (field.numbers[rows] - middle) / field.scale
    return np.clip(np.nan_to_num(made, nan=0.0), -10, 10).astype(np.float32)


def _nearer_than_neighbours(
    fine: Sequence[Field], n: int, first: Ints, second: Ints, seed: int
) -> npt.NDArray[np.bool_]:
    """Say which pairs are far nearer than rows that stand beside each other, as those of a series do."""
    at = sample(n - 1, MEASURED, seed)
    beside = np.zeros(len(at))
    between = np.zeros(len(first))
    for field in fine:
        beside += np.minimum(np.abs(_scaled(field, at) - _scaled(field, at + 1)), 1.0)
        between += np.minimum(np.abs(_scaled(field, first) - _scaled(field, second)), 1.0)
    return np.asarray(between <= 0.1 * np.median(beside) + 1e-9)
