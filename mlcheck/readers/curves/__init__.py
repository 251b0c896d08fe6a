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
from mlcheck.readers import search
from mlcheck.readers.curves import arrays, names
from mlcheck.readers.curves.outcome import read_outcome
from mlcheck.readers.curves.runs import read_runs
from mlcheck.readers.datasets import opening
from mlcheck.readers.listing import listed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mlcheck.model.common import Floats
    from mlcheck.model.curves import CurvesWanted
    from mlcheck.readers.datasets.raw import Raw, Table

__all__ = ["read_curves", "read_outcome", "read_runs"]
SUFFIXES = (".gz", ".csv", ".tsv", ".json", ".jsonl", ".ndjson", ".parquet", ".pq", ".npz", ".txt")


def read_curves(wanted: CurvesWanted, *, stdin: Callable[[], bytes] | None = None) -> CurvesRead:
    """Read every curve of one table. Raises MlcheckError, in one line, for what cannot be read or understood."""
    held = stdin() if wanted.path == "-" and stdin is not None else None
    table = arrays.table(wanted.path, held)
    if table is None:
        table = opening.table(wanted.path, stdin=None if held is None else lambda: held)
    chosen = names.chosen(table, wanted)
    n = _numbers(table, "--n", chosen.n)
    score = _numbers(table, "--score", chosen.score)
    train = np.full(table.size, np.nan) if chosen.train is None else _numbers(table, "--train-score", chosen.train)
    _check_sizes(table, chosen.n, n)
    curves, problems = [], []
    for key, rows in _groups(table, chosen.by):
        made = _curve(table, chosen, key, (n[rows], score[rows], train[rows]))
        if len(made.n):
            curves.append(made)
        else:
            where = f"{table.name} {key}".strip()
            problems.append(Problem(source=where, message=f"expected rows with {chosen.n} and {chosen.score}, found none"))
    if not curves:
        raise MlcheckError(
            table.name, f"expected rows with both {chosen.n!r} and {chosen.score!r}, found none", "name other columns with --n and --score"
        )  # fmt: skip
    return CurvesRead(curves=tuple(curves), problems=(*table.problems, *problems), digest=_digest(n, score, train, chosen))


def _curve(table: Table, chosen: names.Chosen, key: str, values: tuple[Floats, Floats, Floats]) -> DataCurve:
    n, score, train = values
    known = np.isfinite(n) & np.isfinite(score)
    return DataCurve(
        id=key or _stem(table.name), source=table.name, reader=table.reader, metric=chosen.metric, better=chosen.better,
        n=n[known], score=score[known], train=train[known], columns=chosen.told,
        left_out=int(np.count_nonzero(~known)),
    )  # fmt: skip


def _stem(name: str) -> str:
    for suffix in SUFFIXES:
        name = name.removesuffix(suffix)
    return name


def _numbers(table: Table, option: str, name: str) -> Floats:
    """Return a column as numbers, NaN where blank. Raises MlcheckError for a cell that is none, with its row."""
    raw: Raw = table.columns[name]
    if raw.numbers is None or raw.is_date:
        words = () if raw.words is None else raw.words.names
        found = listed(words, 3) if words else "no numbers"
        raise MlcheckError(table.name, f"expected numbers in {name!r} for {option}, found {found}", f"name another column with {option}")
    texts = set(raw.odd.names)
    if texts:
        row = int(raw.odd_rows[0])
        text = raw.odd.names[int(raw.odd.code[0])]
        raise MlcheckError(
            f"{table.name}: row {row}", f"expected a number in {name!r}, found {text!r}", "leave the cell empty where nothing was measured"
        )  # fmt: skip
    return np.asarray(raw.numbers, dtype=np.float64)


def _check_sizes(table: Table, name: str, n: Floats) -> None:
    bad = np.flatnonzero(n <= 0)
    if len(bad):
        raise MlcheckError(
            f"{table.name}: row {int(bad[0])}", f"expected a positive number of examples in {name!r}, found {n[bad[0]]:g}",
            "take the row out, or name another column with --n",
        )  # fmt: skip


def _groups(table: Table, by: tuple[str, ...]) -> Iterator[tuple[str, Floats]]:
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
    for group in np.argsort(first, kind="stable"):
        row = codes[first[group]]
        key = "/".join("" if c < 0 else words.names[c] for words, c in zip(spelled, row, strict=True))
        yield key, pieces[group]


def _digest(n: Floats, score: Floats, train: Floats, chosen: names.Chosen) -> str:
    made = hashlib.sha256(repr(chosen).encode("utf-8", "surrogatepass"))
    for values in (n, score, train):
        made.update(np.ascontiguousarray(values).tobytes())
    return made.hexdigest()[:12]


def shown(path: str) -> str:
    """Return an input as reports show it."""
    return search.last(path) if path != "-" else "-"
