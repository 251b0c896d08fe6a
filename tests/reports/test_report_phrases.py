"""Numbers, arrows and sentences read the same in every format."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlcheck.reports import overview, phrases
from tests.reports.handmade import baseline, picture, slow, tiny, unclear, wide

if TYPE_CHECKING:
    from mlcheck.model import Scalar


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (2.3, "2.30"),
        (0.412, "0.412"),
        (1.8399, "1.84"),
        (9.999, "10.0"),
        (99.99, "100"),
        (0.0206, "0.0206"),
        (0.00293, "0.0029"),
        (0.5, "0.50"),
        (1.2e-5, "1.2e-05"),
        (1234.5, "1234"),
        (123456.0, "1.2e+05"),
        (0.0, "0"),
        (-0.25, "-0.25"),
        (12, "12"),
        (True, "True"),
        (None, "–"),
        ("a\x1bb", "a\\x1bb"),
        (math.nan, "NaN"),
        (math.inf, "inf"),
        (-math.inf, "-inf"),
    ],
)
def test_a_number_has_about_three_digits(value: Scalar, text: str) -> None:
    """Enough to compare, few enough to read."""
    assert phrases.number(value) == text


@given(st.floats(min_value=-1e307, max_value=1e307))
def test_a_number_is_short_and_near(value: float) -> None:
    """At most ten characters, within 5 % of what it stands for."""
    text = phrases.number(value)
    assert len(text) <= 10
    assert math.isclose(float(text), value, rel_tol=0.05, abs_tol=1e-320)


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.86, "86 %"), (1, "100 %"), (0, "0 %"), (0.998, ">99 %"), (0.001, "<1 %"), (math.nan, "–")],
)
def test_only_certainty_is_written_as_certain(share: float, text: str) -> None:
    """99.8 % is not 100 %."""
    assert phrases.percent(share) == text


def test_no_verdict_is_certain() -> None:
    """A confidence that was rounded to 1 is still a probability."""
    assert phrases.verdict_line(replace(wide(), confidence=1.0)) == "✗ overfit, >99 % sure"
    assert phrases.verdict_line(unclear()) == "? inconclusive"


@given(st.text())
def test_clean_text_commands_no_terminal(text: str) -> None:
    """All is printable or a blank, in one line, and clean text stays as it is."""
    shown = phrases.clean(text)
    assert "\n" not in shown
    assert "\x1b" not in shown
    assert phrases.clean(shown) == shown


def test_plain_text_stays_as_it_is() -> None:
    """Also beyond ASCII."""
    assert phrases.clean("é 深 → ±0.03 86\u00a0%") == "é 深 → ±0.03 86\u00a0%"


@pytest.mark.parametrize(
    ("subject", "arrow"), [(baseline(), "↓"), (wide(), "↑"), (tiny(), "→"), (slow(), "↘"), (unclear(), "")]
)
def test_the_arrow_says_where_validation_is_heading(subject: object, arrow: str) -> None:
    """Falling, rising, level, falling slowly; nothing where there is no validation."""
    assert overview.trend(subject) == arrow  # type: ignore[arg-type]


def test_noise_around_a_level_is_no_direction() -> None:
    """Whatever the draw, at most one in ten arrows of pure noise points anywhere."""
    rng = np.random.default_rng(0)
    arrows = [
        overview.trend(replace(wide(), picture=picture(y, y))) for y in 1 + rng.normal(0, 0.1, (200, 40))
    ]
    assert arrows.count("→") >= 180


def test_a_curve_that_ends_in_nan_has_no_arrow() -> None:
    """NaN is heading nowhere."""
    y = np.append(np.linspace(2, 1, 39), math.nan)
    assert overview.trend(replace(wide(), picture=picture(y, y))) == ""


def test_spans_of_one_unit_show_both_ends_and_of_several_the_last() -> None:
    """The title names the unit where all share it."""
    epochs, steps = baseline(), replace(wide(), span=("steps", 500.0, 123456.0))
    spans = [
        next(c for c in overview.table(runs).columns if c.key == "span")
        for runs in ((epochs, epochs), (steps,), (epochs, steps))
    ]
    assert [(c.title, c.cells) for c in spans] == [
        ("epochs", ("1–40", "1–40")),
        ("steps", ("500–123k",)),
        ("until", ("40 epochs", "123k steps")),
    ]


def test_the_folder_that_all_runs_share_is_left_out_of_the_table() -> None:
    """Whole folders only."""
    runs = [replace(baseline(), id=name) for name in ("a/b/run1", "a/b/run2", "a/bc/run3")]
    assert overview.table(runs).folder == "a/"
    assert overview.table(runs).columns[0].cells == ("b/run1", "b/run2", "bc/run3")
    assert overview.table(runs[:1]).folder == ""


def test_a_test_loss_stands_in_for_a_validation_loss() -> None:
    """As it does for the rules."""
    run = replace(
        wide(), measures={"train_loss": {"first": 2.0, "last": 1.0}, "test_loss": {"first": 2.0, "last": 1.5}}
    )
    other = replace(baseline(), measures=dict(wide().measures))
    val = next(c for c in overview.table([run, other]).columns if c.key == "val")
    assert val.cells[0].startswith("2.00 → 1.50")


def test_the_gain_is_spelled_out_once() -> None:
    """The first that has one says what it is a share of."""
    assert list(phrases.gains(wide().actions)) == ["gains about 31 % of what is reachable", "18 %", "15 %"]
