"""A loss became NaN or infinite.

What it finds
    The first NaN or infinity that was logged in a training or validation loss. A blank cell of a sparse log is none.
    A single one from which the loss recovers, as mixed precision skips a step, is told as a warning.

Why it matters
    Once a weight is NaN nothing is learned any more: all that follows is wasted.

Example
    train loss became nan at step 1200; before it: 0.8 → 35, learning rate 0.1

What to do
    Lower the learning rate (3 to 10 times) or add warmup, clip the gradients, look for bad inputs (NaN, log of 0,
    division by 0), and use bfloat16 or loss scaling in mixed precision.

False alarms
    Columns that are empty at steps where they are not evaluated; steps skipped by a loss scaler.

References
    Goodfellow, Bengio & Courville 2016, Deep Learning, section 10.11.1 (clipping); Micikevicius et al. 2018, Mixed
    precision training, section 3.2 (loss scaling).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlcheck.model import Action, Finding, Run, Series, Severity
from mlcheck.stats.objective import ANY, Objective
from mlcheck.stats.shape import at_steps

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE = "DIA101"
NAME = "loss-not-finite"
SEVERITY: Severity = "error"
CAUSE = "optimization"
NEEDS = ()
OBJECTIVES: tuple[Objective, ...] = ANY


def check(run: Run, *, recovered: float = 0.05) -> Iterator[Finding]:
    """Yield a finding for each loss with values that are not finite.

    Where at most `recovered` (share of the points, 0..1) are not finite and the last value is, it is a warning.
    """
    for series in (run.train_loss, run.val_loss):
        if series is None or not len(series) or np.isfinite(series.value).all():
            continue
        bad = ~np.isfinite(series.value)
        mild = bool(bad.mean() <= recovered) and not bad[-1]
        yield _finding(run, series, int(np.argmax(bad)), int(bad.sum()), "warning" if mild else SEVERITY)


def _finding(run: Run, series: Series, at: int, count: int, severity: Severity) -> Finding:
    before = series.value[max(0, at - 5) : at]
    kind = "nan" if np.isnan(series.value[at]) else "infinite"
    unit = "epoch" if series.step_unit == "epoch" else "step"
    told = f"; before it: {before[0]:.4g} → {before[-1]:.4g}" if len(before) else "; it never had a value"
    rate = at_steps(run.lr, series.step[at : at + 1])[0] if run.lr is not None else float("nan")
    told += f", learning rate {rate:.3g}" if np.isfinite(rate) else ""
    return Finding(
        code=CODE,
        name=NAME,
        severity=severity,
        message=f"{'training' if series.role.split == 'train' else 'validation'} loss became {kind} at {unit} {series.step[at]:g}{told}",
        evidence={
            "step": float(series.step[at]),
            "count": count,
            "points": len(series),
            "lr": float(rate) if np.isfinite(rate) else None,
        },
        actions=(
            Action(name="lower-lr", why="divide the learning rate by 3 to 10, or add warmup"),
            Action(name="clip-gradients", why="clip the gradient norm at 1"),
            Action(name="fix-bug", why="look for bad inputs: NaN, log of 0, division by 0"),
        ),
    )
