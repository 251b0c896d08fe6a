"""Predictions with the truth: tables of any format, TREC runs, parallel texts; `read_predictions` is the only door.

One file (or folder of parts) is one model; two are compared over the rows they share. In a folder of other tables each
that tells predictions is a model of its own.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np

from mlcheck.errors import MlcheckError
from mlcheck.model.predictions import PredictionsRead
from mlcheck.readers.predictions import inputs, one_table, pairing

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mlcheck.model.predictions import Predictions, Wanted

__all__ = ["read_predictions"]
MOST_MODELS = 2


def read_predictions(wanted: Wanted, *, stdin: Callable[[], bytes] | None = None) -> PredictionsRead:
    """Read the predictions of one model, or of two over the same examples.

    Raises MlcheckError, in one line, for what cannot be read, paired or understood.
    """
    if wanted.qrels or wanted.runs:
        return _read(_rankings(wanted))
    if wanted.hypotheses or wanted.references:
        return _read(_texts(wanted))
    if not wanted.files:
        raise MlcheckError(
            "metrics",
            "expected a file of predictions, found none",
            "name one, or --qrels and --run, or --hypothesis and --reference",
        )
    if len(wanted.files) > MOST_MODELS:
        raise MlcheckError(
            "metrics",
            f"expected one file, or two to compare, found {len(wanted.files)}",
            "name the parts of one table by their folder",
        )
    apart = False
    try:
        tables = one_table.read_all(wanted, stdin=stdin)
    except inputs.SeveralTables as several:
        if len(wanted.files) > 1:
            raise
        tables, apart = one_table.read_each(several, wanted), True
    return _read(
        [table.predictions for table in tables],
        digests=[table.digest for table in tables],
        passed_over=sum(table.passed_over for table in tables),
        apart=apart,
    )


def _read(
    found: Sequence[Predictions], *, digests: Sequence[str] = (), passed_over: int = 0, apart: bool = False
) -> PredictionsRead:
    compared = len(found) == MOST_MODELS and not apart
    made, problems = pairing.paired(found[0], found[1]) if compared else (tuple(found), ())
    return PredictionsRead(
        predictions=made,
        problems=problems,
        digest=digest(made, digests),
        passed_over=passed_over,
        apart=apart,
    )


def _rankings(wanted: Wanted) -> list[Predictions]:
    from mlcheck.readers.predictions import trec

    if not wanted.qrels or not 0 < len(wanted.runs) <= MOST_MODELS:
        raise MlcheckError(
            "metrics",
            f"expected --qrels FILE with one or two --run FILE, found {len(wanted.runs)} run(s)",
            "the judgements are the qrels, the ranked documents the run",
        )
    return [trec.read(wanted.qrels, run) for run in wanted.runs]


def _texts(wanted: Wanted) -> list[Predictions]:
    from mlcheck.readers.predictions import parallel

    if not wanted.references or not 0 < len(wanted.hypotheses) <= MOST_MODELS:
        raise MlcheckError(
            "metrics",
            f"expected one or two --hypothesis FILE with --reference FILE, found {len(wanted.hypotheses)} and {len(wanted.references)}",
        )
    references = [inputs.one_source(name) for name in wanted.references]
    return [parallel.read_parallel(inputs.one_source(name), references) for name in wanted.hypotheses]


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
        plain = part.dtype.kind != "O"
        made.update(np.ascontiguousarray(part).view(np.uint8).data if plain else repr(part.tolist()).encode())
    elif part is None or isinstance(part, (str, int, float, bool)):
        made.update(f"{part}\0".encode("utf-8", "surrogatepass"))
    elif isinstance(part, tuple):
        for item in part:
            _update(made, item)
    elif not callable(part):
        for name in getattr(part, "__dataclass_fields__", ()):
            _update(made, getattr(part, name))
