"""Predictions that are no classes, from a table: numbers, rankings, texts, log-probabilities."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mlcheck.errors import MlcheckError
from mlcheck.model.predictions import (
    Binary,
    BinaryBlocks,
    Multiclass,
    Multilabel,
    Ranking,
    Regression,
    Texts,
    Tokens,
)  # fmt: skip
from mlcheck.readers.predictions import labels
from mlcheck.readers.predictions import texts as text_cells
from mlcheck.readers.predictions import tokens as token_cells
from mlcheck.readers.predictions.columns import listed, words

if TYPE_CHECKING:
    from mlcheck.model.predictions import Content, Task
    from mlcheck.readers.predictions.build import Draft

QUANTILE = ("q", "quantile", "p")


def task_of(content: Content) -> Task:
    """Return the task that a content is of."""
    tasks: dict[type, Task] = {
        Binary: "binary", BinaryBlocks: "binary", Multiclass: "multiclass", Multilabel: "multilabel",
        Regression: "regression", Ranking: "ranking", Texts: "generation", Tokens: "language-model",
    }  # fmt: skip
    return tasks[type(content)]


def regression(draft: Draft) -> Regression:
    """Return the numbers of one target, or of several named alike (y_true_a, y_pred_a) or in arrays."""
    true, pred = _pairs(draft)
    draft.keep(truth=tuple(true.values()), prediction=tuple(pred.values()))
    for name in (*true.values(), *pred.values()):
        if draft.frame.columns[name].dtype.kind not in "ifb":
            raise MlcheckError(
                draft.frame.source,
                f"expected numbers in {name!r}, found texts",
                "name another: --true, --pred",
            )
    draft.use("true", *true.values())
    draft.use("pred", *pred.values())
    truth, said = (_matrix(draft, some) for some in (true, pred))
    if truth.shape != said.shape:
        raise MlcheckError(
            draft.frame.source,
            f"expected a prediction for each target, found {truth.shape[1]} of truth and {said.shape[1]} of prediction",
        )
    names = tuple(true) if len(true) == truth.shape[1] else tuple(str(i) for i in range(truth.shape[1]))
    return Regression(
        targets=names, truth=truth, predicted=said, quantile=_quantile(next(iter(pred.values())))
    )


def _pairs(draft: Draft) -> tuple[dict[str, str], dict[str, str]]:
    """Return the columns of truth and prediction by target."""
    one, several = draft.found.one, draft.found.several
    true, pred = several.get("true", {}), several.get("pred", {})
    if len(true) > 1 and pred:
        by_words = {words(k): v for k, v in pred.items()}
        both = {k: v for k, v in true.items() if words(k) in by_words}
        if both:
            return both, {k: by_words[words(k)] for k in both}
        if len(true) == len(pred):
            return true, pred
    said = one.get("pred") or one.get("score")
    if "true" not in one or said is None:
        lacking = "the truth" if "true" not in one else "the prediction"
        option = "--true COL" if "true" not in one else "--pred COL"
        raise MlcheckError(
            draft.frame.source,
            f"expected a column of {lacking}, found {listed(draft.frame.columns)}",
            f"name it: {option}",
        )
    return {one["true"]: one["true"]}, {one["true"]: said}


def _matrix(draft: Draft, some: dict[str, str]) -> Any:
    found = [draft.column(name) for name in some.values()]
    stacked = np.concatenate([c[:, None] if c.ndim == 1 else c for c in found], axis=1)
    return stacked if stacked.dtype in (np.float32, np.float64) else stacked.astype(np.float64)


def _quantile(name: str) -> float | None:
    """Return the quantile that a prediction's name tells ("pred_q90", "p10"), None where it tells none."""
    end = words(name).rsplit("_", 1)[-1]
    for mark in QUANTILE:
        digits = end.removeprefix(mark)
        if end.startswith(mark) and digits.isdigit() and 0 < float(f"0.{digits}") < 1 and digits != "1":
            return float(f"0.{digits}")
    return None


