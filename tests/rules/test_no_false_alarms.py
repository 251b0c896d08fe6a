"""On simulated healthy runs hardly any rule speaks: what it says is not noise.

A healthy run falls by an exponential or a power law to a floor that is low against its start, with noise in proportion
to its level; its validation loss lies a little above its training loss; the learning rate is constant or decays.
"""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pytest

from mlcheck import registry
from mlcheck.model import Finding, Floats, Quantity, Role, Run, Series, Split
from mlcheck.stats.objective import returns

if TYPE_CHECKING:
    from collections.abc import Iterator

RULES = registry.rules("diagnose")
RUNS = 500
MOST = 0.02
"""Share of healthy runs in which a rule may speak. The binomial error at 500 runs is 0.006."""
NEEDS = {
    "train_loss": lambda run: run.train_loss,
    "val_loss": lambda run: run.val_loss,
    "lr": lambda run: run.lr,
    "grad_norm": lambda run: run.grad_norm,
    "val_metric": lambda run: run.metric("validation"),
    "train_metric": lambda run: run.metric("train"),
    "return": returns,
}
TRUE_OF_HEALTHY_RUNS = {
    "DIA107": "a power law never ends: more steps would gain, and the rule says so",
}


def series(name: str, quantity: Quantity, split: Split | None, value: Floats) -> Series:
    """Return a series logged once an epoch."""
    step = np.arange(1.0, len(value) + 1)
    role = Role(
        quantity=quantity, split=split, measure=quantity, better="lower" if quantity == "loss" else None
    )
    return Series(name=name, role=role, step=step, epoch=step, value=value, step_unit="epoch")


def healthy_run(seed: int) -> Run:
    """Return a run that falls to a low floor."""
    rng = np.random.default_rng(seed)
    n = int(np.exp(rng.uniform(np.log(10), np.log(300))))
    start = float(np.exp(rng.uniform(np.log(0.3), np.log(10))))
    floor, share = start * rng.uniform(0.03, 0.2), np.linspace(0, 1, n)
    if rng.random() < 0.5:
        fall = np.exp(-share * rng.uniform(5, 12))
    else:
        fall = (1 + share * rng.uniform(30, 300)) ** -rng.uniform(0.7, 1.5)
    course = floor + (start - floor) * fall
    noise = float(np.exp(rng.uniform(np.log(0.001), np.log(0.05))))
    train = course * (1 + noise * rng.standard_normal(n))
    val = course * (1 + rng.uniform(0.0, 0.08) * share) * (1 + 0.5 * noise * rng.standard_normal(n))
    peak = 10 ** rng.uniform(-4, -1)
    rate = peak * (np.full(n, 1.0) if rng.random() < 0.5 else 0.5 * (1 + np.cos(np.pi * share * 0.98)))
    return Run(
        id=f"healthy-{seed}",
        source="simulated",
        reader="simulated",
        series=(
            series("train_loss", "loss", "train", train),
            series("val_loss", "loss", "validation", val),
            series("lr", "lr", None, rate),
        ),
    )


def findings(run: Run, code: str) -> Iterator[Finding]:
    """Yield what a rule says of a run, as the command would ask it."""
    rule = RULES[code]
    if all(NEEDS[need](run) is not None for need in rule.NEEDS):
        yield from (item for item in rule.check(run) if isinstance(item, Finding))


@cache
def spoken() -> Counter[str]:
    """Return in how many of the healthy runs each rule gives a warning or an error."""
    said: Counter[str] = Counter()
    for seed in range(RUNS):
        run = healthy_run(seed)
        said.update(code for code in RULES if any(f.severity != "note" for f in findings(run, code)))
    return said


@pytest.mark.parametrize("code", [code for code in RULES if code not in TRUE_OF_HEALTHY_RUNS])
def test_a_rule_rarely_speaks_of_a_healthy_run(code: str) -> None:
    """At most 2 % of healthy runs get a warning or an error."""
    assert spoken()[code] <= MOST * RUNS, f"{code} speaks in {spoken()[code]} of {RUNS} healthy runs"


def test_a_healthy_run_is_rarely_called_unfinished_by_an_error() -> None:
    """Of runs with a floor DIA107 may warn while they fall, but gives an error in 2 % at most."""
    count = sum(f.severity == "error" for seed in range(RUNS) for f in findings(healthy_run(seed), "DIA107"))
    assert count <= MOST * RUNS


def turned(run: Run) -> Run:
    """Return the same run with time reversed: its losses rise."""
    back = [
        series(s.name, s.role.quantity, s.role.split, s.value[::-1]) if s.role.quantity == "loss" else s
        for s in run.series
    ]
    return Run(id=run.id, source=run.source, reader=run.reader, series=tuple(back))


def test_the_simulation_can_tell() -> None:
    """The same runs played backwards diverge, and nearly all are found: silence above is not deafness."""
    found = sum(any(findings(turned(healthy_run(seed)), "DIA102")) for seed in range(100))
    assert found >= 95
