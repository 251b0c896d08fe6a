"""`mlcheck datacurve`: from curves of scores against examples to a report. Pure: no clock, no environment, no printing."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mlcheck import registry
from mlcheck.commands import datacurve_told, inconclusive_datacurve, limits
from mlcheck.commands.report import INTERRUPTED, actions_of, gravest_first, report, selected
from mlcheck.model import Finding, Problem, Skip, Subject
from mlcheck.stats.curves.forecast import constants
from mlcheck.stats.curves.looked import LEAST_SIZES, course_of, look
from mlcheck.stats.curves.scale import out_of_range, scale

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mlcheck.commands.datacurve_asked import Asked
    from mlcheck.config import Settings
    from mlcheck.model import Report
    from mlcheck.model.curves import CurvesRead, CurvesWanted, DataCurve
    from mlcheck.model.dataset import DataRead, DataWanted
    from mlcheck.stats.curves.forecast import Constants
    from mlcheck.stats.curves.looked import Looked

CONSTANTS = Path(__file__).with_name("datacurve.json")
HELPS, FLAT = "DAT101", "DAT102"


def read(wanted: CurvesWanted, *, stdin: Callable[[], bytes] | None = None) -> CurvesRead:
    """Read the curves that the user named."""
    return registry.curves_room().read_curves(wanted, stdin=stdin)


def read_data(wanted: DataWanted, *, stdin: Callable[[], bytes] | None = None) -> DataRead:
    """Read the data set that a rung is to be trained on."""
    return registry.datasets_room().read_datasets(wanted, stdin=stdin)


def datacurve(read: CurvesRead, settings: Settings, asked: Asked) -> Report:
    """Judge every curve and return the report; one that cannot be judged is a problem and leaves the others alone."""
    subjects: list[Subject] = []
    problems: list[Problem] = []
    for curve in read.curves:
        with np.errstate(all="ignore"):  # what overflows is infinite, and told
            made = _looked(curve)
            if isinstance(made, Problem):
                problems.append(made)
            else:
                subjects.append(_judged(curve, made, settings, asked))
    whole = report("datacurve", subjects, [*read.problems, *problems], settings, read.digest)
    return replace(whole, exit_code=INTERRUPTED) if read.interrupted else whole


@cache
def shipped(bounded: bool) -> Constants:
    """Return the constants that `benchmarks/fit_datacurve.py` fitted, for shares or for losses of any scale."""
    told = json.loads(CONSTANTS.read_text(encoding="utf-8"))
    return constants(told["bounded" if bounded else "scaled"])


def _looked(curve: DataCurve) -> Looked | Problem:
    """Measure a curve, or say why it cannot be."""
    where = curve.source if curve.id in curve.source else f"{curve.source} {curve.id}"
    wrong = out_of_range(curve.metric, curve.score)
    if wrong is not None:
        return Problem(
            source=where, message=f"expected {curve.metric} within 0 and 1 (or 0 and 100), found {wrong:g}",
            hint="mend the row, or name another column with --score",
        )  # fmt: skip
    found = scale(curve.metric, curve.score, higher=curve.better == "higher")
    course = course_of(curve.n, curve.score, curve.train, found)
    if len(course) < LEAST_SIZES:
        sizes = ", ".join(f"{n:,.0f}" for n in course.n)
        return Problem(
            source=where, message=f"expected at least {LEAST_SIZES} numbers of examples, found {len(course)}: {sizes}",
            hint="train on more sizes, each about half of the next",
        )  # fmt: skip
    return look(curve.metric, course, found, shipped(found.bounded))


def _judged(curve: DataCurve, looked: Looked, settings: Settings, asked: Asked) -> Subject:
    said = list(_said(looked, settings))
    findings = [item for item in said if isinstance(item, Finding)]
    chance = looked.chance_of_gain(looked.worthwhile)
    verdict, confidence, why = _verdict(looked, findings, chance)
    if verdict == "inconclusive":
        findings.append(inconclusive_datacurve.finding(why))
    told = datacurve_told.told(looked, asked)
    return Subject(
        id=curve.id,
        source=curve.source,
        reader=curve.reader,
        verdict=verdict,
        confidence=confidence,
        scores={"more-data-helps": round(chance, 4), "plateaued": round(1 - round(chance, 4), 4)},
        findings=gravest_first(f for f in findings if selected(f.code, settings)),
        skips=tuple(s for s in said if isinstance(s, Skip) and selected(s.code, settings)),
        actions=tuple(actions_of(gravest_first(findings)).values()),
        measures=told.measures,
        why=why,
        facts=tuple(datacurve_told.facts(curve, looked)),
        exhibits=told.exhibits,
    )


def _said(looked: Looked, settings: Settings) -> Sequence[Finding | Skip]:
    found: list[Finding | Skip] = []
    for code, rule in registry.rules("datacurve").items():
        run: Any = rule
        found += run.check(looked, **limits.given(code, settings))
    return found


def _verdict(looked: Looked, findings: Sequence[Finding], chance: float) -> tuple[str, float | None, str]:
    """Return the verdict, the probability that it is right and the reason in a sentence."""
    by_code = {f.code: f for f in findings}
    if HELPS in by_code:
        return "more-data-helps", round(chance, 4), by_code[HELPS].message
    if FLAT in by_code:
        return "plateaued", round(1 - chance, 4), by_code[FLAT].message
    worth = looked.worthwhile * looked.scale.factor
    why = f"a gain of {worth:.2g} at 4 times the data is {100 * chance:.0f} % likely: repeat the largest sizes, or measure one twice as large"
    return "inconclusive", None, why
