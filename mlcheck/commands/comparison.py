"""Two models over the same examples: which is better, by how much, and what would settle it.

What it finds
    The difference of the metric to trust, paired row by row (by query, by text), with its interval and p-value: DeLong's
    test for the ROC-AUC, McNemar's for accuracy, a paired t test for mean losses, else a paired bootstrap.

Why it matters
    Two means without their difference's interval say nothing: models see the same easy and hard examples, so that the
    difference is known far better than either, or not at all.

Example
    roc_auc 0.923 against 0.917: +0.006 (-0.003 to +0.015), p = 0.19; about 4,100 examples would show it (80% power)

What to do
    Take the better one; where they cannot be told apart take the simpler one, or evaluate as many examples as named.

False alarms
    Of many comparisons at a level of 0.95, one in twenty is significant by chance. A difference on one test set says
    nothing about another seed of the training.

References
    DeLong, DeLong & Clarke-Pearson 1988. McNemar 1947. Koehn 2004, Statistical significance tests for machine
    translation evaluation. Cohen 1988, Statistical power analysis, chapter 2.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from mlcheck.commands import metrics_told
from mlcheck.commands.scoring import metrics_of
from mlcheck.model import Action, Finding, Severity, Skip, Subject
from mlcheck.stats.metrics import power
from mlcheck.stats.metrics.metric import Difference, compare

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlcheck.config import Settings
    from mlcheck.model import Scalar
    from mlcheck.stats.metrics.metric import Metric
    from mlcheck.stats.metrics.scored import Scored


CODE = "MET201"
NAME = "models-compared"
SEVERITY: Severity = "note"
POWER = 0.8


def subject(first: Scored, second: Scored, settings: Settings) -> Subject:
    """Return the subject of two models: A minus B by every metric of the task, and the verdict by the one to trust."""
    metrics = {m.name: m for m in metrics_of(first.predictions, first.view)}
    differences = {name: _difference(m, first, second) for name, m in metrics.items()}
    main = first.main
    decisive = differences[main]
    verdict, why = _verdict(main, decisive, metrics[main].better, settings.level)
    more = _needed(decisive, first.view.n, settings.level)
    findings = (_finding(main, decisive, verdict, why, more, first),)
    a, b = first.predictions, second.predictions
    return Subject(
        id=f"{a.id} : {b.id}",
        source=a.source,
        reader=a.reader,
        verdict=verdict,
        confidence=_confidence(decisive, verdict),
        scores={},
        findings=findings,
        skips=tuple(
            Skip(code=metrics_told.UNDEFINED, reason=f"{n}: {d.reason}")
            for n, d in differences.items()
            if d.reason
        ),
        actions=(
            Action(name="report-metric", why=f"compare by {main}: {first.why_main}"),
            *findings[0].actions,
        ),
        measures={
            n: _measure(d, metrics[n], settings.level, first.view.n, n == main)
            for n, d in differences.items()
        },
        why=why,
        facts=(f"A = {a.source}", f"B = {b.source}", *metrics_told.facts(a)),
    )


def _difference(metric: Metric, first: Scored, second: Scored) -> Difference:
    """Return A minus B by a metric; where either has no value, why."""
    for scored in (first, second):
        known = scored.estimates[metric.name]
        if known.value is None:
            a, b = first.value(metric.name), second.value(metric.name)
            return Difference(a=a, b=b, reason=known.reason)
    return compare(metric, first.view, second.view)


def _needed(d: Difference, n: int, level: float) -> int | None:
    """Return how many examples would settle a difference of the size seen."""
    if d.difference is None or d.low is None or d.high is None:
        return None
    return power.needed(d.difference, power.deviation(d.low, d.high, level), n, level=level, power=POWER)


def _measure(d: Difference, metric: Metric, level: float, n: int, recommended: bool) -> Mapping[str, Scalar]:
    told: dict[str, Scalar] = {
        "a": d.a, "b": d.b, "difference": d.difference, "low": d.low, "high": d.high, "p_value": d.p_value,
        "level": level, "direction": metric.better, "n": n, "method": d.method or None,
        **metrics_told.bounds(metric),
    }  # fmt: skip
    if d.reason:
        told["reason"] = d.reason
    if recommended:
        told["recommended"] = True
    return told


def _verdict(name: str, d: Difference, better: str, level: float) -> tuple[str, str]:
    if d.difference is None or d.low is None or d.high is None:
        return "inconclusive", f"{name} cannot be compared: {d.reason or 'it is undefined'}"
    told = f"{name} {d.a:.4g} against {d.b:.4g}: {d.difference:+.3g} ({d.low:+.3g} to {d.high:+.3g})"
    p = f", p = {d.p_value:.2g}" if d.p_value is not None else ""
    is_clear = d.p_value < 1 - level if d.p_value is not None else d.low > 0 or d.high < 0
    if not is_clear or d.difference == 0:
        return "indistinguishable", f"{told}{p}"
    a_wins = (d.difference > 0) == (better == "higher")
    return "a-better" if a_wins else "b-better", f"{told}{p}"


def _confidence(d: Difference, verdict: str) -> float | None:
    if verdict == "inconclusive" or d.p_value is None:
        return None
    return round(1 - d.p_value / 2, 4) if verdict != "indistinguishable" else round(d.p_value, 4)


def _finding(name: str, d: Difference, verdict: str, why: str, more: int | None, first: Scored) -> Finding:
    """Return the note on the comparison; it says how many examples would settle a difference of this size."""
    actions: tuple[Action, ...] = ()
    message = why
    if verdict == "indistinguishable" and more is not None and math.isfinite(more):
        told = f"a difference of this size would take about {more:,} examples to show ({POWER:.0%} power)"
        message = f"{why}; {told}"
        actions = (Action(name="more-examples", why=told),)
    return Finding(
        code=CODE,
        name=NAME,
        severity=SEVERITY,
        message=message,
        evidence={
            "metric": name, "a": d.a, "b": d.b, "difference": d.difference, "low": d.low, "high": d.high,
            "p_value": d.p_value, "examples": first.view.n, "needed": more, "method": d.method,
        },
        actions=actions,
    )  # fmt: skip
