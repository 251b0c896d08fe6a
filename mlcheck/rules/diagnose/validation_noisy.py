"""The validation loss jumps about while the training loss is smooth.

What it finds
    A validation loss (or accuracy) whose noise about its own course is many times that of the training loss and large
    against all that the run gained; with --val-size, an accuracy that moves more than twice as much as the number of
    examples explains.

Why it matters
    The best point of a series that jumps is luck: early stopping, comparisons and schedules that react to it are
    decided by noise.

Example
    validation loss jumps by ±0.21 about its course (train ±0.01), 14 % of all that was gained

What to do
    Use a larger validation set. If it is large: look at batch normalisation (running statistics with too much momentum
    or too small batches), at a learning rate that is too high, and at whether evaluation draws new examples each time.

False alarms
    Training losses averaged over an epoch are smoother than a single evaluation: the limit leaves room for that. A
    single jump is none (the noise is measured robustly).

References
    Gasser, Sroka & Jennen-Steinmetz 1986, Residual variance and residual pattern in nonlinear regression (the noise).
    Google's tuning playbook. AutoTrainer (ICSE'21).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlcheck.model import Action, Finding, Run, Severity
from mlcheck.stats.gap import Pair, paired
from mlcheck.stats.intervals import binomial_sd
from mlcheck.stats.noise import finite, noise_sd

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE = "DIA403"
NAME = "validation-noisy"
SEVERITY: Severity = "warning"
CAUSE = None
NEEDS = ("train_loss", "val_loss")


def check(
    run: Run,
    *,
    times: float = 5.0,
    share: float = 0.08,
    points: int = 12,
    val_size: int | None = None,
) -> Iterator[Finding]:
    """Yield a finding where the validation noise is `times` the training noise and `share` of the gain (0..1).

    The gain is that of the training loss. Both noises are estimated from `points` or more: with 12 the ratio of two
    equal ones exceeds 5 in under 1 % of runs. With `val_size` an accuracy must move by more than twice its binomial sd.
    """
    assert run.val_loss is not None and run.train_loss is not None  # noqa: PT018, S101  (NEEDS)
    pair = paired(run.train_loss, run.val_loss)
    if pair is None or pair.n < points or pair.train_shape.n < points:
        return
    noise, train = pair.val_shape.noise, pair.train_shape.noise
    gain = max(pair.train_shape.first, pair.val_shape.first) - min(pair.val_shape.best, pair.train_shape.best)
    if noise <= times * train or noise <= share * gain or gain <= 0:
        return
    if val_size and not _beyond_sampling(run, val_size):
        return
    yield _finding(pair, gain)


def _beyond_sampling(run: Run, val_size: int) -> bool:
    """Whether the validation accuracy moves more than drawing the examples anew each time would explain."""
    metric = run.metric("validation", "accuracy")
    if metric is None:
        return True
    value = finite(metric.value)
    value = value / 100 if len(value) and value.max() > 1.5 else value
    return len(value) < 4 or noise_sd(value) > 2 * binomial_sd(
        float(value[-len(value) // 2 :].mean()), val_size
    )


def _finding(pair: Pair, gain: float) -> Finding:
    noise, train = pair.val_shape.noise, pair.train_shape.noise
    return Finding(
        code=CODE,
        name=NAME,
        severity=SEVERITY,
        message=f"validation loss jumps by ±{noise:.2g} about its course (train ±{train:.2g}), {100 * noise / gain:.0f} % of all that was gained",
        evidence={"noise": noise, "train_noise": train, "share": noise / gain, "points": pair.n},
        actions=(
            Action(name="larger-validation-set", why="average over more validation examples"),
            Action(
                name="fix-bug",
                why="check batch-norm statistics and that every evaluation uses the same examples",
            ),
        ),
    )
