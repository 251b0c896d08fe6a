"""Much of the run was spent with a learning rate near zero, or warming up.

What it finds
    The learning rate falls to 1 % of its peak before 80 % of the run is over, and the training loss hardly moves after that.
    Or it rises until the very end: the warmup never ends.

Why it matters
    Steps with next to no learning rate cost as much as others and change nothing. A schedule made for another number of
    steps leaves the model short of what it could reach.

Example
    learning rate falls to 1 % of its peak (0.001) at step 1200 of 4000: 70 % of the run changes nothing

What to do
    Fit the schedule to the length of the run: decay to zero at the last step, warm up over the first few percent.

False alarms
    A deliberate cooldown in the last fifth, a schedule that restarts, a reduction after a plateau while the loss still
    falls: all stay silent. A short range test of learning rates rises to its end on purpose.

References
    Google's Deep Learning Tuning Playbook, on learning rate schedules. Hoffmann et al. 2022, Training compute-optimal large
    language models, appendix B (cosine length).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlcheck.model import Action, Finding, Floats, Run, Severity, Skip
from mlcheck.rules.diagnose.facts import percent, unit
from mlcheck.stats.shape import shape

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE = "DIA111"
NAME = "learning-rate-schedule-wasted"
SEVERITY: Severity = "warning"
CAUSE = "optimization"
NEEDS = ("lr",)


def check(
    run: Run, *, low: float = 0.01, before: float = 0.8, fall: float = 0.02, points: int = 10
) -> Iterator[Finding | Skip]:
    """Yield a finding where the learning rate is spent early or never stops rising.

    `low`: learning rate as a share of its peak. `before`: share of the run. `fall`: fall of the training loss after that,
    as a share of its drop, which shows that the steps were not wasted. `points`: fewest learning rates.
    """
    assert run.lr is not None  # noqa: S101  (NEEDS)
    good = np.isfinite(run.lr.value)
    step, rate = run.lr.step[good], run.lr.value[good]
    if len(rate) < points or rate.max() <= 0 or step[-1] <= step[0]:
        yield Skip(code=CODE, reason=f"fewer than {points} learning rates above zero")
        return
    told, evidence = _spent(run, step, rate, low, before, fall) or _rising(run, step, rate) or ("", {})
    if told:
        yield Finding(
            code=CODE,
            name=NAME,
            severity=SEVERITY,
            message=told,
            evidence=evidence,
            actions=(
                Action(
                    name="schedule-lr",
                    why="fit the schedule to the length of the run: a short warmup, zero at the last step",
                ),
            ),
        )


def _spent(
    run: Run, step: Floats, rate: Floats, low: float, before: float, fall: float
) -> tuple[str, dict[str, float]] | None:
    peak = float(rate.max())
    up = np.flatnonzero(rate > low * peak)
    last_up = int(up[-1])
    if last_up == len(rate) - 1:
        return None
    at = float(step[last_up + 1])
    share = (at - step[0]) / (step[-1] - step[0])
    if share >= before or _falls_after(run, at, fall):
        return None
    name = unit(run.lr) if run.lr is not None else "step"
    told = f"learning rate is under {percent(low)} of its peak ({peak:.3g}) from {name} {at:g} of {step[-1]:g} on: {percent(1 - share)} of the run"
    return told, {"peak": peak, "step": at, "wasted_share": 1 - share}


def _falls_after(run: Run, at: float, fall: float) -> bool:
    s = shape(run.train_loss) if run.train_loss is not None else None
    if s is None or not (s.step > at).any():
        return False
    then = float(s.course[int(np.searchsorted(s.step, at))])
    return then - s.last > max(fall * s.drop, 3 * s.level_noise)


def _rising(run: Run, step: Floats, rate: Floats) -> tuple[str, dict[str, float]] | None:
    """From first to last the rate never falls, doubles, and still rises in the last tenth."""
    tenth = max(2, len(rate) // 10)
    if (np.diff(rate) < 0).any() or rate[-1] < 2 * rate[0] or rate[-1] <= rate[-tenth]:
        return None
    name = unit(run.lr) if run.lr is not None else "step"
    told = f"learning rate still rises at the last {name} ({step[-1]:g}): {rate[0]:.3g} → {rate[-1]:.3g}, the warmup never ends"
    return told, {"first": float(rate[0]), "last": float(rate[-1])}
