"""From named columns of cells to logs: blanks, long tables, tables of several runs, tables that are no log at all.

CSV, JSON lines and every other row-wise format meet here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from mlcheck.errors import MlcheckError, NothingToRead
from mlcheck.model import Event, Floats, Scalar, Split
from mlcheck.readers import cells, counters, roles, wandb_names
from mlcheck.readers.cells import Column
from mlcheck.readers.listing import listed, short
from mlcheck.readers.log import Channel, Log
from mlcheck.readers.table import MOST_CELLS, MOST_NAMES, Table, TooWide

if TYPE_CHECKING:
    from mlcheck.readers.cells import Mask
    from mlcheck.readers.source import Source

METRIC_NAMES = frozenset(
    ("metric", "name", "tag", "key", "variable", "series", "measure", "metric_name", "quantity", "scalar")
)
VALUE_NAMES = frozenset(("value", "metric_value", "val", "score", "y"))
RUN_NAMES = frozenset(
    (
        "run",
        "run_id",
        "run_name",
        "experiment",
        "exp",
        "trial",
        "trial_id",
        "seed",
        "fold",
        "model",
        "name",
        "id",
    )
)
ROW_NAMES = RUN_NAMES | {
    "number",
    "trial_number",
    "run_uuid",
    "sample",
    "sample_id",
    "image",
    "image_id",
    "file",
    "filename",
    "qid",
    "docid",
}
SIZES = frozenset(
    ("n", "n_train", "train_size", "training_size", "training_set_size", "n_samples", "num_samples", "n_examples", "num_examples",
     "train_samples", "dataset_size", "data_size", "size", "samples", "examples", "fraction", "train_fraction", "data_fraction", "anchor")
)  # fmt: skip
ANSWERS = frozenset(
    ("y_true", "y_pred", "true", "pred", "prediction", "predictions", "predicted", "label", "labels", "target", "targets", "actual",
     "ground_truth", "truth", "prob", "probability", "y_score", "y_prob", "actual_answer", "generated_answer", "true_label", "pred_label")
)  # fmt: skip
TARGETS = frozenset(("label", "labels", "target", "targets", "class", "species"))
"""Names of what a data set asks to be predicted."""
SETTINGS = re.compile(
    r"(params?|config|hparams?)_.+|batch_?size|dropout|weight_decay|optimizer|momentum|n_?layers|num_layers|hidden(_size|_dim)?|lr|learning_rate|seed"
)
TRAINER_SUMMARY = {"train_loss": "train_runtime", "train/train_loss": "train/train_runtime"}
"""The mean over the run that the Hugging Face Trainer logs at its end, and what it logs beside it: no point of a curve."""
EXPORTED = re.compile(r"(?P<run>.+) - (?P<name>.+)")


def from_records(records: Sequence[Mapping[str, object]], lines: Sequence[int] | None = None) -> Table:
    """Turn JSON-like rows (nested names joined with "/") into columns; a row without the name is a blank.

    Raises TooWide for more names than any log has, or for more cells than can be held.
    """
    flat = [r if dict not in map(type, r.values()) else dict(flatten(r)) for r in records]
    names = dict.fromkeys(name for row in flat for name in row)
    if len(names) > MOST_NAMES or len(names) * len(flat) > MOST_CELLS:
        raise TooWide(len(names), len(flat))
    columns = {name: cells.json_column([row.get(name) for row in flat]) for name in names}
    return Table(columns, None if lines is None else np.asarray(lines, dtype=np.int64))


def flatten(record: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, object]]:
    """Yield the values of nested mappings by their names joined with "/"."""
    for name, value in record.items():
        if isinstance(value, Mapping):
            yield from flatten(value, f"{prefix}{name}/")
        else:
            yield prefix + str(name), value


def logs(source: Source, reader: str, table: Table, *, key: str = "") -> Iterator[Log]:
    """Yield one log per run in the table.

    Raises NothingToRead for tables that hold no curve (one row per run, sample or size of the training set), and
    MlcheckError where the user named a counter that is not there.
    """
    table = table.having(cells.without_filler(table.columns))
    is_history = wandb_names.is_history(table.columns)
    _demand_counters(source, table)
    _refuse_other_tables(source, table)
    for label, piece in _by_run(table):
        for segment, restarts in counters.segments(source, _long_to_wide(source, piece)):
            found = tuple(channels(source, segment))
            if found:
                yield Log(
                    source=source.name, reader=reader, key=key or source.name, channels=found,
                    config=_constants(segment) | label, events=_invalid_cells(segment) + restarts,
                    certain=is_history and any(roles.guess(c.name).role.quantity == "metric" for c in found),
                )  # fmt: skip


def channels(source: Source, table: Table) -> Iterator[Channel]:
    """Yield the curves of a table that holds one run."""
    counted = counters.count(source, table)
    phase = counters.phase_of(table)
    phases: list[tuple[Split | None, Mask | None]] = [(None, None)]
    if phase is not None:
        phases = list(counters.by_phase(table))
    for name, column in table.columns.items():
        if (
            name in (*counted.names, phase)
            or column.texts
            or not column.present.any()
            or roles.is_row_number(name)
            or _sums_up(name, table)
        ):
            continue
        for split, mask in phases:
            mine = column.present if mask is None else column.present & mask
            if not mine.any():
                continue
            keep = slice(None) if mine.all() else mine  # nothing is copied in the usual case
            yield Channel(
                name=name,
                value=column.value[keep],
                step=None if counted.step is None else counted.step[keep],
                epoch=None if counted.epoch is None else counted.epoch[keep],
                split=split,
                counts_rows=counted.names == (None, None),
            )


def _sums_up(name: str, table: Table) -> bool:
    """Whether a column is the Trainer's mean over the run, logged once, beside how long it took, below other losses."""
    beside = table.columns.get(TRAINER_SUMMARY.get(name, ""))
    if beside is None or np.count_nonzero(table.columns[name].present) != 1:
        return False
    others = any(n != name and roles.guess(n).role.quantity == "loss" for n in table.columns)
    return others and np.array_equal(beside.present, table.columns[name].present)


