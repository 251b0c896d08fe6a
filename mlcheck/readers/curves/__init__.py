"""Tables of scores by the number of training examples, wide or long, and the arrays of scikit-learn's `learning_curve`.

`read_curves` is the door for tables, `read_runs` for logs of several trainings, `read_outcome` for those of one.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np

from mlcheck.errors import MlcheckError
from mlcheck.model.curves import CurvesRead, DataCurve
from mlcheck.model.report import Problem
from mlcheck.readers.curves import arrays, names, wide
from mlcheck.readers.curves.outcome import read_outcome
from mlcheck.readers.curves.runs import read_runs
from mlcheck.readers.datasets import opening
from mlcheck.readers.listing import listed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    import numpy.typing as npt

    from mlcheck.model.common import Floats
    from mlcheck.model.curves import CurvesWanted
    from mlcheck.readers.datasets.raw import Raw, Table

__all__ = ["read_curves", "read_outcome", "read_runs"]
SUFFIXES = (".gz", ".csv", ".tsv", ".json", ".jsonl", ".ndjson", ".parquet", ".pq", ".npz", ".txt")


def read_curves(wanted: CurvesWanted, *, stdin: Callable[[], bytes] | None = None) -> CurvesRead:
    """Read every curve of one table; one that holds a bad row is a problem and leaves the others alone.

    Raises MlcheckError, in one line, for a table that cannot be read or understood, or whose only curve cannot.
    """
    held = stdin() if wanted.path == "-" and stdin is not None else None
    table = arrays.table(wanted.path, held)
    if table is None:
        table = opening.table(wanted.path, stdin=None if held is None else lambda: held)
    table, wanted = wide.long(table, wanted)
    chosen = names.chosen(table, wanted)
    values = _values(table, chosen)
    curves, problems = [], []
    for key, rows in _groups(table, chosen.by):
        wrong = _wrong(table, chosen, key, rows, values[0])
        if wrong is not None:
            problems.append(wrong)
        else:
            curves.append(_curve(table, chosen, key, (values[0][rows], values[1][rows], values[2][rows])))
    if not curves and len(problems) == 1:
        raise MlcheckError(problems[0].source, problems[0].message, problems[0].hint)
    return CurvesRead(
        curves=tuple(curves),
        problems=(*table.problems, *problems),
        digest=_digest(values, chosen, (c.id for c in curves)),
    )


def _values(table: Table, chosen: names.Chosen) -> tuple[Floats, Floats, Floats]:
    """Return n, score and training score of every row, NaN where blank."""
    n, score = _numbers(table, "--n", chosen.n), _numbers(table, "--score", chosen.score)
    if chosen.train is None:
        return n, score, np.full(table.size, np.nan)
    return n, score, _numbers(table, "--train-score", chosen.train)


def _wrong(
    table: Table, chosen: names.Chosen, key: str, rows: npt.NDArray[np.intp], n: Floats
) -> Problem | None:
    """Return what keeps the rows of one curve from being read: text among numbers, a size below 1, nothing at all."""
    where = f"{table.name} {key}".strip()
    for name in (chosen.n, chosen.score, *([] if chosen.train is None else [chosen.train])):
        odd = table.columns[name].odd_rows
        found = np.flatnonzero(np.isin(odd, rows)) if len(odd) else odd
        if len(found):
            texts = table.columns[name].odd
            text = texts.names[int(texts.code[found[0]])]
            return Problem(
                source=f"{where}: row {int(odd[found[0]])}",
                message=f"expected a number in {name!r}, found {text!r}",
                hint="leave the cell empty where nothing was measured",
            )
    bad = rows[n[rows] < 1]
    if len(bad):
        found = n[bad[0]]
        return Problem(
            source=f"{where}: row {int(bad[0])}",
            message=f"expected a positive number of examples in {chosen.n!r}, found {found:g}",
            hint="give numbers of examples, not shares of them"
            if found > 0
            else "take the row out, or name another column with --n",
        )
    score = table.columns[chosen.score].numbers
    if score is None or not (np.isfinite(n[rows]) & np.isfinite(score[rows])).any():
        return Problem(
            source=where,
            message=f"expected rows with both {chosen.n!r} and {chosen.score!r}, found none",
            hint="name other columns with --n and --score",
        )
    return None


def _curve(table: Table, chosen: names.Chosen, key: str, values: tuple[Floats, Floats, Floats]) -> DataCurve:
    n, score, train = values
    known = np.isfinite(n) & np.isfinite(score)
    return DataCurve(
        id=key or _stem(table.name), source=table.name, reader=table.reader, metric=chosen.metric, better=chosen.better,
        n=np.round(n[known]), score=score[known], train=train[known], columns=chosen.told,
        left_out=int(np.count_nonzero(~known)),
    )  # fmt: skip


def _stem(name: str) -> str:
    for suffix in SUFFIXES:
        name = name.removesuffix(suffix)
    return name


def _numbers(table: Table, option: str, name: str) -> Floats:
    """Return a column as numbers, NaN where blank or no number. Raises MlcheckError for a column of texts."""
    raw: Raw = table.columns[name]
    if raw.numbers is None or raw.is_date:
        words = () if raw.words is None else raw.words.names
        found = listed(words, 3) if words else "no numbers"
        raise MlcheckError(
            table.name,
            f"expected numbers in {name!r} for {option}, found {found}",
            f"name another column with {option}",
        )
    return np.asarray(raw.numbers, dtype=np.float64)


def _groups(table: Table, by: tuple[str, ...]) -> Iterator[tuple[str, npt.NDArray[np.intp]]]:
    """Yield the name and the rows of each curve, in the order in which they first stand."""
    if not by:
        yield "", np.arange(table.size)
        return
    spelled = [table.columns[name].as_words() for name in by]
    codes = np.stack([words.code for words in spelled], axis=1)
    _, first, inverse = np.unique(codes, axis=0, return_index=True, return_inverse=True)
    inverse = inverse.reshape(-1)
    order = np.argsort(inverse, kind="stable")
    pieces = np.split(order, np.cumsum(np.bincount(inverse))[:-1])
    taken: dict[str, int] = {}
    for group in np.argsort(first, kind="stable"):
        row = codes[first[group]]
        key = "/".join("" if c < 0 else words.names[c] for words, c in zip(spelled, row, strict=True))
        taken[key] = taken.get(key, 0) + 1
        yield key if taken[key] == 1 else f"{key}#{taken[key]}", pieces[group]


def _digest(values: tuple[Floats, Floats, Floats], chosen: names.Chosen, keys: Iterable[str]) -> str:
    made = hashlib.sha256(repr((chosen, *keys)).encode("utf-8", "surrogatepass"))
    for column in values:
        made.update(np.ascontiguousarray(column).tobytes())
    return made.hexdigest()[:12]
