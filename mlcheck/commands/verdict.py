"""The verdict of one run: scores that add to 1, a calibrated confidence, and agreement with the findings.

The curve's few numbers (stats/features.py) go through a multinomial logistic model whose constants stand in
verdict.json, fitted by benchmarks/fit_verdict.py to runs that were retrained with each remedy. A baseline report of the
same data moves them (verdict_reference.py). Findings that settle the
matter by themselves (a loss that is not finite, a model that does not learn, a crash) overrule the curve. Then the verdict
must agree with its findings: without a finding that a person can check, it is inconclusive.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, fields, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from mlcheck.commands.verdict_reference import BELOW, cause_below, is_hard, with_reference
from mlcheck.stats.features import features
from mlcheck.stats.objective import course_of_return, largest_setback, objective
from mlcheck.stats.trend import mann_kendall

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from mlcheck.model import Finding, Run
    from mlcheck.stats.shape import Shape

CAUSES = ("optimization", "underfit", "overfit", "healthy")
INCONCLUSIVE = "inconclusive"
DECISIVE: Mapping[str, float] = {
    "DIA101": 0.97, "DIA102": 0.93, "DIA103": 0.85, "DIA112": 0.9, "DIA409": 0.9, "DIA602": 0.8, "DIA603": 0.6,
}  # fmt: skip
"""Findings of severity error that make the verdict `optimization` by themselves, with the score they give it: the run
cannot have been limited by size or data while the training itself failed."""
RISEN = 0.6
"""Score of a return that has risen and settled. A guess: no run of reinforcement learning was retrained with remedies."""
LEAST_RETURNS = 20
LEAST_SCORE = 0.42
"""Below this no cause is convincing: the two largest scores of the fitted runs are then right equally often."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What is wrong with a run: `scores` over CAUSES add to 1, `confidence` is None for an inconclusive verdict.

    `missing` says, of an inconclusive verdict, what the log would have to hold.
    """

    name: str
    scores: Mapping[str, float]
    confidence: float | None
    missing: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Constants:
    """The fitted numbers of verdict.json.

    `mean` and `scale` standardise the features in `names`; `weights` and `intercepts` are the logits' by cause;
    `evidence` is the log odds that an error of a rule adds to its cause; `calibration` is (slope, intercept) of the
    confidence; `gains` is the mean share of what is reachable that each
    remedy won, by cause and action.
    """

    names: tuple[str, ...]
    mean: tuple[float, ...]
    scale: tuple[float, ...]
    weights: Mapping[str, tuple[float, ...]]
    intercepts: Mapping[str, float]
    evidence: float
    calibration: tuple[float, float]
    gains: Mapping[str, Mapping[str, float]]


@cache
def constants() -> Constants:
    """Return the fitted constants that ship with the package."""
    text = Path(__file__).with_name("verdict.json").read_text(encoding="utf-8")
    return Constants(**{f.name: json.loads(text)[f.name] for f in fields(Constants)})


def scores_of_features(numbers: Mapping[str, float], fitted: Constants | None = None) -> dict[str, float]:
    """Return the model's probability of each cause: softmax(W z + b) of the standardised features z."""
    c = fitted or constants()
    z = [(numbers[n] - m) / s for n, m, s in zip(c.names, c.mean, c.scale, strict=True)]
    logits = {
        cause: c.intercepts[cause] + sum(w * x for w, x in zip(c.weights[cause], z, strict=True))
        for cause in CAUSES
    }
    top = max(logits.values())
    shares = {cause: math.exp(v - top) for cause, v in logits.items()}
    total = sum(shares.values())
    return {cause: v / total for cause, v in shares.items()}


def confidence(score: float) -> float:
    """Return the probability that acting on a verdict of this score helps: a logistic calibration, 0..1."""
    slope, intercept = constants().calibration
    odds = slope * math.log(score / (1 - min(score, 1 - 1e-9))) + intercept
    return 1 / (1 + math.exp(-odds))


def judge(run: Run, findings: Sequence[Finding], cause_of: Mapping[str, str | None]) -> Verdict:
    """Return the verdict on a run. `cause_of` maps a code to the cause that its rule is evidence for."""
    decisive = max(
        (f for f in findings if f.severity == "error" and f.code in DECISIVE),
        key=lambda f: DECISIVE[f.code],
        default=None,
    )
    if decisive is not None:
        scores = _overruled(_curve_scores(run), DECISIVE[decisive.code])
        return Verdict(name="optimization", scores=scores, confidence=round(DECISIVE[decisive.code], 4))
    if objective(run) == "return":
        return _by_return(run, findings)
    scores = _with_evidence(_curve_scores(run), findings, cause_of)
    if missing := _missing(run, findings):
        return Verdict(name=INCONCLUSIVE, scores=scores, confidence=None, missing=missing)
    name = max(scores, key=lambda cause: scores[cause])
    if scores[name] < LEAST_SCORE:
        return Verdict(
            name=INCONCLUSIVE,
            scores=scores,
            confidence=None,
            missing="two causes are equally likely: retrain with one remedy of each",
        )
    causes = {cause_of.get(f.code) for f in findings if f.severity != "note"}
    errors = {cause_of.get(f.code) for f in findings if f.severity == "error"} - {None}
    if is_hard(run):  # what a simpler model does not reach either is no fault of the run
        errors -= {"optimization", "underfit"}
    if name != "healthy" and name not in causes:
        other = f"the curve looks like {name}, yet no rule confirms it"
        return Verdict(name=INCONCLUSIVE, scores=scores, confidence=None, missing=other)
    if name == "healthy" and errors:
        told = " and ".join(sorted(str(c) for c in errors))
        return Verdict(
            name=INCONCLUSIVE,
            scores=scores,
            confidence=None,
            missing=f"a rule points at {told}, the curve as a whole does not",
        )
    return Verdict(name=name, scores=scores, confidence=round(confidence(scores[name]), 4))


