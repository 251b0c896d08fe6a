"""The network learns its training set and nothing that holds outside it.

What it finds
    The training loss falls clearly, yet the validation loss never gets below its first value (or below chance, ln K,
    where the number of classes is given) by more than its noise. It is an error where the level is that of a guess:
    the validation loss stays at ln K, or the validation accuracy at 1/K.

Why it matters
    Learning by heart works with any labels. A network that never improves on data it has not seen was given inputs and
    labels that do not belong together, or is evaluated on something else than it was trained on.

Example
    training loss fell 2.31 → 0.42, validation loss never below its first value 2.32 (noise ±0.02): at chance, 10 classes

What to do
    Look at twenty validation examples with their labels. Check that inputs and labels are shuffled together, that both
    sets use the same label numbering and preprocessing, that no identifier gives the training label away, and that the
    split does not part groups that need each other.

False alarms
    Fine-tuning a model that was good from the start only overfits: without known chance level it is a warning. Losses
    averaged over the first epoch begin lower than chance. Weights averaged over time (EMA) at evaluation start to improve
    late: a validation loss that falls smoothly to the end stays silent.

References
    Zhang et al. 2017, Understanding deep learning requires rethinking generalization, section 2.1 (random labels are
    fitted). Google's tuning playbook. UMLAUT (CHI'21).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from mlcheck.model import Action, Finding, Run, Severity
from mlcheck.stats.chance import uniform_loss
from mlcheck.stats.gap import Pair, paired, trails
from mlcheck.stats.intervals import binomial_sd
from mlcheck.stats.noise import finite, smooth

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE = "DIA303"
NAME = "validation-at-chance"
SEVERITY: Severity = "error"
CAUSE = "optimization"
NEEDS = ("train_loss", "val_loss")


def check(
    run: Run,
    *,
    learned: float = 0.15,
    near: float = 0.05,
    noises: float = 3.0,
    hidden: float = 0.3,
    points: int = 5,
    classes: int | None = None,
    val_size: int | None = None,
) -> Iterator[Finding]:
    """Yield a finding where the training loss fell by `learned` (share of its start) and the validation loss by nothing.

    Nothing: less than `near` (share of the start, 0..1), or than `noises` standard deviations as long as these hide
    less than `hidden` (share, 0..1) of what the training loss gained. Both losses need `points`.
    """
    assert run.val_loss is not None and run.train_loss is not None  # noqa: PT018, S101  (NEEDS)
    pair = paired(run.train_loss, run.val_loss)
    if pair is None or pair.n < points or pair.train_shape.n < points:
        return
    train, val = pair.train_shape, pair.val_shape
    fall = train.first - train.last
    if fall < max(learned * abs(train.first), 5 * train.noise):
        return
    # The first evaluation comes after some training: what was gained before it shows against the first training loss.
    start = uniform_loss(classes) if classes else max(val.first, train.first)
    if start - val.best > max(near * abs(start), min(noises * val.noise, hidden * fall)):
        return
    if trails(pair):
        return
    count = classes or _count_at_chance(run, pair, val_size)
    yield _finding(pair, start, count)


def _count_at_chance(run: Run, pair: Pair, val_size: int | None) -> int | None:
    """Return the number of classes if the validation accuracy never rises above a guess among them, else None.

    exp(loss) of a network that guesses is K at most, so 1/K is no higher than its accuracy on balanced classes.
    """
    metric = run.metric("validation", "accuracy")
    first = min(pair.val_shape.first, pair.train_shape.first)
    if metric is None or not 0.6 < first < 12:
        return None
    k = max(2, round(math.exp(first)))
    accuracy = finite(metric.value)
    if not len(accuracy):
        return None
    accuracy = accuracy / 100 if accuracy.max() > 1.5 else accuracy
    room = 3 * binomial_sd(1 / k, val_size) if val_size else 0.5 / k
    return k if float(smooth(accuracy).max()) <= min(0.75, 1 / k + room) else None


def _finding(pair: Pair, start: float, count: int | None) -> Finding:
    train, val = pair.train_shape, pair.val_shape
    told = f": at chance, {count} classes" if count else ""
    return Finding(
        code=CODE,
        name=NAME,
        severity="error" if count else "warning",
        message=(
            f"training loss fell {train.first:.4g} → {train.last:.4g}, validation loss never below its start {start:.4g} "
            f"by more than noise (best {val.best:.4g}, noise ±{val.noise:.2g}){told}"
        ),
        evidence={
            "train_first": train.first, "train_last": train.last, "val_first": val.first, "val_best": val.best,
            "start": start, "noise": val.noise, "classes": count,
        },
        actions=(
            Action(name="fix-bug", why="check validation labels, the split and the preprocessing at evaluation"),
            Action(name="add-regularization", why="if labels and split are right, the network learns by heart"),
        ),
    )  # fmt: skip
