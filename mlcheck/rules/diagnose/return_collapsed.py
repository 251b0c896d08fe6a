"""The return of the agent has fallen back from what it had reached.

What it finds
    The level of the return at the end lies below its best by at least half of all it had gained, or below where it
    began, beyond its noise.

Why it matters
    The policy that is left is worse than one that training had already found. Updates that are too large for the data
    behind them destroy a policy, and the data that it then collects does not bring it back.

Example
    return 918 at step 1.2e+06 → 214 at step 3e+06 (noise ±55): 77 % of what had been gained is lost

What to do
    Keep the checkpoint of the best evaluation. Then lower the learning rate or let it decay, clip the update (PPO's clip
    range, a target KL), take larger batches, normalise advantages and observations.

False alarms
    An environment that gets harder on purpose (a curriculum, self-play), and a schedule of exploration that is raised
    again.

References
    Schulman et al. 2017, Proximal policy optimization. Dohare et al. 2024, Loss of plasticity in deep continual learning.
    Henderson et al. 2018, Deep reinforcement learning that matters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlcheck.model import Action, Finding, Run, Severity, Skip
from mlcheck.rules.diagnose.facts import percent, unit
from mlcheck.stats.objective import Objective, course_of_return, largest_setback, returns
from mlcheck.stats.trend import mann_kendall

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlcheck.stats.shape import Shape

CODE = "DIA602"
NAME = "return-collapsed"
SEVERITY: Severity = "error"
CAUSE = "optimization"
NEEDS = ("return",)
OBJECTIVES: tuple[Objective, ...] = ("return",)


def check(
    run: Run, *, points: int = 12, lost: float = 0.5, noises: float = 4.0, trend: float = 2.5
) -> Iterator[Finding | Skip]:
    """Yield a finding where the end has lost `lost` (share, 0..1) of the gain so far, or lies below the start.

    `points`: fewest finite returns. `noises`: the loss, and the gain before it, in standard deviations of a level. `trend`: z
    of Mann-Kendall (corrected for autocorrelation) behind the best: a return that only wanders turns, too.
    """
    series, s = returns(run), course_of_return(run)
    if series is None or s is None or s.n < points:
        yield Skip(code=CODE, reason=f"fewer than {points} finite returns")
        return
    beyond = noises * s.level_noise
    is_back = s.drop > beyond and s.rise > beyond and s.rise >= lost * s.drop and _turns(s, trend)
    is_below = s.last - s.first > beyond and mann_kendall(s.value)[0] >= trend
    if not is_back and not is_below:
        return
    top, at = (s.best, s.best_step) if is_back else (s.first, float(s.step[0]))
    share = (s.last - top) / s.drop if is_back else None
    told = (
        f": {percent(min(1.0, share))} of what had been gained is lost"
        if share is not None
        else ", below its start"
    )
    yield Finding(
        code=CODE,
        name=NAME,
        severity=SEVERITY,
        message=(
            f"return {-top:.4g} at {unit(series)} {at:g} → {-s.last:.4g} at {unit(series)} {s.step[-1]:g} "
            f"(noise ±{s.noise:.2g}){told}"
        ),
        evidence={"best": -top, "best_step": at, "first": -s.first, "last": -s.last, "lost": share, "noise": s.noise},
        actions=(
            Action(name="early-stop", why=f"keep the policy of {unit(series)} {at:g}, the best on average"),
            Action(name="lower-lr", why="lower the learning rate 3 times or let it decay; clip the policy's update"),
        ),
    )  # fmt: skip


def _turns(s: Shape, trend: float) -> bool:
    """Whether the return rises to its best by more than it wanders on the way, and trends downwards from there."""
    wanders = largest_setback(s.course[: s.best_at + 1])
    return s.drop > 2 * wanders and mann_kendall(s.value[s.best_at :])[0] >= trend
