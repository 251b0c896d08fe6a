"""What the rules make of facts the user gives: number of classes, size of the validation set, settings of the run."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import pytest

from mlcheck.model import Event, Finding, Role, Run, Series, Skip
from mlcheck.registry import rules

if TYPE_CHECKING:
    from mlcheck.model import Direction, Floats, Quantity, Scalar, Split

RULES = rules("diagnose")
T = np.arange(40.0)
RNG = np.random.default_rng(3)
TRAIN = 0.3 + 2.0 * np.exp(-T / 8) + 0.01 * RNG.standard_normal(40)


def series(
    value: Floats,
    split: Split | None,
    measure: str = "loss",
    quantity: Quantity = "loss",
    better: Direction | None = "lower",
) -> Series:
    """Make a series logged once an epoch."""
    role = Role(quantity=quantity, split=split, measure=measure, better=better)
    return Series(
        name=role.name, role=role, step=np.arange(1.0, len(value) + 1), value=value, step_unit="epoch"
    )


def run(*parts: Series, config: dict[str, Scalar] | None = None, events: tuple[Event, ...] = ()) -> Run:
    """Make a run."""
    return Run(id="r", source="r", reader="test", series=parts, config=config or {}, events=events)


def both(train: Floats, val: Floats, *more: Series, config: dict[str, Scalar] | None = None) -> Run:
    """Make a run with both losses."""
    return run(series(train, "train"), series(val, "validation"), *more, config=config)


def accuracy(value: Floats) -> Series:
    """Make a validation accuracy."""
    return series(value, "validation", "accuracy", "metric", "higher")


def said(code: str, subject: Run, **facts: object) -> list[Finding]:
    """Return what a rule finds when it is told these facts."""
    return [f for f in RULES[code].check(subject, **facts) if isinstance(f, Finding)]


def test_a_gap_within_the_sampling_error_of_a_small_set_is_none() -> None:
    """A gap of 0.8 is one over 5,000 validation examples and may be chance over 6."""
    subject = both(TRAIN, TRAIN + 0.8)
    assert said("DIA302", subject, val_size=5000)
    assert not said("DIA302", subject, val_size=6)


def test_a_wider_interval_is_given_at_a_higher_level() -> None:
    """The evidence holds the interval at the level asked for."""
    subject = both(TRAIN, TRAIN + 0.7)
    (narrow,), (wide,) = said("DIA302", subject, level=0.5), said("DIA302", subject, level=0.99)
    assert wide.evidence["low"] < narrow.evidence["low"] < wide.evidence["gap"]  # type: ignore[operator]  # floats


def test_a_known_number_of_classes_says_what_chance_is() -> None:
    """A validation loss of ln 10 is at chance among 10 classes and clearly below it among 1000."""
    subject = both(TRAIN, 2.31 + 0.005 * RNG.standard_normal(40))
    (found,) = said("DIA303", subject, classes=10)
    assert found.severity == "error"
    assert not said("DIA303", subject, classes=1000)


def test_a_setting_that_raises_the_training_loss_excuses_a_lower_validation_loss() -> None:
    """With dropout on it is a note that names the setting, with dropout 0 the warning stands."""
    (excused,) = said("DIA401", both(TRAIN, 0.7 * TRAIN, config={"model.dropout": 0.2}))
    assert excused.severity == "note"
    assert "model.dropout" in excused.message
    (plain,) = said("DIA401", both(TRAIN, 0.7 * TRAIN, config={"model.dropout": 0.0}))
    assert plain.severity == "warning"


def test_a_small_validation_set_may_be_easier_by_chance() -> None:
    """A loss 30 % lower is remarkable over 10,000 examples, not over 20."""
    subject = both(TRAIN, 0.7 * TRAIN)
    assert said("DIA401", subject, val_size=10_000)
    assert not said("DIA401", subject, val_size=20)


def test_a_hundred_examples_that_are_all_right_prove_nothing() -> None:
    """A perfect accuracy is suspicious once its interval is."""
    subject = both(TRAIN, 0.02 * TRAIN, accuracy(np.full(40, 1.0)))
    assert said("DIA402", subject)
    assert said("DIA402", subject, val_size=10_000)
    assert not said("DIA402", subject, val_size=100)


def test_percentages_are_read_as_such() -> None:
    """An accuracy of 99.95 is 0.9995; one of 0.9 % is not perfect."""
    assert said("DIA402", both(TRAIN, TRAIN, accuracy(np.full(40, 99.95))))
    assert not said("DIA402", both(TRAIN, TRAIN, accuracy(np.linspace(0.9, 60.0, 40))))


def test_an_accuracy_that_moves_as_its_examples_explain_is_not_noisy() -> None:
    """Noise of 0.05 in an accuracy is that of 100 examples, and too much for 10,000."""
    jumping = both(
        TRAIN, TRAIN + 0.5 * RNG.standard_normal(40), accuracy(0.5 + 0.05 * RNG.standard_normal(40))
    )
    assert not said("DIA403", jumping, val_size=100)
    assert said("DIA403", jumping, val_size=10_000)


@pytest.mark.parametrize("code", ["DIA404", "DIA501", "DIA502", "DIA503", "DIA504"])
def test_a_rule_without_its_series_is_skipped_with_a_reason(code: str) -> None:
    """Not checked is never a pass."""
    (skip,) = RULES[code].check(both(TRAIN, TRAIN))
    assert isinstance(skip, Skip)
    assert skip.code == code
    assert skip.reason.startswith("no ")


def test_a_validation_curve_without_a_training_loss_is_not_called_unvalidated() -> None:
    """DIA406 is about held-out data only."""
    assert not said("DIA406", run(series(TRAIN, "validation")))
    assert said("DIA406", run(series(TRAIN, "train")))


def test_restarts_are_told_in_one_finding() -> None:
    """Four restarts are one note that names the first three."""
    events = tuple(Event(kind="restart", message="restarted", at=float(at)) for at in (5, 9, 19, 30))
    (found,) = said("DIA407", run(series(TRAIN, "train"), events=events))
    assert found.message.startswith("4 restarts, at epoch 5, 9, 19, ...")


def test_a_crash_is_told_with_its_line_and_advice_and_a_cut_file_is_not() -> None:
    """The line number and the text stand in the message."""
    crash = Event(kind="crash", message="RuntimeError: NCCL error: unhandled system error", at=812.0)
    cut = Event(kind="truncated", message="cut", at=9.0)
    (found,) = said("DIA409", run(series(TRAIN, "train"), events=(cut, crash)))
    assert found.message == "line 812: RuntimeError: NCCL error: unhandled system error"
    assert found.actions[0].name == "fix-bug"
    assert "rank" in found.actions[0].why


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e3])
@pytest.mark.parametrize("code", ["DIA302", "DIA303", "DIA304", "DIA401", "DIA403", "DIA405"])
def test_the_unit_of_the_loss_does_not_change_what_is_found(code: str, scale: float) -> None:
    """Losses have no scale of their own: a factor on both leaves codes and severities as they are."""
    subjects = [
        both(TRAIN, TRAIN + 0.1),
        both(TRAIN, 1.5 + 0.02 * T),
        both(TRAIN, 0.6 * TRAIN),
        both(TRAIN, 9.0 + 0.05 * RNG.standard_normal(40)),
        both(TRAIN, TRAIN + 0.5 * RNG.standard_normal(40)),
    ]
    for subject in subjects:
        scaled = dataclasses.replace(
            subject, series=tuple(dataclasses.replace(s, value=scale * s.value) for s in subject.series)
        )
        plain = [(f.code, f.severity) for f in said(code, subject)]
        assert [(f.code, f.severity) for f in said(code, scaled)] == plain
