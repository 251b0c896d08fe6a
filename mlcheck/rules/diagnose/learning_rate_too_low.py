"""The loss creeps down in a straight line: the steps are too small.

What it finds
    The loss falls beyond doubt (Mann-Kendall, corrected for autocorrelation), by little of its level, and hardly slows
    down: the second half of the learning rates spent brings at least 60 % of what the first half brought. Where the
    learning rate is logged it is its running sum against which the fall is straight, so that a decaying rate is no
    excuse for slowing down. The validation loss is used where it is logged, for it is the smoother of the two.

Why it matters
    In a straight line the run would need many times its length to arrive. A learning rate 10 times higher gets there in
    this one.

Example
    validation loss 1.609 → 1.596 in a nearly straight line (second half 120 % of the first), learning rate 1.1e-05

What to do
    Multiply the learning rate by 10, and again while the fall grows; Adam with its default rate is a good second try.

False alarms
    A log that ends during warmup, a run from a trained model (its settings say so), and a short one: all stay silent. A
    plateau that is left late (grokking, a saddle) also falls faster towards the end; there raising the rate is worth a
    try all the same.

References
    Google's Deep Learning Tuning Playbook. Schoop et al. 2021, UMLAUT (CHI). Wardat et al. 2022, DeepDiagnosis (ICSE), slow
    convergence. Hamed & Rao 1998.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlcheck.model import Action, Finding, Floats, Run, Series, Severity, Skip
from mlcheck.rules.diagnose.facts import is_pretrained, loss_name, percent, rate_text, unit
from mlcheck.stats.extrapolate import straightness
from mlcheck.stats.shape import Shape, at_steps, shape
from mlcheck.stats.trend import mann_kendall

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE = "DIA106"
NAME = "learning-rate-too-low"
SEVERITY: Severity = "error"
CAUSE = "optimization"
NEEDS = ("train_loss",)


def check(
    run: Run,
    *,
    straight: float = 0.6,
    small: float = 0.15,
    noises: float = 4.0,
    certain: float = 3.0,
    points: int = 8,
) -> Iterator[Finding | Skip]:
    """Yield a finding where the loss falls in a nearly straight line and by little.

    `straight`: fall in the second half as a share of that in the first. `small`: fall as a share of the start.
    `noises`: standard deviations of the level that the fall must exceed. `certain`: -z of the trend. `points`: fewest.
    """
    series = _smoother(run, points)
    s = shape(series) if series is not None else None
    if series is None or s is None:
        yield Skip(code=CODE, reason=f"fewer than {points} finite values of a loss")
        return
    fall = float(s.course[0]) - s.last
    if not noises * s.level_noise < fall < small * abs(s.first) or is_pretrained(run):
        return
    spent = _spent(run, s)
    if spent is None:
        return
    share = straightness(s.value, spent)
    z = mann_kendall(s.value)[0]
    if share < straight or z > -certain:
        return
    yield _finding(run, series, s, share, z)


def _smoother(run: Run, points: int) -> Series | None:
    """Return the loss with the least noise against its fall, of those with enough points."""
    found = [
        (s.noise / max(float(s.course[0]) - s.last, 1e-12), i, series)
        for i, series in enumerate((run.val_loss, run.train_loss))
        if series is not None and (s := shape(series)) is not None and s.n >= points
    ]
    return min(found)[2] if found else None


def _spent(run: Run, s: Shape) -> Floats | None:
    """Return the sum of learning rates up to each point, the points' own count where it is not logged; None in warmup."""
    count = np.arange(s.n, dtype=np.float64)
    if run.lr is None or not np.isfinite(run.lr.value).any():
        return count
    rate = at_steps(run.lr, s.step)
    rate = np.where(np.isfinite(rate), rate, np.nanmedian(run.lr.value))
    if rate[-1] >= rate.max() and rate[-1] > 1.05 * rate[-max(2, s.n // 3)]:
        return None
    return np.cumsum(rate) if (rate > 0).all() else count


def _finding(run: Run, series: Series, s: Shape, share: float, z: float) -> Finding:
    fall = float(s.course[0]) - s.last
    return Finding(
        code=CODE,
        name=NAME,
        severity=SEVERITY,
        message=(
            f"{loss_name(series)} {s.first:.4g} → {s.last:.4g} at {unit(series)} {s.step[-1]:g}, in a nearly straight "
            f"line (second half {percent(share)} of the first){rate_text(run)}"
        ),
        evidence={
            "first": s.first,
            "last": s.last,
            "fall_share": fall / abs(s.first),
            "straightness": share,
            "z": z,
            "noise": s.noise,
        },
        actions=(
            Action(name="raise-lr", why="raise the learning rate 10 times"),
            Action(name="change-optimizer", why="try Adam with a default learning rate"),
            Action(name="train-longer", why="train 4 times longer if the learning rate cannot be raised"),
        ),
    )
