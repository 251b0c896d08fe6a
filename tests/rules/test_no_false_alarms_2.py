"""Rules that compare two series stay silent on healthy runs, whatever their noise; and speak up when they should."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from mlcheck import registry
from mlcheck.model import Direction, Finding, Floats, Quantity, Role, Run, Series, Split

CODES = (
    "DIA302", "DIA303", "DIA304", "DIA401", "DIA402", "DIA403", "DIA404", "DIA405", "DIA406", "DIA407", "DIA408",
    "DIA409", "DIA501", "DIA502", "DIA503", "DIA504",
)  # fmt: skip
RUNS = 500
ALLOWED = 0.02
"""Share of healthy runs on which a rule may speak."""


def series(
    name: str,
    value: Floats,
    quantity: Quantity,
    split: Split | None,
    measure: str,
    better: Direction | None = None,
) -> Series:
    """Make a series that was logged once an epoch."""
    role = Role(quantity=quantity, split=split, measure=measure, better=better)
    return Series(name=name, role=role, step=np.arange(1.0, len(value) + 1), value=value, step_unit="epoch")


def curve(rng: np.random.Generator, n: int) -> Floats:
    """Draw a fall from 1 to 0 in n points: a power law or an exponential, fast or slow."""
    t = np.arange(1.0, n + 1)
    power, rate = rng.uniform(0.3, 1.5), rng.uniform(0.05, 0.4)
    fall = t**-power if rng.random() < 0.5 else np.exp(-t / (n * rate))
    return np.asarray(fall / fall[0])


def run(seed: int, *, gap: float | None = None, val_noise: float | None = None, learns: bool = True) -> Run:
    """Make a run: a fall to a floor, and the same with a small gap (`gap`: share of the fall) for the validation loss."""
    rng = np.random.default_rng(seed)
    n = int(rng.choice([10, 15, 25, 50, 100, 300]))
    start, floor = rng.uniform(0.7, 7.0), rng.uniform(0.0, 0.6)
    noise = rng.choice([0.0005, 0.005, 0.02, 0.05]) * start
    fall = curve(rng, n)
    opening = (gap if gap is not None else rng.uniform(0.0, 0.1)) * (1 - fall)
    wiggle = noise * rng.uniform(0.3, 2.0) if val_noise is None else val_noise * start
    train = start * (floor + (1 - floor) * fall) + noise * rng.standard_normal(n)
    course = start * (floor + (1 - floor) * (fall + opening)) if learns else np.full(n, start)
    val = course + wiggle * rng.standard_normal(n)
    parts = (
        series("train_loss", np.abs(train), "loss", "train", "loss", "lower"),
        series("val_loss", np.abs(val), "loss", "validation", "loss", "lower"),
        *others(rng, np.clip(0.9 - 0.8 * course / start, 0.0, 1.0), fall),
    )
    return Run(id=str(seed), source=str(seed), reader="test", series=parts)


def others(rng: np.random.Generator, accuracy: Floats, fall: Floats) -> tuple[Series, ...]:
    """Draw what else a healthy run logs: accuracy on 2,000 examples, gradient norms, dead units, update ratios."""
    n = len(accuracy)

    def wild(sd: float) -> Floats:
        return np.exp(sd * rng.standard_normal(n))

    return (
        series("val_acc", rng.binomial(2000, accuracy) / 2000, "metric", "validation", "accuracy", "higher"),
        series(
            "grad_norm", wild(0.4) * np.exp(-rng.uniform(0, 2) * (1 - fall)), "grad_norm", None, "grad_norm"
        ),
        series("grad_norm/1", 0.4 * wild(0.4), "grad_norm", None, "grad_norm/1"),
        series("grad_norm/2", 2.7 * wild(0.4), "grad_norm", None, "grad_norm/2"),
        series("dead_units", rng.beta(2, 8, n), "other", None, "dead_fraction"),
        series("update_ratio", 1e-3 * wild(0.5), "other", None, "update_ratio"),
    )


@cache
def healthy() -> tuple[Run, ...]:
    """Draw healthy runs of 10 to 300 points with noises from nothing to 5 % of the start."""
    return tuple(run(seed) for seed in range(RUNS))


def fired(code: str, runs: tuple[Run, ...]) -> float:
    """Return the share of runs on which a rule gives a finding."""
    rule = registry.rules("diagnose")[code]
    return sum(any(isinstance(f, Finding) for f in rule.check(r)) for r in runs) / len(runs)


@pytest.mark.parametrize("code", CODES)
def test_a_rule_speaks_on_at_most_two_percent_of_healthy_runs(code: str) -> None:
    """Noise alone never makes a finding."""
    assert fired(code, healthy()) <= ALLOWED


def test_a_gap_is_found() -> None:
    """The same runs with a gap of 80 % of the fall have a finding: the test above can fail."""
    assert fired("DIA302", tuple(run(seed, gap=0.8) for seed in range(100))) > 0.9


def test_a_noisy_validation_is_found() -> None:
    """The same runs with a validation loss that jumps by 30 % of the start have a finding where there are points enough."""
    long = tuple(r for seed in range(100) if len((r := run(seed, val_noise=0.3)).series[0]) >= 25)
    assert fired("DIA403", long) > 0.8


def test_a_validation_that_never_learns_is_found() -> None:
    """The same runs with a validation loss that stays at its start have a finding where the training loss falls far."""
    assert fired("DIA303", tuple(run(seed, learns=False, val_noise=0.005) for seed in range(100))) > 0.8
