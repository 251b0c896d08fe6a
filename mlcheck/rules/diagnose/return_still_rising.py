"""The run was stopped while the return of the agent was still rising.

What it finds
    The return rises in its last third beyond doubt, and an exponential through its last half says that as many steps
    again would gain a good part of all it has gained. It is an error only where even the least that is expected exceeds a
    tenth and the rise hardly slows down; else a warning.

Why it matters
    What longer training would give is the cheapest gain there is, and two algorithms that were both stopped early are
    ranked by their speed.

Example
    return still rises at step 1e+06: by 310 over the last sixth; as many steps again would gain 1200, 14 to 31 % of what
    it has gained so far

What to do
    Train longer.

False alarms
    The return may be bounded (500 in CartPole): near its bound the rise ends whatever the slope says. A return that wanders
    is told by its earlier falls and stays silent.

References
    Sen 1968. Agarwal et al. 2021, Deep reinforcement learning at the edge of the statistical precipice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlcheck.model import Action, Finding, Run, Severity, Skip
from mlcheck.rules.diagnose.facts import percent, unit
from mlcheck.stats.extrapolate import outlook
from mlcheck.stats.objective import Objective, course_of_return, largest_setback, returns

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlcheck.stats.shape import Shape

CODE = "DIA603"
NAME = "return-still-rising"
SEVERITY: Severity = "error"
CAUSE = "optimization"
NEEDS = ("return",)
OBJECTIVES: tuple[Objective, ...] = ("return",)


def check(
    run: Run,
    *,
    points: int = 20,
    gain: float = 0.05,
    much: float = 0.1,
    steady: float = 0.7,
    setbacks: float = 2.0,
    level: float = 0.95,
) -> Iterator[Finding | Skip]:
    """Yield a finding where as many steps again would gain more than `gain` of the rise so far (share, 0..1).

    An error where the lower bound exceeds `much` of it and a sixth of the run brings at least `steady` times what the one before
    brought. `points`: fewest finite returns. `setbacks`: how many times the largest fall before it the last third must climb: a
    return wanders, and one that comes back from a fall rises as steeply as one that learns.
    """
    series, s = returns(run), course_of_return(run)
    ahead = outlook(s.value, level=level) if s is not None and s.n >= points else None
    if series is None or s is None or ahead is None:
        yield Skip(code=CODE, reason=f"fewer than {points} finite returns")
        return
    if not ahead.is_falling or s.tail_z > -1.96 or ahead.gain < gain * s.drop or not _climbs(s, setbacks):
        return
    low, high = (min(1.0, x / s.drop) for x in (ahead.low, ahead.high))
    is_error = low > much and ahead.ratio >= steady
    name = "epochs" if unit(series) == "epoch" else "steps"
    yield Finding(
        code=CODE,
        name=NAME,
        severity=SEVERITY if is_error else "warning",
        message=(
            f"return still rises at {unit(series)} {s.step[-1]:g}: by {ahead.recent:.3g} over the last sixth; as many {name} again "
            f"would gain {ahead.gain:.3g}, {percent(low)} to {percent(high)} of what it has gained so far"
        ),
        evidence={"gain": ahead.gain, "gain_share_low": low, "gain_share_high": high, "ratio": ahead.ratio, "noise": s.noise},
        actions=(Action(name="train-longer", why=f"train 2 to 4 times as many {name}"),),
    )  # fmt: skip


def _climbs(s: Shape, setbacks: float) -> bool:
    """Whether the last third rises above all before, and by more than `setbacks` times the largest earlier fall."""
    before, after = np.split(s.course, [max(1, 2 * s.n // 3)])
    climb = float(before[-1] - after[-1])
    return (
        climb > setbacks * largest_setback(before) and float(after[-1]) < float(before.min()) - s.level_noise
    )
