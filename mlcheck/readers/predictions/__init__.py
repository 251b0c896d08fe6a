"""Predictions with the truth: tables of any format, TREC runs, parallel texts; `read_predictions` is the only door.

One file (or folder of parts) is one model; two are compared over the rows they share.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np

from mlcheck.errors import MlcheckError
from mlcheck.model import Problem
from mlcheck.model.predictions import PredictionsRead
from mlcheck.readers.predictions import one_table, pairing
from mlcheck.readers.predictions.wanted import Wanted

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mlcheck.model.predictions import Predictions

__all__ = ["Wanted", "read_predictions"]


def read_predictions(
    files: Sequence[str], *, wanted: Wanted | None = None, stdin: Callable[[], bytes] | None = None
) -> PredictionsRead:
    """Read the predictions of one model, or of two over the same rows.

    `files` are paths, folders of parts, globs or "-" for standard input. What cannot be read becomes a problem of its
    file; with two files, what keeps them from being compared is raised as MlcheckError.
    """
    wanted = wanted or Wanted()
    if not files:
        raise MlcheckError(
            "mlcheck metrics",
            "expected a file of predictions, found none",
            "name a table with truth and prediction",
        )
    if len(files) > 2:
        raise MlcheckError(
            files[2],
            f"expected one file or two to compare, found {len(files)}",
            "name a folder, or quote the pattern, for parts of one table",
        )
    found, problems, digests, passed_over = [], [], [], 0
    for text in files:
        try:
            read = one_table.read(text, wanted, stdin=stdin, keyed=len(files) > 1)
        except MlcheckError as error:
            problems.append(Problem(source=error.where, message=error.problem, hint=error.hint))
            continue
        found.append(read.predictions)
        digests.append(read.digest)
        passed_over += read.passed_over
    made = tuple(found)
    if len(made) == 2:
        made = pairing.paired(made[0], made[1])
    return PredictionsRead(
        predictions=made, digest=digest(made, digests), problems=tuple(problems), passed_over=passed_over
    )


def digest(found: Sequence[Predictions], more: Sequence[str] = ()) -> str:
    """Return 12 hexadecimal digits of the SHA-256 of all arrays and texts: the same content gives the same digest.

    `more` are digests of contents that are not held.
    """
    made = hashlib.sha256("".join(more).encode())
    for predictions in found:
        made.update(f"{predictions.source}\0{predictions.task}\0".encode("utf-8", "surrogatepass"))
        for part in (predictions.content, predictions.clusters, predictions.by, predictions.weight):
            _update(made, part)
    return made.hexdigest()[:12]


def _update(made: hashlib._Hash, part: object) -> None:
    if isinstance(part, np.ndarray):
        made.update(
            np.ascontiguousarray(part).view(np.uint8).data
            if part.dtype.kind != "O"
            else repr(part.tolist()).encode()
        )
    elif part is None or isinstance(part, (str, int, float, bool)):
        made.update(f"{part}\0".encode("utf-8", "surrogatepass"))
    elif isinstance(part, tuple):
        for item in part:
            _update(made, item)
    elif not callable(part):
        for name in getattr(part, "__dataclass_fields__", ()):
            _update(made, getattr(part, name))
