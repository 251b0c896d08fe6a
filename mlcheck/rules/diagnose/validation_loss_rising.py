"""The validation loss rises for good while the training loss keeps falling.

What it finds
    The course of the validation loss (a running median) ends above its lowest point by more than its own noise and by
    more than `rise` of its level: the generalisation loss GL = E/E_opt - 1 of Prechelt 1998, against a noise band
    instead of a constant alone. The training loss must not rise with it, or the run diverges (DIA102).

Why it matters
    From the lowest point on the network learns what holds for the training set only. Every epoch after it costs time
    and makes the model worse.

Example
    validation loss 1.13 at epoch 11 -> 1.84 at epoch 40 (noise ±0.03), training loss 0.61 -> 0.021

What to do
    Stop at the lowest point (keep that checkpoint), then regularise (weight decay, dropout, augmentation) or get more
    data.

False alarms
    Where the validation metric keeps improving the model is overconfident rather than worse: DIA404 says so. Double
    descent falls again later. A handful of points, or a rise within the noise, stays silent.

References
    Prechelt 1998, Early Stopping - But When?, eq. 3 (GL). Caruana, Lawrence & Giles 2000, Overfitting in neural nets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlcheck.model import Action, Finding, Run, Severity
from mlcheck.stats.shape import shape

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE = "DIA301"
NAME = "validation-loss-rising"
SEVERITY: Severity = "error"
CAUSE = "overfit"
NEEDS = ("train_loss", "val_loss")


def check(run: Run, *, rise: float = 0.04, noises: float = 3.0, points: int = 5) -> Iterator[Finding]:
    """Yield a finding where the validation loss ends `rise` (share of its lowest level, 0..1) above its lowest point.

    The rise must exceed `noises` standard deviations of the difference and span at least `points` validations in all.
    """
    assert run.val_loss is not None  # noqa: S101  (NEEDS)
    assert run.train_loss is not None  # noqa: S101  (NEEDS)
    val, train = shape(run.val_loss), shape(run.train_loss)
    if val is None or train is None or val.n < points or val.best_at >= val.n - 2:
        return
    if val.rise <= max(rise * abs(val.best), noises * val.level_noise) or train.rise > 0.5 * max(
        train.drop, 0.0
    ):
        return
    unit = "epoch" if run.val_loss.step_unit == "epoch" else "step"
    yield Finding(
        code=CODE,
        name=NAME,
        severity=SEVERITY,
        message=(
            f"validation loss {val.best:.4g} at {unit} {val.best_step:g} → {val.last:.4g} at {unit} {val.step[-1]:g} "
            f"(noise ±{val.noise:.2g}), train {train.first:.4g} → {train.last:.4g}"
        ),
        evidence={
            "best_step": val.best_step, "best": val.best, "last": val.last, "rise": val.rise,
            "noise": val.noise, "relative_rise": val.rise / abs(val.best) if val.best else None,
        },
        actions=(
            Action(name="early-stop", why=f"stop at {unit} {val.best_step:g}"),
            Action(name="add-regularization", why="weight decay, dropout or augmentation"),
            Action(name="more-data", why="more training examples"),
        ),
    )  # fmt: skip
