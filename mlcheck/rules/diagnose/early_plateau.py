"""Both losses stopped falling early and far above the floor.

What it finds
    Both losses are flat over the last half of the run (an equivalence test against 2 % of the first loss, not the absence
    of a significant slope), after a fall, at more than 30 % of where they began, with the learning rate still up.

Why it matters
    The second half of the budget bought nothing. The plateau may be a saddle or a bad basin that another optimizer, a
    learning rate schedule or another initialisation leaves.

Example
    both losses flat since epoch 20 of 40 (changes under 0.011): train 1.37, validation 1.4, 83 % of the first

What to do
    Try Adam with a default rate, a learning rate that decays, or another initialisation. If the plateau stays where it is the
    model is too small or the labels are that noisy (DIA201): a bigger one tells.

False alarms
    A true floor: label noise, or a task no model does better on. The log of one run cannot tell, so this is a warning.

References
    Dauphin et al. 2014, Identifying and attacking the saddle point problem. Schuirmann 1987 (equivalence tests). Goodfellow,
    Bengio & Courville 2016, Deep Learning, section 8.2.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlcheck.model import Action, Finding, Floats, Run, Severity, Skip
from mlcheck.rules.diagnose.facts import percent, rate_left, unit
from mlcheck.stats.extrapolate import change, is_flat
from mlcheck.stats.shape import Shape, shape

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE = "DIA108"
NAME = "early-plateau"
SEVERITY: Severity = "warning"
CAUSE = "optimization"
NEEDS = ("train_loss", "val_loss")


def check(
    run: Run,
    *,
    flat: float = 0.02,
    high: float = 0.3,
    fall: float = 0.05,
    decayed: float = 0.1,
    points: int = 12,
) -> Iterator[Finding | Skip]:
    """Yield a finding where both losses are flat over the last half and high.

    `flat`: largest change over the last half, as a share of the first loss. `high`: level as a share of the first loss.
    `fall`: share of the first loss that must have been gained before. `decayed`: last learning rate as a share of its
    peak under which the flatness is the schedule's. `points`: fewest values of each loss.
    """
    assert run.train_loss is not None  # noqa: S101  (NEEDS)
    assert run.val_loss is not None  # noqa: S101  (NEEDS)
    train, val = shape(run.train_loss), shape(run.val_loss)
    if train is None or val is None or min(train.n, val.n) < points:
        yield Skip(code=CODE, reason=f"fewer than {points} finite values of a loss")
        return
    left, start = rate_left(run), max(train.first, val.first)
    halves = (train.value[train.n // 2 :], val.value[val.n // 2 :])
    if (
        start <= 0
        or (left is not None and left < decayed)
        or not all(is_flat(h, flat * start) for h in halves)
    ):
        return
    share = min(train.last, val.last) / start
    if not high < share < 1 - fall or val.rise > max(3 * val.level_noise, flat * start):
        return
    yield _finding(train, val, unit(run.train_loss), halves, share)


def _finding(train: Shape, val: Shape, name: str, halves: tuple[Floats, Floats], share: float) -> Finding:
    band = max(abs(edge) for h in halves for edge in (change(h).low, change(h).high))
    since = train.step[train.n // 2]
    return Finding(
        code=CODE,
        name=NAME,
        severity=SEVERITY,
        message=(
            f"both losses are flat since {name} {since:g} of {train.step[-1]:g} (changes of at most {band:.2g}): "
            f"train {train.last:.3g}, validation {val.last:.3g}, {percent(share)} of the first"
        ),
        evidence={
            "since": float(since),
            "train": train.last,
            "validation": val.last,
            "share_of_first": share,
            "change": band,
        },
        actions=(
            Action(name="change-optimizer", why="try Adam with a default learning rate"),
            Action(name="schedule-lr", why="let the learning rate decay"),
            Action(name="increase-capacity", why="if the plateau stays, try a bigger model"),
        ),
    )
