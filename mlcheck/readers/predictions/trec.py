"""Rankings with their judgements: TREC runs and qrels, or the same as JSON ({query: {document: value}})."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mlcheck.errors import MlcheckError
from mlcheck.model.predictions import Predictions
from mlcheck.readers.predictions import ranked, trec_lines
from mlcheck.readers.predictions.trec_lines import MOST_RELEVANCE, QRELS, RUN
from mlcheck.readers.source import Source

if TYPE_CHECKING:
    from mlcheck.readers.predictions.listing import Listing
    from mlcheck.readers.predictions.trec_lines import Layout


def read(qrels: str, run: str) -> Predictions:
    """Read a run and its judgements from two files by their paths; raises MlcheckError in one line."""
    sources = []
    for name in (qrels, run):
        path = Path(name)
        if path.is_dir():
            raise MlcheckError(name, "expected a file, found a folder", "name the file in it")
        sources.append(Source(name=path.name or name, path=path))
    try:
        return read_trec(*sources)
    except OSError as error:
        found = (error.strerror or str(error)).lower()
        where = str(error.filename or run)
        raise MlcheckError(where, f"expected a readable file, found: {found}", "check the path") from error


def read_trec(qrels: Source, run: Source, *, complete: bool = True, depth: int | None = None) -> Predictions:
    """Read a run and its judgements as predictions whose rows are the queries.

    Judged queries that the run lacks count 0 (trec_eval's -c), or are left out where not `complete`. Only the first
    `depth` documents of a query count (trec_eval's -M). Raises MlcheckError for what is no run, no qrels, or no pair.
    """
    judged, retrieved = _listing(qrels, QRELS), _listing(run, RUN)
    content = ranked.rank(judged, retrieved, complete=complete, depth=depth)
    if len(content.missing) == len(judged.queries):
        raise MlcheckError(
            run.name,
            f"expected the queries of {qrels.name} (such as {content.missing[0]!r}), "
            f"found none of them (but {content.unjudged[0]!r})",
            "is it a run of these judgements?",
        )
    below = int(np.count_nonzero(judged.value < 0))
    told = f"{below:,} judgements below 0 count as not judged, as in trec_eval"
    return Predictions(
        id=Path(run.name.removesuffix(".gz")).stem or run.name,
        source=run.name,
        reader="trec",
        task="ranking",
        content=content,
        rows=len(content.queries),
        keys=np.array(content.queries),
        doubts=(told,) if below else (),
    )


def _listing(source: Source, layout: Layout) -> Listing:
    if not source.head:
        raise MlcheckError(source.name, f"expected a {layout.kind} file, found an empty one")
    if source.is_pointer:
        raise MlcheckError(
            source.name, f"expected a {layout.kind} file, found a Git-LFS pointer", "run git lfs pull"
        )
    if not source.is_text:
        raise MlcheckError(
            source.name,
            f"expected a {layout.kind} file, found binary data",
            f"a line of it is: {layout.told}",
        )
    if source.head_text.lstrip("\ufeff \t\r\n").startswith("{"):
        return _json(source, layout)
    return trec_lines.read(source, layout)


def _json(source: Source, layout: Layout) -> Listing:
    """Read {query: {document: value}}."""
    told = f"expected {{query: {{document: {'relevance' if layout is QRELS else 'score'}}}}}"

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(pairs)
        if len(made) < len(pairs):
            names = [name for name, _ in pairs]
            twice = next(name for i, name in enumerate(names) if name in names[:i])
            raise MlcheckError(source.name, f"expected each key once, found {twice!r} again")
        return made

    try:
        document = json.loads(source.read_text().lstrip("\ufeff"), object_pairs_hook=once)
    except (ValueError, RecursionError) as error:
        raise MlcheckError(source.name, f"{told}, found no JSON ({error})") from error
    queries: list[str] = []
    documents: list[str] = []
    values: list[float] = []
    for query, found in document.items():
        if not isinstance(found, dict):
            raise MlcheckError(source.name, f"{told}, found {_kind(found)} at {query!r}")
        queries += [query] * len(found)
        documents += found
        values += (_number(source.name, layout, query, name, value) for name, value in found.items())
    if not queries:
        raise MlcheckError(source.name, f"{told}, found no documents")
    with np.errstate(over="ignore"):
        if layout is QRELS:
            return ranked.listed(queries, documents, np.array(values).astype(np.int32), source.name)
        return ranked.listed(queries, documents, np.array(values).astype(np.float32), source.name)


def _number(where: str, layout: Layout, query: str, document: str, value: object) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        whole = abs(value) <= MOST_RELEVANCE and value == int(value)
        if layout is RUN and value == value and abs(value) < 2.0**1023:
            return float(value)
        if layout is QRELS and whole:
            return float(value)
    expected = "a whole number as relevance" if layout is QRELS else "a number as score"
    hint = "this looks like a run" if layout is QRELS and isinstance(value, float) else ""
    shown = f"{value!r}"[:40]
    raise MlcheckError(where, f"expected {expected} of {document!r} in {query!r}, found {shown}", hint)


def _kind(value: object) -> str:
    return {list: "a list", str: "a text", type(None): "null"}.get(type(value), "a number")
