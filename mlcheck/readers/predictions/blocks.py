"""Two classes with scores in more Parquet than is held at once: read again in pieces whenever asked.

A first pass settles what the whole must tell: the labels, what the scores are, which rows are left out.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from mlcheck.errors import MlcheckError
from mlcheck.model.predictions import BinaryBlocks
from mlcheck.readers.listing import listed
from mlcheck.readers.predictions import classes, labels, parquet_table, scores, tasks
from mlcheck.readers.predictions.built import Built, Keeping, Rows
from mlcheck.readers.predictions.frame import Numbers
from mlcheck.readers.predictions.names import is_scaled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlcheck.model.predictions import Bools, Codes, Reals, Wanted
    from mlcheck.readers.predictions.assigned import Assigned
    from mlcheck.readers.predictions.inputs import Opened

MOST_BYTES = 200 << 20
"""Bytes of the needed columns up to which they are held."""
BYTES_A_ROW = 16
ROWS_AT_ONCE = 1 << 18
MOST_LABELS = 3


@dataclass(slots=True, kw_only=True)
class Survey:
    """What a pass over all rows found: labels with their counts, the range of the scores, rows left out, a digest."""

    counts: dict[str, int] = field(default_factory=dict)
    low: float = np.inf
    high: float = -np.inf
    rows: int = 0
    weight: float = 0.0
    dropped: dict[str, int] = field(default_factory=dict)
    digest: hashlib._Hash = field(default_factory=hashlib.sha256)


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltBlocks:
    """The content with what the survey found; `roles` are those of the columns that were read."""

    built: Built
    rows: int
    digest: str
    roles: Assigned


def fits(opened: Opened, roles: Assigned, wanted: Wanted) -> bool:
    """Whether a table is read in pieces: Parquet, larger than is held, of two classes with one score."""
    if opened.reader != "parquet" or opened.rows * BYTES_A_ROW <= MOST_BYTES:
        return False
    if roles.by is not None or "group" in roles.told or "id" in roles.told or len(roles.true) != 1:
        return False
    score = roles.score or roles.pred
    column = opened.head.columns[score[0]] if len(score) == 1 else None
    if (
        not isinstance(column, Numbers)
        or column.value.ndim != 1
        or not (roles.score or classes.is_score(column))
    ):
        return False
    return tasks.infer(opened.name, opened.head, roles, wanted.task).task == "binary"


def read(opened: Opened, roles: Assigned, wanted: Wanted) -> BuiltBlocks:
    """Return the content in pieces. Raises MlcheckError for more than two labels and for scores that are none."""
    from dataclasses import replace

    doubts = []
    if roles.score and roles.pred:
        doubts.append(
            f"{roles.pred[0]!r} was left out: so large a table is judged by its score {roles.score[0]!r}"
        )
        roles = replace(roles, pred=())
    roles = replace(roles, id=None, group=None)
    found = _survey(opened, roles)
    names, place, doubt = _labels(opened.name, found, wanted.positive)
    name = (roles.score or roles.pred)[0]
    ends = np.array([found.low, found.high])
    _, kind = scores.kind_of(opened.name, name, ends)
    positive = names[place]

    def blocks() -> Iterator[tuple[Bools, Reals, Reals | None]]:
        for spelled, code, score, weight in _pieces(opened, roles, {}):
            table = np.array([label == positive for label in spelled], dtype=np.bool_)
            if set(spelled) - set(names):
                raise _changed(opened.name)
            made, _ = scores.kind_of(opened.name, name, score) if kind != "logit" else (score, kind)
            yield table[code], made, weight

    content = BinaryBlocks(
        blocks=blocks, rows=found.rows, kind=kind, positive=positive, negative=names[1 - place]
    )
    built = Built(
        content=content,
        dropped=found.dropped,
        unscaled=kind == "logit" and not is_scaled(name),
        doubts=(*doubts, *((doubt,) if doubt else ())),
    )
    return BuiltBlocks(built=built, rows=found.rows, digest=found.digest.hexdigest()[:12], roles=roles)


def _changed(where: str) -> MlcheckError:
    return MlcheckError(
        where,
        "expected a table that stays as it is, found one that changed while being read",
        "wait for it to be written",
    )


def _survey(opened: Opened, roles: Assigned) -> Survey:
    """Pass over all rows once."""
    found = Survey()

    for spelled, code, score, weight in _pieces(opened, roles, found.dropped):
        for label, count in zip(spelled, np.bincount(code, minlength=len(spelled)).tolist(), strict=True):
            found.counts[label] = found.counts.get(label, 0) + count
        if len(found.counts) > MOST_LABELS:
            break
        if len(score):
            found.low, found.high = min(found.low, float(score.min())), max(found.high, float(score.max()))
        found.rows += len(score)
        found.weight += float(len(score) if weight is None else weight.sum())
        for part in (code, score, *((weight,) if weight is not None else ())):
            found.digest.update(np.ascontiguousarray(part).data)
        found.digest.update("\0".join(spelled).encode("utf-8", "surrogatepass"))
    if not found.rows:
        raise MlcheckError(
            opened.name, "expected rows with truth and score, found none", "name other columns"
        )
    if not found.weight > 0:
        raise MlcheckError(
            opened.name,
            f"expected weights in {roles.weight!r}, found only zeros",
            "name another column with --weight",
        )
    return found


def _labels(where: str, found: Survey, positive: str | None) -> tuple[tuple[str, str], int, str]:
    """Return the two labels in order, which of them is positive, and what is to be said of that choice."""
    names = labels.in_order(found.counts)
    if len(names) > 2:
        raise MlcheckError(
            where, f"expected two classes, found more labels: {listed(names, 6)}", "try --task multiclass"
        )
    if len(names) < 2:
        names = labels.in_order({names[0], classes.other_label(names[0], positive)})
    place, doubt = classes.positive_place(
        where, names, [found.counts.get(name, 0) for name in names], positive
    )
    return (names[0], names[1]), place, doubt


def _pieces(
    opened: Opened, roles: Assigned, dropped: dict[str, int]
) -> Iterator[tuple[list[str], Codes, Reals, Reals | None]]:
    """Yield (labels, their codes, scores, weights or None) of the rows that are kept, piece by piece; count the others."""
    needed = [*roles.true, *(roles.score or roles.pred), *([roles.weight] if roles.weight else [])]
    for part in opened.parts:
        for made in parquet_table.batches(part.source, needed, ROWS_AT_ONCE):
            rows = Rows(where=opened.name, frame=made, roles=roles)
            spelled, code = labels.distinct(made.columns[roles.true[0]])
            score = scores.reals(rows.numbers((roles.score or roles.pred)[0]))
            weight = scores.reals(rows.numbers(roles.weight)) if roles.weight else None
            kept = Keeping(made.size, dropped=dropped)
            if weight is not None:
                _demand_weights(opened.name, roles.weight or "", weight)
                kept.leave_out(~np.isfinite(weight), "without a weight")
            kept.leave_out(code < 0, classes.TRUTH_BLANK)
            kept.leave_out(np.isnan(score), classes.SCORE_BLANK)
            yield spelled, kept.of(code), kept.of(score), None if weight is None else kept.of(weight)


def _demand_weights(where: str, name: str, weight: Reals) -> None:
    if (weight < 0).any():
        raise MlcheckError(
            where,
            f"expected weights that are not negative in {name!r}, found {weight[weight < 0][0]:g}",
            "name another column with --weight",
        )