def _plain(name: str) -> str:
    return "_".join(roles.words(name))


def _demand_counters(source: Source, table: Table) -> None:
    for role in ("step", "epoch"):
        name = source.columns.get(role)
        if name is not None and name not in table.columns:
            raise MlcheckError(
                source.name,
                f"expected a column {name!r}, found {listed(table.columns)}",
                "check the --column option",
            )


def _refuse_other_tables(source: Source, table: Table) -> None:
    """Refuse tables of numbers that are no curve over time: their rows are runs, samples or sizes of a training set."""
    if wandb_names.is_table_of_runs(table.columns):
        raise NothingToRead(
            source.name,
            "expected one row per step or epoch, found one row per run: a table of runs from W&B",
            "give the runs' .wandb files, or export their histories",
        )
    if wandb_names.is_history(table.columns) or _is_counted(source, table):
        return
    named = sorted(_row_names(table), key=lambda pair: not _is_unique(pair[1]))
    counted = any(counters.name_of(source, table, quantity) for quantity in ("step", "epoch"))
    per_row = next((n for n, c in named if counted or _is_unique(c)), None)
    answers = [n for n in table.columns if _plain(n) in ANSWERS]
    sizes = [n for n, c in table.columns.items() if _plain(n) in SIZES and not c.texts and _is_size(c)]
    settings = {
        n: c for n, c in table.columns.items() if SETTINGS.fullmatch(_plain(n)) and len(set(_labels(c))) > 1
    }
    if len(answers) > 1:
        found, hint = (
            f"predictions ({', '.join(short(n) for n in answers[:3])})",
            "give the log of a training run",
        )
    elif not counted and (target := _target_of(table)):
        found, hint = f"a data set, whose target is {short(target)!r}", f"try mlcheck data {source.name}"
    elif per_row is not None:
        found, hint = f"one row per {per_row!r}: a table of runs or samples", "give the runs' own logs"
    elif sizes:
        found, hint = (
            f"one row per {sizes[0]!r}: scores against the size of the training set",
            "give the runs' own logs",
        )
    elif len(settings) > 1 and any(_jumps(c) for c in settings.values()):
        found, hint = (
            f"rows that differ in {' and '.join(list(settings)[:2])}: a table of trials",
            "give the trials' own logs",
        )
    else:
        return
    raise NothingToRead(source.name, f"expected one row per step or epoch, found {found}", hint)