def ranking(draft: Draft) -> Ranking:
    """Return queries with documents in ranked order: all documents of the table are judged."""
    from mlcheck.readers.predictions import ranked

    one = draft.found.one
    for part, option in (("query", "a query"), ("relevance", "a relevance")):
        if part not in one:
            raise MlcheckError(
                draft.frame.source,
                f"expected a column of {option} for a ranking, found {listed(draft.frame.columns)}",
            )
    score = one.get("score") or one.get("pred")
    if score is None:
        raise MlcheckError(
            draft.frame.source,
            f"expected a column of scores, found {listed(draft.frame.columns)}",
            "name it: --score COL",
        )
    draft.keep(query=(one["query"],), relevance=(one["relevance"],), score=(score,))
    document = one.get("document")
    documents = None if document is None else [str(v) for v in draft.column(document).tolist()]
    draft.use("query", one["query"])
    draft.use("relevance", one["relevance"])
    draft.use("score", score)
    if document is not None:
        draft.use("document", document)
    relevance = draft.column(one["relevance"])
    if relevance.dtype.kind not in "ifb":
        raise MlcheckError(draft.frame.source, f"expected whole numbers in {one['relevance']!r}, found texts")
    return ranked.from_columns(
        [str(v) for v in draft.column(one["query"]).tolist()],
        documents,
        relevance,
        draft.column(score).astype(np.float64),
        source=draft.frame.source,
    )


def texts(draft: Draft) -> Texts:
    """Return generated texts and their references; a reference may be a list of several."""
    one = draft.found.one
    said = one.get("hypothesis") or one.get("pred")
    wanted = list(draft.wanted.true) or [one["reference"] if "reference" in one else one.get("true", "")]
    numbered = sorted(
        n for n in draft.frame.columns if words(n).startswith(("reference_", "ref_")) and n not in wanted
    )
    if said is None or not wanted[0]:
        raise MlcheckError(
            draft.frame.source,
            f"expected generated texts and their references, found {listed(draft.frame.columns)}",
            "name them: --pred COL --true COL",
        )
    names = [*wanted, *(n for n in numbered if draft.frame.columns[n].dtype == object)]
    draft.use("pred", said)
    draft.use("true", *names)
    found = text_cells.from_columns(
        draft.column(said).tolist(), [draft.column(n).tolist() for n in names], where=draft.frame.source
    )
    lost = int(np.count_nonzero(~found.kept))
    if lost:
        draft.dropped["without a reference"] = lost
        draft.rows = np.flatnonzero(found.kept)
    empty = sum(not h.strip() for h in found.texts.hypotheses)
    if empty:
        draft.doubts.append(f"{empty:,} generated texts are empty and count as such")
    return found.texts


def tokens(draft: Draft) -> Tokens:
    """Return log-probabilities by text: a list a row, a sum with a count, or a number a token with a text's id."""
    one = draft.found.one
    if "logprob" not in one:
        raise MlcheckError(
            draft.frame.source,
            f"expected a column of log-probabilities, found {listed(draft.frame.columns)}",
            "such as token_logprobs",
        )
    name, where = one["logprob"], draft.frame.source
    scale = token_cells.scale_of(name)
    draft.use("log-probability", name)
    if not scale.told:
        draft.doubts.append("took the logarithms for natural ones")
    column = draft.frame.columns[name]
    texts_ = _texts_beside(draft)
    if column.ndim == 2 or column.dtype == object:
        return token_cells.from_lists(column.tolist(), scale=scale, where=where, texts=texts_)
    count = one.get("count")
    if count is not None and draft.frame.columns[count].dtype.kind in "if":
        draft.use("tokens", count)
        return token_cells.from_sums(
            column.astype(np.float64),
            draft.frame.columns[count].astype(np.float64),
            scale=scale,
            where=where,
            texts=texts_,
        )
    sequence = one.get("id") or one.get("query")
    owner = None
    if sequence is not None:
        draft.use("text", sequence)
        (owner,), _ = labels.codes([draft.frame.columns[sequence]])
    made = token_cells.from_rows(column.astype(np.float64), owner, scale=scale, where=where, pieces=texts_)
    draft.rows = np.arange(len(made.tokens))  # one row a text
    return made


def _texts_beside(draft: Draft) -> list[Any] | None:
    """Return the texts that the log-probabilities are of, None where they are not there."""
    name = draft.found.one.get("text")
    if name is None or draft.frame.columns[name].dtype != object:
        return None
    draft.use("text", name)
    return list(draft.frame.columns[name].tolist())
