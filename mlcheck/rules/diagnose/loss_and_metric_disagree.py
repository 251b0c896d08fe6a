"""The validation loss and the validation metric tell opposite stories.

What it finds
    From the best validation loss on the loss worsens by more than its noise while the metric improves by more than
    its own; or from the best metric on the metric worsens while the loss improves.

Why it matters
    The point to keep depends on which of the two you care for. A rising loss with a rising accuracy is a network that
    grows overconfident: its decisions get better, its probabilities worse.

Example
    since epoch 11 validation loss 0.41 → 0.62 (worse), accuracy 0.861 → 0.884 (better)

What to do
    Choose the checkpoint by the quantity that matters in use. If probabilities matter, calibrate them (temperature
    scaling) or stop at the lowest loss.

False alarms
    Movements within the noise of either series stay silent.

References
    Guo et al. 2017, On calibration of modern neural networks, section 3. Prechelt 1998, Early Stopping - But When?
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from mlcheck.model import Action, Finding, Run, Series, Severity, Skip
from mlcheck.stats.intervals import binomial_sd
from mlcheck.stats.noise import smooth
from mlcheck.stats.shape import Shape, at_steps, shape

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE = "DIA404"
NAME = "loss-and-metric-disagree"
SEVERITY: Severity = "note"
CAUSE = None
NEEDS = ("val_loss",)


def check(
    run: Run, *, noises: float = 3.0, move: float = 0.02, points: int = 6, val_size: int | None = None
) -> Iterator[Finding | Skip]:
    """Yield a finding where both move apart by `noises` standard deviations and by `move` of their level (share, 0..1).

    Levels: that of the loss at its best; of the metric at that step. At least `points` of each. What improves
    must have kept more than half of its gain to the end. An accuracy must move by 0.01 too and, with `val_size`
    (examples), by `noises` times its binomial standard deviation.
    """
    assert run.val_loss is not None  # noqa: S101  (NEEDS)
    metric = run.metric("validation")
    if metric is None:
        yield Skip(code=CODE, reason="no validation metric in this log")
        return
    loss, other = shape(run.val_loss), shape(_as_loss(metric))
    if loss is None or other is None or min(loss.n, other.n) < points:
        return
    least = _least_move(metric, noises, val_size)
    for turned, moved, is_loss in ((loss, other, True), (other, loss, False)):
        since = _at(moved, turned.best_step)
        gained = since - moved.last
        if turned.rise <= max(
            noises * turned.level_noise, move * abs(turned.best), 0.0 if is_loss else least
        ):
            continue
        if gained <= max(
            noises * moved.level_noise, move * abs(since), least if is_loss else 0.0, moved.rise
        ):
            continue
        yield _finding(run, metric, turned.best_step, is_loss=is_loss)
        return


def _least_move(metric: Series, noises: float, val_size: int | None) -> float:
    """Return what an accuracy must move by to say anything, in its own unit (a share or per cent); else 0."""
    if metric.role.measure != "accuracy" or not len(metric):
        return 0.0
    unit = 100.0 if np.nanmax(metric.value) > 1.5 else 1.0
    sampling = noises * binomial_sd(float(np.nanmedian(metric.value)) / unit, val_size) if val_size else 0.0
    return unit * max(0.01, sampling)


def _as_loss(metric: Series) -> Series:
    """Turn a metric of which higher is better upside down, so that lower is better."""
    return metric if metric.role.better == "lower" else dataclasses.replace(metric, value=-metric.value)


def _at(found: Shape, step: float) -> float:
    """Return the course at the point nearest to a step."""
    return float(found.course[int(abs(found.step - step).argmin())])


def _finding(run: Run, metric: Series, since: float, *, is_loss: bool) -> Finding:
    assert run.val_loss is not None  # noqa: S101  (NEEDS)
    unit = "epoch" if run.val_loss.step_unit == "epoch" else "step"
    ends: list[tuple[float, float]] = []
    for series in (run.val_loss, metric):
        found = dataclasses.replace(series, value=smooth(series.value))
        ends.append(
            (
                float(at_steps(found, series.step[abs(series.step - since).argmin()][None])[0]),
                float(found.value[-1]),
            )
        )
    (loss_then, loss_now), (metric_then, metric_now) = ends
    words = ("worse", "better") if is_loss else ("better", "worse")
    return Finding(
        code=CODE,
        name=NAME,
        severity=SEVERITY,
        message=(
            f"since {unit} {since:g} validation loss {loss_then:.4g} → {loss_now:.4g} ({words[0]}), "
            f"{metric.role.measure} {metric_then:.4g} → {metric_now:.4g} ({words[1]})"
        ),
        evidence={
            "since": since, "loss_then": loss_then, "loss_now": loss_now, "metric": metric.role.name,
            "metric_then": metric_then, "metric_now": metric_now,
        },
        actions=(
            Action(name="calibrate", why="if probabilities are used, calibrate them or stop at the lowest loss"),
            Action(name="early-stop", why="choose the checkpoint by the quantity that matters in use"),
        ),
    )  # fmt: skip
