"""The best validation loss was passed well before the end.

What it finds
    The lowest point of the validation loss (its course, and the value logged there), if the end lies above it by more
    than noise: which step to keep, and what keeping the last one would cost.

Why it matters
    Who keeps the last weights throws away a better model that the run has already paid for.

Example
    best validation loss 1.13 at epoch 11 of 40; the end is 0.71 worse

What to do
    Save a checkpoint whenever the validation loss is lowest, and use that one; or stop early.

False alarms
    A rise within the noise stays silent, and so does a best point in the last tenth of the run. Where another metric
    decides which model is kept, take its best point instead (DIA404).

References
    Prechelt 1998, Early Stopping - But When?, section 2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlcheck.model import Action, Finding, Run, Severity
from mlcheck.stats.shape import shape

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE = "DIA304"
NAME = "best-checkpoint-passed"
SEVERITY: Severity = "note"
CAUSE = "overfit"
NEEDS = ("val_loss",)


def check(
    run: Run, *, before: float = 0.9, rise: float = 0.01, noises: float = 3.0, points: int = 5
) -> Iterator[Finding]:
    """Yield a finding where the best point lies in the first `before` (share, 0..1) of the run and the end above it.

    Above: by `noises` standard deviations of the difference and by `rise` (share of the best). At least `points`.
    """
    assert run.val_loss is not None  # noqa: S101  (NEEDS)
    val = shape(run.val_loss)
    if val is None or val.n < points or val.best_at + 1 > before * val.n or val.best_step >= val.step[-1]:
        return
    if val.rise <= max(noises * val.level_noise, rise * abs(val.best)):
        return
    unit = "epoch" if run.val_loss.step_unit == "epoch" else "step"
    yield Finding(
        code=CODE,
        name=NAME,
        severity=SEVERITY,
        message=f"best validation loss {val.best:.4g} at {unit} {val.best_step:g} of {val.step[-1]:g}; the end is {val.rise:.3g} worse",
        evidence={
            "best_step": val.best_step, "best": val.best, "last_step": float(val.step[-1]), "last": val.last,
            "cost": val.rise, "noise": val.noise,
        },
        actions=(Action(name="early-stop", why=f"keep the checkpoint of {unit} {val.best_step:g}"),),
    )  # fmt: skip
