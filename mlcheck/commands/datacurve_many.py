"""Curves of what need not be one table: logs of several runs, a folder of them, several tables."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from mlcheck import registry
from mlcheck.errors import MlcheckError
from mlcheck.model import Problem
from mlcheck.model.curves import CurvesRead

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mlcheck.model.curves import CurvesWanted

TABLES = (".csv", ".tsv", ".json", ".jsonl", ".ndjson", ".parquet", ".npz", ".gz")
MOST_TABLES = 1000


def read(
    inputs: Sequence[str], wanted: CurvesWanted, *, progress: Callable[[int, int], None] | None = None
) -> CurvesRead:
    """Read logs of runs whose configuration holds their size; where none does, tables of curves.

    Raises MlcheckError where the inputs hold neither, for the reason that a single table was refused, else for the logs'.
    """
    single = len(inputs) == 1 and not Path(inputs[0]).is_dir()
    refused: MlcheckError | None = None
    if single:
        try:
            return registry.curves_room().read_curves(replace(wanted, path=inputs[0]))
        except MlcheckError as error:
            refused = error
    try:
        return registry.curves_room().read_runs(inputs, wanted, progress=progress)
    except MlcheckError as error:
        refused = refused or error
    made = CurvesRead(curves=()) if single else _tables(inputs, wanted)
    if not made.curves:
        raise refused
    return made


def _tables(inputs: Sequence[str], wanted: CurvesWanted) -> CurvesRead:
    """Return the curves of every table among the inputs; a file that was named and is none is a problem."""
    curves, problems, digests = [], [], []
    for path, named in _files(inputs):
        try:
            found = registry.curves_room().read_curves(replace(wanted, path=str(path)))
        except MlcheckError as error:
            if named:
                problems.append(Problem(source=error.where, message=error.problem, hint=error.hint))
            continue
        shown = path.name if named else f"{path.parent.name}/{path.name}"
        stem = path.name.partition(".")[0]
        curves += [
            replace(c, source=shown, id=c.id if len(found.curves) == 1 else f"{stem}/{c.id}")
            for c in found.curves
        ]
        problems += found.problems
        digests.append(found.digest)
    return CurvesRead(
        curves=tuple(curves),
        problems=tuple(problems),
        digest=sha256(" ".join(digests).encode()).hexdigest()[:12],
    )


def _files(inputs: Sequence[str]) -> list[tuple[Path, bool]]:
    """Return the files among the inputs and in their folders, and whether each was named."""
    found: list[tuple[Path, bool]] = []
    for text in inputs:
        path = Path(text)
        if path.is_dir():
            found += [
                (p, False) for p in sorted(path.iterdir()) if p.suffix.lower() in TABLES and p.is_file()
            ]
        else:
            found.append((path, True))
    return found[:MOST_TABLES]
