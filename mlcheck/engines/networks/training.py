"""Training a network: one cycle of the learning rate, and the weights of the epoch that held-out rows liked best."""

from __future__ import annotations

import copy
import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import numpy.typing as npt

    from mlcheck.engines.networks.target import Target
    from mlcheck.model.dataset import Ints

HELD_OUT = 0.15
"""Share of the training rows on which the epoch is chosen."""
LEAST_ROWS = 20
"""With fewer rows none is held out, and the last epoch is taken."""
WARM_UP = 0.3
"""Share of the steps in which the learning rate rises (Smith & Topin 2018, Super-convergence)."""
LEARNED = 0.01
"""Mean loss of held-out rows below which an epoch counts as having learned everything: -ln of a probability of 0.99."""
PATIENCE = 3
"""Epochs in a row that must have learned everything before training ends early."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How a network is trained: `epochs` at most, `batch` rows a step, the highest learning rate, the weight decay."""

    epochs: int
    batch: int
    rate: float
    decay: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """What training came to: epochs done, the epoch (from 1) whose weights were kept, and the factor of its outputs.

    Outputs times `factor` are those that fit the held-out rows best: the temperature of Guo et al. 2017 (On calibration
    of modern neural networks) for classes, a shrinkage towards the mean for numbers.
    """

    epochs: int
    kept: int
    factor: float


def held_out(target: npt.NDArray[Any], classes: int | None, draw: np.random.Generator) -> tuple[Ints, Ints]:
    """Return the rows to learn from and those held out, a share of 0.15, in each class where there are classes.

    A class of fewer than four rows gives none. With under 20 rows nothing is held out.
    """
    order = draw.permutation(len(target))
    if len(target) < LEAST_ROWS:
        return order, order[:0]
    if classes is None:
        count = max(1, round(HELD_OUT * len(target)))
        return order[count:], order[:count]
    apart = []
    for code in range(classes):
        rows = order[target[order] == code]
        if len(rows) >= 4:
            apart.append(rows[: max(1, round(HELD_OUT * len(rows)))])
    inner = np.sort(np.concatenate(apart)) if apart else order[:0]
    return np.setdiff1d(order, inner), inner


def batches(rows: Ints, size: int, draw: np.random.Generator | None = None) -> Iterator[Ints]:
    """Yield the rows, shuffled where a generator is given, in pieces of nearly equal size of at most `size`."""
    order = rows if draw is None else draw.permutation(rows)
    yield from np.array_split(order, max(1, math.ceil(len(order) / size)))


def train(
    network: Any, optimizer: Any, forward: Callable[[Ints, np.random.Generator | None], Any], target: Target,
    rows: Ints, inner: Ints, plan: Plan, draw: np.random.Generator,
) -> Trained:  # fmt: skip
    """Train a torch module in place and leave it in evaluation mode with the best weights.

    `forward(rows, draw)` gives the network's outputs for some rows, changed at random where `draw` is given. `inner`
    are the held-out rows: the epoch is kept whose outputs, calibrated, have the lowest loss on them (so that an
    accurate but too certain network wins over one that has learned nothing yet); without held-out rows the last one.
    Training ends early after three epochs in a row with a held-out loss under 0.01.
    """
    import torch

    steps = plan.epochs * max(1, math.ceil(len(rows) / plan.batch))
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, plan.rate, total_steps=steps + 1, pct_start=WARM_UP, cycle_momentum=False
    )
    best, learned, weights = math.inf, 0, None
    done = Trained(epochs=plan.epochs, kept=plan.epochs, factor=1.0)
    for epoch in range(1, plan.epochs + 1):
        network.train()
        for piece in batches(rows, plan.batch, draw):
            optimizer.zero_grad()
            target.loss(forward(piece, draw), piece).backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            schedule.step()
        if not len(inner):
            continue
        found, factor = _judged(network, forward, target, inner, plan.batch)
        if found <= best:
            best, weights = found, copy.deepcopy(network.state_dict())
            done = Trained(epochs=epoch, kept=epoch, factor=factor)
        done = replace(done, epochs=epoch)
        learned = learned + 1 if found < LEARNED else 0
        if learned == PATIENCE:
            break
    if weights is not None:
        network.load_state_dict(weights)
    network.eval()
    return done


def _judged(
    network: Any, forward: Callable[[Ints, np.random.Generator | None], Any], target: Target, rows: Ints, size: int
) -> tuple[float, float]:  # fmt: skip
    """Return the loss of calibrated outputs on some rows and the factor that calibrates them."""
    import torch

    network.eval()
    with torch.no_grad():
        pieces = list(batches(rows, size))
        outputs = torch.cat([forward(piece, None) for piece in pieces])
        return target.calibrated(outputs, rows)


def parameters(network: Any) -> int:
    """Return how many numbers a torch module learned or learns."""
    return sum(int(weight.numel()) for weight in network.parameters())


def count(number: int) -> str:
    """Write a count of parameters shortly: 950, 77 k, 22.7 M."""
    if number < 1000:
        return str(number)
    return f"{number / 1e3:.0f} k" if number < 999_500 else f"{number / 1e6:.1f} M"
