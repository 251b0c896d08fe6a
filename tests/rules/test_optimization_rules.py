"""What the rules on optimization and underfitting do at their edges: odd logs, limits, units, and other people's runs."""

from __future__ import annotations

import json
import math
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlcheck import registry
from mlcheck.model import Finding, Floats, Role, Run, Scalar, Series, Skip

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MINE = tuple(f"DIA{n}" for n in (101, 102, 103, 104, 105, 106, 107, 108, 109, 110, 111, 112, 201, 202))
RULES = registry.rules("diagnose")
NAMES: Mapping[str, Role] = {
    "train_loss": Role(quantity="loss", split="train", measure="loss", better="lower"),
    "val_loss": Role(quantity="loss", split="validation", measure="loss", better="lower"),
    "train_accuracy": Role(quantity="metric", split="train", measure="accuracy", better="higher"),
    "val_accuracy": Role(quantity="metric", split="validation", measure="accuracy", better="higher"),
    "lr": Role(quantity="lr", measure="lr"),
    "grad_norm": Role(quantity="grad_norm", measure="grad_norm"),
}
ACTIONS = frozenset(
    ("raise-lr", "lower-lr", "schedule-lr", "change-optimizer", "train-longer", "fix-init", "clip-gradients", "shuffle",
     "increase-capacity", "reduce-regularization", "add-regularization", "more-data", "early-stop", "larger-validation-set",
     "calibrate", "fix-bug", "log-more", "none")
)  # fmt: skip


def run_of(config: Mapping[str, Scalar] | None = None, **values: Any) -> Run:
    """Return a run with these series, logged once an epoch."""
    made = []
    for name, value in values.items():
        array = np.asarray(value, dtype=np.float64)
        step = np.arange(1.0, len(array) + 1)
        made.append(
            Series(name=name, role=NAMES[name], step=step, value=array, epoch=step, step_unit="epoch")
        )
    return Run(id="run", source="run.csv", reader="csv", series=tuple(made), config=config or {})


def said(code: str, run: Run, **limits: Any) -> list[Finding | Skip]:
    """Return what a rule says of a run that has what it needs."""
    check: Any = RULES[code].check
    has = {"train_loss": run.train_loss, "val_loss": run.val_loss, "lr": run.lr}
    return list(check(run, **limits)) if all(has[need] is not None for need in RULES[code].NEEDS) else []


def found(code: str, run: Run, **limits: Any) -> Finding | None:
    """Return the rule's first finding, if any."""
    return next((item for item in said(code, run, **limits) if isinstance(item, Finding)), None)


def noise(n: int, seed: int = 0) -> Floats:
    """Return normal noise, shape (n,)."""
    return np.random.default_rng(seed).standard_normal(n)


odd = st.one_of(
    st.floats(-1e6, 1e6), st.sampled_from([0.0, math.nan, math.inf, -math.inf, 1e300, 1e-300, 0.6931])
)
logs = st.lists(odd, min_size=0, max_size=40)


@given(logs, logs, logs, st.lists(st.floats(-2, 200), max_size=20))
@settings(max_examples=60, deadline=None)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_no_log_is_too_odd(
    train: list[float], val: list[float], rate: list[float], accuracy: list[float]
) -> None:
    """Whatever numbers a log holds, each rule ends in findings and skips."""
    run = run_of(train_loss=train, val_loss=val, lr=rate, val_accuracy=accuracy, grad_norm=train)
    for code in MINE:
        for item in said(code, run):
            assert isinstance(item, Finding | Skip)


@pytest.mark.parametrize("value", [[], [1.0], [2.0, 1.0], [math.nan] * 20, [0.0] * 30, [-3.0] * 30])
@pytest.mark.parametrize("code", MINE)
def test_small_and_constant_logs_give_no_warning(code: str, value: list[float]) -> None:
    """Empty, single, missing, zero and negative series pass without a division by zero (warnings are errors)."""
    said(code, run_of(train_loss=value, val_loss=value, lr=np.abs(value)))


def test_findings_name_known_actions_and_plain_numbers() -> None:
    """Actions are those of the contract and evidence is what JSON can hold."""
    n = 40
    runs = (
        run_of(train_loss=2 + 0.1 * np.arange(n) + 0.05 * noise(n), lr=np.full(n, 0.1)),
        run_of(
            train_loss=math.log(10) + 0.001 * noise(n),
            val_loss=np.full(n, 2.30261),
            val_accuracy=np.full(n, 0.1),
        ),
        run_of(
            train_loss=3 - 0.001 * np.arange(n) + 1e-5 * noise(n),
            val_loss=3 - 0.001 * np.arange(n),
            lr=np.linspace(1e-6, 1, n),
        ),
        run_of(
            {"dropout": 0.9},
            train_loss=1.5 * np.exp(-np.arange(n)) + 1,
            val_loss=1.3 * np.exp(-np.arange(n)) + 0.9,
        ),
        run_of(train_loss=1 + 0.2 * noise(n), val_loss=1 + 0.2 * noise(n, 1), grad_norm=np.ones(n)),
    )
    items = [f for run in runs for code in MINE for f in said(code, run) if isinstance(f, Finding)]
    assert len({f.code for f in items}) >= 7
    for item in items:
        assert {a.name for a in item.actions} <= ACTIONS
        json.dumps(dict(item.evidence), allow_nan=False)


