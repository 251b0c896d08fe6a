"""DBG302: a test set drawn differently is told, fair splits are not; texts and images by what they are like."""

from __future__ import annotations

import numpy as np
import pytest

from mlcheck.commands import data as core
from mlcheck.config import Settings
from mlcheck.rules.data import drift
from tests.rules.data.sets import pair, said

WORDS = np.array(
    [
        "the",
        "of",
        "a",
        "storm",
        "rain",
        "cloud",
        "wind",
        "sun",
        "warm",
        "cold",
        "front",
        "pressure",
        "humid",
        "dry",
        "gust",
    ]
)


def texts(random: np.random.Generator, rows: int, longest: int) -> list[str]:
    """Return sentences of the same words, up to `longest` of them."""
    return [" ".join(random.choice(WORDS, random.integers(5, longest))) for _ in range(rows)]


@pytest.mark.parametrize("seed", range(5))
def test_a_fair_split_is_no_drift(seed: int) -> None:
    """Rows of one population, whatever the columns are."""
    random = np.random.default_rng(seed)
    both = [
        {
            "x": random.lognormal(size=n),
            "c": random.choice(["a", "b", "c"], n),
            "t: text": texts(random, n, 20),
            "i": random.integers(0, 256, (n, 4, 4, 3)),
        }
        for n in (120, 80)
    ]
    findings, _, measured = said(drift.check(pair(*both)))
    assert not findings
    assert measured is not None


def test_a_shift_by_one_deviation_is_told_with_its_size() -> None:
    """The column that moved is named, with how far."""
    random = np.random.default_rng(0)
    findings, *_ = said(
        drift.check(pair({"x": random.normal(size=300), "y": random.normal(size=300)}, {"x": random.normal(1, 1, 200), "y": random.normal(size=200)}))
    )  # fmt: skip
    (finding,) = findings
    assert finding.evidence["columns"] == ("x",)
    assert "x (+0.98 standard deviations)" in finding.message


def test_longer_texts_are_drift() -> None:
    """The words are the same, there are more of them."""
    random = np.random.default_rng(0)
    read = pair({"t: text": texts(random, 300, 20)}, {"t: text": texts(random, 200, 40)})
    (finding,), *_ = said(drift.check(read))
    assert "t (words)" in finding.message


def test_brighter_images_are_drift() -> None:
    """The light is named."""
    random = np.random.default_rng(0)
    dark, light = random.integers(0, 120, (100, 6, 6, 3)), random.integers(60, 180, (80, 6, 6, 3))
    (finding,), *_ = said(drift.check(pair({"i": dark}, {"i": light})))
    assert "i (brightness)" in finding.message


def test_what_is_in_other_units_is_told_there_only() -> None:
    """By the limits of DBG301, also where a configuration changes them."""
    random = np.random.default_rng(0)
    read = pair({"x": random.normal(5, 1, 300)}, {"x": 1.4 * random.normal(5, 1, 200)})

    def drifts(limits: dict[str, dict[str, float]]) -> bool:
        settings = Settings(limits=limits, select=("DBG302",))
        return any(check.findings for check in core.checked(read, settings))

    assert drifts({})
    assert not drifts({"DBG301": {"least_factor": 1.2}})
    assert drifts({"DBG301": {"least_factor": 1.2}, "DBG302": {"least_factor": 1.6}})


def test_a_target_that_only_train_has_is_left_out() -> None:
    """A test set without labels is compared by what it has."""
    random = np.random.default_rng(0)
    read = pair(
        {"x": random.normal(size=100), "y": random.choice(["a", "b"], 100)},
        {"x": random.normal(size=50)},
        target="y",
    )
    assert said(drift.check(read))[2] is not None
