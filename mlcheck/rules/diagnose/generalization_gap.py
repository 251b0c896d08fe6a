"""The validation loss ends far above the training loss, and the gap opened during training.

What it finds
    The gap between both losses at the end (medians of the last points) whose interval lies above 0 given the noise of
    both series (and, with --val-size, the sampling error of the validation set) and which is a large share of all that
    the training loss gained. It is an error where the training loss really fell, the gap was not there at the start,
    and the validation loss has stopped falling; else a warning.

Why it matters
    What the training loss gained below the validation loss was learned by heart: it holds for the training set only.

Example
    gap 1.22 (0.97 to 1.47) at epoch 40: train 0.021, validation 1.24; 61 % of what the training loss gained

What to do
    Regularise (weight decay, dropout, augmentation), get more data, or take a smaller model.

False alarms
    A gap is normal; only its size against the gain counts. Dropout and augmentation raise the training loss and hide
    some of it. Weights averaged over time (EMA) at evaluation make the validation loss trail far behind: one that falls
    to the end and closes the gap, or hardly slows down, stays silent. A gap from the very first evaluation on is one of
    measuring (DIA405) or of a training set that is too easy, and never more than a warning. Of several named
    evaluation sets only the first is judged.

References
    Goodfellow, Bengio & Courville 2016, Deep Learning, section 5.2. Bottou & Bousquet 2008, The tradeoffs of large
    scale learning, section 2 (estimation error).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlcheck.model import Action, Finding, Run, Severity
from mlcheck.stats.chance import uniform_loss
from mlcheck.stats.gap import Gap, Pair, closing, end_gap, paired, start_level, trails

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE = "DIA302"
NAME = "generalization-gap"
SEVERITY: Severity = "error"
CAUSE = "overfit"
NEEDS = ("train_loss", "val_loss")


def check(
    run: Run,
    *,
    share: float = 0.2,
    large: float = 0.5,
    learned: float = 0.1,
    learned_much: float = 0.25,
    points: int = 5,
    classes: int | None = None,
    val_size: int | None = None,
    level: float = 0.95,
) -> Iterator[Finding]:
    """Yield a finding where the gap is at least `share` of the training gain (0..1), an error from `large` on.

    The gain is what lies between the start (ln K where `classes` is given) and the end of the training loss; it must
    be `learned` (share of the start, 0..1), for an error `learned_much`. Both losses need `points`. The limits are
    shares of what the run itself did, for a loss has no scale; `large` is where half of the gain did not carry over.
    """
    assert run.val_loss is not None and run.train_loss is not None  # noqa: PT018, S101  (NEEDS)
    pair = paired(run.train_loss, run.val_loss)
    if pair is None or pair.n < points or pair.train_shape.n < points:
        return
    gap = end_gap(pair, level=level, val_size=val_size)
    start = start_level(pair, uniform_loss(classes) if classes else None)
    gain = start - float(pair.train[-1])
    if gap.low <= 0 or gain <= max(3 * pair.noise, learned * abs(start)) or gap.value < share * gain:
        return
    if _is_lag(pair):
        return
    has_opened = gap.opened > max(3 * gap.sd, 0.5 * gap.value)
    is_large = gap.value >= large * gain and gain >= learned_much * abs(start)
    severity: Severity = "error" if is_large and has_opened and not _is_falling(pair) else "warning"
    unit = "epoch" if run.val_loss.step_unit == "epoch" else "step"
    yield _finding(pair, gap, gain, severity, unit, "" if has_opened else ", there from the start")


def _is_lag(pair: Pair) -> bool:
    """Whether the validation loss falls to its end, without slowing down or catching up with the training loss."""
    return trails(pair) or (pair.val_shape.tail.high < 0 and closing(pair) < -2)


def _is_falling(pair: Pair) -> bool:
    """Whether the last third of the validation loss still brings a tenth of its fall: then more training may help."""
    val = pair.val_shape
    fall = -val.tail.value * max(4, pair.n // 3)
    return val.tail_z < -2 and fall > 0.1 * val.drop > 0


def _finding(pair: Pair, gap: Gap, gain: float, severity: Severity, unit: str, since: str) -> Finding:
    train, val, end = float(pair.train[-1]), pair.val_shape.last, pair.val_shape.step[-1]
    return Finding(
        code=CODE,
        name=NAME,
        severity=severity,
        message=(
            f"gap {gap.value:.3g} ({gap.low:.3g} to {gap.high:.3g}) at {unit} {end:g}: train {train:.4g}, "
            f"validation {val:.4g}; {100 * gap.value / gain:.0f} % of what the training loss gained{since}"
        ),
        evidence={
            "gap": gap.value, "low": gap.low, "high": gap.high, "early_gap": gap.early, "share": gap.value / gain,
            "train": train, "val": val,
        },
        actions=(
            Action(name="add-regularization", why="weight decay, dropout or augmentation"),
            Action(name="more-data", why="more training examples"),
        ),
    )  # fmt: skip
