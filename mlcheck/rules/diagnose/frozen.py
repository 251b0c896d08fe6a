"""The loss is the same number again and again: the weights do not change.

What it finds
    The validation loss, or the training loss, is identical to all printed digits over at least 5 values in a row at the end
    that make 30 % of the series or more. A fixed validation set gives the same loss only for the same weights, so that
    there the training loss may still jitter with its batches.

Why it matters
    No step reaches the model: parameters that are not in the optimizer, gradients that are cut, a learning rate of zero,
    a loss that is a constant, or an evaluation of another copy of the model.

Example
    validation loss is 2.32936 at each of 25 epochs, training loss 2.33 ± 0.0008

What to do
    Look whether one step changes any weight, that the optimizer holds the model's parameters, that the loss is not detached, and
    that the learning rate is not zero.

False alarms
    Numbers printed with few digits: with fewer than 4 significant ones, or at 0 to the printed digit, nothing is said,
    nor where the values before drew nearer by a few units of the last digit, as on the way to a floor. A
    learning rate that has decayed to zero freezes a finished run, which stays silent where the rate is logged.

References
    TrainCheck (OSDI 2025), silent training errors such as parameters left out of the optimizer. Ben Braiek & Khomh 2023,
    TheDeepChecker (TOSEM), untrained parameters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlcheck.model import Action, Finding, Run, Series, Severity, Skip
from mlcheck.rules.diagnose.facts import loss_name, rate_left, unit
from mlcheck.stats.shape import shape

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE = "DIA112"
NAME = "frozen"
SEVERITY: Severity = "error"
CAUSE = "optimization"
NEEDS = ()


def check(
    run: Run, *, points: int = 5, share: float = 0.3, digits: int = 4, decayed: float = 0.001
) -> Iterator[Finding | Skip]:
    """Yield a finding where a loss is the same number at the end of a series.

    `points`: fewest equal values. `share`: of the series that they make (0..1). `digits`: significant digits that the
    number must be printed with. `decayed`: last learning rate as a share of its peak under which nothing is said.
    """
    losses = [s for s in (run.val_loss, run.train_loss) if s is not None and len(s) >= points]
    if not losses:
        yield Skip(code=CODE, reason=f"fewer than {points} values of a loss")
        return
    left = rate_left(run)
    if left is not None and 0 < left < decayed:
        return
    for series in losses:
        count = _equal_at_end(series)
        is_long = count >= max(points, share * len(series))
        if is_long and _significant_digits(series) >= digits and not _arrives(series, count):
            yield _finding(run, series, count)
            return


def _equal_at_end(series: Series) -> int:
    """Return how many values at the end are the same finite number."""
    other = np.flatnonzero(series.value != series.value[-1])
    return 0 if not np.isfinite(series.value[-1]) else len(series) - (int(other[-1]) + 1 if len(other) else 0)


def _significant_digits(series: Series) -> int:
    """Return the digits of the repeated value, counted to the last decimal place that any value of the series uses.

    10.0 among 10.0 is printed with 1 or 2 digits, 0.6931 with 4; an exact 0 has none.
    """
    value = abs(float(series.value[-1]))
    if value == 0:
        return 0
    return len(f"{value:.{_places(series)}f}".replace(".", "").lstrip("0"))


def _places(series: Series) -> int:
    """Return the largest number of decimals in the first 50 different values."""
    finite = np.unique(series.value[np.isfinite(series.value)])[:50]
    return max((len(np.format_float_positional(v, trim="-").partition(".")[2]) for v in finite), default=0)


def _arrives(series: Series, count: int) -> bool:
    """Whether the values before drew near by a few units of the last decimal: a floor that was reached, not a stop."""
    before = series.value[max(0, len(series) - count - 4) : len(series) - count + 1]
    return len(before) > 1 and bool(np.median(np.abs(np.diff(before))) <= 20 * 10.0 ** -_places(series))


def _finding(run: Run, series: Series, count: int) -> Finding:
    name = unit(series)
    since = (
        f"each of {count} {name}s"
        if count == len(series)
        else f"all of the last {count} of {len(series)} points, from {name} {series.step[-count]:g} on"
    )
    other = shape(run.train_loss) if run.train_loss is not None and series is not run.train_loss else None
    rest = f", training loss {other.last:.4g} ± {other.noise:.2g}" if other is not None else ""
    return Finding(
        code=CODE,
        name=NAME,
        severity=SEVERITY,
        message=f"{loss_name(series)} is {series.value[-1]:g} at {since}{rest}",
        evidence={
            "value": float(series.value[-1]),
            "count": count,
            "points": len(series),
            "since": float(series.step[-count]),
        },
        actions=(
            Action(
                name="fix-bug",
                why="check that the optimizer holds the model's parameters and that gradients reach them",
            ),
            Action(name="raise-lr", why="check that the learning rate is not zero"),
        ),
    )