def codes_of(run: Run) -> Iterator[str]:
    """Yield the code of every finding of these rules."""
    yield from (f.code for code in MINE for f in said(code, run) if isinstance(f, Finding))


@pytest.mark.parametrize("scale", [0.01, 64.0])
def test_the_unit_of_a_loss_decides_nothing(scale: float) -> None:
    """In other units the same faults are found, but for those that know the value of a guess."""
    n = 60
    rising = 1 + 0.05 * np.arange(n) + 0.05 * noise(n)
    falling = 2 - 0.002 * np.arange(n) + 0.0005 * noise(n)
    for curve in (rising, falling, 1 + 0.2 * noise(n)):
        first, second = (
            set(codes_of(run_of(train_loss=k * curve, val_loss=k * curve))) - {"DIA103"} for k in (1, scale)
        )
        assert first == second


def test_classes_name_the_chance_level() -> None:
    """A loss at ln 7 that came down from far above is at chance only if there are 7 classes."""
    n = 30
    run = run_of(train_loss=math.log(7) + 3 * np.exp(-np.arange(n)) + 0.001 * noise(n))
    assert found("DIA103", run) is None
    assert found("DIA103", run, classes=10) is None
    told = found("DIA103", run, classes=7)
    assert told is not None
    assert "ln 7" in told.message


def test_a_target_replaces_the_guess_in_underfit() -> None:
    """A low flat loss underfits where the user's target lies lower still, and not where it is reached."""
    n = 40
    curve = 0.2 + 2 * np.exp(-np.arange(n) / 2)
    run = run_of(train_loss=curve + 0.001 * noise(n), val_loss=curve + 0.005)
    assert found("DIA201", run) is None
    assert found("DIA201", run, target_loss=0.25) is None
    told = found("DIA201", run, target_loss=0.1)
    assert told is not None
    assert told.severity == "error"


def test_an_end_at_a_decayed_rate_is_finished() -> None:
    """The same fall is unfinished with a constant rate and finished where the rate has decayed to nothing."""
    n = 60
    curve = 1 + np.exp(-np.arange(n) / 50) + 0.002 * noise(n)
    told = found("DIA107", run_of(train_loss=curve, val_loss=curve, lr=np.full(n, 0.1)))
    assert told is not None
    assert told.severity == "error"
    assert found("DIA107", run_of(train_loss=curve, val_loss=curve, lr=np.linspace(0.1, 0, n))) is None


def test_the_gain_of_training_longer_is_what_it_brings() -> None:
    """Half of an exponential: what is promised is what the other half has (within its interval)."""
    n, t = 60, np.arange(120)
    whole = 1 + 2 * np.exp(-t / 60)
    told = found("DIA107", run_of(train_loss=whole[:n] + 0.002 * noise(n)))
    assert told is not None
    truth = (whole[n - 1] - whole[-1]) / (whole[0] - whole[n - 1])
    low, high = told.evidence["gain_share_low"], told.evidence["gain_share_high"]
    assert isinstance(low, float)
    assert isinstance(high, float)
    assert low - 0.02 <= truth <= high + 0.02


def bench(folder: str) -> Path:
    """Return a folder of other people's runs, or skip."""
    root = os.environ.get("MLCHECK_BENCH")
    if not root:
        pytest.skip("MLCHECK_BENCH does not name the folder of other people's logs")
    return Path(root) / folder


def test_good_language_model_runs_get_no_error() -> None:
    """Of 40 logs of good runs none gets an error from these rules."""
    for path in sorted(bench("nanogpt").glob("*.txt")):
        series = []
        for split, name in (("train", "train_loss"), ("val", "val_loss")):
            pairs = re.findall(
                rf"^step:(\d+)/\d+ {split}_loss:([\d.]+)", path.read_text(encoding="utf-8"), re.MULTILINE
            )
            if pairs:
                step, value = np.array(pairs, dtype=np.float64).T
                series.append(Series(name=name, role=NAMES[name], step=step, value=value))
        run = Run(id=path.name, source=path.name, reader="text", series=tuple(series))
        errors = [
            f for code in MINE for f in said(code, run) if isinstance(f, Finding) and f.severity == "error"
        ]
        assert errors == [], path.name


def test_failed_and_good_runs_of_text_tasks_are_told_apart() -> None:
    """Of runs at chance or diverged two in three get an error, nearly none of the good; what is called stuck is."""
    rows = [
        json.loads(line) for line in (bench("taskset") / "dev.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    erring: dict[str, list[bool]] = {"failed": [], "good": []}
    stuck: list[float] = []
    for row in rows:
        losses = {k: [math.nan if v is None else v for v in row[k]] for k in ("train_loss", "val_loss")}
        run = run_of({"lr": row["lr"]}, **losses)
        errors = {
            f.code
            for code in MINE
            for f in said(code, run)
            if isinstance(f, Finding) and f.severity == "error"
        }
        stuck += [row["regret"]] * ("DIA103" in errors)
        kind = "failed" if row["regret"] >= 0.8 else "good" if row["regret"] < 0.2 else None
        if kind:
            erring[kind].append(bool(errors))
    assert np.mean(erring["failed"]) > 0.66
    assert np.mean(erring["good"]) < 0.05
    assert np.mean(np.array(stuck) >= 0.8) > 0.95