def _target_of(table: Table) -> str:
    """Return the target of a table that looks like a data set: no column is called a loss; "" for another table."""
    if any("loss" in _plain(name) for name in table.columns):
        return ""
    return next((name for name in table.columns if _plain(name) in TARGETS), "")


def _is_counted(source: Source, table: Table) -> bool:
    """Whether a counter says that the rows follow each other in time.

    It only goes forward, or the rows have no names of their own. One that stands still in named rows is a setting.
    """
    for quantity in ("step", "epoch"):
        name = counters.name_of(source, table, quantity)
        if name is None:
            continue
        count = table.columns[name].value
        count = count[np.isfinite(count)]
        if source.columns.get(quantity) or (len(count) > 1 and np.all(count[1:] > count[:-1])):
            return True
        if not any(c.texts and (_is_unique(c) or _stands_still(count)) for _, c in _row_names(table)):
            return True
    return False


def _row_names(table: Table) -> Iterator[tuple[str, Column]]:
    """Yield the columns that may name runs, samples or files and differ from row to row."""
    for name, column in table.columns.items():
        if _plain(name) in ROW_NAMES and len(set(_labels(column))) > 1:
            yield name, column


def _stands_still(count: Floats) -> bool:
    return len(count) > 3 and bool(np.all(count == count[0]))


def _is_unique(column: Column) -> bool:
    found: Sequence[object] = (
        [t for t in column.texts if t.strip()] if column.texts else column.value[column.present].tolist()
    )
    return len(set(found)) == len(found) > 1


def _is_size(column: Column) -> bool:
    """Whether numbers are sizes rather than a count of rows: they differ, and not by one each."""
    value = column.value[np.isfinite(column.value)]
    return len(value) > 1 and bool(np.any(value != value[0]) and np.any(value[1:] != value[:-1] + 1))


def _jumps(column: Column) -> bool:
    """Whether a setting jumps to and fro from row to row, as in trials; a schedule moves in one direction for long."""
    if column.texts:
        return True
    value = column.value[column.present]
    rises = (value[1:] > value[:-1])[value[1:] != value[:-1]]
    return bool(np.count_nonzero(rises[1:] != rises[:-1]) >= max(2, len(column) / 4))


def _invalid_cells(table: Table) -> tuple[Event, ...]:
    return tuple(
        Event(
            kind="invalid",
            message=f"{len(c.bad)} of {len(c)} cells in column {name!r}",
            at=None if table.lines is None else float(table.lines[c.bad[0]]),
        )
        for name, c in table.columns.items()
        if c.bad
    )


def _metric_column(table: Table) -> tuple[str, str] | None:
    """Return the columns that name the metric and hold its value, in a long table (one row per metric and step)."""
    named = next((n for n, c in table.columns.items() if c.texts and n.strip().lower() in METRIC_NAMES), None)
    valued = next(
        (n for n, c in table.columns.items() if not c.texts and n.strip().lower() in VALUE_NAMES), None
    )
    if named is None or valued is None:
        return None
    tags = [t.strip() for t in table.columns[named].texts or ()]
    return None if len(set(tags)) > len(tags) / 2 and len(tags) > 3 else (named, valued)


