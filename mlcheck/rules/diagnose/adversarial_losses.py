"""The losses are those of two networks that train against each other: they do not say how good either is.

What it finds
    A loss of a generator and a loss of a discriminator (or critic) in one log, by their names.

Why it matters
    Each loss measures one network against the other at that moment. Both may stand still while the samples get better, or
    look well while they get worse: underfitting, overfitting and convergence cannot be read off them.

Example
    loss_0 and loss_1 are a discriminator's and a generator's: they measure the two against each other, not the samples

What to do
    Log a score of what is generated on held-out data every epoch: Fréchet inception distance, precision and recall,
    a mel-spectrogram error, word error rate of what is spoken; and look at samples.

False alarms
    Names of one letter: `loss_d` and `loss_g` may be a depth's and a gradient's loss. It is a note, and only makes the
    verdict inconclusive.

References
    Goodfellow et al. 2014, Generative adversarial nets. Lucic et al. 2018, Are GANs created equal? Heusel et al. 2017,
    GANs trained by a two time-scale update rule (FID).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlcheck.model import Action, Finding, Run, Severity
from mlcheck.stats.objective import ANY, Objective, objective, side

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE = "DIA604"
NAME = "adversarial-losses"
SEVERITY: Severity = "note"
CAUSE = None
NEEDS = ()
OBJECTIVES: tuple[Objective, ...] = ANY


def check(run: Run) -> Iterator[Finding]:
    """Yield a finding where a generator's and a discriminator's loss stand in one log."""
    if objective(run) != "adversarial":
        return
    losses = [s.name for s in run.series if s.role.quantity == "loss"]
    judge = next(name for name in losses if side(name) == "discriminator")
    maker = next(name for name in losses if side(name) == "generator")
    yield Finding(
        code=CODE,
        name=NAME,
        severity=SEVERITY,
        message=f"{judge} and {maker} are a discriminator's and a generator's: they measure the two against each other, not the samples",
        evidence={"discriminator": judge, "generator": maker},
        actions=(Action(name="log-more", why="log a score of the samples on held-out data, such as FID"),),
    )
