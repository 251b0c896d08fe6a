"""The predictions of one table: opened, its columns given roles, read, their task found, their content built."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from mlcheck.errors import MlcheckError
from mlcheck.model.predictions import Partition, Predictions
from mlcheck.readers.predictions import (
    assigned,
    assigning,
    blocks,
    contents,
    copies,
    inputs,
    joining,
    labels,
    scores,
    tasks,
)
from mlcheck.readers.predictions.built import Built, Keeping, Rows
from mlcheck.readers.predictions.frame import Column, Numbers, Words, are_whole, as_words

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy.typing as npt

    from mlcheck.model.predictions import Reals, Task, Wanted
    from mlcheck.readers.predictions.assigned import Assigned
    from mlcheck.readers.predictions.frame import Frame
    from mlcheck.readers.predictions.inputs import Opened

FEWEST_CLUSTERS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadTable:
    """What one table gave."""

    predictions: Predictions
    passed_over: int
    digest: str = ""


def read_all(wanted: Wanted, *, stdin: Callable[[], bytes] | None) -> list[ReadTable]:
    """Read the tables of one or two models. Two files of which one holds the truth only are those of one model.

    Raises MlcheckError where a table tells no predictions.
    """
    opened = [inputs.open_table(text, stdin=stdin) for text in wanted.files]
    if len(opened) == 1:
        return [
            _read(opened[0], assigning.assign(opened[0].name, opened[0].head, wanted), wanted, keyed=False)
        ]
    halves = _halves(opened, wanted)
    if halves is not None:
        truth, whole = halves
        roles = assigning.assign(whole.name, whole.head, wanted).doubting(
            f"the truth is that of {truth.name}"
        )
        return [_read(whole, roles, wanted, keyed=False)]
    return [_read(one, assigning.assign(one.name, one.head, wanted), wanted, keyed=True) for one in opened]


def read_each(several: inputs.SeveralTables, wanted: Wanted) -> list[ReadTable]:
    """Read every table of a folder as a model of its own; files that tell no predictions are passed over.

    Raises MlcheckError where none does, with the reason of the first.
    """
    made: list[ReadTable] = []
    failures: list[MlcheckError] = []
    for table in several.tables:
        try:
            roles = assigning.assign(table.name, table.head, wanted)
            made.append(_read(table, roles, wanted, keyed=False))
        except MlcheckError as error:
            failures.append(error)
    if not made:
        raise MlcheckError(
            several.where,
            f"expected predictions, found none in {len(several.tables)} tables",
            f"nearest: {failures[0]}",
        )
    ids = Counter(one.predictions.id for one in made)
    passed_over = several.passed_over + len(failures)
    return [
        ReadTable(
            predictions=one.predictions
            if ids[one.predictions.id] == 1
            else replace(one.predictions, id=one.predictions.source),
            passed_over=passed_over if not i else 0,
            digest=one.digest,
        )
        for i, one in enumerate(made)
    ]


def _halves(opened: Sequence[Opened], wanted: Wanted) -> tuple[Opened, Opened] | None:
    """Return the table of the truth, and it beside the predictions of the other; None where each file has both."""
    try:
        a, b = (
            assigning.assign(one.name, one.head, replace(wanted, **_there(one, wanted))) for one in opened
        )
    except MlcheckError:
        return None
    one, other = opened
    if joining.is_half(a, b):
        return one, joining.joined(one, a, other, b)
    return (other, joining.joined(other, b, one, a)) if joining.is_half(b, a) else None


def _there(one: Opened, wanted: Wanted) -> dict[str, Any]:
    """Return which of the columns that the user named are in a table."""
    many = {
        role: tuple(n for n in getattr(wanted, role) if n in one.head.columns)
        for role in ("true", "pred", "score")
    }
    single = {role: getattr(wanted, role) for role in ("weight", "by", "group", "identifier")}
    return {**many, **{role: name if name in one.head.columns else None for role, name in single.items()}}


def _read(opened: Opened, roles: Assigned, wanted: Wanted, *, keyed: bool) -> ReadTable:
    """Read an opened table; `keyed` asks for the identifiers of its rows."""
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
        unscaled=found.built.unscaled,
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
    if built.rows is not None:
        return _of_others(opened, roles, chosen.task, built, doubts)
    clusters = _partition(made, roles.group, keep)
    if clusters is not None and "group" not in roles.told and len(clusters.names) < FEWEST_CLUSTERS:
        clusters = None
    repeated = copies.count(made.rows(keep) if built.kept is not None else made, roles)
    keys = _keys(opened.name, made, roles, keep)
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
        dropped={**made.dropped, **weighed.dropped, **built.dropped},
        repeated=repeated,
        unscaled=built.unscaled,
        doubts=doubts,
    )


def _of_others(
    opened: Opened, roles: Assigned, task: Task, built: Built, doubts: tuple[str, ...]
) -> Predictions:
    """Return predictions whose examples are not the rows of the table: queries, texts of several tokens."""
    for option, name in (("--by", roles.by), ("--weight", roles.weight if "weight" in roles.told else None)):
        if name is not None:
            raise MlcheckError(
                opened.name,
                f"expected no {option} for a {task} table, whose examples are not its rows, found {name!r}",
                "leave it out",
            )
    return Predictions(
        id=_id(opened.name), source=opened.name, reader=opened.reader, task=task, content=built.content,
        rows=built.rows or 0, columns=_told(roles), keys=built.keys, dropped=built.dropped, doubts=doubts,
    )  # fmt: skip


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
    keeping.leave_out(~np.isfinite(weight), "without a weight")
    negative = weight < 0
    if negative.any():
        row = int(np.argmax(negative))
        raise MlcheckError(
            where,
            f"expected weights that are not negative in {roles.weight!r}, found {weight[row]:g} in row {row + 1} and {int(negative.sum()):,} in all",
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
    found = labels.coded([column])
    return Partition(column=name, code=found.codes[0], names=found.names)


def _keys(where: str, made: Frame, roles: Assigned, keep: Any) -> npt.NDArray[np.generic] | None:
    """Return what identifies the rows, None where no column does or two rows share it.

    Raises MlcheckError where the user named such a column.
    """
    if roles.id is None:
        return None
    column = made.columns[roles.id].rows(keep)
    found = keys_of(column)
    if found is not None and not labels.surplus(column):
        return found
    if "id" in roles.told:
        raise MlcheckError(
            where,
            f"expected a value of its own in each row of {roles.id!r}, found some that come again or are none",
            "name another: --id COL",
        )
    return None


def keys_of(column: Column) -> npt.NDArray[np.generic] | None:
    """Return the identifiers (n,) in a column: whole numbers or texts; None for fractions, blocks and lists."""
    if isinstance(column, Numbers):
        if column.value.ndim != 1 or column.blank.any():
            return None
        if column.value.dtype.kind == "f" and not are_whole(column.value):
            return None
        return column.value.astype(np.int64)
    if not isinstance(column, Words):
        return None
    return np.array(as_words(column).texts(), dtype=object)


def _told(roles: Assigned) -> dict[str, tuple[str, ...]]:
    """Return the columns by role, those that there are."""
    one = {
        "weight": roles.weight, "id": roles.id, "group": roles.group, "by": roles.by, "query": roles.query,
        "document": roles.document, "log-probability": roles.tokens, "tokens": roles.count, "text": roles.text or roles.sequence,
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
