"""`mlcheck metrics`: from predictions to a report. Pure: no clock, no environment, nothing printed."""

from __future__ import annotations

import math
from dataclasses import replace
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np

from mlcheck import registry
from mlcheck.commands import comparison, inconclusive_metrics, limits, metrics_told
from mlcheck.commands.report import gravest_first, report, selected
from mlcheck.commands.scoring import score
from mlcheck.model import Finding, Skip
from mlcheck.stats.intervals import two_sided_z

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from mlcheck.config import Settings
    from mlcheck.model import Report, Subject
    from mlcheck.model.predictions import Predictions, PredictionsRead, Wanted
    from mlcheck.stats.metrics.parameters import Parameters
    from mlcheck.stats.metrics.scored import Scored, Skill

LEAST_SKILL = 0.1
"""Share of the way to perfection below which a model is no better than its baseline, if the interval ends below it."""
MISLEADING = "MET101"


def read(wanted: Wanted, *, stdin: Callable[[], bytes] | None = None) -> PredictionsRead:
    """Read the predictions that the user named."""
    return registry.predictions_room().read_predictions(wanted, stdin=stdin)


def metrics(read: PredictionsRead, settings: Settings, parameters: Parameters) -> Report:
    """Judge the predictions of one model, of two over the same rows, or of each in a folder, and return the report."""
    with np.errstate(all="ignore"):  # what overflows is infinite, and told
        scored = [score(p, settings, parameters) for p in read.predictions]
        if len(scored) > 1 and not read.apart:
            subjects = [comparison.subject(scored[0], scored[1], settings)]
        else:
            subjects = [_judged(s, settings) for s in scored]
    lacking = {p.source: p for s in scored for p in s.problems}
    problems = (*read.problems, *lacking.values())
    return report("metrics", subjects, problems, settings, read.digest, read.passed_over)


def judge(predictions: Predictions, settings: Settings, parameters: Parameters) -> Subject:
    """Judge the predictions of one model: metrics with intervals, findings, verdict, the metric to trust."""
    return _judged(score(predictions, settings, parameters), settings)


def _judged(scored: Scored, settings: Settings) -> Subject:
    said = list(check(scored, settings))
    findings = [item for item in said if isinstance(item, Finding)]
    verdict, confidence, why = _verdict(scored, findings)
    agreed = _agreeing(findings, verdict, why)
    return metrics_told.subject(
        scored,
        verdict=verdict,
        confidence=confidence,
        why=why,
        findings=gravest_first(f for f in agreed if selected(f.code, settings)),
        skips=tuple(s for s in said if isinstance(s, Skip) and selected(s.code, settings)),
    )


def check(scored: Scored, settings: Settings) -> Iterator[Finding | Skip]:
    """Yield what every rule says of the predictions, in the order of their codes, before any verdict."""
    for code, rule in registry.rules("metrics").items():
        run: Any = rule
        if scored.predictions.task not in run.TASKS:
            continue
        yield from run.check(scored, **limits.given(code, settings))


def _verdict(scored: Scored, findings: Sequence[Finding]) -> tuple[str, float | None, str]:
    """Return the verdict, the probability that it is right and the reason in a sentence."""
    found = scored.skill
    misleading = next((f for f in findings if f.code == MISLEADING and f.severity == "error"), None)
    if found is None:
        missing = _missing(scored)
        return "inconclusive", None, missing
    better = _probability_above(found, 0.0, scored.sampling.level)
    told = f"{_percent(found.value)} of the way from {found.baseline} to perfect by {found.metric} ({_percent(found.low)} to {_percent(found.high)})"
    if found.low <= 0 and found.high < LEAST_SKILL:
        sure = 1 - _probability_above(found, LEAST_SKILL, scored.sampling.level)
        return "no-better-than-baseline", sure, told
    if found.high <= 0:
        return "no-better-than-baseline", 1 - better, told
    if misleading is not None:
        return "misleading-metric", better, misleading.message
    if found.low > 0:
        main = scored.estimates[scored.main]
        return "useful", better, f"{told}; trust {scored.main}{_number(main.value)}: {scored.why_main}"
    return (
        "inconclusive",
        None,
        f"{told}: too few examples to tell whether it is better than {found.baseline}",
    )


def _missing(scored: Scored) -> str:
    """Say why there is no baseline to hold the model against."""
    reasons = [e.reason for e in scored.estimates.values() if e.value is None and e.reason]
    if scored.predictions.task == "language-model":
        return "add the texts (or their bytes): perplexity alone cannot be held against a model that knows nothing"
    return (
        f"no metric tells the model from a constant one: {reasons[0]}"
        if reasons
        else "too few examples to tell"
    )


def _probability_above(found: Skill, limit: float, level: float) -> float:
    """Return the probability that the skill exceeds `limit`, by the normal distribution that its interval stands for."""
    deviation = (found.high - found.low) / (2 * two_sided_z(level))
    if not deviation > 0 or not math.isfinite(deviation):
        return float(found.value > limit)
    return round(NormalDist().cdf((found.value - limit) / deviation), 4)


def _agreeing(findings: Sequence[Finding], verdict: str, why: str) -> list[Finding]:
    """Bring findings and verdict into line: a bad verdict has an error, a good one none, an open one says what is missing."""
    agreed = list(findings)
    if verdict == "inconclusive":
        agreed.append(inconclusive_metrics.finding(why))
    if verdict in ("useful", "inconclusive"):
        agreed = [replace(f, severity="warning") if f.severity == "error" else f for f in agreed]
    return agreed


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _number(value: float | None) -> str:
    return f" = {value:.4g}" if value is not None else ""
