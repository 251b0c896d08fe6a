"""What a run's losses mean: how well the model fits, or something else.

The loss of supervised training measures the fit, and its validation loss generalisation. In reinforcement learning the
losses follow targets and data that the policy itself moves: a value loss grows with the return it predicts (Henderson et
al. 2018, Deep reinforcement learning that matters; Sutton & Barto 2018, ch. 11). In adversarial training each loss
measures one network against the other, and both may stand still while the samples get better (Goodfellow et al. 2014;
Lucic et al. 2018, Are GANs created equal?).
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from mlcheck.stats.shape import shape

if TYPE_CHECKING:
    from mlcheck.model import Floats, Run, Series
    from mlcheck.stats.shape import Shape

Objective: TypeAlias = Literal["fit", "return", "adversarial"]
ANY: tuple[Objective, ...] = ("fit", "return", "adversarial")
"""For rules that hold whatever the losses mean."""

WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
GENERATORS = frozenset(("g", "gen", "generator", "netg", "gan"))
DISCRIMINATORS = frozenset(("d", "disc", "dis", "discriminator", "netd", "critic"))


@lru_cache(maxsize=256)
def objective(run: Run) -> Objective:
    """Say what the run's losses mean: "return" where an agent's return is logged (and not both losses of supervised
    training beside it), "adversarial" where a generator's and a discriminator's loss are, else "fit".
    """  # noqa: D205  (one sentence)
    sides = [side(s.name) for s in run.series if s.role.quantity == "loss"]
    if "generator" in sides and "discriminator" in sides:
        return "adversarial"
    has_both = run.train_loss is not None and run.val_loss is not None
    return "return" if returns(run) is not None and not has_both else "fit"


@lru_cache(maxsize=256)
def side(name: str) -> Literal["generator", "discriminator"] | None:
    """Say which of two adversaries a loss is of, by the words of its name (`loss_disc`, `errG`, `netD_A`), None for neither."""
    words = {word.lower() for word in WORD.findall(name)}
    if words & DISCRIMINATORS:
        return "discriminator"
    return "generator" if words & GENERATORS else None


def returns(run: Run) -> Series | None:
    """Return the series of returns: of evaluation episodes where they are logged, else of the training's own."""
    return next((r for split in ("validation", "test", "train") if (r := run.metric(split, "return"))), None)


@lru_cache(maxsize=256)
def course_of_return(run: Run) -> Shape | None:
    """Return the shape of the return taken with the sign of a loss: its `best` is the highest return, negated."""
    series = returns(run)
    return shape(replace(series, value=-series.value)) if series is not None else None


def largest_setback(course: Floats) -> float:
    """Return by how much a falling course, shape (n,), n > 0, rises at most above what it had reached before; >= 0.

    The measure of how far it wanders: noise about the course is smaller where the log holds moving averages.
    """
    return float((course - np.minimum.accumulate(course)).max())
