"""The runs at a glance: a table with a row each, what their losses did, where the validation curve is heading."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from mlcheck.model import EMPTY
from mlcheck.reports.phrases import LARGEST, at, clean, marked, number, surety

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlcheck.model import Scalar, Subject

Key: TypeAlias = Literal[
    "run", "reader", "task", "span", "train", "val", "metric", "value", "interval", "verdict", "sure"
]

FLAT, STEEP = 0.005, 0.05
"""Shares of the end level: a curve whose end changes less is flat (→), one that changes more is steep (↓ ↑)."""


def trend(subject: Subject) -> str:
    """Draw where the validation curve is heading at its end: ↓ ↘ → ↗ ↑, or nothing where it cannot be said.

    The last third (at least four points) is halved; the change is twice the difference of the halves' medians, as
    a share of the end level (or of a fiftieth of the whole range, if that is more). It counts as none if it is
    below `FLAT` or within two standard errors of those medians, the noise taken from second differences.
    """
    curves = () if subject.picture is None else subject.picture.curves
    y = next((curve.y for curve in curves if curve.split != "train"), np.empty(0))
    if len(y) < 4 or not np.isfinite(y[-1]):
        return ""
    y = np.clip(y[np.isfinite(y)], -LARGEST, LARGEST)
    tail = y[-max(4, len(y) // 3) :]
    half = len(tail) // 2
    change = float(np.median(tail[-half:]) - np.median(tail[:half]))
    noise = float(np.median(np.abs(np.diff(tail, 2)))) / (0.6745 * math.sqrt(6)) if len(tail) > 2 else 0.0
    level = max(abs(float(np.median(tail[-half:]))), float(np.ptp(y)) / 50)
    share = 2 * change / level if level else 0.0
    if abs(share) < FLAT or abs(change) < 2 * 1.2533 * noise * math.sqrt(2 / half):
        return "→"
    return ("↑" if share > 0 else "↓") if abs(share) >= STEEP else ("↗" if share > 0 else "↘")


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of the table of runs: a title and a cell per subject, flush right if `right`."""

    key: Key
    title: str
    cells: tuple[str, ...]
    right: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The runs, one row each. `folder` is the part that all ids begin with; the first column leaves it out."""

    columns: tuple[Column, ...]
    folder: str


def table(subjects: Sequence[Subject]) -> Table:
    """Tabulate the subjects; a column without content is left out."""
    folder = _folder([s.id for s in subjects])
    unit, spans = _spans(subjects)
    train, val = _role(subjects, "train"), _role(subjects, "val")
    changes = [
        f"{change} {trend(s)}".rstrip() for change, s in zip(_changes(subjects, val), subjects, strict=True)
    ]
    columns = (
        Column(
            key="run", title=_noun(subjects), cells=tuple(clean(s.id.removeprefix(folder)) for s in subjects)
        ),
        Column(key="reader", title="read as", cells=tuple(clean(s.reader) for s in subjects)),
        Column(key="task", title="task", cells=tuple(_task(s) for s in subjects)),
        Column(key="span", title=unit, cells=spans, right=True),
        Column(key="train", title=train.replace("_", " "), cells=tuple(_changes(subjects, train))),
        Column(key="val", title=val.replace("_", " "), cells=tuple(changes)),
        Column(key="metric", title="trust", cells=tuple(clean(_trusted(s)[0]) for s in subjects)),
        Column(key="value", title="value", cells=tuple(_value(_trusted(s)[1]) for s in subjects), right=True),
        Column(key="interval", title="interval", cells=tuple(_interval(_trusted(s)[1]) for s in subjects)),
        Column(key="verdict", title="verdict", cells=tuple(marked(s.verdict) for s in subjects)),
        Column(key="sure", title="sure", cells=tuple(surety(s) for s in subjects), right=True),
    )
    shown = tuple(c for c in columns if any(cell not in ("", "–") for cell in map(str.strip, c.cells)))
    return Table(columns=shown, folder=clean(folder))


def _noun(subjects: Sequence[Subject]) -> str:
    return "run" if any(s.span is not None or not s.facts for s in subjects) else "file"


def _task(subject: Subject) -> str:
    """Return the first fact of a subject with a metric to trust: what was predicted."""
    return clean(subject.facts[0]) if subject.facts and _trusted(subject)[0] else ""


def _trusted(subject: Subject) -> tuple[str, Mapping[str, Scalar]]:
    """Return the metric to trust and its numbers; nothing where none is recommended."""
    return next(
        ((name, m) for name, m in subject.measures.items() if m.get("recommended") and "value" in m),
        ("", EMPTY),
    )


def _value(measure: Mapping[str, Scalar]) -> str:
    return "" if measure.get("value") is None else number(measure["value"])


def _interval(measure: Mapping[str, Scalar]) -> str:
    """Write an interval: `0.895 to 0.922`."""
    low, high = measure.get("low"), measure.get("high")
    return "" if low is None or high is None else f"{number(low)} to {number(high)}"


def _folder(ids: Sequence[str]) -> str:
    """Return the folder that all ids lie in, with its slash; empty for a single one."""
    if len(ids) < 2:
        return ""
    parts = [name.split("/")[:-1] for name in ids]
    common = 0
    for level in zip(*parts, strict=False):
        if len(set(level)) > 1:
            break
        common += 1
    return "".join(f"{part}/" for part in parts[0][:common])


def _spans(subjects: Sequence[Subject]) -> tuple[str, tuple[str, ...]]:
    units = {s.span[0] for s in subjects if s.span is not None}
    if len(units) <= 1:
        return clean(units.pop() if units else "span"), tuple(_short_extent(s) for s in subjects)
    return "until", tuple(f"{_compact(s.span[2])} {clean(s.span[0])}" if s.span else "" for s in subjects)


def _short_extent(subject: Subject) -> str:
    return "" if subject.span is None else f"{_compact(subject.span[1])}–{_compact(subject.span[2])}"


def _compact(position: float) -> str:
    """Write a position in few characters: 40, 2500, 20k, 1.25M."""
    for size, suffix in ((1e6, "M"), (1e3, "k")):
        if abs(position) >= 10 * size or (suffix == "M" and abs(position) >= size):
            return f"{position / size:.3g}{suffix}"
    return at(position)


def _role(subjects: Sequence[Subject], split: str) -> str:
    """Name the quantity to show for a split: its loss if any run has one, else the first metric that one has."""
    names = [name for s in subjects for name in s.measures if name.startswith(f"{split}_")]
    loss = f"{split}_loss"
    return clean(names[0]) if names and loss not in names else loss


def _changes(subjects: Sequence[Subject], role: str) -> list[str]:
    """Write `first → last` of a role for each subject, the arrows in line; `–` where it was not logged."""
    pairs = [_change(s, role) for s in subjects]
    left = max((len(first) for first, _ in pairs), default=0)
    right = max((len(last) for _, last in pairs), default=0)
    return [
        f"{first:>{left}} → {last:<{right}}" if last else "–".ljust(left + right + 3) for first, last in pairs
    ]


def _change(subject: Subject, role: str) -> tuple[str, str]:
    measure = subject.measures.get(role)
    if measure is None and role == "val_loss":
        measure = subject.measures.get("test_loss")
        rewarded = [m for name, m in subject.measures.items() if name.endswith("_return")]
        if measure is None and rewarded:
            first, last = _change(replace(subject, measures={role: rewarded[0]}), role)
            return f"return {first}", last
    return ("", "") if measure is None else (number(measure.get("first")), number(measure.get("last")))
