"""The return of the agent has not risen over the run.

What it finds
    Neither a trend of the return over the whole run (Mann-Kendall, corrected for autocorrelation) nor a gain of its
    level at the end over that at the start, beyond its noise.

Why it matters
    The losses of reinforcement learning do not say whether the agent learns; the return does. A policy that is no better
    than at the start has learned nothing that counts, however its losses look.

Example
    return -1173 at step 2048 → -1169 at step 30720 (noise ±41): no rise

What to do
    Compare with a random policy: at its level nothing is learned. Then look at the scale of rewards and observations, at
    how episodes end, and at exploration; try the algorithm on a simpler task that it is known to solve.

False alarms
    A task that was solved before the first row, and a policy that was trained before: the return is flat because it is
    at its best. So this is a warning, and the verdict inconclusive.

References
    Henderson et al. 2018, Deep reinforcement learning that matters. Hamed & Rao 1998. SB3's RL tips and tricks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlcheck.model import Action, Finding, Run, Severity, Skip
from mlcheck.rules.diagnose.facts import unit
from mlcheck.stats.objective import Objective, course_of_return, returns
from mlcheck.stats.trend import mann_kendall

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE = "DIA601"
NAME = "return-not-rising"
SEVERITY: Severity = "warning"
CAUSE = "optimization"
NEEDS = ("return",)
OBJECTIVES: tuple[Objective, ...] = ("return",)


def check(run: Run, *, points: int = 20, trend: float = 2.0, noises: float = 3.0) -> Iterator[Finding | Skip]:
    """Yield a finding where the return neither trends upwards nor ends higher than it began.

    `points`: fewest finite returns. `trend`: z of Mann-Kendall that counts as a rise. `noises`: gain of the end's level over
    the start's, in standard deviations of a level, that counts as one.
    """
    series, s = returns(run), course_of_return(run)
    if series is None or s is None or s.n < points:
        yield Skip(code=CODE, reason=f"fewer than {points} finite returns")
        return
    z, _ = mann_kendall(-s.value)
    gain = s.first - s.last
    if z >= trend or gain > noises * s.level_noise or gain < -noises * s.level_noise:
        return
    yield Finding(
        code=CODE,
        name=NAME,
        severity=SEVERITY,
        message=(
            f"return {-s.first:.4g} at {unit(series)} {s.step[0]:g} → {-s.last:.4g} at {unit(series)} {s.step[-1]:g} "
            f"(noise ±{s.noise:.2g}): no rise"
        ),
        evidence={"first": -s.first, "last": -s.last, "noise": s.noise, "trend_z": z, "returns": s.n},
        actions=(
            Action(name="fix-bug", why="compare with a random policy; check the scale of rewards and when episodes end"),
            Action(name="raise-lr", why="raise the learning rate 3 times, or explore more"),
        ),
    )  # fmt: skip
