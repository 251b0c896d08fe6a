"""What a report says of predictions beside the verdict: measures, what was read and how, tables, next steps."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from mlcheck import registry
from mlcheck.commands.report import actions_of
from mlcheck.errors import MlcheckError
from mlcheck.model import Action, Bar, Skip, Subject, Table
from mlcheck.model.predictions import Binary, Multiclass, Multilabel, Ranking, Regression, Texts, Tokens
from mlcheck.stats.metrics.metric import Undefined

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mlcheck.model import Exhibit, Finding, Scalar
    from mlcheck.model.predictions import Predictions
    from mlcheck.stats.metrics.binary.thresholds import Choice
    from mlcheck.stats.metrics.metric import Estimate, Metric
    from mlcheck.stats.metrics.scored import Scored

UNDEFINED = "MET002"
"""Not a finding: the code under which a metric without value says why."""


def subject(
    scored: Scored,
    *,
    verdict: str,
    confidence: float | None,
    why: str,
    findings: tuple[Finding, ...],
    skips: tuple[Skip, ...],
) -> Subject:
    """Return the subject of one model's predictions."""
    predictions = scored.predictions
    return Subject(
        id=predictions.id,
        source=predictions.source,
        reader=predictions.reader,
        verdict=verdict,
        confidence=confidence,
        scores={},
        findings=findings,
        skips=skips + tuple(_undefined(scored.estimates)),
        actions=actions(findings, scored),
        measures=measures(scored),
        why=why,
        facts=facts(predictions),
        exhibits=(*_group_tables(scored), *_exhibits(scored)),
    )


def measures(scored: Scored) -> dict[str, Mapping[str, Scalar]]:
    """Return every metric by name; one without value has a reason in its place."""
    known = {m.name: m for m in registry.metrics(scored.predictions.task, scored.view)}
    found: dict[str, Mapping[str, Scalar]] = {}
    for name, e in scored.estimates.items():
        told: dict[str, Scalar] = {
            "value": e.value,
            "low": e.low,
            "high": e.high,
            "level": scored.sampling.level,
            "direction": known[name].better,
            "n": scored.view.n,
            "method": e.method or None,
        }
        told |= bounds(known[name])
        if e.reason:
            told["reason"] = e.reason
        if name == scored.main:
            told["recommended"] = True
        found[name] = told
    threshold = _threshold(scored)
    if threshold:
        found["threshold"] = threshold
    return found


def bounds(metric: Metric) -> dict[str, Scalar]:
    """Return the lowest and the highest value that a metric can have, None where there is none."""
    return {
        key: end if math.isfinite(end) else None
        for key, end in (("least", metric.low), ("most", metric.high))
    }


def _threshold(scored: Scored) -> dict[str, Scalar]:
    """Return the threshold that was given, else the best one of two classes; nothing where there are no scores."""
    if scored.predictions.task != "binary":
        return {}
    used, given = scored.view.threshold, scored.parameters.threshold
    best: Choice | None = None
    told: dict[str, Scalar] = {"value": used, "chosen_by": "default" if given is None else "given"}
    try:
        best = scored.view.choice
    except Undefined as why:
        told["reason"] = str(why)
    if best is None:
        return {} if used is None else told
    found: dict[str, Scalar] = {
        "value": best.threshold, "chosen_by": best.chosen_by, "low": best.low, "high": best.high, "measure": best.measure,
        "reached": best.reached, "held_out": best.held_out, "optimism": best.optimism, "used": used,
    }  # fmt: skip
    if given is None or scored.parameters.rule != "f-beta":
        return found
    return told | {
        "best": best.threshold,
        "best_by": best.chosen_by,
        "best_low": best.low,
        "best_high": best.high,
        "used": used,
    }


def _exhibits(scored: Scored) -> tuple[Exhibit, ...]:
    """Return the tables and plots of the task; none where a library is missing, which is told by the metrics."""
    try:
        return registry.exhibits(scored.predictions.task, scored.view)
    except MlcheckError:
        return ()


def _undefined(estimates: Mapping[str, Estimate]) -> Iterator[Skip]:
    """Yield why metrics have no value: those with one reason together."""
    by_reason: dict[str, list[str]] = {}
    for name, e in estimates.items():
        if e.value is None:
            by_reason.setdefault(e.reason or "undefined", []).append(name)
    for reason, names in by_reason.items():
        yield Skip(code=UNDEFINED, reason=f"{', '.join(names)}: {reason}")


def facts(predictions: Predictions) -> tuple[str, ...]:
    """Return short phrases on what was read and how."""
    return tuple(
        fact
        for fact in (
            predictions.task,
            _size(predictions),
            *_classes(predictions),
            *(
                f"{role} = {', '.join(names[:3])}{' …' if len(names) > 3 else ''}"
                for role, names in predictions.columns.items()
                if names != (role,)
            ),
            *(f"{count:,} rows left out: {why}" for why, count in predictions.dropped.items()),
            *predictions.doubts,
        )
        if fact
    )


def _size(predictions: Predictions) -> str:
    content = predictions.content
    if isinstance(content, Ranking):
        return f"{len(content.queries):,} queries, {len(content.score):,} documents"
    name = "texts" if isinstance(content, Texts | Tokens) else "rows"
    return f"{predictions.rows:,} {name}"


def _classes(predictions: Predictions) -> Iterator[str]:
    content = predictions.content
    if isinstance(content, Binary) and len(content.truth):
        yield f"positive = {content.positive} ({100 * float(content.truth.mean()):.3g} %)"
    elif isinstance(content, Multiclass):
        yield f"{len(content.labels)} classes"
    elif isinstance(content, Multilabel):
        yield f"{len(content.labels)} labels"
    elif isinstance(content, Regression) and len(content.targets) > 1:
        yield f"{len(content.targets)} targets"


def _group_tables(scored: Scored) -> Iterator[Exhibit]:
    """Yield the table of groups: the metric to trust in each, the worst first."""
    if not scored.groups:
        return
    name = scored.main
    lower = _is_lower(scored, name)
    groups = [(g, g.estimates[name]) for g in scored.groups if name in g.estimates]
    groups.sort(key=lambda pair: _order(pair[1].value, lower=lower))
    bars = tuple(
        Bar(value=e.value, low=e.low, high=e.high) if e.value is not None else None for _, e in groups
    )
    edges = [x for _, e in groups for x in (e.value, e.low, e.high) if x is not None]
    by = scored.predictions.by
    yield Table(
        title=f"{name} by {by.column if by else 'group'}",
        columns=(by.column if by else "group", "rows", name, "low", "high"),
        rows=tuple((g.name, g.rows, e.value, e.low, e.high) for g, e in groups),
        bars=bars,
        scale=(min(edges), max(edges)) if edges and min(edges) < max(edges) else None,
        note="worst first",
    )


def _is_lower(scored: Scored, name: str) -> bool:
    return any(
        m.name == name and m.better == "lower" for m in registry.metrics(scored.predictions.task, scored.view)
    )


def _order(value: float | None, *, lower: bool) -> float:
    if value is None:
        return np.inf
    return -value if lower else value


def actions(findings: tuple[Finding, ...], scored: Scored) -> tuple[Action, ...]:
    """Return what the findings would have one do, each once, and the metric to report."""
    found = actions_of(findings)
    if scored.estimates.get(scored.main) is not None:
        found.setdefault(
            "report-metric", Action(name="report-metric", why=f"report {scored.main}: {scored.why_main}")
        )
    return tuple(found.values())
