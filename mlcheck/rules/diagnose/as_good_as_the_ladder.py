"""The run does as well as the best simple model of the same data: what is left may be the problem's own difficulty.

What it finds
    With a report of `mlcheck baseline` on the same data (`--baseline REPORT`): the validation loss (or a metric that both
    hold) reaches the best rung, within its interval and the noise of the run or `near` of the way from the constant rung,
    and the training level is no further from it than `gap`. Also a run on data from which no rung learns anything
    beyond chance, as good as the constant one.

Why it matters
    Both losses may be flat and high because nobody can predict better from these features. A bigger model would then
    gain nothing, whatever the curve looks like.

Example
    validation log_loss 0.621 is that of the best rung (linear, 0.618) and train is near it: a hard problem rather than underfit

What to do
    Better features, cleaner labels or another target, before a bigger model.

False alarms
    Simple models may all miss what a suitable architecture finds (images, text, long sequences): climb the rung of the
    known architecture, too.

References
    Bottou & Bousquet 2008, The tradeoffs of large scale learning (the Bayes error is no part of what training can change).
    Goodfellow, Bengio & Courville 2016, Deep Learning, sections 5.2 and 11.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlcheck.model import Finding, Run, Severity, Skip
from mlcheck.stats.reference import standing

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE = "DIA204"
NAME = "as-good-as-the-ladder"
SEVERITY: Severity = "note"
CAUSE = None
NEEDS: tuple[str, ...] = ()


def check(run: Run, *, near: float = 0.1, gap: float = 0.2) -> Iterator[Finding | Skip]:
    """Yield a note where the run reaches the best rung and train and validation agree.

    `near`: share of the way from the constant to the best rung that may be missing. `gap`: share of that way by which
    the training level may be better.
    """
    if run.reference is None:
        yield Skip(code=CODE, reason="no report of mlcheck baseline on this data (--baseline REPORT)")
        return
    place = standing(run)
    if place is None:
        yield Skip(code=CODE, reason="no validation series of a measure that the baseline report has")
        return
    if place.is_vague:
        yield Skip(
            code=CODE,
            reason="the rungs' intervals are too wide to place the run: give baseline more rows or --repeats",
        )
        return
    wanted = 1.0 if place.is_learnable else 0.0
    within = max(near, place.margin)
    apart = 0.0 if place.train is None else place.train - place.best
    if place.best < wanted - within or apart > max(gap, place.margin):
        return
    told = (
        f"is that of the best rung or better ({place.top_name}, {place.top.value:.3g}) and train is near it: a hard problem rather than underfit"
        if place.is_learnable
        else f"is that of the constant rung ({place.constant.value:.3g}), and no rung does better beyond chance"
    )
    yield Finding(
        code=CODE,
        name=NAME,
        severity=SEVERITY,
        message=f"validation {place.measure} {place.reached:.3g} {told}",
        evidence={
            "measure": place.measure, "reached": place.reached, "rung": place.top_name, "rung_score": place.top.value,
            "constant": place.constant.value, "share_of_the_way": place.best, "train_share_of_the_way": place.train,
            "within": place.margin,
        },
    )  # fmt: skip
