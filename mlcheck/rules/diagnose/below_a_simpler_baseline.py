"""The run is worse than a simple model of the same data.

What it finds
    With a report of `mlcheck baseline` on the same data (`--baseline REPORT`): the lowest course of the validation loss
    (or the highest of a metric that both hold) is no better than the constant rung, which looks at no feature, or worse
    than the linear rung, by more than the rung's interval and the noise of the run, and by more than `least` of the way
    from the constant to the best rung. A run that is only worse than the best rung is a warning.

Why it matters
    A network can do whatever a linear model does. If it does less, data and task are not to blame: the training went
    wrong, the model is too constrained, or it learned the training set by heart.

Example
    validation log_loss 0.61 at best, worse than the linear rung (0.42, 0.4 to 0.45); the constant rung has 0.69

What to do
    No better than the constant: overfit ten examples first, then look for the bug. Worse than linear: compare the
    preprocessing with that of the rung, raise the learning rate, train longer, weaken the penalty. Where the training
    loss is much lower than that of the rung: regularise.

False alarms
    Another validation set than the rungs were judged on, a loss in another unit (label smoothing, a scaled target), and
    fewer examples than the rungs had. Where no rung beats the constant one by more than chance it stays silent.

References
    Goodfellow, Bengio & Courville 2016, Deep Learning, section 11.2 (default baseline models). Nadeau & Bengio 2003,
    Inference for the generalization error (the intervals of the rungs).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlcheck.model import Action, Finding, Run, Severity, Skip
from mlcheck.model.reference import CONSTANT, LINEAR
from mlcheck.stats.reference import Standing, standing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlcheck.model.reference import Level

CODE = "DIA203"
NAME = "below-a-simpler-baseline"
SEVERITY: Severity = "error"
CAUSE = None
NEEDS: tuple[str, ...] = ()


def check(run: Run, *, least: float = 0.1) -> Iterator[Finding | Skip]:
    """Yield a finding where the run is worse than a rung.

    `least`: share of the way from the constant to the best rung by which it is worse (by which it must be better than
    the constant one).
    """
    if run.reference is None:
        yield Skip(code=CODE, reason="no report of mlcheck baseline on this data (--baseline REPORT)")
        return
    place = standing(run)
    if place is None:
        told = ", ".join(run.reference.rungs[CONSTANT])
        yield Skip(
            code=CODE, reason=f"no validation series of a measure that the baseline report has ({told})"
        )
        return
    if place.is_vague:
        yield Skip(
            code=CODE,
            reason="the rungs' intervals are too wide to place the run: give baseline more rows or --repeats",
        )
        return
    if not place.is_learnable:
        return
    within = max(least, place.margin)
    if place.best < within:
        yield _finding(place, CONSTANT, place.constant, SEVERITY)
    elif (
        place.linear is not None
        and place.linear_share is not None
        and place.best < place.linear_share - within
    ):
        yield _finding(place, LINEAR, place.linear, SEVERITY)
    elif place.best < 1 - within:
        yield _finding(place, place.top_name, place.top, "warning")


def _finding(place: Standing, name: str, level: Level, severity: Severity) -> Finding:
    interval = "" if level.low is None or level.high is None else f", {level.low:.3g} to {level.high:.3g}"
    worse = "no better than" if name == CONSTANT else "worse than"
    rest = (
        f"{place.top_name} reaches {place.top.value:.3g}"
        if name == CONSTANT
        else f"the constant rung has {place.constant.value:.3g}"
    )
    return Finding(
        code=CODE,
        name=NAME,
        severity=severity,
        message=f"validation {place.measure} {place.reached:.3g} at best, {worse} the {name} rung ({level.value:.3g}{interval}); {rest}",
        evidence={
            "measure": place.measure, "reached": place.reached, "rung": name, "rung_score": level.value,
            "rung_low": level.low, "rung_high": level.high, "constant": place.constant.value,
            "share_of_the_way": place.best, "train_share_of_the_way": place.train, "within": place.margin,
        },
        actions=_actions(place, name),
    )  # fmt: skip


def _actions(place: Standing, name: str) -> tuple[Action, ...]:
    if place.train is not None and place.train > place.best + max(0.25, 2 * place.margin):
        return (
            Action(
                name="add-regularization", why="it fits the training set far better than what it has not seen"
            ),
        )
    if name == CONSTANT:
        return (Action(name="fix-bug", why="overfit ten examples first; if that fails, look for the bug"),)
    return (
        Action(
            name="raise-lr",
            why=f"compare preprocessing with the {name} rung's, then try 3 to 10 times the learning rate",
        ),
        Action(name="reduce-regularization", why="halve weight decay and dropout"),
    )