def causes_in(run: Run, cause_of: Mapping[str, str | None]) -> Mapping[str, str | None]:
    """Return the cause that each rule is evidence for in this run: being below a rung has one of several."""
    if run.reference is None:
        return cause_of
    return {**cause_of, BELOW: cause_below(run, _curve_scores(run))}


def _by_return(run: Run, findings: Iterable[Finding]) -> Verdict:
    """Return the verdict on an agent whose return neither collapsed nor still rises fast: healthy where it has risen."""
    course = course_of_return(run)
    equal = dict.fromkeys(CAUSES, 1 / len(CAUSES))
    missing = ""
    if course is None or course.n < LEAST_RETURNS:
        missing = f"log the return of at least {LEAST_RETURNS} evaluations; the losses of reinforcement learning do not tell"
    elif any(f.code == "DIA601" for f in findings):
        missing = "the return has not risen: log that of a random policy, to tell a task not learned from one solved before"
    elif not _has_risen(course):
        missing = "the return rises no more than it scatters: log the mean over more episodes, or over several seeds"
    if missing:
        return Verdict(name=INCONCLUSIVE, scores=equal, confidence=None, missing=missing)
    scores = _rounded({k: RISEN if k == "healthy" else (1 - RISEN) / 3 for k in CAUSES})
    return Verdict(name="healthy", scores=scores, confidence=RISEN)


def _has_risen(course: Shape) -> bool:
    """Whether a return (with the sign of a loss) ends beyond its noise above its start, by a trend or by more than it wanders."""
    gain = course.first - course.last
    if gain <= 4 * course.level_noise:
        return False
    return mann_kendall(-course.value)[0] >= 2 or gain > 2 * largest_setback(course.course)


def _curve_scores(run: Run) -> dict[str, float]:
    """Return the model's scores; equal ones where the log lacks one of the two losses, or they mean something else."""
    fits = run.train_loss and run.val_loss and objective(run) == "fit"
    numbers = features(run.train_loss, run.val_loss) if fits and run.train_loss and run.val_loss else None
    if numbers is None:
        return dict.fromkeys(CAUSES, 1 / len(CAUSES))
    return _rounded(with_reference(scores_of_features(numbers), run))


def _with_evidence(
    scores: Mapping[str, float], findings: Iterable[Finding], cause_of: Mapping[str, str | None]
) -> dict[str, float]:
    """Raise the odds of every cause for which a rule found an error (once, however many rules agree)."""
    causes = {cause_of.get(f.code) for f in findings if f.severity == "error"}
    raised = {k: v * (math.exp(constants().evidence) if k in causes else 1.0) for k, v in scores.items()}
    total = sum(raised.values())
    return _rounded({k: v / total for k, v in raised.items()})


def _overruled(scores: Mapping[str, float], score: float) -> dict[str, float]:
    """Give `optimization` the decisive score and the other causes the rest, in their proportion."""
    rest = sum(v for k, v in scores.items() if k != "optimization") or 1.0
    return _rounded({k: score if k == "optimization" else (1 - score) * v / rest for k, v in scores.items()})


def _rounded(scores: Mapping[str, float]) -> dict[str, float]:
    """Round to 4 digits so that the sum stays 1: what rounding leaves goes to the largest."""
    rounded = {k: round(v, 4) for k, v in scores.items()}
    top = max(rounded, key=lambda k: rounded[k])
    rounded[top] = round(rounded[top] + 1 - sum(rounded.values()), 4)
    return rounded


def _missing(run: Run, findings: Iterable[Finding]) -> str:
    """Say what the log lacks for a verdict, empty if nothing."""
    if objective(run) == "adversarial":
        return "log a score of the samples on held-out data (such as FID): adversarial losses do not tell how good they are"
    if run.train_loss is None and run.val_loss is None:
        return "log a training and a validation loss; this log has neither"
    if run.val_loss is None:
        return "log a validation loss: without it nobody can tell whether the model generalises"
    if run.train_loss is None:
        return "log the training loss: without it a poor fit and overfitting look alike"
    if any(f.code == "DIA408" for f in findings) or features(run.train_loss, run.val_loss) is None:
        return "log more points: every epoch, or 20 times in a run"
    return ""


def agreeing(
    findings: Iterable[Finding], verdict: str, cause_of: Mapping[str, str | None]
) -> tuple[Finding, ...]:
    """Bring the severities into line with the verdict: its own cause is an error, another cause at most a warning.

    The finding of the verdict's cause that is most severe becomes an error where none is yet. An error that names no
    cause (a wrong evaluation, say) stays one unless the verdict is healthy or inconclusive.
    """
    found = list(findings)
    mine = [f for f in found if cause_of.get(f.code) == verdict]
    promoted = None
    if mine and not any(f.severity == "error" for f in mine):
        promoted = max(mine, key=lambda f: ("note", "warning", "error").index(f.severity))
    return tuple(_settled(f, verdict, cause_of, promoted=f is promoted) for f in found)


def _settled(
    finding: Finding, verdict: str, cause_of: Mapping[str, str | None], *, promoted: bool
) -> Finding:
    if promoted:
        return replace(finding, severity="error")
    of_another = cause_of.get(finding.code) != verdict
    if (
        finding.severity == "error"
        and of_another
        and (cause_of.get(finding.code) or verdict in ("healthy", INCONCLUSIVE))
    ):
        return replace(finding, severity="warning")
    return finding
