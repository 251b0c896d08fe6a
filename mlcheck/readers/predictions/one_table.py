"""The predictions of one table: opened, its columns given roles, read, their task found, their content built."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mlcheck.errors import MlcheckError
from mlcheck.model.predictions import Partition, Predictions
from mlcheck.readers.predictions import assigned, assigning, blocks, contents, copies, inputs, scores, tasks
from mlcheck.readers.predictions.built import Built, Keeping, Rows
from mlcheck.readers.predictions.frame import Column, Numbers, Words, as_words

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from mlcheck.model.predictions import Reals
    from mlcheck.readers.predictions.assigned import Assigned
    from mlcheck.readers.predictions.frame import Frame
    from mlcheck.readers.predictions.inputs import Opened
    from mlcheck.readers.predictions.wanted import Wanted

FEWEST_CLUSTERS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadTable:
    """What one table gave."""

    predictions: Predictions
    passed_over: int
    digest: str = ""


def read(text: str, wanted: Wanted, *, stdin: Callable[[], bytes] | None, keyed: bool) -> ReadTable:
    """Read one table; `keyed` asks for the identifiers of its rows. Raises MlcheckError where it tells no predictions."""
    opened = inputs.open_table(text, stdin=stdin)
    roles = assigning.assign(opened.name, opened.head, wanted)
    if not keyed and blocks.fits(opened, roles, wanted):
        return _in_blocks(opened, roles, wanted)
    if not keyed and not opened.whole and "id" not in roles.told:
        roles = assigned.without_id(roles)
    made = opened.read(tuple(opened.head.columns) if opened.whole else roles.columns)
    return ReadTable(predictions=_predictions(opened, made, roles, wanted), passed_over=opened.passed_over)


def _in_blocks(opened: Opened, roles: Assigned, wanted: Wanted) -> ReadTable:
    """Read a table that is larger than is held."""
    found = blocks.read(opened, roles, wanted)
    predictions = Predictions(
        id=_id(opened.name),
        source=opened.name,
        reader=opened.reader,
        task="binary",
        content=found.built.content,
        rows=found.rows,
        columns=_told(found.roles),
        dropped=found.built.dropped,
        doubts=(*roles.doubts, *found.built.doubts),
    )
    return ReadTable(predictions=predictions, passed_over=opened.passed_over, digest=found.digest)


def _predictions(opened: Opened, made: Frame, roles: Assigned, wanted: Wanted) -> Predictions:
    chosen = tasks.infer(opened.name, made, roles, wanted.task)
    weighed = Keeping(made.size)
    weight = _weight(opened.name, made, roles, weighed)
    if weighed.kept is not None:
        made, weight = made.rows(weighed.kept), weighed.of(weight)
    built = contents.build(chosen.task, Rows(where=opened.name, frame=made, roles=roles), wanted)
    keep: Any = slice(None) if built.kept is None else built.kept
    doubts = (*roles.doubts, *((chosen.doubt,) if chosen.doubt else ()), *built.doubts)
    clusters = _partition(made, roles.group, keep)
    if clusters is not None and "group" not in roles.told and len(clusters.names) < FEWEST_CLUSTERS:
        clusters = None
    keys = _keys(made, roles, keep)
    return Predictions(
        id=_id(opened.name),
        source=opened.name,
        reader=opened.reader,
        task=chosen.task,
        content=built.content,
        rows=int(np.count_nonzero(built.kept)) if built.kept is not None else made.size,
        columns=_told(roles),
        keys=keys,
        weight=None if weight is None else weight[keep],
        clusters=clusters,
        by=_partition(made, roles.by, keep),
        dropped=_sum(weighed, built),
        repeated=copies.count(made.rows(keep) if built.kept is not None else made, roles),
        doubts=doubts,
    )


def _sum(weighed: Keeping, built: Built) -> dict[str, int]:
    return {**weighed.dropped, **built.dropped}


def _weight(where: str, made: Frame, roles: Assigned, keeping: Keeping) -> Reals | None:
    """Return the weights; rows without one are left out. Raises MlcheckError for negative ones."""
    if roles.weight is None:
        return None
    weight = scores.reals(Rows(where=where, frame=made, roles=roles).numbers(roles.weight))
    if weight.ndim != 1:
        raise MlcheckError(
            where,
            f"expected one weight a row in {roles.weight!r}, found {weight.shape[1]}",
            "name another with --weight",
        )
    keeping.leave_out(~np.isfinite(weight), "weight is not a number")
    negative = weight < 0
    if negative.any():
        row = int(np.argmax(negative))
        raise MlcheckError(
            where,
            f"expected weights that are not negative in {roles.weight!r}, found {weight[row]:g} in row {row} and {int(negative.sum()):,} in all",
            "name another column with --weight",
        )
    if not keeping.of(weight).sum() > 0:
        raise MlcheckError(
            where,
            f"expected weights in {roles.weight!r}, found only zeros",
            "name another column with --weight",
        )
    return weight


def _partition(made: Frame, name: str | None, keep: Any) -> Partition | None:
    """Return the rows by the value of a column."""
    if name is None:
        return None
    column = made.columns[name].rows(keep)
    from mlcheck.readers.predictions.labels import coded

    found = coded([column])
    return Partition(column=name, code=found.codes[0], names=found.names)


def _keys(made: Frame, roles: Assigned, keep: Any) -> npt.NDArray[np.generic] | None:
    """Return what identifies the rows, None where no column does or two rows share it."""
    if roles.id is None:
        return None
    column = made.columns[roles.id].rows(keep)
    return keys_of(column)


def keys_of(column: Column) -> npt.NDArray[np.generic] | None:
    """Return the identifiers (n,) in a column: whole numbers or texts; None for fractions, blocks and lists."""
    if isinstance(column, Numbers):
        if column.value.ndim != 1 or column.blank.any():
            return None
        if column.value.dtype.kind == "f" and not (column.value == np.rint(column.value)).all():
            return None
        return column.value.astype(np.int64)
    if not isinstance(column, Words):
        return None
    return np.array(as_words(column).texts(), dtype=object)


def _told(roles: Assigned) -> dict[str, tuple[str, ...]]:
    """Return the columns by role, those that there are."""
    one = {
        "weight": roles.weight, "id": roles.id, "group": roles.group, "by": roles.by, "query": roles.query,
        "document": roles.document, "tokens": roles.tokens,
    }  # fmt: skip
    many = {"true": roles.true, "pred": roles.pred, "score": roles.score}
    return {**{k: v for k, v in many.items() if v}, **{k: (v,) for k, v in one.items() if v is not None}}


def _id(name: str) -> str:
    """Return the name without its suffixes."""
    folder, _, last = name.rpartition("/")
    stem = last
    while "." in stem and stem.rpartition(".")[2].lower() in inputs.SUFFIXES | {"gz"}:
        stem = stem.rpartition(".")[0]
    return (f"{folder}/" if folder else "") + (stem or last)
