"""For a script: the object `mlcheck/1`, described by `schema.json` beside this file.

The same report gives the same bytes. JSON knows neither NaN nor Infinity: such a number becomes null and is listed
under `nonfinite` of its subject by its place (a JSON Pointer, RFC 6901, relative to the subject).
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from mlcheck.model import Matrix, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlcheck.model import Exhibit, Finding, Report, Subject

NAME = "json"
SCHEMA = "mlcheck/1"

DIGITS = 6
"""Significant digits of a float; whole numbers are kept, since a step may have more."""

MOST_LAID_OUT = 100
"""Subjects up to which every value of them has a line of its own."""

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"

OBEYED = re.compile(
    "[\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\ufffb]"
)
"""What JSON would let through and a terminal obeys (or UTF-8 cannot hold)."""


def render(report: Report, *, width: int = 80, color: bool = False, verbose: bool = False) -> str:  # noqa: ARG001 - every format takes the same
    """Return the report as one JSON object."""
    text = _encoded(_report(report))
    return OBEYED.sub(lambda match: f"\\u{ord(match[0]):04x}", text) + "\n"


def _encoded(made: dict[str, Json]) -> str:
    """Return the object as text, laid out for the eye; of many subjects each is one line, which takes a third of the time."""
    subjects = made["subjects"]
    if not isinstance(subjects, list) or len(subjects) <= MOST_LAID_OUT:
        return json.dumps(made, ensure_ascii=False, allow_nan=False, indent=2)
    lines = ",\n    ".join(json.dumps(s, ensure_ascii=False, allow_nan=False) for s in subjects)
    others = {
        key: json.dumps(value, ensure_ascii=False, allow_nan=False)
        for key, value in made.items()
        if key != "subjects"
    }
    fields = {key: others.get(key, f"[\n    {lines}\n  ]") for key in made}
    return "{\n" + ",\n".join(f"  {json.dumps(key)}: {value}" for key, value in fields.items()) + "\n}"


def _report(report: Report) -> dict[str, Json]:
    exact = report.command != "diagnose"
    subjects: list[Json] = [_subject(subject, exact=exact) for subject in report.subjects]
    problems: list[Json] = [
        {"source": p.source, "message": p.message, "hint": p.hint} for p in report.problems
    ]
    timings: dict[str, Json] = {} if report.timings is None else {"timings": _plain(report.timings, [])}
    return {
        "schema": SCHEMA,
        "version": report.version,
        "command": report.command,
        "verdict": report.verdict,
        "exit_code": report.exit_code,
        "signature": report.signature,
        "subjects": subjects,
        "problems": problems,
        **timings,
    }


def _subject(subject: Subject, *, exact: bool) -> dict[str, Json]:
    """Return a subject; `exact` keeps every digit of its measures, which somebody may hold against another program's."""
    raw = {
        "id": subject.id,
        "source": subject.source,
        "reader": subject.reader,
        "verdict": subject.verdict,
        "confidence": subject.confidence,
        "scores": subject.scores,
        "findings": [_finding(finding) for finding in subject.findings],
        "skips": [{"code": skip.code, "reason": skip.reason} for skip in subject.skips],
        "actions": [
            {"name": a.name, "why": a.why, "expected_gain": a.expected_gain} for a in subject.actions
        ],
        "measures": subject.measures,
        **_extras(subject),
    }
    lost: list[float] = []
    values = {key: _plain(value, lost, exact=exact and key == "measures") for key, value in raw.items()}
    if lost:  # the places are only looked for where there is something to find
        values["nonfinite"] = dict(_nonfinite(raw))
    return values


def _extras(subject: Subject) -> dict[str, object]:
    extras: dict[str, object] = {}
    if subject.why:
        extras["why"] = subject.why
    if subject.span is not None:
        unit, first, last = subject.span
        extras["span"] = {"unit": unit, "first": _whole(first), "last": _whole(last)}
    if subject.config:
        extras["config"] = subject.config
    if subject.unread:
        extras["unread"] = subject.unread
    if subject.facts:
        extras["facts"] = subject.facts
    if subject.exhibits:
        extras["exhibits"] = [_exhibit(exhibit) for exhibit in subject.exhibits]
    return extras


def _exhibit(exhibit: Exhibit) -> dict[str, object]:
    """Return a table, a plot or a matrix as plain data."""
    if isinstance(exhibit, Table):
        bars = [None if b is None else {"value": b.value, "low": b.low, "high": b.high} for b in exhibit.bars]
        return {
            "type": "table", "title": exhibit.title, "detail": exhibit.detail, "columns": exhibit.columns,
            "rows": exhibit.rows, "bars": bars, "scale": exhibit.scale, "note": exhibit.note,
        }  # fmt: skip
    if isinstance(exhibit, Matrix):
        return {
            "type": "matrix", "title": exhibit.title, "detail": exhibit.detail, "rows": exhibit.rows,
            "columns": exhibit.columns, "counts": exhibit.counts.tolist(),
        }  # fmt: skip
    lines = [{"label": x.label, "kind": x.kind, "x": x.x.tolist(), "y": x.y.tolist()} for x in exhibit.lines]
    return {
        "type": "plot", "title": exhibit.title, "detail": exhibit.detail, "x_label": exhibit.x_label,
        "y_label": exhibit.y_label, "x_range": exhibit.x_range, "y_range": exhibit.y_range,
        "reference": exhibit.reference, "x_log": exhibit.x_log, "lines": lines,
    }  # fmt: skip


def _finding(finding: Finding) -> dict[str, object]:
    return {
        "code": finding.code,
        "name": finding.name,
        "severity": finding.severity,
        "message": finding.message,
        "evidence": finding.evidence,
    }


def _whole(value: float) -> float:
    return int(value) if math.isfinite(value) and value == int(value) else value


def _plain(value: object, lost: list[float], *, exact: bool = False) -> Json:
    """Return plain JSON: mappings as objects, sequences as lists, floats rounded, null for what is not finite.

    What became null is added to `lost`.
    """
    kind = type(value)
    if kind is str or value is None or kind is int or kind is bool:
        return value  # type: ignore[return-value]  # the type was just tested
    if isinstance(value, float):  # NumPy's float64 is one
        return _rounded(float(value), lost, exact=exact)
    if isinstance(value, Mapping):
        return {str(key): _plain(inner, lost, exact=exact) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner, lost, exact=exact) for inner in value]
    if isinstance(value, np.generic):
        return _plain(value.item(), lost, exact=exact)
    if isinstance(value, str | int):
        return value
    raise TypeError(f"expected a value that JSON can hold, found {type(value).__name__}")


def _rounded(value: float, lost: list[float], *, exact: bool) -> float | None:
    if not math.isfinite(value):
        lost.append(value)
        return None
    if exact:
        return value
    return value if value == int(value) else float(f"{value:.{DIGITS}g}")


def _nonfinite(value: object, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield the place of every number that is not finite, and which it is: nan, inf or -inf."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _nonfinite(inner, f"{path}/{str(key).replace('~', '~0').replace('/', '~1')}")
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            yield from _nonfinite(inner, f"{path}/{index}")
    elif isinstance(value, float | np.floating) and not math.isfinite(value):
        yield path, str(float(value))
