"""Every rule of `datacurve` is silent on a good curve and says exactly expected.txt of a bad one.

Regenerate on purpose with `python -m tests.rules.datacurve.test_datacurve_rules` and read the diff.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mlcheck import registry
from mlcheck.commands.datacurve import shipped
from mlcheck.model import Finding, Skip
from mlcheck.stats.curves.looked import Looked, course_of, look
from mlcheck.stats.curves.scale import scale

RULES: dict[str, Any] = dict(registry.rules("datacurve"))
EXPECTED = Path(__file__).with_name("expected.txt")
SIZES = 32 * 2 ** np.arange(8.0)


def looked(
    error: np.ndarray, *, train: np.ndarray | None = None, noise: float = 0.002, metric: str = "accuracy"
) -> Looked:
    """Return a curve of five repeats at eight sizes: mean errors exactly as given, deviations of `noise`."""
    wobble = noise * np.array([-1.0, -0.5, 0.0, 0.5, 1.0]) / np.std([-1.0, -0.5, 0.0, 0.5, 1.0], ddof=1)
    n = np.repeat(SIZES, 5)
    errors = (error[:, None] + wobble).ravel()
    higher = metric == "accuracy"
    score = 1 - errors if higher else errors
    fitted = np.full(len(n), np.nan) if train is None else np.repeat(1 - train if higher else train, 5)
    found = scale(metric, score, higher=higher)
    return look(metric, course_of(n, score, fitted, found), found, shipped(found.bounded))


STEEP = 1.6 * SIZES**-0.35
FLAT = 0.1 + 0.3 * np.exp(-np.arange(8.0))
RISEN = FLAT + np.array([0, 0, 0, 0, 0.03, 0.09, 0.06, 0.04])
BAD: dict[str, Looked] = {
    "DAT101": looked(STEEP, train=0.2 * STEEP),
    "DAT102": looked(FLAT, train=FLAT - 0.01),
    "DAT103": looked(RISEN),
    "DAT104": looked(STEEP, train=0.2 * STEEP),
    "DAT105": looked(FLAT, noise=0.05),
}
GOOD: dict[str, Looked] = {
    "DAT101": BAD["DAT102"],
    "DAT102": BAD["DAT101"],
    "DAT103": looked(STEEP),
    "DAT104": looked(STEEP, train=STEEP - 0.06),
    "DAT105": looked(FLAT),
}


def findings(code: str, curve: Looked) -> list[Finding]:
    """Return what a rule finds in a curve."""
    return [f for f in RULES[code].check(curve) if isinstance(f, Finding)]


def said(code: str) -> str:
    """Return the findings of a rule on its bad curve, a line each."""
    return "".join(
        f"{f.severity} {f.code} {f.name}: {f.message} [{', '.join(a.name for a in f.actions)}]\n"
        for f in findings(code, BAD[code])
    )


def test_every_rule_has_a_good_and_a_bad_curve() -> None:
    """A rule without its cases would never be tried."""
    assert set(RULES) == set(GOOD) == set(BAD)


@pytest.mark.parametrize("code", RULES)
def test_a_rule_is_silent_on_a_good_curve(code: str) -> None:
    """It finds nothing."""
    assert findings(code, GOOD[code]) == []


@pytest.mark.parametrize("code", RULES)
def test_a_rule_speaks_on_a_bad_curve(code: str) -> None:
    """Worded as expected."""
    expected = EXPECTED.read_text(encoding="utf-8").splitlines(keepends=True)
    lines = "".join(line for line in expected if f" {code} " in line)
    assert lines
    assert said(code) == lines


@pytest.mark.parametrize("code", RULES)
def test_a_rule_documents_itself(code: str) -> None:
    """The docstring has the sections that `mlcheck explain` prints."""
    text = RULES[code].__doc__
    for section in ("What it finds", "Why it matters", "Example", "What to do", "False alarms", "References"):
        assert f"\n{section}\n    " in text


def test_a_gap_that_cannot_be_seen_is_a_skip() -> None:
    """Not checked is never a pass."""
    (skip,) = RULES["DAT104"].check(looked(STEEP))
    assert isinstance(skip, Skip)
    assert "--train-score" in skip.reason


def test_a_small_gap_asks_for_a_better_model() -> None:
    """Training and held-out error are high and equal: the cure is not data."""
    (finding,) = findings("DAT104", looked(FLAT, train=FLAT - 0.003))
    assert [a.name for a in finding.actions] == ["better-model"]


@pytest.mark.parametrize("factor", [1.0, 1000.0])
def test_a_rise_is_found_in_a_loss_of_any_scale(factor: float) -> None:
    """A loss that grows with more data, whatever its unit."""
    assert findings("DAT103", looked(factor * RISEN, noise=0.002 * factor, metric="loss"))


def test_rises_within_the_noise_are_not_ill_behaved() -> None:
    """Two hundred noisy curves that fall in truth: at most one in a hundred is called ill-behaved."""
    random = np.random.default_rng(0)
    count = 0
    for _ in range(200):
        errors = FLAT[:, None] + random.normal(0, 0.03, (8, 5))
        n, score = np.repeat(SIZES, 5), 1 - errors.ravel()
        found = scale("accuracy", score, higher=True)
        curve = course_of(n, score, np.full(40, np.nan), found)
        count += bool(findings("DAT103", look("accuracy", curve, found, shipped(bounded=True))))
    assert count <= 2


if __name__ == "__main__":
    EXPECTED.write_text("".join(said(code) for code in RULES), encoding="utf-8")
