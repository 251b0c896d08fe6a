"""What a task's columns become: its content, by the builders of this package."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mlcheck.errors import MlcheckError
from mlcheck.readers.listing import listed
from mlcheck.readers.predictions import amounts, classes, frame, labels, several
from mlcheck.readers.predictions.built import Built, Keeping, Rows
from mlcheck.readers.predictions.frame import Numbers

if TYPE_CHECKING:
    from mlcheck.model.predictions import Task, Wanted


def build(task: Task, rows: Rows, wanted: Wanted) -> Built:
    """Return the content of a task. Raises MlcheckError where the columns cannot be of it."""
    if task == "binary":
        return classes.binary(rows, wanted.positive)
    if task == "multiclass":
        return classes.multiclass(rows)
    if task == "multilabel":
        return several.multilabel(rows)
    if task == "regression":
        return amounts.regression(rows)
    if task == "ranking":
        return ranking(rows)
    return generation(rows) if task == "generation" else language_model(rows)


def ranking(rows: Rows) -> Built:
    """Return queries with their documents in ranked order; every row of the table is a judged document."""
    from mlcheck.readers.predictions import ranked

    roles = rows.roles
    if roles.query is None or not roles.true or not roles.score:
        lacking = "a query" if roles.query is None else "a relevance" if not roles.true else "a score"
        raise MlcheckError(
            rows.where,
            f"expected a column of {lacking} for a ranking, found {listed(list(rows.frame.columns))}",
            "such as query_id, doc_id, relevance, score",
        )
    query, score = rows.column(roles.query), rows.numbers(roles.score[0]).astype(np.float64)
    relevance = rows.numbers(roles.true[0]).astype(np.float64)
    keeping = Keeping(rows.frame.size)
    keeping.leave_out(query.blank, "without a query")
    keeping.leave_out(np.isnan(relevance), "without a relevance")
    keeping.leave_out(np.isnan(score), "without a score")
    keeping.demand(rows.where)
    document = None if roles.document is None else keeping.of(_texts(rows, roles.document))
    content = ranked.from_columns(
        list(keeping.of(_texts(rows, roles.query))),
        None if document is None else list(document),
        keeping.of(relevance),
        keeping.of(score),
        source=rows.where,
    )
    return Built(
        content=content, dropped=keeping.dropped, rows=len(content.queries), keys=np.array(content.queries)
    )


def _texts(rows: Rows, name: str) -> Any:
    """Return the cells of a column as texts, an array of objects."""
    return np.array(frame.as_words(rows.column(name)).texts(), dtype=object)


def generation(rows: Rows) -> Built:
    """Return generated texts and their references, one or several columns or lists."""
    from mlcheck.readers.predictions import texts

    roles = rows.roles
    said = roles.pred or roles.score
    if not said or not roles.true:
        raise MlcheckError(
            rows.where,
            f"expected generated texts and their references, found {listed(list(rows.frame.columns))}",
            "name them: --pred COL --true COL",
        )
    found = texts.from_columns(
        _cells(rows, said[0]), [_cells(rows, name) for name in roles.true], where=rows.where
    )
    lost, empty = int(np.count_nonzero(~found.kept)), sum(not text.strip() for text in found.texts.hypotheses)
    return Built(
        content=found.texts,
        kept=found.kept if lost else None,
        dropped={"without a reference": lost} if lost else {},
        doubts=(f"{empty:,} generated texts are empty and count as such",) if empty else (),
    )


def _cells(rows: Rows, name: str) -> list[object]:
    """Return the cells of a column as they are: texts, numbers, lists; None for blanks."""
    return frame.objects(rows.column(name))


def language_model(rows: Rows) -> Built:
    """Return log-probabilities by text: a list a row, a sum with the count of tokens, or a row a token."""
    from mlcheck.readers.predictions import tokens

    roles, where = rows.roles, rows.where
    name = roles.tokens or next(iter((*roles.score, *roles.pred)), None)
    if name is None:
        raise MlcheckError(
            where,
            f"expected a column of log-probabilities, found {listed(list(rows.frame.columns))}",
            "such as token_logprobs",
        )
    scale = tokens.scale_of(name)
    doubts = () if scale.told else ("the logarithms were taken for natural ones",)
    column = rows.column(name)
    held = _cells(rows, roles.text) if roles.text is not None else None
    if not isinstance(column, Numbers) or column.value.ndim > 1:
        content = tokens.from_lists(_cells(rows, name), scale=scale, where=where, texts=held)
    elif roles.count is not None:
        total, count = (rows.numbers(n).astype(np.float64) for n in (name, roles.count))
        content = tokens.from_sums(total, count, scale=scale, where=where, texts=held)
    else:
        owner = None if roles.sequence is None else labels.distinct(rows.column(roles.sequence))[1]
        value = rows.numbers(name).astype(np.float64)
        content = tokens.from_rows(value, owner, scale=scale, where=where, pieces=held)
    return Built(content=content, doubts=doubts, rows=len(content.tokens))
