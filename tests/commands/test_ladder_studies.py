"""Capacity and penalty varied, columns left out: numbers worked by hand, sentences, what is refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from mlcheck.commands import (
    baseline,
    climb,
    ladder_ablate,
    ladder_shown,
    ladder_task,
    ladder_told,
    ladder_vary,
)
from mlcheck.commands.ladder_studies import wanted
from mlcheck.commands.ladder_vary import DIALS, Setting, Varied
from mlcheck.config import Settings
from mlcheck.errors import MlcheckError
from mlcheck.model import Plot, Table
from mlcheck.model.baseline import Asked
from mlcheck.model.dataset import Column, DataRead, Dataset
from mlcheck.stats.resampled import Mean

SETTINGS = Settings(jobs=1)


def data(rows: int = 80, noise: float = 0.5) -> DataRead:
    """Return numbers y = 2 a + noise; b tells nothing, c is a copy of a."""
    draw = np.random.default_rng(3)
    a, b = draw.normal(size=rows), draw.normal(size=rows)
    held = {"a": a, "b": b, "c": a.copy(), "y": 2 * a + draw.normal(0, noise, rows)}
    columns = tuple(Column(name=n, kind="number", numbers=v) for n, v in held.items())
    train = Dataset(id="d", source="d", reader="none", columns=columns, target="y", goal="regression")
    return DataRead(train=train, digest="d")


def setup_of(asked: Asked) -> ladder_task.Setup:
    """Return what the rungs are given."""
    return ladder_task.setup(data(), asked, SETTINGS)


def setting(value: float, train: float, validation: float, behind: float) -> Setting:
    """Return a setting; it is surely worse than the best where `behind` is above 0.1."""

    def mean(x: float) -> Mean:
        return Mean(x, x - 0.1, x + 0.1, 0.05, 4)

    return Setting(
        value=value, train=mean(train), validation=mean(validation), gap=mean(validation - train), behind=mean(behind),
        score=1 - validation, low=None, high=None,
    )  # fmt: skip


def varied(*errors: tuple[float, float]) -> Varied:
    """Return what varying the width gave by (train, validation) errors, with the best and its neighbours found."""
    lowest = min(v for _, v in errors)
    found = [
        setting(w, t, v, v - lowest) for w, (t, v) in zip(DIALS["capacity"].values, errors, strict=False)
    ]
    best = [v for _, v in errors].index(lowest)
    first, last = ladder_vary._as_good(found, best)
    return Varied(what="capacity", error="1 − r2", settings=tuple(found), best=best, first=first, last=last)


@pytest.mark.parametrize(
    ("errors", "told"),
    [
        (
            ((0.9, 0.9), (0.5, 0.6), (0.3, 0.4), (0.2, 0.45), (0.0, 0.9)),
            "validation error is lowest at width 4 (0.4); narrower than 4 underfits; wider than 8 overfits",
        ),
        (
            ((0.9, 0.9), (0.5, 0.6), (0.3, 0.4), (0.3, 0.42)),
            "validation error is lowest at width 4 (0.4); narrower than 4 underfits; nothing from width 1 to 8 overfits",
        ),
        (
            ((0.4, 0.42), (0.3, 0.4), (0.1, 0.7), (0.0, 0.9)),
            "validation error is lowest at width 2 (0.4); wider than 2 overfits; nothing from width 1 to 8 underfits",
        ),
        (
            ((0.42, 0.42), (0.4, 0.4), (0.41, 0.43)),
            "validation error does not turn between width 1 and 4: no difference is beyond chance",
        ),
    ],
    ids=["turns", "only underfits", "only overfits", "flat"],
)
def test_one_sentence_says_where_the_data_set_turns(
    errors: tuple[tuple[float, float], ...], told: str
) -> None:
    """Both sides of the lowest error are judged by the paired difference to it, the fault by the training error."""
    assert ladder_vary.sentence(varied(*errors)) == told


def test_a_wider_network_fits_the_training_rows_better_and_the_gap_opens(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """On few noisy rows 64 units have a far smaller training error than one, and a far wider gap."""
    monkeypatch.setitem(DIALS, "capacity", DIALS["capacity"]._replace(values=(1.0, 64.0)))
    setup = setup_of(Asked(folds=3))
    found = ladder_vary.varied("capacity", setup, climb.Means(settings=SETTINGS, store=climb.store(None)))
    assert isinstance(found, Varied)
    narrow, wide = found.settings
    assert wide.train.value < 0.5 * narrow.train.value
    assert wide.gap.value > 2 * narrow.gap.value
    assert narrow.gap.value == pytest.approx(narrow.validation.value - narrow.train.value)
    assert narrow.score == pytest.approx(1 - narrow.validation.value)
    table, plot = ladder_shown.of_varied(found)
    assert isinstance(table, Table)
    assert isinstance(plot, Plot)
    assert [row[0] for row in table.rows] == ["1", "64"]
    np.testing.assert_allclose(plot.lines[0].x, [0, 6])


def ablated(asked: Asked) -> tuple[ladder_task.Setup, climb.Climbed, ladder_ablate.Ablated]:
    """Return the setup, the climbed ladder, and what leaving out gave."""
    setup = setup_of(asked)
    means = climb.Means(settings=SETTINGS, store=climb.store(None))
    climbed = climb.climb(setup, ladder_task.rungs_wanted(asked), means)
    ladder = ladder_told.ladder(setup, climbed, SETTINGS)
    found = ladder_ablate.ablated(wanted(asked, setup).groups, setup, ladder, climbed, means)
    assert isinstance(found, ladder_ablate.Ablated)
    return setup, climbed, found


def test_what_no_other_column_tells_contributes_and_a_copy_does_not() -> None:
    """Without a and its copy c nothing is left of the score; without one of them, or b, nothing is lost."""
    *_, found = ablated(Asked(rungs=("constant", "linear"), groups=("signal=a,c", "noise=b", "copy=c")))
    by_name = {part.name: part for part in found.parts}
    assert found.parts[0].name == "signal"
    assert by_name["signal"].columns == 2
    assert by_name["signal"].contributes.low is not None
    assert by_name["signal"].contributes.low > 0.5
    assert abs(by_name["copy"].contributes.value) < 0.01
    assert found.told == "surely missed: signal"
    assert "without signal" in ladder_shown.numbers_of_ablated(found)


def test_a_contribution_has_the_corrected_interval_of_paired_folds() -> None:
    """Differences of scores by fold, worked out anew: Nadeau & Bengio 2003, with t of four degrees of freedom."""
    asked = Asked(rungs=("constant", "linear"), ablate=True)
    setup, climbed, found = ablated(asked)
    part = next(p for p in found.parts if p.name == "b")
    kept = tuple(c for c in data().train.columns if c.name != "b")
    less = DataRead(train=replace(data().train, columns=kept), digest="e")
    means = climb.Means(settings=SETTINGS, store=climb.store(None))
    without = climb.climb(ladder_task.setup(less, asked, SETTINGS), ladder_task.rungs_wanted(asked), means)

    def r2(made: climb.Climbed) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        truth = [setup.target[fold.test] for fold in setup.splits.folds]
        said = [p.numbers for p in made.predicted["linear"] if p.numbers is not None]
        return np.array(
            [1 - ((t - s) ** 2).sum() / ((t - t.mean()) ** 2).sum() for t, s in zip(truth, said, strict=True)]
        )

    difference = r2(climbed) - r2(without)
    error = np.sqrt((1 / 5 + 1 / 4) * difference.var(ddof=1))
    assert part.contributes.value == pytest.approx(difference.mean())
    half = stats.t.ppf(0.975, 4) * error
    assert part.contributes.high == pytest.approx(difference.mean() + half)
    assert part.contributes.low == pytest.approx(difference.mean() - half)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (Asked(vary=("capasity",)), "did you mean capacity"),
        (Asked(groups=("x",)), "expected name=a,b,c"),
        (Asked(groups=("g=a,bb",)), "did you mean b"),
        (Asked(groups=("g=a", "g=b")), "twice"),
    ],
)
def test_a_word_or_a_column_that_is_none_is_refused_before_anything_is_fitted(
    asked: Asked, told: str
) -> None:
    """One line, with the nearest known name."""
    with pytest.raises(MlcheckError, match=told):
        wanted(asked, setup_of(asked))


def test_a_group_of_all_columns_is_left_out_with_the_reason() -> None:
    """Nothing would be left to learn from: a skip, not an error."""
    made = baseline.baseline(data(), Asked(rungs=("constant", "linear"), groups=("all=a,b,c",)), SETTINGS)
    assert any("nothing would be left" in skip.reason for skip in made.subjects[0].skips)


def test_the_report_holds_what_logs_hold_too() -> None:
    """Beside r2 each rung has its squared error with an interval: `diagnose --baseline` compares losses with it."""
    made = baseline.baseline(data(), Asked(rungs=("constant", "linear")), SETTINGS)
    linear, constant = (made.subjects[0].measures[name] for name in ("linear", "constant"))
    mse, low, high = (linear[name] for name in ("mse", "mse_low", "mse_high"))
    assert isinstance(mse, float)
    assert isinstance(low, float)
    assert isinstance(high, float)
    assert low < mse < high
    assert mse == pytest.approx(0.25, rel=0.5)  # the noise's variance
    assert isinstance(constant["mse"], float)
    assert constant["mse"] > 10 * mse
