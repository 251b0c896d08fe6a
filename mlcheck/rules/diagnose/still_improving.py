"""The run was stopped while the loss was still falling.

What it finds
    The loss (of the validation set where it is logged) falls in its last third beyond doubt, and an exponential through its
    last half says that as many steps again would gain more than 1 % of all it has gained. It is an error only where the
    least that is expected exceeds 10 % and the fall hardly slows down; else a warning.

Why it matters
    What longer training would give is the cheapest gain there is, and a comparison of two models that were both stopped
    early ranks their speed, not their quality.

Example
    validation loss still falls at step 5000: 0.011 over the last sixth; as many steps again would gain 0.06 (6 to 14 %
    of the drop so far)

What to do
    Train longer (with a schedule stretched to the new length), or raise the learning rate so that the same length
    suffices.

False alarms
    A learning rate that has decayed to nearly nothing ends the improvement whatever the slope says: such a run stays
    silent where the rate is logged. Where it is not, a decay at the end steepens the fall and looks like this: a
    warning. A training loss that falls while the validation loss does not is overfitting.

References
    Theil 1950; Sen 1968. Google's Deep Learning Tuning Playbook, on choosing the number of steps. Hoffmann et al. 2022,
    Training compute-optimal large language models (the schedule must fit the length).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlcheck.model import Action, Finding, Run, Series, Severity, Skip
from mlcheck.rules.diagnose.facts import loss_name, percent, rate_left, unit
from mlcheck.stats.extrapolate import Outlook, outlook
from mlcheck.stats.shape import Shape, shape

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE = "DIA107"
NAME = "still-improving"
SEVERITY: Severity = "error"
CAUSE = "optimization"
NEEDS = ()


def check(
    run: Run,
    *,
    gain: float = 0.01,
    much: float = 0.1,
    steady: float = 0.7,
    decayed: float = 0.1,
    points: int = 12,
    level: float = 0.95,
) -> Iterator[Finding | Skip]:
    """Yield a finding where as many steps again would gain more than `gain` of the drop so far (share, 0..1).

    An error where the lower bound exceeds `much` of it and `gain` of the first loss, and a sixth of the run brings at least `steady` times what the one
    before brought. `decayed`: last learning rate as a share of its peak under which the run is finished. `points`: fewest.
    """
    series = next(
        (s for s in (run.val_loss, run.train_loss) if s is not None and (f := shape(s)) and f.n >= points),
        None,
    )
    s = shape(series) if series is not None else None
    ahead = outlook(s.value, level=level) if s is not None else None
    if series is None or s is None or ahead is None:
        yield Skip(code=CODE, reason=f"fewer than {points} finite values of a loss")
        return
    left = rate_left(run)
    if (
        not ahead.is_falling
        or s.tail_z > -1.96
        or s.drop <= 0
        or (left is not None and left < decayed)
        or _rises(run, series)
    ):
        return
    share = ahead.gain / s.drop
    if share < gain:
        return
    is_error = (
        ahead.low > max(much * s.drop, gain * abs(s.first))
        and ahead.ratio >= steady
        and (left is not None or s.n >= 20)
    )
    yield _finding(series, s, ahead, SEVERITY if is_error else "warning")


def _rises(run: Run, series: Series) -> bool:
    """Whether the validation loss has risen from its best though the training loss, being longer, is the one judged."""
    val = shape(run.val_loss) if run.val_loss is not None and series is not run.val_loss else None
    return val is not None and val.n > 3 and val.rise > 3 * val.level_noise


def _finding(series: Series, s: Shape, ahead: Outlook, severity: Severity) -> Finding:
    low, high, share = (min(1.0, x / s.drop) for x in (ahead.low, ahead.high, ahead.gain))
    name = "epochs" if unit(series) == "epoch" else "steps"
    return Finding(
        code=CODE,
        name=NAME,
        severity=severity,
        message=(
            f"{loss_name(series)} still falls at {unit(series)} {s.step[-1]:g}: by {ahead.recent:.2g} over the last sixth; "
            f"as many {name} again would gain {ahead.gain:.2g}, {_compared(low, high)} what it has gained so far"
        ),
        evidence={
            "slope": s.tail.value, "low": s.tail.low, "high": s.tail.high, "gain": ahead.gain, "gain_share": share,
            "gain_share_low": low, "gain_share_high": high, "ratio": ahead.ratio, "noise": s.noise,
        },
        actions=(
            Action(name="train-longer", why=f"train 2 to 4 times as many {name}", expected_gain=round(share, 3)),
            Action(name="raise-lr", why="raise the learning rate 3 times, so that the same length suffices"),
        ),
    )  # fmt: skip


def _compared(low: float, high: float) -> str:
    """Tell shares of what was gained so far; over the whole of it, that is all that can be said."""
    if low >= 1.0:
        return "at least as much as"
    least, most = percent(low), percent(high)
    return f"{least} of" if least == most else f"{least} to {most} of"
