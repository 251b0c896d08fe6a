"""The loss (or the gradient norm) jumps far above its course, again and again or for good.

What it finds
    Values more than 7 robust standard deviations above the local level: at least 3 of them on more than 0.2 % of the
    points, or one from which the loss does not come back. The local level and deviation are running medians, so that a
    spike does not hide itself.

Why it matters
    A spike is a bad batch or a step too far. The model loses what it had learned for a while; the next one may not be
    recovered.

Example
    5 spikes in 900 training losses, the highest 31 σ at step 612

What to do
    Clip the gradient norm, lower the learning rate or lengthen the warmup, look at the batches at these steps.

False alarms
    One isolated spike in a long language-model run: 30 of 40 healthy ones have one, so it stays silent if recovered.
    A series logged at a change of data or of sequence length steps up for good: look at what changed there.

References
    OLMo 2 report (2025), spike score: share of values 7 standard deviations from a rolling average. Chowdhery et al. 2022,
    PaLM, section 5.1 (skipping batches). Pascanu, Mikolov & Bengio 2013 (clipping).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlcheck.model import Action, Finding, Run, Series, Severity, Skip
from mlcheck.rules.diagnose.facts import unit
from mlcheck.stats.shape import Shape, shape
from mlcheck.stats.spikes import Spike, spikes

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE = "DIA109"
NAME = "loss-spikes"
SEVERITY: Severity = "warning"
CAUSE = "optimization"
NEEDS = ("train_loss",)


def check(
    run: Run, *, sigmas: float = 7.0, rate: float = 0.002, count: int = 3, points: int = 40
) -> Iterator[Finding | Skip]:
    """Yield a finding for a series (training loss, gradient norm) with many spikes, or one that is not recovered.

    `sigmas`: robust standard deviations above the local level. `rate`: share of the points. `count`: fewest spikes.
    `points`: fewest values.
    """
    assert run.train_loss is not None  # noqa: S101  (NEEDS)
    if np.isfinite(run.train_loss.value).sum() < points:
        yield Skip(code=CODE, reason=f"fewer than {points} finite values of the training loss")
        return
    for series in (run.train_loss, run.grad_norm):
        s = shape(series) if series is not None else None
        if series is None or s is None or s.n < points or s.value.min() < 0:
            continue
        found = _tall(spikes(s.value, limit=sigmas), s)
        lost = [
            x for x in found if series is run.train_loss and x.lasting > max(5 * s.noise, 0.1 * abs(s.last))
        ]
        if len(found) >= count and len(found) > rate * s.n:
            yield _finding(series, s, found, "")
        elif lost:
            yield _finding(
                series, s, tuple(lost), f", and the level stays {lost[-1].lasting:.2g} higher after it"
            )


def _tall(found: tuple[Spike, ...], s: Shape) -> tuple[Spike, ...]:
    """Leave out what is tall only because nearly all values are the same to the printed digit."""
    return tuple(x for x in found if s.value[x.at] - s.course[x.at] > 0.02 * max(abs(s.last), s.drop))


def _finding(series: Series, s: Shape, found: tuple[Spike, ...], told: str) -> Finding:
    top = max(found, key=lambda x: x.height)
    name = "gradient norms" if series.role.quantity == "grad_norm" else "training losses"
    many = "1 spike" if len(found) == 1 else f"{len(found)} spikes"
    return Finding(
        code=CODE,
        name=NAME,
        severity=SEVERITY,
        message=f"{many} in {s.n} {name}, the highest {top.height:.2g} σ at {unit(series)} {s.step[top.at]:g}{told}",
        evidence={
            "spikes": len(found), "points": s.n, "highest": top.height, "step": float(s.step[top.at]),
            "steps": tuple(float(s.step[x.at]) for x in found[:20]), "series": series.name,
        },
        actions=(
            Action(name="clip-gradients", why="clip the gradient norm at 1"),
            Action(name="lower-lr", why="lower the learning rate 3 times or lengthen the warmup"),
        ),
    )  # fmt: skip
