"""Simulated agents: the rules on returns are silent on those that learn and settle, and find those that do not.

A return rises by an exponential to its level, with noise that is correlated from row to row, as the mean over the last
episodes is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from mlcheck import registry
from mlcheck.commands import diagnose
from mlcheck.config import Settings
from mlcheck.model import Floats, Role, Run, Series
from mlcheck.readers import roles

if TYPE_CHECKING:
    from collections.abc import Callable

RULES = registry.rules("diagnose")
AGENTS = 200
RETURN = Role(quantity="metric", split="train", measure="return", better="higher")


def agent(value: Floats) -> Run:
    """Return the run of an agent with that return."""
    step = np.arange(1, len(value) + 1, dtype=np.float64) * 2048
    assert roles.guess("ep_rew_mean").role.measure == RETURN.measure
    return Run(
        id="a",
        source="a",
        reader="csv",
        series=(Series(name="ep_rew_mean", role=RETURN, step=step, value=value),),
    )


def wandering(rng: np.random.Generator, n: int, scale: float) -> Floats:
    """Draw n values of an autoregressive process of that standard deviation."""
    memory = rng.uniform(0.0, 0.8)
    shocks = rng.standard_normal(n) * scale * np.sqrt(1 - memory**2)
    value: Floats = np.empty(n)
    value[0] = rng.standard_normal() * scale
    for i in range(1, n):
        value[i] = memory * value[i - 1] + shocks[i]
    return value


def learning(rng: np.random.Generator) -> Floats:
    """Return the return of an agent that learns and settles well before the end."""
    n = int(rng.integers(30, 400))
    start, gain = rng.uniform(-1000, 1000), np.exp(rng.uniform(0, 8))
    share = np.linspace(0, 1, n)
    rise: Floats = start + gain * (1 - np.exp(-share * rng.uniform(8, 25)))
    return rise + wandering(rng, n, gain * rng.uniform(0.01, 0.1))


def forgetting(rng: np.random.Generator) -> Floats:
    """Return the return of an agent that loses most of what it had learned."""
    value = learning(rng)
    start, top = float(value[0]), float(np.median(value))
    share = np.linspace(0, 1, len(value))
    return value - (top - start) * rng.uniform(0.8, 1.0) / (1 + np.exp(-(share - 0.7) * 40))


def idle(rng: np.random.Generator) -> Floats:
    """Return the return of an agent that learns nothing."""
    n = int(rng.integers(30, 400))
    return rng.uniform(-1000, 1000) + wandering(rng, n, 20.0)


def hurried(rng: np.random.Generator) -> Floats:
    """Return the return of an agent that was stopped on its way."""
    n = int(rng.integers(60, 400))
    course: Floats = 500 * np.linspace(0, 1, n) ** rng.uniform(0.9, 1.4)
    return course + rng.standard_normal(n) * 10


def verdicts(make: Callable[[np.random.Generator], Floats]) -> dict[str, float]:
    """Return the share of each verdict over many agents."""
    settings = Settings()
    found = [
        diagnose.judge(agent(make(np.random.default_rng(seed))), settings).verdict for seed in range(AGENTS)
    ]
    return {
        name: found.count(name) / AGENTS
        for name in ("healthy", "optimization", "inconclusive", "overfit", "underfit")
    }


@pytest.mark.parametrize(
    ("make", "verdict", "least", "never"),
    [
        (learning, "healthy", 0.9, "optimization"),
        (forgetting, "optimization", 0.8, "healthy"),
        (idle, "inconclusive", 0.8, "optimization"),
        (hurried, "optimization", 0.8, "inconclusive"),
    ],
)
def test_agents_are_judged_by_the_course_of_their_return(
    make: Callable[[np.random.Generator], Floats], verdict: str, least: float, never: str
) -> None:
    """The right verdict mostly, the opposite one hardly ever, and none that speaks of fit."""
    shares = verdicts(make)
    assert shares[verdict] >= least, shares
    assert shares[never] <= 0.05, shares
    assert shares["overfit"] == shares["underfit"] == 0.0
