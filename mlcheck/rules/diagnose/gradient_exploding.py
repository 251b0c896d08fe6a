"""Gradient norms grow without bound.

What it finds
    NaN or infinite gradient norms; a global norm whose last third lies at more than 70 times its early median while the
    loss gains nothing from it; or, with a norm per layer, a first layer at more than 70 times the last at most points.

Why it matters
    Each such step throws the weights far away. What follows is divergence, or a loss that never settles.

Example
    gradient norm 6.97 → 3.2e+04 (4.6e+03 times its early median) and the training loss is not falling

What to do
    Clip the gradient norm (1 is usual), lower the learning rate, add warmup or normalisation, use He initialisation.

False alarms
    Few infinite norms that do not last are steps skipped by a loss scaler. A network that starts on a plateau has tiny
    gradients first: growth while the training loss falls to its best stays silent. Frozen layers are left out. Norms
    logged after clipping never show it.

References
    Pascanu, Mikolov & Bengio 2013, On the difficulty of training recurrent neural networks, section 3.2. DeepDiagnosis
    (ICSE'22), AutoTrainer (ICSE'21): the factor of 70. SageMaker Debugger's rule documentation.
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

CODE = "DIA502"
NAME = "gradient-exploding"
SEVERITY: Severity = "error"
CAUSE = "optimization"
NEEDS = ()
OBJECTIVES: tuple[Objective, ...] = ANY


def check(
    run: Run, *, times: float = 70.0, skipped: float = 0.05, most: float = 0.6, points: int = 5
) -> Iterator[Finding | Skip]:
    """Yield a finding where a norm is not finite, grows by `times`, or first/last layer is above `times` at `most` points.

    Up to `skipped` (share of the points, 0..1) not finite with a finite end is loss scaling. At least `points`.
    """
    layers = layer_norms(run)
    if len(layers) < 2 and run.grad_norm is None:
        yield Skip(code=CODE, reason="no gradient norms in this log")
        return
    found = _not_finite(run, skipped) or _grown(run, times, points)
    if found is None:
        ratios = first_to_last(layers)
        if len(ratios) >= points and float((ratios > times).mean()) >= most:
            typical, first, last = float(np.median(ratios)), layers[0].name, layers[-1].name
            found = _finding(
                f"gradient norm of {first} is {typical:.3g} times that of {last} (median of {len(ratios)} points)",
                {"ratio": typical, "first": first, "last": last, "points": len(ratios)},
            )
    if found is not None:
        yield found


def _not_finite(run: Run, skipped: float) -> Finding | None:
    norm = run.grad_norm
    if norm is None or not len(norm):
        return None
    bad = ~np.isfinite(norm.value)
    if not bad.any() or (bad.mean() <= skipped and not bad[-1]):
        return None
    step = float(norm.step[int(np.argmax(bad))])
    unit = "epoch" if norm.step_unit == "epoch" else "step"
    return _finding(
        f"gradient norm is not finite at {int(bad.sum())} of {len(norm)} points, first at {unit} {step:g}",
        {"step": step, "count": int(bad.sum()), "points": len(norm)},
    )


def _grown(run: Run, times: float, points: int) -> Finding | None:
    if run.grad_norm is None or len(run.grad_norm) < points:
        return None
    start, end = levels(run.grad_norm.value)
    if not 0 < times * start < end:
        return None
    loss = shape(run.train_loss) if run.train_loss is not None else None
    if loss is not None and loss.drop > 0.1 * abs(loss.first) and loss.rise < 0.1 * loss.drop:
        return None
    told = " and the training loss is not falling" if loss is not None else ""
    return _finding(
        f"gradient norm {start:.3g} → {end:.3g} ({end / start:.2g} times its early median){told}",
        {"start": start, "end": end, "times": end / start},
    )


def _finding(message: str, evidence: dict[str, Scalar]) -> Finding:
    return Finding(
        code=CODE,
        name=NAME,
        severity=SEVERITY,
        message=message,
        evidence=evidence,
        actions=(
            Action(name="clip-gradients", why="clip the gradient norm at 1"),
            Action(name="lower-lr", why="divide the learning rate by 3 to 10, or add warmup"),
            Action(name="fix-init", why="He initialisation, normalisation layers"),
        ),
    )
