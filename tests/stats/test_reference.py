"""Where a run stands between the constant and the best rung: shares worked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from mlcheck.model import Role, Run, Series
from mlcheck.model.reference import Level, Reference
from mlcheck.stats.reference import standing


def reference(half: float = 0.01, **levels: tuple[float, float, float]) -> Reference:
    """Return a reference of the measures given as (constant, linear, boosting)."""
    rungs: dict[str, dict[str, Level]] = {"constant": {}, "linear": {}, "boosting": {}}
    for measure, values in levels.items():
        for name, value in zip(rungs, values, strict=True):
            rungs[name][measure] = Level(value=value, low=value - half, high=value + half)
    return Reference(source="report.json", rungs=rungs)


def run(known: Reference | None, measure: str = "loss", name: str = "val_loss", **ends: float) -> Run:
    """Return a run whose train and validation series fall or rise smoothly from 0.7 to their ends."""
    step = np.arange(1.0, 61.0)
    quantity = "loss" if measure == "loss" else "metric"
    made = []
    for split, end in ends.items():
        value = end + (0.7 - end) * np.exp(-step / 5)
        role = Role(quantity=quantity, split=split, measure=measure, better="lower")  # type: ignore[arg-type]
        made.append(Series(name=name if split == "validation" else split, role=role, step=step, value=value))
    return Run(id="a", source="a", reader="csv", series=tuple(made), reference=known)


def test_levels_are_shares_of_the_way_from_the_constant_to_the_best_rung() -> None:
    """Constant 0.7, linear 0.5, best 0.3: a loss of 0.4 is three quarters of the way, linear half of it."""
    place = standing(run(reference(log_loss=(0.7, 0.5, 0.3)), train=0.35, validation=0.4))
    assert place is not None
    assert place.measure == "log_loss"
    assert place.top_name == "boosting"
    assert place.best == pytest.approx(0.75, abs=0.01)
    assert place.validation == pytest.approx(0.75, abs=0.01)
    assert place.train == pytest.approx(0.875, abs=0.01)
    assert place.linear_share == pytest.approx(0.5)
    assert place.is_learnable
    assert place.margin >= np.hypot(0.01, 0.01) / 0.4


def test_an_accuracy_in_percent_counts_as_shares() -> None:
    """80 % between a constant accuracy of 0.5 and a best of 0.9 is three quarters of the way."""
    made = run(reference(accuracy=(0.5, 0.8, 0.9)), "accuracy", "val_acc", validation=80.0)
    place = standing(made)
    assert place is not None
    assert place.best == pytest.approx(0.75, abs=0.01)
    assert place.reached == pytest.approx(0.8, abs=0.005)


def test_more_is_better_for_r2() -> None:
    """An r2 of 0.3 where the best rung has 0.6 and the constant 0 is half of the way."""
    place = standing(run(reference(r2=(0.0, 0.5, 0.6)), "r2", "val_r2", validation=0.3))
    assert place is not None
    assert place.validation == pytest.approx(0.5, abs=0.01)


def test_rungs_within_their_intervals_are_not_learnable() -> None:
    """A best rung that beats the constant one by less than both intervals tells that nothing was found."""
    place = standing(run(reference(half=0.05, log_loss=(0.69, 0.69, 0.66)), validation=0.69))
    assert place is not None
    assert not place.is_learnable


@pytest.mark.parametrize(
    "made",
    [
        run(None, validation=0.4),
        run(reference(accuracy=(0.5, 0.8, 0.9)), validation=0.4),
        run(reference(log_loss=(0.7, 0.5, 0.3)), train=0.4),
        run(reference(log_loss=(0.7, 0.5, 0.3)), name="val_focal_loss", validation=0.4),
        run(reference(mse=(5000.0, 3000.0, 2900.0)), validation=0.4),
    ],
    ids=["no report", "no common measure", "no validation", "another loss", "another unit"],
)
def test_what_cannot_be_compared_has_no_standing(made: Run) -> None:
    """None is returned; the rules skip with the reason."""
    assert standing(made) is None


def test_a_loss_of_the_same_unit_is_held_against_the_squared_error() -> None:
    """The plain validation loss of a regression counts where it lies among the rungs."""
    place = standing(run(reference(mse=(0.8, 0.5, 0.4)), validation=0.6))
    assert place is not None
    assert place.measure == "mse"
    assert place.best == pytest.approx(0.5, abs=0.01)
