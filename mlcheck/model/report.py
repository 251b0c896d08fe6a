"""What commands say: findings, skips, actions, subjects with what may be drawn of them, the report."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

from mlcheck.model.common import EMPTY, Evidence, Floats, Scalar, Severity

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """Something to do next. `expected_gain` is the share (0..1) of what is reachable that it should win, or None."""

    name: str
    why: str
    expected_gain: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A rule's statement about a subject, with the numbers it rests on. `actions` are what it would have you do."""

    code: str
    name: str
    severity: Severity
    message: str
    evidence: Evidence
    actions: tuple[Action, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Skip:
    """A check that could not run, and why. Not checked is never a pass."""

    code: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """An input that could not be judged: where, what is wrong, what to try."""

    source: str
    message: str
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Curve:
    """A series to draw: shape (n,) each, thinned for the eye; `split` chooses the line, `label` names it."""

    label: str
    split: Literal["train", "validation", "test"]
    x: Floats
    y: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """What a renderer may draw of a subject: its curves, the unit of x, and the best point to mark, if any."""

    curves: tuple[Curve, ...]
    unit: str
    best_x: float | None = None
    best_y: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """An interval to draw in a row of a table: where `low`, `value` and `high` lie within the table's scale."""

    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows to show: cells in the order of `columns`; a number is shown with four digits, None as a dash.

    `bars` holds an interval a row (None for a row without), drawn on the common scale `scale` (low, high) beside the
    numbers. `detail` says that it is only shown when more is asked for; `note` stands below it.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Scalar, ...], ...]
    bars: tuple[Bar | None, ...] = ()
    scale: tuple[float, float] | None = None
    detail: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Line:
    """A line or a cloud of points of a plot: shape (n,) each, thinned for the eye; `mark` draws single points larger."""

    label: str
    x: Floats
    y: Floats
    kind: Literal["line", "points", "mark"] = "line"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Plot:
    """Lines over common axes, such as a ROC curve. `reference` draws a diagonal from corner to corner of the data.

    `x_log` lays x out by its logarithm; all x are then positive.
    """

    title: str
    x_label: str
    y_label: str
    lines: tuple[Line, ...]
    x_range: tuple[float, float] | None = None
    y_range: tuple[float, float] | None = None
    reference: bool = False
    detail: bool = True
    x_log: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Matrix:
    """Counts of a confusion matrix, shape (rows, columns): truth down, prediction across."""

    title: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    counts: Floats
    detail: bool = False


Exhibit: TypeAlias = Table | Plot | Matrix


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """One judged thing: a run, with its verdict, the scores behind it (adding to 1), findings, skips and actions.

    `confidence` is the probability (0..1) that acting on the verdict helps, None for an inconclusive verdict.
    `measures` maps a role name (train_loss, val_loss, lr, ...) to its numbers and the column they were taken from.
    `why` is the verdict's reason in one sentence. `span` says what the log covers, such as ("epochs", 1, 40).
    `facts` are short phrases on what was read and how ("binary", "10,000 rows"); `exhibits` what else may be shown of
    it, in order. `unread` says what of the input could not be read though the rest was, a phrase each.
    """

    id: str
    source: str
    reader: str
    verdict: str
    confidence: float | None
    scores: Mapping[str, float]
    findings: tuple[Finding, ...]
    skips: tuple[Skip, ...]
    actions: tuple[Action, ...]
    measures: Mapping[str, Mapping[str, Scalar]]
    why: str = ""
    span: tuple[str, float, float] | None = None
    config: Mapping[str, Scalar] = field(default_factory=lambda: EMPTY)
    picture: Picture | None = None
    facts: tuple[str, ...] = ()
    exhibits: tuple[Exhibit, ...] = ()
    unread: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a command found: its subjects, the inputs that could not be judged, and the exit code that follows.

    `verdict` is that of the worst subject, None without subjects. `passed_over` counts the files of searched
    folders that hold nothing to judge. `timings` (seconds by stage) is None unless asked for.
    """

    command: str
    version: str
    verdict: str | None
    exit_code: int
    signature: str
    subjects: tuple[Subject, ...]
    problems: tuple[Problem, ...] = ()
    passed_over: int = 0
    timings: Mapping[str, float] | None = None
