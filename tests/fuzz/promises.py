"""What mlcheck promises of any input whatsoever, checked on one."""

from __future__ import annotations

import contextlib
import io
import json
import re
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from jsonschema import Draft202012Validator

from mlcheck import registry
from mlcheck.cli import emit
from mlcheck.commands.diagnose import diagnose
from mlcheck.config import Settings
from mlcheck.readers import read_inputs

if TYPE_CHECKING:
    from mlcheck.model import Report

CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


class Broken(AssertionError):
    """A promise that was not kept."""


def demand(kept: bool, promise: str) -> None:
    """Raise Broken, with the promise, where it was not kept."""
    if not kept:
        raise Broken(promise)


def check(path: str, *, stdin: bytes | None = None) -> None:
    """Judge one path twice and check every promise; raises whatever mlcheck raises, and Broken."""
    report = judged(path, stdin)
    demand(
        rendered(report, "json") == rendered(judged(path, stdin), "json"), "the same input, the same bytes"
    )
    _check_codes(report)
    _check_messages(report)
    for name in registry.renderer_names():
        _check_text(report, name)
    found = json.loads(rendered(report, "json"), parse_constant=_no_constant)
    error = next(iter(_validator().iter_errors(found)), None)
    demand(error is None, f"the JSON follows its schema: {error and error.message[:200]}")


def judged(path: str, stdin: bytes | None = None) -> Report:
    """Read and judge one input."""
    reading = read_inputs([path], stdin=None if stdin is None else lambda: stdin)
    return diagnose(reading, Settings())


def rendered(report: Report, name: str, *, color: bool = False, verbose: bool = False) -> str:
    """Return a report in one format."""
    return registry.renderer(name).render(report, width=80, color=color, verbose=verbose)


def _check_codes(report: Report) -> None:
    demand(bool(report.subjects or report.problems), "nothing is passed over in silence")
    demand(bool(report.subjects) or report.verdict is None, "nothing read has no verdict")
    if report.problems or not report.subjects:
        expected = 2
    else:
        expected = int(any(f.severity == "error" for s in report.subjects for f in s.findings))
    demand(report.exit_code == expected, f"exit code {expected}")
    for subject in report.subjects:
        demand(abs(sum(subject.scores.values()) - 1) < 1e-6, "scores add to 1")
        demand(
            (subject.confidence is None) == (subject.verdict == "inconclusive"), "confidence with a verdict"
        )
        demand(subject.verdict != "healthy" or bool(subject.measures), "healthy needs a curve")
    ids = [s.id for s in report.subjects]
    demand(len(set(ids)) == len(ids), "ids are unique")


def _check_messages(report: Report) -> None:
    for problem in report.problems:
        demand(
            problem.message.startswith("expected"), f"a problem says what was expected: {problem.message!r}"
        )
        with contextlib.redirect_stderr(io.StringIO()) as told:
            emit.complain(f"{problem.source}: {problem.message}; {problem.hint}")
        line = told.getvalue()
        demand(line.count("\n") == 1 and not CONTROL.search(line.rstrip("\n")), f"one line: {line!r}")
        demand(len(line) < 5000, f"a line that can be read: {len(line)} characters")


def _check_text(report: Report, name: str) -> None:
    for color, verbose in ((False, True), (True, True), (False, False)):
        text = rendered(report, name, color=color, verbose=verbose)
        demand(text.endswith("\n"), f"{name} ends with a line")
        shown = COLOUR.sub("", text) if color else text
        at = CONTROL.search(shown)
        demand(
            at is None,
            f"{name} obeys no control character: {shown[max(0, at.start() - 40) : at.end() + 40] if at else ''!r}",
        )
        text.encode("utf-8")


@cache
def _validator() -> Draft202012Validator:
    schema = resources.files("mlcheck.reports").joinpath("schema.json").read_text(encoding="utf-8")
    return Draft202012Validator(json.loads(schema))


def _no_constant(name: str) -> float:
    raise Broken(f"JSON without {name}")
