"""Gradients fade on their way to the first layers, or altogether, before anything was learned.

What it finds
    With a norm per layer: a first layer whose gradient is less than a thousandth of the last layer's at most points.
    With the global norm only: one that falls under 1e-6, or under a ten-thousandth of its start, and stays there while
    the training loss is still high.

Why it matters
    Weights that get no gradient do not move. The first layers stay random and all others have to work with that.

Example
    gradient norm 2.1 → 4.4e-05 while the training loss is still 2.30 (start 2.31)

What to do
    Use ReLU-like activations with He initialisation, normalisation layers or residual connections.

False alarms
    Frozen layers have a gradient of 0 from the first point to the last and are left out. A gradient that fades because
    the training loss is near its floor of 0 is the end of learning.

References
    Glorot & Bengio 2010, Understanding the difficulty of training deep feedforward neural networks, section 4.
    DeepDiagnosis (ICSE'22), AutoTrainer (ICSE'21): the ratio of 1e-3. Goodfellow, Bengio & Courville 2016, section 8.2.5.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlcheck.model import Action, Finding, Run, Scalar, Severity, Skip
from mlcheck.stats.gradients import first_to_last, layer_norms, levels
from mlcheck.stats.objective import ANY, Objective
from mlcheck.stats.shape import shape

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE = "DIA501"
NAME = "gradient-vanishing"
SEVERITY: Severity = "error"
CAUSE = "optimization"
NEEDS = ()
OBJECTIVES: tuple[Objective, ...] = ANY


def check(
    run: Run,
    *,
    ratio: float = 1e-3,
    tiny: float = 1e-6,
    faded: float = 1e-4,
    high: float = 0.5,
    most: float = 0.6,
    points: int = 5,
) -> Iterator[Finding | Skip]:
    """Yield a finding where first/last layer is under `ratio` at `most` (share, 0..1) of the points, at least `points`.

    With the global norm: where its last third is under `tiny` (absolute) or `faded` (share of its start) and the
    training loss ends above `high` (share, 0..1) of its start.
    """
    layers = layer_norms(run)
    if len(layers) < 2 and run.grad_norm is None:
        yield Skip(code=CODE, reason="no gradient norms in this log")
        return
    ratios = first_to_last(layers)
    if len(ratios) >= points and float((ratios < ratio).mean()) >= most:
        typical = float(np.median(ratios))
        names = (layers[0].name, layers[-1].name)
        yield _finding(
            f"gradient norm of {names[0]} is {typical:.2g} times that of {names[1]} (median of {len(ratios)} points)",
            {"ratio": typical, "first": names[0], "last": names[1], "points": len(ratios)},
        )
        return
    yield from _global(run, tiny, faded, high, points)


def _global(run: Run, tiny: float, faded: float, high: float, points: int) -> Iterator[Finding]:
    loss = shape(run.train_loss) if run.train_loss is not None else None
    if run.grad_norm is None or loss is None or min(len(run.grad_norm), loss.n) < points:
        return
    start, end = levels(run.grad_norm.value)
    is_high = loss.first > 0 and loss.last > high * loss.first
    if not is_high or not (end < tiny or end < faded * start):
        return
    yield _finding(
        f"gradient norm {start:.2g} → {end:.2g} while the training loss is still {loss.last:.4g} (start {loss.first:.4g})",
        {"start": start, "end": end, "train_first": loss.first, "train_last": loss.last},
    )


def _finding(message: str, evidence: dict[str, Scalar]) -> Finding:
    return Finding(
        code=CODE,
        name=NAME,
        severity=SEVERITY,
        message=message,
        evidence=evidence,
        actions=(
            Action(
                name="fix-init",
                why="He initialisation with ReLU, normalisation layers or residual connections",
            ),
            Action(name="change-optimizer", why="Adam scales each layer's step by itself"),
        ),
    )
