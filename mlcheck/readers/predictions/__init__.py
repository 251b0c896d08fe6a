"""Predictions: tables of truth and prediction in any format, rankings with their judgements, texts side by side.

`read_predictions` is the only door: files and what the user said of them go in, `PredictionsRead` comes out.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from mlcheck.errors import MlcheckError
from mlcheck.model.predictions import PredictionsRead
from mlcheck.readers.predictions import build, frames, pairing

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlcheck.model.predictions import Predictions, Wanted

MOST_MODELS = 2


def read_predictions(wanted: Wanted, *, stdin: Callable[[], bytes] | None = None) -> PredictionsRead:
    """Read the predictions of one model, or of two over the same examples.

    Raises MlcheckError, in one line, for what cannot be read, paired or understood.
    """
    if wanted.qrels or wanted.runs:
        found = _rankings(wanted)
    elif wanted.hypotheses or wanted.references:
        found = _texts(wanted)
    else:
        found = _tables(wanted, stdin)
    return PredictionsRead(predictions=found, digest=_digest(found))


def _tables(wanted: Wanted, stdin: Callable[[], bytes] | None) -> tuple[Predictions, ...]:
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
    made = [build.predictions(frames.read(name, stdin=stdin), wanted) for name in wanted.files]
    return pairing.paired(made[0], made[1]) if len(made) == MOST_MODELS else tuple(made)


def _rankings(wanted: Wanted) -> tuple[Predictions, ...]:
    from mlcheck.readers.predictions import trec

    if not wanted.qrels or not wanted.runs or len(wanted.runs) > MOST_MODELS:
        raise MlcheckError(
            "metrics",
            f"expected --qrels FILE with one or two --run FILE, found {len(wanted.runs)} run(s)",
            "the judgements are the qrels, the ranked documents the run",
        )
    found = [trec.read(wanted.qrels, run) for run in wanted.runs]
    return pairing.paired(found[0], found[1]) if len(found) == MOST_MODELS else tuple(found)


def _texts(wanted: Wanted) -> tuple[Predictions, ...]:
    from mlcheck.readers.predictions import parallel

    if not wanted.references or not wanted.hypotheses or len(wanted.hypotheses) > MOST_MODELS:
        raise MlcheckError(
            "metrics",
            f"expected one or two --hypothesis FILE with --reference FILE, found {len(wanted.hypotheses)} and {len(wanted.references)}",
        )
    references = [frames.source(name) for name in wanted.references]
    found = [parallel.read_parallel(frames.source(name), references) for name in wanted.hypotheses]
    return pairing.paired(found[0], found[1]) if len(found) == MOST_MODELS else tuple(found)


def _digest(found: tuple[Predictions, ...]) -> str:
    """Return 12 hexadecimal digits of the SHA-256 of all content: the same predictions give the same digest."""
    digest = hashlib.sha256()
    for p in found:
        digest.update(p.source.encode("utf-8", "surrogatepass"))
        for name in sorted(getattr(type(p.content), "__slots__", ())):
            value = getattr(p.content, name)
            if hasattr(value, "tobytes"):
                digest.update(value.tobytes())
            elif not callable(value):
                digest.update(repr(value).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()[:12]