def _long_to_wide(source: Source, table: Table) -> Table:
    """Turn a long table into a wide one, its rows in order of time; a wide one is returned as it is."""
    found = _metric_column(table)
    if found is None:
        return table
    named, valued = found
    tags = np.array([t.strip() for t in table.columns[named].texts or ()])
    wide = {n: c for n, c in table.columns.items() if n not in found}
    values = table.columns[valued]
    kinds = [str(tag) for tag in dict.fromkeys(tags.tolist()) if tag]
    if len(kinds) * len(table) > MOST_CELLS:
        raise MlcheckError(
            source.name,
            f"expected at most {MOST_CELLS:,} cells in a long table made wide, found {len(kinds):,} series over {len(table):,} rows",
            "leave out series, or write one column for each",
        )
    for tag in kinds:
        wide[tag] = Column(np.where(tags == tag, values.value, np.nan), values.present & (tags == tag))
    pivoted = table.having(wide)
    counts = [
        wide[n].value for n in wide if n not in kinds and roles.guess(n).role.quantity in ("step", "epoch")
    ]
    if counts and all(_in_order(counts[0][tags == tag]) for tag in kinds):
        return pivoted.at(np.argsort(counts[0], kind="stable"))
    return pivoted


def _in_order(count: Floats) -> bool:
    return bool(np.all(count[1:] >= count[:-1]))


def _by_run(table: Table) -> Iterator[tuple[dict[str, Scalar], Table]]:
    """Split a table that holds several runs by the columns that name the run, or by the runs' names in its header."""
    metric = _metric_column(table) or ()
    counting = [n for n in table.columns if roles.guess(n).role.quantity in ("step", "epoch")]
    texts = (
        {n: _labels(c) for n, c in table.columns.items() if _plain(n) in RUN_NAMES and n not in metric}
        if counting
        else {}
    )
    naming = {n: t for n, t in texts.items() if 1 < len(set(t)) <= len(t) / 2}
    if not naming:
        yield from _by_header(table, counting)
        return
    rows = list(zip(*naming.values(), strict=True))
    if len(set(rows)) > len(rows) / 2:
        naming = dict(list(naming.items())[:1])
        rows = list(zip(*naming.values(), strict=True))
    for run in dict.fromkeys(rows):
        piece = table.rows(np.array([row == run for row in rows], dtype=np.bool_))
        yield (
            dict(zip(naming, run, strict=True)),
            piece.having({n: c for n, c in piece.columns.items() if n not in naming}),
        )


def _labels(column: Column) -> list[str]:
    return [t.strip() for t in column.texts] if column.texts else [f"{v:g}" for v in column.value]


def _by_header(table: Table, counting: Sequence[str]) -> Iterator[tuple[dict[str, Scalar], Table]]:
    """Split a chart exported from Weights & Biases: `RUN - NAME`, with `__MIN` and `__MAX` beside each.

    The first column is the chart's axis, whatever it counts.
    """
    bounds = {n for n in table.columns if n.endswith(("__MIN", "__MAX")) and n[:-5] in table.columns}
    axes = list(counting) or (list(table.columns)[:1] if bounds else [])
    named = {n: c for n, c in table.columns.items() if n not in bounds}
    found = {n: EXPORTED.fullmatch(n) for n in named if n not in axes}
    runs = dict.fromkeys(m["run"] for m in found.values() if m)
    if not axes or not runs or not all(found.values()):
        yield {}, table.having(named)
        return
    for run in runs:
        mine = {m["name"]: named[n] for n, m in found.items() if m and m["run"] == run}
        own = {n: c for n, c in mine.items() if roles.guess(n).role.quantity not in ("step", "epoch")}
        yield {"run": run}, table.having({n: named[n] for n in axes} | own)


def _constants(table: Table) -> dict[str, Scalar]:
    """Columns that never change and mean no series: hyperparameters written into every row."""
    found: dict[str, Scalar] = {}
    for name, column in table.columns.items():
        if roles.guess(name).role.quantity != "other" or len(column) < 3:
            continue
        if column.texts and len(set(column.texts)) == 1 and not column.texts[0].startswith(("{", "[")):
            found[name] = column.texts[0]
        elif not column.texts and column.present.all() and np.all(column.value == column.value[0]):
            found[name] = float(column.value[0])
    return found
